"""`/api/exports`: a report's file is made, listed and fetched by its owner, by a signed link, and by nobody else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from finops.facade import open_finops
from tests import stocked
from tests.api.conftest import client_of, conforms
from tests.api.test_routes import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from finops.facade import Finops

ASKED = {"report": "cost-by-service", "format": "csv", "start": "2026-10-01", "end": "2026-11-01"}
MANAGER = {"X-Finops-Persona": "manager"}


@pytest.fixture(scope="module")
def finops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    folder = tmp_path_factory.mktemp("exports") / "data"
    shutil.copytree(stocked.folder(), folder)
    opened = open_finops(stocked.settings(folder))
    yield opened
    opened.close()


@pytest.fixture
def make(client: TestClient) -> Any:
    def post(headers: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
        answer = client.post("/api/exports", json={**ASKED, **changes}, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        conforms(found, "Export")
        return found

    return post


def later(finops: Finops, **by: int) -> Finops:
    """The same house at another moment."""
    moment = finops.now() + timedelta(**by)
    exports = finops.exports.__class__(
        finops.store.exports,
        finops.settings.data_dir / "exports",
        finops.exports._signer,  # noqa: SLF001 - the key that signed
        now=lambda: moment,
    )
    return replace(finops, now=lambda: moment, exports=exports)


def test_a_file_is_made_and_fetched_by_its_owner(client, make):
    told = make()["data"]
    answer = client.get(told["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{told["name"]}"'
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) == told["size"] == int(answer.headers["content-length"])
    assert hashlib.sha256(answer.content).hexdigest() == told["sha256"]
    assert told["name"] == "cost-by-service_demo_2026-10-01_2026-10-31.csv"


def test_every_format_holds_the_figures_of_the_api(client, make, get):
    costs = get("/api/cost-by-service", {"start": "2026-10-01", "end": "2026-11-01"})["data"]["items"]
    want = {item["service"]: item["cost"] for item in costs}
    assert len(want) > 5

    rows = list(csv.DictReader(io.StringIO(client.get(make()["data"]["url"]).text, newline="")))
    told = {row["service"]: row["cost"] for row in rows}
    assert {service: cost for service, cost in told.items() if service in want} == want
    assert {told[service] for service in told.keys() - want.keys()} <= {"0.00"}  # what cost something before

    document = client.get(make(format="json")["data"]["url"]).json()
    conforms(document, "ReportDocument")
    table = next(iter(document["data"]["tables"].values()))
    assert {row["service"]: row["cost"] for row in table} == told

    book = openpyxl.load_workbook(io.BytesIO(client.get(make(format="xlsx")["data"]["url"]).content))
    sheet = book.worksheets[1]
    names = [column["name"] for column in next(iter(document["data"]["columns"].values()))]
    place, cost = names.index("service"), names.index("cost")
    shown = {row[place]: row[cost] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert shown == {service: pytest.approx(float(amount), rel=1e-14) for service, amount in told.items()}
    assert book["Summary"]._charts  # noqa: SLF001 - openpyxl has no other way to ask


def test_nobody_else_is_told_that_a_file_exists(client, make):
    told = make()["data"]
    problem(client.get(told["url"], headers=MANAGER), 404)
    problem(client.get(told["url"].replace("tenant=demo", "tenant=default")), 404)
    problem(client.get("/api/exports/..%2f..%2ffinops.db"), 404)
    assert told["export_id"] not in client.get("/api/exports", headers=MANAGER).text


def test_a_person_lists_what_can_still_be_fetched(client, make, finops):
    make(headers=MANAGER)
    with client_of(later(finops, minutes=1)) as then:
        told = then.post("/api/exports", json=ASKED, headers=MANAGER).json()["data"]
    listed = client.get("/api/exports", headers=MANAGER).json()
    conforms(listed, "Exports")
    assert listed["data"]["items"][0] == told  # the newest first
    assert listed["meta"]["total"] == len(listed["data"]["items"]) >= 2
    with client_of(later(finops, days=15)) as then:
        assert then.get("/api/exports", headers=MANAGER).json()["data"]["items"] == []


def test_a_file_whose_time_is_over_is_gone(client, make, finops):
    told = make()["data"]
    with client_of(later(finops, days=15)) as then:
        assert "Make it again" in problem(then.get(told["url"]), 410)["detail"]
        problem(then.get(told["url"], headers=MANAGER), 404)


def test_a_signed_link_serves_whoever_holds_it_until_it_ends(client, make, finops):
    told = make()["data"]
    export = finops.exports.get("demo", told["export_id"])
    link = finops.exports.link(export, until=finops.now() + timedelta(hours=1))
    answer = client.get(link, headers=MANAGER)
    assert hashlib.sha256(answer.content).hexdigest() == told["sha256"]
    with client_of(later(finops, hours=1)) as then:
        problem(then.get(link, headers=MANAGER), 410)


def test_a_link_that_was_changed_is_none(client, make, finops):
    told, other = make()["data"], make()["data"]
    link = finops.exports.link(finops.exports.get("demo", told["export_id"]))
    end = link.partition("expires=")[2].partition("&")[0]
    for changed in (
        link.replace(f"expires={end}", f"expires={int(end) + 86_400}"),
        link.replace(told["export_id"], other["export_id"]),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
    ):
        problem(client.get(changed, headers=MANAGER), 404)
    half = f"{told['url']}&expires={end}"
    assert problem(client.get(half, headers=MANAGER), 400)["field"] == "signature"
    assert problem(client.get(f"{told['url']}&signature=x"), 400)["field"] == "expires"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"report": "no-such-report"}, "report"),
        ({"report": 7}, "report"),
        ({"format": "pdf"}, "format"),
        ({"format": None}, "format"),
        ({"start": None}, "start"),
        ({"end": "2026-09-01"}, "end"),
        ({"start": "yesterday"}, "start"),
        ({"table": "no_such_table"}, "table"),
        ({"table": "x", "format": "json"}, "table"),
        ({"scope": ["account"]}, "scope"),
        ({"scope": {"account": [7]}}, "account"),
        ({"scope": {"colour": "red"}}, "colour"),
        ({"owner": "manager"}, "owner"),
    ],
)
def test_what_is_wrong_is_named(client, changes, field):
    sent = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    assert problem(client.post("/api/exports", json=sent), 400)["field"] == field


def test_a_report_is_narrowed_by_its_own_parameters(client, make, get):
    account = get("/api/costs", {"start": "2026-10-01", "end": "2026-11-01", "group_by": "account"})["data"]["items"][0]
    asked = make(scope={"account": account["account"]})["data"]
    rows = list(csv.DictReader(io.StringIO(client.get(asked["url"]).text, newline="")))
    whole = list(csv.DictReader(io.StringIO(client.get(make()["data"]["url"]).text, newline="")))
    assert rows
    assert rows != whole


def test_the_audit_trail_tells_who_took_what(make, finops):
    told = make(headers=MANAGER, format="json")["data"]
    event = finops.store.audit.list("demo")[0][0]
    assert (event.by, event.action, event.object) == ("persona:manager", "export.make", told["name"])
    assert event.detail["sha256"] == told["sha256"]
    assert (event.detail["start"], event.detail["end"]) == ("2026-10-01", "2026-11-01")
    assert sum(event.detail["rows"].values()) > 5


def test_a_foreign_page_may_not_make_one(client):
    answer = client.post("/api/exports", json=ASKED, headers={"Origin": "https://evil.example"})
    problem(answer, 403)


def test_the_same_question_at_the_same_moment_gives_the_same_bytes(make):
    for file_format in ("csv", "json", "xlsx"):
        assert make(format=file_format)["data"]["sha256"] == make(format=file_format)["data"]["sha256"]


def test_a_file_is_fetched_without_its_body_by_head(client, make):
    told = make()["data"]
    answer = client.head(told["url"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert json.loads(answer.headers["x-finops-partial"]) is told["partial"]
