"""One run of checks: each measures under a time limit, and what it breaks is its own.

A crash, a refusal or a check that takes too long is a failure of that check; the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.aws.failures import kind_of
from finops.model.errors import CODE_FAULTS, FinopsError
from finops.model.findings import Observation, Verdict
from finops.model.outcome import Failure
from finops.waste.contract import evidence_of
from finops.waste.judging import judged, undetermined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.model.findings import Judgement, Levels
    from finops.waste.check import Check
    from finops.waste.context import Context
    from finops.waste.judging import TagRule

log = logging.getLogger(__name__)

SECONDS = 600.0
"""How long one check may take."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one check found. `whole` says that it ran to its end: only then does a missing observation say anything."""

    check: Check
    observations: tuple[Observation, ...] = ()
    failures: tuple[Failure, ...] = ()
    whole: bool = False


def measurement(check: Check, context: Context, *, seconds: float = SECONDS) -> Measurement:
    """Measures with one check, in a thread of its own that nobody waits for beyond its time."""
    reads = replace(context.reads, until=time.monotonic() + seconds)
    found: list[Measurement] = []
    worker = threading.Thread(
        target=lambda: found.append(_measured(check, replace(context, reads=reads))), name=check.check_id, daemon=True
    )
    worker.start()
    worker.join(seconds)
    if found:
        return found[0]
    log.warning("check %s was left after %.0f s", check.check_id, seconds)
    late = Failure("OutOfTime", f"{check.title}: not done within {seconds:.0f} seconds.", service=check.check_id)
    return Measurement(check, failures=(late,))


def _measured(check: Check, context: Context) -> Measurement:
    observations: list[Observation] = []
    failures: list[Failure] = list(context.estate.failures(*check.kinds))
    whole = False
    try:
        for one in check.measure(context):
            if isinstance(one, Observation):
                observations.append(one)
            else:
                failures.append(one)
        whole = True
    except (FinopsError, *CODE_FAULTS) as error:
        log.warning("check %s failed", check.check_id, exc_info=error)
        told = str(error) if isinstance(error, FinopsError) else f"it stopped with {type(error).__name__}"
        failures.append(Failure("CheckFailed", f"{check.title}: {told}", service=check.check_id))
    return Measurement(check, tuple(observations), tuple(dict.fromkeys(failures)), whole)


@dataclass(frozen=True, slots=True)
class Judged:
    """An observation and what was said of it."""

    check: Check
    observation: Observation
    judgement: Judgement

    @property
    def draft(self) -> dict[str, object]:
        """The wire-format draft of the finding; see `finops.waste.contract`."""
        check, seen, said = self.check, self.observation, self.judgement
        action = said.action or check.action
        cost = seen.amounts.get("bill", seen.amounts.get("list"))
        return {
            "check_id": check.check_id,
            "title": check.title,
            "category": said.category or check.category,
            "account": seen.account,
            "region": seen.region,
            "kind": seen.kind,
            "resource_id": seen.resource_id,
            "resource_arn": seen.arn,
            "name": seen.name,
            "issue": seen.issue,
            "verdict": said.verdict,
            "severity": said.severity or check.severity,
            "message": said.message,
            "monthly_saving": format(said.saving.amount, "f"),
            "saving_basis": said.saving.basis,
            "currency": seen.currency,
            "monthly_cost": "" if cost is None or cost < 0 else format(cost, "f"),
            "action_type": action.action_type,
            "implementation_effort": action.implementation_effort,
            "restart_needed": action.restart_needed,
            "rollback_possible": action.rollback_possible,
            "source": action.source,
            "created": seen.created,
            "tags": seen.tags,
            "evidence": evidence_of(seen),
        }


def judgements(found: Measurement, levels: Levels, exclude: Sequence[TagRule] = ()) -> Iterable[Judged]:
    """Every observation of a check with its judgement. A judge that fails leaves its observation undetermined."""
    for seen in found.observations:
        try:
            said = judged(found.check, seen, levels, exclude)
        except CODE_FAULTS as error:
            log.warning("check %s cannot judge", found.check.check_id, exc_info=error)
            said = undetermined(f"The check could not judge it ({type(error).__name__}).")
        yield Judged(found.check, seen, said)


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the visibility matrix that is not plainly fine: a check in an account and region, and why."""

    check_id: str
    account: str
    region: str
    state: str
    reason: str = ""


NO_DATA = "no_data"
NOT_ENABLED = "not_enabled"
"""The fact of an observation that says: what would tell is not switched on there."""


def cells(found: Measurement, said: Iterable[Judged]) -> tuple[Cell, ...]:
    """Where a check was refused or saw nothing it could judge: an `AwsError` kind, or `no_data`."""
    dark: dict[tuple[str, str], Cell] = {}
    for failure in found.failures:
        place = (failure.account, failure.region)
        dark.setdefault(
            place, Cell(found.check.check_id, *place, kind_of(failure), failure.missing_action or failure.code)
        )
    judged_at: dict[tuple[str, str], list[Judged]] = {}
    for one in said:
        judged_at.setdefault((one.observation.account, one.observation.region), []).append(one)
    for place, those in judged_at.items():
        state = _state_of(those)
        if place not in dark and state:
            dark[place] = Cell(found.check.check_id, *place, state)
    return tuple(dark[place] for place in sorted(dark))


def _state_of(those: Sequence[Judged]) -> str:
    """What is dark about a place by its judgements; empty where something could be judged."""
    if any(one.observation.facts.get(NOT_ENABLED) for one in those):
        return NOT_ENABLED
    return NO_DATA if all(one.judgement.verdict is Verdict.UNDETERMINED for one in those) else ""
