"""`budgets …` over the demo's bill."""

from __future__ import annotations

import json

from tests.api.conftest import conforms


def test_budgets_are_imported_listed_and_judged(own_house, run):
    said = run("budgets", "import")
    assert said.code == 0, said.err
    assert "7 budgets of AWS's. 2 cannot be held against the stored costs." in said.err
    listed = run("budgets", "list", "--json")
    assert listed.code == 0
    conforms(listed.document, "Budgets")
    judged = run("budgets", "evaluate", "--json")
    assert judged.code == 0
    assert judged.document["data"]["counts"]["budgets"] == 7
    assert judged.document["data"]["counts"]["crossed"] > 0
    assert run("budgets", "evaluate", "--json").document["data"]["counts"]["crossed"] == 0


def test_a_budget_is_added_shown_and_removed(own_house, run, tmp_path):
    said = run(
        *("budgets", "add", "--name", "Prod", "--amount", "50000", "--filter", "account=105810581058"),
        *("--threshold", "actual:50", "forecast:90", "--json"),
    )
    assert said.code == 0, said.err
    budget = said.document["data"]["budget"]
    assert budget["scope"]["groups"] == [[{"dimension": "account", "values": ["105810581058"], "exclude": False}]]
    shown = run("budgets", "show", budget["budget_id"])
    assert shown.code == 0
    assert shown.out.splitlines()[0].split("\t")[:2] == ["date", "actual"]
    assert len(shown.out.splitlines()) == 31
    groups = tmp_path / "groups.json"
    groups.write_text(
        json.dumps([[{"dimension": "service", "values": ["AWS Lambda"]}], [{"dimension": "account", "values": ["1"]}]])
    )
    again = run(
        "budgets",
        "add",
        "--name",
        "Mixed",
        "--amount",
        "9",
        "--groups",
        str(groups),
        "--scope-name",
        "Team A",
        "--json",
    )
    assert len(again.document["data"]["budget"]["scope"]["groups"]) == 2
    assert run("budgets", "remove", budget["budget_id"]).code == 0
    gone = run("budgets", "show", budget["budget_id"])
    assert gone.code == 2
    assert "there is no budget" in gone.err


def test_growth_is_tried_and_nothing_is_kept(own_house, run):
    added = run("budgets", "add", "--name", "All", "--amount", "190000", "--json")
    budget = added.document["data"]["budget"]["budget_id"]
    calm = run("budgets", "what-if", budget)
    assert calm.code == 0, calm.err
    assert len(calm.out.splitlines()) == 14  # the header, the running month and twelve after it
    grown = run("budgets", "what-if", budget, "--growth", "20", "--json")
    conforms(grown.document, "BudgetWhatIf")
    first = grown.document["data"]["breaks"]["start"]
    assert f"Breaks first in the period from {first}" in run("budgets", "what-if", budget, "--growth", "20").err
    once = run("budgets", "what-if", budget, "--amount", "150000", "--on", "2026-11-25", "--json")
    assert once.document["data"]["breaks"]["start"] == "2026-11-01"
    assert len(run("budgets", "list", "--json").document["data"]["items"]) == 1


def test_a_what_if_that_cannot_be_tried_names_the_field(own_house, run):
    budget = run("budgets", "add", "--name", "All", "--amount", "5", "--json").document["data"]["budget"]["budget_id"]
    for options, field in (
        ((budget, "--growth", "200"), "growth_percent"),
        ((budget, "--growth", "much"), "growth_percent"),
        ((budget, "--amount", "5"), "on"),
        (("0" * 32, "--growth", "5"), "budget_id"),
    ):
        said = run("budgets", "what-if", *options, "--json")
        assert (said.code, said.document["error"]["field"]) == (2, field)


def test_bad_input_ends_with_the_field(own_house, run):
    for options, field in (
        (("--amount", "x"), "amount"),
        (("--amount", "5", "--filter", "colour=red"), "filter"),
        (("--amount", "5", "--filter", "account"), "filter"),
        (("--amount", "5", "--threshold", "hope:5"), "thresholds"),
        (("--amount", "5", "--replace", "x"), "budget_id"),
    ):
        said = run("budgets", "add", "--name", "X", *options, "--json")
        assert said.code == 2
        assert said.document["error"]["field"] == field
