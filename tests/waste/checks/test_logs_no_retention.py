"""Log groups that keep everything: the share of old events, and what is exempt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.logs_no_retention import CHECK
from tests.waste.kit import asset, desk, judgement

GIB = 2**30
STORED = {"storage": Decimal("30")}  # dollars a month: 1,000 GiB


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"expires": False}, Verdict.FLAGGED),
        ({}, Verdict.UNDETERMINED),
        ({"retention_days": 30}, Verdict.OK),
        ({"retention_days": 3653}, Verdict.OK),
        ({"log_class": "DELIVERY"}, Verdict.NOT_APPLICABLE),
        ({"age_days": 3}, Verdict.NOT_APPLICABLE),
    ],
)
def test_what_never_expires_is_flagged(facts: dict[str, int | str], verdict: Verdict) -> None:
    assert judgement(CHECK, facts, amounts=STORED).verdict is verdict


@pytest.mark.parametrize(
    ("age", "keep", "amount"), [(360, 90, "22.50"), (180, 90, "15.00"), (90, 90, "0"), (360, 36, "27.00")]
)
def test_the_saving_is_the_share_that_is_older(age: int, keep: int, amount: str) -> None:
    found = judgement(CHECK, {"age_days": age, "expires": False}, {"keep_days": keep, "min_saving": 0}, amounts=STORED)

    assert (found.saving.amount, found.saving.basis) == (Decimal(amount), Basis.HEURISTIC)


def test_a_size_or_a_price_that_is_not_known_gives_no_dollars() -> None:
    found = judgement(CHECK, {"age_days": 400, "expires": False})

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


def test_a_group_that_stores_next_to_nothing_is_no_finding() -> None:
    assert (
        judgement(CHECK, {"age_days": 400, "expires": False}, amounts={"storage": Decimal("0.02")}).verdict
        is Verdict.OK
    )


def test_groups_are_read_from_the_inventory() -> None:
    kept = asset("logs:log-group", "/app/kept", age_days=360, details={"stored_bytes": 1000 * GIB})
    short = asset("logs:log-group", "/app/short", details={"stored_bytes": 1000 * GIB, "retention_days": 7})
    far = asset("logs:log-group", "/app/far", region="mx-central-1", details={"stored_bytes": 1000 * GIB})

    at = desk([kept, short, far])
    found = at.verdicts(CHECK)

    assert found["/app/kept"].saving.amount == Decimal("22.50")
    assert found["/app/short"].verdict is Verdict.OK
    assert found["/app/far"].saving.basis is Basis.NONE
    assert any("/app/kept" in CHECK.remedy(one).command for one in at.measured(CHECK)[0])
