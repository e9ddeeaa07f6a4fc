"""Questions and answers of a bill keep their promises whatever the source."""

from datetime import date
from decimal import Decimal

import pytest

from finops.model.costs import (
    Change,
    ComparedRow,
    CostAnswer,
    CostQuestion,
    CostRow,
    Metric,
    Provenance,
    dimension,
    metric,
)
from finops.model.errors import InputError
from finops.model.period import Period

QUESTION = CostQuestion("default", Period(date(2026, 11, 1), date(2026, 11, 19)))


def answer(
    totals: dict[str, Decimal], control: dict[str, Decimal], *, source: str = "focus", missing_days: int = 0
) -> CostAnswer:
    rows = tuple(CostRow((), None, amount, currency) for currency, amount in totals.items())
    return CostAnswer(
        QUESTION, rows, totals, control, Provenance(source, "lines", Metric.BILLED, missing_days=missing_days)
    )


def test_cost_explorers_spelling_of_a_metric_is_understood() -> None:
    assert metric("NetAmortizedCost") is Metric.NET_AMORTIZED
    assert metric("billed") is Metric.BILLED


@pytest.mark.parametrize("text", ["UsageQuantity", "Unblended", "", "cost"])
def test_an_unknown_metric_is_an_error_naming_the_known_ones(text: str) -> None:
    with pytest.raises(InputError, match=r"unblended.*contracted") as caught:
        metric(text)
    assert caught.value.field == "metric"


@pytest.mark.parametrize("text", ["service", "tag:Environment", "tag:a b/ü=*", "category:Team"])
def test_dimensions_are_plain_or_keyed(text: str) -> None:
    assert dimension(text) == text


@pytest.mark.parametrize("text", ["", "Service", "tag:", "tags:x", "category:" + "x" * 129])
def test_what_is_no_dimension_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        dimension(text)


def test_a_cent_between_parts_and_whole_is_not_reconciled() -> None:
    assert answer({"USD": Decimal("10.00")}, {"USD": Decimal("10.00")}).reconciles
    assert not answer({"USD": Decimal("10.00")}, {"USD": Decimal("10.01")}).reconciles
    assert not answer({"USD": Decimal(1)}, {"USD": Decimal(1), "EUR": Decimal(1)}).reconciles


def test_an_answer_without_source_or_with_missing_days_is_partial() -> None:
    assert answer({}, {}, source="").partial
    assert answer({"USD": Decimal(1)}, {"USD": Decimal(1)}, missing_days=2).partial
    assert not answer({"USD": Decimal(1)}, {"USD": Decimal(1)}).partial


def test_several_currencies_have_no_single_one() -> None:
    assert answer({"USD": Decimal(1), "EUR": Decimal(1)}, {}).currency == ""


def test_percent_of_nothing_is_unknown_not_infinite() -> None:
    assert ComparedRow(("a",), "USD", Decimal(5), Decimal(0), Change.NEW).percent is None
    assert ComparedRow(("a",), "USD", Decimal(-5), Decimal(-10), Change.GROWN).percent == Decimal(50)
