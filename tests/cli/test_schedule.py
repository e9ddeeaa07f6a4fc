"""`schedule`: a report is scheduled, goes out by one turn of the clock, and tells what became of it."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from finops.store.database import Database
from finops.store.leases import Leases
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from pathlib import Path

ADD = (
    "schedule", "add", "Weekly", "--report", "health", "--cron", "0 7 * * 1", "--timezone", "Europe/Berlin",
    "--to", "ann@example.com, ben@example.com", "--format", "json",
)  # fmt: skip
FRIDAY, MONDAY = "2026-11-20T09:00:00Z", "2026-11-23T06:00:30Z"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of the test's own on a Friday, whose clock does no jobs."""
    for name, value in {
        "FINOPS_DATA_DIR": str(tmp_path),
        "FINOPS_NOW": FRIDAY,
        "FINOPS_COSTS_REFRESH_HOURS": "0",
        "FINOPS_DISCOVERY_HOURS": "0",
        "FINOPS_FINDINGS_HOURS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def mails(folder: Path) -> list[Any]:
    return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in (folder / "outbox").glob("*.eml")]


def test_a_scheduled_report_goes_out_by_a_turn_of_the_clock(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(*ADD)
    assert said.code == 0
    assert said.out.startswith("At 07:00 on Monday, Europe/Berlin. Next: Mon 23 Nov 2026 07:00 CET; Mon 30 Nov")
    early = run("schedule", "tick", "--json")
    assert (early.code, early.document["data"]["firings"], mails(folder)) == (0, [], [])
    monkeypatch.setenv("FINOPS_NOW", MONDAY)
    told = run("schedule", "tick", "--json")
    assert told.code == 0
    data = told.document["data"]
    assert (data["jobs"], data["mails"]["sent"], data["faults"]) == (True, 2, [])
    assert [(each["due"], each["status"], each["late"]) for each in data["firings"]] == [
        ("2026-11-23T06:00:00Z", "queued", False)
    ]
    sent = mails(folder)
    assert sorted(mail["To"] for mail in sent) == ["ann@example.com", "ben@example.com"]
    assert all(next(part.get_filename() for part in mail.iter_attachments()).endswith(".json") for mail in sent)
    again = run("schedule", "tick", "--json").document["data"]
    assert (again["firings"], again["mails"]["sent"], len(mails(folder))) == ([], 0, 2)
    (item,) = run("schedule", "list", "--json").document["data"]["items"]
    assert (item["last_run"], item["next_run"]) == ("2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z")
    (fired,) = run("schedule", "history", "Weekly", "--json").document["data"]["items"]
    assert (fired["name"], fired["deliveries"]) == ("Weekly", {"sent": 2})
    assert {mail["recipient"]: mail["status"] for mail in fired["mails"]} == {
        "ann@example.com": "sent", "ben@example.com": "sent",
    }  # fmt: skip


def test_a_turn_beside_a_running_server_sends_and_leaves_the_jobs_to_it(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*ADD)
    database = Database(f"sqlite:///{folder / 'finops.db'}")
    assert Leases(database).hold("scheduler", "server:1", 60)
    monkeypatch.setenv("FINOPS_NOW", MONDAY)
    said = run("schedule", "tick")
    assert said.code == 0
    assert "1 reports were due, 2 mails left. server:1 has the clock and does the jobs." in said.out
    assert not Leases(database).hold("scheduler", "other:1", 60)  # the server's lease was not let go of
    database.close()


def test_the_lease_is_free_after_a_turn(run: Any, folder: Path) -> None:
    upgrade(f"sqlite:///{folder / 'finops.db'}")
    run("schedule", "tick")
    database = Database(f"sqlite:///{folder / 'finops.db'}")
    assert Leases(database).hold("scheduler", "server:1", 60)
    database.close()


def test_the_fields_are_those_that_are_promised(run: Any) -> None:
    made = run(*ADD, "--owner", "manager", "--quiet", "--json").document["data"]
    assert {
        "schedule_id", "name", "report", "cron", "timezone", "recipients", "format", "owner", "next_run", "last_run",
        "status",
    } <= made.keys()  # fmt: skip
    assert (made["owner"], made["quiet"], made["recipients"]) == (
        "persona:manager", True, ["ann@example.com", "ben@example.com"],
    )  # fmt: skip
    listed = run("schedule", "list").out.splitlines()
    assert listed[0].split("\t")[:3] == ["schedule_id", "name", "report"]
    assert listed[1].split("\t")[1:3] == ["Weekly", "health"]


def test_a_schedule_is_paused_resumed_and_removed_by_name_or_id(run: Any) -> None:
    named = run(*ADD, "--json").document["data"]["schedule_id"]
    paused = run("schedule", "pause", "Weekly", "--json").document["data"]
    assert (paused["status"], paused["next_run"], paused["reason"]) == ("paused", None, "paused by persona:admin")
    assert run("schedule", "resume", named).out == "Weekly is active; next Mon 23 Nov 2026 07:00 CET.\n"
    assert run("schedule", "remove", "Weekly", "--json").document["data"] == {"schedule_id": named, "withheld": 0}
    assert run("schedule", "list", "--json").document["meta"]["total"] == 0
    assert run("schedule", "pause", "Weekly").code == 2


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--cron", "0 0 7 * * 1"), "cron"),
        (("--cron", "0 0 31 2 *"), "cron"),
        (("--timezone", "Mars"), "timezone"),
        (("--to", "nobody"), "recipients"),
        (("--to", ","), "recipients"),
        (("--report", "nothing"), "report"),
        (("--owner", "nobody"), "owner"),
        (("--scope", "account"), "scope"),
        (("--format", "pdf"), "form"),
    ],
)
def test_a_wrong_wish_is_told_by_its_field(run: Any, options: tuple[str, ...], field: str) -> None:
    said = run(*ADD, *options, "--json")
    assert (said.code, said.document["error"].get("field")) == (2, field)
    assert run("schedule", "list", "--json").document["meta"]["total"] == 0


def test_an_owner_without_the_right_is_refused(run: Any) -> None:
    said = run(*ADD, "--owner", "analyst")
    assert said.code == 1
    assert "reports.schedule" in said.err


def test_a_preview_keeps_nothing(run: Any) -> None:
    said = run("schedule", "preview", "--cron", "0 7 * * 1", "--timezone", "Europe/Berlin")
    assert said.out.splitlines()[:2] == ["At 07:00 on Monday, Europe/Berlin.", "Mon 23 Nov 2026 07:00 CET"]
    assert run("schedule", "list", "--json").document["meta"]["total"] == 0


def test_a_dry_run_goes_to_one_address_and_a_mail_is_sent_again_on_demand(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*ADD)
    tried = run("schedule", "try", "Weekly", "--to", "me@example.com", "--json").document["data"]
    assert (tried["queued"], tried["sent"]) == (1, 1)
    assert [mail["To"] for mail in mails(folder)] == ["me@example.com"]
    assert mails(folder)[0]["List-Unsubscribe"] is None
    monkeypatch.setenv("FINOPS_NOW", MONDAY)
    run("schedule", "tick")
    (fired,) = run("schedule", "history", "--json").document["data"]["items"]
    said = run("schedule", "resend", fired["mails"][0]["delivery_id"])
    assert (said.code, said.out) == (0, f"The mail to {fired['mails'][0]['recipient']} is sent.\n")
    assert len(mails(folder)) == 4
    assert run("schedule", "resend", "nothing").code == 2


def test_what_fails_is_exit_three_and_says_why(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*ADD)
    monkeypatch.setenv("FINOPS_NOW", MONDAY)
    (folder / "outbox").write_text("a file where the folder should be")
    said = run("schedule", "tick", "--json")
    assert said.code == 3
    assert said.document["meta"]["partial"] is True
    assert said.document["data"]["mails"]["failed"] == 2
    (fired,) = run("schedule", "history", "--json").document["data"]["items"]
    assert {mail["status"] for mail in fired["mails"]} == {"failed"}
    assert all(mail["reason"] and mail["retry_at"] for mail in fired["mails"])
