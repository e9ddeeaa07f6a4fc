"""AWS's own forecast beside ours: a paid request, so it is sent at a button and by whoever may spend, never unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.aws.cost_forecast import GET_COST_FORECAST
from finops.model.errors import FinopsError
from finops.model.money import ZERO, exact_sum
from finops.model.people import Right
from finops.model.period import Period, month_of
from pages.ui import numbers
from pages.ui.provenance import METRIC_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from finops.model.forecasts import AwsForecast, AwsMonth, Forecast, GroupForecast
    from pages.ui.forecast_answers import Answers
    from pages.ui.forecast_view import ForecastView

_SAID = "forecast.aws.said"
PRICE = f"${GET_COST_FORECAST.price:.2f}"


def popover(answers: Answers, view: ForecastView, found: Forecast, group: GroupForecast) -> None:
    """A button that says what asking costs, and what AWS said when it was asked for this view."""
    if found.month is None or not group.months:
        return
    with st.popover("Ask AWS", icon=":material/cloud:", type="tertiary", key="forecast.aws"):
        if not answers.context.may(Right.REFRESH_COSTS):
            st.markdown("AWS's own forecast is a paid request. Asking for it needs the right to refresh costs.")
            return
        if answers.context.tenant != answers.context.finops.settings.refresh_tenant:
            st.markdown("AWS answers for another bill than this one, so it cannot be asked about it.")
            return
        st.markdown(
            f"Cost Explorer's own forecast of the same costs. One paid request: **{escaped(PRICE)}**"
            f"{', made up here and free' if answers.context.finops.settings.mode == 'demo' else ''}."
        )
        st.button(
            f"Ask for {escaped(PRICE)}",
            key="forecast.aws.ask",
            icon=":material/cloud_download:",
            on_click=_ask,
            args=(answers, view, found),
        )
        _shown(answers, view, found, group)


def _question(answers: Answers, view: ForecastView, found: Forecast) -> tuple[Any, ...]:
    return (answers.context.tenant, answers.today, view.narrowed(), view.ahead, found.provenance.metric)


def _ask(answers: Answers, view: ForecastView, found: Forecast) -> None:
    """Asks, and leaves what came for the run that follows."""
    context = answers.context
    end = month_of(_last_month(found)).end
    try:
        context.finops.access.demand(context.person, Right.REFRESH_COSTS, tenant=context.tenant)
        said: AwsForecast | str = context.finops.forecasts.ask_aws(
            context.tenant,
            Period(answers.today, end),
            metric=found.provenance.metric,
            filters=view.narrowed(),
            user=context.person.principal,
        )
    except FinopsError as error:
        said = str(error)
    st.session_state[_SAID] = (_question(answers, view, found), said)


def _last_month(found: Forecast) -> date:
    """The first day of the last month that ours looks at."""
    if found.total is None or not found.total.months:
        raise ValueError("there is no forecast to compare with")
    return found.total.months[-1].month


def _shown(answers: Answers, view: ForecastView, found: Forecast, group: GroupForecast) -> None:
    """What AWS said of this view, each stretch beside ours of the same days."""
    asked, said = st.session_state.get(_SAID, (None, None))
    if said is None or asked != _question(answers, view, found):
        return
    if isinstance(said, str):
        st.error(f"**AWS could not be asked.** {escaped(said)}", icon=":material/error:")
        return
    st.markdown(f"**{escaped(summary(said, group))}**")
    frame = pd.DataFrame(
        [
            {
                "Days": numbers.days(each.period, today=answers.today),
                "AWS": escaped(numbers.short_money(each.cost.mean, said.currency)),
                "Ours": escaped(numbers.short_money(ours(each, group), said.currency)),
                "Ours less AWS": escaped(_difference(each, group, said.currency)),
            }
            for each in said.months
        ]
    )
    st.table(frame, border="horizontal", hide_index=True, alt="AWS's own forecast beside ours")
    st.markdown(
        f":small[:gray[{METRIC_NAMES[said.metric]}, the days left of this month first. Asked now, for "
        f"{escaped(f'${said.price}')}.]]"
    )


def ours(stretch: AwsMonth, group: GroupForecast) -> Decimal | None:
    """Ours of the same days: a whole month, or what is left of the running one; None for days it does not look at."""
    month = next((each for each in group.months if each.month == stretch.period.start.replace(day=1)), None)
    if month is None:
        return None
    if stretch.period.start == month.month:
        return month.cost.mean
    before = exact_sum(
        each.actual if each.actual is not None else each.expected.mean
        for each in group.days
        if each.day < stretch.period.start
    )
    return month.cost.mean - before if month is group.months[0] else None


def _difference(stretch: AwsMonth, group: GroupForecast, currency: str) -> str:
    mine = ours(stretch, group)
    if mine is None:
        return numbers.UNKNOWN
    share = numbers.share(mine - stretch.cost.mean, abs(stretch.cost.mean))
    return f"{numbers.signed_money(mine - stretch.cost.mean, currency)} ({numbers.signed_percent(share)})"


def summary(said: AwsForecast, group: GroupForecast) -> str:
    """`AWS: $1.9M until 30 Nov 2027, ours $1.8M: −$12.3K (−0.6%)`; plain text."""
    both = [(each.cost.mean, mine) for each in said.months if (mine := ours(each, group)) is not None]
    theirs, mine = (exact_sum(pair[side] for pair in both) for side in (0, 1))
    share = numbers.share(mine - theirs, abs(theirs)) if theirs != ZERO else None
    last = numbers.day(said.months[-1].period.last_day, year=True) if said.months else ""
    money = [numbers.short_money(amount, said.currency) for amount in (theirs, mine)]
    gap = numbers.signed_money(mine - theirs, said.currency)
    return f"AWS: {money[0]} until {last}, ours {money[1]}: {gap} ({numbers.signed_percent(share)})"
