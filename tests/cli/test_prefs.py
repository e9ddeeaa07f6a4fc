"""A person's settings and the audit trail on the command line."""

from __future__ import annotations

import json

import pytest

KEY = "aws.ec2.idle_instance.cpu_average"


def thresholds(said) -> dict:
    return {one["name"]: one for one in said.document["data"]["thresholds"]}


def choices(said) -> dict:
    return {one["name"]: one["value"] for one in said.document["data"]["choices"]}


def test_what_is_set_is_shown_for_that_person_alone(own_house, run):
    assert run("prefs", "set", "metric", "amortized", "--persona", "analyst").code == 0
    assert run("prefs", "set", "accounts", "105810581058, 124312431243", "--persona", "analyst").code == 0
    said = run("prefs", "set", KEY, "3.5", "--persona", "analyst", "--json")
    assert choices(said) == {"metric": "amortized", "accounts": ["105810581058", "124312431243"]}
    assert thresholds(said)[KEY] == {
        "name": KEY,
        "value": 3.5,
        "unit": "%",
        "origin": "person",
        "default": 5.0,
        "bounds": "0 to 25 %",
    }
    assert choices(run("prefs", "show", "--json")) == {}
    shown = run("prefs", "show", "--persona", "analyst")
    assert f"threshold\t{KEY}\t3.5\tperson" in shown.out.splitlines()
    assert "choice\taccounts\t105810581058, 124312431243\tperson" in shown.out.splitlines()


def test_all_thresholds_are_shown_when_asked(own_house, run):
    every = thresholds(run("prefs", "show", "--all", "--json"))
    assert every[KEY]["origin"] == "built-in"
    assert every["anomaly.sensitivity"]["value"] == "medium"
    assert every["tags.target_cost_percent"]["value"] == 98
    assert not thresholds(run("prefs", "show", "--json"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (KEY, "26", "must lie between 0 and 25 %"),
        (KEY, "nan", "must lie between"),
        (KEY, "many", "must lie between"),
        ("anomaly.sensitivity", "extreme", "must be one of low, medium, high"),
        ("metric", "dearest", "metric must be among"),
        ("colour", "red", "there is no choice or threshold colour"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule(own_house, run, name, value, told):
    said = run("prefs", "set", name, value)
    assert said.code == 2
    assert told in said.err
    assert choices(run("prefs", "show", "--json")) == {}


def test_one_or_all_are_reset(own_house, run):
    for name, value in (("metric", "amortized"), ("theme", "dark"), (KEY, "3")):
        run("prefs", "set", name, value)
    assert choices(run("prefs", "reset", "metric", "--json")) == {"theme": "dark"}
    assert not thresholds(run("prefs", "reset", KEY, "--json"))
    said = run("prefs", "reset", "--json")
    assert (choices(said), thresholds(said)) == ({}, {})


def test_a_stranger_has_no_settings(own_house, run):
    assert run("prefs", "show", "--persona", "nobody").code == 2


def test_every_change_is_in_the_audit_trail_with_both_values(own_house, run):
    run("prefs", "set", KEY, "3", "--persona", "analyst")
    run("prefs", "set", KEY, "4", "--persona", "analyst")
    run("prefs", "set", KEY, "4", "--persona", "analyst")  # changes nothing
    said = run("audit", "list", "--limit", "1", "--json")
    (event,) = said.document["data"]["items"]
    assert (event["by"], event["action"], event["object"]) == ("persona:admin", "preferences.change", "persona:analyst")
    assert event["detail"]["changes"] == [{"choice": "thresholds", "name": KEY, "before": 3.0, "after": 4.0}]
    cursor = said.document["meta"]["next_cursor"]
    (first,) = run("audit", "list", "--cursor", str(cursor), "--json").document["data"]["items"]
    assert first["detail"]["changes"][0]["before"] is None
    lines = run("audit", "list").out.splitlines()
    assert lines[0] == "at\tby\taction\tobject\tdetail"
    assert json.loads(lines[1].split("\t")[-1])["changes"][0]["after"] == 4.0
