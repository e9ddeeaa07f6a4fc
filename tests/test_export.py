"""CSV files: the same figures and fields as everywhere, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import cell_text, comparison_records, cost_records, costs_csv, csv_pieces, file_name, safe_text
from finops.model.costs import (
    Change,
    ComparedRow,
    Comparison,
    CostAnswer,
    CostQuestion,
    CostRow,
    Granularity,
    Metric,
    Provenance,
)
from finops.model.period import Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
ORIGIN = Provenance("cost_explorer", "account_service", Metric.UNBLENDED, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
NAMES = {"111111111111": "prod-core"}


def answer(*rows: CostRow, group_by=("service",), granularity=Granularity.TOTAL) -> CostAnswer:
    question = CostQuestion("demo", OCTOBER, granularity, group_by=group_by)
    totals = {row.currency: row.amount for row in rows}
    return CostAnswer(question, rows, totals, totals, ORIGIN)


def parsed(pieces) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(pieces), newline="")))


def test_a_csv_has_a_header_and_one_line_per_figure():
    shown = answer(
        CostRow(
            ("AmazonEC2", "111111111111"), date(2026, 10, 1), Decimal("12.3456789012345678"), "USD", estimated=True
        ),
        CostRow(("", "999999999999"), date(2026, 10, 1), Decimal("-2.5"), "EUR"),
        group_by=("service", "account"),
        granularity=Granularity.DAILY,
    )
    text = "".join(costs_csv(shown, account_names=NAMES))
    assert text == (
        "date,service,account,account_name,cost,currency,estimated\r\n"
        "2026-10-01,AmazonEC2,111111111111,prod-core,12.3456789012345678,USD,true\r\n"
        "2026-10-01,,999999999999,,-2.50,EUR,false\r\n"
    )


def test_an_answer_without_figures_still_has_its_header():
    assert "".join(costs_csv(answer(group_by=("tag:Owner",)))) == "tag:Owner,cost,currency,estimated\r\n"


def test_a_comparison_tells_both_periods_and_the_kind_of_change():
    comparison = Comparison(
        answer(),
        answer(),
        (
            ComparedRow(("AWS Lambda",), "USD", Decimal(3), Decimal(9), Change.SHRUNK),
            ComparedRow(("Amazon Bedrock",), "USD", Decimal(5), Decimal(0), Change.NEW),
        ),
    )
    assert parsed(costs_csv(comparison)) == [
        {
            "service": "AWS Lambda",
            "cost": "3.00",
            "previous_cost": "9.00",
            "delta": "-6.00",
            "percent": "-66.67",
            "change": "shrunk",
            "currency": "USD",
        },
        {
            "service": "Amazon Bedrock",
            "cost": "5.00",
            "previous_cost": "0.00",
            "delta": "5.00",
            "percent": "",
            "change": "new",
            "currency": "USD",
        },
    ]
    assert [record["percent"] for record in comparison_records(comparison)] == [Decimal("-66.67"), None]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "   =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1",  # noqa: RUF001 - what is tested
        "＋1",  # noqa: RUF001
        "－1",  # noqa: RUF001
        "＠x",  # noqa: RUF001
        "\x00=1",
        "\tplain",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_prefixed(text):
    assert safe_text(text).startswith("'")


@pytest.mark.parametrize("text", ["", "AmazonEC2", "EC2 - Other", "a=b", "'=quoted", "012345678901", "Ünïcode ✓"])
def test_other_text_stays_as_it_is(text):
    assert safe_text(text) == text


def test_numbers_stay_numbers_even_when_negative():
    assert cell_text(Decimal("-1.5")) == "-1.50"
    assert cell_text(-3) == "-3"
    assert cell_text(Decimal("1E-7")) == "0.0000001"


@given(st.text(st.characters(), max_size=40))
def test_no_text_ever_starts_a_formula(text):
    safe = safe_text(text)
    assert safe.encode().decode() == safe  # every text can be written as UTF-8, lone surrogates too
    visible = safe.strip().strip("\ufeff\u200b\u00a0")
    assert not visible.startswith(("=", "+", "-", "@"))
    assert safe[:1] not in {"\t", "\r", "\n"}


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**12), max_value=10**12),
        ),
        max_size=30,
    )
)
def test_reading_the_csv_back_gives_the_same_values(rows):
    records = [{"service": name, "cost": amount} for name, amount in rows]
    back = parsed(csv_pieces(("service", "cost"), records))
    assert [(row["service"], Decimal(row["cost"])) for row in back] == [
        (safe_text(name), amount) for name, amount in rows
    ]


def test_a_large_answer_comes_in_pieces():
    rows = tuple(CostRow((f"service {number}",), None, Decimal(number), "USD") for number in range(1700))
    pieces = list(costs_csv(answer(*rows)))
    assert len(pieces) > 3
    assert len(parsed(pieces)) == 1700


def test_records_carry_exact_amounts_and_python_types():
    record = next(cost_records(answer(CostRow(("AmazonS3",), None, Decimal("0.1234567890"), "USD"))))
    assert record == {"service": "AmazonS3", "cost": Decimal("0.1234567890"), "currency": "USD", "estimated": False}


@given(st.text(st.characters(), max_size=300))
def test_file_names_are_plain_whatever_the_tag_key(key):
    name = file_name(CostQuestion("demo", OCTOBER, group_by=(f"tag:{key}",)), partial=True, extension="csv")
    assert name.startswith("costs_demo_2026-10-01_2026-11-01_tag")
    assert name.endswith(".csv")
    assert len(name) <= 160
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
