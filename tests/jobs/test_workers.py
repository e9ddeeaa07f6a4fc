"""Jobs on real Celery workers, over Redis and RabbitMQ: shared out, killed in the middle, and done again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kombu
import psutil
import pytest

from finops.jobs.broker import Sender
from finops.model.errors import Busy
from finops.model.jobs import Job, JobStatus, Progress
from tests.jobs import digging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.jobs import Jobs

ROOT = Path(__file__).parents[2]
ACCOUNTS = [f"{number}" * 12 for number in range(1, 6)]
START_SECONDS = 60

pytestmark = pytest.mark.slow


class Yard:
    """A database, a broker's queue and a folder of a test's own, and the workers on them."""

    def __init__(self, database: str, broker: str, folder: Path) -> None:
        self.folder = folder
        self.broker = broker
        self.using = {
            "database": database,
            "broker": broker,
            "folder": str(folder),
            "queue": f"finops-test-{uuid.uuid4().hex[:12]}",
        }
        self.jobs: Jobs = digging.jobs(self.using, broker)
        self.log = folder / "worker.log"
        self._workers: list[psutil.Popen] = []

    def worker(self, *options: str, under: tuple[str, ...] = ()) -> psutil.Popen:
        """A Celery worker with two processes, once it is ready."""
        command = [*under, sys.executable, "-m", "celery", "-A", "tests.jobs.digging", "worker", "-c", "2"]
        command += ["--without-gossip", "--without-mingle", "-l", "INFO", *options]
        ready = self._ready()
        with self.log.open("ab") as log:
            environment = {**os.environ, "DIGGING": json.dumps(self.using)}
            process = psutil.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._workers.append(process)
        wait(lambda: self._ready() > ready or process.poll() is not None, START_SECONDS)
        assert process.poll() is None, self.log.read_text("utf-8")
        return process

    def _ready(self) -> int:
        return self.log.read_text("utf-8").count(" ready.") if self.log.exists() else 0

    def hold(self, *accounts: str) -> None:
        for account in accounts:
            (self.folder / f"{account}.held").touch()

    def let_go(self) -> None:
        for held in self.folder.glob("*.held"):
            held.unlink()

    def begun(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.begun"))

    def done(self) -> dict[str, int]:
        """How often each account was dug up."""
        return {path.stem: len(path.read_text("utf-8").split()) for path in sorted(self.folder.glob("*.done"))}

    def start(self, *accounts: str) -> Job:
        return self.jobs.start("dig", "default", {"accounts": list(accounts)}, user="ann")

    def look(self, job: Job) -> Job:
        found = self.jobs.job("default", job.job_id)
        assert found is not None
        return found

    def parts(self, job: Job) -> dict[str, Job]:
        listed, _ = self.jobs.jobs("default", limit=500)
        return {str(part.arguments["accounts"][0]): part for part in listed if part.parent == job.job_id}

    def ended(self, job: Job, seconds: float = 30) -> Job:
        wait(lambda: not self.look(job).status.open, seconds)
        return self.look(job)

    def close(self) -> None:
        for worker in self._workers:
            kill_tree(worker)
        self.jobs.close()
        with kombu.Connection(self.broker) as connection:
            connection.default_channel.queue_delete(self.using["queue"])


def wait(until: Callable[[], Any], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def kill_tree(process: psutil.Popen) -> None:
    """`kill -9` of a process and of all it started."""
    if process.poll() is None:
        for each in (process, *process.children(recursive=True)):
            each.kill()
    process.wait(10)


@pytest.fixture(params=["redis", "rabbitmq"])
def yard(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Yard]:
    with contextlib.closing(Yard(sqlite_url, request.getfixturevalue(f"{request.param}_url"), tmp_path)) as found:
        yield found


@pytest.fixture
def redis_yard(sqlite_url: str, redis_url: str, tmp_path: Path) -> Iterator[Yard]:
    """For what has nothing to do with the kind of broker."""
    with contextlib.closing(Yard(sqlite_url, redis_url, tmp_path)) as found:
        yield found


def test_a_job_is_shared_out_and_ends_once_when_all_its_parts_have(yard: Yard) -> None:
    early = yard.start("000000000000")  # of one part, and not split; waits for the worker
    with pytest.raises(Busy, match="waits for a worker"):
        yard.start("000000000000")
    yard.worker()
    assert yard.ended(early).counts == {"assets": 1}
    seen: list[Progress] = []
    job = yard.jobs.run("dig", "default", {"accounts": ACCOUNTS}, user="ann", progress=seen.append)
    assert (job.status, job.counts, job.failures) == (JobStatus.COMPLETED, {"assets": 5}, ())
    assert (job.progress.done, job.progress.total, job.progress.items) == (5, 5, 5)
    assert yard.done() == dict.fromkeys(["000000000000", *ACCOUNTS], 1)
    parts = yard.parts(job)
    assert sorted(parts) == ACCOUNTS
    assert {part.status for part in parts.values()} == {JobStatus.COMPLETED}
    assert all(part.worker for part in parts.values())
    assert yard.jobs.jobs("default")[1] == 1 + 6


def test_a_killed_process_of_the_pool_interrupts_its_part_and_the_others_go_on(redis_yard: Yard) -> None:
    redis_yard.worker()
    redis_yard.hold(ACCOUNTS[0])
    job = redis_yard.start(*ACCOUNTS)
    wait(lambda: len(redis_yard.done()) == 4, 30)
    os.kill(int((redis_yard.folder / f"{ACCOUNTS[0]}.begun").read_text("utf-8")), signal.SIGKILL)
    over = redis_yard.ended(job, 10)
    assert (over.status, over.counts) == (JobStatus.PARTIAL, {"assets": 4})
    assert [(failure.code, failure.account) for failure in over.failures] == [("interrupted", ACCOUNTS[0])]
    redis_yard.let_go()
    again = redis_yard.jobs.run("dig", "default", {"accounts": ACCOUNTS}, user="ann")
    assert (again.status, again.counts) == (JobStatus.COMPLETED, {"assets": 5})
    assert redis_yard.done() == {ACCOUNTS[0]: 1, **dict.fromkeys(ACCOUNTS[1:], 2)}


@pytest.mark.parametrize("whole", [True, False], ids=["all of it", "its first process"])
def test_a_killed_worker_leaves_no_job_open_and_a_rerun_gives_the_same(yard: Yard, whole: bool) -> None:
    worker = yard.worker()
    yard.hold(*ACCOUNTS)
    job = yard.start(*ACCOUNTS)
    wait(lambda: len(yard.begun()) == 2, 30)
    family = worker.children(recursive=True)
    if whole:
        kill_tree(worker)
    else:
        worker.kill()
        worker.wait(10)
        _, alive = psutil.wait_procs(family, timeout=10)
        assert not alive, "a process went on without its worker"
    over = yard.ended(job, 30)
    assert over.status is JobStatus.INTERRUPTED
    assert {part.status for part in yard.parts(job).values()} == {JobStatus.INTERRUPTED}
    assert yard.done() == {}
    yard.let_go()
    yard.worker()
    again = yard.jobs.run("dig", "default", {"accounts": ACCOUNTS}, user="ann")
    assert (again.status, again.counts) == (JobStatus.COMPLETED, {"assets": 5})
    # What was left of the killed job in the queue has come by now, and was left alone.
    assert yard.done() == dict.fromkeys(ACCOUNTS, 1)


def test_another_worker_takes_over_what_a_killed_one_had_not_begun(yard: Yard) -> None:
    worker = yard.worker()
    yard.hold(*ACCOUNTS)
    job = yard.start(*ACCOUNTS)
    wait(lambda: len(yard.begun()) == 2, 30)
    lost = yard.begun()
    yard.worker()
    wait(lambda: len(yard.begun()) > 2, 30)
    kill_tree(worker)
    yard.let_go()
    over = yard.ended(job, 30)
    assert (over.status, over.counts) == (JobStatus.PARTIAL, {"assets": 3})
    assert yard.done() == {account: 1 for account in ACCOUNTS if account not in lost}
    assert sorted(failure.account for failure in over.failures) == lost


def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(redis_yard: Yard) -> None:
    worker = redis_yard.worker()
    redis_yard.hold(ACCOUNTS[0])
    job = redis_yard.start(ACCOUNTS[0])
    wait(redis_yard.begun, 30)
    worker.terminate()
    time.sleep(0.5)
    redis_yard.let_go()
    assert worker.wait(20) == 0
    assert redis_yard.look(job).status is JobStatus.COMPLETED


def test_a_worker_that_may_not_finish_leaves_its_jobs_interrupted(redis_yard: Yard) -> None:
    worker = redis_yard.worker()
    redis_yard.hold(ACCOUNTS[0])
    job = redis_yard.start(ACCOUNTS[0])
    wait(redis_yard.begun, 30)
    worker.send_signal(signal.SIGQUIT)
    worker.wait(30)
    assert redis_yard.ended(job, 10).status is JobStatus.INTERRUPTED


def test_a_worker_does_not_outlive_the_process_that_supervises_it(redis_yard: Yard) -> None:
    """`sh` starts the worker, tells it who it is, and is killed."""
    shell = ("sh", "-c", '"$@" --supervisor $$ & wait', "supervisor")
    supervisor = redis_yard.worker(under=shell)
    family = supervisor.children(recursive=True)
    assert len(family) >= 3
    supervisor.kill()
    _, alive = psutil.wait_procs(family, timeout=15)
    assert not alive


def test_a_message_that_is_no_job_of_ours_does_no_harm(yard: Yard) -> None:
    sender = Sender(yard.broker, yard.using["queue"])
    sender.send("no-such-job")
    with kombu.Connection(yard.broker) as connection:
        producer = connection.Producer(serializer="pickle")
        producer.publish({"x": 1}, routing_key=yard.using["queue"])
    yard.worker()
    job = yard.start(ACCOUNTS[0])
    assert yard.ended(job).status is JobStatus.COMPLETED
    wait(lambda: "there is no job no-such-job" in yard.log.read_text("utf-8"), 10)
    sender.close()


def test_a_job_whose_worker_cannot_reach_the_database_is_done_once_it_can(redis_yard: Yard) -> None:
    (redis_yard.folder / "no-database").touch()
    redis_yard.worker()
    job = redis_yard.start(ACCOUNTS[0])
    wait(lambda: "Retry in" in redis_yard.log.read_text("utf-8"), 10)
    assert redis_yard.look(job).status is JobStatus.PENDING
    (redis_yard.folder / "no-database").unlink()
    assert redis_yard.ended(job).status is JobStatus.COMPLETED
