"""Reports: what people take away, made from the same answers as pages and API show.

    reports.make(ReportRequest("cost-by-service", "default", "persona:analyst"))

Each report is one file in `finops/reports/catalogue`. Making one reads what is stored and sends no paid request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.reports.catalogue import definitions
from finops.reports.definition import Asked, Chosen, Definition, Sources
from finops.reports.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.reports import Interval, Report, ReportRequest

__all__ = ["Chosen", "Definition", "Reports", "Sources"]


class Reports:
    """The reports of every tenant. Safe to share between threads. Who may see one, its callers ask `finops.access`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Every report, by its name."""
        return tuple(definitions().values())

    def definition(self, name: str) -> Definition:
        """The report of a name; InputError when there is none."""
        found = definitions().get(name)
        if found is None:
            raise InputError("report", f"there is no report {name[:60]}; known: {', '.join(definitions())}")
        return found

    def refuse_unknown(self, name: str, scope: Mapping[str, tuple[str, ...]]) -> None:
        """InputError when there is no such report, or it knows no parameter of a name in the scope."""
        definition = self.definition(name)
        Scope(scope).refuse_unknown(definition.known, filters=definition.filters)

    def make(self, request: ReportRequest, chosen: Chosen | None = None, interval: Interval | None = None) -> Report:
        """The report that a request asks for, its long tables still to be read from the store.

        `chosen` are the thresholds of the principal (`user_prefs.report_thresholds`); `interval`, for a report of
        changes, is what a schedule says of its reader's mails. InputError naming the parameter that is unknown or
        wrong. What is missing is part of the report.
        """
        definition = self.definition(request.report)
        scope = Scope(request.scope)
        scope.refuse_unknown(definition.known, filters=definition.filters)
        if definition.usual is None and request.period is not None:
            raise InputError("start", f"the report {definition.name} is of now and has no period")
        now = self._sources.now()
        usual = definition.usual(now.date()) if definition.usual else None
        return definition.make(self._sources, Asked(request, scope, now, chosen or Chosen(), usual, interval))
