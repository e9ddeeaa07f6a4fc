"""What a finding stands on: its series over the window with the thresholds as labelled lines, facts and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from finops.model.findings import Observation
from finops.model.period import Period
from pages.ui import asset_detail, figures, finding_names, numbers, palette
from pages.ui.text import plotly_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.model.findings import Finding, Levels
    from finops.waste.check import Check

MOST_SERIES = 2
WINDOW = "window_days"
"""The threshold that says how many of the last days a check looks at, where it has one."""
AMOUNT_NAMES = {
    "bill": "Its own bill, a month",
    "list": "List price, a month",
    "list_then": "List price afterwards, a month",
    "smaller": "One size smaller, a month",
    "instance": "Instance alone, a month",
    "snapshot": "Final snapshot, a month",
    "storage": "Storage, a month",
    "on_demand": "On demand, a month",
    "committed": "Paid by a commitment, a month",
    "extended_support": "Extended support, a month",
    "recommended_saving": "Recommended saving, a month",
    "parts": "What still costs, a month",
    "parts_bill": "Bills of its parts, a month",
    "gib": "Price of a GiB and month",
    "reads_unit": "Price of a read unit and month",
    "writes_unit": "Price of a write unit and month",
}
_PLUMBING = frozenset({"action", "api", "command", "create", "final_snapshot", "option", "page", "page_key"})
"""Facts that only fill in the remedy's link and command."""
_ROOM, _LEAST_TOP = 1.22, 1.0
_LABEL_WIDTH, _LABEL_HEIGHT = 0.5, 0.14


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold drawn as a line."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn: days, series by name, and limits. `unit` is that of the limits."""

    days: tuple[date, ...]
    series: Mapping[str, tuple[float | None, ...]]
    limits: tuple[Limit, ...]
    unit: str = ""

    @property
    def words(self) -> str:
        """`CPU average and CPU maximum, %, 6–19 Nov`; plain text."""
        first, *rest = (finding_names.spoken(name) for name in self.series)
        called = " and ".join((first, *(finding_names.inside(name) for name in rest)))
        period = Period(self.days[0], self.days[-1] + timedelta(days=1))
        unit = "" if self.unit in called else self.unit
        return ", ".join(part for part in (called, unit, numbers.days(period)) if part)


def observation(finding: Finding) -> Observation:
    """What the finding was judged from, as far as a remedy needs it."""
    facts, series = _mapping(finding.evidence, "facts"), _mapping(finding.evidence, "series")
    return Observation(
        check_id=finding.check_id,
        account=finding.account,
        region=finding.region,
        kind=finding.kind,
        resource_id=finding.resource_id,
        arn=finding.resource_arn,
        name=finding.name,
        issue=finding.issue,
        created=finding.created,
        tags=finding.tags,
        facts=facts,
        series={name: tuple(values) for name, values in series.items() if isinstance(values, list)},
        amounts=dict(amounts(finding)),
        currency=finding.currency,
    )


def _mapping(evidence: Mapping[str, object], name: str) -> Mapping[str, Any]:
    found = evidence.get(name)
    return found if isinstance(found, dict) else {}


def amounts(finding: Finding) -> Iterator[tuple[str, Decimal]]:
    """Name and dollars a month of every amount that is known."""
    for name, text in _mapping(finding.evidence, "amounts").items():
        try:
            yield name, Decimal(str(text))
        except InvalidOperation:
            continue


def drawn(finding: Finding, check: Check | None, levels: Levels) -> Drawn | None:
    """What the evidence chart shows; None where the finding has no series over days."""
    known = observation(finding).series
    pairs = [pair for pair in (check.stands_on if check else ()) if pair[0] in known][:MOST_SERIES]
    pairs = pairs or [(name, "") for name in list(known)[:MOST_SERIES]]
    last = _window_end(finding)
    length = max((len(known[name]) for name, _ in pairs), default=0)
    if last is None or not length or not any(value is not None for name, _ in pairs for value in known[name]):
        return None
    shown = min(length, int(levels[WINDOW])) if WINDOW in levels else length
    days = tuple(last - timedelta(days=shown - number) for number in range(shown))
    series = {name: _padded(known[name], shown) for name, _ in pairs}
    units = [one.unit for one in (check.all_thresholds if check else ()) if one.name in {limit for _, limit in pairs}]
    return Drawn(days, series, tuple(_limits(pairs, check, levels)), next(iter(units), ""))


def _window_end(finding: Finding) -> date | None:
    """The first day after the window."""
    window = finding.evidence.get("window")
    end = window[1] if isinstance(window, list) and len(window) == 2 else None  # noqa: PLR2004 - start and end
    return date.fromisoformat(end) if isinstance(end, str) else None


def _padded(values: Sequence[float | None], length: int) -> tuple[float | None, ...]:
    """The last values; a series that began later has unknown days before."""
    last = tuple(values)[-length:]
    return (None,) * (length - len(last)) + last


def _limits(pairs: Sequence[tuple[str, str]], check: Check | None, levels: Levels) -> Iterator[Limit]:
    units = {one.name: one.unit for one in check.all_thresholds} if check else {}
    for name in dict.fromkeys(limit for _, limit in pairs if limit in levels):
        unit = units.get(name, "")
        yield Limit(f"{finding_names.spoken(name)} limit {levels[name]:g}{'%' if unit == '%' else ''}", levels[name])


def chart(shown: Drawn) -> go.Figure:
    """Steps by day, the first series filled, with dashed lines for the limits."""
    names = [figures.bucket_name(day, monthly=False) for day in shown.days]
    known = [value for values in shown.series.values() for value in values if value is not None]
    top = max([_LEAST_TOP, *known, *(limit.value for limit in shown.limits)]) * _ROOM
    traces = [_steps(number, *one, names) for number, one in enumerate(shown.series.items())]
    several = len(shown.series) > 1
    return figures.figure(
        traces,
        height=figures.EVIDENCE_HEIGHT,
        margin=figures.MARGINS | {"t": 24 if several else 4, "r": 2},
        showlegend=several,
        xaxis=figures.time_axis(shown.days, monthly=False),
        yaxis=_axis(top),
        shapes=[_line(limit) for limit in shown.limits],
        annotations=[_label(limit, _spot(limit, shown, top)) for limit in shown.limits],
    )


def _steps(number: int, name: str, values: Sequence[float | None], names: Sequence[str]) -> go.Scatter:
    filled: dict[str, Any] = {"fill": "tozeroy", "fillcolor": palette.BAND} if number == 0 else {}
    return go.Scatter(
        x=list(names),
        y=list(values),
        name=plotly_text(finding_names.spoken(name), limit=24),
        mode="lines" if len(names) > 1 else "markers",
        line={"shape": "hvh", "width": 1.5, "color": palette.SERIES[number]},
        hovertemplate="%{y:,.4~g}",
        **filled,
    )


def _axis(top: float) -> dict[str, Any]:
    axis = figures.money_axis(Decimal(0), "USD")
    return axis | {"range": [0, top], "nticks": 4, "tickformat": ",~s" if top >= figures.KILO else ",~g"}


def _line(limit: Limit) -> dict[str, Any]:
    line = {"color": palette.INK, "width": 1, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit.value, "y1": limit.value, "line": line}


def _spot(limit: Limit, shown: Drawn, top: float) -> tuple[str, str]:
    """The end of a line (`left`, `right`) and the side of it where the fewest values are in a label's way."""
    half = max(1, round(len(shown.days) * _LABEL_WIDTH))
    band = top * _LABEL_HEIGHT

    def crowd(spot: tuple[str, str]) -> int:
        end, side = spot
        low = limit.value if side == "above" else limit.value - band
        parts = (values[:half] if end == "left" else values[-half:] for values in shown.series.values())
        crossed = sum(value is not None and low <= value <= low + band for part in parts for value in part)
        taken = any(other is not limit and low < other.value < low + band for other in shown.limits)
        return crossed + (len(shown.days) if taken or low < 0 else 0)

    return min((("right", "above"), ("left", "above"), ("right", "below"), ("left", "below")), key=crowd)


def _label(limit: Limit, spot: tuple[str, str]) -> dict[str, Any]:
    end, side = spot
    return {
        "xref": "paper",
        "x": 1 if end == "right" else 0,
        "xanchor": end,
        "y": limit.value,
        "yanchor": "bottom" if side == "above" else "top",
        "showarrow": False,
        "text": plotly_text(limit.label),
        "font": {"size": 12, "color": palette.INK},
    }


def fact_lines(finding: Finding) -> list[tuple[str, str]]:
    """Label and plain text of the amounts, then of what was seen; unknown values are left out."""
    found = [
        (AMOUNT_NAMES.get(name) or finding_names.spoken(name), numbers.exact_money(amount, finding.currency))
        for name, amount in amounts(finding)
    ]
    facts = _mapping(finding.evidence, "facts")
    known = [(name, value) for name, value in facts.items() if name not in _PLUMBING and value not in (None, "", [])]
    return found + [(finding_names.spoken(name), asset_detail.detail_words(value)) for name, value in known]
