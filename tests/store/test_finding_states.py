"""States of findings: all of a bulk or nothing, every deed written down, and runs that meet lose nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.errors import InputError
from finops.model.findings import Act, Basis, Deed, FindingState, FindingStatus, Following, ResolvedHow, SavingEntry
from finops.store import AuditTrail, FindingStates, SavingLedger
from finops.store.finding_schema import audit_event, finding_event, finding_state, saving_entry
from finops.waste.lifecycle import act_on, after, record_run
from tests.store.findings import NOW, finding

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from finops.model.findings import Finding
    from finops.store.database import Database

HOSTILE = "a\x00b \ud800 \u202eRTL \U0001f600 'quote\" %s ; DROP TABLE finding_state"
ONE, TWO, THREE = (f"{number:032x}" for number in (1, 2, 3))
FOUND = [finding(1), finding(2), finding(3)]


@pytest.fixture
def fresh(shared_database: Database) -> Database:
    with shared_database.writing() as connection:
        for table in (finding_state, finding_event, audit_event, saving_entry):
            connection.execute(table.delete())
    return shared_database


@pytest.fixture
def states(fresh: Database) -> FindingStates:
    return FindingStates(fresh)


@pytest.fixture
def audit(fresh: Database) -> AuditTrail:
    return AuditTrail(fresh)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def run(
    states: FindingStates, flagged: list[Finding], cleared: Collection[str] = (), at: datetime = NOW
) -> Mapping[str, int]:
    return record_run(states, "default", flagged=flagged, cleared=cleared, at=at)


def status(states: FindingStates, fingerprint: str = ONE) -> FindingStatus:
    return states.states("default", [fingerprint])[fingerprint].status


def snooze(until: datetime, at: datetime = NOW) -> Act:
    return Act(Deed.SNOOZE, "ann", at, until=until, reason="next sprint")


def test_a_run_opens_what_it_flags_and_repeats_nothing(states: FindingStates) -> None:
    assert run(states, FOUND) == {"new": 3, "reopened": 0, "woken": 0, "resolved": 0}
    assert run(states, FOUND, at=day(1)) == {"new": 0, "reopened": 0, "woken": 0, "resolved": 0}
    state = states.states("default")[ONE]
    assert state == FindingState(
        "default", ONE, FindingStatus.OPEN, NOW, "run", FOUND[0].check_id, FOUND[0].account, FOUND[0].region,
        FOUND[0].kind, "i-1", saving=Decimal(10),
    )  # fmt: skip
    (event,) = states.history("default", ONE)
    assert (event.action, event.before, event.after, event.by, event.at) == ("seen", "", "open", "run", NOW)


def test_the_saving_follows_the_latest_run(states: FindingStates) -> None:
    run(states, FOUND)
    dearer = replace(FOUND[0], monthly_saving=Decimal("12.345678"))
    without = replace(FOUND[1], monthly_saving=Decimal(0), saving_basis=Basis.NONE)
    run(states, [dearer, without])
    held = states.states("default")
    assert [held[name].saving for name in (ONE, TWO, THREE)] == [Decimal("12.345678"), None, Decimal(10)]


def test_what_a_complete_measurement_no_longer_flags_is_resolved_and_the_rest_stays(states: FindingStates) -> None:
    run(states, FOUND)
    act_on(states, "default", [TWO], Act(Deed.DISMISS, "ann", NOW, reason="needed"))
    assert run(states, [], [ONE, TWO, "f" * 32], at=day(1))["resolved"] == 1
    gone = states.states("default")[ONE]
    assert (gone.status, gone.resolved_how, gone.resolved_at, gone.saving_when_resolved) == (
        FindingStatus.RESOLVED, ResolvedHow.SEEN_GONE, day(1), Decimal(10),
    )  # fmt: skip
    assert (status(states, TWO), status(states, THREE)) == (FindingStatus.DISMISSED, FindingStatus.OPEN)
    assert "f" * 32 not in states.states("default")
    assert run(states, [FOUND[0]], at=day(2))["reopened"] == 1
    assert status(states) is FindingStatus.REOPENED
    assert [event.after for event in states.history("default", ONE)] == ["reopened", "resolved", "open"]
    assert [(turn.fingerprint, turn.after) for turn in states.turns("default")] == [
        (ONE, "open"), (TWO, "open"), (THREE, "open"), (TWO, "dismissed"), (ONE, "resolved"), (ONE, "reopened"),
    ]  # fmt: skip


def test_a_snooze_ends_by_itself(states: FindingStates) -> None:
    run(states, FOUND)
    act_on(states, "default", [ONE, TWO], snooze(day(3)))
    assert run(states, FOUND, at=day(1))["woken"] == 0
    held = states.states("default")[ONE]
    assert (held.status, held.until, held.reason) == (FindingStatus.SNOOZED, day(3), "next sprint")
    assert held.effective(day(2)) is FindingStatus.SNOOZED
    assert held.effective(day(3)) is FindingStatus.OPEN
    # Expired and judged again before the next run: it is open for people too.
    act_on(states, "default", [TWO], Act(Deed.COMMENT, "bob", day(4), text="awake"))
    assert status(states, TWO) is FindingStatus.OPEN
    assert run(states, FOUND, at=day(5))["woken"] == 1
    assert (status(states), states.states("default")[ONE].until) == (FindingStatus.OPEN, None)


def test_the_version_changes_with_every_deed_and_as_a_snooze_ends(states: FindingStates) -> None:
    def version(at: int = 0) -> str:
        return states.version("default", day(at))

    known = [version()]
    run(states, FOUND)
    known.append(version())
    for act in (
        snooze(day(3)),
        Act(Deed.COMMENT, "bob", NOW, text="why?"),
        Act(Deed.ASSIGN, "bob", NOW, owner="carla"),
    ):
        act_on(states, "default", [ONE], act)
        known.append(version())
    assert version(2) == known[-1]
    known.append(version(3))
    assert len(set(known)) == len(known)
    assert states.version("other", NOW) == FindingStates.version(states, "another", NOW)


def test_nothing_of_a_bulk_is_done_when_one_is_refused(states: FindingStates, audit: AuditTrail) -> None:
    run(states, FOUND)
    act_on(states, "default", [THREE], Act(Deed.RESOLVE, "ann", NOW))
    before, told = states.states("default"), audit.list("default")
    for refused in ([ONE, TWO, THREE], [ONE, "f" * 32], []):
        with pytest.raises(InputError):
            act_on(states, "default", refused, snooze(day(1)))
    with pytest.raises(InputError) as error:
        act_on(states, "default", [ONE, THREE], snooze(day(1)))
    assert THREE in str(error.value)
    assert "resolved" in str(error.value)
    assert states.states("default") == before
    assert audit.list("default") == told
    assert len(states.history("default", ONE)) == 1


def test_every_deed_leaves_an_event_and_an_audit_entry(states: FindingStates, audit: AuditTrail) -> None:
    run(states, FOUND)
    deeds = [
        Act(Deed.ASSIGN, "ann", day(1), owner="bob"),
        Act(Deed.COMMENT, "bob", day(2), text=HOSTILE),
        snooze(day(9), day(3)),
        Act(Deed.REOPEN, "ann", day(4)),
        Act(Deed.DISMISS, "ann", day(5), reason="needed"),
        Act(Deed.REOPEN, "ann", day(6)),
        Act(Deed.RESOLVE, "ann", day(7), reason="deleted"),
    ]
    for act in deeds:
        act_on(states, "default", [ONE, TWO], act)
    state = states.states("default")[ONE]
    assert (state.owner, state.notes, state.status, state.resolved_how, state.reason) == (
        "bob", 1, FindingStatus.RESOLVED, ResolvedHow.BY_HAND, "deleted",
    )  # fmt: skip
    events = states.history("default", ONE)[::-1][1:]
    assert [event.action for event in events] == [str(act.deed) for act in deeds]
    assert [event.text for event in events][:3] == [
        "bob", HOSTILE.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\ud800", "\N{REPLACEMENT CHARACTER}"),
        "next sprint",
    ]  # fmt: skip
    assert [(event.before, event.after) for event in events[2:4]] == [("open", "snoozed"), ("snoozed", "open")]
    entries, cursor = audit.list("default")
    assert cursor is None
    assert [entry.action for entry in entries] == [f"finding.{act.deed}" for act in reversed(deeds)]
    assert entries[0].detail == {"fingerprints": [ONE, TWO], "reason": "deleted"}
    assert (entries[0].by, entries[0].at, entries[0].object) == ("ann", day(7), "2 findings")


def test_tenants_keep_to_themselves(states: FindingStates, audit: AuditTrail) -> None:
    run(states, FOUND)
    record_run(states, "rival", flagged=[replace(FOUND[0], tenant="rival")], cleared=[], at=NOW)
    act_on(states, "rival", [ONE], Act(Deed.RESOLVE, "eve", NOW))
    with pytest.raises(InputError):
        act_on(states, "rival", [TWO], Act(Deed.RESOLVE, "eve", NOW))
    assert status(states) is FindingStatus.OPEN
    assert len(states.history("default", ONE)) == 1
    assert audit.list("default") == ((), None)
    assert [entry.object for entry in audit.list("rival")[0]] == [ONE]


def test_deeds_at_once_are_all_done_one_after_the_other(states: FindingStates) -> None:
    run(states, FOUND)

    def comment(number: int) -> None:
        names = [ONE, TWO, THREE] if number % 2 else [THREE, TWO, ONE]
        act_on(states, "default", names, Act(Deed.COMMENT, f"user {number}", NOW, text="hello"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(comment, range(24)))
    assert [state.notes for state in states.states("default").values()] == [24, 24, 24]
    assert len(states.history("default", ONE)) == 25


def test_runs_that_meet_open_each_finding_once(states: FindingStates) -> None:
    many = [finding(number) for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda number: run(states, many[number * 40 : number * 40 + 80]), range(4)))
    assert sum(count["new"] for count in counts) == 200
    assert len(states.states("default")) == 200
    assert len(states.turns("default")) == 200


def test_thousands_of_findings_fit_in_one_run(states: FindingStates) -> None:
    many = [finding(number) for number in range(12_000)]
    assert run(states, many)["new"] == 12_000
    assert run(states, [], [each.fingerprint for each in many], at=day(1))["resolved"] == 12_000


def test_the_rule_is_asked_about_the_state_that_is_stored(states: FindingStates) -> None:
    run(states, FOUND)
    asked = []

    def rule(state: FindingState, act: Act) -> FindingState:
        asked.append(state)
        return after(state, act)

    done = states.act("default", [TWO, ONE, TWO], Act(Deed.ASSIGN, "x" * 300, NOW, owner="y" * 300), rule)
    assert [state.fingerprint for state in asked] == [ONE, TWO]
    assert [len(state.owner) for state in done] == [191, 191]
    assert done == tuple(states.states("default", [ONE, TWO])[name] for name in (ONE, TWO))


def test_the_audit_trail_pages_from_the_newest(audit: AuditTrail) -> None:
    for number in range(7):
        audit.add("default", "access.sign_in", by="ann", at=day(number), object=f"{number}", detail={"n": number})
    audit.add("rival", "access.sign_in", by="eve", at=NOW)
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page, cursor = audit.list("default", 3, cursor)
        seen += [event.object for event in page]
        if cursor is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert audit.list("rival")[0][0].detail == {}


def test_entries_of_the_savings_ledger_are_replaced_by_resolution(fresh: Database) -> None:
    ledger = SavingLedger(fresh)
    entry = SavingEntry(
        "default", ONE, "aws.ec2.idle_instance", "111111111111", "eu-central-1", "i-1", NOW, Decimal(10), None, None, 0,
        None, "USD", Following.UNDETERMINED, NOW,
    )  # fmt: skip
    again = replace(entry, resolved_at=day(40))
    ledger.put("default", [entry, again])
    told = replace(
        entry, before_daily=Decimal("1.5"), after_daily=Decimal(0), days_followed=3, realised_month=Decimal("45.625"),
        state=Following.FOLLOWING, updated=datetime(2026, 12, 1, tzinfo=UTC),
    )  # fmt: skip
    ledger.put("default", [told])
    assert ledger.entries("default") == (again, told)
    assert ledger.entries("default", state=Following.FOLLOWING) == (told,)
    assert ledger.entries("default", fingerprint=TWO) == ()
    assert ledger.entries("rival") == ()
