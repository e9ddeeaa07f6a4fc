"""Savings, tags, inventory, anomalies, health and the summary: the figures of the API, and what is missing said."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops.api.finding_documents import FINDING_FIELDS
from finops.api.tag_documents import VIOLATION_FIELDS
from finops.model.anomalies import Sensitivity, Thresholds
from finops.model.money import exact_sum, parse_amount
from finops.model.outcome import Failure
from finops.model.reports import ReportRequest
from finops.model.thresholds import GENERAL
from finops.reports import Chosen
from tests.api import stock
from tests.api.conftest import client_of
from tests.reports.made import READER, figure, made, opened, records, table
from user_prefs import UserPreferences, report_thresholds

ACCOUNT = stock.OWN


def asked(house, path, **params):
    with client_of(opened(house)) as client:
        answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def failures(document):
    return {Failure(**each) for each in document["meta"]["failures"]}


# Savings


def test_savings_are_the_apis_totals_and_findings():
    report, document = made("findings", "savings"), asked("findings", "/api/findings", limit=1000)
    totals = document["data"]["totals"]
    nets = {currency: parse_amount(total["net"]) for currency, total in totals.items()}
    assert figure(report, "Savings a month").exact == max(nets.values())
    assert figure(report, "Findings").exact == document["meta"]["total"]
    rows, items = records(report, "findings"), document["data"]["items"]
    assert [row["fingerprint"] for row in rows] == [item["fingerprint"] for item in items]
    for row, item in zip(rows, items, strict=True):
        assert row["monthly_saving"] == parse_amount(item["monthly_saving"])
        assert row["evidence"] == item["evidence"]
        assert (row["console"], row["command"]) == (item["remedy"]["console"], item["remedy"]["command"])
    assert set(FINDING_FIELDS) - {"remedy", "until"} <= rows[0].keys()
    assert set(report.failures) == failures(document)
    for name in ("by_check", "by_account"):
        sums = records(report, name)
        for currency, total in totals.items():
            mine = [row for row in sums if row["currency"] == currency]
            assert exact_sum(row["net_saving"] for row in mine) == parse_amount(total["net"])
            assert exact_sum(row["gross_saving"] for row in mine) == parse_amount(total["gross"])
        assert sum(row["findings"] for row in sums) == document["meta"]["total"]


def test_savings_in_two_currencies_are_both_told_and_never_added():
    report = made("findings", "savings")
    assert report.headline == "Savings of CNY 70.00 and $42.40 a month in 6 findings"
    assert not report.charts


@pytest.mark.parametrize(
    "scope",
    [
        {"account": (ACCOUNT,)}, {"check": (stock.IDLE,)}, {"category": ("idle", "guardrail")}, {"severity": ("low",)},
        {"region": ("us-east-1",)}, {"kind": ("ec2:volume",)}, {"search": ("vol-3",)},
    ],
)  # fmt: skip
def test_savings_are_narrowed_as_the_api_narrows_findings(scope):
    report = made("findings", "savings", scope)
    document = asked("findings", "/api/findings", limit=1000, **{name: ",".join(each) for name, each in scope.items()})
    assert [row["fingerprint"] for row in records(report, "findings")] == [
        item["fingerprint"] for item in document["data"]["items"]
    ]
    assert set(report.failures) == failures(document)


def test_a_readers_own_thresholds_hold(tmp_path):
    shutil.copytree(stock.folder(), tmp_path / "data")
    finops = stock.opened(tmp_path / "data")
    preferences = UserPreferences.of(finops.settings)
    wanted = {f"{stock.IDLE}.cpu_average": 1.0, "anomaly.min_impact_usd": 500.0, "tags.target_cost_percent": 50.0}
    preferences.change(READER, lambda mine: replace(mine, thresholds=wanted))
    chosen = report_thresholds(finops, READER, stock.TENANT)
    request = ReportRequest("savings", stock.TENANT, READER)
    usual, own = finops.reports.make(request), finops.reports.make(request, chosen)
    finops.close()
    assert chosen.anomalies.min_impact == 500
    assert chosen.target_cost == 50
    assert chosen.target_count == Chosen().target_count
    idle = [row for row in records_of(usual) if row["check_id"] == stock.IDLE]
    assert idle
    assert not [row for row in records_of(own) if row["check_id"] == stock.IDLE]
    assert dict(own.provenance.facts)["Thresholds"] == "own ones of the reader for 1 check"


def test_whoever_chose_nothing_is_told_what_the_pages_show():
    finops = stock.opened(stock.folder())
    chosen = report_thresholds(finops, "persona:nobody-yet", stock.TENANT)
    finops.close()
    built_in = {each.key: each.default for each in GENERAL}
    assert chosen.anomalies == Thresholds(Decimal(50), Decimal(20), Sensitivity.MEDIUM)
    assert chosen.anomalies.min_impact == built_in["anomaly.min_impact_usd"]
    assert (chosen.target_count, chosen.target_cost) == (95, 98)
    assert (chosen.min_saving, chosen.min_change, chosen.min_change_percent) == (10, 100, 10)


def records_of(report):
    return records(report, "findings")


def test_old_findings_are_told_to_be_old(tmp_path):
    shutil.copytree(stock.folder(), tmp_path / "data")
    finops = stock.opened(tmp_path / "data", datetime(2026, 12, 8, 8, tzinfo=UTC))
    report = finops.reports.make(ReportRequest("savings", stock.TENANT, READER))
    assets = finops.reports.make(ReportRequest("inventory", stock.TENANT, READER))
    finops.close()
    assert "Findings are of 2026-11-20, 18 days old." in report.missing
    assert "Assets were last listed on 2026-11-20, 18 days ago." in assets.missing


# Tags


def test_tag_compliance_is_the_apis():
    report = made("findings", "tag-compliance")
    document = asked("findings", "/api/tag-compliance", by="account", limit=1000)
    data, score = document["data"], document["data"]["score"]
    assert figure(report, "Compliant by count").exact == parse_amount(score["percent"])
    assert figure(report, "Compliant by cost").exact == parse_amount(score["cost_percent"])
    assert figure(report, "Violating").exact == score["violating"]
    assert [(row["key"], row["violating"], row["unknown"]) for row in records(report, "by_key")] == [
        (key["key"], key["violating"], key["unknown"]) for key in data["keys"]
    ]
    assert [(row["account"], row["judged"]) for row in records(report, "by_account")] == [
        (group["group"], group["judged"]) for group in data["groups"]
    ]
    rows = records(report, "violations")
    assert len(rows) == table(report, "violations").total == document["meta"]["total"]
    assert set(VIOLATION_FIELDS) == rows[0].keys()
    assert [(row["asset_id"], row["key"], row["verdict"], row["value"]) for row in rows] == [
        (item["asset_id"], item["key"], item["verdict"], item["value"]) for item in data["items"]
    ]
    assert set(report.failures) == failures(document)


def test_tags_that_could_not_be_asked_are_told_and_targets_are_the_readers():
    report = made("findings", "tag-compliance", chosen=Chosen(target_count=Decimal(0)))
    unknown = asked("findings", "/api/tag-compliance")["data"]["score"]["unknown"]
    assert f"The tags of {unknown} assets could not be asked: they count nowhere." in report.missing
    assert figure(report, "Compliant by count").tone == "better"
    assert figure(report, "Compliant by cost").tone == "worse"


def test_without_a_kept_evaluation_the_trend_says_what_to_do():
    assert "tags evaluate" in table(made("findings", "tag-compliance"), "trend").note


# Inventory


@pytest.mark.parametrize(
    "scope", [{}, {"account": (ACCOUNT,)}, {"kind": ("s3:bucket",)}, {"lifecycle": ("missing",)}, {"tag": ("Owner=",)}]
)
def test_the_inventory_is_the_apis(scope):
    report = made("findings", "inventory", scope)
    params = {name: ",".join(values) for name, values in scope.items()}
    document = asked("findings", "/api/assets", limit=1000, facets="true", **params)
    rows, items = records(report, "assets"), document["data"]["items"]
    assert rows
    assert len(rows) == figure(report, "Assets").exact == document["meta"]["total"]
    assert items[0].keys() == rows[0].keys()
    for row, item in zip(rows, items, strict=True):
        assert row["asset_id"] == item["asset_id"]
        assert (row["tags"], row["details"], row["account_name"]) == (
            item["tags"],
            item["details"],
            item["account_name"],
        )
        assert row["cost"] == (None if item["cost"] is None else parse_amount(item["cost"]))
    facets = document["data"]["facets"]
    assert {row["kind"]: row["assets"] for row in records(report, "by_kind")} == facets["kind"]
    assert {row["account"]: row["assets"] for row in records(report, "by_account")} == facets["account"]
    assert set(report.failures) == failures(document)


def test_accounts_that_could_not_be_listed_are_counted():
    report = made("findings", "inventory")
    assert "3 accounts of 50 could not be listed as a whole." in report.missing


def test_an_account_that_nobody_visited_is_not_an_empty_one():
    report = made("findings", "inventory", {"account": ("999999999999",)})
    assert report.partial
    assert figure(report, "Assets").value == "—"


def test_assets_are_read_as_they_are_written():
    """The first row comes before the last ones are read."""
    reading = iter(table(made("findings", "inventory"), "assets").rows())
    assert next(reading)[0]
    reading.close()


# Anomalies

SINCE = (date(2026, 8, 1), date(2026, 11, 21))


def test_anomalies_are_the_apis():
    report = made("bill", "anomalies", days=SINCE)
    document = asked("bill", "/api/anomalies", since=str(SINCE[0]), until=str(SINCE[1]), limit=1000)
    rows, items = records(report, "anomalies"), document["data"]["items"]
    assert rows
    assert [(row["anomaly_id"], row["impact"]) for row in rows] == [
        (item["anomaly_id"], parse_amount(item["impact"])) for item in items
    ]
    ups = [item for item in items if item["direction"] == "up"]
    assert figure(report, "More than expected").exact == exact_sum(parse_amount(item["impact"]) for item in ups)
    assert f"{len(rows)} anomalies" in report.headline
    assert report.provenance.metric == document["meta"]["metric"]
    learning = document["meta"]["learning"]
    assert bool(learning) == any("still learned" in told for told in report.missing)


def test_a_reader_is_told_of_what_they_want_to_hear():
    levels = Thresholds(Decimal(2000), Decimal(50), Sensitivity.LOW)
    report = made("bill", "anomalies", days=SINCE, chosen=Chosen(anomalies=levels))
    few = asked(
        "bill", "/api/anomalies", since=str(SINCE[0]), until=str(SINCE[1]), min_impact="2000", min_percent="50",
        sensitivity="low",
    )["data"]["items"]  # fmt: skip
    assert [row["anomaly_id"] for row in records(report, "anomalies")] == [item["anomaly_id"] for item in few]
    assert len(few) < len(records(made("bill", "anomalies", days=SINCE), "anomalies"))


# Summary and health


def test_the_summary_has_the_figures_of_the_other_reports():
    days = (date(2026, 10, 1), date(2026, 11, 1))
    report, spend = made("bill", "executive-summary"), made("bill", "cost-by-service", days=days)
    assert report.headline == spend.headline
    assert figure(report, "Spend") == figure(spend, "Spend")
    assert records(report, "by_service") == records(spend, "by_service")
    assert records(report, "by_account") == records(made("bill", "cost-by-account", days=days), "by_account")
    unusual = made("bill", "anomalies", days=days)
    assert figure(report, "Anomalies").exact == figure(unusual, "Anomalies").exact
    assert records(report, "anomalies") == records(unusual, "anomalies")
    assert "Savings are not known: no check has run yet." in report.missing
    assert figure(report, "Could be saved a month").value == "—"


def test_the_summary_of_findings_is_theirs():
    report, savings = made("findings", "executive-summary"), made("findings", "savings")
    assert figure(report, "Could be saved a month").exact == figure(savings, "Savings a month").exact
    assert records(report, "savings") == records(savings, "by_check")
    assert "The cost of October is not known." in report.missing


def test_what_changed_most_comes_first():
    rows = records(made("bill", "executive-summary"), "movers")
    sizes = [abs(row["delta"]) for row in rows]
    assert len(rows) == 10
    assert sizes == sorted(sizes, reverse=True)


def test_health_is_that_of_the_page():
    report, state = made("bill", "health"), opened("bill").health.report("demo")
    assert [row["source"] for row in records(report, "sources")] == [source.source for source in state.sources]
    assert figure(report, "Spent on requests").exact == state.spent
    assert sum(row["requests"] for row in records(report, "requests")) == sum(line.requests for line in state.meter)
    assert all("user" not in row for row in records(report, "requests"))
