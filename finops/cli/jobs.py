"""`jobs list` and `worker`."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from os import getpid
from pathlib import Path
from typing import TYPE_CHECKING

import click

import scheduler
from finops.api.envelope import Meta, envelope
from finops.api.job_documents import jobs_document
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.text import Table
from finops.model.jobs import Job, JobStatus
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
MAX_LIMIT = 1000
PATIENCE = ((signal.SIGTERM, 10), (signal.SIGQUIT, 15))
"""How a Celery worker is told to end, and the seconds it is given: to finish the jobs under way, then without them."""


@click.group()
def jobs() -> None:
    """Work that runs by itself: discoveries and what else takes its time."""


@jobs.command("list", cls=SeveralValues)
@click.option("--kind", default="", metavar="K", help="Only jobs of this kind, as in inventory.discover.")
@click.option(
    "--status", "statuses", multiple=True, type=click.Choice([str(status) for status in JobStatus]),
    help="Only jobs that stand so; several, or repeated.",
)  # fmt: skip
@click.option("--limit", default=50, type=click.IntRange(1, MAX_LIMIT), help="At most so many, the newest; default 50.")
@reported
def list_jobs(session: Session, *, kind: str, statuses: tuple[str, ...], limit: int) -> Result:
    """Jobs, newest first: how they stand, how far they are, what came of them."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_HEALTH, tenant)
        wanted = tuple(JobStatus(status) for status in statuses)
        found, total = finops.jobs.jobs(tenant, kind=kind, statuses=wanted, limit=limit)
        document = jobs_document(found, total, tenant=tenant, as_of=finops.now())
    told = f"Tenant {tenant}: {total} jobs" + (f", the newest {len(found)} of them." if len(found) < total else ".")
    return Result(document, (told,), _table(found))


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(min=1), metavar="N",
    help="Jobs of a broker done at once; default one per processor.",
)  # fmt: skip
@reported
def worker(session: Session, *, concurrency: int | None) -> Result:
    """The scheduler and job runner without the web pages: turns the clock, and with a broker does its jobs."""
    code = 0
    with _told_to_stop() as stopped, session.finops() as finops:
        stop_clock = scheduler.start(finops)
        try:
            if session.settings.broker:
                code = _run_celery(stopped, concurrency)
            else:
                stopped.wait()
        finally:
            stop_clock()
            finops.jobs.reap()
        meta = Meta(tenant=session.writing_tenant(), as_of=finops.now())
    told = "The worker was told to stop." if code == 0 else "The Celery worker ended by itself; its log says why."
    return Result(envelope({"stopped": code == 0}, meta), (told,), code=code)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by SIGTERM and SIGINT, once: a second Ctrl-C ends the program as usual."""
    stopped = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _: object) -> None:
        stopped.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_celery(stopped: threading.Event, concurrency: int | None) -> int:
    """A Celery worker until this process is told to stop; 1 when it ends by itself."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "finops.worker",
        "--quiet",
        "worker",
        "--supervisor",
        str(getpid()),
    ]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    command += ["--concurrency", str(concurrency)] if concurrency else []
    # In a session of its own: Ctrl-C reaches this process only, which then tells the worker how to end.
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603 - this interpreter, our own words
    try:
        while not stopped.wait(0.5):
            if child.poll() is not None:
                return 1
    finally:
        _end(child)
    return 0


def _end(child: subprocess.Popen[bytes]) -> None:
    """Politely, then less so."""
    for number, seconds in PATIENCE:
        if child.poll() is None:
            child.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
            return
    child.kill()
    child.wait()


def _table(found: Sequence[Job]) -> Table:
    columns = ("job_id", "kind", "status", "user", "created", "started", "ended", "progress", "failures")
    return Table(
        columns,
        tuple(
            (
                job.job_id, job.kind, str(job.status), job.user, job.created, job.started, job.ended,
                _progress(job), len(job.failures),
            )
            for job in found
        ),
    )  # fmt: skip


def _progress(job: Job) -> str:
    """Steps done of those known while a job is open, and what it counted once it has ended."""
    if job.status.open:
        reached = job.progress
        return f"{reached.done}/{reached.total}" if reached.total else ""
    return ", ".join(f"{name} {count}" for name, count in sorted(job.counts.items()))
