"""The side thread of a running job: says that it lives and how far it is, and notices when nobody believes it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from finops.model.errors import StoreError
from finops.model.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.jobs.terms import Terms

log = logging.getLogger(__name__)


class Beat:
    """Calls `tell` every `terms.beat` seconds, and sooner when there is news, but not twice in `terms.write` seconds.

    `tell` returns False when the job was declared ended (this process had been asleep for too long): nothing is told
    from then on, and `lost` is set.

        with Beat(tell, terms) as beat:
            beat.report(Progress(done=1, total=2))
    """

    def __init__(self, tell: Callable[[Progress], bool], terms: Terms) -> None:
        self._tell = tell
        self._terms = terms
        self._news = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.latest = Progress()
        self.lost = False

    def report(self, progress: Progress) -> None:
        """How far the job is; written soon, the caller does not wait for it."""
        self.latest = progress
        self._news.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._news.set()
        self._thread.join(timeout=self._terms.beat)

    def _run(self) -> None:
        while not self.lost:
            self._news.wait(self._terms.beat)
            if self._over.is_set():
                return
            self._news.clear()
            self.lost = not self._told()
            self._over.wait(self._terms.write)
        log.warning("this job was declared interrupted while its process was asleep; what it still writes is harmless")

    def _told(self) -> bool:
        try:
            return self._tell(self.latest)
        except StoreError as error:
            log.warning("a heartbeat could not be written: %s", error)
            return True
