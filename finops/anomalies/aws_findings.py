"""AWS's findings: asked for at most once a day, kept in a small file of each tenant, told with their state and age."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from finops.anomalies.aws_file import MOST_BYTES, read, written
from finops.aws.cost_anomalies import FEATURE, KNOWN_DAYS
from finops.aws.failures import failure_of
from finops.model.aws_anomalies import AwsFindings, AwsState
from finops.model.errors import AwsError, CeilingReached, StoreError
from finops.model.metering import Caller
from finops.model.outcome import Failure
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.model.aws_anomalies import AwsFinding
    from finops.store.blobs import Blobs

CEILING = "ceiling"

log = logging.getLogger(__name__)


class Asked(Protocol):
    """Who asks AWS: `finops.aws.cost_anomalies`."""

    def monitors(self, caller: Caller) -> int:
        """How many monitors there are."""

    def findings(self, caller: Caller, period: Period) -> tuple[AwsFinding, ...]:
        """What they found that ended in a period."""


class AwsDesk:
    """AWS's findings of every tenant. Safe to share between threads and, in a folder, between processes."""

    def __init__(self, blobs: Blobs, aws: Asked, *, now: Callable[[], datetime]) -> None:
        self._blobs = blobs
        self._aws = aws
        self._now = now

    def kept(self, tenant: str) -> AwsFindings:
        """What AWS last said, and what came of asking last; sends no request. StoreError where it cannot be read."""
        content = self._blobs.get(_name(tenant), MOST_BYTES + 1)
        return AwsFindings() if content is None else read(content)

    def ask(self, tenant: str, *, user: str = "") -> AwsFindings:
        """Asks once a day: what was answered today already is returned without a request, since each page costs a cent.

        A refusal or failure is kept as such beside the last good answer, and may be asked again the same day.
        """
        with self._blobs.turn():
            before = self._before(tenant)
            if before.asked is not None and before.asked.date() == self._now().date() and before.failure is None:
                return before
            found = self._asked(before, Caller(tenant, FEATURE, user))
            self._blobs.put(_name(tenant), written(found))
            return found

    def _before(self, tenant: str) -> AwsFindings:
        """What is kept; nothing where it is damaged, so that asking again mends it."""
        try:
            return self.kept(tenant)
        except StoreError as error:
            log.warning("%s", error)
            return AwsFindings()

    def _asked(self, before: AwsFindings, caller: Caller) -> AwsFindings:
        now = self._now()
        period = Period(now.date() - timedelta(days=KNOWN_DAYS), now.date() + timedelta(days=1))
        try:
            monitors = self._aws.monitors(caller)
            findings = self._aws.findings(caller, period) if monitors else ()
        except AwsError as error:
            state = AwsState.DENIED if error.kind == AwsError.DENIED else AwsState.FAILED
            return replace(before, state=state, asked=now, failure=failure_of(error))
        except CeilingReached as error:
            return replace(before, state=AwsState.FAILED, asked=now, failure=Failure(CEILING, str(error)))
        state = AwsState.TOLD if monitors else AwsState.NO_MONITORS
        return AwsFindings(state, now, now if monitors else None, period.start, monitors, findings)


def _name(tenant: str) -> str:
    return f"{hashlib.sha256(tenant.encode('utf-8', 'surrogatepass')).hexdigest()}.json"
