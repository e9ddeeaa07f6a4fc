"""Totals of an answer: one currency, several, none, nothing to answer from."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from finops.api.documents import cost_by_service, reasons
from finops.api.envelope import instant, json_text
from finops.model.costs import CostAnswer, CostQuestion, CostRow, Metric, Provenance
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.model.period import Period

QUESTION = CostQuestion("acme", Period(date(2026, 10, 1), date(2026, 11, 1)), group_by=("service",))
ORIGIN = Provenance("focus", "account_service", Metric.BILLED, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))


def answer(*rows: CostRow, origin: Provenance = ORIGIN, failures: tuple[Failure, ...] = ()) -> CostAnswer:
    totals: dict[str, Decimal] = {}
    for row in rows:
        totals[row.currency] = exact_sum((totals.get(row.currency, Decimal(0)), row.amount))
    return CostAnswer(QUESTION, rows, totals, totals, origin, failures)


def sent(shown: CostAnswer):
    return json.loads(json_text(cost_by_service(shown)))


def test_currencies_are_never_added_up():
    document = sent(answer(CostRow(("a",), None, Decimal(1), "USD"), CostRow(("b",), None, Decimal(2), "EUR")))
    assert (document["data"]["total"], document["data"]["currency"], document["meta"]["currency"]) == (None, None, None)
    assert document["data"]["totals"] == {"USD": "1.00", "EUR": "2.00"}
    assert [item["currency"] for item in document["data"]["items"]] == ["USD", "EUR"]


def test_a_covered_period_without_cost_is_a_zero_that_means_it():
    document = sent(answer())
    assert (document["data"]["total"], document["meta"]["partial"]) == ("0.00", False)


def test_nothing_to_answer_from_is_no_zero():
    document = sent(answer(origin=Provenance("", "", Metric.UNBLENDED, notes=("Import a bill first.",))))
    assert document["data"]["total"] is None
    assert document["meta"]["source"] is None
    assert [failure["message"] for failure in document["meta"]["failures"]] == ["Import a bill first."]


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (answer(failures=(Failure("quarantined", "part x"),)), "quarantined"),
        (answer(origin=replace(ORIGIN, missing_days=3)), "missing_days"),
        (answer(origin=Provenance("", "", Metric.UNBLENDED)), "no_data"),
    ],
)
def test_a_partial_answer_always_has_a_reason(shown, code):
    assert shown.partial
    assert [failure.code for failure in reasons(shown)] == [code]
    assert all(failure.message for failure in reasons(shown))


def test_parts_that_do_not_sum_to_the_whole_are_told():
    shown = replace(answer(CostRow(("a",), None, Decimal(1), "USD")), control={"USD": Decimal("1.01")})
    meta = sent(shown)["meta"]
    assert (meta["reconciles"], meta["control"]) == (False, {"USD": "1.01"})


def test_every_digit_of_an_amount_arrives():
    document = sent(answer(CostRow(("a",), None, Decimal("123456789012345678.123456789012345678"), "USD")))
    assert document["data"]["items"][0]["cost"] == document["data"]["total"] == "123456789012345678.123456789012345678"


def test_instants_are_utc():
    assert instant(datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_has_no_json_form_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        json_text({"x": value})
