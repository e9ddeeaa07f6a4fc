"""Totals count no dollar twice: one winner a resource, never above its cost, children inside parents, by currency."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.model.findings import ActionType, Basis, Verdict
from finops.waste.totals import totals
from tests.store.findings import finding

if TYPE_CHECKING:
    from finops.model.findings import Finding
    from finops.waste.totals import Total


def found(number: int, saving: str, action: str = "Delete", *, of: str = "i-1", **given: Any) -> Finding:
    facts = {"included_in": given.pop("inside")} if "inside" in given else {}
    amounts = {"committed": given.pop("committed")} if "committed" in given else {}
    given.setdefault("evidence", {"facts": facts, "amounts": amounts})
    return finding(number, resource_id=of, monthly_saving=Decimal(saving), action_type=action, **given)


def usd(*findings: Finding) -> Total:
    return totals(findings).by_currency["USD"]


def winners(*findings: Finding) -> list[int]:
    return [int(winner.finding.fingerprint, 16) for winner in usd(*findings).winners]


def test_the_more_thorough_action_wins_then_the_larger_saving_then_the_check_id() -> None:
    order = list(ActionType)
    for better, worse in itertools.pairwise(order):
        assert winners(found(1, "1", better), found(2, "100", worse)) == [1]
    assert winners(found(1, "1"), found(2, "2")) == [2]
    assert winners(found(1, "1", check_id="aws.b.b"), found(2, "1", check_id="aws.a.a")) == [2]
    both = usd(found(1, "10", "Delete"), found(2, "4", "Rightsize"))
    assert (both.gross, both.net, both.findings) == (Decimal(14), Decimal(10), 2)


def test_a_resource_is_known_by_its_arn_else_by_where_it_is() -> None:
    assert winners(found(1, "1"), found(2, "2", account="222222222222")) == [2, 1]
    assert winners(found(1, "1"), found(2, "2", region="us-east-1")) == [2, 1]
    assert winners(found(1, "1"), found(2, "2", kind="ebs:volume")) == [2, 1]
    arn = "arn:aws:s3:::bucket"
    assert winners(found(1, "1", resource_arn=arn), found(2, "2", resource_arn=arn, of="x", region="global")) == [2]


def test_a_saving_never_exceeds_what_the_resource_costs() -> None:
    total = usd(found(1, "10", monthly_cost=Decimal(7)), found(2, "5", of="i-2"))
    assert (total.gross, total.net, total.cash) == (Decimal(15), Decimal(12), Decimal(12))
    assert [(winner.counted, winner.capped) for winner in total.winners] == [(Decimal(7), True), (Decimal(5), False)]
    assert [winner.finding.resource_id for winner in total.capped] == ["i-1"]
    # Another finding about the resource knows its cost.
    assert usd(found(1, "10"), found(2, "3", "Stop", monthly_cost=Decimal(4))).net == 4
    assert usd(found(1, "10"), found(2, "3", "Stop", monthly_cost=Decimal(4), currency="EUR")).net == 10


def test_what_a_commitment_pays_is_freed_and_not_cash() -> None:
    total = usd(found(1, "10", committed="4"), found(2, "5", of="i-2", committed="9"), found(3, "1", of="i-3"))
    assert (total.net, total.cash, total.commitment) == (Decimal(16), Decimal(7), Decimal(9))
    assert usd(found(1, "10", monthly_cost=Decimal(6), committed="8")).cash == 0


@pytest.mark.parametrize("committed", ["nonsense", "-3", "NaN", None, ["4"]])
def test_an_amount_that_is_none_counts_as_no_commitment(committed: object) -> None:
    assert usd(found(1, "10", committed=committed)).cash == 10


def test_the_volumes_of_an_instance_to_delete_are_inside_it() -> None:
    instance = found(1, "10")
    volume = found(2, "4", of="vol-1", kind="ebs:volume", inside="i-1")
    assert usd(instance, volume).net == 10
    assert usd(instance, volume).gross == 14
    arn = "arn:aws:ec2:eu-central-1:111111111111:instance/i-1"
    by_arn = found(3, "4", of="vol-2", kind="ebs:volume", inside=arn)
    assert winners(found(1, "10", resource_arn=arn), volume, by_arn) == [1]
    # Nothing above it counts as deleted: it counts for itself.
    assert winners(found(1, "10", "Rightsize"), volume) == [1, 2]
    assert winners(volume) == [2]
    assert winners(found(1, "10", account="222222222222"), volume) == [1, 2]
    assert winners(found(1, "0", "Delete", saving_basis=Basis.NONE), volume) == [2]


def test_what_is_included_at_several_steps_counts_once() -> None:
    snapshot = found(3, "1", of="snap-1", inside="vol-1")
    volume = found(2, "4", "Configure", of="vol-1", inside="i-1")
    assert winners(found(1, "10"), volume, snapshot) == [1]
    assert winners(volume, snapshot) == [2, 3]


def test_resources_that_include_each_other_all_count() -> None:
    assert winners(found(1, "3", of="a", inside="b"), found(2, "2", of="b", inside="a")) == [1, 2]
    assert winners(found(1, "3", of="a", inside="a")) == [1]


def test_currencies_are_never_added() -> None:
    told = totals(
        [found(1, "1"), found(2, "2", of="i-2", currency="EUR"), found(3, "0", of="i-3", saving_basis=Basis.NONE)]
    )
    assert {name: total.net for name, total in told.by_currency.items()} == {"EUR": Decimal(2), "USD": Decimal(1)}
    assert (told.findings, told.without_basis) == (3, 1)


def test_only_flagged_findings_count_and_none_is_nothing() -> None:
    told = totals([finding(1, verdict=Verdict.OK), finding(2, verdict=Verdict.UNDETERMINED)])
    assert (told.by_currency, told.findings, told.without_basis) == ({}, 0, 0)


def test_a_finding_without_dollars_does_not_push_out_one_with() -> None:
    assert usd(found(1, "0", "Delete", saving_basis=Basis.NONE), found(2, "5", "Rightsize")).net == 5


MONEY = st.decimals(Decimal("0.000001"), 1000, places=6)
NAMES = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def estates(draw: st.DrawFn) -> list[Finding]:
    """Findings about few resources that may lie in each other."""
    return [
        found(
            number,
            str(draw(MONEY)),
            draw(st.sampled_from(ActionType)),
            of=draw(NAMES),
            inside=draw(NAMES | st.none()),
            committed=str(draw(MONEY)),
            monthly_cost=draw(st.none() | MONEY),
            currency=draw(st.sampled_from(["USD", "EUR"])),
        )
        for number in range(draw(st.integers(1, 8)))
    ]


@settings(max_examples=300)
@given(estates(), st.randoms())
def test_totals_hold_whatever_the_findings(those: list[Finding], chance: Any) -> None:
    told = totals(those)
    shuffled = those.copy()
    chance.shuffle(shuffled)
    assert totals(shuffled) == told
    for total in told.by_currency.values():
        assert 0 <= total.net <= total.gross
        assert total.cash + total.commitment == total.net
        assert min(total.cash, total.commitment) >= 0
        assert sum(winner.counted for winner in total.winners) == total.net
        keys = [winner.finding.resource_id for winner in total.winners]
        assert len(keys) == len(set(keys))
    assert sum(len(total.winners) for total in told.by_currency.values()) >= 1
