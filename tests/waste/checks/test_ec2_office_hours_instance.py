"""Off hours: an hour of the week is idle when it was both times, in stretches, and not always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_office_hours_instance import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.findings import Fact
    from tests.waste.kit import Desk

WORKDAY = [2.0] * 8 + [60.0] * 10 + [2.0] * 6  # 14 of 24 hours idle
WEEKEND = [2.0] * 24
FRIDAY_TO_THURSDAY = [*WORKDAY, *WEEKEND, *WEEKEND, *WORKDAY * 4]  # the kit's window begins on a Friday
DETAILS = {"instance_type": "m6i.large", "lifecycle": "on-demand"}


def week(idle: int) -> list[str]:
    return ["3"] * idle + ["50"] * (168 - idle)


def facts(hours: list[str] | None, **more: Fact) -> dict[str, Fact]:
    return {"state": "running", "hours_known": 336, "cpu_by_hour": hours, **more}


def one(values: Sequence[float | None], **fields: Any) -> Desk:
    instance = asset("ec2:instance", "i-1", "running", details={**DETAILS, **fields.pop("details", {})}, **fields)
    return desk([instance], {"GetMetricData": Metrics({("CPUUtilization", "Maximum", "i-1"): values})})


@pytest.mark.parametrize(("idle", "verdict"), [(39, Verdict.OK), (40, Verdict.FLAGGED), (167, Verdict.FLAGGED)])
def test_forty_idle_hours_a_week_are_worth_a_schedule(idle: int, verdict: Verdict) -> None:
    assert judgement(CHECK, facts(week(idle))).verdict is verdict


@pytest.mark.parametrize(("cpu", "verdict"), [("9.9", Verdict.FLAGGED), ("10", Verdict.OK), ("", Verdict.OK)])
def test_an_hour_is_idle_below_the_limit_and_known(cpu: str, verdict: Verdict) -> None:
    assert judgement(CHECK, facts([cpu] * 100 + ["50"] * 68)).verdict is verdict


def test_short_breaks_do_not_count_and_the_week_is_round() -> None:
    breaks = ["3", "3", "50"] * 56  # 112 idle hours, never three in a row
    round_the_end = ["3"] * 20 + ["50"] * 128 + ["3"] * 20

    assert judgement(CHECK, facts(breaks)).verdict is Verdict.OK
    assert judgement(CHECK, facts(breaks), {"hours_in_a_row": 2}).verdict is Verdict.FLAGGED
    assert judgement(CHECK, facts(round_the_end), {"hours_in_a_row": 24}).verdict is Verdict.FLAGGED


@pytest.mark.parametrize(
    ("known", "verdict"), [(303, Verdict.FLAGGED), (302, Verdict.UNDETERMINED), (0, Verdict.UNDETERMINED)]
)
def test_nine_hours_in_ten_must_be_known(known: int, verdict: Verdict) -> None:
    assert judgement(CHECK, facts(week(80), hours_known=known)).verdict is verdict


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"cpu_by_hour": None}, Verdict.UNDETERMINED),
        ({"cpu_by_hour": week(168)}, Verdict.NOT_APPLICABLE),
        ({"state": "stopped"}, Verdict.NOT_APPLICABLE),
        ({"lifecycle": "spot"}, Verdict.NOT_APPLICABLE),
        ({"auto_scaling_group": "web"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_what_no_schedule_can_stop_is_not_judged(more: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts(week(80), **more)).verdict is verdict


def test_the_saving_is_the_share_of_idle_hours() -> None:
    listed = one(FRIDAY_TO_THURSDAY * 2).verdicts(CHECK)["i-1"]
    billed = one(FRIDAY_TO_THURSDAY * 2, cost=usd("30.00")).verdicts(CHECK)["i-1"]

    assert listed.message == "CPU stayed below 10 % in 118 of 168 hours of the week."
    assert (listed.saving.amount, listed.saving.basis) == (usd("49.22"), Basis.DERIVED)  # 70.08 x 118 / 168
    assert (billed.saving.amount, billed.saving.basis) == (usd("21.36"), Basis.DERIVED)  # 30.41…


def test_weeks_begin_on_monday_and_days_have_a_chart() -> None:
    (seen,), _ = one(FRIDAY_TO_THURSDAY * 2).measured(CHECK)
    hours = seen.facts["cpu_by_hour"]

    assert isinstance(hours, list)
    assert hours[8] == "60"
    assert set(hours[5 * 24 :]) == {"2"}
    assert seen.series["cpu_maximum"] == ((60.0, 2.0, 2.0, 60.0, 60.0, 60.0, 60.0) * 2)


def test_an_hour_that_is_missing_in_one_week_is_not_idle() -> None:
    values: list[float | None] = [*FRIDAY_TO_THURSDAY * 2]
    values[30] = None
    (seen,), _ = one(values).measured(CHECK)

    assert seen.facts["hours_known"] == 335
    assert one(values).verdicts(CHECK)["i-1"].message == "CPU stayed below 10 % in 117 of 168 hours of the week."


def test_an_instance_of_a_group_is_started_by_it_and_no_data_says_nothing() -> None:
    instance = asset("ec2:instance", "i-1", "running", details=DETAILS)
    links = {"i-1": (Link("member_of", "autoscaling:group", "web"),)}

    assert desk([instance], links=links).verdicts(CHECK)["i-1"].verdict is Verdict.NOT_APPLICABLE
    assert one([]).verdicts(CHECK)["i-1"].verdict is Verdict.UNDETERMINED
