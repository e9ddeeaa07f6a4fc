"""`/api/findings` and its siblings: filters, pages, totals, deeds, and what nobody could see."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.api.bodies import MAX_BODY
from finops.api.finding_documents import FINDING_FIELDS
from finops.api.finding_parameters import FILTERS
from finops.facade import Finops, open_finops
from finops.store.finding_sql import SORTS, FindingFilter
from finops.waste import FindingQuestion
from tests import stocked
from tests.api import stock
from tests.api.conftest import client_of, conforms
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

ACTIONS = "/api/findings/actions"
ANY = "open,snoozed,dismissed,resolved,reopened"
ALL = {"verdict": "flagged,ok,not_applicable,undetermined"}


@pytest.fixture(scope="module")
def finops() -> Iterator[Finops]:
    opened = stock.opened(stock.folder())
    yield opened
    opened.close()


@pytest.fixture
def own_folder(tmp_path) -> Path:
    """A copy to write to."""
    shutil.copytree(stock.folder(), tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def own(own_folder) -> Iterator[TestClient]:
    opened = stock.opened(own_folder)
    with client_of(opened) as client:
        yield client
    opened.close()


def listed(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/findings", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["items"]


def prints(client: TestClient, *resources: str, **params: Any) -> list[str]:
    found = {item["resource_id"]: item["fingerprint"] for item in listed(client, **params)}
    return [found[resource] for resource in resources]


def act(client: TestClient, fingerprints: list[str], action: str, status: int = 200, **more: Any) -> Any:
    answer = client.post(ACTIONS, json={"fingerprints": fingerprints, "action": action, **more})
    assert answer.status_code == status, answer.text
    return answer.json()


# Lists


def test_a_finding_has_the_fields_that_listings_share(get):
    item = get("/api/findings", {"check": stock.VOLUME, "search": "vol-1"})["data"]["items"][0]
    assert tuple(item) == FINDING_FIELDS
    told = {name: item[name] for name in FINDING_FIELDS if name not in {"fingerprint", "finding_id", "evidence"}}
    assert told == {
        "check_id": stock.VOLUME,
        "title": "Unattached EBS volume",
        "account": stock.OWN,
        "region": "us-east-1",
        "resource_id": "vol-1",
        "resource_arn": f"arn:aws:ec2:us-east-1:{stock.OWN}:volume/vol-1",
        "verdict": "flagged",
        "status": "open",
        "severity": "medium",
        "category": "unattached",
        "monthly_saving": "8.00",
        "saving_basis": "derived",
        "currency": "USD",
        "message": "It does nothing.",
        "first_seen": "2026-11-19T08:00:00Z",
        "last_seen": "2026-11-20T08:00:00Z",
        "name": "name of vol-1",
        "kind": "ec2:volume",
        "monthly_cost": "30.40",
        "action_type": "Delete",
        "implementation_effort": "Low",
        "restart_needed": False,
        "rollback_possible": True,
        "source": "FinOps",
        "owner": "",
        "until": None,
        "remedy": {
            "console": "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#VolumeDetails:volumeId=vol-1",
            "command": "aws ec2 delete-volume --volume-id vol-1 --region us-east-1",
        },
    }
    assert item["evidence"]["facts"]["size_gib"] == 100
    assert item["evidence"]["amounts"] == {"list": "8.00"}


def test_totals_count_a_resource_once_and_never_add_currencies(get):
    document = get("/api/findings", {"limit": 1})
    totals = document["data"]["totals"]
    assert totals["USD"] == {"gross": "52.40", "net": "42.40", "cash": "42.40", "commitment": "0.00", "findings": 4}
    assert totals["CNY"]["gross"] == totals["CNY"]["net"] == "70.00"
    assert document["data"]["without_basis"] == 1
    assert (document["meta"]["currency"], document["meta"]["total"]) == (None, 6)
    assert get("/api/findings", {"region": "us-east-1"})["meta"]["currency"] == "USD"


@pytest.mark.parametrize(
    ("params", "holds"),
    [
        ({"search": "VOL-1 us-east"}, lambda item: item["resource_id"] == "vol-1"),
        ({"check": f"{stock.IDLE},{stock.GUARD}"}, lambda item: item["check_id"] in {stock.IDLE, stock.GUARD}),
        ({"category": ["idle", "oversized"]}, lambda item: item["category"] in {"idle", "oversized"}),
        ({"severity": "high"}, lambda item: item["severity"] == "high"),
        ({"account": stock.OTHER}, lambda item: item["account"] == stock.OTHER),
        ({"region": "cn-north-1"}, lambda item: item["region"] == "cn-north-1"),
        ({"kind": "ec2:volume"}, lambda item: item["kind"] == "ec2:volume"),
        ({"verdict": "flagged"}, lambda item: item["verdict"] == "flagged"),
        ({"verdict": "ok,undetermined"}, lambda item: item["verdict"] in {"ok", "undetermined"}),
        ({"status": "open"}, lambda item: item["verdict"] == "flagged"),
        ({"status": "snoozed"}, lambda _: False),
        ({"owner": ""}, lambda item: item["verdict"] == "flagged"),
        ({"owner": "ann"}, lambda _: False),
        ({"min_saving": "8.00"}, lambda item: Decimal(item["monthly_saving"]) >= 8),
        ({"workspace": "what-if"}, lambda _: False),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_filter_keeps_what_it_says_and_all_of_that(get, params, holds):
    whole = get("/api/findings", {**ALL, "limit": 1000})["data"]["items"]
    assert len(whole) == 9
    flagged_only = not {"verdict"} & set(params)
    wanted = [item for item in whole if holds(item) and (item["verdict"] == "flagged" or not flagged_only)]
    document = get("/api/findings", params)
    assert document["data"]["items"] == wanted
    assert document["meta"]["total"] == len(wanted)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_make_up_the_whole_in_a_stable_order(get, sort, order):
    params = {**ALL, "sort": sort, "order": order}
    whole = get("/api/findings", {**params, "limit": 1000})["data"]["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = get("/api/findings", {**params, "limit": 2, **({"cursor": cursor} if cursor else {})})
        found += page["data"]["items"]
        cursor = page["meta"]["next_cursor"]
    assert found == whole
    assert len({item["fingerprint"] for item in found}) == 9


def test_the_largest_saving_comes_first(get):
    savings = [Decimal(item["monthly_saving"]) for item in get("/api/findings", {})["data"]["items"]]
    assert savings == sorted(savings, reverse=True)


def test_a_cursor_of_another_question_or_of_findings_that_moved_is_refused(own):
    cursor = own.get("/api/findings", params={"limit": 2}).json()["meta"]["next_cursor"]
    assert listed(own, limit=3, cursor=cursor)  # pages may differ in length
    for changed in ({"severity": "high"}, {"order": "asc"}, {"tenant": "other"}, {"status": ANY}):
        answer = own.get("/api/findings", params={"limit": 2, **changed, "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor"), changed
    act(own, prints(own, "vol-1"), "resolve")
    answer = own.get("/api/findings", params={"limit": 2, "cursor": cursor})
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


def test_tenants_do_not_see_each_other(client, get):
    assert get("/api/findings", {"tenant": "other"})["meta"]["total"] == 0
    mine = prints(client, "vol-1")[0]
    assert client.get(f"/api/findings/{mine}", params={"tenant": "other"}).status_code == 404
    answer = client.post(ACTIONS, params={"tenant": "other"}, json={"fingerprints": [mine], "action": "resolve"})
    assert (answer.status_code, answer.json()["field"]) == (400, "fingerprints")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"verdict": "bad"}, "verdict"),
        ({"status": "closed"}, "status"),
        ({"severity": ""}, "severity"),
        ({"category": "other"}, "category"),
        ({"min_saving": "-1"}, "min_saving"),
        ({"min_saving": "1e3"}, "min_saving"),
        ({"sort": "status"}, "sort"),
        ({"order": "down"}, "order"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"workspace": "../main"}, "workspace"),
        ({"owner": ["a", "b"]}, "owner"),
        ({"search": "a " * 11}, "search"),
        ({"check": ",".join(map(str, range(501)))}, "check"),
        ({"tenant": "*"}, "tenant"),
    ],
)
def test_a_wrong_value_names_its_parameter(client, params, field):
    answer = client.get("/api/findings", params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


# What nobody could see


def test_what_the_run_could_not_see_is_named_where_it_concerns(get):
    meta = get("/api/findings", {})["meta"]
    assert (meta["partial"], meta["as_of"], meta["source"]) == (True, "2026-11-20T08:00:00Z", "findings")
    assert [(each["account"], each["missing_action"]) for each in meta["failures"]] == [
        (stock.OTHER, "cloudwatch:GetMetricData")
    ]
    assert get("/api/findings", {"account": stock.OWN})["meta"]["failures"] == []
    assert get("/api/findings", {"region": "us-east-1"})["meta"]["partial"] is False


def test_before_the_first_run_nothing_is_whole(tmp_path):
    opened = open_finops(stocked.settings(tmp_path))
    with client_of(opened) as client:
        for path in (
            "/api/findings",
            "/api/idle-instances",
            "/api/kpis",
            f"/api/findings/back-test?check={stock.IDLE}",
        ):
            document = client.get(path).json()
            assert [each["code"] for each in document["meta"]["failures"]] == ["no_run"], path
            assert (document["meta"]["partial"], document["meta"]["as_of"]) == (True, None)
            assert "findings run" in document["meta"]["failures"][0]["message"]
    opened.close()


def test_a_check_that_never_ran_and_an_account_nobody_listed_are_no_clean_lists(get):
    for params, code in (({"check": "acme.x.y"}, "not_run"), ({"account": "999999999999"}, "not_listed")):
        meta = get("/api/findings", params)["meta"]
        assert meta["partial"] is True
        assert code in {each["code"] for each in meta["failures"]}


def test_a_run_of_one_check_leaves_the_others_named(tmp_path):
    opened = open_finops(stocked.settings(tmp_path, tenant=stock.TENANT))
    stock.keep(opened, stock.TODAY, [stock.volume(1)], checks=[stock.VOLUME])
    with client_of(opened) as client:
        codes = [each["code"] for each in client.get("/api/findings").json()["meta"]["failures"]]
        assert codes == ["not_run", "not_listed"]  # nor has anybody listed anything
        only = client.get("/api/findings", params={"check": stock.VOLUME}).json()["meta"]["failures"]
        assert [each["code"] for each in only] == ["not_listed"]
    opened.close()


# One


def test_one_finding_has_evidence_and_history(own):
    mine = prints(own, "vol-1")[0]
    act(own, [mine], "comment", text="whose is it?")
    document = own.get(f"/api/findings/{mine}").json()
    conforms(document, "Finding")
    found = document["data"]["finding"]
    assert tuple(found)[: len(FINDING_FIELDS)] == FINDING_FIELDS
    assert (found["tags"], found["notes"], found["run_date"]) == ({"Owner": "data-team"}, 1, "2026-11-20")
    assert [(each["action"], each["by"], each["before"], each["after"]) for each in document["data"]["history"]] == [
        ("comment", "persona:analyst", "open", "open"),
        ("seen", "run", "", "open"),
    ]
    assert document["meta"]["partial"] is False  # nothing failed where it is


def test_what_is_gone_is_told_as_it_was_when_last_flagged(client, finops):
    gone = [name for name, state in finops.store.finding_states.states(stock.TENANT).items() if state.resolved_at]
    document = client.get(f"/api/findings/{gone[0]}").json()
    found = document["data"]["finding"]
    assert (found["name"], found["status"], found["resolved_how"]) == ("gone by today", "resolved", "seen_gone")
    assert found["last_seen"] == "2026-11-19T08:00:00Z"
    assert [each["action"] for each in document["data"]["history"]] == ["gone", "seen"]


def test_the_remedy_of_a_check_that_is_not_installed_is_empty(get):
    item = get("/api/findings", {"check": stock.GUARD})["data"]["items"][0]
    assert item["remedy"] == {"console": "", "command": ""}


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"facts": "none", "series": [1], "amounts": 3, "window": "always"},
        {"facts": {"size": [1]}, "series": {"a": "b", "c": ["d"]}, "amounts": {"bill": "NaN"}, "window": ["x", None]},
        {"window": ["2026-11-01"]},
    ],
    ids=json.dumps,
)
def test_evidence_of_any_form_is_shown_and_breaks_nothing(own_folder, evidence):
    finops = stock.opened(own_folder)
    drafts = [stock.instance(1) | {"evidence": evidence}, stock.volume(1) | {"evidence": evidence}]
    stock.keep(finops, stock.TODAY, drafts)
    with client_of(finops) as client:
        assert [item["evidence"] for item in listed(client)] == [evidence, evidence]
        idle = client.get("/api/idle-instances", params={"cpu_average": 3})
        assert [item["verdict"] for item in idle.json()["data"]["items"]] == ["undetermined"]
        conforms(idle.json(), "IdleInstances")
    finops.close()


@pytest.mark.parametrize("wanted", ["0" * 32, "x", "A" * 32, "%2e%2e", "'; drop"])
def test_an_unknown_finding_is_a_404(client, wanted):
    answer = client.get(f"/api/findings/{wanted}")
    assert answer.status_code == 404
    assert answer.json()["field"] == "fingerprint"
    conforms(answer.json(), "Problem")


# Deeds


def test_a_snooze_hides_until_it_ends(own_folder):
    with client_of(stock.opened(own_folder)) as client:
        mine = prints(client, "vol-1", "vol-2")
        document = act(client, mine, "snooze", until="2026-11-27", reason="next sprint")
        conforms(document, "FindingStates")
        assert {(each["status"], each["until"]) for each in document["data"]["items"]} == {
            ("snoozed", "2026-11-27T00:00:00Z")
        }
        assert {item["resource_id"] for item in listed(client)} == {"i-1", "vol-3", "logs"}
        snoozed = listed(client, status="snoozed")
        assert {(item["resource_id"], item["until"]) for item in snoozed} == {
            ("vol-1", "2026-11-27T00:00:00Z"),
            ("vol-2", "2026-11-27T00:00:00Z"),
        }
    later = stock.TODAY.replace(day=27)
    with client_of(stock.opened(own_folder, later)) as client:
        assert len(listed(client)) == 6
        assert {item["until"] for item in listed(client)} == {None}


def test_deeds_follow_the_rules_and_are_somebodys(own):
    mine = prints(own, "vol-1")
    assert act(own, mine, "dismiss", reason="kept for audits")["data"]["items"][0]["status"] == "dismissed"
    assert act(own, mine, "resolve", 400)["field"] == "action"  # dismissed stays dismissed
    assert act(own, mine, "reopen")["data"]["items"][0]["status"] == "open"
    assert act(own, mine, "assign", owner="ann")["data"]["items"][0]["owner"] == "ann"
    assert [item["resource_id"] for item in listed(own, owner="ann")] == ["vol-1"]
    assert "vol-1" not in {item["resource_id"] for item in listed(own, owner="")}
    assert act(own, mine, "assign", owner="")["data"]["items"][0]["owner"] == ""
    answer = own.post(ACTIONS, json={"fingerprints": mine, "action": "resolve"}, headers={"X-Finops-Persona": "admin"})
    assert answer.json()["data"]["items"][0]["updated_by"] == "persona:admin"


def test_a_deed_is_done_to_all_or_to_none(own):
    mine = prints(own, "vol-1")
    assert act(own, [*mine, "0" * 32], "resolve", 400)["field"] == "fingerprints"
    assert prints(own, "vol-1") == mine


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "resolve"}, "fingerprints"),
        ({"action": "resolve", "fingerprints": []}, "fingerprints"),
        ({"action": "resolve", "fingerprints": ["x"]}, "fingerprints"),
        ({"action": "resolve", "fingerprints": [1]}, "fingerprints"),
        ({"action": "resolve", "fingerprints": "0" * 32}, "fingerprints"),
        ({"action": "resolve", "fingerprints": [f"{n:032x}" for n in range(1001)]}, "fingerprints"),
        ({"action": "seen"}, "action"),
        ({"action": 1}, "action"),
        ({"action": "snooze", "reason": "r"}, "until"),
        ({"action": "snooze", "until": "2026-12-01"}, "reason"),
        ({"action": "snooze", "until": "2026-11-20", "reason": "r"}, "until"),  # it has begun
        ({"action": "snooze", "until": "tomorrow", "reason": "r"}, "until"),
        ({"action": "dismiss"}, "reason"),
        ({"action": "dismiss", "reason": "x" * 4001}, "reason"),
        ({"action": "dismiss", "reason": "r", "until": "2026-12-01"}, "until"),
        ({"action": "assign"}, "owner"),
        ({"action": "comment", "text": "  "}, "text"),
        ({"action": "resolve", "colour": "red"}, "colour"),
    ],
    ids=json.dumps,
)
def test_a_wrong_deed_names_what_is_wrong(client, body, field):
    sent = body if "fingerprints" in body or field == "fingerprints" else {"fingerprints": ["0" * 32], **body}
    answer = client.post(ACTIONS, json=sent)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize(
    ("body", "headers", "field"),
    [
        (b"{}", {"Content-Type": "text/plain"}, "Content-Type"),
        (b"{}", {}, "Content-Type"),
        (b"[]", {"Content-Type": "application/json"}, "body"),
        (b"{", {"Content-Type": "application/json"}, "body"),
        (b"\xff", {"Content-Type": "application/json; charset=utf-8"}, "body"),
        (b"[" * 100_000, {"Content-Type": "application/json"}, "body"),
        (b" " * (MAX_BODY + 1), {"Content-Type": "application/json"}, "body"),
    ],
    ids=range(7),
)
def test_what_is_no_object_is_refused(client, body, headers, field):
    answer = client.post(ACTIONS, content=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://127.0.0.1:8501", "Sec-Fetch-Site": "same-origin"}, 400),
        ({"Sec-Fetch-Site": "none"}, 400),
    ],
)
def test_no_page_of_another_site_acts(client, headers, status):
    answer = client.post(ACTIONS, json={"fingerprints": ["0" * 32], "action": "resolve"}, headers=headers)
    assert answer.status_code == status
    conforms(answer.json(), "Problem")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["fingerprints", "action", "until", "reason", "owner", "text", "x"]), VALUES))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_ever_an_internal_error(client, body):
    answer = client.post(ACTIONS, json={"fingerprints": ["0" * 32], "action": "comment", **body})
    assert answer.status_code == 400, answer.text


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(st.sampled_from([each.name for each in FILTERS]), TEXTS), max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_is_ever_an_internal_error(client, pairs):
    answer = client.get("/api/findings", params=pairs)
    assert answer.status_code in {200, 400}, answer.text


@pytest.mark.parametrize(
    ("path", "params", "schema"),
    [
        ("/api/findings", {**ALL, "limit": 1000}, "Findings"),
        ("/api/idle-instances", {}, "IdleInstances"),
        ("/api/checks", {}, "Checks"),
        ("/api/kpis", {}, "Kpis"),
        ("/api/findings/back-test", {"check": stock.IDLE, "cpu_average": 1}, "BackTest"),
    ],
)
def test_full_answers_are_what_the_description_says(get, path, params, schema):
    document = get(path, params)
    assert document["data"].get("items", True)
    conforms(document, schema)


# Files


def test_a_file_holds_every_finding_that_fits_as_the_list_tells_it(finops):
    with client_of(finops) as client:
        items = listed(client, limit=1000, check=stock.VOLUME)
        told = client.get("/api/findings", params={"format": "csv", "limit": 1, "check": stock.VOLUME})

    assert told.status_code == 200
    assert "findings_acme_" in told.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(told.text)))
    assert [row["fingerprint"] for row in rows] == [item["fingerprint"] for item in items]
    for row, item in zip(rows, items, strict=True):
        assert Decimal(row["monthly_saving"]) == Decimal(item["monthly_saving"])
        assert json.loads(row["evidence"]) == item["evidence"]
        assert (row["console"], row["command"]) == (item["remedy"]["console"], item["remedy"]["command"])


def test_excel_has_numbers_and_says_what_it_is_about(finops):
    with client_of(finops) as client:
        told = client.get("/api/findings", params={"format": "xlsx", "check": stock.VOLUME})
        items = listed(client, check=stock.VOLUME)

    book = openpyxl.load_workbook(io.BytesIO(told.content))
    head, *rows = book["Findings"].iter_rows(values_only=True)
    saving = head.index("monthly_saving")
    assert [Decimal(str(row[saving])) for row in rows] == [Decimal(item["monthly_saving"]) for item in items]
    about = "\n".join(str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row if cell)
    assert f"Filter: check {stock.VOLUME}" in about
    assert "Net saving a month" in about


# A person's thresholds


def test_a_persons_own_thresholds_judge_their_answers_and_nobody_elses(own_folder):
    finops = stock.opened(own_folder)
    prefs = UserPreferences.of(finops.settings)
    with client_of(finops) as client:
        before = listed(client, check=stock.VOLUME)
        strict = {f"{stock.VOLUME}.unattached_days": 300.0}
        prefs.change("persona:analyst", lambda mine: replace(mine, thresholds={**mine.thresholds, **strict}))
        mine = listed(client, check=stock.VOLUME)
        kept = finops.waste.findings("acme", FindingQuestion(FindingFilter(checks=(stock.VOLUME,)))).total
    finops.close()

    assert len(mine) < len(before) == kept
