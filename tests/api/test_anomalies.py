"""`/api/anomalies`: filters, pages, one of them with its days, and feedback."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finops.facade import open_finops
from tests import stocked
from tests.api.conftest import client_of, conforms
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

PATH = "/api/anomalies"
EVERY = {"min_impact": "0", "min_percent": "0", "sensitivity": "high"}
"""Whatever the person's thresholds."""


@pytest.fixture(scope="module")
def writable(tmp_path_factory) -> Iterator[TestClient]:
    place = tmp_path_factory.mktemp("anomalies") / "data"
    shutil.copytree(stocked.folder(), place)
    opened = open_finops(stocked.settings(place))
    with client_of(opened) as client:
        yield client
    opened.close()


def test_a_list_is_what_the_description_says(get):
    told = get(PATH, EVERY)
    conforms(told, "Anomalies")
    assert told["meta"]["total"] == len(told["data"]["items"]) > 20
    assert told["meta"]["through"] == "2026-11-18"
    assert (told["meta"]["metric"], told["meta"]["source"]) == ("net_unblended", "cost_explorer")
    impacts = [abs(float(each["impact"])) for each in told["data"]["items"]]
    assert impacts == sorted(impacts, reverse=True)


@pytest.mark.parametrize(
    ("params", "holds"),
    [
        ({"kind": "spike"}, lambda each: each["kind"] == "spike"),
        ({"kind": "leak,new"}, lambda each: each["kind"] in {"leak", "new"}),
        ({"direction": "up"}, lambda each: each["direction"] == "up"),
        ({"status": "over"}, lambda each: each["status"] == "over"),
        ({"service": "AWS Lambda"}, lambda each: each["service"] == "AWS Lambda"),
        ({"account": "105810581058"}, lambda each: each["account_name"] == "prod-core"),
        ({"min_impact": "2000"}, lambda each: abs(float(each["impact"])) >= 2000),
        (
            {"min_percent": "900", "direction": "up"},
            lambda each: each["percent"] is None or float(each["percent"]) >= 900,
        ),
        ({"sensitivity": "low"}, lambda each: each["score"] >= 13),
        ({"since": "2026-10-01"}, lambda each: each["last_seen"] >= "2026-10-01"),
        ({"until": "2026-10-01"}, lambda each: each["last_seen"] < "2026-10-01"),
    ],
)
def test_filters_choose(get, params, holds):
    every = get(PATH, EVERY)["data"]["items"]
    chosen = get(PATH, {**EVERY, **params})["data"]["items"]
    assert 0 < len(chosen) < len(every)
    assert chosen == [each for each in every if holds(each)]


def test_whoever_named_and_chose_nothing_gets_what_the_page_shows(get):
    built_in = {"min_impact": "50", "min_percent": "20", "sensitivity": "medium"}
    told = get(PATH, {})
    assert told["data"]["items"] == get(PATH, built_in)["data"]["items"]
    assert 0 < told["meta"]["total"] < get(PATH, EVERY)["meta"]["total"]


def test_pages_follow_each_other(get):
    whole = get(PATH, {})["data"]["items"]
    first = get(PATH, {"limit": "5"})
    second = get(PATH, {"limit": "5", "cursor": first["meta"]["next_cursor"]})
    assert first["data"]["items"] + second["data"]["items"] == whole[:10]
    assert first["meta"]["total"] == len(whole)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "bump"), ("direction", "left"), ("status", "open"), ("min_impact", "-1"), ("min_percent", "x"),
        ("sensitivity", "none"), ("since", "yesterday"), ("until", "2026"), ("silenced", "yes"), ("limit", "0"),
        ("service", ""), ("cursor", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named(client, field, value):
    answer = client.get(PATH, params={field: value})
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_one_anomaly_comes_with_the_days_of_its_series(get, client):
    each = get(PATH, {"kind": "spike", "limit": "1"})["data"]["items"][0]
    told = get(f"{PATH}/{each['anomaly_id']}", {})
    conforms(told, "Anomaly")
    assert told["data"]["anomaly"] == each
    day = next(day for day in told["data"]["series"] if day["date"] == each["day"])
    assert (day["cost"], day["upper"], day["flagged"]) == (each["actual"], each["upper"], True)
    assert client.get(f"{PATH}/{'0' * 32}").status_code == 404
    assert client.get(f"{PATH}/x").status_code == 404


def test_feedback_is_kept_and_silences(writable):
    spikes = writable.get(PATH, params={"kind": "spike"}).json()["data"]["items"]
    name = spikes[0]["anomaly_id"]
    sent = {"anomaly_id": name, "verdict": "no", "note": "a purchase"}
    told = writable.post(f"{PATH}/feedback", json=sent)
    assert told.status_code == 200, told.text
    conforms(told.json(), "AnomalyJudged")
    assert told.json()["data"]["anomaly"]["feedback"]["note"] == "a purchase"
    assert name not in [each["anomaly_id"] for each in writable.get(PATH).json()["data"]["items"]]
    shown = writable.get(PATH, params={"silenced": "true"}).json()["data"]["items"]
    assert next(each for each in shown if each["anomaly_id"] == name)["silenced"] is True


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "anomaly_id"),
        ({"anomaly_id": "x", "verdict": "no"}, "anomaly_id"),
        ({"anomaly_id": "0" * 32, "verdict": "no"}, "anomaly_id"),
        ({"anomaly_id": "0" * 32}, "verdict"),
        ({"anomaly_id": "0" * 32, "verdict": "maybe"}, "verdict"),
        ({"anomaly_id": "0" * 32, "verdict": "planned", "until": "soon"}, "until"),
        ({"anomaly_id": "0" * 32, "verdict": 3}, "verdict"),
        ({"anomaly_id": "0" * 32, "verdict": "no", "why": ""}, "why"),
    ],
)
def test_feedback_that_cannot_be_understood_is_named(writable, sent, field):
    answer = writable.post(f"{PATH}/feedback", json=sent)
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_where_nothing_is_stored_the_answer_says_so(get):
    told = get(PATH, {"tenant": "acme"})
    conforms(told, "Anomalies")
    assert told["data"]["items"] == []
    assert told["meta"]["partial"] is True
    assert told["meta"]["failures"][0]["code"] == "not_stored"


def test_a_persons_own_thresholds_hold_where_a_question_names_none(tmp_path):
    shutil.copytree(stocked.folder(), tmp_path / "data")
    opened = open_finops(stocked.settings(tmp_path / "data"))
    prefs = UserPreferences.of(opened.settings)
    prefs.change("persona:analyst", lambda mine: mine.with_threshold("anomaly.min_impact_usd", 2000.0))
    with client_of(opened) as client:
        mine = client.get(PATH).json()["data"]["items"]
        named = client.get(PATH, params={"min_impact": "0"}).json()["data"]["items"]
    opened.close()

    assert mine
    assert all(abs(float(each["impact"])) >= 2000 for each in mine)
    assert len(named) > len(mine)
