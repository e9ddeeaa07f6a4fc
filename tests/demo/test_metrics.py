"""Metrics of the made-up estate: every role keeps its word on any day, and the past stays as it was."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from math import isclose
from typing import TYPE_CHECKING

import pytest

from finops.demo.population.resource import (
    AVERAGE_AT_LIMIT,
    BUSY,
    CHATTY,
    FORGOTTEN,
    IDLE,
    MAXIMUM_AT_LIMIT,
    NEARLY_WHOLE,
    OFFICE,
    OVERSIZED,
    PATCHY,
    QUIET,
    STOPPED,
)
from tests.demo.questions import HOUR, Points, Watch, average

if TYPE_CHECKING:
    from finops.demo.population.resource import Resource

FRIDAY, SATURDAY = date(2026, 11, 20), date(2027, 3, 6)
WATCHED = [(7, FRIDAY), (7, SATURDAY), (8, FRIDAY), (9, SATURDAY)]
MEGABYTE = 1e6


@pytest.fixture(scope="module", params=WATCHED, ids=lambda each: f"{each[0]}-{each[1]}")
def watch(request: pytest.FixtureRequest) -> Watch:
    seed, today = request.param
    return Watch(today, seed=seed)


def by_role(watch: Watch, kind: str, metric: str, statistic: str) -> dict[str, list[tuple[Resource, Points]]]:
    found: dict[str, list[tuple[Resource, Points]]] = defaultdict(list)
    for one, points in watch.by_resource(kind, metric, statistic):
        if not one.quirk:
            found[one.role].append((one, points))
    return found


def test_the_cpu_of_an_instance_is_that_of_its_role(watch: Watch) -> None:
    averages = by_role(watch, "ec2:instance", "CPUUtilization", "Average")
    maxima = by_role(watch, "ec2:instance", "CPUUtilization", "Maximum")
    assert {BUSY, QUIET, IDLE, OVERSIZED, OFFICE, STOPPED} <= averages.keys()
    for role, least, most in ((BUSY, 20, 70), (QUIET, 6, 15), (IDLE, 0, 5), (FORGOTTEN, 0, 5), (OVERSIZED, 5, 20)):
        for one, points in averages[role]:
            assert all(least <= value < most for value in points.values()), (role, one.id)
    for role, least, most in (
        (QUIET, 15, 100),
        (IDLE, 0, 10),
        (FORGOTTEN, 0, 10),
        (OVERSIZED, 20, 38),
        (BUSY, 80, 100),
    ):
        for one, points in maxima[role]:
            assert all(least <= value < most for value in points.values()), (role, one.id)
    both = [pair for role in averages for pair in zip(averages[role], maxima[role], strict=True)]
    for (one, low), (other, high) in both:
        assert one is other
        assert low.keys() == high.keys()
        assert all(low[at] <= high[at] for at in low)


def test_what_is_idle_hears_next_to_nothing_and_what_works_does(watch: Watch) -> None:
    inward, outward = (by_role(watch, "ec2:instance", name, "Sum") for name in ("NetworkIn", "NetworkOut"))
    for (one, arrived), (_, left) in zip(inward[IDLE], outward[IDLE], strict=True):
        assert all(arrived[at] + left[at] <= 5 * MEGABYTE for at in arrived), one.id
    assert all(average(points) > 100 * MEGABYTE for one, points in outward[BUSY] if points)


def test_nothing_is_measured_before_birth_or_while_it_is_off(watch: Watch) -> None:
    off = 0
    for one, points in watch.by_resource("ec2:instance", "CPUUtilization", "Average", days=40):
        days = {at.date() for at in points}
        assert all(one.life.on(day) for day in days)
        for since, until in one.work.spans or ():
            assert all(since <= day and (until is None or day < until) for day in days), one.id
            off += not days
        if one.work.weekdays:
            assert days
            assert all(day.weekday() < 5 for day in days)
    assert off >= 5, "machines that were stopped long ago"


def test_a_volume_is_measured_while_it_is_attached_to_something_that_runs(watch: Watch) -> None:
    found = watch.by_resource("ec2:volume", "VolumeWriteOps", "Sum")
    loose = [points for one, points in found if not one.item["Attachments"]]
    assert loose.count({}) == len(loose) > 10
    idle = [points for one, points in found if one.role == IDLE and one.work.spans is None and not one.quirk]
    assert idle
    assert all(set(points.values()) == {0.0} for points in idle)
    assert sum(min(points.values(), default=0) > 1000 for _, points in found) > 200


def test_metrics_at_the_very_limits_are_there_to_be_judged(watch: Watch) -> None:
    quirks: dict[str, dict[str, Points]] = defaultdict(dict)
    for name, statistic in (("CPUUtilization", "Average"), ("CPUUtilization", "Maximum"), ("NetworkOut", "Sum")):
        for one, points in watch.by_resource("ec2:instance", name, statistic, days=14):
            if one.quirk:
                quirks[one.quirk][statistic] = points
    assert set(quirks[AVERAGE_AT_LIMIT]["Average"].values()) == {5.0}
    assert max(quirks[AVERAGE_AT_LIMIT]["Maximum"].values()) < 10
    assert max(quirks[MAXIMUM_AT_LIMIT]["Maximum"].values()) == 10.0
    assert average(quirks[MAXIMUM_AT_LIMIT]["Average"]) < 5
    assert [len(quirks[name]["Average"]) for name in (PATCHY, NEARLY_WHOLE)] == [12, 13]
    assert average(quirks[CHATTY]["Sum"]) > 50 * MEGABYTE
    assert max(quirks[CHATTY]["Maximum"].values()) < 10


def test_office_hours_show_by_the_hour_and_add_up_to_the_day(watch: Watch) -> None:
    office = [one for one in watch.wanted("ec2:instance", "CPUUtilization") if one.resource.role == OFFICE]
    end = watch.now.date()
    hours, days = (watch.points(office, end=end, days=14, seconds=step) for step in (HOUR, 86_400))
    on_at_weekends = 0
    for one, points in hours.items():
        for at, value in points.items():
            working = at.weekday() < 5 and 8 <= at.hour < 19
            if one.statistic == "Average":
                assert (value > 20) if working else (value < 5), (at, value)
            elif not working:
                assert value < 10, (at, value)
        on_at_weekends += any(at.weekday() >= 5 for at in points)
        for midnight, value in days[one].items():
            inside = [points[midnight + timedelta(hours=hour)] for hour in range(24)]
            whole = sum(inside) / 24 if one.statistic == "Average" else max(inside)
            assert isclose(whole, value, rel_tol=1e-6)
    assert on_at_weekends, "some testers never switch their machines off"


def test_stores_do_what_their_roles_say(watch: Watch) -> None:
    for kind, metric, statistic in (
        ("rds:db", "DatabaseConnections", "Maximum"),
        ("elasticache:cluster", "NewConnections", "Sum"),
        ("elasticache:cluster", "GetTypeCmds", "Sum"),
        ("opensearch:domain", "SearchRate", "Sum"),
        ("kafka:cluster", "BytesInPerSec", "Average"),
        ("redshift:cluster", "DatabaseConnections", "Maximum"),
    ):
        roles: dict[bool, list[Points]] = {True: [], False: []}
        for one, points in watch.by_resource(kind, metric, statistic):
            if one.work.spans is None:
                roles[one.role == IDLE].append(points)
        assert roles[True], (kind, "has an idle one")
        assert roles[False]
        assert all(set(points.values()) == {0.0} for points in roles[True]), (kind, metric)
        assert all(min(points.values()) > 0 for points in roles[False]), (kind, metric)


def test_provisioned_capacity_is_used_hardly_used_or_not_at_all(watch: Watch) -> None:
    shares: dict[str, list[float]] = defaultdict(list)
    for one, points in watch.by_resource("dynamodb:table", "ConsumedReadCapacityUnits", "Sum"):
        units = one.item["ProvisionedThroughput"]["ReadCapacityUnits"]
        if units:
            shares[one.role] += [value / 86_400 / units for value in points.values()]
    assert set(shares[IDLE]) == {0.0}
    assert 0 < min(shares[QUIET]) <= max(shares[QUIET]) < 0.1
    assert 0.3 < min(shares[BUSY]) <= max(shares[BUSY]) < 0.8


def test_days_without_requests_have_no_points(watch: Watch) -> None:
    for kind, metric in (("lambda:function", "Invocations"), ("elb:loadbalancer", "RequestCount")):
        found = watch.by_resource(kind, metric, "Sum")
        assert all(value > 0 for _, points in found for value in points.values())
        silent = [one.role for one, points in found if not points]
        assert len(silent) > 3
        assert set(silent) <= {IDLE, FORGOTTEN}
    few = [points for one, points in watch.by_resource("lambda:function", "Invocations", "Sum") if one.role == QUIET]
    assert any(0 < len(points) < 28 for points in few)


def test_gateways_and_endpoints_carry_nothing_where_idle(watch: Watch) -> None:
    for kind, metric in (("ec2:natgateway", "BytesOutToDestination"), ("ec2:vpc-endpoint", "BytesProcessed")):
        found = watch.by_resource(kind, metric, "Sum")
        idle = [points for one, points in found if one.role == IDLE]
        assert idle
        assert all(len(points) == 28 and not any(points.values()) for points in idle)
        assert all(min(points.values()) > 0 for one, points in found if one.role != IDLE)


@pytest.mark.parametrize("later", [1, 2, 9, 40])
@pytest.mark.parametrize("seed", [7, 8])
def test_a_past_day_is_the_same_whatever_day_asks(seed: int, later: int) -> None:
    before, after = Watch(FRIDAY, seed=seed), Watch(FRIDAY + timedelta(days=later), seed=seed)
    arns = {one.arn for one in before.population.listed} & {one.arn for one in after.population.listed}
    then, now = (
        {
            (one.resource.arn, one.metric, one.statistic, one.dimensions): points
            for one, points in watch.points(watch.wanted(), end=FRIDAY, days=35).items()
            if one.resource.arn in arns
        }
        for watch in (before, after)
    )
    assert len(then) > 2000
    assert {key: points for key, points in now.items() if points != then[key]} == {}


def test_a_day_that_is_not_over_has_no_value_yet() -> None:
    watch = Watch(FRIDAY)
    wanted = [one for one in watch.wanted("ec2:natgateway") if one.metric == "BytesInFromSource"][:3]
    days = watch.points(wanted, end=FRIDAY + timedelta(days=2), days=3)
    hours = watch.points(wanted, end=FRIDAY + timedelta(days=2), days=2, seconds=HOUR)
    yesterday = datetime.combine(FRIDAY - timedelta(days=1), time(), UTC)
    assert all(list(points) == [yesterday] for points in days.values())
    assert all(max(points) == watch.now - timedelta(hours=1) for points in hours.values() if any(points.values()))
