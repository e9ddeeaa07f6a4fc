"""`findings` and `kpis`: the documents of the API, a pipe, deeds, files, and what nobody could see."""

from __future__ import annotations

import json
import os
import pty
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from finops.api.finding_documents import FINDING_FIELDS
from finops.api.finding_parameters import FILTERS
from finops.cli.finding_text import SHOWN_FINDINGS
from tests import stocked
from tests.api import stock
from tests.api.conftest import client_of, conforms
from tests.cli.test_process import read_until_closed

if TYPE_CHECKING:
    from pathlib import Path

LIST = ("findings", "list")
VOLUME = "aws.ebs.unattached_volume"


def point_at(place: Path, patch: pytest.MonkeyPatch, tenant: str = stock.TENANT) -> None:
    for name, value in {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(place), "FINOPS_TENANT": tenant}.items():
        patch.setenv(name, value)


@pytest.fixture
def house(monkeypatch) -> Path:
    """Findings to read; the environment points at them."""
    point_at(stock.folder(), monkeypatch)
    return stock.folder()


@pytest.fixture
def own_house(tmp_path, monkeypatch) -> Path:
    """A copy to write to."""
    place = tmp_path / "data"
    shutil.copytree(stock.folder(), place)
    point_at(place, monkeypatch)
    return place


def served(place: Path, path: str, params: Any) -> dict[str, Any]:
    with closing(stock.opened(place)) as finops:
        answer = client_of(finops).get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def fingerprint(run: Any, resource: str, *more: str) -> str:
    items = run(*LIST, *more, "--json").document["data"]["items"]
    return next(item["fingerprint"] for item in items if item["resource_id"] == resource)


def told(said: Any) -> list[str]:
    return [line for line in said.err.splitlines() if line.startswith("finops: ")]


# Reading


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"check": [stock.IDLE, stock.VOLUME], "sort": ["account"], "order": ["asc"]},
        {"verdict": ["ok,undetermined"], "limit": ["1"]},
        {"category": ["idle", "unattached"], "min_saving": ["5"], "account": [stock.OWN]},
        {"owner": [""], "status": ["open"], "search": ["vol us-east"]},
    ],
    ids=json.dumps,
)
def test_lists_are_the_documents_of_the_api(house, run, params):
    options = [text for name, values in params.items() for text in (f"--{name.replace('_', '-')}", *values)]
    said = run(*LIST, *options, "--json")
    assert said.document == served(house, "/api/findings", params)
    assert said.code == (3 if said.document["meta"]["partial"] else 0)


def test_the_other_commands_are_the_documents_of_the_api(house, run):
    wanted, figures = fingerprint(run, "vol-1"), {"kpi": "total,net", "start": "2026-11-01"}
    for arguments, path, params in (
        (("findings", "show", wanted), f"findings/{wanted}", {}),
        (("findings", "checks"), "checks", {}),
        (("kpis", "show", "--kpi", "total", "net", "--start", "2026-11-01"), "kpis", figures),
    ):
        said = run(*arguments, "--json")
        assert said.document == served(house, f"/api/{path}", params), path
        assert said.code == 0


def test_every_filter_of_the_api_is_an_option(house, run):
    values = {"min_saving": "1", "category": "idle", "severity": "high", "verdict": "ok", "status": "open"}
    for parameter in FILTERS:
        said = run(*LIST, f"--{parameter.name.replace('_', '-')}", values.get(parameter.name, "x"), "--json")
        assert said.code in {0, 3}, said.err


def test_a_pipe_gets_every_field_and_a_sentence_says_what_it_comes_to(house, run):
    said = run(*LIST, "--account", stock.OWN)
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert tuple(lines[0]) == FINDING_FIELDS
    assert len(lines) == 6
    assert "5 of 5 findings, last run 2026-11-20T08:00:00Z." in said.err
    assert "38.40 USD (of 48.40 gross)" in said.err
    assert "70.00 CNY (of 70.00 gross)" in said.err
    assert (said.code, told(said)) == (0, [])


def test_a_terminal_gets_the_most_telling_columns(house, start):
    screen, end = pty.openpty()
    process = start(*LIST, "--account", stock.OWN, stdout=end, stderr=end)
    os.close(end)
    shown = read_until_closed(screen).decode()
    process.wait(60)
    head = shown.splitlines()[0].split()
    assert tuple(head) == SHOWN_FINDINGS
    assert "evidence" not in shown


def test_a_list_goes_on_where_it_ended(house, run):
    first = run(*LIST, "--limit", "4")
    cursor = first.err.partition("--cursor ")[2].partition(",")[0]
    second = run(*LIST, "--limit", "4", "--cursor", cursor)
    assert len(second.out.splitlines()) == 3
    assert "--cursor" not in second.err


def test_what_the_run_could_not_see_is_exit_3_and_named(house, run):
    said = run(*LIST)
    assert said.code == 3
    assert told(said) == [
        f"finops: {stock.OTHER} eu-central-1 cloudwatch: no (missing permission: cloudwatch:GetMetricData)"
    ]


def test_before_the_first_run_every_question_is_partial(run, tmp_path, monkeypatch):
    point_at(tmp_path / "data", monkeypatch)
    for arguments in (
        LIST,
        ("kpis", "show"),
        ("kpis", "rebuild"),
        ("findings", "export", "--out", str(tmp_path / "x")),
    ):
        said = run(*arguments)
        assert said.code == 3, arguments
        assert "findings run" in told(said)[0]


def test_show_tells_all_of_one_finding(house, run):
    said = run("findings", "show", fingerprint(run, "vol-1"))
    rows = {tuple(line.split("\t")[:2]): line.split("\t")[2] for line in said.out.splitlines()}
    assert rows["finding", "monthly_saving"] == "8.00"
    assert rows["facts", "size_gib"] == "100"
    assert rows["amounts", "list"] == "8.00"
    assert rows["tag", "Owner"] == "data-team"
    assert rows["remedy", "command"].startswith("aws ec2 delete-volume")
    assert rows["history", "2026-11-19T08:00:00Z"] == "seen by run, new → open"


def test_the_checks_are_told_with_their_thresholds(house, run):
    said = run("findings", "checks")
    rows = {line.split("\t")[0]: line for line in said.out.splitlines()}
    assert "window_days 14 (7 to 30)" in rows[stock.IDLE]
    assert "cloudwatch:GetMetricData" in rows[stock.IDLE]


# Deeds


def test_deeds_change_how_a_finding_stands(own_house, run):
    one, two = fingerprint(run, "vol-1"), fingerprint(run, "vol-2")
    said = run("findings", "snooze", one, two, "--days", "7", "--reason", "next sprint", "--json")
    assert said.code == 0
    conforms(said.document, "FindingStates")
    assert {(each["status"], each["until"], each["updated_by"]) for each in said.document["data"]["items"]} == {
        ("snoozed", "2026-11-27T09:00:00Z", "persona:admin")
    }
    assert {each["resource_id"] for each in run(*LIST, "--json").document["data"]["items"]} == {"i-1", "vol-3", "logs"}
    for arguments, status in (
        (("reopen", one), "open"),
        (("assign", one, "--owner", "ann"), "open"),
        (("comment", one, "--text", "asked"), "open"),
        (("dismiss", one, "--reason", "kept"), "dismissed"),
        (("reopen", one, "--reason", "not kept"), "open"),
        (("snooze", one, "--until", "2026-12-01", "--reason", "later"), "snoozed"),
        (("resolve", one, "--reason", "deleted"), "resolved"),
    ):
        said = run("findings", *arguments)
        assert (said.code, said.out.splitlines()[1].split("\t")[1]) == (0, status), arguments
    history = run("findings", "show", one, "--json").document["data"]["history"]
    assert [each["action"] for each in history] == [
        *("resolve", "snooze", "reopen", "dismiss", "comment", "assign", "reopen", "snooze", "seen")
    ]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((*LIST, "--verdict", "bad"), "verdict"),
        ((*LIST, "--min-saving", "NaN"), "min_saving"),
        ((*LIST, "--limit", "100001"), "limit"),
        ((*LIST, "--cursor", "x"), "cursor"),
        ((*LIST, "--workspace", "A b"), "workspace"),
        (("findings", "show", "x"), "fingerprint"),
        (("findings", "show", "0" * 32), "fingerprint"),
        (("findings", "resolve"), "fingerprints"),
        (("findings", "resolve", "x"), "fingerprint"),
        (("findings", "resolve", "0" * 32), "fingerprints"),
        (("findings", "snooze", "0" * 32, "--reason", "r"), "until"),
        (("findings", "snooze", "0" * 32, "--until", "2026-12-01", "--days", "3", "--reason", "r"), "until"),
        (("findings", "snooze", "0" * 32, "--days", "3"), "reason"),
        (("findings", "snooze", "0" * 32, "--days", "0", "--reason", "r"), "days"),
        (("findings", "dismiss", "0" * 32), "reason"),
        (("findings", "assign", "0" * 32), "owner"),
        (("findings", "comment", "0" * 32, "--text", " "), "text"),
        (("findings", "run", "--tenant", "acme"), "tenant"),
        (("findings", "run", "--tenant", "demo", "--checker", "aws.x.y"), "checker"),
        (("findings", "run", "--tenant", "demo", "--workspace", "../x"), "workspace"),
        (("findings", "export"), "out"),
        (("findings", "export", "--out", __file__), "out"),
        (("kpis", "show", "--kpi", "all"), "kpi"),
    ],
)
def test_wrong_use_is_exit_2_and_one_line(house, run, arguments, field):
    said = run(*arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == field
    assert len(said.err.splitlines()) == 1


# Files and figures


def test_the_files_of_a_site_repeat_to_the_byte(house, run, tmp_path):
    said = run("findings", "export", "--out", str(tmp_path / "site"), "--json")
    assert (said.code, len(said.document["data"]["files"])) == (3, 3)
    run("findings", "export", "--out", str(tmp_path / "again"))
    for name in ("findings.json", "summary.json", "top_savings.json"):
        assert (tmp_path / "site" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == [
        *("findings.json", "summary.json", "top_savings.json")
    ]
    findings = json.loads((tmp_path / "site" / "findings.json").read_text())
    assert findings["data"] == served(house, "/api/findings", {"limit": 1000})["data"]
    conforms({**findings, "meta": {**findings["meta"], "next_cursor": None}}, "Findings")


def test_the_summary_says_what_findings_come_to(own_house, run, tmp_path):
    run("findings", "dismiss", fingerprint(run, "vol-2"), "--reason", "kept")
    run("findings", "export", "--out", str(tmp_path))
    summary = json.loads((tmp_path / "summary.json").read_text())
    data = summary["data"]
    assert data["totals"]["USD"] == {
        "gross": "48.40", "net": "38.40", "cash": "38.40", "commitment": "0.00", "findings": 3,
    }  # fmt: skip
    assert data["without_basis"] == 1
    statuses = {(each["key"], each["currency"]): (each["findings"], each["saving"]) for each in data["by_status"]}
    assert statuses == {("open", "USD"): (4, "48.40"), ("open", "CNY"): (1, "70.00"), ("dismissed", "USD"): (1, "4.00")}
    accounts = {(each["key"], each["currency"]): each["saving"] for each in data["by_account"]}
    assert accounts == {(stock.OWN, "USD"): "48.40", (stock.OWN, "CNY"): "70.00"}
    for name in ("by_severity", "by_category", "by_check", "by_service", "by_region", "by_owner"):
        assert {row["currency"] for row in data[name]} == {"CNY", "USD"}, name
    assert [(each["date"], each["currency"], each["gross"], each["net"]) for each in data["trend"]] == [
        ("2026-11-19", "USD", "46.40", "46.40"),
        ("2026-11-20", "CNY", "70.00", "70.00"),
        ("2026-11-20", "USD", "52.40", "42.40"),
    ]
    assert summary["meta"]["failures"][0]["missing_action"] == "cloudwatch:GetMetricData"
    assert (summary["meta"]["as_of"], summary["meta"]["generated"]) == ("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z")
    top = json.loads((tmp_path / "top_savings.json").read_text())["data"]["items"]
    assert [(each["rank"], each["currency"], each["resource_id"]) for each in top] == [
        (1, "CNY", "vol-3"), (1, "USD", "i-1"), (2, "USD", "i-1"), (3, "USD", "vol-1"),
    ]  # fmt: skip


def test_figures_are_made_anew_from_what_people_did_since(own_house, run):
    run("findings", "resolve", fingerprint(run, "vol-1"))
    show = ("kpis", "show", "--kpi", "by_status", "--start", "2026-11-20", "--json")
    assert {each["key"] for each in run(*show).document["data"]["items"]} == {"open"}
    said = run("kpis", "rebuild", "--json")
    assert (said.code, said.document["data"]["run_dates"]) == (0, 2)
    assert {each["key"] for each in run(*show).document["data"]["items"]} == {"open", "resolved"}
    lines = run("kpis", "show", "--kpi", "top").out.splitlines()
    assert lines[0] == "period\tkpi\tkey\tfindings\tsaving\tcurrency\trank\tfingerprint"


# The whole way, on the made-up estate


def test_unattached_volumes_are_found_listed_and_exported(tmp_path, monkeypatch, run):
    point_at(tmp_path / "data", monkeypatch)
    monkeypatch.delenv("FINOPS_TENANT")
    assert run("inventory", "discover", "--service", "ec2:volume").code in {0, 3}
    said = run("findings", "run", "--checker", VOLUME, "--json")
    job = said.document["data"]
    assert (job["kind"], job["arguments"]) == ("findings.run", {"checks": [VOLUME], "workspace": "main"})
    assert said.code == {"completed": 0, "partial": 3}[job["status"]]
    assert job["counts"]["flagged"] == job["counts"]["new"] > 0
    assert job["counts"]["observations"] > job["counts"]["flagged"]
    document = run(*LIST, "--check", VOLUME, "--limit", "1000", "--json").document
    assert document["meta"]["total"] == len(document["data"]["items"]) == job["counts"]["flagged"]
    assert document["meta"]["tenant"] == "demo"
    assert {item["check_id"] for item in document["data"]["items"]} == {VOLUME}
    assert all(item["remedy"]["command"].startswith("aws ec2 delete-volume") for item in document["data"]["items"])
    again = run("findings", "run", "--checker", VOLUME)
    assert " 0 new, 0 reopened" in again.err + again.out
    everything = run(*LIST)
    assert everything.code == 3  # the other checks have not run
    assert "Not run to their end yet" in everything.err
    assert run("findings", "export", "--out", str(tmp_path / "site")).code == 3
    assert json.loads((tmp_path / "site" / "summary.json").read_text())["data"]["trend"][0]["date"] == "2026-11-20"
    assert run("jobs", "list", "--kind", "findings.run", "--json").document["meta"]["total"] == 2
