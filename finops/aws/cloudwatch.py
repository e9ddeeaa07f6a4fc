"""CloudWatch's GetMetricData: many daily or hourly series of one account and region in as few calls as it takes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html: at most 500 metrics and 100,800
data points a call; 0.01 US dollars per 1,000 metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask
from finops.aws.failures import Place
from finops.aws.permissions import Operation, declare
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.aws.calls import Calls
    from finops.model.metering import Caller

FEATURE = "waste"
SERIES_A_CALL = 500
POINTS_A_CALL = 100_800
PRICE_A_METRIC = Decimal("0.00001")
HOUR, DAY = 3600, 86_400

GET_METRIC_DATA = declare(
    Operation(
        service="cloudwatch",
        name="GetMetricData",
        action="cloudwatch:GetMetricData",
        feature=FEATURE,
        lost="whether resources are used: everything that is judged by CPU, traffic, connections or requests",
        scope="member",
    )
)

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one resource: namespace, name, dimensions and the statistic of each period."""

    namespace: str
    metric: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """`start` and `end` (exclusive) are whole periods in UTC; `seconds` is the length of one."""

    start: datetime
    end: datetime
    seconds: int = DAY

    def __post_init__(self) -> None:
        if None in {self.start.tzinfo, self.end.tzinfo} or self.points < 1:
            raise ValueError("a window holds at least one period of aware times")

    @property
    def points(self) -> int:
        """How many periods it holds."""
        return int((self.end - self.start).total_seconds()) // self.seconds

    @classmethod
    def of_days(cls, now: datetime, days: int, seconds: int = DAY) -> Window:
        """The last whole days before today: today's values are not complete yet."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(midnight - timedelta(days=days), midnight, seconds)


def series_values(
    calls: Calls, where: tuple[str, str], wanted: Sequence[Series], window: Window, caller: Caller
) -> tuple[Values, ...]:
    """The values of each series in the order asked, one for each period of the window, None where there is no data.

    `where` is account and region. AwsError when a call fails, or when CloudWatch could not read one of the series: no
    data is then no answer.
    """
    unique = list(dict.fromkeys(wanted))
    size = max(1, min(SERIES_A_CALL, POINTS_A_CALL // window.points))
    found: dict[Series, Values] = {}
    for start in range(0, len(unique), size):
        part = unique[start : start + size]
        found |= zip(part, _answered(calls, where, part, window, caller), strict=True)
    return tuple(found[one] for one in wanted)


def _answered(
    calls: Calls, where: tuple[str, str], part: Sequence[Series], window: Window, caller: Caller
) -> Iterator[Values]:
    account, region = where
    params = {
        "MetricDataQueries": [_query(number, one, window) for number, one in enumerate(part)],
        "StartTime": window.start,
        "EndTime": window.end,
        "ScanBy": "TimestampAscending",
    }
    ask = Ask(GET_METRIC_DATA, params, ("MetricDataResults",), account, region, charge=len(part) * PRICE_A_METRIC)
    place = Place(GET_METRIC_DATA, account, region)
    values: list[list[float | None]] = [[None] * window.points for _ in part]
    told: set[int] = set()
    for page in calls.pages(ask, caller):
        for result in page["MetricDataResults"]:
            number = _number(result, len(part), place)
            told.add(number)
            _fill(values[number], result, window, place)
    if len(told) < len(part):
        raise place.error(AwsError.MALFORMED, "Malformed", f"It names {len(told)} of {len(part)} metrics.")
    return (tuple(each) for each in values)


def _query(number: int, one: Series, window: Window) -> dict[str, Any]:
    metric = {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
    }
    stat = {"Metric": metric, "Period": window.seconds, "Stat": one.statistic}
    return {"Id": f"m{number}", "MetricStat": stat, "ReturnData": True}


def _number(result: Mapping[str, Any], count: int, place: Place) -> int:
    text = str(result.get("Id", ""))[1:]
    if not text.isdecimal() or int(text) >= count:
        raise place.error(AwsError.MALFORMED, "Malformed", "It names a metric that nobody asked for.")
    return int(text)


def _fill(values: list[float | None], result: Mapping[str, Any], window: Window, place: Place) -> None:
    status = result.get("StatusCode", "Complete")
    if status == "Forbidden":
        raise place.error(AwsError.DENIED, "Forbidden", "CloudWatch refuses one of the metrics.")
    if status == "InternalError":
        raise place.error(AwsError.UNAVAILABLE, "InternalError", "CloudWatch could not read one of the metrics.")
    times, numbers = result.get("Timestamps", ()), result.get("Values", ())
    if len(times) != len(numbers):
        raise place.error(AwsError.MALFORMED, "Malformed", "Its times and values differ in number.")
    for at, value in zip(times, numbers, strict=True):
        index = int((_moment(at) - window.start).total_seconds()) // window.seconds
        if 0 <= index < len(values):
            values[index] = float(value)


def _moment(at: datetime | str | float) -> datetime:
    if isinstance(at, datetime):
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else datetime.fromisoformat(at)
