"""What runs when: a clock that asks the facade to bring stored costs up to date.

APScheduler is the ticker only. Whether a run is due is read from stored facts (when did the last refresh end?), so a
restart, a late wake-up or a second process never pays twice: the refresh holds a lease and skips when it is not due.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from finops.model.errors import FinopsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.facade import Finops

TICK = timedelta(minutes=1)

log = logging.getLogger(__name__)


def start(finops: Finops) -> Callable[[], None]:
    """Starts ticking in a background thread, the first time at once. Returns what stops it."""
    ticker = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticker.add_job(tick, "interval", args=[finops], seconds=TICK.total_seconds(), id="tick")
    ticker.add_job(tick, args=[finops], id="first")
    ticker.start()

    def stop() -> None:
        ticker.shutdown(wait=False)

    return stop


def tick(finops: Finops) -> None:
    """One turn of the clock: refreshes stored costs when they are older than the settings allow.

    In aws mode the first refresh is the dear one, and a person's decision (`costs refresh`): the clock only follows up.
    """
    finops.health.ticked()
    settings = finops.settings
    first = settings.mode != "aws"
    if not finops.costs.refresh_due(settings.refresh_tenant, hours=settings.refresh_hours, first=first):
        return
    log.info("refreshing costs of tenant %s", settings.refresh_tenant)
    try:
        result = finops.costs.refresh(settings.refresh_tenant, user="scheduler")
    except FinopsError as error:
        log.warning("cost refresh failed: %s", error)
        return
    log.info("cost refresh %s: %s requests, %s USD", result.status, result.requests, result.cost)
