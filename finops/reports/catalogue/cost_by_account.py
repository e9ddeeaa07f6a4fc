"""Cost by account: what each account cost, held against the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.people import Right
from finops.reports.accounts import COLUMNS, account_cells, account_label
from finops.reports.definition import Definition
from finops.reports.parts.spending import analysis_page, compared_table, grouped_report
from finops.reports.spending import PARAMETERS, question, spending
from finops.reports.words import last_month

if TYPE_CHECKING:
    from finops.model.reports import Report
    from finops.reports.definition import Asked, Sources


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Cost analysis by account."""
    found = spending(sources.costs, question(asked, "account"), asked)
    names = sources.costs.account_names(asked.tenant)
    table = compared_table(found, "by_account", "By account", COLUMNS, lambda keys: account_cells(names, keys[0]))
    page = analysis_page(asked.period, "account")
    return grouped_report(
        found, REPORT.title, table, lambda keys: account_label(names, keys[0]), label="account", page=page
    )


REPORT = Definition(
    name="cost-by-account",
    title="Cost by account",
    help="What each account cost, held against the period before, and what each day did.",
    rights=(Right.VIEW_COSTS,),
    parameters=PARAMETERS,
    make=make,
    usual=last_month,
    usual_text="the last full month",
    filters=True,
)
