"""`/api/schedules`, `/api/firings`, `/api/deliveries`: schedules are kept, changed and told; who may not is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from config import load_settings
from finops.facade import Finops, open_finops
from tests.api.conftest import conforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

WISH = {
    "name": "Weekly",
    "report": "health",
    "cron": "0 7 * * 1",
    "timezone": "Europe/Berlin",
    "recipients": ["ann@example.com", "ben@example.com"],
    "format": "json",
}
MANAGER = {"X-Finops-Persona": "manager"}
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 0, 30, tzinfo=UTC)


class Clock:
    at = FRIDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def finops(tmp_path, clock: Clock) -> Iterator[Finops]:
    never: dict[str, Any] = {"costs_refresh_hours": 0, "discovery_hours": 0, "findings_hours": 0}
    opened = open_finops(load_settings(data_dir=tmp_path, **never), now=clock)
    yield opened
    opened.close()


def post(client: TestClient, path: str, sent: Any, status: int = 200, headers: Any = None) -> dict[str, Any]:
    answer = client.post(path, json=sent, headers=headers or MANAGER)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_schedule_is_added_listed_paused_resumed_and_removed(client: TestClient, get: Any) -> None:
    made = post(client, "/api/schedules", WISH)
    conforms(made, "Schedule")
    assert made["data"]["owner"] == "persona:manager"
    assert made["data"]["next_run"] == "2026-11-23T06:00:00Z"
    listed = get("/api/schedules", {})
    conforms(listed, "Schedules")
    assert listed["data"]["items"] == [made["data"]]
    named = {"schedule_id": made["data"]["schedule_id"]}
    paused = post(client, "/api/schedules/pause", named)
    conforms(paused, "Schedule")
    assert (paused["data"]["status"], paused["data"]["next_run"]) == ("paused", None)
    assert post(client, "/api/schedules/resume", {"schedule_id": "Weekly"})["data"]["status"] == "active"
    removed = post(client, "/api/schedules/remove", named)
    conforms(removed, "ScheduleRemoved")
    assert get("/api/schedules", {})["meta"]["total"] == 0
    assert post(client, "/api/schedules/pause", named, 400)["field"] == "schedule_id"


def test_what_went_out_is_told_and_sent_again_on_demand(
    client: TestClient, get: Any, finops: Finops, clock: Clock
) -> None:
    post(client, "/api/schedules", WISH)
    clock.at = MONDAY
    scheduler.tick(finops)
    firings = get("/api/firings", {"schedule": "Weekly"})
    conforms(firings, "Firings")
    (fired,) = firings["data"]["items"]
    assert (fired["name"], fired["status"], fired["deliveries"]) == ("Weekly", "queued", {"sent": 2})
    mails = get("/api/deliveries", {"firing": fired["firing_id"], "limit": 1})
    conforms(mails, "Deliveries")
    assert mails["meta"]["total"] == 2
    following = get(
        "/api/deliveries", {"firing": fired["firing_id"], "limit": 1, "cursor": mails["meta"]["next_cursor"]}
    )
    readers = {page["data"]["items"][0]["recipient"] for page in (mails, following)}
    assert readers == set(WISH["recipients"])
    assert get("/api/deliveries", {"status": "failed,uncertain"})["data"]["items"] == []
    named = {"delivery_id": mails["data"]["items"][0]["delivery_id"]}
    again = post(client, "/api/deliveries/resend", named)
    conforms(again, "Delivery")
    assert again["data"]["status"] == "queued"
    assert post(client, "/api/deliveries/resend", named, 400)["detail"] == "this mail is on its way"
    assert get("/api/firings", {"status": "failed"})["meta"]["total"] == 0


def test_the_history_of_a_removed_schedule_is_still_told(
    client: TestClient, get: Any, finops: Finops, clock: Clock
) -> None:
    named = post(client, "/api/schedules", WISH)["data"]["schedule_id"]
    clock.at = MONDAY + timedelta(days=15)
    scheduler.tick(finops)
    post(client, "/api/schedules/remove", {"schedule_id": named})
    (fired,) = get("/api/firings", {"schedule": named})["data"]["items"]
    assert (fired["name"], fired["late"], fired["skipped"]) == (None, True, 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cron": "0 0 7 * * 1"}, "cron"),
        ({"cron": 7}, "cron"),
        ({"timezone": "Mars"}, "timezone"),
        ({"recipients": "ann@example.com"}, "recipients"),
        ({"recipients": ["ann@example.com\nBcc: eve@example.com"]}, "recipients"),
        ({"recipients": []}, "recipients"),
        ({"report": "nothing"}, "report"),
        ({"format": "pdf"}, "format"),
        ({"name": ""}, "name"),
        ({"quiet": "yes"}, "quiet"),
        ({"scope": ["account"]}, "scope"),
        ({"scope": {"account": 7}}, "scope"),
        ({"scope": {"planet": ["mars"]}}, "planet"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_wish_is_refused_by_its_member(client: TestClient, get: Any, wrong: Any, field: str) -> None:
    assert post(client, "/api/schedules", {**WISH, **wrong}, 400)["field"] == field
    assert get("/api/schedules", {})["meta"]["total"] == 0


@pytest.mark.parametrize("path", ["/api/schedules", "/api/schedules/pause", "/api/deliveries/resend"])
def test_an_analyst_schedules_and_sends_nothing(client: TestClient, path: str) -> None:
    told = post(client, path, WISH, 403, {"X-Finops-Persona": "analyst"})
    assert told["right"] == "reports.schedule"


def test_a_schedule_runs_with_the_rights_of_who_made_it_unless_an_admin_says_otherwise(client: TestClient) -> None:
    other = {**WISH, "owner": "persona:admin"}
    assert post(client, "/api/schedules", other, 403)["right"] == "admin"
    made = post(client, "/api/schedules", {**WISH, "owner": "persona:manager"}, headers={"X-Finops-Persona": "admin"})
    assert made["data"]["owner"] == "persona:manager"


def test_another_sites_page_schedules_nothing(client: TestClient, get: Any) -> None:
    post(client, "/api/schedules", WISH, 403, {**MANAGER, "Origin": "https://evil.example"})
    assert get("/api/schedules", {})["meta"]["total"] == 0


def test_a_preview_shows_the_zones_clocks(get: Any) -> None:
    told = get("/api/schedules/preview", {"cron": "0 7 * * 1", "timezone": "Europe/Berlin"})
    conforms(told, "SchedulePreview")
    assert (told["data"]["words"], told["data"]["shown"][0]) == ("At 07:00 on Monday", "Mon 23 Nov 2026 07:00 CET")


@pytest.mark.parametrize("query", [{"cron": "0 7 * * 1"}, {"cron": "x", "timezone": "UTC"}])
def test_a_preview_of_nothing_is_refused(client: TestClient, query: dict[str, str]) -> None:
    assert client.get("/api/schedules/preview", params=query).status_code == 400
