"""GetMetricData: few calls, values in their days, and answers that are not whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finops.aws.cloudwatch import DAY, HOUR, Series, Window, series_values
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.standins import Refusal, StandIn
from tests.waste.kit import Metrics

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WHERE, CALLER = ("123456789012", "us-east-1"), Caller("default", "waste")


def cpu(name: str, statistic: str = "Average") -> Series:
    return Series("AWS/EC2", "CPUUtilization", statistic, (("InstanceId", name),))


def test_a_thousand_instances_take_four_calls() -> None:
    wire = StandIn(lambda _, params: Metrics()(params))
    wanted = [cpu(f"i-{number}", each) for number in range(1000) for each in ("Average", "Maximum")]

    found = series_values(wire.calls(), WHERE, wanted, Window.of_days(NOW, 14), CALLER)

    assert len(wire.asked) == 4
    assert len(found) == 2000


def test_hours_are_asked_for_as_many_series_as_the_data_points_allow() -> None:
    wire = StandIn(lambda _, params: Metrics()(params))

    series_values(wire.calls(), WHERE, [cpu(f"i-{n}") for n in range(301)], Window.of_days(NOW, 14, HOUR), CALLER)

    assert [len(params["MetricDataQueries"]) for _, params in wire.asked] == [300, 1]


def test_values_stand_on_their_days_and_the_running_day_is_not_asked_for() -> None:
    wire = StandIn(lambda _, params: Metrics({("CPUUtilization", "Average", "i-1"): [1, None, 3]})(params))

    (found,) = series_values(wire.calls(), WHERE, [cpu("i-1")], Window.of_days(NOW, 5), CALLER)

    assert found == (None, None, 1.0, None, 3.0)
    assert wire.asked[0][1]["EndTime"] == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_series_asked_twice_is_sent_once_and_told_twice() -> None:
    wire = StandIn(lambda _, params: Metrics({("CPUUtilization", "Average", "i-1"): [7]})(params))

    found = series_values(wire.calls(), WHERE, [cpu("i-1"), cpu("i-1")], Window.of_days(NOW, 1), CALLER)

    assert found == ((7.0,), (7.0,))
    assert len(wire.asked[0][1]["MetricDataQueries"]) == 1


def test_a_series_may_go_on_on_another_page() -> None:
    start = datetime(2026, 11, 18, tzinfo=UTC)
    pages = [
        {"MetricDataResults": [result(start, 1.0, "PartialData")], "NextToken": "more"},
        {"MetricDataResults": [result(start + timedelta(days=1), 2.0)]},
    ]
    wire = StandIn(lambda _, params: pages[1 if "NextToken" in params else 0])

    assert series_values(wire.calls(), WHERE, [cpu("i-1")], Window.of_days(NOW, 2), CALLER) == ((1.0, 2.0),)


def result(at: datetime, value: float, status: str = "Complete", name: str = "m0") -> dict[str, Any]:
    return {"Id": name, "StatusCode": status, "Timestamps": [at], "Values": [value]}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"MetricDataResults": []}, AwsError.MALFORMED),
        ({}, AwsError.MALFORMED),
        ({"MetricDataResults": [result(NOW, 1.0, name="m7")]}, AwsError.MALFORMED),
        ({"MetricDataResults": [result(NOW, 1.0, "Forbidden")]}, AwsError.DENIED),
        ({"MetricDataResults": [result(NOW, 1.0, "InternalError")]}, AwsError.UNAVAILABLE),
        ({"MetricDataResults": [{**result(NOW, 1.0), "Values": []}]}, AwsError.MALFORMED),
        (Refusal("AccessDenied"), AwsError.DENIED),
        (Refusal("InternalServiceFault", status=500), AwsError.UNAVAILABLE),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error_and_never_no_data(answer: Any, kind: str) -> None:
    wire = StandIn(lambda *_: answer)

    with pytest.raises(AwsError) as caught:
        series_values(wire.calls(), WHERE, [cpu("i-1")], Window.of_days(NOW, 2), CALLER)

    assert caught.value.kind == kind


def test_metrics_are_counted_at_their_price() -> None:
    wire = StandIn(lambda _, params: Metrics()(params))
    calls = wire.calls()

    series_values(calls, WHERE, [cpu(f"i-{number}") for number in range(600)], Window.of_days(NOW, 14), CALLER)

    meter: Any = calls._meter  # noqa: SLF001 - the pocket meter of the tests
    assert [str(record.price) for record in meter.records] == ["0.00500", "0.00100"]


def test_a_window_is_whole_periods_of_aware_times() -> None:
    with pytest.raises(ValueError, match="window"):
        Window(datetime(2026, 11, 1), NOW)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="window"):
        Window(NOW, NOW)
    assert Window.of_days(NOW, 14).points == 14
    assert Window.of_days(NOW, 14, HOUR).points == 14 * DAY // HOUR
