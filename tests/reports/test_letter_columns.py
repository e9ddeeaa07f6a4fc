"""What a mail shows of a table: what its rows are about, amounts in their currency; and why its reader gets it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from finops.model.outcome import Failure
from finops.model.reports import Column, Kind, Table
from finops.reports.mails.letters import Why, letter_of
from finops.reports.mails.texts import MOST_LISTED, MOST_ROWS, MOST_TABLES, most_rows, shown
from tests.reports.letter_kit import report
from tests.reports.made import made

COLUMNS = (
    Column("kind", "Kind"),
    Column("service", "Service"),
    Column("account_id", "Account id"),
    Column("impact", "Impact", Kind.MONEY),
    Column("month", "A month", Kind.MONEY),
    Column("percent", "In %", Kind.PERCENT),
    Column("currency", "Currency"),
)
ROWS = (
    ("spike", "Amazon EC2", "111111111111", Decimal(700), Decimal(3000), Decimal(20), "USD"),
    ("drop", "Amazon S3", "222222222222", Decimal(-50), None, Decimal(-3), "EUR"),
)
TABLE = Table("anomalies", "Anomalies", COLUMNS, lambda: iter(ROWS), 2, "", ("service", "account_id"))


def letter(**more: Any) -> Any:
    return letter_of(report(tables=(TABLE,), charts=(), **more), public_url="https://costs.example.com")


def test_what_a_row_is_about_comes_first_and_stays_on_a_phone():
    told = shown(TABLE, ZoneInfo("UTC"), "")
    assert told.heads == ("Service", "Account id", "Impact", "A month")
    assert told.heads[told.hidden] == "A month"
    assert shown(replace(TABLE, about=("kind",)), ZoneInfo("UTC"), "").heads[0] == "Kind"


def test_it_stays_where_every_row_is_about_the_same():
    same = replace(TABLE, rows=lambda: iter([ROWS[0], (*ROWS[0][:2], "Amazon EC2", *ROWS[0][3:])]))
    assert shown(same, ZoneInfo("UTC"), "").heads[:2] == ("Service", "Account id")


def test_amounts_are_in_the_currency_of_their_row():
    told = shown(TABLE, ZoneInfo("UTC"), "")
    assert [row[2] for row in told.rows] == ["$700", "\N{MINUS SIGN}€50.00"]


@pytest.mark.parametrize("house", ["bill", "findings"])
def test_the_executive_summarys_anomalies_say_where(house):
    (table,) = (each for each in made(house, "executive-summary").tables if each.name == "anomalies")
    assert shown(table, ZoneInfo("UTC"), "").heads[:2] == ("Where", "Kind")


def test_a_table_with_a_page_links_to_it_in_both_bodies():
    linked = replace(TABLE, page="/anomalies?tenant=acme")
    sent = letter_of(report(tables=(linked,), charts=()), public_url="https://c.example")
    assert 'href="https://c.example/anomalies?tenant=acme"' in sent.html
    assert "https://c.example/anomalies?tenant=acme" in sent.text.splitlines()
    assert "/anomalies?" not in letter().html
    foreign = replace(TABLE, page="javascript:alert(1)")
    assert "javascript:" not in letter_of(report(tables=(foreign,), charts=()), public_url="https://c.example").html


def test_many_tables_show_fewer_rows_each():
    assert most_rows(6) == MOST_ROWS
    assert most_rows(MOST_TABLES) * MOST_TABLES <= MOST_LISTED
    assert most_rows(50) == most_rows(MOST_TABLES)


def test_a_schedules_mail_says_so_and_an_alert_says_what_it_is():
    assert "A schedule sends you this report. " in letter().text
    why = Why("The budget <b>Prod</b> tells you.", "Stop all mails of this dashboard")
    alert = letter_of(report(), public_url="https://c.example", why=why)
    assert "schedule sends" not in alert.html + alert.text
    assert "The budget &lt;b&gt;Prod&lt;/b&gt; tells you." in alert.html
    assert "The budget <b>Prod</b> tells you. Stop all mails of this dashboard: https://unsub" in alert.text


def test_failures_that_differ_in_their_region_alone_are_one_line():
    long = "AWS denied ec2:DescribeVolumes. UnauthorizedOperation: arn:aws:sts::1:assumed-role/x is not allowed"
    regions = ("us-east-1", "us-east-2", "eu-west-1", "eu-west-2", "sa-east-1")
    denied = tuple(Failure("Denied", long, "111111111111", each, "ec2", "ec2:DescribeVolumes") for each in regions)
    other = Failure("Denied", "AWS denied it. Really.", "222222222222", "us-east-1", "ec2")
    lines = letter(failures=(*denied, other)).html
    told = "111111111111 us-east-1, us-east-2, eu-west-1 and 2 more ec2: AWS denied ec2:DescribeVolumes."
    assert f"{told} (missing permission: ec2:DescribeVolumes)" in lines
    assert "222222222222 us-east-1 ec2: AWS denied it. Really." in lines
    assert "UnauthorizedOperation" not in lines
