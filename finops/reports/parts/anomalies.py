"""Anomalies asked for and told: what their report and the executive summary share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.anomalies import AnomalyQuestion
from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction
from finops.model.money import exact_sum
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Provenance, Table, Tone
from finops.model.service_names import short_service
from finops.reports.accounts import account_label
from finops.reports.gaps import Gaps, of_detection
from finops.reports.words import UNKNOWN, change_money, counted, days_text, money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from finops.anomalies import AnomalyList
    from finops.model.anomalies import Anomaly, Cause, Standing
    from finops.model.period import Period
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked, Sources

COLUMNS = (
    Column("anomaly_id", "Anomaly id"),
    Column("kind", "Kind"),
    Column("direction", "Direction"),
    Column("status", "Status"),
    Column("account", "Account id"),
    Column("account_name", "Account"),
    Column("service", "Service"),
    Column("label", "Where"),
    Column("impact", "Impact", Kind.MONEY),
    Column("impact_month", "A month, if it stays", Kind.MONEY),
    Column("percent", "Impact in %", Kind.PERCENT),
    Column("currency", "Currency"),
    Column("start", "Since", Kind.DAY),
    Column("last_seen", "Last seen", Kind.DAY),
    Column("day", "Clearest day", Kind.DAY),
    Column("actual", "Cost of that day", Kind.MONEY),
    Column("expected", "Expected", Kind.MONEY),
    Column("lower", "Expected at least", Kind.MONEY),
    Column("upper", "Expected at most", Kind.MONEY),
    Column("score", "Score", Kind.NUMBER),
    Column("cause", "Where it comes from"),
    Column("feedback", "People say"),
    Column("detected", "First found", Kind.INSTANT),
)
"""The fields of an anomaly as every list of them has them, its cause in words."""
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Told:
    """The anomalies that the reader is told of, last seen in the period; `currency` is that of the largest impact."""

    asked: Asked
    found: AnomalyList
    period: Period
    gaps: Gaps
    names: Mapping[str, str]

    @property
    def known(self) -> bool:
        """Whether any daily cost was looked at."""
        return bool(self.found.detection.series)

    @property
    def currency(self) -> str:
        """The currency of figures."""
        return self.found.items[0].anomaly.currency if self.found.items else "USD"

    @property
    def single(self) -> bool:
        """Whether everything is in one currency."""
        return len({each.anomaly.currency for each in self.found.items}) <= 1

    @property
    def more(self) -> Decimal | None:
        """What anomalies cost more than expected, those that cost less apart; None: not known."""
        return self._sum(each.impact for each in self._ups) if self.known else None

    @property
    def ongoing(self) -> int:
        """How many still go on."""
        return sum(each.anomaly.status is AnomalyStatus.ONGOING for each in self.found.items)

    @property
    def month(self) -> Decimal | None:
        """What a month will cost more, if what goes on stays; None: not known."""
        return self._sum(each.impact_month for each in self._ups) if self.known else None

    @property
    def _ups(self) -> tuple[Anomaly, ...]:
        every = (each.anomaly for each in self.found.items)
        return tuple(each for each in every if each.direction is Direction.UP and each.currency == self.currency)

    def _sum(self, amounts: Iterable[Decimal | None]) -> Decimal:
        return exact_sum(amount for amount in amounts if amount is not None)


def told(sources: Sources, asked: Asked, period: Period, *, narrowed: bool = True) -> Told:
    """What the reader is told of a period; `narrowed`: by the scope's services, kinds and directions too."""
    scope, levels = asked.scope, asked.chosen.anomalies
    if narrowed:
        kinds = scope.among("kind", AnomalyKind) or levels.kinds
        directions = scope.among("direction", Direction) or levels.directions
        levels = replace(levels, kinds=kinds, directions=directions)
    question = AnomalyQuestion(
        levels,
        accounts=scope.listed("account"),
        services=scope.whole("service") if narrowed else (),
        since=period.start,
        until=period.end,
    )
    found = sources.anomalies.list(asked.tenant, question)
    names = sources.costs.account_names(asked.tenant)
    return Told(asked, found, period, of_detection(found.detection), names)


def anomaly_text(found: Told) -> str:
    """`7 anomalies in October, $1,234.56 more than expected`."""
    days = days_text(found.period, found.asked.today)
    if not found.known:
        return "Anomalies are not known: no daily cost is stored"
    if not found.found.items:
        return f"No anomaly in {days}"
    return (
        f"{counted(len(found.found.items), 'anomaly', 'anomalies')} in {days}, "
        f"{money(found.more, found.currency)} more than expected"
    )


def anomaly_figures(found: Told) -> tuple[Figure, ...]:
    """How many, how many go on, and what they cost."""
    if not found.known:
        return (Figure("Anomalies", UNKNOWN), Figure("More than expected", UNKNOWN))
    count = len(found.found.items)
    worse = Tone.WORSE if found.more else Tone.PLAIN
    return (
        Figure("Anomalies", f"{count:,}", f"{found.ongoing:,} ongoing" if count else "", exact=count),
        Figure("More than expected", change_money(found.more, found.currency), "", worse, found.more),
        Figure("A month, if it stays", change_money(found.month, found.currency), exact=found.month),
    )


def anomaly_table(found: Told) -> Table:
    """Every anomaly, largest impact first."""

    def rows() -> Iterator[Row]:
        return (anomaly_row(each, found.names) for each in found.found.items)

    return Table("anomalies", "Anomalies", COLUMNS, rows, len(found.found.items), about=("label", "kind"))


def anomaly_row(standing: Standing, names: Mapping[str, str]) -> tuple[Cell, ...]:
    """The cells of one anomaly; see `COLUMNS`."""
    each, said = standing.anomaly, standing.feedback
    cells: dict[str, Cell] = {
        "kind": str(each.kind),
        "direction": str(each.direction),
        "status": str(each.status),
        "account_name": names.get(each.account, ""),
        "label": f"{short_service(each.service)}, {account_label(names, each.account)}",
        "percent": None if each.percent is None else each.percent.quantize(_TENTH, ROUND_HALF_EVEN),
        "score": Decimal(repr(each.score)),
        "cause": cause_text(each.cause),
        "feedback": "" if said is None else str(said.verdict),
    }
    return tuple(cells[column.name] if column.name in cells else getattr(each, column.name) for column in COLUMNS)


def cause_text(cause: Cause) -> str:
    """The parts behind it, the largest first."""
    return ", ".join(" ".join(filter(None, (part.region, part.usage_type))) for part in cause.parts)


def anomaly_charts(found: Told) -> tuple[Chart, ...]:
    """The largest impacts as bars; none of amounts in several currencies."""
    items = [each.anomaly for each in found.found.items[:5]]
    if not items or not found.single:
        return ()
    named = (f"{short_service(each.service)} {money(each.impact, each.currency)} ({each.kind})" for each in items)
    alt = f"Impact, largest first: {', '.join(named)}."
    return (Chart("Impact", ChartKind.BARS, "anomalies", "label", ("impact",), alt, most=12),)


def anomaly_provenance(found: Told) -> Provenance:
    """What the detection looked at, and by whose thresholds."""
    detection, levels = found.found.detection, found.asked.chosen.anomalies
    lines = [
        ("Looked at", f"{counted(detection.series, 'series', 'series')} of daily cost, {detection.days:,} days"),
        ("Last complete day", str(detection.through or "")),
        ("Told from", f"{levels.min_impact:f} and {levels.min_percent:f} % on, sensitivity {levels.sensitivity}"),
        *(("Note", note) for note in dict.fromkeys(detection.notes)),
    ]
    return Provenance(
        metric=str(detection.metric or ""),
        source=detection.source,
        currency=found.currency if found.found.items else "",
        fetched_at=detection.fetched_at,
        facts=tuple((label, text) for label, text in lines if text),
    )
