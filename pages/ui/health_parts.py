"""The cards of Health: each says what is, since when, and what to do where something is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import kpis, numbers
from pages.ui.kpis import Kpi
from pages.ui.page import card
from pages.ui.provenance import SOURCE_NAMES
from pages.ui.tables import MOST_ROWS, ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.costs import SourceState
    from finops.health import BreakerLine, Check, HealthReport
    from finops.model.metering import MeterLine
    from finops.model.outcome import Failure

MODES = {"demo": "made-up data, no network", "aws": "real accounts"}
STATUS_WORDS = {
    "committed": "up to date",
    "partial": "done in part",
    "failed": "failed",
    "running": "running",
    "interrupted": "interrupted",
    "": "never fetched",
}
NEARLY = Decimal(80)


def summary(report: HealthReport, accounts: Mapping[str, str]) -> None:
    """Four figures: mode, identity, what was spent of the ceiling, what fails."""
    troubles = len(report.failures) + sum(not check.ok for check in report.stores)
    used = numbers.share(report.spent, report.ceiling) if report.ceiling else None
    identity = report.identity
    ceiling = "no ceiling" if report.ceiling is None else f"of {numbers.exact_money(report.ceiling)}"
    kpis.row(
        [
            Kpi("Mode", report.mode.capitalize(), base=MODES.get(report.mode, "")),
            Kpi(
                "AWS account",
                accounts.get(identity.account, identity.account) if identity else numbers.UNKNOWN,
                base=identity.account if identity else "identity not known",
                help=f"Signed in to AWS as {identity.principal}." if identity else "",
            ),
            Kpi(
                "Cost Explorer requests",
                numbers.exact_money(report.spent),
                delta="" if used is None or used < NEARLY else f"+{numbers.percent(used)}",
                base=ceiling,
                colour="inverse",
                help="What this tool itself spent this month. At the ceiling stored data is shown with its age.",
            ),
            Kpi("Troubles", f"{troubles}", base="none" if not troubles else "listed below"),
        ]
    )


def failures(report: HealthReport) -> None:
    """What could not be read, with the permission that is missing."""
    for failure in report.failures:
        st.warning(failure_words(failure), icon=":material/warning:")


def failure_words(failure: Failure) -> str:
    """Markdown: what failed, where, and what to grant."""
    where = ", ".join(
        f"{label} {escaped(value)}"
        for label, value in (("account", failure.account), ("region", failure.region), ("service", failure.service))
        if value
    )
    grant = (
        f" Grant `{plain_line(failure.missing_action)}`."
        if failure.missing_action and "`" not in failure.missing_action
        else ""
    )
    return f"{escaped(failure.message)}{f' ({where})' if where else ''}{grant}"


def sources(report: HealthReport) -> None:
    """Each source with its age, reach and last run."""
    with card("Sources", height="content"):
        if not report.sources:
            st.info("No source holds data yet. Fetch from Cost Explorer or import a bill.", icon=":material/info:")
            return
        lines = [_source_line(state, report) for state in report.sources]
        _table(lines, alt="Sources of cost data")


def _source_line(state: SourceState, report: HealthReport) -> dict[str, str | int]:
    today = report.as_of.date()
    fetched = state.fetched_at
    return {
        "Source": SOURCE_NAMES.get(state.source, plain_line(state.source)),
        "Last run": STATUS_WORDS.get(state.status, plain_line(state.status)),
        "Age": numbers.age(fetched, report.as_of) if fetched else numbers.UNKNOWN,
        "Fetched": numbers.clock(fetched) if fetched else numbers.UNKNOWN,
        "Days": numbers.days(state.period, today=today) if state.period else numbers.UNKNOWN,
        "Estimated from": numbers.day(state.estimated_from) if state.estimated_from else numbers.UNKNOWN,
        "Rows": state.rows,
        "Requests": state.requests,
    }


def meter(report: HealthReport) -> None:
    """Every AWS call of the month by feature, with what it cost."""
    with card("Request meter", note=escaped(f"{report.month}, all tenants"), height="content"):
        if not report.meter:
            st.info("No AWS request was made this month.", icon=":material/info:")
            return
        ordered = sorted(report.meter, key=lambda line: (-line.cost, -line.requests))
        _table([_meter_line(line) for line in ordered], alt="AWS requests of this month")


def _meter_line(line: MeterLine) -> dict[str, str | int | float]:
    return {
        "Operation": plain_line(f"{line.service}:{line.operation}"),
        "Requests": line.requests,
        "Cost, $": float(line.cost),
        "Outcome": plain_line(line.outcome),
        "Feature": plain_line(line.feature),
        "User": plain_line(line.user) or numbers.UNKNOWN,
    }


def parts(report: HealthReport, readiness: Sequence[Check]) -> None:
    """Stores and clock on the left, credentials and breakers on the right."""
    left, right = st.columns(2, gap="small")
    with left, card("Parts"):
        checks = {check.name: check for check in (*report.stores, *readiness)}
        lines = [
            {
                "Part": check.name.capitalize(),
                "State": "ok" if check.ok else "not ok",
                "Detail": plain_line(check.detail),
            }
            for check in checks.values()
        ]
        _table(lines, alt="Parts of this server")
    with right, card("AWS access"):
        lines = [
            {"Setting": label.replace("_", " "), "Value": plain_line(value) or numbers.UNKNOWN}
            for label, value in report.credentials.items()
        ]
        _table([*lines, {"Setting": "sign-in", "Value": report.sign_in}], alt="How this server reaches AWS")
        _breakers(report.breakers)


def _breakers(breakers: Sequence[BreakerLine]) -> None:
    held = [line for line in breakers if line.failures or line.since]
    if not held:
        st.markdown(":small[:gray[No place is held back by a circuit breaker.]]")
        return
    lines = [
        {
            "Place": plain_line(
                " ".join(part for part in (line.account or "own account", line.region, line.service) if part)
            ),
            "Breaker": str(line.position),
            "Failures": line.failures,
            "Since": numbers.clock(line.since) if line.since else numbers.UNKNOWN,
        }
        for line in held
    ]
    _table(lines, alt="Circuit breakers")


def _table(lines: Sequence[Mapping[str, object]], *, alt: str) -> None:
    formats = {name: _FORMATS[name] for name in lines[0] if name in _FORMATS}
    settings = {name: st.column_config.NumberColumn(name, format=form) for name, form in formats.items()}
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(lines) <= MOST_ROWS else (MOST_ROWS + 1) * ROW_HEIGHT + 2,
        column_config=settings or None,
        alt=alt,
    )


_FORMATS = {"Rows": "%,.0f", "Requests": "%,.0f", "Cost, $": "%,.2f"}
