"""Cost by tag: what each value of a tag cost, untagged cost among them, held against the period before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.costs import UNTAGGED
from finops.model.people import Right
from finops.model.reports import Column, Figure
from finops.reports.definition import Definition
from finops.reports.parts.spending import analysis_page, compared_table, grouped_report
from finops.reports.spending import PARAMETERS, question, spending
from finops.reports.tag_key import PARAMETER, TAG, tag_dimension, value_name
from finops.reports.words import UNKNOWN, last_month, round_money, share

if TYPE_CHECKING:
    from finops.model.reports import Report
    from finops.reports.definition import Asked, Sources
    from finops.reports.spending import Spending


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Cost analysis by a tag."""
    tag = tag_dimension(sources, asked)
    found = spending(sources.costs, question(asked, tag, but=("tag",)), asked)
    columns = (Column(tag, f"Tag {tag.removeprefix(TAG)}"), Column("label", tag.removeprefix(TAG)))
    table = compared_table(
        found, "by_tag", f"By {tag.removeprefix(TAG)}", columns, lambda keys: (keys[0], value_name(keys))
    )
    page = analysis_page(asked.period, tag)
    made = grouped_report(found, f"Cost by {tag.removeprefix(TAG)}", table, value_name, label="value", page=page)
    return replace(made, figures=(*made.figures, untagged_figure(found)))


def untagged_figure(found: Spending) -> Figure:
    """What carries no value of the tag; nothing untagged is zero, nothing known is not."""
    if found.total is None:
        return Figure("Untagged", UNKNOWN)
    rows = (row for row in found.comparison.rows if row.keys[0] == UNTAGGED and row.currency == found.currency)
    amount = next((row.current for row in rows), Decimal(0))
    part = f"{share(amount / found.total * 100)} of all" if found.total > 0 else ""
    return Figure("Untagged", round_money(amount, found.currency), part, exact=amount)


REPORT = Definition(
    name="cost-by-tag",
    title="Cost by tag",
    help="What each value of a tag cost, untagged cost among them, held against the period before.",
    rights=(Right.VIEW_COSTS,),
    parameters=(PARAMETER, *PARAMETERS),
    make=make,
    usual=last_month,
    usual_text="the last full month",
    filters=True,
)
