"""`jobs list`: what ran and runs, for people, pipes and programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.model.outcome import Failure
from finops.store.database import Database
from finops.store.jobs import End, JobStore, Moment, Order
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MOMENT = Moment(NOW, datetime(2100, 1, 1, tzinfo=UTC))
FAILURE = Failure("denied", "no", "1" * 12, "eu-central-1", "ec2", "ec2:DescribeVpcs")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobStore]:
    """Jobs of a house of the test's own."""
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FINOPS_NOW", "2026-11-20T09:00:00Z")
    url = f"sqlite:///{tmp_path / 'finops.db'}"
    upgrade(url)
    database = Database(url)
    yield JobStore(database)
    database.close()


def made(store: JobStore, status: str, *, kind: str = "inventory.discover", user: str = "ann") -> Job:
    job = store.create(Order("demo", kind, {}, user), MOMENT)
    if status != "pending":
        store.claim(job.job_id, "another-host:1", MOMENT)
        store.beat(job.job_id, Progress(3, 9, items=40, note="ec2"), MOMENT)
    if status not in {"pending", "running"}:
        failures = () if status == "completed" else (FAILURE,)
        store.end(job.job_id, End(JobStatus(status), Outcome({"seen": 41, "gone": 1}, failures)), MOMENT)
    return store.find(job.job_id)


def test_jobs_are_listed_newest_first_with_everything_that_is_promised(store: JobStore, run: Any) -> None:
    partial, running = made(store, "partial"), made(store, "running")
    said = run("jobs", "list", "--json")
    assert said.code == 0
    assert said.document["meta"]["total"] == 2
    first, second = said.document["data"]["items"]
    assert (first["job_id"], first["status"], first["ended"]) == (running.job_id, "running", None)
    assert first["progress"] == {
        "done": 3, "total": 9, "items": 40, "calls": 0, "failures": 0, "seconds_left": None, "note": "ec2",
    }  # fmt: skip
    assert second["job_id"] == partial.job_id
    assert (second["kind"], second["status"], second["user"]) == ("inventory.discover", "partial", "ann")
    assert second["started"] == second["ended"] == second["created"] == "2026-11-20T09:00:00Z"
    assert second["counts"] == {"seen": 41, "gone": 1}
    assert second["failures"][0]["missing_action"] == "ec2:DescribeVpcs"
    assert second["parent"] is None


def test_a_pipe_gets_one_line_a_job(store: JobStore, run: Any) -> None:
    for status in ("completed", "failed", "running", "pending"):
        made(store, status, user="tab\tand \x1b[31mred")
    said = run("jobs", "list")
    header, *lines = said.out.splitlines()
    assert header.split("\t")[:4] == ["job_id", "kind", "status", "user"]
    rows = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [row["status"] for row in rows] == ["pending", "running", "failed", "completed"]
    assert [row["progress"] for row in rows] == ["", "3/9", "gone 1, seen 41", "gone 1, seen 41"]
    assert [row["failures"] for row in rows] == ["0", "0", "1", "0"]
    assert "\x1b" not in said.out
    assert said.err == "Tenant demo: 4 jobs.\n"


def test_jobs_are_narrowed_by_kind_status_and_number(store: JobStore, run: Any) -> None:
    for kind in ("inventory.discover", "costs.refresh"):
        for status in ("completed", "partial", "running"):
            made(store, status, kind=kind)

    def listed(*options: str) -> list[str]:
        return [
            f"{job['kind']} {job['status']}"
            for job in run("jobs", "list", *options, "--json").document["data"]["items"]
        ]

    assert listed("--kind", "costs.refresh") == [
        f"costs.refresh {word}" for word in ("running", "partial", "completed")
    ]
    assert listed("--status", "partial", "completed", "--kind", "costs.refresh", "--limit", "1") == [
        "costs.refresh partial"
    ]
    assert len(listed("--status", "running", "--status", "partial")) == 4
    assert listed("--kind", "nothing") == []
    assert listed("--tenant", "acme") == []
    assert run("jobs", "list", "--limit", "2").err == "Tenant demo: 6 jobs, the newest 2 of them.\n"


def test_looking_finds_the_dead(store: JobStore, run: Any) -> None:
    job = store.create(Order("demo", "inventory.discover", {}, "ann"), MOMENT)
    store.claim(job.job_id, "another-host:1", Moment(NOW, NOW))
    assert run("jobs", "list", "--json").document["data"]["items"][0]["status"] == "interrupted"


@pytest.mark.parametrize(
    "options", [("--status", "asleep"), ("--limit", "0"), ("--limit", "many"), ("--tenant", "No Name"), ("extra",)]
)
def test_wrong_use_is_told(store: JobStore, run: Any, options: tuple[str, ...]) -> None:
    said = run("jobs", "list", *options, "--json")
    assert said.code == 2
    assert said.document["error"]["detail"]


def test_a_worker_of_no_process_is_wrong_use(store: JobStore, run: Any) -> None:
    assert run("worker", "--concurrency", "0", "--json").code == 2
