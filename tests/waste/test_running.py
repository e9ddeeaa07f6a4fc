"""Measuring and judging with one check: what it breaks is its own."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.errors import InputError
from finops.model.findings import Basis, Saving, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.ebs_unattached_volume import CHECK
from finops.waste.judging import TagRule, flagged, judged
from finops.waste.running import cells, judgements, measurement
from tests.waste.kit import OWN, REGION, asset, desk, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.waste.context import Context

VOLUMES = [asset("ec2:volume", f"vol-{number}", "available") for number in range(3)]


def test_a_check_that_crashes_is_a_failure_and_keeps_what_it_found_before() -> None:
    def measure(context: Context) -> Iterator[Observation | Failure]:
        yield from list(CHECK.measure(context))[:2]
        raise ZeroDivisionError("secret-of-a-customer")

    found = measurement(replace(CHECK, measure=measure), desk(VOLUMES).context)

    assert len(found.observations) == 2
    assert not found.whole
    assert [(failure.code, failure.service) for failure in found.failures] == [("CheckFailed", CHECK.check_id)]
    assert "secret" not in found.failures[0].message


def test_a_check_that_takes_too_long_is_left_alone() -> None:
    over = threading.Event()

    def measure(context: Context) -> Iterator[Observation | Failure]:
        over.wait(5)
        yield from CHECK.measure(context)

    started = time.monotonic()
    found = measurement(replace(CHECK, measure=measure), desk(VOLUMES).context, seconds=0.05)
    over.set()

    assert time.monotonic() - started < 2
    assert (found.observations, found.whole) == ((), False)
    assert [failure.code for failure in found.failures] == ["OutOfTime"]


def test_a_check_out_of_time_asks_nothing_more() -> None:
    at = desk([asset("ec2:instance", "i-1", "running")])
    reads = replace(at.context.reads, until=time.monotonic() - 1)

    found = reads.each([("a", 1), ("b", 2)], lambda number: number)

    assert [getattr(answer, "code", answer) for _, answer in found] == ["OutOfTime", "OutOfTime"]
    assert at.wire.asked == []


def test_a_judge_that_fails_says_nothing_good() -> None:
    def judge(seen: Observation, levels: Levels) -> Judgement:
        raise KeyError(seen.resource_id, levels)

    broken = replace(CHECK, judge=judge)
    found = measurement(broken, desk(VOLUMES).context)

    assert {one.judgement.verdict for one in judgements(found, broken.defaults)} == {Verdict.UNDETERMINED}


def test_a_place_that_could_not_be_listed_is_dark_and_its_resources_undetermined() -> None:
    denied = Failure("AccessDenied", "no", OWN, REGION, "ec2", "ec2:DescribeVolumes")
    found = measurement(CHECK, desk(VOLUMES, failed={("ec2:volume", OWN, REGION): denied}).context)
    said = tuple(judgements(found, CHECK.defaults))

    assert {one.judgement.verdict for one in said} == {Verdict.UNDETERMINED}
    assert "2026-11-18" in said[0].judgement.message
    assert [(cell.account, cell.region, cell.state, cell.reason) for cell in cells(found, said)] == [
        (OWN, REGION, "denied", "ec2:DescribeVolumes")
    ]


def test_a_place_where_nothing_can_be_judged_has_no_data() -> None:
    found = measurement(CHECK, desk([asset("ec2:volume", "vol-1", "")]).context)
    said = tuple(judgements(found, CHECK.defaults))

    assert [cell.state for cell in cells(found, said)] == ["no_data"]


@pytest.mark.parametrize(("age", "verdict"), [(6, Verdict.NOT_APPLICABLE), (7, Verdict.FLAGGED)])
def test_what_is_young_is_left_in_peace(age: int, verdict: Verdict) -> None:
    facts = {"age_days": age, "state": "available", "attachments": 0, "unattached_days": 30}

    assert judged(CHECK, seen(CHECK, facts), CHECK.defaults).verdict is verdict


@pytest.mark.parametrize(("amount", "verdict"), [("0.99", Verdict.OK), ("1.00", Verdict.FLAGGED)])
def test_a_saving_below_the_threshold_is_no_finding(amount: str, verdict: Verdict) -> None:
    small = replace(CHECK, judge=lambda *_: flagged("It is.", Saving(Decimal(amount), Basis.DERIVED)))

    assert judged(small, seen(small, {}), small.defaults).verdict is verdict


@pytest.mark.parametrize(
    ("rule", "tags", "out"),
    [
        ("keep", {"keep": "x"}, True),
        ("keep", {"Keep": "x"}, False),
        ("Env==prod", {"Env": "prod"}, True),
        ("Env==prod", {"Env": "production"}, False),
        ("Env=~/^prod/", {"Env": "production"}, True),
        ("Env=~/^prod$/", {"Env": "production"}, False),
        ("Env==", {"Env": ""}, True),
        ("Env", None, False),
    ],
)
def test_tags_leave_resources_out(rule: str, tags: dict[str, str] | None, out: bool) -> None:
    facts = {"state": "available", "attachments": 0, "unattached_days": 30}
    said = judged(CHECK, seen(CHECK, facts, tags=tags), CHECK.defaults, [TagRule.of(rule)])

    assert (said.verdict is Verdict.NOT_APPLICABLE) is out


@pytest.mark.parametrize("text", ["", "==x", "Env=~/[/"])
def test_a_rule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        TagRule.of(text)


def test_the_month_of_a_bill_is_that_of_the_days_a_resource_has_lived() -> None:
    old = asset("ec2:volume", "vol-old", "available", cost=Decimal(30), currency="USD")
    young = asset(
        "ec2:volume",
        "vol-young",
        "available",
        cost=Decimal(10),
        currency="USD",
        created=datetime(2026, 11, 10, tzinfo=UTC),
    )
    free = asset("ec2:volume", "vol-free", "available")
    context = desk([old, young, free]).context

    assert context.monthly_bill(old) == Decimal("30.416667")
    assert context.monthly_bill(young) == Decimal("30.416667")
    assert context.monthly_bill(free) is None
