"""`costs refresh` and `costs by-service`."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.facade import open_finops
from tests import stocked
from tests.api.conftest import client_of

OCTOBER = ("--start", "2026-10-01", "--end", "2026-11-01")
BY_SERVICE = ("costs", "by-service", *OCTOBER)


def test_cli_api_and_facade_tell_the_same(house, run):
    finops = open_finops(stocked.settings(house))
    try:
        served = (
            client_of(finops).get("/api/cost-by-service", params={"start": "2026-10-01", "end": "2026-11-01"}).json()
        )
    finally:
        finops.close()
    said = run(*BY_SERVICE, "--json")
    assert said.code == 0
    assert said.document == served
    assert Decimal(served["data"]["total"]) > 100_000


def test_a_pipe_gets_exact_tab_separated_lines_that_sum_to_the_total(house, run):
    said = run(*BY_SERVICE)
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert lines[0] == ["service", "cost", "currency"]
    assert sum(Decimal(cost) for _, cost, _ in lines[1:]) == Decimal(
        run(*BY_SERVICE, "--json").document["data"]["total"]
    )
    assert "Tenant demo: unblended cost from cost_explorer, fetched 2026-11-20 09:00 UTC." in said.err
    assert not said.err.startswith("finops:")


def test_every_day_or_month_has_its_line(house, run):
    daily = run(*BY_SERVICE, "--granularity", "daily")
    assert daily.out.splitlines()[0] == "date\tservice\tcost\tcurrency"
    assert len({line.split("\t")[0] for line in daily.out.splitlines()[1:]}) == 31
    monthly = run(*BY_SERVICE, "--granularity", "monthly", "--json").document["data"]
    assert {item["date"] for item in monthly["items"]} == {"2026-10-01"}


def test_accounts_may_follow_one_option_or_several_or_a_comma(house, run):
    whole = run("costs", "by-service", *OCTOBER, "--json").document
    finops = open_finops(stocked.settings(house))
    try:
        first, second, third, *_ = finops.costs.choices("demo", "account")
    finally:
        finops.close()
    spellings = [
        ("--account", first, second, third),
        ("--account", first, "--account", second, "--account", third),
        ("--account", f"{first},{second},{third}"),
        (f"--account={first}", second, "--account", third),
    ]
    totals = {run(*BY_SERVICE, "--json", *spelling).document["data"]["total"] for spelling in spellings}
    assert len(totals) == 1
    assert Decimal(totals.pop()) < Decimal(whole["data"]["total"])


def test_a_stray_word_is_no_account(house, run):
    assert run(*BY_SERVICE, "111111111111").code == 2


def test_options_of_every_command_stand_before_or_after_its_name(house, run):
    after = run(*BY_SERVICE, "--json", "--tenant", "demo")
    before = run("--json", "--tenant", "demo", *BY_SERVICE)
    between = run("--tenant", "demo", "costs", "by-service", "--json", *OCTOBER)
    assert after.document == before.document == between.document


def test_no_stored_data_is_partial_and_never_zero(house, run):
    said = run(*BY_SERVICE, "--json", "--tenant", "acme")
    assert said.code == 3
    assert said.document["data"] == {"items": [], "total": None, "currency": None, "totals": {}}
    assert said.document["meta"]["partial"] is True
    assert said.document["meta"]["failures"][0]["message"] in said.err


def test_a_period_covered_in_part_is_shown_with_exit_3(house, run):
    said = run("costs", "by-service", "--start", "2025-09-15", "--end", "2025-10-15")
    assert said.code == 3
    assert len(said.out.splitlines()) > 10
    assert "16 days are not stored" in said.err


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("costs", "by-service", "--end", "2026-11-01"), "start"),
        (("costs", "by-service", "--start", "2026-11-01", "--end", "2026-10-01"), "end"),
        (("costs", "by-service", "--start", "yesterday", "--end", "2026-10-01"), "start"),
        ((*BY_SERVICE, "--metric", "cheapest"), "metric"),
        ((*BY_SERVICE, "--metric", "list"), "metric"),
        ((*BY_SERVICE, "--granularity", "hourly"), "granularity"),
        ((*BY_SERVICE, "--currency", "dollars"), "currency"),
        ((*BY_SERVICE, "--source", "guesswork"), "source"),
        ((*BY_SERVICE, "--tenant", "No Name"), "tenant"),
        (("costs", "refresh", "--since", "last week"), "since"),
        (("costs", "refresh", "--tenant", "acme"), "tenant"),
    ],
)
def test_wrong_use_is_exit_2_and_one_line(house, run, arguments, field):
    said = run(*arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == field
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("finops: ")
    assert run(*arguments).out == ""


def test_a_refresh_within_the_hour_sends_nothing(own_house, run):
    said = run("costs", "refresh", "--json")
    assert (said.code, said.document["data"]["status"], said.document["data"]["requests"]) == (0, "skipped", 0)
    assert "refreshed 0 minutes ago" in run("costs", "refresh").out


def test_a_later_refresh_says_what_it_sent_and_what_it_cost(own_house, run, monkeypatch):
    monkeypatch.setenv("FINOPS_NOW", "2026-11-21T09:00:00Z")
    planned = run("costs", "refresh", "--dry-run", "--json").document
    assert planned["data"]["dry_run"] is True
    assert Decimal(planned["data"]["price"]) == planned["data"]["requests"] * Decimal("0.01")
    assert planned["data"]["steps"][0]["reason"]
    done = run("costs", "refresh", "--json")
    assert done.code == 0
    assert done.document["data"]["status"] == "done"
    assert Decimal(done.document["data"]["cost"]) == done.document["data"]["requests"] * Decimal("0.01") > 0
    assert done.document["meta"]["tenant"] == "demo"
    again = run("costs", "refresh", "--dry-run")
    assert again.out == "A refresh would send nothing: refreshed 0 minutes ago.\n"


def test_a_dry_run_sends_nothing(own_house, run, monkeypatch):
    monkeypatch.setenv("FINOPS_NOW", "2026-11-21T09:00:00Z")
    shown = [run("costs", "refresh", "--dry-run", "--json").document["data"]["requests"] for _ in range(2)]
    assert shown[0] == shown[1] > 0
    assert run("costs", "refresh", "--dry-run").out.startswith("cube\tgrain\tstart\tend\tpages\treason\n")


def test_a_refresh_at_the_ceiling_fails_and_says_why(own_house, run, monkeypatch):
    monkeypatch.setenv("FINOPS_NOW", "2026-11-21T09:00:00Z")
    monkeypatch.setenv("FINOPS_CE_MONTHLY_BUDGET_USD", "0.01")
    said = run("costs", "refresh", "--json")
    assert said.code == 1
    assert said.document["data"]["status"] == "failed"
    assert said.document["meta"]["partial"] is True
    assert "budget" in said.err
    assert run(*BY_SERVICE).code == 0  # the last good figures keep answering
