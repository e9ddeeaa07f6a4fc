"""Jobs whose process dies: found out by their heartbeat or by their process, ended once, and free to be run again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import scheduler
from finops.jobs import Jobs, Terms, Work
from finops.jobs.processes import gone, here
from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.store.database import Database
from finops.store.jobs import End, JobStore, Moment, Order
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.jobs.conftest import Clock

ROOT = Path(__file__).parents[2]
ELSEWHERE = "another-host:4711"
ORDER = Order("default", "dig", {"accounts": ["111111111111"]}, "ann", ("inventory:111111111111",))
TERMS = Terms()

SLEEPER = """
import sys, time
from datetime import UTC, datetime
from finops.jobs import Jobs, Work
from finops.store.database import Database
from finops.store.jobs import JobStore

def dig(given):
    print(given.job_id, flush=True)
    time.sleep(600)

frozen = datetime(2026, 11, 20, 9, tzinfo=UTC)
jobs = Jobs(JobStore(Database(sys.argv[1])), {"dig": Work(dig, lambda *_: ("x",))}, now=lambda: frozen)
jobs.run("dig", "default", {"accounts": ["111111111111"]}, user="ann")
"""


@pytest.fixture
def jobs(store: JobStore, clock: Clock, now: datetime) -> Jobs:
    return Jobs(
        store,
        {"dig": Work(lambda _: Outcome({"items": 1}), lambda *_: ORDER.locks)},
        now=lambda: now,
        terms=replace(TERMS, clock=clock),
    )


def moment(clock: Clock) -> Moment:
    return Moment(clock.at, clock.at)


def running(store: JobStore, clock: Clock, worker: str = ELSEWHERE) -> Job:
    claimed = store.claim(store.create(ORDER, moment(clock)).job_id, worker, moment(clock))
    assert claimed is not None
    return claimed


@contextlib.contextmanager
def sleeper(url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process in the middle of a job, and the id of the job."""
    command = [sys.executable, "-c", SLEEPER, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_the_times_add_up_to_less_than_the_ninety_seconds_that_are_promised() -> None:
    assert (TERMS.beat, TERMS.dead, TERMS.reap) == (10, 45, 15)
    assert TERMS.dead + TERMS.reap <= 90
    assert scheduler.BEAT.total_seconds() <= TERMS.reap
    assert TERMS.dead >= 4 * TERMS.beat  # one heartbeat that comes late, or three that cannot be written, mean nothing


def test_a_job_is_interrupted_when_its_heartbeat_is_too_old_and_not_before(
    jobs: Jobs, store: JobStore, clock: Clock
) -> None:
    job = running(store, clock)
    clock.pass_by(TERMS.beat)
    assert store.beat(job.job_id, Progress(1, 2), moment(clock))
    clock.pass_by(TERMS.dead)
    assert jobs.reap() == ()
    clock.pass_by(0.001)
    (found,) = jobs.reap()
    assert (found.job_id, found.status) == (job.job_id, JobStatus.INTERRUPTED)
    assert found.failures[0].code == "interrupted"
    assert found.failures[0].account == "111111111111"
    assert ELSEWHERE in found.failures[0].message
    assert found.progress == Progress(1, 2)
    assert jobs.reap() == ()
    again = jobs.run("dig", "default", {}, user="bob")
    assert again.status is JobStatus.COMPLETED


def test_looking_at_jobs_and_starting_one_finds_the_dead(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    first = running(store, clock)
    clock.pass_by(60)
    assert [job.status for job in jobs.jobs("default")[0]] == [JobStatus.INTERRUPTED]
    second = running(store, clock)
    clock.pass_by(60)
    assert jobs.job("default", second.job_id).status is JobStatus.INTERRUPTED
    third = running(store, clock)
    clock.pass_by(60)
    assert jobs.run("dig", "default", {}, user="bob").status is JobStatus.COMPLETED
    assert {job.status for job in (store.find(each.job_id) for each in (first, second, third))} == {
        JobStatus.INTERRUPTED
    }


def test_twenty_that_look_at_once_find_a_dead_job_once(store: JobStore, clock: Clock, jobs: Jobs) -> None:
    running(store, clock)
    clock.pass_by(60)
    with ThreadPoolExecutor(20) as pool:
        found = [job for ended in pool.map(lambda _: jobs.reap(), range(20)) for job in ended]
    assert len(found) == 1


def test_a_job_that_waits_for_a_worker_is_not_dead_however_long_it_waits(
    jobs: Jobs, store: JobStore, clock: Clock
) -> None:
    job = store.create(ORDER, moment(clock))
    clock.pass_by(1_000_000)
    assert jobs.reap() == ()
    assert store.find(job.job_id).status is JobStatus.PENDING


def test_a_job_whose_process_died_before_it_began_frees_its_locks(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    store.create(replace(ORDER, worker=f"{here().rpartition(':')[0]}:{_ended_process()}"), moment(clock))
    assert jobs.run("dig", "default", {}, user="bob").status is JobStatus.COMPLETED


def test_a_killed_process_is_found_at_once_on_its_own_host_even_while_the_clock_stands_still(
    sqlite_url: str, store: JobStore, now: datetime
) -> None:
    mine = Jobs(store, {"dig": Work(lambda _: Outcome({"items": 1}), lambda *_: ("x",))}, now=lambda: now)
    with sleeper(sqlite_url) as (process, job_id):
        assert mine.job("default", job_id).status is JobStatus.RUNNING
        process.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 10  # far less than a heartbeat needs to grow old
        while mine.job("default", job_id).status.open and time.monotonic() < deadline:
            time.sleep(0.05)
        assert mine.job("default", job_id).status is JobStatus.INTERRUPTED  # not even waited for: a zombie
    assert mine.run("dig", "default", {}, user="bob").status is JobStatus.COMPLETED


def test_a_process_told_to_stop_says_so_itself(sqlite_url: str, store: JobStore) -> None:
    with sleeper(sqlite_url) as (process, job_id):
        process.send_signal(signal.SIGINT)
        process.wait(10)
    found = store.find(job_id)
    assert found.status is JobStatus.INTERRUPTED
    assert "told to stop" in found.failures[0].message


def _ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_what_can_be_known_of_a_process() -> None:
    host = here().rpartition(":")[0]
    assert host.startswith(socket.gethostname())
    assert here().endswith(f":{os.getpid()}")
    assert not gone(here())
    assert not gone(f"{host}:1")
    assert gone(f"{host}:{_ended_process()}")
    dead = _ended_process()
    for unknown in (
        f"another-{host}:{dead}",
        f"{host}/4026532000:{dead}",
        f"{host}:",
        f"{host}:x",
        "",
        f"{host}:{10**30}",
    ):
        assert not gone(unknown)


def split(store: JobStore, clock: Clock, number: int = 3) -> tuple[Job, tuple[Job, ...]]:
    accounts = [f"{account:012}" for account in range(number)]
    orders = [
        replace(ORDER, arguments={"accounts": [account]}, locks=(f"inventory:{account}",)) for account in accounts
    ]
    return store.split(replace(ORDER, locks=()), orders, moment(clock))


def test_a_split_job_ends_when_its_last_parts_died(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    parent, parts = split(store, clock)
    for part in parts:
        store.claim(part.job_id, ELSEWHERE, moment(clock))
    store.end(parts[0].job_id, End(JobStatus.COMPLETED, Outcome({"items": 5})), moment(clock))
    clock.pass_by(46)
    found = jobs.reap()
    assert [job.job_id for job in found] == [parts[1].job_id, parts[2].job_id, parent.job_id]
    assert (found[-1].status, found[-1].counts) == (JobStatus.PARTIAL, {"items": 5})
    assert [failure.account for failure in found[-1].failures] == ["000000000001", "000000000002"]


def test_a_split_job_is_ended_for_a_worker_that_died_between_its_last_part_and_the_whole(
    jobs: Jobs, store: JobStore, clock: Clock
) -> None:
    parent, parts = split(store, clock)
    for part in parts:
        store.claim(part.job_id, ELSEWHERE, moment(clock))
        store.end(part.job_id, End(JobStatus.COMPLETED), moment(clock))
    (settled,) = jobs.reap()
    assert (settled.job_id, settled.status) == (parent.job_id, JobStatus.COMPLETED)


def test_parts_that_nobody_will_take_do_not_keep_a_killed_job_open(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    """The only worker is killed with one part in hand: within 90 seconds the whole is over and may be run again."""
    parent, parts = split(store, clock)
    clock.pass_by(300)  # in the queue
    store.claim(parts[0].job_id, ELSEWHERE, moment(clock))
    killed = clock.at
    while store.find(parent.job_id).status.open:
        clock.pass_by(TERMS.reap)
        jobs.reap()
    assert (clock.at - killed).total_seconds() <= 90
    assert {store.find(part.job_id).status for part in parts} == {JobStatus.INTERRUPTED}
    assert store.find(parent.job_id).status is JobStatus.INTERRUPTED
    _, again = split(store, clock)
    assert len(again) == 3


def test_parts_wait_on_while_other_workers_live(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    _, parts = split(store, clock)
    busy = store.claim(store.create(replace(ORDER, locks=()), moment(clock)).job_id, "third-host:1", moment(clock))
    store.claim(parts[0].job_id, ELSEWHERE, moment(clock))
    for _ in range(20):
        clock.pass_by(TERMS.reap)
        store.beat(busy.job_id, Progress(), moment(clock))
        jobs.reap()
    assert [store.find(part.job_id).status for part in parts] == ["interrupted", "pending", "pending"]
    taken = store.claim(parts[1].job_id, "third-host:1", moment(clock))
    assert taken is not None


def test_parts_nobody_has_begun_wait_for_a_worker_like_any_job(jobs: Jobs, store: JobStore, clock: Clock) -> None:
    parent, _ = split(store, clock)
    clock.pass_by(1_000_000)
    assert jobs.reap() == ()
    assert store.find(parent.job_id).status is JobStatus.RUNNING


def test_every_database_finds_the_dead(postgres_url: str, mysql_url: str, clock: Clock, now: datetime) -> None:
    for url in (postgres_url, mysql_url):
        upgrade(url)
        database = Database(url)
        store = JobStore(database)
        clock.at = clock.at.replace(microsecond=123457)
        parent, parts = split(store, clock, 2)
        for part in parts:
            store.claim(part.job_id, ELSEWHERE, moment(clock))
        clock.pass_by(45.5)
        found = Jobs(store, {}, now=lambda: now, terms=replace(TERMS, clock=clock)).reap()
        assert [job.job_id for job in found] == [*(part.job_id for part in parts), parent.job_id]
        database.close()
