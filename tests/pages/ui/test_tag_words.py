"""Words and figures of Tag compliance: every verdict and cause has its name, bars add up, nothing rounds up to all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.errors import InputError
from finops.model.tagging import Activation, DayScore, TagVerdict
from finops.tagging.autopsy import Autopsy, Cause, Part
from finops.tagging.variants import Cluster, Spelling
from pages.ui import tag_autopsy, tag_draft, tag_kpis, tag_names, tag_trend
from pages.ui.tag_answers import Targets
from pages.ui.tag_view import TagView, rows_words

PERCENTS = st.decimals(0, 100, places=2)
TARGETS = Targets(Decimal(95), Decimal(98))


def day(number: int, compliant: int, cost: str, version: int = 1) -> DayScore:
    return DayScore(
        date(2026, 11, number), "", version, 10, compliant, 0, 0, 0, "USD", Decimal(100), Decimal(cost), Decimal(0),
        datetime(2026, 11, number, tzinfo=UTC),
    )  # fmt: skip


def test_every_verdict_cause_and_activation_has_its_words() -> None:
    for names in (tag_names.VERDICT_NAMES, tag_names.VERDICT_COLOURS, tag_names.VERDICT_WORDS):
        assert set(names) == set(TagVerdict)
    for names in (tag_names.CAUSE_NAMES, tag_names.CAUSE_WHO, tag_names.CAUSE_WORDS):
        assert set(names) == set(Cause)
    assert set(tag_names.ACTIVATION_NAMES) == set(Activation)
    assert len(set(tag_names.VERDICT_NAMES.values())) == len(TagVerdict), "chips are told apart by their words"


@given(PERCENTS)
def test_only_all_of_it_reads_as_all_of_it(value: Decimal) -> None:
    assert (tag_names.percent_words(value) == "100.0%") == (value == 100)


def test_unknown_is_a_dash() -> None:
    assert tag_names.percent_words(None) == "—"
    assert tag_kpis.against(None, Decimal(95)) == ("", "target 95%")


@given(PERCENTS, st.decimals(0, 100, places=1))
def test_the_sign_says_which_side_of_the_target_it_is_on(percent: Decimal, target: Decimal) -> None:
    delta, base = tag_kpis.against(percent, target)
    assert base.startswith("target ")
    assert "E" not in base
    if percent == target:
        assert not delta
    else:
        assert delta[0] == ("+" if percent > target else "-")


def test_the_trend_is_told_in_points_since_the_first_day() -> None:
    words = tag_trend.trend_words([day(9, 5, "52"), day(20, 6, "50")])
    assert words.replace("\u00a0", " ") == "by count 60.0%, +10.0 pp; by cost 50.0%, −2.0 pp since 9 Nov"
    assert tag_trend.trend_words([day(9, 5, "52")]) == "by count 50.0%; by cost 52.0%"


def test_a_day_without_costs_has_a_gap_and_no_zero() -> None:
    bare = DayScore(date(2026, 11, 3), "", 1, 2, 1, 0, 0, 0, "", Decimal(0), Decimal(0), Decimal(0), datetime.now(UTC))
    figure = tag_trend.chart([bare, day(4, 5, "40")], TARGETS)
    assert list(figure.data[1].y) == [None, 40.0]
    assert [shape.y0 for shape in figure.layout.shapes] == [95.0, 98.0]


def test_causes_keep_their_order_and_their_sum() -> None:
    parts = tuple(Part(cause, Decimal(place), 0, Decimal(0), ()) for place, cause in enumerate(Cause))
    bars = tag_autopsy.cause_bars(parts)
    assert [bar.name for bar in bars] == [tag_names.CAUSE_NAMES[cause] for cause in Cause]
    assert sum(bar.amount for bar in bars) == 15
    found = Autopsy("Owner", Activation.ACTIVE, currency="USD", parts=parts)
    assert tag_autopsy.largest_words(found).startswith("Names no resource is the largest cause: $5.00.")


def test_spellings_are_counted_beside_each_other() -> None:
    cluster = Cluster("Owner", in_policy=True, spellings=tuple(Spelling(f"o{n}", n) for n in range(1, 9)))
    row = tag_autopsy._others(cluster)  # noqa: SLF001 - the words of one cell
    assert row.startswith("o1 (1), o2 (2)")
    assert row.endswith("and 2 more")


def test_rows_are_violations_unless_other_verdicts_are_asked_for() -> None:
    assert rows_words(TagView(page=2), 50, 120) == "51–100 of 120 violations"
    assert rows_words(TagView(verdicts=(TagVerdict.OK,)), 1, 1) == "1–1 of 1 verdict"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("rules[2].values[1]", (2, "values")),
        ("rules[0].exemptions[1].reason", (0, "exemptions")),
        ("rules[1]", (1, "key")),
        ("untaggable[0]", (None, "")),
    ],
)
def test_a_fault_names_its_rule_and_field(field: str, found: tuple[int | None, str]) -> None:
    assert tag_draft.fault_of(InputError(field, "x")) == found
