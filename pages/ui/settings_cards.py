"""The cards of Settings but for thresholds: Overview's widgets, what pages open with, how things are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.costs import Metric
from finops.model.people import Right
from finops.model.preferences import (
    CARDS,
    CURRENCY_FORMATS,
    KEY_FIGURES,
    PERIODS,
    REPORTS,
    THEMES,
    WIDGETS,
    known_choice,
)
from pages.ui import anomaly_ways, names, offers, preference_words, settings_draft, url_state
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.ui.settings_draft import Settings


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"settings.{field}"


# Overview


def overview(settings: Settings) -> None:
    """Which figures and cards Overview shows, in which order."""
    shown = list(settings.draft.mine.shown_widgets)
    for heading, group in (("Key figures", KEY_FIGURES), ("Cards", CARDS)):
        st.markdown(f":small[:gray[{heading}, in their order]]")
        mine = [name for name in shown if name in group]
        with st.container(gap=None):
            for name in (*mine, *(name for name in group if name not in mine)):
                _widget_row(name, shown, mine)
    if not settings.draft.mine.widgets:
        st.markdown(":small[:gray[The usual ones, in their usual order.]]")


def _widget_row(name: str, shown: list[str], mine: list[str]) -> None:
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        url_state.set_widget(key(f"widget.{name}"), name in shown)
        st.checkbox(
            preference_words.WIDGET_NAMES[name],
            key=key(f"widget.{name}"),
            on_change=_toggle,
            args=(name, shown),
            disabled=shown == [name],
            width="stretch",
        )
        place = mine.index(name) if name in mine else -1
        for step, icon, word in ((-1, ":material/arrow_upward:", "Up"), (1, ":material/arrow_downward:", "Down")):
            ends = place < 0 or not 0 <= place + step < len(mine)
            st.button(
                "",
                key=key(f"{word}.{name}"),
                icon=icon,
                type="tertiary",
                help=f"{word}: {preference_words.WIDGET_NAMES[name]}",
                disabled=ends,
                on_click=_move,
                args=(shown, name, mine[place + step] if not ends else name),
            )


def _toggle(name: str, shown: Sequence[str]) -> None:
    wanted = [one for one in shown if one != name]
    _put_widgets([*wanted, name] if st.session_state[key(f"widget.{name}")] else wanted)


def _move(shown: Sequence[str], name: str, other: str) -> None:
    swapped = {name: other, other: name}
    _put_widgets([swapped.get(one, one) for one in shown])


def _put_widgets(shown: Sequence[str]) -> None:
    ordered = [name for group in (KEY_FIGURES, CARDS) for name in shown if name in group]
    settings_draft.put(widgets=() if tuple(ordered) == WIDGETS else tuple(ordered))


# What pages open with


def defaults(settings: Settings) -> None:
    """Period, accounts, metric and charge types of Overview and Cost analysis, where a link says nothing else."""
    context, mine = settings.context, settings.draft.mine
    offer = offers.offer(context, only=("account", "charge_type"))
    accounts = context.finops.costs.account_names(context.tenant)
    period = known_choice("period", mine.period)
    _select("period", "Period", ("", *PERIODS), value=period, name=preference_words.period_name)
    metrics = ("", *(offer.metrics or tuple(Metric)))
    metric = known_choice("metric", mine.metric)
    _select(
        "metric", "Metric", tuple(dict.fromkeys((*metrics, metric))), value=metric, name=preference_words.metric_name
    )
    _several(
        "accounts",
        "Accounts",
        offer.values["account"],
        value=mine.accounts,
        name=names.option_name("account", accounts),
    )
    _several(
        "charge_types",
        "Charge types, in Cost analysis",
        offer.values["charge_type"],
        value=mine.charge_types,
        name=names.option_name("charge_type", {}),
    )
    st.markdown(":small[:gray[A link that names another period, account, metric or type still shows that.]]")


# How things are shown


def display(settings: Settings) -> None:
    """Currency format, theme, tag keys and reports."""
    context, mine = settings.context, settings.draft.mine
    money = known_choice("currency_format", mine.currency_format) or CURRENCY_FORMATS[0]
    _select("currency_format", "Money", CURRENCY_FORMATS, value=money, name=preference_words.CURRENCY_NAMES.__getitem__)
    theme = known_choice("theme", mine.theme) or THEMES[0]
    _select("theme", "Theme", THEMES, value=theme, name=preference_words.THEME_NAMES.__getitem__)
    theme_link(theme)
    stored = context.finops.costs.dimensions(context.tenant)
    keys = [name.removeprefix("tag:") for name in stored if name.startswith("tag:")]
    _several(
        "tag_keys",
        "Tag keys, most important first",
        tuple(dict.fromkeys((*keys, *context.finops.settings.tag_keys))),
        value=mine.tag_keys,
        name=lambda tag: plain_line(tag, limit=60),
    )
    titles = {each.name: each.title for each in context.finops.reports.definitions}
    _several(
        "reports",
        "Reports that come first on Reports",
        REPORTS,
        value=mine.reports,
        name=lambda report: titles.get(report) or plain_line(report, limit=60),
    )
    if context.may(Right.VIEW_REPORTS):
        anomaly_ways.way(
            *("reports", "Mails: schedules on Reports", {"view": "schedules"}),
            icon=":material/schedule_send:",
            key=key("way"),
        )


def theme_link(theme: str) -> None:
    """The way to a theme other than the one on screen: the browser decides it while it loads, not this page."""
    if theme in {"light", "dark"} and st.context.theme.type != theme:
        link = f"[Open a {theme} window](/?embed_options={theme}_theme)"
        st.markdown(f":small[{link} :gray[The theme is the browser's own]]")


# Widgets that show the draft


def _select(field: str, label: str, options: Sequence[str], *, value: str, name: Callable[[str], str]) -> None:
    url_state.set_widget(key(field), value)
    st.selectbox(label, options, key=key(field), format_func=name, on_change=_put_one, args=(field, options[0]))


def _put_one(field: str, usual: str) -> None:
    value = st.session_state[key(field)]
    settings_draft.put(**{field: "" if value == usual else value})


def _several(
    field: str,
    label: str,
    options: Sequence[str],
    *,
    value: Sequence[str],
    name: Callable[[str], str],
) -> None:
    url_state.set_widget(key(field), list(value))
    st.multiselect(
        label,
        tuple(dict.fromkeys((*options, *value))),
        key=key(field),
        format_func=name,
        placeholder="None"
        if field == "reports"
        else "All"
        if field in {"accounts", "charge_types"}
        else "The usual ones",
        on_change=_put_several,
        args=(field,),
    )


def _put_several(field: str) -> None:
    settings_draft.put(**{field: tuple(st.session_state[key(field)])})
