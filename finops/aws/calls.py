"""The one road of every AWS call: paging, metering, the ceiling on paid requests, the circuit breaker, error kinds.

Retries are botocore's (standard mode, three attempts) and nobody else's. A paid request whose answer was lost is not
repeated, since AWS may have charged for it: it keeps its reservation and counts at its price. Nor is one that sends a
mail.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError

from finops.aws.breaker import Attempt, Breaker, BreakerState, CircuitOpen
from finops.aws.failures import NEVER_SENT, RAISED_BY_CALLS, SERVER_ERROR, Malformed, Place, aws_error, maybe_charged
from finops.aws.paging import Tokens
from finops.model.errors import AwsError
from finops.model.metering import Caller, CallRecord, Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from botocore.client import BaseClient

    from aws_session import AccountClient, AwsSessions
    from finops.aws.permissions import Operation

PAGES_AT_MOST = 10_000
_UNREACHED = (AwsError.UNAVAILABLE, AwsError.THROTTLED)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to AWS. `required` names the keys without which an answer is malformed.

    No account means the own one, no region the configured one. `charge` is what AWS bills by what is asked for (so much
    a metric): it is counted when the answer is there, and the ceiling on paid requests does not hold it back.
    """

    operation: Operation
    params: Mapping[str, Any]
    required: tuple[str, ...]
    account: str = ""
    region: str = ""
    charge: Decimal = Decimal(0)


class Calls:
    """Calls AWS for everybody; safe to share between threads."""

    def __init__(
        self,
        sessions: AwsSessions,
        meter: Meter,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._meter = meter
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, str, str], Breaker] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._made: Counter[tuple[str, str]] = Counter()
        self._final: set[tuple[int, str]] = set()

    @property
    def sessions(self) -> AwsSessions:
        """The clients' source, for diagnostics."""
        return self._sessions

    def call(self, ask: Ask, caller: Caller) -> dict[str, Any]:
        """The answer of one request, with the required keys in it.

        AwsError for every failure; CeilingReached before a paid request that the month's budget has no room for.
        """
        place = Place(ask.operation, ask.account, ask.region or self._sessions.region)
        try:
            with self._breaker(place).attempt() as attempt:
                return self._metered(ask, caller, place, attempt)
        except CircuitOpen as refusal:
            self._record(place, caller, AwsError.REFUSED)
            reason = f"It failed several times in a row and is {refusal}"
            raise place.error(AwsError.REFUSED, "CircuitOpen", reason) from None

    def pages(
        self, ask: Ask, caller: Caller, *, tokens: Tokens | None = None, limit: int = PAGES_AT_MOST
    ) -> Iterator[dict[str, Any]]:
        """Every page, each one metered, and each paid one reserved, when it is asked for.

        `tokens` names the token fields of an operation that botocore has no paginator for; ValueError when neither
        knows. A token that comes back a second time, and a further page past `limit`, are malformed: never a short
        list.
        """
        rule = tokens or self._paging(ask.operation)
        place = Place(ask.operation, ask.account, ask.region or self._sessions.region)
        seen: set[tuple[tuple[str, str], ...]] = set()
        current = ask
        for _ in range(limit):
            answer = self.call(current, caller)
            yield answer
            following = rule.following(answer)
            if not following:
                return
            mark = tuple(sorted((name, str(value)) for name, value in following.items()))
            if mark in seen:
                raise place.error(AwsError.MALFORMED, "RepeatedToken", "The same page token came twice.")
            seen.add(mark)
            current = replace(ask, params={**ask.params, **following})
        raise place.error(AwsError.MALFORMED, "TooManyPages", f"There are more than {limit} pages.")

    def breakers(self) -> dict[tuple[str, str, str], BreakerState]:
        """The state of every breaker used so far, by (account, region, service)."""
        with self._lock:
            found = dict(self._breakers)
        return {place: breaker.state() for place, breaker in found.items()}

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Calls of this process by (service, operation, outcome), for the metrics."""
        with self._lock:
            return dict(self._counts)

    def made(self, caller: Caller) -> int:
        """Calls of this process for a caller's tenant and feature, whoever the user."""
        with self._lock:
            return self._made[caller.tenant, caller.feature]

    def _metered(self, ask: Ask, caller: Caller, place: Place, attempt: Attempt) -> dict[str, Any]:
        price = ask.operation.price
        if price:
            self._meter.reserve(price, caller)
        started = self._monotonic()
        try:
            answer = self._answer(ask)
        except RAISED_BY_CALLS as error:
            failure = aws_error(error, place)
            cost = price if maybe_charged(error) else Decimal(0)
            if price and not cost:
                self._meter.release(price, caller)
            attempt.reached = None if failure.kind == AwsError.REFUSED else failure.kind not in _UNREACHED
            self._record(place, caller, failure.kind, price=cost, started=started)
            # The cause is cut off: AWS's own text of a bad signature quotes the session token.
            raise failure from None
        attempt.reached = True
        self._record(place, caller, "ok", price=price + ask.charge, started=started)
        return answer

    def _answer(self, ask: Ask) -> dict[str, Any]:
        client = self._client(ask)
        answer: dict[str, Any] = getattr(client, xform_name(ask.operation.name))(**ask.params)
        missing = [key for key in ask.required if key not in answer]
        if missing:
            raise Malformed(f"It lacks {', '.join(missing)}.")
        return answer

    def _client(self, ask: Ask) -> BaseClient | AccountClient:
        operation = ask.operation
        client = self._sessions.client(operation.service, account=ask.account or None, region=ask.region or None)
        if operation.price or operation.writes:
            self._make_lost_answers_final(client, operation)
        return client

    def _make_lost_answers_final(self, client: BaseClient | AccountClient, operation: Operation) -> None:
        with self._lock:
            if (
                id(client.meta),
                operation.name,
            ) in self._final:  # clients live as long as their session, so ids stay theirs
                return
            service_id = client.meta.service_model.service_id.hyphenize()
            final = _unclear_answer_is_final if operation.writes else _lost_answer_is_final
            client.meta.events.register_first(f"needs-retry.{service_id}.{operation.name}", final)
            self._final.add((id(client.meta), operation.name))

    def _paging(self, operation: Operation) -> Tokens:
        rule = self._sessions.paginator(operation.service, operation.name)
        if rule is None:
            raise ValueError(f"{operation.service}:{operation.name} has no paginator: name its token fields")
        return Tokens.of(rule)

    def _breaker(self, place: Place) -> Breaker:
        key = (place.account, place.region, place.operation.service)
        with self._lock:
            return self._breakers.setdefault(key, Breaker(self._now, self._monotonic))

    def _record(
        self, place: Place, caller: Caller, outcome: str, *, price: Decimal = Decimal(0), started: float | None = None
    ) -> None:
        operation = place.operation
        took = 0 if started is None else round((self._monotonic() - started) * 1000)
        with self._lock:
            self._counts[operation.service, operation.name, outcome] += 1
            self._made[caller.tenant, caller.feature] += 1
        self._meter.record(
            CallRecord(operation.service, operation.name, outcome, place.account, place.region, caller, took, price)
        )


def _lost_answer_is_final(caught_exception: Exception | None = None, **_: object) -> None:
    """Ends botocore's retries of a paid request that left and was not answered: a second might be charged too."""
    if caught_exception is not None and not isinstance(caught_exception, NEVER_SENT):
        raise caught_exception


def _unclear_answer_is_final(
    response: tuple[Any, Any] | None = None,
    operation: Any = None,
    caught_exception: Exception | None = None,
    **_: object,
) -> None:
    """Ends retries also where AWS answered that something went wrong on its side: it may have done what was asked."""
    _lost_answer_is_final(caught_exception)
    if response is not None and response[0].status_code >= SERVER_ERROR:
        raise ClientError(response[1], operation.name)
