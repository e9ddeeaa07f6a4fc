"""`inventory discover` and `accounts sync` on the made-up estate: what is found, what is denied, who else is at it."""

from __future__ import annotations

import csv
import io
import os
import pty
import re
import shutil
import signal
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from finops.cli import main
from finops.facade import open_finops
from finops.model.jobs import JobStatus
from finops.store.job_rows import Moment, Order
from tests import stocked
from tests.api.conftest import client_of
from tests.cli.test_process import read_until_closed

if TYPE_CHECKING:
    from pathlib import Path

DISCOVER = ("inventory", "discover")


def point_at(place: Path, patch: pytest.MonkeyPatch) -> None:
    for name, value in {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(place)}.items():
        patch.setenv(name, value)


@pytest.fixture(scope="module")
def discovered(tmp_path_factory) -> Path:
    """A house in which everything was discovered once: read it only."""
    place = tmp_path_factory.mktemp("discovered")
    with pytest.MonkeyPatch.context() as patch:
        point_at(place, patch)
        assert main(DISCOVER) == 3
    return place


@pytest.fixture
def house(discovered, tmp_path, monkeypatch) -> Path:
    """A copy of it to write to."""
    place = tmp_path / "data"
    shutil.copytree(discovered, place)
    point_at(place, monkeypatch)
    return place


@pytest.fixture
def empty_house(tmp_path, monkeypatch) -> Path:
    point_at(tmp_path, monkeypatch)
    return tmp_path


def test_a_second_discovery_finds_the_same_and_says_what_is_denied(house, run):
    before = run("inventory", "list", "--limit", "10000", "--json").document["data"]["items"]
    said = run(*DISCOVER, "--json")
    data, meta = said.document["data"], said.document["meta"]
    assert (said.code, data["kind"], data["status"]) == (3, "inventory.discover", "partial")
    assert data["counts"]["appeared"] == data["counts"]["missing"] == 0
    assert data["counts"]["seen"] >= len(before) > 2_000
    assert data["arguments"] == {"accounts": [], "regions": [], "services": []}
    assert meta["partial"] is True
    assert {failure["missing_action"] for failure in meta["failures"]} >= {"lambda:ListFunctions"}
    assert "missing permission: lambda:ListFunctions" in said.err
    assert run("inventory", "list", "--limit", "10000", "--json").document["data"]["items"] == before
    assert run("jobs", "list", "--json").document["data"]["items"][0] == data


def test_a_discovery_is_told_in_a_sentence(house, run):
    said = run(*DISCOVER, "--service", "s3", "route53")
    assert said.code == 0
    assert re.fullmatch(
        r"Discovery of tenant demo, completed: \d+ assets seen in 8 accounts: 0 appeared, 0 changed, 0 back, "
        r"0 missing, 0 gone; [1-9]\d* calls, 0 failures\.\n",
        said.out,
    )


def test_what_is_denied_is_named_by_every_way_to_ask(house, run):
    listed = run("inventory", "list", "--service", "lambda", "--json")
    denied = next(each for each in listed.document["meta"]["failures"] if each["missing_action"])
    assert denied["missing_action"] == "lambda:ListFunctions"
    with closing(open_finops(stocked.settings(house))) as finops, client_of(finops) as client:
        params = {"service": "lambda", "limit": 100}
        assert client.get("/api/assets", params=params).json() == listed.document
        answer = client.get("/api/assets", params={**params, "format": "csv"})
    heading = next(csv.reader(io.StringIO(answer.text)))[-1]
    assert heading == f"PARTIAL: missing lambda:ListFunctions in {denied['account']}"
    assert run("inventory", "list", "--service", "s3").code == 0


def test_only_what_is_named_is_asked_for(empty_house, run):
    assert run("accounts", "sync").code == 0
    first, second, *_ = [each["account"] for each in run("accounts", "list", "--json").document["data"]["items"]]
    said = run(*DISCOVER, "--account", first, second, "--region", "us-east-1", "--service", "s3,ec2:vpc", "--json")
    assert said.code == 0
    assert said.document["data"]["counts"]["accounts"] == 2
    assert said.document["data"]["arguments"] == {
        "accounts": [first, second],
        "regions": ["us-east-1"],
        "services": ["s3", "ec2:vpc"],
    }
    items = run("inventory", "list", "--limit", "1000", "--json").document["data"]["items"]
    assert {item["account"] for item in items} <= {first, second}
    assert {item["kind"] for item in items} == {"s3:bucket", "ec2:vpc"}
    assert {item["region"] for item in items if item["kind"] == "ec2:vpc"} == {"us-east-1"}


def test_accounts_come_from_the_organization_with_their_mail_hidden(empty_house, run):
    said = run("accounts", "sync", "--json")
    items = said.document["data"]["items"]
    assert (said.code, len(items), said.document["meta"]["source"]) == (0, 8, "organizations")
    assert all(item["unit"] or item["name"] == "management" for item in items)
    assert all(re.fullmatch(r".…@[a-z.]+", item["email"]) for item in items)
    assert run("accounts", "list", "--json").document["data"] == said.document["data"]


def test_an_account_nobody_knows_is_wrong_use(house, run):
    said = run(*DISCOVER, "--account", "999999999999", "--json")
    assert (said.code, said.document["error"]["field"]) == (2, "account")


def test_a_second_discovery_of_an_account_waits_for_no_one_and_names_the_first(house, run):
    account = run("accounts", "list", "--json").document["data"]["items"][0]["account"]
    with closing(open_finops(stocked.settings(house))) as finops:
        moment = Moment(finops.now(), datetime.now(UTC) + timedelta(hours=1))
        locks = finops.inventory.locks("demo", (account,))
        order = Order("demo", "inventory.discover", {}, "ann", locks=locks, worker="elsewhere:1")
        job = finops.store.jobs.create(order, moment)
    said = run(*DISCOVER, "--account", account, "--json")
    assert (said.code, said.document["error"]["job_id"]) == (1, job.job_id)
    assert "ann" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_terminal_sees_progress_and_ctrl_c_leaves_no_job_running(house, start):
    screen, terminal = pty.openpty()
    process = start(*DISCOVER, stderr=terminal)
    os.close(terminal)
    progress = read_until_closed(screen, stop=b" calls")
    process.send_signal(signal.SIGINT)
    rest = read_until_closed(screen).decode()
    os.close(screen)
    out, _ = process.communicate(timeout=120)
    assert re.search(rb"\d+/\d+ [\d,]+ items, [\d,]+ calls", progress)
    assert (process.returncode, out) == (130, "")
    assert rest.rstrip().endswith("finops: interrupted")
    assert "Traceback" not in rest
    with closing(open_finops(stocked.settings(house))) as finops:
        found, _ = finops.jobs.jobs("demo")
    assert [job.status for job in found] == [JobStatus.INTERRUPTED, JobStatus.PARTIAL]


@pytest.fixture
def cut_off(empty_house, monkeypatch) -> None:
    """Real accounts are meant, and nothing answers."""
    monkeypatch.delenv("FINOPS_NOW")
    for name, value in {
        "FINOPS_MODE": "aws",
        "FINOPS_SECRET_KEY": "x" * 40,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }.items():
        monkeypatch.setenv(name, value)


def test_an_organization_that_does_not_answer_is_a_failure_and_not_an_empty_one(cut_off, run):
    said = run("accounts", "sync", "--json")
    assert said.code == 1
    assert said.document["meta"]["partial"] is True
    assert "could not be reached" in said.err
    assert run("accounts", "list").code == 3


def test_a_discovery_that_cannot_begin_has_failed_and_says_why(cut_off, run):
    said = run(*DISCOVER, "--json")
    assert (said.code, said.document["data"]["status"]) == (1, "failed")
    assert said.document["meta"]["failures"]
    assert "could not be reached" in said.err
    assert "wJalrXUtnFEMI" not in said.out + said.err
    assert run("inventory", "list").code == 3
