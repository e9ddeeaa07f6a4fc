"""The questions to stored findings, as DuckDB's SQL. Identifiers come from the maps below only; values are bound.

Every question goes over `counted`: the rows of the parts asked whose run counts for their check (`$runs` and `$checks`
go together), of this tenant and workspace, whatever else lies in the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from finops.model.errors import InputError
from finops.model.findings import Verdict
from finops.store.finding_rows import FINDING_COLUMNS, OBSERVED_COLUMNS
from finops.store.selecting import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from decimal import Decimal

_COUNTED = """
WITH counting AS (SELECT unnest($runs::VARCHAR[]) AS run_id, unnest($checks::VARCHAR[]) AS check_id),
counted AS (
    SELECT found.* FROM {parts} AS found SEMI JOIN counting USING (run_id, check_id)
    WHERE tenant_id = $tenant AND workspace = $workspace
)
"""

_SORTS = {
    "monthly_saving": "monthly_saving",
    "monthly_cost": "monthly_cost",
    "severity": "CASE severity WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END",
    **{
        name: name
        for name in (
            *("check_id", "title", "category", "account", "region", "kind", "resource_id", "name", "verdict"),
            *("observed", "run_date", "created"),
        )
    },
}
SORTS = tuple(_SORTS)
"""What a list of findings may be sorted by."""

_AMONG = {
    "verdicts": "verdict",
    "checks": "check_id",
    "categories": "category",
    "severities": "severity",
    "accounts": "account",
    "regions": "region",
    "kinds": "kind",
    "fingerprints": "fingerprint",
}
_SEARCHED = "lower(concat_ws(' ', name, resource_id, resource_arn, title, message, check_id, account, region, tags))"


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are wanted; an empty tuple asks for all. `fingerprints` None: all, empty: none.

    `without` are fingerprints left out (snoozed ones, say); `search` are words, each of which must occur.
    """

    verdicts: tuple[Verdict, ...] = (Verdict.FLAGGED,)
    checks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    min_saving: Decimal | None = None
    search: str = ""
    fingerprints: Collection[str] | None = None
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class FindingOrder:
    """How a list is sorted and which page of it is wanted. `limit` None: all of it."""

    sort: str = "monthly_saving"
    descending: bool = True
    limit: int | None = 100
    offset: int = 0


@dataclass(slots=True)
class _Condition:
    clauses: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def among(self, name: str, column: str, wanted: Collection[str], *, outside: bool = False) -> None:
        values = [str(each) for each in sorted(wanted)]
        self.values[name] = values
        test = f"list_contains($f_{name}::VARCHAR[], {column})"
        if len(values) > _FEW:  # a list is looked through for every row, a join is not
            test = f"{column} IN (SELECT unnest($f_{name}::VARCHAR[]))"
        self.clauses.append(f"NOT {test}" if outside else test)

    @property
    def where(self) -> str:
        return f"WHERE {' AND '.join(self.clauses)}" if self.clauses else ""

    @property
    def bound(self) -> dict[str, Any]:
        return {f"f_{name}": value for name, value in self.values.items()}


_FEW = 16


def _condition(wanted: FindingFilter) -> _Condition:
    found = _Condition()
    for name, column in _AMONG.items():
        values = getattr(wanted, name)
        if values or (name == "fingerprints" and values is not None):
            found.among(name, column, values)
    if wanted.without:
        found.among("without", "fingerprint", wanted.without, outside=True)
    if wanted.min_saving is not None:
        found.clauses.append("monthly_saving >= CAST($f_least AS DECIMAL(38,18))")
        found.values["least"] = format(wanted.min_saving, "f")
    for number, word in enumerate(wanted.search.lower().split()[:10]):
        found.clauses.append(f"contains({_SEARCHED}, $f_word{number})")
        found.values[f"word{number}"] = word
    return found


_PAGE = """
SELECT {columns} FROM counted {where}
ORDER BY {sort} {direction} NULLS LAST, fingerprint, run_date LIMIT $p_limit OFFSET $p_offset
"""
_SUMS = """
SELECT currency, count(*) AS findings, coalesce(sum(monthly_saving), 0) AS saving
FROM counted {where} GROUP BY currency ORDER BY currency
"""
_OBSERVATIONS = "SELECT {columns} FROM counted {where} ORDER BY run_date, fingerprint"
_LAST_FLAGGED = """
SELECT {columns} FROM (
    SELECT * FROM counted {where} QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY run_date DESC) = 1
) ORDER BY fingerprint
"""
_SEEN_DATES = """
SELECT fingerprint, epoch_us(min(observed)), epoch_us(max(observed))
FROM counted {where} GROUP BY fingerprint ORDER BY fingerprint
"""


def _filled(text: str, condition: _Condition, **pieces: str) -> str:
    for name, piece in (pieces | {"where": condition.where}).items():
        text = text.replace(f"{{{name}}}", piece)
    return _COUNTED + text


def page(wanted: FindingFilter, order: FindingOrder) -> Statement:
    """One page of findings, ties in the order of fingerprints. InputError for a sort nobody knows."""
    if order.sort not in _SORTS:
        raise InputError("sort", f"findings are sorted by one of {', '.join(SORTS)}")
    condition = _condition(wanted)
    direction = "DESC" if order.descending else "ASC"
    sql = _filled(_PAGE, condition, columns=FINDING_COLUMNS, sort=_SORTS[order.sort], direction=direction)
    limit = 2**40 if order.limit is None else max(order.limit, 0)
    return Statement(sql, {**condition.bound, "p_limit": limit, "p_offset": max(order.offset, 0)})


def sums(wanted: FindingFilter) -> Statement:
    """Count and saving of everything the filter lets through, by currency."""
    condition = _condition(wanted)
    return Statement(_filled(_SUMS, condition), condition.bound)


def observations(checks: Sequence[str]) -> Statement:
    """What is needed to judge again, in the order of days and fingerprints."""
    condition = _condition(FindingFilter(verdicts=(), checks=tuple(checks)))
    return Statement(_filled(_OBSERVATIONS, condition, columns=OBSERVED_COLUMNS), condition.bound)


def last_flagged(wanted: FindingFilter) -> Statement:
    """Each finding that fits as it was when it was last flagged."""
    condition = _condition(wanted)
    return Statement(_filled(_LAST_FLAGGED, condition, columns=FINDING_COLUMNS), condition.bound)


def seen_dates(fingerprints: Collection[str] | None) -> Statement:
    """First and last instant at which each was flagged."""
    condition = _condition(FindingFilter(fingerprints=fingerprints))
    return Statement(_filled(_SEEN_DATES, condition), condition.bound)


_COSTS = """,
costs AS (
    SELECT unnest($c_keys::VARCHAR[]) AS key, unnest($c_accounts::VARCHAR[]) AS account,
        unnest($c_currencies::VARCHAR[]) AS currency, unnest($c_sources::VARCHAR[]) AS source,
        unnest($c_weeks::VARCHAR[]) AS cost_7d, unnest($c_months::VARCHAR[]) AS cost_30d
),
one_owner AS (SELECT key, count(*) = 1 AS alone FROM costs GROUP BY key),
priced AS (SELECT costs.*, alone FROM costs JOIN one_owner USING (key)),
wanted AS (SELECT * FROM counted {where}),
one_place AS (SELECT resource_id, count(DISTINCT account) = 1 AS alone FROM counted GROUP BY resource_id),
matches AS (
    SELECT DISTINCT fingerprint, run_id, 1 AS rank, 'arn' AS method, 'high' AS confidence, priced.*
    FROM wanted JOIN priced ON priced.key = resource_arn AND (priced.account = wanted.account OR alone)
    UNION ALL
    SELECT DISTINCT fingerprint, run_id, 2, 'resource_id_and_account', 'high', priced.*
    FROM wanted JOIN priced ON priced.key = resource_id AND priced.account = wanted.account
    UNION ALL
    SELECT DISTINCT fingerprint, run_id, 3, 'resource_id', 'medium', priced.*
    FROM wanted JOIN one_place USING (resource_id) JOIN priced ON priced.key = wanted.resource_id
    WHERE priced.alone AND one_place.alone AND priced.account <> wanted.account
),
best AS (
    SELECT fingerprint, run_id, method, confidence, currency AS its_currency, source AS its_source, cost_7d, cost_30d
    FROM matches QUALIFY row_number() OVER (PARTITION BY fingerprint, run_id ORDER BY rank) = 1
)
"""
_ACTUAL = """
SELECT {columns}, CAST(cost_7d AS DECIMAL(38,18)) AS "actual.cost_7d",
    CAST(cost_30d AS DECIMAL(38,18)) AS "actual.cost_30d", its_currency AS "actual.currency",
    its_source AS "actual.attribution.source", coalesce(method, 'none') AS "actual.attribution.method",
    coalesce(confidence, 'none') AS "actual.attribution.confidence"
FROM wanted LEFT JOIN best USING (fingerprint, run_id) ORDER BY monthly_saving DESC, fingerprint
"""
ENRICHED = (
    *("actual.cost_7d", "actual.cost_30d", "actual.currency"),
    *("actual.attribution.source", "actual.attribution.method", "actual.attribution.confidence"),
)
"""The columns that `finops_findings_enriched` has beside those of a finding."""


def enriched(wanted: FindingFilter) -> Statement:
    """`finops_findings_enriched`: findings with what their resources cost, matched by ARN, else by id."""
    condition = _condition(wanted)
    return Statement(_filled(_COSTS + _ACTUAL, condition, columns=FINDING_COLUMNS), condition.bound)
