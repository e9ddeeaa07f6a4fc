"""Jobs in SQL: one of many wins, an end is an end, and a name is held by one open job at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from finops.model.errors import Busy, InputError
from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.model.outcome import Failure
from finops.store.job_rows import MAX_FAILURES
from finops.store.jobs import End, JobStore, Moment, Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
START = Moment(NOW, NOW)
ORDER = Order("default", "inventory.discover", {"accounts": ["111111111111"]}, "ann", ("inventory:111111111111",))
HOSTILE = "a\x00b \ud800 \u202eRTL \U0001f600 'quote\" %s ; DROP TABLE job"
T = TypeVar("T")


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)


def later(seconds: float) -> Moment:
    return Moment(NOW + timedelta(seconds=seconds), NOW + timedelta(seconds=seconds))


def part(account: str) -> Order:
    return replace(ORDER, arguments={"accounts": [account]}, locks=(f"inventory:{account}",))


def at_once(number: int, work: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


def completed(**counts: int) -> End:
    return End(JobStatus.COMPLETED, Outcome(counts))


def test_a_job_goes_from_pending_over_running_to_its_end(jobs: JobStore) -> None:
    job = jobs.create(ORDER, START)
    assert (job.status, job.created, job.started, job.worker) == (JobStatus.PENDING, NOW, None, "")
    begun = jobs.claim(job.job_id, "host:1", later(1))
    assert begun is not None
    assert (begun.status, begun.started, begun.worker) == (JobStatus.RUNNING, later(1).at, "host:1")
    assert jobs.beat(job.job_id, Progress(3, 9, items=40, note="eu-central-1"), later(2))
    found = jobs.find(job.job_id)
    assert found is not None
    assert (found.progress, found.heartbeat) == (Progress(3, 9, items=40, note="eu-central-1"), later(2).alive)
    failure = Failure("denied", "no", account="1" * 12, region="x", service="ec2", missing_action="ec2:Describe*")
    end = End(JobStatus.PARTIAL, Outcome({"items": 41}, (failure,)), Progress(9, 9, items=41))
    assert jobs.end(job.job_id, end, later(3)) == jobs.find(job.job_id)
    over = jobs.find(job.job_id)
    assert over is not None
    assert (over.status, over.ended, over.counts, over.failures, over.progress.done) == (
        JobStatus.PARTIAL, later(3).at, {"items": 41}, (failure,), 9,
    )  # fmt: skip


def test_one_of_twenty_that_want_the_same_job_gets_it(jobs: JobStore) -> None:
    job = jobs.create(ORDER, START)
    claims = at_once(20, lambda number: jobs.claim(job.job_id, f"host:{number}", START))
    won = [claim for claim in claims if claim is not None]
    assert len(won) == 1
    assert jobs.find(job.job_id) == won[0]


def test_one_of_twenty_jobs_that_need_the_same_name_is_made_and_the_others_learn_which(jobs: JobStore) -> None:
    def attempt(number: int) -> Job | Busy:
        try:
            return jobs.create(replace(ORDER, user=f"user {number}", locks=(f"own:{number}", *ORDER.locks)), START)
        except Busy as error:
            return error

    told = at_once(20, attempt)
    (made,) = [job for job in told if isinstance(job, Job)]
    refused = [error for error in told if isinstance(error, Busy)]
    assert len(refused) == 19
    assert {error.job_id for error in refused} == {made.job_id}
    assert all(made.job_id in str(error) and "since 2026-11-20 09:30:00 UTC" in str(error) for error in refused)
    assert jobs.page("default") == ((made,), 1)
    # Nothing of the refused ones is held: their own names are free.
    jobs.create(replace(ORDER, locks=tuple(f"own:{n}" for n in range(20) if f"user {n}" != made.user)), START)


def test_names_are_held_from_pending_to_the_end_and_by_tenant(jobs: JobStore) -> None:
    job = jobs.create(ORDER, START)
    jobs.create(replace(ORDER, tenant="other"), START)
    with pytest.raises(Busy, match="waits for a worker since"):
        jobs.create(ORDER, START)
    jobs.claim(job.job_id, "host:1", START)
    with pytest.raises(Busy, match="is under way since"):
        jobs.create(ORDER, START)
    jobs.end(job.job_id, completed(), START)
    assert jobs.create(ORDER, START).job_id != job.job_id


def test_names_that_differ_in_case_or_only_far_behind_are_different(jobs: JobStore) -> None:
    long = "x" * 400
    for name in ("Name", "name", f"{long}a", f"{long}b", HOSTILE, HOSTILE.upper()):
        jobs.create(replace(ORDER, locks=(name,)), START)
    for name in (f"{long}a", HOSTILE):
        with pytest.raises(Busy):
            jobs.create(replace(ORDER, locks=(name,)), START)


def test_an_ended_job_stays_as_it_ended(jobs: JobStore) -> None:
    job = jobs.create(ORDER, START)
    seen = jobs.claim(job.job_id, "host:1", START)
    assert seen is not None
    given_up = jobs.give_up(seen, End(JobStatus.INTERRUPTED), later(60))
    assert given_up is not None
    assert given_up.heartbeat == START.alive
    assert not jobs.beat(job.job_id, Progress(9, 9), later(61))
    assert jobs.end(job.job_id, completed(items=1), later(62)) is None
    assert jobs.claim(job.job_id, "host:2", later(63)) is None
    assert jobs.give_up(given_up, completed(), later(64)) is None
    assert jobs.find(job.job_id).status is JobStatus.INTERRUPTED
    jobs.create(ORDER, later(65))  # its name is free


def test_who_gave_a_sign_of_life_in_the_meantime_is_not_given_up(jobs: JobStore) -> None:
    job = jobs.create(ORDER, START)
    seen = jobs.claim(job.job_id, "host:1", START)
    assert seen is not None
    jobs.beat(job.job_id, Progress(), later(1))
    assert jobs.give_up(seen, End(JobStatus.INTERRUPTED), later(60)) is None
    assert jobs.find(job.job_id).status is JobStatus.RUNNING


def test_a_split_job_ends_once_whichever_part_is_last(jobs: JobStore) -> None:
    parent, parts = jobs.split(ORDER, [part(f"{number:012}") for number in range(12)], START)
    assert [each.arguments["accounts"] for each in parts] == [[f"{number:012}"] for number in range(12)]
    assert {each.parent for each in parts} == {parent.job_id}
    assert len({each.job_id for each in (parent, *parts)}) == 13

    def do(number: int) -> Job | None:
        jobs.claim(parts[number].job_id, f"host:{number}", START)
        jobs.end(parts[number].job_id, completed(items=number, places=1), later(number))
        return jobs.settle(parent.job_id, later(100))

    settled = [job for job in at_once(12, do) if job is not None]
    assert len(settled) == 1
    assert settled[0].status is JobStatus.COMPLETED
    assert settled[0].counts == {"items": sum(range(12)), "places": 12}
    assert jobs.find(parent.job_id) == settled[0]


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ("completed completed", "completed"),
        ("completed partial", "partial"),
        ("completed failed", "partial"),
        ("partial partial", "partial"),
        ("partial interrupted", "partial"),
        ("completed interrupted", "partial"),
        ("failed failed", "failed"),
        ("failed interrupted", "interrupted"),
        ("interrupted interrupted", "interrupted"),
    ],
)
def test_a_split_job_ends_as_its_parts_did(database: Database, ends: str, status: str) -> None:
    jobs = JobStore(database)
    parent, parts = jobs.split(ORDER, [part("1" * 12), part("2" * 12)], START)
    assert jobs.settle(parent.job_id, START) is None
    for each, word in zip(parts, ends.split(), strict=True):
        assert jobs.settle(parent.job_id, START) is None
        jobs.claim(each.job_id, "host:1", START)
        failure = Failure(word, f"about {each.arguments}")
        jobs.end(each.job_id, End(JobStatus(word), Outcome({"items": 2}, (failure,))), START)
    settled = jobs.settle(parent.job_id, START)
    assert settled is not None
    assert settled.status == status
    assert settled.counts == {"items": 4}
    assert [failure.code for failure in settled.failures] == ends.split()
    assert jobs.settle(parent.job_id, START) is None


def test_parts_whose_names_are_taken_fail_and_say_in_which_account(jobs: JobStore) -> None:
    holder = jobs.create(part("2" * 12), START)
    parent, waiting = jobs.split(ORDER, [part("1" * 12), part("2" * 12), part("1" * 12)], START)
    assert [each.arguments["accounts"] for each in waiting] == [["1" * 12]]
    jobs.claim(waiting[0].job_id, "host:1", START)
    jobs.end(waiting[0].job_id, completed(items=7), START)
    settled = jobs.settle(parent.job_id, START)
    assert settled is not None
    assert settled.status is JobStatus.PARTIAL
    assert settled.counts == {"items": 7}
    assert [(failure.code, failure.account) for failure in settled.failures] == [("busy", "2" * 12), ("busy", "1" * 12)]
    assert holder.job_id in settled.failures[0].message
    assert jobs.find(holder.job_id).status is JobStatus.PENDING
    with pytest.raises(Busy):
        jobs.create(part("2" * 12), START)


def test_a_split_job_none_of_whose_parts_can_run_is_refused(jobs: JobStore) -> None:
    parts = [part("1" * 12), part("2" * 12)]
    jobs.split(ORDER, parts, START)
    with pytest.raises(Busy) as caught:
        jobs.split(ORDER, parts, START)
    assert caught.value.job_id in str(caught.value)
    assert jobs.page("default")[1] == 3


def test_whole_jobs_are_found_behind_any_number_of_parts(jobs: JobStore) -> None:
    parent, _ = jobs.split(ORDER, [part(f"{number:012}") for number in range(60)], START)
    found, total = jobs.page("default", parts=False, limit=1)
    assert ([job.job_id for job in found], total) == ([parent.job_id], 1)
    assert jobs.page("default", limit=1)[1] == 61


def test_two_split_jobs_at_once_share_no_account(jobs: JobStore) -> None:
    """Each in another order, as two callers may have it: no deadlock, and each account once."""

    def attempt(number: int) -> tuple[Job, ...]:
        accounts = [f"{account:012}" for account in range(8)]
        if number % 2:
            accounts.reverse()
        try:
            return jobs.split(ORDER, [part(account) for account in accounts], START)[1]
        except Busy:
            return ()

    taken = [str(job.arguments) for won in at_once(6, attempt) for job in won]
    assert sorted(taken) == sorted({str({"accounts": [f"{account:012}"]}) for account in range(8)})


def test_how_far_a_split_job_is_comes_from_its_parts(jobs: JobStore) -> None:
    parent, parts = jobs.split(ORDER, [part(f"{number:012}") for number in range(4)], START)
    for each in parts[:2]:
        jobs.claim(each.job_id, "host:1", START)
    jobs.beat(parts[0].job_id, Progress(10, 20, items=5, calls=7, failures=1, seconds_left=30), START)
    jobs.end(parts[1].job_id, replace(completed(), progress=Progress(20, 20, items=6, calls=8)), START)
    for found in (jobs.find(parent.job_id), jobs.page("default")[0][-1]):
        assert found is not None
        assert found.progress == Progress(30, 80, 11, 15, 1, None, "1 of 4 parts have ended")


def test_jobs_are_listed_newest_first_also_within_one_instant(jobs: JobStore) -> None:
    made = [jobs.create(replace(ORDER, kind=f"kind {number % 2}", locks=()), START) for number in range(10)]
    jobs.create(replace(ORDER, tenant="other", locks=()), START)
    jobs.claim(made[3].job_id, "host:1", START)
    newest = [job.job_id for job in reversed(made)]
    assert sorted(newest, reverse=True) == newest
    listed, total = jobs.page("default", limit=4, offset=2)
    assert ([job.job_id for job in listed], total) == (newest[2:6], 10)
    listed, total = jobs.page("default", kind="kind 1", statuses=[JobStatus.RUNNING, JobStatus.FAILED])
    assert ([job.job_id for job in listed], total) == ([made[3].job_id], 1)
    assert jobs.page("default", limit=5, offset=99) == ((), 10)
    assert jobs.page("nobody") == ((), 0)


def test_a_repeated_history_repeats_its_ids_on_every_database(jobs: JobStore) -> None:
    jobs.create(replace(ORDER, locks=()), START)
    parent, parts = jobs.split(ORDER, [part("1" * 12), part("2" * 12)], START)
    assert [job.job_id for job in (parent, *parts)] == [
        f"01a1f84a-95c0-7000-8000-0b85a92b000{place}" for place in range(3)
    ]


def test_a_thousand_parts_are_made_in_one_go(jobs: JobStore) -> None:
    parent, parts = jobs.split(ORDER, [part(f"{number:012}") for number in range(1500)], START)
    assert len(parts) == len({each.job_id for each in parts}) == 1500
    with pytest.raises(Busy):
        jobs.split(ORDER, [part(f"{number:012}") for number in range(1499, -1, -1)], START)
    assert jobs.find(parent.job_id).progress.note == "0 of 1500 parts have ended"


def test_only_so_many_failures_are_kept_and_the_rest_is_counted(jobs: JobStore) -> None:
    parent, parts = jobs.split(ORDER, [part("1" * 12), part("2" * 12)], START)
    for each in parts:
        jobs.claim(each.job_id, "host:1", START)
        failures = tuple(Failure("denied", f"{number}") for number in range(150))
        jobs.end(each.job_id, End(JobStatus.PARTIAL, Outcome({}, failures)), START)
    settled = jobs.settle(parent.job_id, START)
    assert settled is not None
    assert len(settled.failures) == MAX_FAILURES
    assert settled.failures[-1] == Failure("more", "and 101 more failures")


def test_any_text_is_kept_or_made_harmless(jobs: JobStore) -> None:
    order = replace(ORDER, arguments={HOSTILE: [HOSTILE, {"x": HOSTILE}]}, user=HOSTILE * 20, locks=(HOSTILE,))
    job = jobs.create(order, START)
    assert job.arguments == order.arguments
    assert len(job.user) <= 191
    jobs.claim(job.job_id, "host:1", START)
    jobs.beat(job.job_id, Progress(note=HOSTILE), START)
    ended = jobs.end(job.job_id, End(JobStatus.FAILED, Outcome({HOSTILE: 1}, (Failure("x", HOSTILE),))), START)
    assert ended is not None
    assert (ended.counts, ended.failures[0].message, ended.progress.note) == ({HOSTILE: 1}, HOSTILE, HOSTILE)


@pytest.mark.parametrize("tenant", ["", "../other", "Default", "a b"])
def test_a_tenant_that_is_no_name_has_no_jobs(jobs: JobStore, tenant: str) -> None:
    with pytest.raises(InputError):
        jobs.create(replace(ORDER, tenant=tenant), START)
    with pytest.raises(InputError):
        jobs.split(replace(ORDER, tenant=tenant), [part("1" * 12), part("2" * 12)], START)
    with pytest.raises(InputError):
        jobs.page(tenant)
