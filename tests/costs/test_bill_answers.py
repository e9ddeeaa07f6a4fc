"""An imported bill answers on the same road: the field's own sample export beside made-up Cost Explorer figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finops.model.costs import CostQuestion, Filter, Metric
from finops.model.errors import InputError
from finops.model.period import Period
from tests.costs.standin import TENANT, Bench, Setup, open_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).parent.parent / "data" / "focus_sample.csv"
SEPTEMBER = Period(date(2024, 9, 1), date(2024, 10, 1))
BILL = "default"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = open_bench(tmp_path_factory.mktemp("imported"), Setup())
    bench.costs.import_bill(BILL, [str(SAMPLE)])
    yield bench
    bench.store.close()


def ask(*group_by: str, metric: Metric | None = None, filters: tuple[Filter, ...] = ()) -> CostQuestion:
    return CostQuestion(BILL, SEPTEMBER, metric=metric, group_by=group_by, filters=filters)


def test_the_samples_totals_are_those_of_the_file(imported: Bench) -> None:
    billed = imported.costs.answer(ask())
    assert billed.totals == {"USD": Decimal("20.52022672899")}
    assert (billed.provenance.source, billed.provenance.metric, billed.provenance.command) == (
        "focus",
        Metric.BILLED,
        "",
    )
    effective = imported.costs.answer(ask(metric=Metric.NET_AMORTIZED))
    assert effective.totals == {"USD": Decimal("14.97651418586")}
    assert effective.provenance.mapped_from == "EffectiveCost (FOCUS) read as net_amortized"


@pytest.mark.parametrize(
    "dimension",
    ["service", "account", "region", "charge_type", "charge_category", "provider", "resource", "tag:environment"],
)
def test_parts_sum_to_the_whole_by_every_dimension(imported: Bench, dimension: str) -> None:
    answer = imported.costs.answer(ask(dimension))
    assert answer.reconciles
    assert answer.totals == {"USD": Decimal("20.52022672899")}
    only = imported.costs.answer(ask(dimension, filters=(Filter("provider", ("AWS",)),)))
    others = imported.costs.answer(ask(dimension, filters=(Filter("provider", ("AWS",), exclude=True),)))
    assert only.reconciles
    assert only.totals["USD"] + others.totals["USD"] == Decimal("20.52022672899")


def test_lines_without_a_figure_make_the_answer_incomplete_and_are_counted(imported: Bench) -> None:
    answer = imported.costs.answer(ask(metric=Metric.CONTRACTED))
    assert answer.totals == {"USD": Decimal("14.97626039326")}
    assert answer.partial
    assert answer.failures[0].code == "incomplete_metric"


def test_unblended_is_not_another_figure_under_its_name(imported: Bench) -> None:
    with pytest.raises(InputError, match=r"billed, .*list, contracted"):
        imported.costs.answer(ask(metric=Metric.UNBLENDED))


def test_resources_are_listed_and_the_rest_is_one_row(imported: Bench) -> None:
    answer = imported.costs.resources(ask(), limit=5)
    assert len(answer.rows) == 6
    assert answer.rows[-1].keys == ("(other resources)",)
    assert answer.reconciles
    assert sum((row.amount for row in answer.rows), Decimal(0)) == Decimal("20.52022672899")


def test_a_bill_of_one_month_has_an_overview_without_a_comparison(imported: Bench) -> None:
    overview = imported.costs.overview(BILL)
    assert overview.month == overview.to_date == SEPTEMBER
    assert overview.total.totals == {"USD": Decimal("20.52022672899")}
    assert overview.comparison is not None
    assert overview.comparison.previous.provenance.source == ""
    assert sum(row.current for row in overview.comparison.rows) == Decimal("20.52022672899")
    assert (overview.movers, overview.projection, overview.recent) == ((), None, None)
    assert overview.accounts_seen > 1
    assert set(imported.costs.account_names(BILL)) <= set(imported.costs.choices(BILL, "account"))


def test_made_up_figures_and_a_real_bill_never_mix(imported: Bench) -> None:
    assert imported.costs.tenants() == (BILL,)
    imported.costs.refresh(TENANT)
    assert imported.costs.tenants() == (BILL, TENANT)
    assert imported.costs.answer(ask()).totals == {"USD": Decimal("20.52022672899")}
    assert imported.costs.answer(CostQuestion(TENANT, SEPTEMBER)).provenance.source == ""
