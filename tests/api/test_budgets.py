"""`/api/budgets`: how budgets stand, one of them day by day, changes by those who may, and what-ifs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from finops.facade import open_finops
from tests import stocked
from tests.api.conftest import client_of, conforms
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/api/budgets"
MANAGER = {"X-Finops-Persona": "manager"}
WISH = {"name": "Prod", "period": "monthly", "amount": "50000"}


@pytest.fixture(scope="module")
def finops(tmp_path_factory) -> Iterator[Any]:
    place = tmp_path_factory.mktemp("budgets") / "data"
    shutil.copytree(stocked.folder(), place)
    opened = open_finops(stocked.settings(place, email_allowed_domains="example.com"))
    opened.budgets.import_aws("demo")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(finops) -> Iterator[Any]:
    with client_of(finops) as client:
        yield client


@pytest.fixture
def made(client) -> Iterator[Any]:
    kept = []

    def make(**more: Any) -> Any:
        answer = client.post(PATH, json={**WISH, **more}, headers=MANAGER)
        assert answer.status_code == 200, answer.text
        kept.append(answer.json()["data"]["budget"]["budget_id"])
        return answer.json()

    yield make
    for budget_id in dict.fromkeys(kept):
        client.post(f"{PATH}/remove", json={"budget_id": budget_id}, headers=MANAGER)


def test_a_list_is_what_the_description_says(client):
    told = client.get(PATH).json()
    conforms(told, "Budgets")
    found = {each["name"]: each for each in told["data"]["items"]}
    assert list(found) == sorted(found)
    assert found["production"]["status"] == "forecast_over"
    assert found["staging-compute"]["status"] == "over"
    assert found["compute-hours"]["aws"]["comparable"] is False
    assert told["meta"]["aws_import"]["failure"] is None
    assert told["meta"]["partial"] is False


def test_a_budget_is_made_shown_replaced_and_removed(client, made, finops):
    kept = made(
        period="quarterly",
        fiscal_start=2,
        groups=[[{"dimension": "account", "values": ["105810581058"]}]],
        planned=["60000", "70000"],
        thresholds=[{"basis": "actual", "percent": "75.5"}],
        recipients=["ann@example.com"],
    )
    conforms(kept, "Budget")
    budget = kept["data"]["budget"]
    assert (budget["start"], budget["end"], budget["amount"]) == ("2026-11-01", "2027-02-01", "60000.00")
    assert budget["thresholds"] == [{"basis": "actual", "percent": "75.50"}]
    assert len(kept["data"]["burn_down"]) == 92
    one = client.get(f"{PATH}/{budget['budget_id']}").json()
    conforms(one, "Budget")
    assert one["data"] == kept["data"]
    again = made(budget_id=budget["budget_id"], amount="10", period="monthly")
    assert again["data"]["budget"]["status"] == "over"
    gone = client.post(f"{PATH}/remove", json={"budget_id": budget["budget_id"]}, headers=MANAGER)
    conforms(gone.json(), "BudgetRemoved")
    assert client.get(f"{PATH}/{budget['budget_id']}").status_code == 404
    events, _ = finops.store.audit.list("demo", limit=3)
    assert [each.action for each in events] == ["budget.remove", "budget.save", "budget.save"]
    assert {each.by for each in events} == {"persona:manager"}


def test_the_first_threshold_is_the_person_s_own(client, made, finops):
    preferences = UserPreferences.of(finops.settings)
    preferences.change("persona:manager", lambda kept: kept.with_threshold("budget.alert_percent", 65.0))
    assert made()["data"]["budget"]["thresholds"][0] == {"basis": "actual", "percent": "65.00"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PATH, {"name": "x", "period": "monthly"}, "amount"),
        (PATH, {**WISH, "period": "weekly"}, "period"),
        (PATH, {**WISH, "amount": 5}, "amount"),
        (PATH, {**WISH, "amount": "1e5"}, "amount"),
        (PATH, {**WISH, "amount": "-5"}, "amount"),
        (PATH, {**WISH, "colour": "red"}, "colour"),
        (PATH, {**WISH, "groups": [{"dimension": "account"}]}, "groups"),
        (PATH, {**WISH, "groups": [[{"dimension": "account", "values": "1"}]]}, "groups"),
        (PATH, {**WISH, "groups": [[{"dimension": "colour", "values": ["1"]}]]}, "groups"),
        (PATH, {**WISH, "fiscal_start": True}, "fiscal_start"),
        (PATH, {**WISH, "planned": ["x"]}, "planned"),
        (PATH, {**WISH, "thresholds": [{"basis": "hope", "percent": "80"}]}, "thresholds"),
        (PATH, {**WISH, "metric": "hours"}, "metric"),
        (PATH, {**WISH, "start": "tomorrow"}, "start"),
        (PATH, {**WISH, "recipients": ["ann@elsewhere.org"]}, "recipients"),
        (PATH, {**WISH, "budget_id": "f" * 32}, "budget_id"),
        (f"{PATH}/remove", {"budget_id": "nope"}, "budget_id"),
        (f"{PATH}/remove", {"budget_id": "f" * 32}, "budget_id"),
        (f"{PATH}/what-if", {"budget_id": "f" * 32}, "budget_id"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(client, path, body, field):
    answer = client.post(path, json=body, headers=MANAGER)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field


def test_readers_look_and_try_but_do_not_change(client, made):
    budget_id = made()["data"]["budget"]["budget_id"]
    assert client.post(PATH, json=WISH).status_code == 403
    assert client.post(f"{PATH}/remove", json={"budget_id": budget_id}).status_code == 403
    tried = client.post(f"{PATH}/what-if", json={"budget_id": budget_id, "growth_percent": "5"}).json()
    conforms(tried, "BudgetWhatIf")
    assert tried["data"]["breaks"]["start"] == "2026-11-01"
    assert len(tried["data"]["periods"]) == 13


def test_aws_s_budgets_cannot_be_changed(client):
    items = client.get(PATH).json()["data"]["items"]
    theirs = next(each["budget_id"] for each in items if each["source"] == "aws")
    answer = client.post(f"{PATH}/remove", json={"budget_id": theirs}, headers=MANAGER)
    assert answer.status_code == 400
    assert "AWS Budgets" in answer.json()["detail"]


def test_another_site_s_page_changes_nothing(client):
    answer = client.post(PATH, json=WISH, headers={**MANAGER, "Origin": "http://evil.example"})
    assert answer.status_code == 403
