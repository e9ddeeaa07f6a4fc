"""Why an anomaly happened: the regions and usage types that changed, as a waterfall, and the resources behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.assets import AssetFilter, AssetQuestion
from finops.model.money import exact_sum
from finops.model.people import Right
from pages.ui import figures, numbers, tables
from pages.ui.anomaly_ways import way
from pages.ui.bar_charts import Bar, moves, waterfall
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.anomalies import Anomaly, CauseResource
    from pages.ui.anomaly_answers import Answers

BAR_HEIGHT, LEAST_HEIGHT = 34, 76
UNEXPLAINED = "No small set of regions and usage types makes this change, so none is named: a guess would mislead."
BASIS = {
    "account": "This account's own cost.",
    "service": "Stored by service in all accounts together; where others moved along, brought down to this account.",
}


def draw(answers: Answers, anomaly: Anomaly) -> None:
    """The waterfall from zero to the change a day, its figures, and the resources."""
    cause = anomaly.cause
    if not cause.parts:
        st.markdown(escaped(UNEXPLAINED))
    else:
        _parts(answers, anomaly)
    if cause.resources:
        st.markdown("**Resources behind it**")
        for number, one in enumerate(cause.resources):
            _resource(answers, anomaly, one, number)
    else:
        st.markdown(":small[:gray[No stored line item names resources of these days.]]")


def _parts(answers: Answers, anomaly: Anomaly) -> None:
    steps = bars(anomaly)
    st.markdown(f":small[:gray[{escaped(words(anomaly))}]]")
    height = max(LEAST_HEIGHT, BAR_HEIGHT * (len(steps) + 1))
    figure = answers.kept(
        ("cause", anomaly.anomaly_id), lambda: waterfall(steps, currency=anomaly.currency, height=height)
    )
    largest = f"{steps[0].name}: {numbers.signed_money(steps[0].amount, anomaly.currency)} a day."
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(largest), key=f"chart.cause.{anomaly.anomaly_id}")
    unit = numbers.symbol(anomaly.currency).strip()
    tables.bars_table(steps, titles=("Usage type, region", f"Change, {unit} a day"), key="anomalies.cause")


def words(anomaly: Anomaly) -> str:
    """`Change a day, all of it in us-east-1. Stored by service …`; plain text."""
    regions = {part.region for part in anomaly.cause.parts}
    only = next(iter(regions)) if len(regions) == 1 else ""
    place = f", all of it in {only}" if only else ""
    return f"Change a day{place}. {BASIS.get(anomaly.cause.basis, '')}"


def bars(anomaly: Anomaly) -> tuple[Bar, ...]:
    """The parts, then what is left to the whole change. The region stands beside its usage type where several do."""
    cause = anomaly.cause
    several = len({part.region for part in cause.parts}) > 1
    named = [
        Bar(" ".join(filter(None, (part.usage_type, part.region if several else ""))) or part.region, part.delta)
        for part in cause.parts
    ]
    known = exact_sum(bar.amount for bar in named)
    whole = known / cause.share if cause.share else known
    return moves(named, whole.quantize(Decimal("0.01")), limit=8)


def _resource(answers: Answers, anomaly: Anomaly, one: CauseResource, number: int) -> None:
    """A resource with its change, as a way to Inventory where it is listed there."""
    told = f"{plain_line(one.resource_id, limit=120)} · {numbers.signed_money(one.delta, anomaly.currency)} a day"
    if _listed(answers, one.resource_id):
        params = {"tenant": answers.context.tenant, "search": one.resource_id}
        way("inventory", escaped(told, limit=200), params, icon=":material/inventory_2:", key=f"anomalies.res.{number}")
    else:
        st.markdown(escaped(told, limit=200))


def _listed(answers: Answers, resource_id: str) -> bool:
    """Whether Inventory knows the resource, and this person may look."""
    context = answers.context
    if not context.may(Right.VIEW_INVENTORY) or not resource_id:
        return False
    question = AssetQuestion(context.tenant, AssetFilter(search=resource_id, lifecycles=()), limit=1)
    inventory = context.finops.inventory
    asked = ("listed", resource_id, inventory.version(context.tenant))
    return bool(answers.kept(asked, lambda: inventory.page(question).total))
