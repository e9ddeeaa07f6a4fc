"""`inventory` and `accounts`: the same figures as the API, a pipe, a terminal, and what was not found."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from export import ASSET_FIELDS
from finops.api.asset_parameters import FILTERS
from finops.cli.asset_text import ASSET_COLUMNS
from finops.facade import open_finops
from finops.model.accounts import Account, Entry
from tests import stocked
from tests.api import estate
from tests.api.conftest import client_of
from tests.cli.test_process import read_until_closed

if TYPE_CHECKING:
    from pathlib import Path

ACTION = "sts:AssumeRole"
LIST = ("inventory", "list")
CHANGES = ("inventory", "changes", "--since", "2026-11-16T06:00:01Z")


@pytest.fixture
def house(monkeypatch) -> Path:
    """The estate to read; the environment points at it."""
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(estate.folder()), "FINOPS_TENANT": estate.TENANT}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return estate.folder()


@pytest.fixture
def demo_house(house, tmp_path, monkeypatch) -> Path:
    """A copy to write to whose tenant is the made-up one, with two accounts of its own."""
    place = tmp_path / "data"
    shutil.copytree(house, place)
    monkeypatch.setenv("FINOPS_DATA_DIR", str(place))
    monkeypatch.delenv("FINOPS_TENANT")
    with closing(open_finops(stocked.settings(place))) as finops:
        finops.store.accounts.save("demo", [Account(each, each, "ACTIVE") for each in estate.OPEN[:2]], at=finops.now())
    return place


def served(place: Path, path: str, params: Any) -> dict[str, Any]:
    """What the API answers."""
    with closing(open_finops(stocked.settings(place, tenant=estate.TENANT))) as finops:
        answer = client_of(finops).get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Lists


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"service": ["ec2", "s3"], "sort": ["cost"], "order": ["desc"]},
        {"account": [estate.FIRST], "limit": ["1000"]},
        {"tag": ["Owner=data-team", "Environment="], "exclude_tag": ["k"]},
        {"search": ["web owner"], "older_than_days": ["12"], "min_cost": ["0.5"]},
        {"state": [""], "lifecycle": ["active,gone"]},
    ],
    ids=json.dumps,
)
def test_lists_are_the_documents_of_the_api(house, run, params):
    options = [text for name, values in params.items() for text in (f"--{name.replace('_', '-')}", *values)]
    said = run(*LIST, *options, "--json")
    assert said.document == served(house, "/api/assets", params)
    assert said.code == (3 if said.document["meta"]["partial"] else 0)


def test_changes_assets_accounts_and_jobs_are_the_documents_of_the_api(house, run):
    asset_id = run(*LIST, "--search", f"i-{estate.FIRST}-000", "--json").document["data"]["items"][0]["asset_id"]
    since = CHANGES[-1]
    for arguments, path, params in (
        ((*CHANGES, "--change", "changed", "missing"), "asset-changes", {"since": since, "change": "changed,missing"}),
        (("inventory", "show", asset_id), "asset", {"asset_id": asset_id}),
        (("accounts", "list"), "accounts", {}),
        (("jobs", "list", "--status", "partial", "failed"), "jobs", {"status": "partial,failed"}),
    ):
        assert run(*arguments, "--json").document == served(house, f"/api/{path}", params), path


def test_every_filter_of_the_api_is_an_option(house, run):
    values = {"older_than_days": "1", "newer_than_days": "9", "min_cost": "1", "max_cost": "2", "lifecycle": "active"}
    given = [(f"--{each.name.replace('_', '-')}", values.get(each.name, "x")) for each in FILTERS]
    said = run(*LIST, *(text for pair in given for text in pair), "--json")
    assert said.document["meta"]["total"] == 0


def test_a_pipe_gets_every_field_and_a_terminal_the_telling_ones(house, run, start):
    said = run(*LIST, "--account", estate.FIRST, "--kind", "ec2:instance")
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert tuple(lines[0]) == ASSET_FIELDS
    assert [line[lines[0].index("name")] for line in lines[1:]] == [f"web-{number}" for number in range(5)]
    assert json.loads(lines[1][lines[0].index("tags")])["k=v"] == "a=b"
    assert "Tenant acme: 5 of 5 assets, listed up to 2026-11-20T06:00:00Z." in said.err

    screen, terminal = pty.openpty()
    process = start(*LIST, "--account", estate.FIRST, "--kind", "ec2:instance", stdout=terminal)
    os.close(terminal)
    shown = read_until_closed(screen).decode().replace("\r\n", "\n").splitlines()
    os.close(screen)
    process.communicate(timeout=120)
    assert tuple(shown[0].split()) == ASSET_COLUMNS
    assert max(map(len, shown[:6])) < 200
    assert "\t" not in "".join(shown)


def test_columns_are_those_asked_for_whoever_reads(house, run):
    said = run(
        *LIST, "--kind", "ec2:instance", "--account", estate.FIRST, "--columns", "tag:k=v", "name", "--limit", "1"
    )
    assert said.out == "tag:k=v\tname\na=b\tweb-0\n"


@pytest.mark.parametrize("option", ["--search", "--account", "--kind", "--tag", "--exclude-tag", "--state"])
def test_bytes_that_are_no_text_find_nothing_and_break_nothing(house, run, option):
    said = run(*LIST, option, "\udcff\udcfe=x", "--json")
    assert said.document["meta"]["total"] == 0 or option == "--exclude-tag"


def test_a_list_goes_on_where_it_ended(house, run):
    first = run(*LIST, "--service", "s3", "--limit", "30")
    assert "30 of 47 assets" in first.err
    cursor = first.err.partition("--cursor ")[2].partition(",")[0]
    second = run(*LIST, "--service", "s3", "--limit", "30", "--cursor", cursor, "--columns", "name")
    assert len(second.out.splitlines()) == 1 + 17
    assert "--cursor" not in second.err


def test_a_script_takes_all_of_it_in_one_go(house, run):
    said = run(*LIST, "--limit", "100000", "--json")
    assert len(said.document["data"]["items"]) == said.document["meta"]["total"] > 200


def test_no_name_from_outside_steers_the_terminal(house, run):
    said = run(*LIST, "--kind", "ec2:volume", "--account", estate.FIRST, "--columns", "name,tags")
    assert len(said.out.splitlines()) == len(estate.HOSTILE) + 2
    assert not [char for char in said.out if char in "\x1b\u202e\r\0"]


def test_three_denied_accounts_are_exit_3_and_named(house, run):
    for arguments in (LIST, CHANGES):
        said = run(*arguments)
        assert said.code == 3
        told = [line for line in said.err.splitlines() if line.startswith("finops: ")]
        assert len(told) == 3
        assert all(account in line and ACTION in line for account, line in zip(estate.DENIED, told, strict=True))


def test_show_tells_all_of_one_asset(house, run):
    asset_id = run(*LIST, "--search", f"i-{estate.FIRST}-000", "--columns", "asset_id").out.splitlines()[1]
    said = run("inventory", "show", asset_id)
    assert said.code == 0  # its own listing did not fail
    rows = {tuple(line.split("\t")[:2]): line.split("\t")[2] for line in said.out.splitlines()}
    assert rows["asset", "name"] == "web-0"
    assert rows["tag", "Owner"] == "ml-team"
    assert rows["detail", "groups"] == "sg-1"
    assert rows["outgoing", "in"] == "ec2:vpc vpc-unknown, not in the inventory"
    assert "data-team" in rows["history", "2026-11-20T06:00:00Z"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((*LIST, "--lifecycle", "dead"), "lifecycle"),
        ((*LIST, "--older-than-days", "-1"), "older_than_days"),
        ((*LIST, "--min-cost", "NaN"), "min_cost"),
        ((*LIST, "--tag", "=="), "tag"),
        ((*LIST, "--sort", "size"), "sort"),
        ((*LIST, "--limit", "100001"), "limit"),
        ((*LIST, "--columns", "secret"), "columns"),
        ((*LIST, "--cursor", "x"), "cursor"),
        ((*LIST, "--search", "x" * 3_000), "search"),
        (("inventory", "changes"), "since"),
        (("inventory", "changes", "--since", "monday"), "since"),
        ((*CHANGES, "--change", "vanished"), "change"),
        (("inventory", "show", "i-123"), "asset_id"),
        (("inventory", "show", "0" * 32), "asset_id"),
        (("inventory", "discover", "--tenant", "acme"), "tenant"),
        (("inventory", "discover", "--account", "12345"), "account"),
        (("inventory", "discover", "--region", "moon"), "region"),
        (("inventory", "discover", "--service", "vms"), "service"),
        (("accounts", "sync", "--tenant", "acme"), "tenant"),
        (("accounts", "set", "111111111111"), "role"),
        (("accounts", "set", "111111111111", "--role", "a b"), "role"),
        (("accounts", "set", "999999999999", "--role", "x", "--tenant", "demo"), "account"),
    ],
)
def test_wrong_use_is_exit_2_and_one_line(house, run, arguments, field):
    said = run(*arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == field
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("finops: ")


def test_nothing_known_is_partial_and_says_what_to_do(house, run):
    for arguments, hint in ((LIST, "inventory discover"), (("accounts", "list"), "accounts sync")):
        said = run(*arguments, "--tenant", "nobody")
        assert said.code == 3
        assert hint in said.err


# Accounts


def test_accounts_are_listed_without_their_external_id(house, run):
    said = run("accounts", "list")
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert lines[0] == ["account", "name", "status", "unit", "email", "role", "external_id", "regions", "last_seen"]
    assert lines[1][:2] == [estate.FIRST, "team-00"]
    assert lines[1][5:7] == ["finops-read", "set"]
    assert len(lines) == 51
    assert estate.EXTERNAL_ID not in said.out + said.err + run("accounts", "list", "--json").out


def entry(place: Path, account: str) -> Entry | None:
    with closing(open_finops(stocked.settings(place))) as finops:
        return finops.store.accounts.entries("demo").get(account)


def test_what_opens_an_account_is_kept_and_shown_to_nobody(demo_house, run, monkeypatch):
    account = estate.OPEN[0]
    secret = "x-external/id=1"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    said = run("accounts", "set", account, "--role", "finops", "--external-id-stdin", "--json")
    assert said.code == 0
    assert [(each["role"], each["external_id"]) for each in said.document["data"]["items"]] == [("finops", "set")]
    assert secret not in said.out + said.err
    assert entry(demo_house, account) == Entry("finops", secret)

    assert run("accounts", "set", account, "--role", "other").code == 0  # what is not named stays
    assert entry(demo_house, account) == Entry("other", secret)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert run("accounts", "set", account, "--external-id-stdin").code == 0
    assert entry(demo_house, account) == Entry("other", "")
    assert run("accounts", "set", account, "--role", "").code == 0
    assert entry(demo_house, account) is None


@pytest.mark.parametrize("secret", ["x", "a b", "x" * 1_225, "sécret"])
def test_an_external_id_that_aws_would_refuse_is_refused_and_not_repeated(demo_house, run, monkeypatch, secret):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    said = run("accounts", "set", estate.OPEN[0], "--external-id-stdin", "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "external_id_stdin"
    assert len(secret) == 1 or secret not in said.out + said.err
    assert entry(demo_house, estate.OPEN[0]) is None
