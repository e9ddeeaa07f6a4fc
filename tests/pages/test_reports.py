"""Reports made on the page: figures as the facade has them, files that can be fetched, the mail that it would be."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import wait
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from finops.model.people import Right
from finops.model.period import Period
from finops.model.reports import Format, ReportRequest
from pages.ui import report_work
from pages.ui.report_view import Tab
from tests import stocked
from tests.api.conftest import client_of
from tests.pages.conftest import ROOT, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, addresses, button

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops
    from finops.model.reports import Report

PAGE = "pages/reports.py"
MANAGER = "persona:manager"
PROD = "105810581058"
WORKS = ("make", "send", "schedule.run", "schedule.try", "mail.resend")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    """The demo's bill, to write to."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def finished(app: AppTest) -> AppTest:
    """The page once what was begun on it has ended, and is shown."""
    deadline = time.monotonic() + 60
    while any(f"report.work.{name}" in app.session_state for name in WORKS):
        assert time.monotonic() < deadline, "it goes on for a minute"
        time.sleep(0.1)
        app.run()
    return app


def made(report: str = "cost-by-service", persona: str = "manager", **params: Any) -> AppTest:
    app = opened(PAGE, {"report": [report], **params}, persona=persona)
    return finished(button(app, "Make report").click().run())


def asked(finops: Finops, name: str, **more: Any) -> Report:
    return finops.reports.make(ReportRequest(name, "demo", MANAGER, **more))


def spans(app: AppTest) -> list[Any]:
    return [each.proto for each in app.get("iframe")]


@pytest.mark.parametrize("persona", ["analyst", "manager", "admin"])
@pytest.mark.parametrize("tab", ["make", "schedules", "deliveries"])
def test_every_part_opens_for_everyone_who_may_see_reports(house: Finops, persona: str, tab: str) -> None:
    assert sound(opened(PAGE, {"view": [tab]}, persona=persona))
    source = (ROOT / PAGE).read_text("utf-8")
    assert "right=Right.VIEW_REPORTS" in source


def test_a_report_is_made_with_the_figures_of_the_facade(house: Finops) -> None:
    app = made()
    assert sound(app)
    report = asked(house, "cost-by-service")
    assert report.headline in words(app)
    told = {each.label: each.value for each in report.figures}
    shown = {label: value.rstrip("…") for label, value in figures(app).items()}
    assert {label: value[: len(shown[label])] for label, value in told.items()} == shown
    frame = app.dataframe[0].value
    rows = list(report.tables[0].rows())[:10]
    at = [column.name for column in report.tables[0].columns].index("cost")
    assert [Decimal(str(cost)) for cost in frame["cost"]] == [pytest.approx(row[at]) for row in rows]
    assert f"The first 10 of {report.tables[0].total:,} rows" in words(app)


def test_its_file_is_fetched_by_its_link_and_kept_among_ones_own(house: Finops) -> None:
    app = made()
    (kept,) = house.exports.of_owner("demo", MANAGER)
    links = [address for address in addresses(app) if address.startswith("/api/exports/")]
    assert set(links) == {house.exports.link(kept)}
    assert len(links) == 2, "with the report, and among the own files"
    answer = client_of(house).get(links[0])
    assert answer.status_code == 200
    assert len(answer.content) == kept.size
    assert answer.content[:2] == b"PK"
    assert "kept until Fri 4 Dec 09:00" in words(app)
    assert not [each for each in addresses(opened(PAGE, persona="admin")) if each.startswith("/api/exports/")]


def test_the_period_and_what_narrows_it_are_those_of_the_form(house: Finops) -> None:
    app = opened(
        PAGE, {"report": ["cost-by-service"], "start": ["2026-11-02"], "end": ["2026-11-09"]}, persona="manager"
    )
    app.multiselect(key="reports.scope.cost-by-service.account").select(PROD).run()
    app = finished(button(app, "Make report").click().run())
    report = asked(
        house, "cost-by-service", period=Period(date(2026, 11, 2), date(2026, 11, 9)), scope={"account": (PROD,)}
    )
    assert sound(app)
    assert report.headline in words(app)
    assert "2026-11-02 to 2026-11-08 (7 days)" in words(app)
    assert link(app) == {"report": ["cost-by-service"], "start": ["2026-11-02"], "end": ["2026-11-09"]}


def test_more_files_are_made_of_the_same_report_one_table_as_csv(house: Finops) -> None:
    app = made()
    app.selectbox(key="reports.table").select("by_day").run()
    app = button(app, "Make CSV").click().run()
    assert sound(app)
    kept = next(each for each in house.exports.of_owner("demo", MANAGER) if each.format is Format.CSV)
    with house.exports.opened(kept) as file:
        assert file.read().decode().splitlines()[0].split(",")[0] == "date"


def test_several_formats_at_once_and_none_at_all(house: Finops) -> None:
    app = opened(PAGE, {"report": ["health"]}, persona="manager")
    app.button_group(key="reports.formats").set_value([Format.CSV, Format.JSON]).run()
    finished(button(app, "Make report").click().run())
    assert {each.format for each in house.exports.of_owner("demo", MANAGER)} == {Format.CSV, Format.JSON}
    app.button_group(key="reports.formats").set_value([]).run()
    app = finished(button(app, "Make report").click().run())
    assert sound(app)
    assert len(house.exports.of_owner("demo", MANAGER)) == 2


def test_what_is_missing_is_named_above_the_figures(house: Finops) -> None:
    app = made("executive-summary")
    report = asked(house, "executive-summary")
    assert report.partial
    warning = plain(app.warning[0].value)
    assert all(sentence in warning for sentence in report.missing)


def test_where_it_comes_from_is_told(house: Finops) -> None:
    told = dict(made().table[0].value.itertuples())
    assert plain(told["Metric"]) == "Unblended cost"
    assert plain(told["Source"]) == "AWS Cost Explorer"
    assert {"Period", "Source", "Fetched", "Made"} <= set(told)


def test_while_it_is_made_the_page_says_so_and_stays_usable(house: Finops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_work, "PATIENCE_SECONDS", 0)
    free = threading.Event()
    busy = [report_work.HANDS.submit(free.wait, 60) for _ in range(2)]
    try:
        app = button(opened(PAGE, {"report": ["health"]}, persona="manager"), "Make report").click().run()
        assert [status.label for status in app.status] == ["Making Health"]
        assert "It waits for its turn" in words(app)
        assert button(app, "Make report").disabled
        app.button_group(key="reports.tab").set_value(Tab.SCHEDULES).run()
        assert sound(app)
        app.button_group(key="reports.tab").set_value(Tab.MAKE).run()
        assert [status.label for status in app.status] == ["Making Health"], "it goes on"
    finally:
        free.set()
    wait(busy)
    app = finished(app.run())
    assert asked(house, "health").headline in words(app)
    assert not button(app, "Make report").disabled


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"report": ["cost-detail"]}, "bogus"),
        ({"report": ["cost-by-service"]}, "bogus"),
    ],
)
def test_a_wrong_filter_is_told_at_its_field_and_nothing_is_lost(
    house: Finops, params: dict[str, list[str]], fault: str
) -> None:
    app = opened(PAGE, params, persona="manager")
    others = next(each for each in app.multiselect if each.label == "Other filters")
    app.session_state[others.key] = ["bogus=1"]
    app = finished(button(app.run(), "Make report").click().run())
    assert not app.exception
    assert any(fault in plain(each.value) for each in app.error)
    assert not any("Nothing was made" in each.value for each in app.error), "it stands at the field"
    assert next(each for each in app.multiselect if each.label == "Other filters").value == ["bogus=1"]
    assert house.exports.of_owner("demo", MANAGER) == ()


def test_half_a_period_is_told_and_not_taken_for_another(house: Finops) -> None:
    app = opened(
        PAGE, {"report": ["cost-by-service"], "start": ["2026-11-02"], "end": ["2026-11-09"]}, persona="manager"
    )
    app.session_state["reports.days"] = (date(2026, 11, 2),)
    app = finished(button(app.run(), "Make report").click().run())
    assert any("the first and the last day" in plain(each.value) for each in app.error)
    assert house.exports.of_owner("demo", MANAGER) == ()


def test_a_link_that_cannot_be_had_falls_back_with_a_notice(house: Finops) -> None:
    params = {
        "report": [HOSTILE],
        "view": ["nowhere"],
        "status": [HOSTILE],
        "start": ["2026"],
        "page": ["-1"],
        HOSTILE: ["1"],
    }
    app = opened(PAGE, params)
    assert sound(app)
    assert "is none that you can make" in words(app)
    assert link(app) == {}
    assert not any("](https" in str(part.value) for part in [*app.markdown, *app.info])


# The mail


class Frames(HTMLParser):
    """The frames of a page and everything else that it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[dict[str, str | None]] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.frames.append(dict(attrs))
        else:
            self.others.append(tag)


def hostile_mail() -> None:
    from finops.model.delivery import Letter
    from pages.ui import report_mail

    html = '<html><head></head><body>"><script>alert(1)</script><img src="cid:chart-1"></body></html>'
    report_mail.framed(Letter("![x](https://evil.example/x.png)", html, "text", images={"chart-1": b"PNG"}))


def test_the_mail_stands_in_a_frame_that_lets_it_do_nothing() -> None:
    app = AppTest.from_function(hostile_mail).run()
    (frame,) = spans(app)
    parsed = Frames()
    parsed.feed(frame.srcdoc)
    (inner,) = parsed.frames
    assert inner["sandbox"] in {None, ""}, "no script, no form, no way out"
    assert set(parsed.others) == {"style"}, "nothing of the mail outside of its frame"
    assert "<script>" in str(inner["srcdoc"])
    assert "data:image/png;base64,UE5H" in str(inner["srcdoc"])


def test_the_preview_is_the_letter_with_its_subject_and_its_text(house: Finops) -> None:
    app = made()
    app.session_state["reports.mail"] = True
    app.run()
    assert sound(app)
    report = asked(house, "cost-by-service")
    (frame,) = spans(app)
    assert plain(report.headline) in words(app)
    assert "sandbox" in frame.srcdoc
    assert report.title in app.code[-1].value
    assert "cost-by-service_demo_2026-10-01_2026-10-31.xlsx" in words(app)


def test_it_is_sent_to_oneself_alone_by_who_may(house: Finops) -> None:
    app = made()
    app.session_state["reports.mail"] = True
    app.run()
    app.text_input(key="reports.to").input("me@example.com")
    app = finished(button(app, "Send").click().run())
    assert sound(app)
    (mail,), _ = house.delivery.deliveries("demo")
    assert (mail.recipient, mail.kind, str(mail.status)) == ("me@example.com", "trial", "sent")
    assert len(list((house.settings.data_dir / "outbox").glob("*.eml"))) == 1
    assert "Nothing left this machine" in plain(app.success[0].value)


def test_an_address_that_is_none_is_told_and_nothing_is_sent(house: Finops) -> None:
    app = made()
    app.session_state["reports.mail"] = True
    app.run()
    app.text_input(key="reports.to").input("not an address")
    app = finished(button(app, "Send").click().run())
    assert "is not an e-mail address" in plain(app.error[0].value)
    assert house.delivery.deliveries("demo") == ((), 0)


def test_a_reader_makes_and_takes_reports_but_sends_none(house: Finops) -> None:
    app = made(persona="analyst")
    app.session_state["reports.mail"] = True
    app.run()
    assert sound(app)
    assert not {"Send", "Schedule it"} & {each.label for each in app.button}
    assert "needs the right to schedule reports" in words(app)
    assert len(house.exports.of_owner("demo", "persona:analyst")) == 1
    assert not house.access.may(house.access.person("analyst"), Right.SCHEDULE_REPORTS)


def test_before_anything_is_stored_the_page_still_says_what_it_does(empty_house: Finops) -> None:
    app = opened(PAGE, persona="manager")
    assert sound(app)
    assert "No files yet" in words(app)
    app = finished(button(app, "Make report").click().run())
    assert not app.exception
    assert app.warning or app.error, "it says what is missing"
