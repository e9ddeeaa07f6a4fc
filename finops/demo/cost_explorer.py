"""Cost Explorer's answers from the made-up bill, under the rules and with the errors of the real API.

The rules are those of the GetCostAndUsage reference; messages are worded as public issue reports quote them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import date, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from finops.demo.cut import Cut, Question, cut, page, totals
from finops.demo.dimensions import FILTERABLE, category_labels, dimension_labels, group_labels, matching, tag_labels
from finops.demo.estate import CATEGORY, TAG_KEYS, Estate
from finops.demo.ledger import HISTORY_MONTHS, METRICS, Ledger, make_ledger
from finops.demo.resource_ledger import resource_ledger
from finops.demo.wire import Request, aws_error, invalid, page_offset, page_token
from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from finops.demo.population.everything import Census

PAGE_GROUPS = 5000
HOURLY_DAYS = 14
TOO_OLD = "start date is too old for hourly, the max supported days for hourly granularity is 14 days."
MOST_GROUPS = 2
_KEPT_CUTS = 6
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class Bill:
    """The bill as of today, by line and by resource: each made once a day, shared by all threads."""

    def __init__(self, estate: Estate, now: Callable[[], datetime], census: Census) -> None:
        self._estate = estate
        self._now = now
        self._census = census
        self._lock = Lock()
        self._resource_lock = Lock()
        self._ledger: Ledger | None = None
        self._by_resource: Ledger | None = None

    def today(self) -> Ledger:
        """The ledger of the current day."""
        day = self._now().date()
        with self._lock:
            if self._ledger is None or self._ledger.today != day:
                self._ledger = make_ledger(self._estate, day)
            return self._ledger

    def by_resource(self) -> Ledger:
        """The last days of today's ledger, line by resource."""
        ledger = self.today()
        with self._resource_lock:
            if self._by_resource is None or self._by_resource.today != ledger.today:
                self._by_resource = resource_ledger(ledger, self._census.on(ledger.today))
            return self._by_resource


class CostExplorer:
    """Answers the free and the paid read operations of Cost Explorer that the product uses."""

    def __init__(self, bill: Bill, *, page_size: int = PAGE_GROUPS) -> None:
        self._bill = bill
        self._page_size = page_size
        self._lock = Lock()
        self._cuts: OrderedDict[tuple[date, str], Cut] = OrderedDict()

    def get_cost_and_usage(self, request: Request) -> dict[str, Any]:
        """Costs of a period in days or months, in total or by up to two groups, page by page."""
        return self._answer(request, self._bill.today())

    def get_cost_and_usage_with_resources(self, request: Request) -> dict[str, Any]:
        """Costs of the last 14 days by resource, of what a filter keeps."""
        asked = [group.get("Key") for group in request.params.get("GroupBy") or ()]
        if "RESOURCE_ID" not in asked and "RESOURCE_ID" not in str(request.params["Filter"]):
            raise invalid("GetCostAndUsageWithResources must group by or filter by RESOURCE_ID.")
        ledger = self._bill.by_resource()
        start = request.params["TimePeriod"]["Start"]
        if _day(start[:10], "Start") < ledger.today - timedelta(days=HOURLY_DAYS):
            raise invalid(TOO_OLD)
        return self._answer(request, ledger)

    def _answer(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        params = request.params
        offset = page_offset(request, params.get("NextPageToken"))
        result = self._cut(request, ledger)
        if not params.get("GroupBy"):
            return {"ResultsByTime": totals(result), "DimensionValueAttributes": []}
        results, following = page(result, offset=offset, size=self._page_size)
        answer = {
            "GroupDefinitions": [dict(group) for group in params["GroupBy"]],
            "ResultsByTime": results,
            "DimensionValueAttributes": self._account_names(params["GroupBy"], result),
        }
        return answer if following is None else {**answer, "NextPageToken": page_token(request, following)}

    def get_dimension_values(self, request: Request) -> dict[str, Any]:
        """The values a dimension takes in a period, most expensive first with `SortBy`."""
        params = request.params
        if params.get("Context", "COST_AND_USAGE") != "COST_AND_USAGE":
            raise aws_error("DataUnavailableException", "The requested data is unavailable.")
        ledger = self._bill.today()
        labels = dimension_labels(ledger.lines, params["Dimension"], estate=ledger.estate)
        if labels is None:
            raise invalid(f"Dimension {params['Dimension']} is not one of {', '.join(FILTERABLE)}.")
        values = _listed(ledger, request, labels=labels)
        chosen, rest = _sliced(request, values, size=self._page_size)
        names = {account.account_id: account.name for account in ledger.estate.members}
        described = params["Dimension"] == "LINKED_ACCOUNT"
        found = [{"Value": value, "Attributes": {"description": names[value]} if described else {}} for value in chosen]
        return {"DimensionValues": found, "ReturnSize": len(found), "TotalSize": len(values), **rest}

    def get_tags(self, request: Request) -> dict[str, Any]:
        """The activated tag keys in use, or the values of one key with the empty one of untagged cost."""
        ledger = self._bill.today()
        key = request.params.get("TagKey")
        if key is None:
            used = [
                name
                for name in TAG_KEYS
                if any(_listed(ledger, request, labels=tag_labels(ledger.lines, name), search=False))
            ]
            values = [name for name in sorted(used) if _found(request, name)]
        else:
            values = _listed(ledger, request, labels=tag_labels(ledger.lines, key)) if key in TAG_KEYS else []
        chosen, rest = _sliced(request, values, size=self._page_size)
        return {"Tags": chosen, "ReturnSize": len(chosen), "TotalSize": len(values), **rest}

    def get_cost_categories(self, request: Request) -> dict[str, Any]:
        """The names of cost categories, or the values of one of them."""
        ledger = self._bill.today()
        name = request.params.get("CostCategoryName")
        if name is None:
            _period(request.params["TimePeriod"], ledger.today, monthly=True)
            values, field = [one for one in (CATEGORY,) if _found(request, one)], "CostCategoryNames"
        else:
            found = _listed(ledger, request, labels=category_labels(ledger.lines, name))
            values, field = [value for value in found if value], "CostCategoryValues"
        chosen, rest = _sliced(request, values, size=self._page_size)
        return {field: chosen, "ReturnSize": len(chosen), "TotalSize": len(values), **rest}

    def list_cost_allocation_tags(self, request: Request) -> dict[str, Any]:
        """The cost-allocation tags with their status: all of them are user-defined and active."""
        params = request.params
        asked = params.get("TagKeys") or TAG_KEYS
        shown = params.get("Status", "Active") == "Active" and params.get("Type", "UserDefined") == "UserDefined"
        keys = [key for key in TAG_KEYS if key in asked and shown]
        offset, size = page_offset(request, params.get("NextToken")), params.get("MaxResults", 100)
        tags = [{"TagKey": key, "Type": "UserDefined", "Status": "Active"} for key in keys[offset : offset + size]]
        more = {"NextToken": page_token(request, offset + size)} if offset + size < len(keys) else {}
        return {"CostAllocationTags": tags, **more}

    def _cut(self, request: Request, ledger: Ledger) -> Cut:
        """The sums behind all pages of one request, computed once."""
        known = (ledger.today, request.fingerprint)
        with self._lock:
            if known in self._cuts:
                self._cuts.move_to_end(known)
                return self._cuts[known]
        result = cut(ledger, _question(ledger, request))
        with self._lock:
            self._cuts[known] = result
            while len(self._cuts) > _KEPT_CUTS:
                self._cuts.popitem(last=False)
        return result

    def _account_names(self, groups: list[Mapping[str, Any]], result: Cut) -> list[dict[str, Any]]:
        positions = [
            index
            for index, group in enumerate(groups)
            if group["Type"] == "DIMENSION" and group["Key"] == "LINKED_ACCOUNT"
        ]
        if not positions:
            return []
        names = {account.account_id: account.name for account in self._bill.today().estate.members}
        shown = sorted({result.keys[index][positions[0]] for index in np.unique(result.group).tolist()})
        return [{"Value": account, "Attributes": {"description": names[account]}} for account in shown]


def _question(ledger: Ledger, request: Request) -> Question:
    params = request.params
    monthly = params["Granularity"] == "MONTHLY"
    period = _period(params["TimePeriod"], ledger.today, monthly=monthly, hourly=params["Granularity"] == "HOURLY")
    metrics = tuple(dict.fromkeys(params.get("Metrics") or ()))
    if not metrics or set(metrics) - set(METRICS):
        raise invalid(f"Metrics must be one or more of {', '.join(METRICS)}.")
    groups = params.get("GroupBy") or []
    if len(groups) > MOST_GROUPS:
        raise invalid("The maximum number of group definitions is 2.")
    labels = tuple(group_labels(ledger.lines, group, estate=ledger.estate) for group in groups)
    return Question(period, monthly, metrics, labels, _kept(ledger, request))


def _kept(ledger: Ledger, request: Request) -> NDArray[np.bool_]:
    """The lines a request is about: those of its filter; a member account sees only its own."""
    expression = request.params.get("Filter")
    keep = (
        matching(expression, ledger.lines, estate=ledger.estate)
        if expression is not None
        else np.ones(len(ledger.lines), dtype=bool)
    )
    if request.account != ledger.estate.management.account_id:
        keep &= np.fromiter(
            (line.account == request.account for line in ledger.lines), dtype=bool, count=len(ledger.lines)
        )
    return keep


def _period(asked: Mapping[str, str], today: date, *, monthly: bool, hourly: bool = False) -> Period:
    """The period asked for; ValidationException where Cost Explorer refuses it. `End` is exclusive."""
    if hourly:
        raise _hourly_refusal(asked, today)
    for text in (asked["Start"], asked["End"]):
        if "T" in text:
            raise invalid("Hourly timePeriod is not supported for this request")
    start, end = _day(asked["Start"], "Start"), _day(asked["End"], "End")
    if start >= end:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    if end > add_months(month_start(today), 1):
        raise invalid("end date past the beginning of next month")
    if start < add_months(today, -HISTORY_MONTHS) and start.day != 1:
        raise invalid(
            "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month."
        )
    if not monthly and start < month_start(add_months(today, -HISTORY_MONTHS)):
        raise invalid("Data beyond the past 14 months is only available at monthly granularity.")
    return Period(start, end)


def _hourly_refusal(asked: Mapping[str, str], today: date) -> Exception:
    if _day(asked["Start"][:10], "Start") < today - timedelta(days=HOURLY_DAYS):
        return invalid(TOO_OLD)
    return aws_error("DataUnavailableException", "Hourly granularity is not enabled for this account.")


def _day(text: str, name: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not _DATE.match(text):
        raise invalid(f"{name} time {text} is invalid. Valid format is: yyyy-MM-dd.")
    return day


def _listed(ledger: Ledger, request: Request, *, labels: list[str], search: bool = True) -> list[str]:
    """The distinct labels with a charge in the period: alphabetical, or by cost with `SortBy`."""
    params = request.params
    if params.get("MaxResults") and not params.get("SortBy"):
        raise invalid("MaxResults can only be used with SortBy.")
    metric, descending = _order(params.get("SortBy") or [])
    period = _period(params["TimePeriod"], ledger.today, monthly=True)
    result = cut(ledger, Question(period, True, (metric,), (labels,), _kept(ledger, request)))
    cost = np.zeros(len(result.keys), dtype=np.int64)
    np.add.at(cost, result.group, result.sums[0])
    found = [(int(cost[index]), result.keys[index][0]) for index in np.unique(result.group).tolist()]
    if params.get("SortBy"):
        found.sort(key=lambda pair: pair[0], reverse=descending)
    return [label for _, label in found if not search or _found(request, label)]


def _order(sort_by: list[Mapping[str, str]]) -> tuple[str, bool]:
    metric = sort_by[0]["Key"] if sort_by else "UnblendedCost"
    if metric not in METRICS:
        raise invalid(f"SortBy key must be one of {', '.join(METRICS)}.")
    return metric, not sort_by or sort_by[0].get("SortOrder", "DESCENDING") == "DESCENDING"


def _found(request: Request, value: str) -> bool:
    return (request.params.get("SearchString") or "").casefold() in value.casefold()


def _sliced(request: Request, values: list[str], *, size: int) -> tuple[list[str], dict[str, str]]:
    """One page of values, and the token of the next page where there is one."""
    params = request.params
    offset = page_offset(request, params.get("NextPageToken"))
    stop = offset + min(params.get("MaxResults") or size, size)
    return values[offset:stop], {"NextPageToken": page_token(request, stop)} if stop < len(values) else {}
