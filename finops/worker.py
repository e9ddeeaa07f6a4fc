"""Celery's entry: `python -m celery -A finops.worker worker` does the jobs that a broker hands out.

`python -m finops worker` starts it together with the scheduler. Each process of the pool opens the product after it
was forked, never before: no connection is shared.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from celery import bootsteps, signals
from click import Option

from config import SettingsError, load_settings
from finops import facade
from finops.health import logs
from finops.jobs.broker import TASK, celery_app
from finops.jobs.terms import QUEUE
from finops.model.errors import FinopsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery

BAD_SETTINGS = 2
SUPERVISOR = "--supervisor"
"""Option of the Celery worker: the process that started it, and whose end it does not survive."""

_WATCH_SECONDS = 1.0
_RETRY = {"autoretry_for": (StoreError,), "max_retries": 20, "retry_backoff": 2, "retry_backoff_max": 60}
"""A database that does not answer: the message is kept for later. A job that was begun is left alone then."""

log = logging.getLogger(__name__)


def make_app(broker_url: str, perform: Callable[[str], object], queue: str = QUEUE) -> Celery:
    """A Celery application whose workers call `perform` with the id of each job."""
    app = celery_app(broker_url, queue)

    def job(job_id: str) -> None:
        try:
            perform(job_id)
        except StoreError:
            raise
        except FinopsError as error:
            log.warning("job %s: %s", job_id, error)

    app.task(name=TASK, ignore_result=True, **_RETRY)(job)
    app.user_options["worker"].add(Option((SUPERVISOR,), type=int, default=0, hidden=True))
    app.steps["worker"].add(Supervised)
    signals.worker_process_init.connect(_watch_parent, weak=False)
    return app


class Supervised(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery comes without types
    """Ends the worker at once when the process named by `--supervisor` is no longer its parent."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, supervisor: int = 0, **options: Any) -> None:
        super().__init__(parent, **options)
        self._supervisor = supervisor

    def start(self, parent: Any) -> None:
        """Looks every second."""
        if self._supervisor:
            parent.timer.call_repeatedly(_WATCH_SECONDS, _end_without, (self._supervisor,))


def _watch_parent(**_: Any) -> None:
    """A pool's process does not outlive its worker: its job would go on beside the one that is run again."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while True:
        _end_without(parent)
        time.sleep(_WATCH_SECONDS)


def _end_without(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _perform(job_id: str) -> None:
    facade.shared().jobs.perform(job_id)


def _open(**_: Any) -> None:
    facade.shared()


def _close(**_: Any) -> None:
    facade.shared().close()


@functools.cache
def _configured() -> Celery:
    """The application of this installation; one line and exit 2 when the settings do not name a broker."""
    try:
        settings = load_settings(environ_endpoint=os.environ.get("AWS_ENDPOINT_URL", ""))
    except SettingsError as error:
        sys.stderr.write(f"finops: {error}\n")
        raise SystemExit(BAD_SETTINGS) from None
    if not settings.broker:
        sys.stderr.write("finops: FINOPS_BROKER_URL: is needed by Celery workers; without it jobs need none\n")
        raise SystemExit(BAD_SETTINGS)
    signals.setup_logging.connect(lambda **_: logs.configure(settings.log_level), weak=False)
    signals.worker_process_init.connect(_open, weak=False)
    signals.worker_process_shutdown.connect(_close, weak=False)
    return make_app(settings.broker, _perform)


def __getattr__(name: str) -> Celery:
    """`app`, made when Celery asks for it: tests and tools may import this module without a broker."""
    if name != "app":
        raise AttributeError(name)
    return _configured()
