"""What may happen to a finding: the whole table, and what each deed asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.errors import InputError
from finops.model.findings import Act, Deed, FindingState, FindingStatus, ResolvedHow
from finops.waste.lifecycle import PERSONS_DEEDS, TRANSITIONS, act_on, after

if TYPE_CHECKING:
    from finops.store import FindingStates

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
STATE = FindingState(
    "default", "f" * 32, FindingStatus.OPEN, NOW - timedelta(days=9), "run", "aws.ec2.idle_instance", "111111111111",
    "eu-central-1", "ec2:instance", "i-1", saving=Decimal(10),
)  # fmt: skip
# deed: statuses after open, snoozed, dismissed, resolved, reopened ("-": refused)
TABLE = {
    "snooze": "snoozed snoozed - - snoozed",
    "dismiss": "dismissed dismissed - - dismissed",
    "resolve": "resolved resolved - - resolved",
    "reopen": "- open open reopened -",
    "assign": "open snoozed dismissed resolved reopened",
    "comment": "open snoozed dismissed resolved reopened",
    "seen": "open snoozed dismissed reopened reopened",
    "gone": "resolved resolved dismissed resolved resolved",
}
BEFORE = ("open", "snoozed", "dismissed", "resolved", "reopened")
CASES = [
    (deed, before, follows)
    for deed, row in TABLE.items()
    for before, follows in zip(BEFORE, row.split(), strict=True)
]  # fmt: skip


def act(deed: str, **given: Any) -> Act:
    return Act(Deed(deed), "ann", NOW, **{"until": TOMORROW, "reason": "why", "owner": "bob", "text": "hm", **given})


def state(status: str, **given: Any) -> FindingState:
    return replace(STATE, status=FindingStatus(status), until=TOMORROW if status == "snoozed" else None, **given)


@pytest.mark.parametrize(("deed", "before", "follows"), CASES)
def test_every_transition_is_in_the_table_or_refused(deed: str, before: str, follows: str) -> None:
    if follows == "-":
        with pytest.raises(InputError, match=f"{before} cannot be given {deed}"):
            after(state(before), act(deed))
    else:
        assert after(state(before), act(deed)).status == follows


def test_the_table_knows_every_deed() -> None:
    assert set(TABLE) == {str(deed) for deed in TRANSITIONS} == {str(deed) for deed in Deed}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (act("snooze", reason="  "), "reason"),
        (act("dismiss", reason=""), "reason"),
        (act("snooze", until=None), "until"),
        (act("snooze", until=NOW), "until"),
        (act("snooze", until=TOMORROW.replace(tzinfo=None)), "until"),
        (act("comment", text=" "), "text"),
    ],
)
def test_a_deed_asks_for_what_it_needs(given: Act, field: str) -> None:
    with pytest.raises(InputError) as error:
        after(STATE, given)
    assert error.value.field == field


def test_a_resolution_remembers_what_was_promised() -> None:
    by_hand = after(STATE, act("resolve"))
    assert (by_hand.resolved_how, by_hand.resolved_at, by_hand.saving_when_resolved) == (
        ResolvedHow.BY_HAND, NOW, Decimal(10),
    )  # fmt: skip
    again = after(by_hand, replace(act("seen"), at=TOMORROW))
    assert (again.status, again.resolved_at, again.updated) == (FindingStatus.REOPENED, NOW, TOMORROW)
    assert after(by_hand, act("gone")) == by_hand


def test_an_expired_snooze_is_open_for_the_next_deed() -> None:
    expired = replace(state("snoozed"), until=NOW, reason="later")
    assert expired.effective(NOW) is FindingStatus.OPEN
    woken = after(expired, act("seen", reason=""))
    assert (woken.status, woken.until, woken.reason) == (FindingStatus.OPEN, None, "")
    with pytest.raises(InputError, match="open cannot be given reopen"):
        after(expired, act("reopen"))


def test_a_comment_and_an_owner_leave_the_status_and_its_reason() -> None:
    snoozed = state("snoozed", reason="later")
    told = after(after(snoozed, act("comment")), act("assign", owner=" bob "))
    assert (told.status, told.until, told.reason, told.notes, told.owner) == (
        FindingStatus.SNOOZED, TOMORROW, "later", 1, "bob",
    )  # fmt: skip
    assert after(told, act("assign", owner="")).owner == ""


def test_a_person_cannot_do_what_a_run_does(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: FindingStates = None  # type: ignore[assignment] - it is refused before anybody is asked
    for deed in set(Deed) - set(PERSONS_DEEDS):
        with pytest.raises(InputError):
            act_on(nobody, "default", ["f" * 32], act(deed))
