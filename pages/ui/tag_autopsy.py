"""Why dollars are untagged: six causes with who must act, held against the bill; and spellings that mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import figures, numbers, tag_detail, tag_names
from pages.ui.bar_charts import Bar, ranking
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.tagging import Variants
    from finops.tagging.autopsy import Autopsy, Part
    from finops.tagging.variants import Cluster
    from pages.ui.tag_answers import Answers
    from pages.ui.tag_view import TagView

HEIGHT, LETTERS, MOST_TOP, MOST_CLUSTERS, MOST_SPELLINGS = 226, 18, 8, 20, 6


def usual_key(answers: Answers, view: TagView) -> str:
    """The key that is explained: the chosen one, else the view's, else that with the most untagged dollars."""
    if view.autopsy or view.key:
        return view.autopsy or view.key
    found = answers.compliance(view.only).keys
    largest = max(found, key=lambda each: each.score.cost.untagged if each.score.cost else 0, default=None)
    return largest.key if largest is not None else ""


def autopsy(answers: Answers, key: str) -> None:
    """The card: the sum, bars of the causes, whether they reconcile, and what each is made of."""
    found = answers.autopsy(key)
    if not found.source:
        for failure in found.failures:
            st.info(escaped(failure.message), icon=":material/receipt_long:")
        return
    _sum(answers, found)
    bars = cause_bars(found.parts)
    figure = answers.kept(
        ("autopsy chart", key), lambda: ranking(bars, currency=found.currency, height=HEIGHT, letters=LETTERS)
    )
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(largest_words(found)), key="chart.tags.autopsy")
    _reconciled(found)
    _behind(found, answers)


def _sum(answers: Answers, found: Autopsy) -> None:
    """`$22,943.22 of $63,040.68 untagged, 7–18 Nov · activated in billing`."""
    amount = numbers.exact_money(found.untagged if found.untagged is not None else found.explained, found.currency)
    whole = f" of {escaped(numbers.exact_money(found.total, found.currency))}" if found.total is not None else ""
    period = found.period
    days = f", {escaped(numbers.days(period, today=answers.context.now.date()))}" if period is not None else ""
    active = f"{found.key} is {tag_names.ACTIVATION_NAMES[found.activation]}"
    st.markdown(f"**{escaped(amount)}**{whole} untagged{days} :small[:gray[· {escaped(active)}]]")


def cause_bars(parts: Sequence[Part]) -> list[Bar]:
    """A bar for each cause in its order, with who must act."""
    return [Bar(tag_names.CAUSE_NAMES[part.cause], part.amount, tag_names.CAUSE_WHO[part.cause]) for part in parts]


def largest_words(found: Autopsy) -> str:
    """The largest cause in words; plain text."""
    part = max(found.parts, key=lambda each: each.amount)
    amount = numbers.exact_money(part.amount, found.currency)
    return f"{tag_names.CAUSE_NAMES[part.cause]} is the largest cause: {amount}. {tag_names.CAUSE_WORDS[part.cause]}"


def _reconciled(found: Autopsy) -> None:
    """That the causes are the whole; in red where they are not."""
    if found.reconciles is False:
        explained, untagged, rest = (
            escaped(numbers.exact_money(amount, found.currency))
            for amount in (found.explained, found.untagged, found.difference)
        )
        st.error(
            f"**The causes do not add up.** They are {explained}, the bill says {untagged}: {rest} is unexplained.",
            icon=":material/error:",
        )
    elif found.reconciles:
        st.markdown(
            ":small[:gray[Beside each bar who must act. The causes add up to the bill's own sum, to the cent.]]"
        )
    else:
        st.markdown(
            ":small[:gray[Beside each bar who must act. The bill tells no untagged sum to hold the causes against.]]"
        )
    for note in found.notes:
        st.markdown(f":small[:gray[{escaped(note)}]]")
    for failure in found.failures:
        st.warning(escaped(failure.message), icon=":material/warning:")


def _behind(found: Autopsy, answers: Answers) -> None:
    """Who must act, cause by cause, with the dearest resources; in a fold that costs nothing while it is closed."""
    fold = st.expander("Who must act, and on what", type="compact", on_change="rerun", key="fold.tags.autopsy")
    if not fold.open:
        return
    with fold:
        for part in found.parts:
            if part.amount or part.top:
                _part(part, found.currency, answers)


def _part(part: Part, currency: str, answers: Answers) -> None:
    amount = escaped(numbers.exact_money(part.amount, currency))
    resources = f" · {numbers.counted(part.resources, 'resource')}" if part.resources else ""
    st.markdown(
        f"**{tag_names.CAUSE_NAMES[part.cause]}** {amount}{resources}  \n"
        f":small[:gray[{tag_names.CAUSE_WORDS[part.cause]}{_unseen(part, currency)}]]"
    )
    with st.container(gap=None):
        for place, item in enumerate(part.top[:MOST_TOP]):
            cost = escaped(numbers.exact_money(item.amount, currency))
            words = f"{escaped(item.name, limit=80)} :gray[{cost}]"
            if item.asset_id and answers.detail(item.asset_id) is not None:
                key = f"tags.autopsy.{part.cause}.{place}"
                st.button(words, key=key, type="tertiary", on_click=tag_detail.ask, args=(item.asset_id,))
            else:
                st.markdown(f":small[{words}]")


def _unseen(part: Part, currency: str) -> str:
    if not part.unseen:
        return ""
    amount = escaped(numbers.exact_money(part.unseen, currency))
    return f" {amount} is of resources whose tags the inventory does not know."


def variants(found: Variants) -> None:
    """The card: each cluster with its spellings and how many assets carry each."""
    rows = variant_rows(found)
    if not rows:
        st.markdown("Every key and value of the policy is spelled in one way.")
        return
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        key="table.tags.variants",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        alt=f"{numbers.counted(len(rows), 'key or value', 'keys or values')} spelled in several ways",
        column_config={
            "of": column.TextColumn("Of", width=92),
            "canonical": column.TextColumn("Should be", width=110, help="As the policy has it, else the most used."),
            "others": column.TextColumn("Also spelled", width="large"),
            "assets": column.NumberColumn("Assets", format="%,d", width=64),
        },
        column_order=("canonical", "others", "assets", "of"),
    )


def variant_rows(found: Variants) -> list[dict[str, object]]:
    """One line per cluster, most assets first; plain text."""
    pairs = [("keys", cluster) for cluster in found.keys]
    pairs += [(key, cluster) for key, clusters in found.values for cluster in clusters]
    pairs.sort(key=lambda pair: -pair[1].assets)
    return [
        {
            "of": plain_line(name, limit=128),
            "canonical": plain_line(cluster.canonical, limit=128),
            "others": _others(cluster),
            "assets": cluster.assets,
        }
        for name, cluster in pairs[:MOST_CLUSTERS]
    ]


def _others(cluster: Cluster) -> str:
    others = [one for one in cluster.spellings if one.text != cluster.canonical]
    shown = [f"{plain_line(one.text, limit=80)} ({one.assets:,})" for one in others[:MOST_SPELLINGS]]
    rest = len(others) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
