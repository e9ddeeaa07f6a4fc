"""Jobs in this process: begun, done once, ended in words, and never left open by whatever their work does."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from finops.jobs import Assignment, Jobs, Terms, Work
from finops.model.errors import AwsError, Busy, CeilingReached, FinopsError, InputError, StoreError
from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.model.outcome import Failure
from finops.store.job_rows import Moment, Order
from finops.store.leases import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from finops.store.jobs import JobStore

QUICK = Terms(beat=0.2, write=0.05, dead=1.0, reap=0.3, poll=0.05)
ACCOUNTS = {"accounts": ["111111111111", "222222222222"]}


class Digging:
    """A kind of job that waits where it is told to, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[Assignment] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.then: Callable[[Assignment], Outcome] = lambda _: Outcome({"items": 3})

    def run(self, assignment: Assignment) -> Outcome:
        self.given.append(assignment)
        assert self.go_on.wait(30)
        return self.then(assignment)

    def hold(self) -> None:
        self.go_on.clear()


def locks(tenant: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"inventory:{account}" for account in arguments.get("accounts", ()))


def split(tenant: str, arguments: Mapping[str, Any]) -> tuple[dict[str, object], ...]:
    return tuple({"accounts": [account]} for account in arguments["accounts"])


@pytest.fixture
def digging() -> Digging:
    return Digging()


@pytest.fixture
def jobs(store: JobStore, digging: Digging, now: datetime) -> Jobs:
    return Jobs(store, {"dig": Work(digging.run, locks, split)}, now=lambda: now, terms=QUICK)


def ended(jobs: Jobs, job: Job) -> Job:
    """The job, once it has ended."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = jobs.job(job.tenant, job.job_id)
        assert found is not None
        if not found.status.open:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{job} has not ended")


def test_a_job_is_one_call_with_plain_arguments_and_its_end_is_kept(
    jobs: Jobs, digging: Digging, now: datetime
) -> None:
    seen: list[Progress] = []
    digging.then = lambda given: given.report(Progress(2, 2, items=3)) or Outcome({"items": 3})
    job = jobs.run("dig", "default", {"accounts": ("111111111111",), "deep": True}, user="ann", progress=seen.append)
    given = digging.given[0]
    assert (given.job_id, given.tenant, given.user) == (job.job_id, "default", "ann")
    assert given.arguments == {"accounts": ["111111111111"], "deep": True}
    assert (job.status, job.counts, job.failures) == (JobStatus.COMPLETED, {"items": 3}, ())
    assert (job.created, job.started, job.ended) == (now, now, now)
    assert job.progress == Progress(2, 2, items=3) == seen[-1]
    assert jobs.jobs("default") == ((job,), 1)
    assert jobs.job("default", job.job_id) == job


def test_a_started_job_goes_on_by_itself(jobs: Jobs, digging: Digging) -> None:
    digging.hold()
    job = jobs.start("dig", "default", ACCOUNTS, user="ann")
    assert job.status.open
    digging.go_on.set()
    assert ended(jobs, job).status is JobStatus.COMPLETED
    assert len(digging.given) == 1
    assert digging.given[0].arguments == ACCOUNTS  # not split: one process does all of it


def test_a_job_delivered_twice_is_done_once(jobs: Jobs, store: JobStore, digging: Digging) -> None:
    digging.hold()
    job = jobs.start("dig", "default", {}, user="ann")
    while not digging.given:
        time.sleep(0.01)
    assert jobs.perform(job.job_id).status is JobStatus.RUNNING
    digging.go_on.set()
    over = ended(jobs, job)
    assert jobs.perform(job.job_id) == over
    assert len(digging.given) == 1


def test_an_unknown_job_is_not_performed(jobs: Jobs) -> None:
    with pytest.raises(InputError, match="no job 0000"):
        jobs.perform("0000")
    assert jobs.job("default", "0000") is None


def test_a_job_of_another_tenant_is_not_shown(jobs: Jobs) -> None:
    job = jobs.run("dig", "acme", {}, user="ann")
    assert jobs.job("default", job.job_id) is None
    assert jobs.jobs("default") == ((), 0)
    assert jobs.job("acme", job.job_id) == job


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome({"items": 1}), "completed"),
        (Outcome({"items": 1}, (Failure("denied", "no"),)), "partial"),
        (Outcome(failures=(Failure("denied", "no"),), nothing_done=True), "failed"),
    ],
)
def test_what_came_of_the_work_is_how_the_job_ends(jobs: Jobs, digging: Digging, outcome: Outcome, status: str) -> None:
    digging.then = lambda _: outcome
    job = jobs.run("dig", "default", {}, user="ann")
    assert (job.status, job.counts, job.failures) == (status, outcome.counts, outcome.failures)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("region", "no such region"), "input"),
        (StoreError("the database did not answer"), "store"),
        (CeilingReached("the budget is spent"), "ceiling_reached"),
        (FinopsError("something else"), "failed"),
    ],
)
def test_an_error_of_ours_is_told_in_its_own_words_and_frees_the_locks(
    jobs: Jobs, digging: Digging, error: FinopsError, code: str
) -> None:
    def fail(_: Assignment) -> Outcome:
        raise error

    digging.then = fail
    for _ in range(2):
        job = jobs.run("dig", "default", {"accounts": ["111111111111"]}, user="ann")
        assert job.status is JobStatus.FAILED
        assert job.failures == (Failure(code, str(error), account="111111111111"),)


def test_an_error_of_aws_keeps_the_permission_that_is_missing(jobs: Jobs, digging: Digging) -> None:
    def fail(_: Assignment) -> Outcome:
        raise AwsError("no", kind="denied", code="AccessDenied", account="1" * 12, missing_action="ec2:DescribeVpcs")

    digging.then = fail
    (failure,) = jobs.run("dig", "default", {}, user="ann").failures
    assert (failure.code, failure.account, failure.missing_action) == ("AccessDenied", "1" * 12, "ec2:DescribeVpcs")


def test_an_unforeseen_error_is_logged_and_told_by_reference_only(
    jobs: Jobs, digging: Digging, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Assignment) -> Outcome:
        raise ZeroDivisionError("password=hunter2")

    digging.then = fail
    job = jobs.run("dig", "default", {}, user="ann")
    assert (job.status, job.failures[0].code) == (JobStatus.FAILED, "internal")
    assert "hunter2" not in str(job)
    reference = job.failures[0].message.split()[-1]
    logged = next(record for record in caplog.records if reference in record.getMessage())
    assert logged.exc_info is not None
    assert logged.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("outcome", [None, "done", Outcome({"items": "many"})])  # type: ignore[dict-item]
def test_work_that_returns_nonsense_ends_all_the_same(jobs: Jobs, digging: Digging, outcome: Any) -> None:
    digging.then = lambda _: outcome
    job = jobs.run("dig", "default", ACCOUNTS, user="ann")
    assert (job.status, job.failures[0].code) == (JobStatus.FAILED, "internal")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_job_whose_process_is_told_to_stop_is_interrupted(
    jobs: Jobs, digging: Digging, stop: type[BaseException]
) -> None:
    def fail(_: Assignment) -> Outcome:
        raise stop

    digging.then = fail
    with pytest.raises(stop):
        jobs.run("dig", "default", ACCOUNTS, user="ann")
    ((job,), _) = jobs.jobs("default")
    assert (job.status, job.failures[0].code) == (JobStatus.INTERRUPTED, "interrupted")
    digging.then = lambda _: Outcome()
    assert jobs.run("dig", "default", ACCOUNTS, user="ann").status is JobStatus.COMPLETED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", object()),
        ("since", b"bytes"),
        ("since", {"a", "set"}),
        ("since", [1, [float("nan")]]),
        ("since", {"deep": {1: "a number as name"}}),
        ("since", {"deep": [float("inf")]}),
    ],
)
def test_arguments_that_are_not_plain_are_refused_by_name(jobs: Jobs, name: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        jobs.start("dig", "default", {"accounts": [], name: value}, user="ann")
    assert caught.value.field == name
    assert name in str(caught.value)
    assert jobs.jobs("default") == ((), 0)


def test_an_unknown_kind_or_a_tenant_that_is_no_name_makes_no_job(jobs: Jobs) -> None:
    with pytest.raises(InputError, match="there are dig"):
        jobs.start("nonsense", "default", {}, user="ann")
    with pytest.raises(InputError, match="tenant"):
        jobs.start("dig", "../other", {}, user="ann")


def test_one_at_a_time_per_account_and_the_refusal_names_the_job(jobs: Jobs, digging: Digging) -> None:
    digging.hold()
    job = jobs.start("dig", "default", ACCOUNTS, user="ann")
    with pytest.raises(Busy, match="since 2026-11-20 09:00:00 UTC") as caught:
        jobs.start("dig", "default", {"accounts": ["222222222222"]}, user="bob")
    assert caught.value.job_id == job.job_id
    other = jobs.start("dig", "default", {"accounts": ["333333333333"]}, user="bob")
    digging.go_on.set()
    assert ended(jobs, job).status is ended(jobs, other).status is JobStatus.COMPLETED
    assert jobs.run("dig", "default", ACCOUNTS, user="bob").status is JobStatus.COMPLETED


def test_a_server_that_stops_marks_its_own_jobs_and_what_they_still_say_changes_nothing(
    jobs: Jobs, digging: Digging
) -> None:
    digging.hold()
    job = jobs.start("dig", "default", ACCOUNTS, user="ann")
    while not digging.given:
        time.sleep(0.01)
    jobs.close()
    stopped = jobs.job("default", job.job_id)
    assert stopped is not None
    assert (stopped.status, stopped.failures[0].code) == (JobStatus.INTERRUPTED, "interrupted")
    digging.go_on.set()
    time.sleep(0.5)
    assert jobs.job("default", job.job_id) == stopped


class Counting:
    """A store that counts heartbeats, and drops some on the way."""

    def __init__(self, store: JobStore, failing: int = 0) -> None:
        self._store = store
        self.failing = failing
        self.beats: list[Progress] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def beat(self, wanted: str, progress: Progress, moment: Moment) -> bool:
        self.beats.append(progress)
        if len(self.beats) <= self.failing:
            raise StoreError("the database did not answer")
        return self._store.beat(wanted, progress, moment)


def test_progress_is_written_soon_but_seldom_and_a_quiet_job_still_beats(store: JobStore, now: datetime) -> None:
    counting = Counting(store)
    shown: list[Job | None] = []

    def work(given: Assignment) -> Outcome:
        for number in range(20_000):
            given.report(Progress(number, 20_000))
        time.sleep(0.15)
        shown.append(store.find(given.job_id))
        time.sleep(0.6)
        shown.append(store.find(given.job_id))
        return Outcome()

    terms = replace(QUICK, beat=0.2, write=0.1)
    Jobs(counting, {"dig": Work(work)}, now=lambda: now, terms=terms).run("dig", "default", {}, user="ann")
    busy, quiet = shown
    assert busy is not None
    assert quiet is not None
    assert busy.progress.done > 0
    assert quiet.progress.done == 19_999
    assert quiet.heartbeat is not None
    assert busy.heartbeat is not None
    assert (quiet.heartbeat - busy.heartbeat).total_seconds() > 0.15
    assert len(counting.beats) < 20


def test_a_heartbeat_that_cannot_be_written_does_not_stop_the_job(store: JobStore, now: datetime) -> None:
    counting = Counting(store, failing=2)

    def work(given: Assignment) -> Outcome:
        while len(counting.beats) < 4:
            time.sleep(0.02)
        return Outcome({"items": 1})

    job = Jobs(counting, {"dig": Work(work)}, now=lambda: now, terms=QUICK).run("dig", "default", {}, user="ann")
    assert job.status is JobStatus.COMPLETED


def test_a_kind_that_this_version_does_not_know_ends_the_job(jobs: Jobs, store: JobStore, now: datetime) -> None:
    job = store.create(Order("default", "newer", {}, "ann"), Moment(now, now))
    assert jobs.perform(job.job_id).failures[0].code == "unknown"


def test_an_awakened_job_notices_that_it_lost_its_row(
    store: JobStore, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """A laptop that slept: others declared the job dead and did it again; it must not undo what they wrote."""
    later = wall_clock() + timedelta(hours=1)
    others = Jobs(store, {}, now=lambda: now, terms=replace(QUICK, clock=lambda: later))

    def work(given: Assignment) -> Outcome:
        assert [job.job_id for job in others.reap()] == [given.job_id]
        time.sleep(0.5)
        return Outcome({"items": 99})

    with caplog.at_level(logging.WARNING):
        job = Jobs(store, {"dig": Work(work, locks)}, now=lambda: now, terms=QUICK).run(
            "dig", "default", ACCOUNTS, user="ann"
        )
    assert (job.status, job.counts) == (JobStatus.INTERRUPTED, {})
    assert "declared interrupted" in caplog.text
