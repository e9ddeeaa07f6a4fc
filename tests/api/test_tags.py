"""`/api/tag-compliance` and its siblings: the facade's figures, pages, files, hostile texts, and what lacks."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.api.tag_documents import VIOLATION_FIELDS
from finops.facade import open_finops
from finops.model.tagging import Rule, TagVerdict
from finops.tagging.policy import STARTER, policy_document
from tests import stocked
from tests.api import estate
from tests.api.conftest import client_of, conforms
from tests.tagging.kit import ONE, TENANT, TWO, opened, price, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from finops.facade import Finops

PATH, WHAT_IF = "/api/tag-compliance", "/api/tag-policy/what-if"
RULES = (Rule("Owner", aliases=("Team",)), Rule("Environment", values=("prod",), kinds=("ec2:*",)))
HOSTILE = (
    *("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1", "a\r\nb", 'quote"comma,', "\x1b[31mred"),
    *("\u202egnp.exe", "<img src=x onerror=alert(1)>", "![x](http://evil.example/x.png)", "\U0001f986" * 64),
    *("x" * 256, "100%_'; drop table asset; --", "שלום", "aws:thing", "e\u0301", "\U0001d518\U0001d52b\U0001d526"),
)
ASSETS = (
    seen(1, {"Owner": "a", "Environment": "prod"}),
    seen(2, {"owner": "a", "Environment": "PROD"}),
    seen(3, {}, account=TWO),
    seen(4, None),
    *(seen(10 + number, {"Team": value, "Environment": value}) for number, value in enumerate(HOSTILE)),
)


@pytest.fixture(scope="module")
def finops(tmp_path_factory) -> Iterator[Finops]:
    with opened(tmp_path_factory.mktemp("tags"), ASSETS, *RULES) as finops:
        price(finops, {"instance-1": "1", "instance-2": "2.5", "instance-3": "4"})
        yield finops


@pytest.fixture
def client(finops) -> Iterator[TestClient]:
    with client_of(finops) as client:
        client.params = client.params.set("tenant", TENANT)
        yield client


def test_the_figures_are_those_of_the_facade(get, finops):
    found = get(PATH, {"by": "account"})
    conforms(found, "TagCompliance")
    data, score = found["data"], finops.tagging.compliance(TENANT).score
    assert data["score"]["percent"] == f"{score.percent}"
    assert data["score"]["unknown"] == 1
    assert data["score"]["costs"][0]["judged"] == "7.50"
    assert {each["group"] for each in data["groups"]} == {ONE, TWO}
    assert data["targets"] == {"percent": "95.00", "cost_percent": "98.00"}
    assert found["meta"]["total"] == finops.tagging.violations(TENANT).total
    assert found["meta"]["policy_version"] == 1
    assert tuple(data["items"][0]) == VIOLATION_FIELDS
    assert data["items"][0]["resource_id"] == "instance-3"  # the dearest


def test_pages_make_up_the_whole(get):
    whole = get(PATH, {"limit": 1000})["data"]["items"]
    pages, cursor = [], None
    while True:
        found = get(PATH, {"limit": 7, **({"cursor": cursor} if cursor else {})})
        pages += found["data"]["items"]
        cursor = found["meta"]["next_cursor"]
        if cursor is None:
            break
    assert pages == whole
    assert len(whole) == found["meta"]["total"]


def test_filters_keys_and_verdicts_keep_what_they_say(get):
    assert {each["account"] for each in get(PATH, {"account": TWO})["data"]["items"]} == {TWO}
    only = get(PATH, {"key": "Environment", "verdict": "bad_case", "by": "owner"})
    assert [each["value"] for each in only["data"]["items"]] == ["PROD"]
    assert {each["key"] for each in get(PATH, {"key": "Owner"})["data"]["items"]} == {"Owner"}
    assert [each["resource_id"] for each in get(PATH, {"verdict": "unknown", "key": "Owner"})["data"]["items"]] == [
        "instance-4"
    ]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"by": "colour"}, "by"),
        ({"key": "Nope"}, "key"),
        ({"key": ""}, "key"),
        ({"verdict": "good"}, "verdict"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"verdicts": "ok"}, "verdicts"),
    ],
)
def test_what_nobody_knows_is_refused_by_name(client, params, field):
    answer = client.get(PATH, params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_hostile_texts_survive_json_csv_and_excel_and_stay_harmless(client, get):
    items = get(PATH, {"limit": 1000})["data"]["items"]
    values = {each["value"] for each in items}
    assert values >= set(HOSTILE)

    def cells(rows: list[dict[str, Any]]) -> set[str]:
        return {str(row["value"] or "") for row in rows}

    text = client.get(PATH, params={"format": "csv"})
    assert text.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text.text, newline="")))
    assert len(rows) == len(items)
    safe = {value if shown in {value, f"'{value}"} else None for value in HOSTILE for shown in cells(rows)}
    assert safe - {None} == set(HOSTILE)
    assert not any(cell.lstrip("\u202e \t").startswith(("=", "+", "-", "@", "\uff1d")) for cell in cells(rows))
    book = client.get(PATH, params={"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["Tag violations"]
    head, *lines = list(sheet.iter_rows())
    place = [cell.value for cell in head].index("value")
    assert len(lines) == len(items)
    assert not any(cell.data_type == "f" for line in lines for cell in line)
    shown = {str(line[place].value or "").removeprefix("'") for line in lines}
    for value in HOSTILE:
        assert {value, value.replace("\r\n", "\n"), value.replace("\x1b", "\ufffd"), value.replace("\x1b", "")} & shown


def test_hostile_keys_survive_too(tmp_path):
    keys = [value[:128] for value in HOSTILE if "\0" not in value]
    assets = [seen(number, {key: "x"}) for number, key in enumerate(keys)]
    rules = [Rule(key, required=False, values=("y",)) for key in keys]
    with opened(tmp_path, assets, *rules) as finops, client_of(finops) as client:
        answer = client.get(PATH, params={"tenant": TENANT, "limit": 1000})
        assert {each["key"] for each in answer.json()["data"]["items"]} == set(keys)
        for key in keys:
            found = client.get(PATH, params={"tenant": TENANT, "key": key}).json()
            assert [each["found_key"] for each in found["data"]["items"]] == [key]
        rows = csv.DictReader(
            io.StringIO(client.get(PATH, params={"tenant": TENANT, "format": "csv"}).text, newline="")
        )
        assert {row["key"].removeprefix("'") for row in rows} == set(keys)


def test_a_file_needs_the_right_to_export(client, finops, monkeypatch):
    monkeypatch.setattr("finops.access.RIGHTS", {})
    assert client.get(PATH, params={"format": "csv"}).status_code == 403


def test_the_policy_with_what_aws_calls_it(get, finops):
    found = get("/api/tag-policy", {})
    conforms(found, "TagPolicy")
    data = found["data"]
    assert data["version"] == 1
    assert data["policy"] == policy_document(finops.tagging.policy(TENANT).policy)
    assert data["starter"] == policy_document(STARTER)
    assert data["aws"]["document"]["tags"]["owner"]["tag_key"] == {"@@assign": "Owner"}
    assert [each["version"] for each in data["versions"]] == [1]
    assert get("/api/tag-policy", {"version": 1})["data"] == data


def test_a_version_that_is_not_there_is_named(client):
    answer = client.get("/api/tag-policy", params={"version": 9})
    assert (answer.status_code, answer.json()["field"]) == (400, "version")


def asked(client: TestClient, policy: Any, status: int = 200, **params: Any) -> Any:
    answer = client.post(WHAT_IF, params=params, json={"policy": policy})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_what_if_says_what_would_change_and_keeps_nothing(client, finops):
    found = asked(client, {"rules": [{"key": "Owner"}, {"key": "Backup", "kinds": ["rds:*"]}]}, limit=3)
    conforms(found, "TagWhatIf")
    assert found["meta"]["total"] == sum(move["assets"] for move in found["data"]["moves"])
    assert [each["field"] for each in found["data"]["unreachable"]] == ["rules[1].kinds"]
    following = asked(client, {"rules": [{"key": "Owner"}, {"key": "Backup", "kinds": ["rds:*"]}]}, limit=3,
                      cursor=found["meta"]["next_cursor"])  # fmt: skip
    assert not [each for each in following["data"]["items"] if each in found["data"]["items"]]
    assert finops.tagging.policy(TENANT).version == 1


def test_a_faulty_rule_is_refused_with_its_field(client):
    told = asked(client, {"rules": [{"key": "A"}, {"key": "B", "values": ["x", "**"]}]}, status=400)
    assert told["field"] == "rules[1].values[1]"
    assert client.post(WHAT_IF, json={"rules": []}).json()["field"] == "rules"


def test_a_page_of_another_site_may_not_ask(client):
    answer = client.post(WHAT_IF, json={"policy": {}}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_an_autopsy_without_anything_stored_is_partial(get):
    found = get("/api/tag-autopsy", {"key": "Owner"})
    conforms(found, "TagAutopsy")
    assert found["meta"]["partial"]
    assert found["data"]["untagged"] is None


def test_suggestions_with_their_evidence(tmp_path):
    stack = {"aws:cloudformation:stack-name": "s"}
    assets = [*(seen(number, {**stack, "Owner": "a"}, name="x") for number in range(7)), seen(8, stack, name="x")]
    with opened(tmp_path, assets, *RULES) as finops, client_of(finops) as client:
        answer = client.get("/api/tag-suggestions", params={"tenant": TENANT, "key": "Owner"})
        found = answer.json()
        conforms(found, "TagSuggestions")
        (item,) = found["data"]["items"]
        assert (item["value"], item["signal"], item["confidence"]) == ("a", "stack", "1.0000")
        answer = client.get("/api/tag-suggestions", params={"tenant": TENANT, "key": "Nope"})
        assert (answer.status_code, answer.json()["field"]) == (400, "key")


def test_an_inventory_with_closed_accounts_says_so():
    with (
        closing(open_finops(stocked.settings(estate.folder(), tenant=estate.TENANT))) as finops,
        client_of(finops) as client,
    ):
        found = client.get(PATH, params={"tenant": estate.TENANT}).json()
        conforms(found, "TagCompliance")
        assert found["meta"]["partial"]
        assert {each["account"] for each in found["meta"]["failures"]} == set(estate.DENIED)
        assert found["data"]["score"]["unknown"] > 0
        text = client.get(PATH, params={"tenant": estate.TENANT, "format": "csv"})
        assert text.headers["x-finops-partial"] == "true"
        assert "PARTIAL" in text.text.splitlines()[0]
        assert "_partial.csv" in text.headers["content-disposition"]


_PAIRS = st.lists(
    st.tuples(
        st.sampled_from(("key", "verdict", "by", "limit", "cursor", "account", "tag", "format", "search")),
        st.text(max_size=8) | st.sampled_from(("Owner", "missing", "account", "json", "tag:x")),
    ),
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_PAIRS)
def test_no_query_is_an_internal_error(client, pairs):
    assert client.get(PATH, params=[("tenant", TENANT), *pairs]).status_code in {200, 400}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(st.none() | st.booleans() | st.text(max_size=4),
                    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
                        st.sampled_from(("policy", "rules", "key", "values")), inner)))  # fmt: skip
def test_no_policy_is_an_internal_error(client, sent):
    answer = client.post(WHAT_IF, content=json.dumps(sent), headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 400}


def test_every_verdict_can_be_asked_for(get):
    total = sum(get(PATH, {"verdict": str(verdict)})["meta"]["total"] for verdict in TagVerdict)
    assert get(PATH, {"verdict": ",".join(TagVerdict)})["meta"]["total"] == total
    assert Decimal(total) == 2 * len(ASSETS)
