"""`python -m finops worker` for real: turns the clock, does a broker's jobs, is killed and told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from config import load_settings
from finops.facade import Finops, open_finops
from finops.model.assets import AssetQuestion
from finops.model.jobs import Job, JobStatus
from tests.services import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
DISCOVER = "inventory.discover"

pytestmark = pytest.mark.slow


def wait(until: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


class House:
    """A demo of a test's own, in which nothing is due by itself, and the workers on it."""

    def __init__(self, folder: Path, broker: str = "") -> None:
        self.folder = folder
        self.settings = {
            "FINOPS_DATA_DIR": str(folder / "data"),
            "FINOPS_NOW": "2026-11-20T09:00:00Z",
            "FINOPS_COSTS_REFRESH_HOURS": "0",
            "FINOPS_DISCOVERY_HOURS": "0",
            **({"FINOPS_BROKER_URL": broker} if broker else {}),
        }
        self.environment = {**os.environ, **self.settings}
        given = {name.removeprefix("FINOPS_").lower(): value for name, value in self.settings.items()}
        self.finops: Finops = open_finops(load_settings(**given))
        self.workers: list[psutil.Popen] = []

    def start(self, *command: str) -> psutil.Popen:
        """A program of this house; what it says goes to `out` and `err`."""
        with (self.folder / "out").open("ab") as out, (self.folder / "err").open("ab") as err:
            process = psutil.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=self.environment, stdout=out, stderr=err
            )
        self.workers.append(process)
        return process

    def worker(self, *options: str) -> psutil.Popen:
        """A worker that has the clock, and its pool if there is a broker."""
        process = self.start("finops", "worker", *options)
        wait(lambda: (self.finops.store.leases.holder("scheduler") or "").endswith(f":{process.pid}"))
        assert process.poll() is None, self.said("err")
        return process

    def said(self, where: str) -> str:
        return (self.folder / where).read_text("utf-8")

    def discover(self) -> Job:
        return self.finops.jobs.start(DISCOVER, "demo", {}, user="ann")

    def job(self, job: Job) -> Job:
        found = self.finops.jobs.job("demo", job.job_id)
        assert found is not None
        return found

    def parts(self, job: Job) -> list[Job]:
        return [part for part in self.finops.jobs.jobs("demo", limit=100)[0] if part.parent == job.job_id]

    def ended(self, job: Job) -> Job:
        wait(lambda: not self.job(job).status.open)
        return self.job(job)

    def assets(self) -> set[tuple[str, str, str]]:
        page = self.finops.inventory.page(AssetQuestion("demo", limit=5_000))
        assert page.total == len(page.items)
        return {(asset.asset_id, str(asset.lifecycle), asset.state) for asset in page.items}

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                for each in (worker, *worker.children(recursive=True)):
                    each.kill()
            worker.wait(10)
        self.finops.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with contextlib.closing(House(tmp_path)) as found:
        yield found


@pytest.fixture
def shared_out(redis_url: str, tmp_path: Path) -> Iterator[House]:
    """A house whose jobs a broker hands out; RabbitMQ has its turn in tests/jobs, on queues of other names."""
    with contextlib.closing(House(tmp_path, redis_url)) as found:
        yield found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_a_broker_it_turns_the_clock_until_it_is_told_to_stop(house: House, number: signal.Signals) -> None:
    worker = house.worker()
    assert not worker.children()
    worker.send_signal(number)
    assert worker.wait(20) == 0
    assert house.said("out") == "The worker was told to stop.\n"
    assert "Traceback" not in house.said("err")
    assert house.finops.store.leases.hold("scheduler", "the next one", 60)  # let go, not left to run out


def test_a_brokers_jobs_are_done_by_its_pool_and_it_ends_with_it(shared_out: House) -> None:
    worker = shared_out.worker("--concurrency", "2")
    job = shared_out.ended(shared_out.discover())
    assert job.status is JobStatus.PARTIAL  # the demo denies an account something and throttles a region
    parts = shared_out.parts(job)
    assert len(parts) == 8
    pool = {child.pid for child in worker.children(recursive=True)}
    assert {int(part.worker.rpartition(":")[2]) for part in parts} <= pool
    assert len(shared_out.assets()) > 2_000
    family = worker.children(recursive=True)
    worker.terminate()
    assert worker.wait(40) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert "Traceback" not in shared_out.said("err")


def test_a_killed_worker_shows_in_time_and_a_rerun_gives_the_same_assets(shared_out: House, tmp_path: Path) -> None:
    worker = shared_out.worker("--concurrency", "2")
    job = shared_out.discover()
    wait(lambda: any(part.status is JobStatus.RUNNING for part in shared_out.parts(job)))
    family = worker.children(recursive=True)
    worker.kill()
    worker.wait(10)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive, "a process went on without its worker"
    assert JobStatus.INTERRUPTED in {part.status for part in shared_out.parts(job)}
    shared_out.start("finops", "worker", "--concurrency", "2")  # the clock's lease runs out later: jobs need no clock
    assert shared_out.ended(job).status is JobStatus.PARTIAL
    assert "interrupted" in {failure.code for failure in shared_out.job(job).failures}
    again = shared_out.ended(shared_out.discover())
    assert "interrupted" not in {failure.code for failure in again.failures}
    (tmp_path / "quiet").mkdir()
    with contextlib.closing(House(tmp_path / "quiet")) as undisturbed:
        undisturbed.finops.jobs.run(DISCOVER, "demo", {}, user="ann")
        assert shared_out.assets() == undisturbed.assets()


def test_a_pool_that_ends_by_itself_ends_the_worker_with_1(redis_url: str, tmp_path: Path) -> None:
    with contextlib.closing(House(tmp_path, redis_url)) as house:
        worker = house.worker("--concurrency", "1")
        wait(worker.children)
        worker.children()[0].kill()
        assert worker.wait(20) == 1
        assert "ended by itself" in house.said("out")


def test_a_broker_that_is_not_there_is_waited_for_and_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    with contextlib.closing(House(tmp_path, f"redis://:hunter2@127.0.0.1:{free_port()}/0")) as house:
        worker = house.worker("--concurrency", "1")
        wait(lambda: "Cannot connect" in house.said("err"))
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(40) == 0
        assert "hunter2" not in house.said("err") + house.said("out")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("FINOPS_BROKER_URL", "", "finops: FINOPS_BROKER_URL: is needed by Celery workers"),
        ("FINOPS_BROKER_URL", "http://:hunter2@127.0.0.1", "finops: FINOPS_BROKER_URL: must be"),
        ("FINOPS_TENANT", "No Name", "finops: FINOPS_TENANT: must match"),
    ],
)
def test_celery_without_usable_settings_ends_with_2_and_one_line(
    house: House, name: str, value: str, told: str
) -> None:
    house.environment[name] = value
    assert house.start("celery", "-A", "finops.worker", "worker").wait(60) == 2
    assert house.said("err").startswith(told)
    assert house.said("err").count("\n") == 1
    assert "hunter2" not in house.said("err")


def test_importing_the_worker_or_its_application_opens_nothing(house: House) -> None:
    house.environment["FINOPS_BROKER_URL"] = "redis://127.0.0.1:1/0"
    house.environment["FINOPS_DATA_DIR"] = str(house.folder / "other")
    program = house.folder / "imports.py"
    program.write_text(
        "from finops import facade, worker\nassert worker.app.conf.task_default_queue == 'finops'\n"
        "assert worker.app is worker.app\nassert facade._shared is None\n",
        "utf-8",
    )
    house.environment["PYTHONPATH"] = str(ROOT)
    process = psutil.Popen([sys.executable, program], env=house.environment, cwd=house.folder)
    house.workers.append(process)
    assert process.wait(60) == 0
    assert not (house.folder / "other").exists()
