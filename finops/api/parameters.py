"""Query parameters become a question to the bill; what is unknown, repeated or wrong is an InputError naming it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from finops.model.costs import PLAIN_DIMENSIONS, CostQuestion, Filter, Granularity, dimension, metric
from finops.model.errors import InputError
from finops.model.period import Period, same_days_of_last_month

Pairs = Sequence[tuple[str, str]]

EXCLUDE = "exclude:"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
TENANT_RULE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
DEFAULT_LIMIT, MAX_LIMIT = 10_000, 50_000

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NEXT_DIMENSION = re.compile(rf", *(?=(?:{'|'.join(PLAIN_DIMENSIONS)})(?: *,|$)|(?:tag|category):)")


class Compare(StrEnum):
    """Which earlier period a question is held against."""

    PREVIOUS = "previous"  # as many days, ending where the period starts
    SAME_DAYS = "same_days"  # the same day numbers one month earlier

    def earlier(self, period: Period) -> Period:
        """The period to compare with."""
        return period.previous() if self is Compare.PREVIOUS else same_days_of_last_month(period)


@dataclass(frozen=True, slots=True)
class CostRequest:
    """What one request asks of `/api/costs`. `tenant` "" means the one the person opens on."""

    question: CostQuestion
    compare: Compare | None = None
    csv: bool = False
    limit: int = DEFAULT_LIMIT
    cursor: str = ""


def one(pairs: Pairs, name: str) -> str | None:
    """The single value of a parameter, or None when it is absent; InputError when it is given twice or empty."""
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise InputError(name, f"{name} may be given once")
    if values and not values[0].strip():
        raise InputError(name, f"{name} is empty")
    return values[0].strip() if values else None


def refuse_unknown(pairs: Pairs, known: Iterable[str], *, filters: bool = False) -> None:
    """InputError naming every parameter that is not known; with `filters`, filter parameters are known too."""
    names = set(known)
    unknown = sorted({key for key, _ in pairs if key not in names and not (filters and _filter_of(key))})
    if unknown:
        offered = ", ".join(sorted(names))
        raise InputError(unknown[0] or "query", f"unknown parameter: {', '.join(unknown)} (known: {offered})")


def tenant_name(text: str) -> str:
    """A tenant's name; InputError when it breaks the rule for names."""
    if not TENANT_RULE.fullmatch(text):
        raise InputError("tenant", f"tenant must match ^{TENANT_RULE.pattern}$")
    return text


def day(text: str, field: str) -> date:
    """A day from YYYY-MM-DD, in this century; InputError for any other text."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise InputError(field, f"{field} must be a day as YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY}")
    return found


def period(start: str | None, end: str | None) -> Period:
    """The period from `start` (inclusive) to `end` (exclusive); both are needed."""
    for name, value in (("start", start), ("end", end)):
        if value is None:
            raise InputError(name, f"{name} is needed, as YYYY-MM-DD (start is inclusive, end exclusive)")
    first, past = day(start or "", "start"), day(end or "", "end")
    if first >= past:
        raise InputError("end", "end must be after start (end is exclusive)")
    return Period(first, past)


def granularity(text: str | None) -> Granularity:
    """`daily`, `monthly` or `total` (also when absent); Cost Explorer's capitals are accepted."""
    try:
        return Granularity((text or Granularity.TOTAL).lower())
    except ValueError:
        raise InputError("granularity", f"granularity must be one of {', '.join(Granularity)}") from None


def currency(text: str | None) -> str | None:
    """A currency code (ISO 4217), or None."""
    if text is not None and not _CURRENCY.fullmatch(text):
        raise InputError("currency", "currency must be three capital letters, as in USD")
    return text


def source(text: str | None) -> str | None:
    """The name of a source, or None; whether it exists is for the costs to say."""
    if text is not None and not _SOURCE.fullmatch(text):
        raise InputError("source", "source must be the name of a source, as in cost_explorer or focus")
    return text


def groups(values: Iterable[str]) -> tuple[str, ...]:
    """Dimensions from `group_by`, repeated or comma-separated; a comma separates only where a dimension follows."""
    texts = [part for value in values for part in _NEXT_DIMENSION.split(value) if part]
    return tuple(dict.fromkeys(dimension(text) for text in texts))


def filters(pairs: Pairs) -> tuple[Filter, ...]:
    """Filters from `<dimension>=value` and `exclude:<dimension>=value`; repeats of one name are alternatives.

    An empty value means cost that carries no value there (`tag:Environment=` is untagged cost). Commas belong to the
    value, since names of services and vendors contain them; only account ids may come as a comma list.
    """
    found: dict[tuple[str, bool], list[str]] = {}
    for key, value in pairs:
        condition = _filter_of(key)
        if condition:
            found.setdefault(condition, []).extend(value.split(",") if condition[0] == "account" else [value])
    return tuple(
        Filter(name, tuple(dict.fromkeys(values)), exclude=excluded) for (name, excluded), values in found.items()
    )


def limit(text: str | None, *, usual: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    """Items per page."""
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= most:
        raise InputError("limit", f"limit must be a whole number from 1 to {most}")
    return int(text)


def choice(text: str | None, field: str, offered: Sequence[str]) -> str | None:
    """The text when it is one of those offered, None for none; InputError naming them otherwise."""
    if text is not None and text not in offered:
        raise InputError(field, f"{field} must be one of {', '.join(offered)}")
    return text


def cost_question(pairs: Pairs, tenant: str, *, group_by: tuple[str, ...] | None = None) -> CostQuestion:
    """The question that the parameters ask of one tenant; `group_by` fixes the grouping where the path does."""
    asked_metric = one(pairs, "metric")
    return CostQuestion(
        tenant=tenant,
        period=period(one(pairs, "start"), one(pairs, "end")),
        granularity=granularity(one(pairs, "granularity")),
        metric=metric(asked_metric) if asked_metric else None,
        group_by=groups(value for key, value in pairs if key == "group_by") if group_by is None else group_by,
        filters=filters(pairs),
        currency=currency(one(pairs, "currency")),
        source=source(one(pairs, "source")),
    )


def cost_request(pairs: Pairs, tenant: str) -> CostRequest:
    """Everything `/api/costs` accepts. A comparison is of whole periods, so it takes no granularity and no pages."""
    question = cost_question(pairs, tenant)
    compare = choice(one(pairs, "compare"), "compare", tuple(Compare))
    if compare and question.granularity is not Granularity.TOTAL:
        raise InputError(
            "granularity", "granularity cannot be combined with compare, which holds whole periods together"
        )
    return CostRequest(
        question=question,
        compare=Compare(compare) if compare else None,
        csv=choice(one(pairs, "format"), "format", ("json", "csv")) == "csv",
        limit=limit(one(pairs, "limit")),
        cursor=one(pairs, "cursor") or "",
    )


def _filter_of(key: str) -> tuple[str, bool] | None:
    """The dimension and whether it is excluded, for a parameter that is a filter; None for any other parameter."""
    name = key.removeprefix(EXCLUDE)
    try:
        return dimension(name), name != key
    except InputError:
        return None
