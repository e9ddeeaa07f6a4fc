"""Schedules on the page: made with the next times in sight, changed, paused, run now, tried out; and by whom."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from finops.delivery import Wish
from finops.delivery.cron import shown
from finops.model.delivery import FiringStatus, ScheduleStatus
from finops.model.reports import Format
from pages.ui import schedule_rhythm
from pages.ui.schedule_rhythm import Often, Rhythm
from tests import stocked
from tests.pages.conftest import link, opened, plain, settled, sound, words
from tests.pages.test_inventory import button, table
from tests.pages.test_reports import MANAGER, PAGE, PROD, finished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops
    from finops.model.delivery import Schedule

VIEW = {"view": ["schedules"]}
EDIT = "schedule.edit."
WISH = Wish("Weekly", "health", "0 7 * * 1", "Europe/Berlin", ("ann@example.com", "ben@example.com"), "xlsx", MANAGER)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    """The demo's bill, to write to; no schedule."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def kept(finops: Finops, **more: Any) -> Schedule:
    return finops.delivery.schedules.add("demo", replace(WISH, **more), by=MANAGER)


def one(finops: Finops, named: str = "Weekly") -> Schedule:
    return finops.delivery.schedules.one("demo", named)


def at(schedule: Schedule, persona: str = "manager") -> AppTest:
    return opened(PAGE, {**VIEW, "schedule": [schedule.schedule_id]}, persona=persona)


def new(persona: str = "manager") -> AppTest:
    return button(opened(PAGE, VIEW, persona=persona), "New schedule").click().run()


def save(app: AppTest) -> AppTest:
    return app.button(key="schedule.save").click().run()


def mails(finops: Finops) -> list[Any]:
    folder = finops.settings.data_dir / "outbox"
    return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in folder.glob("*.eml")]


# The list


def test_without_any_it_says_what_a_schedule_is_and_what_to_do(house: Finops) -> None:
    app = opened(PAGE, VIEW, persona="manager")
    assert sound(app)
    assert "No schedules yet" in [each.value for each in app.subheader]
    assert "New schedule" in {each.label for each in app.button}
    reader = opened(PAGE, VIEW)
    assert "needs the right to schedule reports" in words(reader)
    assert "New schedule" not in {each.label for each in reader.button}


def test_without_a_sender_it_says_what_to_set(tmp_path: Path) -> None:
    own = {"FINOPS_MODE": "aws", "FINOPS_AUTH": "none", "FINOPS_SECRET_KEY": "k" * 40, "FINOPS_NOW": ""}
    with settled(tmp_path / "own", **own):
        app = opened(PAGE, VIEW, persona="manager")
    assert sound(app)
    assert "FINOPS_EMAIL_FROM names no sender" in plain(app.warning[0].value)


def test_the_list_tells_what_when_to_how_many_and_how_it_stands(house: Finops) -> None:
    kept(house)
    paused = kept(house, name="Paused", cron="0 8 1 * *", recipients=("ann@example.com",))
    house.delivery.schedules.pause("demo", paused.schedule_id, by=MANAGER)
    app = opened(PAGE, VIEW, persona="analyst")
    assert sound(app)
    rows = table(app)
    assert list(rows["name"]) == ["Paused", "Weekly"]
    assert list(rows["state"]) == [["Paused"], ["Active"]]
    assert list(rows["next"].fillna("")) == ["", "Mon 23 Nov 06:00"], "07:00 in Berlin on a clock of UTC"
    assert list(rows["readers"]) == [1, 2]
    assert list(rows["last"]) == ["Never yet"] * 2
    assert rows["when"][1] == "At 07:00 on Monday, Europe/Berlin"


def test_a_schedule_opens_with_what_it_sends_and_why_it_is_paused(house: Finops) -> None:
    schedule = kept(house, report="cost-by-service", scope={"account": (PROD,)})
    house.delivery.schedules.pause("demo", schedule.schedule_id, by=MANAGER, reason="manager may not do that any more")
    app = at(schedule, "analyst")
    told = dict(app.table[0].value.itertuples())
    assert plain(told["Readers"]) == "ann@example.com, ben@example.com"
    assert plain(told["Narrowed to"]) == "account prod-core"
    assert "Manager may not do that any more. It sends nothing until it is resumed." in plain(app.warning[0].value)
    assert not {"Change", "Pause", "Resume", "Send it", "Remove it"} & {each.label for each in app.button}
    assert "needs the right to schedule reports, which managers have" in words(app)


def test_a_hostile_name_stays_text(house: Finops) -> None:
    schedule = kept(house, name="![x](https://evil.example/x.png) $1$ <b>")
    for app in (opened(PAGE, VIEW, persona="manager"), at(schedule)):
        assert sound(app)
        marked = "\n".join(str(each.value) for each in (*app.markdown, *app.subheader))
        assert "![x](" not in marked


def test_one_that_is_gone_is_said_and_the_list_is_shown(house: Finops) -> None:
    kept(house)
    app = opened(PAGE, {**VIEW, "schedule": ["gone"]}, persona="manager")
    assert sound(app)
    assert "not here any more" in words(app)
    assert link(app) == VIEW


# Making and changing


def test_one_is_made_with_its_next_five_times_in_sight(house: Finops) -> None:
    app = new()
    app.text_input(key=f"{EDIT}name").input("Morning report")
    app.selectbox(key=f"{EDIT}report").select("cost-by-service")
    app.selectbox(key=f"{EDIT}format").select(Format.CSV)
    app.multiselect(key=f"{EDIT}recipients").set_value(["ann@example.com, ben@Example.com"])
    app.button_group(key=f"{EDIT}often").set_value(Often.MONTHLY).run()
    app.selectbox(key=f"{EDIT}day").select("LW")
    app.time_input(key=f"{EDIT}at").set_value(time(18, 30))
    app.selectbox(key=f"{EDIT}timezone").select("America/New_York")
    app.toggle(key=f"{EDIT}quiet").set_value(True).run()
    app.multiselect(key=f"{EDIT}scope.cost-by-service.account").select(PROD).run()
    told = house.delivery.schedules.preview("30 18 LW * *", "America/New_York")
    assert all(text in words(app) for text in (*told.shown, told.words))
    assert shown(told.times[0], "UTC")[:10] in words(app), "on the person's own clocks too"
    assert house.delivery.schedules.list("demo") == ()
    app = save(app)
    assert sound(app)
    made = one(house, "Morning report")
    assert (made.cron, made.timezone, made.report) == ("30 18 LW * *", "America/New_York", "cost-by-service")
    assert (made.recipients, made.format, made.quiet) == (("ann@example.com", "ben@example.com"), Format.CSV, True)
    assert (dict(made.scope), made.owner) == ({"account": (PROD,)}, MANAGER)
    assert link(app) == {**VIEW, "schedule": [made.schedule_id]}, "it is open"
    assert "schedule.save" not in [each.key for each in app.button], "the dialog is closed"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"recipients": []}, "at least one recipient"),
        ({"recipients": ["nobody"]}, "is not an e-mail address"),
        ({"name": "Weekly"}, "there is a schedule called Weekly already"),
        ({"often": Often.CRON, "line": "0 7 * *"}, "cron has 5 fields"),
        ({"often": Often.CRON, "line": "0 7 * * 9"}, "weekday cannot be"),
    ],
)
def test_a_fault_is_told_in_the_dialog_and_nothing_typed_is_lost(
    house: Finops, fields: dict[str, Any], fault: str
) -> None:
    kept(house)
    app = new()
    wanted: dict[str, Any] = {"name": "Mine", "recipients": ["ann@example.com"], "often": Often.DAILY, **fields}
    app.button_group(key=f"{EDIT}often").set_value(wanted["often"]).run()
    app.text_input(key=f"{EDIT}name").input(wanted["name"])
    app.multiselect(key=f"{EDIT}recipients").set_value(wanted["recipients"])
    if "line" in wanted:
        app.text_input(key=f"{EDIT}line").input(wanted["line"])
    app = save(app)
    assert not app.exception
    assert [fault in plain(each.value) for each in app.error] == [True], "once, and nothing else"
    assert app.text_input(key=f"{EDIT}name").value == wanted["name"]
    assert app.multiselect(key=f"{EDIT}recipients").value == wanted["recipients"]
    assert len(house.delivery.schedules.list("demo")) == 1


def test_a_bad_address_is_told_before_saving(house: Finops) -> None:
    app = new()
    app.multiselect(key=f"{EDIT}recipients").set_value(["ann@example.com", "nobody"]).run()
    assert "is not an e-mail address" in plain(app.error[0].value)


def test_a_domain_that_mails_may_not_go_to_is_refused(tmp_path: Path) -> None:
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data", FINOPS_EMAIL_ALLOWED_DOMAINS="example.com") as house:
        app = new()
        assert "Mails may go to example.com." in words(app)
        app.multiselect(key=f"{EDIT}recipients").set_value(["eve@evil.example"])
        app = save(app)
        assert "is outside the domains" in plain(app.error[0].value)
        assert house.delivery.schedules.list("demo") == ()


def test_a_change_keeps_what_was_not_changed(house: Finops) -> None:
    schedule = kept(house, report="cost-by-service", scope={"account": (PROD,)}, quiet=True, cron="30 6 * * 1-5")
    app = button(at(schedule), "Change").click().run()
    assert app.text_input(key=f"{EDIT}name").value == "Weekly"
    assert app.button_group(key=f"{EDIT}often").value == Often.WORKDAYS
    assert app.time_input(key=f"{EDIT}at").value == time(6, 30)
    app.text_input(key=f"{EDIT}name").input("Renamed")
    app = save(app)
    assert sound(app)
    assert one(house, "Renamed") == replace(schedule, name="Renamed")


def test_a_line_that_the_fields_cannot_show_is_kept_as_it_is(house: Finops) -> None:
    schedule = kept(house, cron="*/30 8-17 * * MON#1")
    app = button(at(schedule), "Change").click().run()
    assert app.text_input(key=f"{EDIT}line").value == "*/30 8-17 * * MON#1"
    save(app)
    assert one(house).cron == "*/30 8-17 * * MON#1"


def test_who_changes_anothers_schedule_makes_it_theirs(house: Finops) -> None:
    schedule = kept(house, owner="persona:admin")
    app = button(at(schedule), "Change").click().run()
    assert "Saving makes it yours" in words(app)
    save(app)
    assert one(house).owner == MANAGER
    app = button(at(one(house), "admin"), "Change").click().run()
    assert "rights and thresholds of manager" in words(app)
    save(app)
    assert one(house).owner == MANAGER, "who administers may leave it to its owner"


def test_what_was_made_can_be_scheduled_with_what_narrows_it(house: Finops) -> None:
    app = opened(PAGE, {"report": ["cost-by-service"]}, persona="manager")
    app.multiselect(key="reports.scope.cost-by-service.account").select(PROD).run()
    app = button(finished(button(app, "Make report").click().run()), "Schedule it").click().run()
    assert app.selectbox(key=f"{EDIT}report").value == "cost-by-service"
    app.multiselect(key=f"{EDIT}recipients").set_value(["ann@example.com"])
    save(app)
    (made,) = house.delivery.schedules.list("demo")
    assert (made.name, dict(made.scope)) == ("Cost by service", {"account": (PROD,)})


def test_who_may_not_schedule_has_no_dialog(house: Finops) -> None:
    app = opened(PAGE, VIEW, persona="analyst", **{"schedule.dialog": ""})
    assert sound(app)
    assert "schedule.save" not in [each.key for each in app.button]


# Deeds


def test_it_is_paused_resumed_and_removed(house: Finops) -> None:
    schedule = kept(house)
    app = button(at(schedule), "Pause").click().run()
    assert one(house).status is ScheduleStatus.PAUSED
    assert "Paused by manager" in plain(app.warning[0].value)
    app = button(app, "Resume").click().run()
    assert (one(house).status, one(house).next_run) == (ScheduleStatus.ACTIVE, schedule.next_run)
    app = button(app, "Remove it").click().run()
    assert sound(app)
    assert house.delivery.schedules.list("demo") == ()
    assert link(app) == VIEW


def test_run_now_mails_its_readers_and_leaves_its_next_time(house: Finops) -> None:
    schedule = kept(house)
    app = finished(button(at(schedule), "Send it").click().run())
    assert sound(app)
    assert sorted(mail["To"] for mail in mails(house)) == ["ann@example.com", "ben@example.com"]
    assert one(house).next_run == schedule.next_run
    assert list(table(app)["last"]) == ["2 sent"]
    assert list(app.dataframe[1].value["Result"]) == ["2 sent"]
    app = button(app, "Its deliveries").click().run()
    assert link(app)["view"] == ["deliveries"]
    assert link(app)["of"] == [schedule.schedule_id]
    assert set(table(app)["recipient"]) == {"ann@example.com", "ben@example.com"}


def test_a_digest_tells_each_reader_what_is_new_and_is_run_like_any_other(house: Finops) -> None:
    app = new()
    app.selectbox(key=f"{EDIT}report").select("digest").run()
    assert "what is new since their own last mail" in words(app)
    app.multiselect(key=f"{EDIT}recipients").set_value(["ann@example.com"])
    app = finished(button(save(app), "Send it").click().run())
    assert sound(app)
    assert [mail["To"] for mail in mails(house)] == ["ann@example.com"]


def test_run_now_without_news_says_so_and_sends_nothing(house: Finops) -> None:
    schedule = kept(house, report="inventory", quiet=True, scope={"search": ("nothing-is-called-so",)})
    app = finished(button(at(schedule), "Send it").click().run())
    ended = house.delivery.firings("demo")[0][0].status
    said = {FiringStatus.SILENT: "No news, nothing sent", FiringStatus.QUEUED: "2 sent"}[ended]
    assert list(table(app)["last"]) == [said]
    assert len(mails(house)) == (0 if ended is FiringStatus.SILENT else 2)


def test_trying_it_mails_one_address_instead_of_its_readers(house: Finops) -> None:
    schedule = kept(house)
    app = at(schedule)
    next(each for each in app.text_input if each.label == "Address").input("me@example.com")
    app = finished(button(app, "Send").click().run())
    assert not app.error
    assert [mail["To"] for mail in mails(house)] == ["me@example.com"]
    assert house.delivery.firings("demo") == ((), 0)


def test_what_the_service_refuses_is_said_and_changes_nothing(house: Finops) -> None:
    schedule = kept(house)
    app = at(schedule)
    house.delivery.schedules.remove("demo", schedule.schedule_id, by=MANAGER)
    app = button(app, "Pause").click().run()
    assert not app.exception
    assert "Nothing was changed. There is no schedule" in plain(app.error[0].value)


@pytest.mark.parametrize("cron", ["0 7 * * *", "30 6 * * 1-5", "0 7 * * 1", "15 9 28 * *", "0 18 LW * *", "0 18 L * *"])
def test_every_simple_line_is_shown_in_fields_and_made_of_them_again(cron: str) -> None:
    rhythm = schedule_rhythm.rhythm_of(cron)
    assert rhythm.often is not Often.CRON
    assert schedule_rhythm.cron_of(rhythm) == cron


@pytest.mark.parametrize(
    "cron", ["*/5 * * * *", "0 7 * * 7", "0 7 1 1 *", "0 7 31 * *", "0 25 * * *", "bad", "0 7 1 * 1"]
)
def test_every_other_line_stays_a_line(cron: str) -> None:
    assert schedule_rhythm.rhythm_of(cron) == Rhythm(Often.CRON, line=cron)
