"""Secrets that nobody reads."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.secretsmanager_unused_secret import CHECK
from tests.waste.kit import NOW, asset, desk, judgement


@pytest.mark.parametrize(("days", "verdict"), [(89, Verdict.OK), (90, Verdict.FLAGGED), (None, Verdict.UNDETERMINED)])
def test_ninety_days(days: int | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {"unused_days": days}).verdict is verdict


def test_a_managed_one_is_its_service_s_business() -> None:
    assert judgement(CHECK, {"unused_days": 400, "managed_by": "rds"}).verdict is Verdict.NOT_APPLICABLE


def secret(name: str, read_days: int | None, **fields: Any) -> Any:
    read = None if read_days is None else (NOW - timedelta(days=read_days)).isoformat()
    return asset("secretsmanager:secret", name, details={"last_accessed": read}, **fields)


def test_never_read_counts_from_its_making() -> None:
    secrets = [
        secret("read", 2),
        secret("stale", 120),
        secret("never", None),
        secret("new", None, age_days=30),
        secret("unknown", None, created=None),
    ]
    found = desk(secrets).verdicts(CHECK, min_saving=0.4)

    assert {name: one.verdict for name, one in found.items()} == {
        "read": Verdict.OK,
        "stale": Verdict.FLAGGED,
        "never": Verdict.FLAGGED,
        "new": Verdict.OK,
        "unknown": Verdict.UNDETERMINED,
    }
    assert (found["stale"].saving.amount, found["stale"].saving.basis) == (Decimal("0.40"), Basis.DERIVED)


def test_forty_cents_are_worth_a_finding_until_somebody_asks_for_more() -> None:
    assert desk([secret("stale", 120)]).verdicts(CHECK)["stale"].verdict is Verdict.FLAGGED

    found = desk([secret("stale", 120)]).verdicts(CHECK, min_saving=0.41)["stale"]

    assert found.verdict is Verdict.OK
    assert "below the saving worth a finding" in found.message
