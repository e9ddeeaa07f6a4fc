"""`/api/assets` and its siblings: every filter, pages, files, what could not be listed, and hostile names."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export import ASSET_FIELDS, asset_columns
from finops.api.asset_documents import partial_heading
from finops.api.asset_parameters import FILTERS
from finops.facade import Finops, open_finops
from finops.model.assets import SORTS, Listed, Place, Seen
from finops.model.errors import NotAllowed, StoreError
from finops.model.outcome import Failure
from finops.model.people import Right
from tests import stocked
from tests.api import estate
from tests.api.conftest import client_of, conforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTION = "sts:AssumeRole"


@pytest.fixture(scope="module")
def finops() -> Iterator[Finops]:
    opened = open_finops(stocked.settings(estate.folder(), tenant=estate.TENANT))
    yield opened
    opened.close()


@pytest.fixture
def own(tmp_path) -> Iterator[Finops]:
    """An empty house to write to."""
    opened = open_finops(stocked.settings(tmp_path, tenant=estate.TENANT))
    yield opened
    opened.close()


def everything(get: Any, path: str = "/api/assets", **params: Any) -> list[dict[str, Any]]:
    """All items of all pages."""
    found, cursor, first = [], None, True
    while first or cursor:
        page = get(path, {**params, **({"cursor": cursor} if cursor else {})})
        found += page["data"]["items"]
        cursor, first = page["meta"]["next_cursor"], False
    return found


def rows_of(client: TestClient, **params: Any) -> list[dict[str, str]]:
    answer = client.get("/api/assets", params={**params, "format": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def sheets(client: TestClient, **params: Any) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The rows of an Excel file, heading first, and the lines of its sheet About."""
    answer = client.get("/api/assets", params={**params, "format": "xlsx"})
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book["Assets"].iter_rows(values_only=True))
    return rows, [str(row[0]) for row in book["About"].iter_rows(values_only=True)]


# One asset, and lists of them


def test_an_asset_has_the_fields_that_listings_share(get):
    item = get("/api/assets", {"search": f"i-{estate.FIRST}-000"})["data"]["items"]
    assert item == [
        {
            "asset_id": item[0]["asset_id"],
            "arn": f"arn:aws:ec2:us-east-1:{estate.FIRST}:instance/i-{estate.FIRST}-000",
            "resource_id": f"i-{estate.FIRST}-000",
            "name": "web-0",
            "kind": "ec2:instance",
            "service": "ec2",
            "account": estate.FIRST,
            "account_name": "team-00",
            "region": "us-east-1",
            "state": "running",
            "lifecycle": "active",
            "created": "2026-11-06T06:00:00Z",
            "first_seen": "2026-11-16T06:00:00Z",
            "last_seen": "2026-11-20T06:00:00Z",
            "missing_since": None,
            "tags": {"Environment": "", "Owner": "ml-team", "k=v": "a=b"},
            "details": {"cores": 2, "groups": ["sg-1"], "instance_type": "m7i.large", "ratio": 0.5, "spot": False},
            "cost": "0.25",
            "currency": "USD",
        }
    ]
    assert tuple(item[0]) == ASSET_FIELDS


def age(item: dict[str, Any]) -> float:
    born = datetime.fromisoformat(item["created"] or item["first_seen"])
    return (datetime(2026, 11, 20, 9, tzinfo=UTC) - born).total_seconds() / 86_400


def tags(item: dict[str, Any]) -> dict[str, str]:
    return item["tags"] or {}


def is_prod(item: dict[str, Any]) -> bool:
    return tags(item).get("Environment") == "prod"


@pytest.mark.parametrize(
    ("params", "holds"),
    [
        ({"search": "WEB-0"}, lambda item: item["name"] == "web-0"),
        ({"search": "web owner=ML-team"}, lambda item: tags(item).get("Owner") == "ml-team"),
        ({"account": estate.FIRST}, lambda item: item["account"] == estate.FIRST),
        ({"account": ",".join(estate.OPEN[:2])}, lambda item: item["account"] in estate.OPEN[:2]),
        ({"region": ["us-east-1"]}, lambda item: item["region"] == "us-east-1"),
        ({"service": ["s3"]}, lambda item: item["service"] == "s3"),
        ({"kind": ["ec2:volume", "s3:bucket"]}, lambda item: item["kind"] != "ec2:instance"),
        ({"state": "stopped,in-use"}, lambda item: item["state"] in {"stopped", "in-use"}),
        ({"state": ""}, lambda item: item["state"] == ""),
        ({"lifecycle": "missing"}, lambda item: item["lifecycle"] == "missing"),
        ({"tag": "Owner"}, lambda item: "Owner" in tags(item)),
        ({"tag": "Owner=data-team"}, lambda item: tags(item).get("Owner") == "data-team"),
        ({"tag": ["Owner=data-team", "Owner=ml-team"]}, lambda item: "Owner" in tags(item)),
        ({"tag": ["Owner", "Environment=prod"]}, lambda item: "Owner" in tags(item) and is_prod(item)),
        ({"tag": "Environment="}, lambda item: item["tags"] is not None and not item["tags"].get("Environment")),
        ({"tag": "k=v=a=b"}, lambda item: tags(item).get("k") == "v=a=b"),  # the first `=` ends the key
        ({"exclude_tag": "Owner"}, lambda item: item["tags"] is not None and "Owner" not in item["tags"]),
        ({"exclude_tag": "Environment=prod"}, lambda item: item["tags"] is not None and not is_prod(item)),
        ({"exclude_tag": "Environment="}, lambda item: bool(tags(item).get("Environment"))),
        ({"older_than_days": 150}, lambda item: age(item) >= 150),
        ({"newer_than_days": 10}, lambda item: age(item) < 10),
        ({"older_than_days": 20, "newer_than_days": 100}, lambda item: 20 <= age(item) < 100),
        ({"min_cost": "2"}, lambda item: item["cost"] is not None and Decimal(item["cost"]) >= 2),
        ({"min_cost": "0.26", "max_cost": "2.25"}, lambda item: item["cost"] in {"1.25", "2.25"}),
        ({"service": "ec2", "state": "running", "max_cost": "0.25"}, lambda item: item["cost"] == "0.25"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_filter_keeps_what_it_says_and_all_of_that(get, params, holds):
    whole = everything(get, limit=1000)
    wanted = [item for item in whole if holds(item)]
    document = get("/api/assets", {**params, "limit": 1000, "facets": "true"})
    assert document["data"]["items"] == wanted
    assert document["meta"]["total"] == len(wanted) < len(whole)
    for facet, counted in document["data"]["facets"].items():
        assert counted == {
            value: sum(item[facet] == value for item in wanted) for value in {item[facet] for item in wanted}
        }


def test_filters_find_something(get):
    """Else the test above proves nothing."""
    for params in ({"tag": "Environment="}, {"exclude_tag": "Owner"}, {"lifecycle": "missing"}, {"min_cost": "2"}):
        assert get("/api/assets", params)["meta"]["total"] > 0, params


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_make_up_the_whole_in_a_stable_order(get, sort, order):
    whole = get("/api/assets", {"sort": sort, "order": order, "limit": 1000})["data"]["items"]
    assert everything(get, sort=sort, order=order, limit=37) == whole
    assert len({item["asset_id"] for item in whole}) == len(whole) > 200
    values = [item[sort] for item in whole]
    known = [value for value in values if value not in {None, ""}]
    assert values[: len(known)] == known  # unknown ones come last
    keys = [Decimal(value) if sort == "cost" else value.casefold() for value in known]
    assert keys == sorted(keys, reverse=order == "desc")


def test_a_cursor_of_another_question_is_refused(client, get):
    params = {"service": "ec2", "limit": 3}
    cursor = get("/api/assets", params)["meta"]["next_cursor"]
    changes = get("/api/asset-changes", {"since": "2026-11-01", "limit": 3})["meta"]["next_cursor"]
    jobs = get("/api/jobs", {"limit": 1})["meta"]["next_cursor"]
    for changed in ({"service": "s3"}, {"sort": "kind"}, {"order": "desc"}, {"tag": "Owner"}, {"tenant": "other"}):
        answer = client.get("/api/assets", params={**params, **changed, "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor"), changed
    for rubbish in ("x", "é", "AAAA", "====", cursor[:-4], changes, jobs, "MDAwMDAwMDAwMDAwMDAwMDo5OTk="):
        answer = client.get("/api/assets", params={**params, "cursor": rubbish})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor"), rubbish
    assert get("/api/assets", {**params, "limit": 5, "cursor": cursor})["data"]["items"]  # pages may differ in length


def place(*items: Seen, failure: Failure | None = None) -> Listed:
    return Listed(Place("111111111111", "us-east-1", "ec2:instance"), items, failure)


def instance(number: int, name: str = "") -> Seen:
    return Seen("ec2:instance", "ec2", "111111111111", "us-east-1", f"i-{number}", name=name or f"n{number}")


def test_a_cursor_of_an_inventory_that_changed_is_refused(own):
    with client_of(own) as client:
        own.store.assets.store("acme", [place(*map(instance, range(5)))], at=estate.MONDAY, gone_after=estate.GRACE)
        cursor = client.get("/api/assets", params={"limit": 2}).json()["meta"]["next_cursor"]
        own.store.assets.store("acme", [place(*map(instance, range(4)))], at=estate.FRIDAY, gone_after=estate.GRACE)
        answer = client.get("/api/assets", params={"limit": 2, "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor")
        assert "changed" in answer.json()["detail"]


def test_tenants_do_not_see_each_other(client, get):
    assert [item["name"] for item in everything(get, tenant="other")] == ["other"]
    assert get("/api/assets", {"search": "i-other"})["meta"]["total"] == 0
    foreign = everything(get, tenant="other")[0]["asset_id"]
    answer = client.get("/api/asset", params={"asset_id": foreign})
    assert (answer.status_code, answer.json()["field"]) == (400, "asset_id")


@pytest.mark.parametrize(
    ("path", "params", "schema"),
    [
        ("/api/assets", {"facets": "true", "limit": 1000, "lifecycle": "active,missing,gone"}, "Assets"),
        ("/api/asset-changes", {"since": "2026-11-01", "limit": 1000}, "AssetChanges"),
        ("/api/accounts", {}, "Accounts"),
        ("/api/jobs", {}, "Jobs"),
    ],
)
def test_full_answers_are_what_the_description_says(get, path, params, schema):
    document = get(path, params)
    assert document["data"]["items"]
    conforms(document, schema)


def test_one_full_asset_is_what_the_description_says(get):
    item = get("/api/assets", {"search": f"i-{estate.FIRST}-000"})["data"]["items"][0]
    conforms(get("/api/asset", {"asset_id": item["asset_id"]}), "Asset")


# What could not be listed


def names_the_denied(text: str) -> bool:
    return ACTION in text and all(account in text for account in estate.DENIED)


def test_three_denied_accounts_of_fifty_are_named_everywhere(client, get):
    document = get("/api/assets", {"limit": 1})
    meta = document["meta"]
    assert meta["partial"] is True
    assert meta["accounts"] == {"visited": 50, "closed": 3, "failed": 3}
    assert {failure["account"] for failure in meta["failures"]} == set(estate.DENIED)
    assert {failure["missing_action"] for failure in meta["failures"]} == {ACTION}
    assert {item["account"] for item in everything(get, limit=1000)} == set(estate.OPEN)
    assert (meta["as_of"], meta["oldest"]) == ("2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z")

    for kind, media_type in (("csv", "text/csv; charset=utf-8"), ("xlsx", XLSX)):
        answer = client.get("/api/assets", params={"format": kind})
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"] == (
            f'attachment; filename="assets_acme_2026-11-20_partial.{kind}"'
        )
        assert (answer.headers["x-finops-partial"], answer.headers["x-finops-failures"]) == ("true", "3")
        assert answer.headers["cache-control"] == "no-store"
    heading = next(csv.reader(io.StringIO(client.get("/api/assets", params={"format": "csv"}).text)))[-1]
    assert heading.startswith("PARTIAL: ")
    assert names_the_denied(heading)
    _, about = sheets(client)
    assert names_the_denied("\n".join(about))
    assert any("3 of 50 accounts" in line for line in about)


def test_a_partial_csv_still_has_one_row_for_each_asset_and_whatever_columns_names_what_lacks(client, get):
    rows = rows_of(client, columns="name,cost", service="ec2")
    items = everything(get, service="ec2", limit=1000)
    assert [row["cost"] for row in rows] == [item["cost"] or "" for item in items]
    heading = list(rows[0])[-1]
    assert names_the_denied(heading)
    assert {row[heading] for row in rows} == {""}


def test_an_empty_list_that_is_partial_says_so_in_its_file(client):
    answer = client.get("/api/assets", params={"account": estate.DENIED[0], "format": "csv", "columns": "name"})
    assert answer.text == f"name,PARTIAL: missing {ACTION} in {estate.DENIED[0]}\r\n"


def test_what_a_filter_does_not_concern_does_not_make_it_partial(client, get):
    meta = get("/api/assets", {"account": estate.FIRST})["meta"]
    assert (meta["partial"], meta["failures"]) == (False, [])
    answer = client.get("/api/assets", params={"account": estate.FIRST, "format": "csv"})
    assert (answer.headers["x-finops-partial"], answer.headers["x-finops-failures"]) == ("false", "0")
    assert "partial" not in answer.headers["content-disposition"]
    assert answer.text.split("\r\n", 1)[0] == ",".join(asset_columns())


def test_an_account_nobody_visited_is_no_empty_account(get):
    document = get("/api/assets", {"account": f"{estate.FIRST},999999999999"})
    assert document["meta"]["partial"] is True
    assert [(each["code"], each["account"]) for each in document["meta"]["failures"]] == [
        ("not_listed", "999999999999")
    ]
    assert document["meta"]["total"] > 0


def test_before_the_first_discovery_nothing_is_whole(own):
    with client_of(own) as client:
        meta = client.get("/api/assets").json()["meta"]
        assert (meta["partial"], meta["as_of"], meta["total"]) == (True, None, 0)
        assert "inventory discover" in meta["failures"][0]["message"]
        told = client.get("/api/accounts").json()["meta"]
        assert told["partial"] is True
        assert "accounts sync" in told["failures"][0]["message"]


def test_the_heading_of_a_partial_csv_names_each_reason_once_and_fits_a_cell():
    failures = [
        *(Failure("AccessDenied", "no", f"{number:012d}", "", "ec2", "ec2:DescribeSnapshots") for number in range(3)),
        Failure("Throttling", "slow down", "000000000001", "eu-west-1", "rds"),
        Failure("not_listed", "never"),
    ]
    assert partial_heading(failures) == (
        "PARTIAL: missing ec2:DescribeSnapshots in 000000000000, 000000000001, 000000000002; "
        "Throttling at rds in 000000000001 eu-west-1; not_listed in everywhere"
    )
    many = [Failure("x", "x", f"{number:012d}", "", "ec2", f"ec2:Action{number}") for number in range(5_000)]
    assert len(partial_heading(many)) < 32_767


# Files


def test_csv_holds_every_record_of_the_json_whatever_the_page(client, get):
    params = {"account": estate.FIRST, "sort": "created", "order": "desc"}
    rows, items = rows_of(client, **params, limit=1), everything(get, **params, limit=1000)
    assert [row["asset_id"] for row in rows] == [item["asset_id"] for item in items]
    for row, item in zip(rows, items, strict=True):
        for name, value in item.items():
            if isinstance(value, dict):
                assert json.loads(row[name]) == value
            elif value is None:
                assert row[name] == ""
            else:
                assert row[name].removeprefix("'").replace("\r\n", "\n") == value.replace("\r\n", "\n")


def test_excel_holds_every_record_of_the_json(client, get):
    params = {"service": "s3,ec2", "search": "web"}
    rows, about = sheets(client, **params, columns="asset_id,created,cost,tag:Owner,tags")
    items = everything(get, **params, limit=1000)
    assert rows[0] == ("asset_id", "created", "cost", "tag:Owner", "tags")
    assert [row[0] for row in rows[1:]] == [item["asset_id"] for item in items]
    assert [row[1].replace(tzinfo=UTC) for row in rows[1:]] == [
        datetime.fromisoformat(item["created"]) for item in items
    ]
    assert [row[2] is None for row in rows[1:]] == [item["cost"] is None for item in items]
    assert [row[3] for row in rows[1:]] == [item["tags"]["Owner"] for item in items]
    assert "Filter: service s3,ec2, search web" in about
    assert "Assets of tenant acme" in about


def test_columns_are_given_in_the_order_asked_for(client):
    rows = rows_of(client, account=estate.FIRST, kind="ec2:instance", columns=["tag:k=v,tag:nobody", "cost", "name"])
    assert [list(row) for row in rows] == [["tag:k=v", "tag:nobody", "cost", "name"]] * 5
    assert {(row["tag:k=v"], row["tag:nobody"]) for row in rows} == {("a=b", "")}


def test_no_name_from_outside_is_ever_a_formula(client, get):
    rows = rows_of(client, kind="ec2:volume", account=estate.FIRST, region="us-east-1")
    assert len(rows) == len(estate.HOSTILE)
    assert not [row["name"] for row in rows if row["name"].lstrip()[:1] in set("=+-@＝")]  # noqa: RUF001
    answer = client.get("/api/assets", params={"account": estate.FIRST, "kind": "ec2:volume", "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Assets"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "d"}
    items = everything(get, account=estate.FIRST, kind="ec2:volume", region="us-east-1")
    shown = {item["name"] for item in items}
    assert shown >= {name for name in estate.HOSTILE if not set("\0\ud800") & set(name)}  # as AWS has them, in JSON


class Barred:
    """An access that lets everyone look, and nobody take anything along."""

    def __init__(self, access: Any) -> None:
        self._access = access

    def __getattr__(self, name: str) -> Any:
        return getattr(self._access, name)

    def demand(self, person: Any, right: Right, *, tenant: str = "") -> None:
        if right is Right.EXPORT:
            raise NotAllowed("no", right=right)
        self._access.demand(person, right, tenant=tenant)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_needs_the_right_to_export(finops, kind):
    with client_of(replace(finops, access=Barred(finops.access))) as client:
        answer = client.get("/api/assets", params={"format": kind})
        assert (answer.status_code, answer.json()["right"]) == (403, "costs.export")
        assert client.get("/api/assets").status_code == 200


class Failing:
    """An inventory whose database goes away once the answer is being made."""

    def __init__(self, inventory: Any) -> None:
        self._inventory = inventory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inventory, name)

    def columns(self, *_: Any, **__: Any) -> Iterator[Any]:
        raise StoreError("the sqlite database did not answer")
        yield


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_store_that_fails_before_the_first_row_is_a_503_and_no_empty_file(finops, kind):
    with client_of(replace(finops, inventory=Failing(finops.inventory))) as client:
        answer = client.get("/api/assets", params={"format": kind})
        assert (answer.status_code, answer.json()["detail"]) == (503, "the sqlite database did not answer")


# One asset, changes, accounts


def test_one_asset_with_what_surrounds_it(get):
    item = get("/api/assets", {"search": f"i-{estate.FIRST}-000"})["data"]["items"][0]
    document = get("/api/asset", {"asset_id": item["asset_id"]})
    data = document["data"]
    assert data["asset"] == item
    volume = get("/api/assets", {"search": f"vol-{estate.FIRST}-us-east-1-000"})["data"]["items"][0]
    inside, attached = data["relationships"]
    assert inside == {
        "relation": "in",
        "direction": "outgoing",
        "kind": "ec2:vpc",
        "target": "vpc-unknown",
        "asset_id": None,
        "name": "",  # its VPC is not in the inventory
    }
    assert (attached["relation"], attached["direction"], attached["kind"]) == ("attached_to", "incoming", "ec2:volume")
    assert (attached["asset_id"], attached["name"]) == (volume["asset_id"], volume["name"])
    assert [(each["at"], each["kind"], each["field"]) for each in data["history"]] == [
        ("2026-11-20T06:00:00Z", "changed", "tags"),
        ("2026-11-16T06:00:00Z", "found", ""),
    ]
    assert data["history"][0]["before"]["Owner"] == "data-team"
    assert data["history"][0]["after"]["Owner"] == "ml-team"
    assert document["meta"]["partial"] is False  # others were denied, not this one's account


@pytest.mark.parametrize("wanted", ["0" * 32, "x", "", "'; drop table asset; --"])
def test_an_asset_that_is_not_there_is_named(client, wanted):
    answer = client.get("/api/asset", params={"asset_id": wanted})
    assert (answer.status_code, answer.json()["field"]) == (400, "asset_id")
    assert client.get("/api/asset").json()["field"] == "asset_id"


def test_what_changed_since_monday(get):
    since = {"since": "2026-11-16T06:00:01Z"}
    found = {(each["change"], each["name"], each["account"]) for each in everything(get, "/api/asset-changes", **since)}
    assert found == {
        ("changed", "web-0", estate.FIRST),
        ("missing", "web-0", estate.OPEN[1]),
        ("appeared", "web-1", estate.OPEN[2]),
    }
    changed = get("/api/asset-changes", {**since, "change": "changed,gone"})["data"]["items"]
    assert [(each["field"], each["after"]["Owner"]) for each in changed] == [("tags", "ml-team")]
    assert get("/api/asset-changes", {**since, "account": estate.OPEN[1]})["meta"]["total"] == 1
    assert get("/api/asset-changes", {"since": "2026-11-21"})["meta"]["total"] == 0
    assert get("/api/asset-changes", {"since": "2026-11-01", "until": "2026-11-16"})["meta"]["total"] == 0


def test_changes_page_without_losing_or_repeating_one(get):
    params = {"since": "2026-11-01", "change": "found,appeared,changed,missing,gone,back"}
    whole = get("/api/asset-changes", {**params, "limit": 5000})
    assert whole["meta"]["total"] == len(whole["data"]["items"]) > 200
    first = get("/api/asset-changes", {**params, "limit": 50})
    assert first["meta"]["total"] is None
    assert everything(get, "/api/asset-changes", **params, limit=50) == whole["data"]["items"]
    news = get("/api/asset-changes", {"since": "2026-11-01"})["data"]["items"]
    assert {each["change"] for each in news} == {"changed", "missing", "appeared"}  # what was there before is none


def test_accounts_tell_everything_but_the_external_id(client, get):
    document = get("/api/accounts", {})
    assert document["meta"]["total"] == len(document["data"]["items"]) == 50
    item = document["data"]["items"][0]
    assert item == {
        "account": estate.FIRST,
        "name": "team-00",
        "status": "ACTIVE",
        "email": "a…@example.com",
        "unit": "Workloads/Prod",
        "tags": None,
        "role": "finops-read",
        "external_id": "set",
        "regions": ["eu-central-1", "us-east-1"],
        "source": "organizations",
        "joined": "2025-10-12T06:00:00Z",
        "first_seen": "2026-11-20T06:00:00Z",
        "last_seen": "2026-11-20T06:00:00Z",
    }
    assert document["data"]["items"][1]["external_id"] == "not set"
    assert estate.EXTERNAL_ID not in client.get("/api/accounts").text


# Whatever is sent

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
OTHERS = "sort limit cursor format columns facets since until change asset_id tenant kind status"
NAMES = st.sampled_from([*(parameter.name for parameter in FILTERS), *OTHERS.split()])
WORDS = "== Owner Owner= ec2 csv xlsx 2026-11-16 -1 NaN 1e9 cost desc '; % _ true gone demo running"
VALUES = st.sampled_from(["", "\0", "0" * 32, "x" * 10_000, *WORDS.split()])


@pytest.mark.parametrize("path", ["/api/assets", "/api/asset", "/api/asset-changes", "/api/accounts", "/api/jobs"])
@given(st.lists(st.tuples(st.one_of(NAMES, TEXTS), st.one_of(VALUES, TEXTS)), max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_is_ever_an_internal_error(client, path, pairs):
    answer = client.get(path, params=pairs)
    assert answer.status_code in {200, 400, 403}
    if answer.status_code != 200:
        assert answer.json()["detail"]


def searched(item: dict[str, Any]) -> str:
    pairs = [f"{key}={value}" for key, value in tags(item).items()]
    return "\n".join([item["name"], item["resource_id"], item["arn"], *pairs]).casefold()


@given(st.one_of(st.text(max_size=40), st.text("%_*?'\\-x1", max_size=3)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_of_a_search_stand_for_themselves(client, text):
    volumes = {"kind": "ec2:volume", "account": estate.FIRST, "limit": 1000}
    whole = client.get("/api/assets", params=volumes).json()["data"]["items"]
    answer = client.get("/api/assets", params={**volumes, "search": text})
    if answer.status_code == 200:
        words = text.replace("\0", "\ufffd").casefold().split()
        assert answer.json()["data"]["items"] == [
            item for item in whole if all(word in searched(item) for word in words)
        ]


@pytest.mark.parametrize("name", [name for name in estate.HOSTILE if name != "\ud800"])
def test_every_name_is_found_by_itself(get, name):
    found = get("/api/assets", {"search": name, "kind": "ec2:volume"})["data"]["items"]
    assert name.replace("\0", "\ufffd") in {item["name"] for item in found}


def test_reading_sends_no_request_to_aws(client, finops):
    for path in ("/api/assets", "/api/accounts", "/api/asset-changes?since=2026-11-01", "/api/jobs"):
        client.get(path)
    assert finops.store.meter.lines("2026-11") == ()
