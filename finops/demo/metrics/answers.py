"""GetMetricData over the made-up population: by day and by hour, in pages of data points, with AWS's refusals.

Only whole periods that are over have a value, so that a day's figure is the same whatever day asks. A metric that does
not exist has no data, as AWS has it; a statistic or an expression that the demo does not keep is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import refuse_unknown
from finops.demo.metrics import compute, stores, traffic
from finops.demo.metrics.curves import Days, daily, hourly
from finops.demo.metrics.groups import Measured
from finops.demo.wire import aws_error, page_offset, page_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.demo.metrics.curves import Curve, Flags, Floats
    from finops.demo.population.everything import Census, Population
    from finops.demo.wire import Request

Names = tuple[str, str, str, frozenset[tuple[str, str]]]
Points = tuple[list[datetime], list[float]]

GROUPS = (*compute.GROUPS, *traffic.GROUPS, *stores.GROUPS)
QUERIES_AT_MOST, POINTS_AT_MOST = 500, 100_800
DAY, HOUR = 86_400, 3_600
_ID = re.compile(r"[a-z]\w*", re.ASCII)
_KNOWN = ("MetricDataQueries", "StartTime", "EndTime", "ScanBy", "MaxDatapoints", "NextToken")
_OF_QUERY = {"Id", "MetricStat", "Label", "ReturnData"}
_OF_STAT = {"Metric", "Period", "Stat"}


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a request: its id and label, the curve it asks for (None: no such metric) and how."""

    id: str
    label: str
    curve: Curve | None
    seconds: int
    statistic: str


class CloudWatch:
    """Answers from one census, on what was measured before `now`."""

    def __init__(self, census: Census, now: Callable[[], datetime]) -> None:
        self._census = census
        self._now = now
        self._lock = Lock()
        self._known: tuple[Population, Mapping[Names, Measured]] | None = None

    def get_metric_data(self, request: Request) -> dict[str, Any]:
        """One page of data points, for the queries that have some on it."""
        refuse_unknown(request, _KNOWN)
        queries = self._queries(request)
        found = self._points(queries, *self._window(request))
        if request.params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found = [(times[::-1], values[::-1]) for times, values in found]
        return _page(request, queries, found)

    def _queries(self, request: Request) -> list[Query]:
        asked = request.params["MetricDataQueries"]
        if len(asked) > QUERIES_AT_MOST:
            raise _invalid(f"The collection MetricDataQueries must not have a size greater than {QUERIES_AT_MOST}.")
        if len({query["Id"] for query in asked}) < len(asked):
            raise _invalid("The values for parameter Id in MetricDataQueries are not unique.")
        index = self._index()
        return [_query(request, query, index) for query in asked]

    def _window(self, request: Request) -> tuple[datetime, datetime]:
        start, end = (_moment(request.params[name]) for name in ("StartTime", "EndTime"))
        if start >= end:
            raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
        return start, min(end, self._now().astimezone(UTC))

    def _points(self, queries: Sequence[Query], start: datetime, end: datetime) -> list[Points]:
        """The points of each query, oldest first: all queries of a period and statistic are reckoned together."""
        found: list[Points] = [([], []) for _ in queries]
        ways = {(query.seconds, query.statistic if query.seconds == HOUR else "") for query in queries}
        for seconds, statistic in sorted(ways):
            times, days = _times(start, end, seconds)
            rows = [
                (place, query.curve)
                for place, query in enumerate(queries)
                if query.curve and query.seconds == seconds and statistic in {"", query.statistic}
            ]
            if not rows or not times:
                continue
            curves = [curve for _, curve in rows]
            values, there = daily(curves, days) if seconds == DAY else hourly(curves, days, statistic)
            skipped = (times[0] - _midnight(times[0])) // timedelta(seconds=seconds) if seconds == HOUR else 0
            part = slice(skipped, skipped + len(times))
            for (place, _), row, known in zip(rows, values[:, part], there[:, part], strict=True):
                found[place] = _listed(times, row, known)
        return found

    def _index(self) -> Mapping[Names, Measured]:
        """What is measured, by account, region, namespace and dimensions; made once for a population."""
        population = self._census.today()
        with self._lock:
            if self._known is None or self._known[0] is not population:
                self._known = population, _indexed(population)
            return self._known[1]


def _indexed(population: Population) -> Mapping[Names, Measured]:
    kinds: dict[str, list[Any]] = {}
    for group in GROUPS:
        kinds.setdefault(group.kind, []).append(group)
    found: dict[Names, Measured] = {}
    for one in population.seen:
        for group in kinds.get(one.kind, ()):
            for named in group.named(one):
                dimensions = frozenset(named.items())
                found[one.account, one.region, group.namespace, dimensions] = Measured(one, group, dimensions)
    return found


def _query(request: Request, asked: Mapping[str, Any], index: Mapping[Names, Measured]) -> Query:
    stat = asked.get("MetricStat") or {}
    for name in sorted((asked.keys() - _OF_QUERY) | (stat.keys() - _OF_STAT)):
        raise aws_error("NotInDemo", f"The demo does not follow {name} of a query; nothing was sent.")
    if not stat or not _ID.fullmatch(asked["Id"]):
        raise _invalid(f"The query {asked['Id']} names no metric, or its Id does not start with a lower-case letter.")
    if stat["Period"] not in {DAY, HOUR} or not asked.get("ReturnData", True):
        raise aws_error("NotInDemo", "The demo knows days and hours, and returns what is asked; nothing was sent.")
    metric, statistic = stat["Metric"], stat["Stat"]
    name = metric["MetricName"]
    dimensions = frozenset((each["Name"], each["Value"]) for each in metric.get("Dimensions", ()))
    known = index.get((request.account, request.region, metric["Namespace"], dimensions))
    meters = known.group.meters.get(name) if known else None
    if meters is not None and statistic not in meters:
        raise aws_error("NotInDemo", f"The demo does not keep {statistic} of {name}; nothing was sent.")
    curve = known.curve(name, statistic) if known and meters else None
    return Query(asked["Id"], asked.get("Label") or name, curve, stat["Period"], statistic)


def _times(start: datetime, end: datetime, seconds: int) -> tuple[list[datetime], Days]:
    """The whole periods from the one that holds `start` on, those that end after `end` left out, and their days."""
    step = timedelta(seconds=seconds)
    midnight = _midnight(start)
    first = midnight + (start - midnight) // step * step
    count = max(0, (end - first) // step)
    times = [first + step * number for number in range(count)]
    days = ((times[-1] - midnight).days + 1) if times else 1
    return times, Days(midnight.toordinal(), days)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _listed(times: list[datetime], values: Floats, there: Flags) -> Points:
    if there.all():
        return times, values.tolist()
    places = there.nonzero()[0].tolist()
    return [times[place] for place in places], values[there].tolist()


def _page(request: Request, queries: Sequence[Query], found: Sequence[Points]) -> dict[str, Any]:
    """The results between two counts of data points; those without any stand where they would begin."""
    size = int(request.params.get("MaxDatapoints") or POINTS_AT_MOST)
    if not 1 <= size <= POINTS_AT_MOST:
        raise _invalid(f"The parameter MaxDatapoints must be between 1 and {POINTS_AT_MOST}.")
    token = request.params.get("NextToken")
    first = page_offset(request, token, refusals=("InvalidNextToken", "InvalidNextToken")) if token else 0
    last = first + size
    total = sum(len(times) for times, _ in found)
    results, before = [], 0
    for query, (times, values) in zip(queries, found, strict=True):
        low, high = max(first - before, 0), min(last - before, len(times))
        empty = not times and (first <= before < last or before == total <= last)
        if low < high or empty:
            status = "Complete" if high >= len(times) else "PartialData"
            shown = {"Id": query.id, "Label": query.label, "StatusCode": status}
            results.append({**shown, "Timestamps": times[low:high], "Values": values[low:high]})
        before += len(times)
    more = {"NextToken": page_token(request, last)} if last < total else {}
    return {"MetricDataResults": results, "Messages": [], **more}


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC)
    found: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def _invalid(message: str) -> Exception:
    return aws_error("ValidationError", message)


__all__ = ["GROUPS", "CloudWatch"]
