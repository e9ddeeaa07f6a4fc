"""`/api/jobs`: newest first, by kind and status, in pages, with what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finops.facade import Finops, open_finops
from tests import stocked
from tests.api import estate

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def finops() -> Iterator[Finops]:
    opened = open_finops(stocked.settings(estate.folder(), tenant=estate.TENANT))
    yield opened
    opened.close()


def test_a_job_tells_what_it_did_and_what_failed(get):
    found = get("/api/jobs", {"status": "partial"})["data"]["items"]
    assert found == [
        {
            "job_id": found[0]["job_id"],
            "kind": "inventory.discover",
            "status": "partial",
            "user": "persona:admin",
            "arguments": {"accounts": [estate.FIRST], "regions": [], "services": ["ec2"]},
            "created": "2026-11-20T06:00:00Z",
            "started": "2026-11-20T06:00:00Z",
            "ended": "2026-11-20T06:00:00Z",
            "progress": found[0]["progress"],
            "counts": {"seen": 90},
            "failures": [
                {
                    "code": "AccessDenied",
                    "message": "no",
                    "account": estate.DENIED[0],
                    "region": "",
                    "service": "sts",
                    "missing_action": "sts:AssumeRole",
                }
            ],
            "parent": None,
        }
    ]
    assert set(found[0]["progress"]) == {"done", "total", "items", "calls", "failures", "seconds_left", "note"}


def test_jobs_come_newest_first_in_pages(get):
    whole = get("/api/jobs", {})
    statuses = [job["status"] for job in whole["data"]["items"]]
    assert statuses == ["pending", "running", "failed", "partial", "completed"]
    assert (whole["meta"]["total"], whole["meta"]["next_cursor"]) == (5, None)
    found, cursor = [], ""
    while cursor is not None:
        page = get("/api/jobs", {"limit": 2, **({"cursor": cursor} if cursor else {})})
        found += page["data"]["items"]
        cursor = page["meta"]["next_cursor"]
    assert found == whole["data"]["items"]


@pytest.mark.parametrize(
    ("params", "statuses"),
    [
        ({"kind": "costs.refresh"}, ["pending"]),
        ({"kind": "inventory.discover", "status": "running,failed"}, ["running", "failed"]),
        ({"status": ["completed", "interrupted"]}, ["completed"]),
        ({"kind": "reports.none"}, []),
        ({"tenant": "other"}, []),
    ],
)
def test_jobs_are_chosen_by_kind_and_status(get, params, statuses):
    document = get("/api/jobs", params)
    assert [job["status"] for job in document["data"]["items"]] == statuses
    assert document["meta"]["total"] == len(statuses)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"status": "done"}, "status"),
        ({"status": ""}, "status"),
        ({"kind": "'; drop"}, "kind"),
        ({"kind": ["a", "b"]}, "kind"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_wrong_value_names_its_parameter(client, params, field):
    answer = client.get("/api/jobs", params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_cursor_of_other_jobs_is_refused(client, get):
    cursor = get("/api/jobs", {"limit": 1})["meta"]["next_cursor"]
    answer = client.get("/api/jobs", params={"limit": 1, "kind": "inventory.discover", "cursor": cursor})
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")
