"""What may happen to a finding, and what it comes to: open, snoozed, dismissed, resolved, reopened.

The table is the whole of the rules. A person's deeds ask for what they need (a reason, a time); a run's deeds change
only what the run has seen: what it could not measure stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.findings import Act, Deed, FindingState, FindingStatus, ResolvedHow
from finops.model.period import utc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from finops.model.findings import Finding
    from finops.store import FindingStates

_OPEN, _SNOOZED, _DISMISSED = FindingStatus.OPEN, FindingStatus.SNOOZED, FindingStatus.DISMISSED
_RESOLVED, _REOPENED = FindingStatus.RESOLVED, FindingStatus.REOPENED
_SAME = {status: status for status in FindingStatus}
_UNDER_WAY = (_OPEN, _REOPENED, _SNOOZED)

TRANSITIONS: Mapping[Deed, Mapping[FindingStatus, FindingStatus]] = {
    Deed.SNOOZE: dict.fromkeys(_UNDER_WAY, _SNOOZED),
    Deed.DISMISS: dict.fromkeys(_UNDER_WAY, _DISMISSED),
    Deed.RESOLVE: dict.fromkeys(_UNDER_WAY, _RESOLVED),
    Deed.REOPEN: {_SNOOZED: _OPEN, _DISMISSED: _OPEN, _RESOLVED: _REOPENED},
    Deed.ASSIGN: _SAME,
    Deed.COMMENT: _SAME,
    Deed.SEEN: _SAME | {_RESOLVED: _REOPENED},
    Deed.GONE: _SAME | dict.fromkeys(_UNDER_WAY, _RESOLVED),
}
"""From which status a deed leads to which; what is not listed is refused. A dismissed finding stays dismissed."""

PERSONS_DEEDS = (Deed.SNOOZE, Deed.DISMISS, Deed.RESOLVE, Deed.REOPEN, Deed.ASSIGN, Deed.COMMENT)
_NEEDS_REASON = {Deed.SNOOZE, Deed.DISMISS}


def after(state: FindingState, act: Act) -> FindingState:
    """The state after an act. InputError, naming finding and field, for what is not allowed or lacks what it needs."""
    _require(act)
    status = state.effective(act.at)
    following = TRANSITIONS[act.deed].get(status)
    if following is None:
        raise InputError("action", f"a finding that is {status} cannot be given {act.deed}: {state.fingerprint}")
    if status is not state.status:
        state = replace(state, status=status, until=None, reason="", updated=act.at, updated_by=act.by)
    return _changed(state, act, following)


def _changed(state: FindingState, act: Act, status: FindingStatus) -> FindingState:
    if act.deed is Deed.COMMENT:
        return replace(state, notes=state.notes + 1)
    if act.deed is Deed.ASSIGN:
        return replace(state, owner=act.owner.strip(), updated=act.at, updated_by=act.by)
    if status is state.status and act.deed is not Deed.SNOOZE:
        return state
    changed = replace(
        state,
        status=status,
        until=act.until if status is _SNOOZED else None,
        reason=act.reason.strip(),
        updated=act.at,
        updated_by=act.by,
    )
    if status is not _RESOLVED:
        return changed
    how = ResolvedHow.SEEN_GONE if act.deed is Deed.GONE else ResolvedHow.BY_HAND
    return replace(changed, resolved_at=act.at, resolved_how=how, saving_when_resolved=state.saving)


def _require(act: Act) -> None:
    if act.deed in _NEEDS_REASON and not act.reason.strip():
        raise InputError("reason", f"{act.deed} needs a reason")
    if act.deed is Deed.COMMENT and not act.text.strip():
        raise InputError("text", "a comment needs a text")
    if act.deed is Deed.SNOOZE:
        if act.until is None or act.until.tzinfo is None:
            raise InputError("until", "snooze needs the time at which it ends, with its time zone")
        if utc(act.until) <= utc(act.at):
            raise InputError("until", "a snooze must end in the future")


def act_on(states: FindingStates, tenant: str, fingerprints: Collection[str], act: Act) -> tuple[FindingState, ...]:
    """Does a person's deed to all these findings, or to none; the states after it.

    InputError for a finding nobody knows, for a transition the table does not have, for a missing reason or time.
    """
    if act.deed not in PERSONS_DEEDS:
        raise InputError("action", f"{act.deed} is what a run says, not a person")
    _require(act)
    return states.act(tenant, fingerprints, act, after)


def record_run(
    states: FindingStates, tenant: str, *, flagged: Iterable[Finding], cleared: Collection[str], at: datetime
) -> Mapping[str, int]:
    """Tells the states what a run saw; how many findings are `new`, `reopened`, `woken` and `resolved` by it.

    `flagged` are this run's flagged findings; `cleared` the fingerprints that it judged ok or not applicable after a
    complete measurement. What is in neither stays as it is: undetermined, or its place could not be asked.
    """
    return states.seen(tenant, flagged, cleared, at=at, rule=after)
