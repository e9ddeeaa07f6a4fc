"""Functions that nobody invokes, and provisioned concurrency that is not used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.lambda_idle_function import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import NOW, Metrics, asset, desk, judgement

DETAILS = {"memory_mb": 1024, "architectures": ["x86_64"], "last_modified": "2026-01-05T00:00:00Z"}
NONE: dict[str, Any] = {"ListProvisionedConcurrencyConfigs": lambda _: {"ProvisionedConcurrencyConfigs": []}}


def function(name: str, **fields: Any) -> Any:
    return asset("lambda:function", name, details={**DETAILS, **fields.pop("details", {})}, created=None, **fields)


def provisioned(allocated: int) -> Any:
    return lambda params: {
        "ProvisionedConcurrencyConfigs": [
            {
                "FunctionArn": f"arn:aws:lambda:us-east-1:123456789012:function:{params['FunctionName']}:live",
                "AllocatedProvisionedConcurrentExecutions": allocated,
            }
        ]
    }


@pytest.mark.parametrize(
    ("series", "verdict"),
    [
        ((0.0,) * 90, Verdict.FLAGGED),
        ((1.0,) + (0.0,) * 30, Verdict.FLAGGED),
        ((1.0,) + (0.0,) * 29, Verdict.OK),
        ((None,) * 4 + (0.0,) * 26, Verdict.UNDETERMINED),
        ((), Verdict.UNDETERMINED),
    ],
)
def test_one_invocation_in_thirty_days_is_use(series: tuple[float | None, ...], verdict: Verdict) -> None:
    assert judgement(CHECK, {"provisioned_concurrency": 0}, series={"invocations": series}).verdict is verdict


def test_no_data_is_no_invocation_where_the_function_was_there() -> None:
    idle, busy, rare = function("idle"), function("busy"), function("rare")
    new = function("new", age_days=20, details={"last_modified": (NOW - timedelta(days=20)).isoformat()})
    deployed = function("deployed", details={"last_modified": (NOW - timedelta(days=1)).isoformat()})
    imported = function("imported", age_days=9)
    values: dict[tuple[str, str, str], list[float | None]] = {
        ("Invocations", "Sum", "busy"): [5] * 90,
        ("Invocations", "Sum", "rare"): [1] + [None] * 28,
    }
    at = desk([idle, busy, rare, new, deployed, imported], {"GetMetricData": Metrics(values), **NONE})

    assert {name: one.verdict for name, one in at.verdicts(CHECK).items()} == {
        "idle": Verdict.FLAGGED,
        "busy": Verdict.OK,
        "rare": Verdict.OK,
        "new": Verdict.UNDETERMINED,
        "deployed": Verdict.FLAGGED,
        "imported": Verdict.FLAGGED,
    }


def test_an_idle_function_saves_what_is_provisioned_for_it_and_else_nothing() -> None:
    silent = {"invocations": (0.0,) * 30}
    amounts = {"bill": Decimal("12.30"), "list": Decimal("10.95")}

    paid = judgement(CHECK, {"provisioned_concurrency": 1}, series=silent, amounts=amounts).saving
    free = judgement(CHECK, {"provisioned_concurrency": 0}, series=silent, amounts=amounts)
    unknown = judgement(CHECK, {"provisioned_concurrency": None}, series=silent, amounts=amounts)

    assert (paid.amount, paid.basis) == (Decimal("12.30"), Basis.MEASURED)
    assert (free.verdict, free.saving.basis) == (Verdict.FLAGGED, Basis.NONE)
    assert (unknown.verdict, unknown.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


@pytest.mark.parametrize(
    ("share", "verdict", "saved"),
    [
        (0.0, Verdict.FLAGGED, "109.50"),
        (0.1, Verdict.FLAGGED, "98.55"),
        (0.11, Verdict.OK, "0"),
        (None, Verdict.UNDETERMINED, "0"),
    ],
)
def test_provisioned_concurrency_is_used_or_not(share: float | None, verdict: Verdict, saved: str) -> None:
    values: dict[tuple[str, str, str], list[float | None]] = {
        ("Invocations", "Sum", "f"): [9] * 90,
        ("ProvisionedConcurrencyUtilization", "Maximum", "f:live"): [share] * 90,
    }
    at = desk(
        [function("f")],
        {"GetMetricData": Metrics(values), "ListProvisionedConcurrencyConfigs": provisioned(10)},
    )

    found = at.verdicts(CHECK)

    # Ten executions of 1 GB at 0.0000041667 a second for 730 hours.
    assert found["f"].verdict is Verdict.OK
    assert found["f#provisioned-concurrency:live"].verdict is verdict
    assert found["f#provisioned-concurrency:live"].saving.amount == Decimal(saved)


def test_refusals_are_failures_and_say_nothing() -> None:
    denied = {"ListProvisionedConcurrencyConfigs": lambda _: Refusal("AccessDeniedException", status=403)}
    at = desk([function("f")], {"GetMetricData": Metrics(), **denied})
    dark = desk([function("f")], NONE)

    assert [one.missing_action for one in at.measured(CHECK)[1]] == ["lambda:ListProvisionedConcurrencyConfigs"]
    assert at.verdicts(CHECK)["f"].saving.basis is Basis.NONE
    assert dark.verdicts(CHECK)["f"].verdict is Verdict.UNDETERMINED


def test_arm_is_cheaper() -> None:
    values = {("ProvisionedConcurrencyUtilization", "Maximum", "f:live"): [0] * 90}
    at = desk(
        [function("f", details={"architectures": ["arm64"]})],
        {"GetMetricData": Metrics(values), "ListProvisionedConcurrencyConfigs": provisioned(1)},
    )

    assert at.verdicts(CHECK)["f#provisioned-concurrency:live"].saving.amount == Decimal("8.76")
