"""The state of the Anomalies page as one value, what it asks, and what each of its filters is called. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.anomalies import AnomalyQuestion
from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction, Thresholds
from pages.ui import anomaly_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date


class Span(StrEnum):
    """How far back the last day of an anomaly may lie."""

    DAYS_28 = "28d"
    DAYS_90 = "90d"
    DAYS_365 = "365d"
    ALL = "all"


SPAN_DAYS = {Span.DAYS_28: 28, Span.DAYS_90: 90, Span.DAYS_365: 365}


@dataclass(frozen=True, slots=True)
class AnomalyView:
    """What Anomalies shows. Empty lists mean any; `everything` looks below the person's thresholds too."""

    accounts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    kinds: tuple[AnomalyKind, ...] = ()
    directions: tuple[Direction, ...] = ()
    statuses: tuple[AnomalyStatus, ...] = ()
    span: Span = Span.DAYS_90
    everything: bool = False
    silenced: bool = False
    opened: str = ""

    def since(self, today: date) -> date | None:
        """The first day that an anomaly's last day may be."""
        days = SPAN_DAYS.get(self.span)
        return None if days is None else today - timedelta(days=days)

    def thresholds(self, mine: Thresholds) -> Thresholds:
        """What is told: the person's thresholds unless everything is asked for, with the view's kinds and direction."""
        held = Thresholds() if self.everything else mine
        return replace(held, kinds=self.kinds or tuple(AnomalyKind), directions=self.directions or tuple(Direction))

    def question(self, mine: Thresholds, today: date) -> AnomalyQuestion:
        """The question behind the list."""
        return AnomalyQuestion(
            self.thresholds(mine),
            self.statuses,
            self.accounts,
            self.services,
            since=self.since(today),
            silenced=self.silenced,
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter in words, and the same view without it."""

    name: str
    value: str
    without: AnomalyView


def conditions(view: AnomalyView, accounts: Mapping[str, str]) -> Iterator[Condition]:
    """Every filter that is set, in the order of the filter row, what hides by itself last; plain text."""
    listed: tuple[tuple[str, str, Callable[[str], str]], ...] = (
        ("accounts", "Account", lambda account: accounts.get(account) or account),
        ("services", "Service", str),
        ("kinds", "Kind", lambda kind: anomaly_names.KIND_NAMES[AnomalyKind(kind)]),
        ("directions", "Direction", lambda way: anomaly_names.DIRECTION_NAMES[Direction(way)]),
        ("statuses", "Status", lambda status: anomaly_names.STATUS_NAMES[AnomalyStatus(status)]),
    )
    for attribute, name, called in listed:
        values = getattr(view, attribute)
        if values:
            shown = ", ".join(called(value) for value in values[:3])
            rest = f" and {len(values) - 3} more" if len(values) > 3 else ""  # noqa: PLR2004 - as many as are shown
            without: dict[str, tuple[str, ...]] = {attribute: ()}
            yield Condition(name, shown + rest, replace(view, **without))  # type: ignore[arg-type] # names a list
    if view.span is not Span.ALL:
        yield Condition("Period", anomaly_names.SPAN_NAMES[view.span].lower(), replace(view, span=Span.ALL))
    if not view.everything:
        yield Condition("Thresholds", "yours", replace(view, everything=True))
    if not view.silenced:
        yield Condition("Silenced", "left out", replace(view, silenced=True))
