"""`/api/checks`, `/api/idle-instances`, `/api/findings/back-test`: stored observations, judged again without AWS."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from finops.aws.calls import Calls
from tests.api import stock
from tests.api.conftest import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.facade import Finops

BACK_TEST = "/api/findings/back-test"


@pytest.fixture(scope="module")
def finops() -> Iterator[Finops]:
    opened = stock.opened(stock.folder())
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch) -> None:
    """Nothing here may ask AWS."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a call to AWS")

    for name in ("call", "pages"):
        monkeypatch.setattr(Calls, name, refused)


def by_id(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["instance_id"]: item for item in document["data"]["items"]}


def test_idle_instances_are_told_whatever_their_verdict(get):
    document = get("/api/idle-instances", {})
    items = by_id(document)
    assert {name: item["verdict"] for name, item in items.items()} == {
        "i-1": "flagged",
        "i-2": "ok",
        "i-3": "undetermined",
        "i-4": "not_applicable",
    }
    idle = items["i-1"]
    assert {name: idle[name] for name in idle if name not in {"fingerprint", "message"}} == {
        "account": stock.OWN,
        "region": "us-east-1",
        "instance_id": "i-1",
        "name": "name of i-1",
        "instance_type": "m7i.large",
        "cpu_average": 2.5,
        "cpu_maximum": 8,
        "days": 14,
        "verdict": "flagged",
        "monthly_saving": "30.40",
        "saving_basis": "measured",
        "currency": "USD",
    }
    assert (items["i-3"]["cpu_average"], items["i-3"]["cpu_maximum"], items["i-3"]["days"]) == (None, None, 0)
    assert document["meta"]["thresholds"]["cpu_average"] == 5
    assert document["meta"]["currency"] == "USD"


@pytest.mark.parametrize(
    ("params", "verdicts"),
    [
        ({"cpu_average": "2.5"}, ["ok", "ok", "undetermined", "ok"]),
        ({"cpu_average": "2.6", "cpu_maximum": "9"}, ["flagged", "ok", "undetermined", "flagged"]),
        ({"cpu_maximum": "8"}, ["ok", "ok", "undetermined", "ok"]),
        ({"network_mb_day": "1"}, ["ok", "ok", "undetermined", "ok"]),
        ({"window_days": "30"}, ["flagged", "ok", "undetermined", "flagged"]),
    ],
)
def test_other_thresholds_judge_what_is_stored(get, params, verdicts):
    items = by_id(get("/api/idle-instances", params))
    assert [items[f"i-{number}"]["verdict"] for number in range(1, 5)] == verdicts
    for item in items.values():
        assert item["monthly_saving"] == ("30.40" if item["verdict"] == "flagged" else "0.00")
    assert {item["days"] for item in items.values()} == {0, int(params.get("window_days", 14))}


def test_what_tags_leave_out_stays_out_when_judged_again(finops):
    other = replace(finops, settings=finops.settings.model_copy(update={"findings_exclude": ("Owner==data-team",)}))
    items = by_id(client_of(other).get("/api/idle-instances", params={"cpu_average": 4}).json())
    assert {item["verdict"] for item in items.values()} == {"not_applicable"}


def test_idle_instances_are_filtered_and_paged(client, get):
    assert set(by_id(get("/api/idle-instances", {"account": stock.OTHER}))) == {"i-4"}
    assert set(by_id(get("/api/idle-instances", {"region": "moon"}))) == set()
    first = get("/api/idle-instances", {"limit": 3})
    assert first["meta"]["total"] == 4
    second = get("/api/idle-instances", {"limit": 3, "cursor": first["meta"]["next_cursor"]})
    assert [*by_id(first), *by_id(second)] == ["i-1", "i-2", "i-3", "i-4"]
    answer = client.get("/api/idle-instances", params={"cpu_average": 1, "cursor": first["meta"]["next_cursor"]})
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/api/idle-instances", {"cpu_average": "26"}, "cpu_average"),
        ("/api/idle-instances", {"cpu_average": "nan"}, "cpu_average"),
        ("/api/idle-instances", {"window_days": "1"}, "window_days"),
        ("/api/idle-instances", {"min_saving": "1"}, "min_saving"),
        (BACK_TEST, {}, "check"),
        (BACK_TEST, {"check": "aws.x.y"}, "check"),
        (BACK_TEST, {"check": stock.VOLUME, "cpu_average": "3"}, "cpu_average"),
        (BACK_TEST, {"check": stock.IDLE, "cpu_average": "99"}, "cpu_average"),
        (BACK_TEST, {"check": stock.IDLE, "days": "0"}, "days"),
        (BACK_TEST, {"check": stock.IDLE, "days": "1096"}, "days"),
    ],
)
def test_a_wrong_value_names_its_parameter(client, path, params, field):
    answer = client.get(path, params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_back_test_says_what_would_change(get):
    document = get(BACK_TEST, {"check": stock.IDLE, "cpu_average": 1})
    data = document["data"]
    assert (data["levels"]["cpu_average"], data["tried"]["cpu_average"]) == (5, 1)
    assert [day["day"] for day in data["days"]] == ["2026-11-19", "2026-11-20"]
    assert data["today"]["now"]["findings"] == 2  # what hand-made drafts say is judged anew: i-1 and i-4
    assert data["today"]["tried"] == {"findings": 0, "saving": "0.00"}
    assert (len(data["fewer"]), data["more"]) == (2, [])
    assert len(get(BACK_TEST, {"check": stock.IDLE, "days": 1})["data"]["days"]) == 1


def test_a_back_test_without_observations_is_partial(client):
    document = client.get(BACK_TEST, params={"check": stock.IDLE, "workspace": "what-if"}).json()
    assert (document["data"]["today"], document["meta"]["partial"]) == (None, True)
    assert "what-if" in document["meta"]["failures"][0]["message"]


def test_every_check_is_described(finops, get):
    items = get("/api/checks", {})["data"]["items"]
    assert [item["check_id"] for item in items] == [check.check_id for check in finops.waste.checks]
    idle = next(item for item in items if item["check_id"] == stock.IDLE)
    assert idle["explanation"].startswith("An EC2 instance that runs")
    assert idle["thresholds"][1] == {
        "name": "cpu_average",
        "text": "average CPU is below this",
        "default": 5,
        "value": 5,
        "minimum": 0,
        "maximum": 25,
        "unit": "%",
        "step": 0.5,
    }
    assert {"service": "cloudwatch", "operation": "GetMetricData", "action": "cloudwatch:GetMetricData"} in idle[
        "operations"
    ]


# Figures


def test_figures_of_run_dates(get):
    document = get("/api/kpis", {"kpi": "total,by_status"})
    told = [
        (each["period"], each["kpi"], each["key"], each["currency"], each["findings"], each["saving"])
        for each in document["data"]["items"]
    ]
    assert ("2026-11-19", "total", "", "USD", 3, "46.40") in told
    assert ("2026-11-20", "total", "", "USD", 5, "52.40") in told
    assert ("2026-11-20", "total", "", "CNY", 1, "70.00") in told
    assert ("2026-11-20", "by_status", "open", "USD", 5, "52.40") in told
    assert (document["meta"]["partial"], document["meta"]["currency"]) == (False, None)
    assert document["meta"]["period"] == {"start": "2026-08-23", "end": "2026-11-21"}
    top = get("/api/kpis", {"kpi": "top", "start": "2026-11-20"})["data"]["items"]
    assert [(each["currency"], each["rank"]) for each in top][:2] == [("CNY", 1), ("USD", 1)]
    assert all(each["fingerprint"] for each in top)


def test_figures_come_in_pages(client, get):
    whole = get("/api/kpis", {})["data"]["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = get("/api/kpis", {"limit": 7, **({"cursor": cursor} if cursor else {})})
        found += page["data"]["items"]
        cursor = page["meta"]["next_cursor"]
    assert found == whole
    cursor = get("/api/kpis", {"limit": 7})["meta"]["next_cursor"]
    answer = client.get("/api/kpis", params={"kpi": "total", "cursor": cursor})
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


def test_a_period_without_a_run_and_figures_older_than_the_run_are_partial(get, tmp_path):
    meta = get("/api/kpis", {"start": "2026-01-01", "end": "2026-02-01"})["meta"]
    assert [each["code"] for each in meta["failures"]] == ["no_run"]
    shutil.copytree(stock.folder(), tmp_path / "data")
    later = stock.TODAY.replace(day=21)
    opened = stock.opened(tmp_path / "data", later)
    stock.keep(opened, later, [stock.volume(1)], workspace="what-if")
    with client_of(opened) as client:
        assert client.get("/api/kpis").json()["meta"]["partial"] is False  # of main, which did not run again
        meta = client.get("/api/kpis", params={"workspace": "what-if"}).json()["meta"]
        assert [each["code"] for each in meta["failures"]] == ["stale_figures"]
        opened.waste.rebuild_kpis(stock.TENANT)
        document = client.get("/api/kpis", params={"workspace": "what-if", "kpi": "total"}).json()
        assert (document["meta"]["partial"], document["data"]["items"][0]["saving"]) == (False, "8.00")
    opened.close()


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"kpi": "all"}, "kpi"),
        ({"kpi": ""}, "kpi"),
        ({"start": "monday"}, "start"),
        ({"start": "2026-12-01", "end": "2026-12-01"}, "end"),
        ({"end": "0001-01-01"}, "end"),
        ({"limit": "0"}, "limit"),
        ({"workspace": "A"}, "workspace"),
    ],
)
def test_a_wrong_period_or_figure_names_its_parameter(client, params, field):
    answer = client.get("/api/kpis", params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
