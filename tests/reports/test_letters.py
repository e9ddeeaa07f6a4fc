"""Letters as a reader gets them: what they say, what they leave out, and that text from a report stays text."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from finops.delivery.mime import mime_of
from finops.model.delivery import UNSUBSCRIBE, Attachment, Letter
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Report, Table
from finops.reports.mails.charts import PNG_WIDTH, axis_text, chart_png
from finops.reports.mails.letters import MOST_SUBJECT, letter_of, subject_of
from finops.reports.mails.texts import cell_text
from tests.reports.letter_kit import CHARTS, NOW, SERVICES, days, partial, report, services

URL = "https://costs.example.com/finops"
GMAIL_CLIPS = 102_000
"""Bytes of HTML beyond which Gmail cuts a mail off."""
FILE = Attachment("summary.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK")
UTC_ZONE = ZoneInfo("UTC")


class Page(HTMLParser):
    """The elements of a mail, and what can be read of it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(html.partition("<body")[2].join(("<body", "")))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def letter(made: Report | None = None, **other: object) -> Letter:
    return letter_of(made or report(), public_url=URL, **other)  # type: ignore[arg-type]


def texts(made: Letter) -> tuple[str, str]:
    """The HTML's readable text, and the plain one."""
    return Page(made.html).text, made.text


# What it says


def test_the_subject_is_the_headline_with_its_figure():
    assert subject_of(report()) == report().headline
    assert subject_of(partial()) == f"[partial] {report().headline}"


@given(st.text(max_size=400), st.booleans())
def test_a_subject_is_one_short_line_whatever_the_headline_is(headline, whole):
    said = subject_of(report(headline=headline, missing=() if whole else ("a day",)))
    assert 0 < len(said) <= MOST_SUBJECT
    assert said.isprintable() or not headline.isprintable()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202e]", said)
    assert said.startswith("[partial] ") or whole


def test_html_and_text_say_the_same_headline_figures_rows_and_origin():
    for said in texts(letter(attachments=(FILE,), zone="Europe/Berlin")):
        one_line = " ".join(said.split())
        assert report().headline in one_line
        for figure in report().figures:
            assert figure.value in one_line
            assert figure.change in one_line
        assert "Amazon EC2" in one_line
        assert "$42,000" in one_line
        assert "+$3,100" in one_line
        assert "Fetched: 20 Nov 2026, 07:00 CET" in one_line
        assert "Made: 20 Nov 2026, 10:00 CET" in one_line
        assert "Scope: account 111111111111" in one_line
        assert "Attached: summary.xlsx" in one_line
        assert "Not complete" not in one_line


def test_the_first_figure_leads():
    text, _ = texts(letter())
    places = [text.index(figure.value, text.index("Month to date $98,412")) for figure in report().figures]
    assert places == sorted(places)


def test_what_is_missing_stands_above_every_figure():
    html, text = texts(letter(partial()))
    shown = html[html.index("Not complete") :]
    for sentence in ("2 of 19 days of 1–19 Nov hold no stored data.", "AWS denied ec2:DescribeVolumes."):
        assert shown.index(sentence) < shown.index("Month to date")
        assert text.index("NOT COMPLETE") < text.index(sentence) < text.index("Month to date")
    assert "missing permission: ec2:DescribeVolumes" in " ".join(text.split())


def test_a_long_list_of_what_is_missing_is_cut_and_counted():
    failures = tuple(Failure("Denied", f"account {at} said no.") for at in range(60))
    for said in texts(letter(report(failures=failures))):
        assert "account 9 said no." in said
        assert "account 10 said no." not in said
        assert "and 50 more, named in the report." in said


def test_an_empty_table_of_a_report_that_lacks_something_does_not_read_as_good_news():
    nothing = Table("none", "Savings", services().columns, lambda: iter(()), 0)
    for said in texts(letter(report(tables=(nothing,), charts=()))):
        assert "Nothing to list." in said
    for said in texts(letter(report(tables=(nothing,), charts=(), missing=("No check has run.",)))):
        assert "Nothing to show: see what is missing above." in said


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"attachments": (FILE,)}, "in the attached file"),
        ({"link": f"{URL}/api/exports/e1?expires=1&signature=x"}, "in the file behind the link"),
        ({}, "on the page"),
    ],
)
def test_ten_rows_are_shown_and_the_rest_is_counted_with_its_place(given, place):
    made = letter(**given)
    for said in texts(made):
        assert f"… 2 more rows and 2 more columns {place}" in said
        assert SERVICES[9] in said
        assert SERVICES[10] not in said
    if "link" in given:
        assert {"href": given["link"], "class": "link"}.items() <= Page(made.html).all("a")[0].items()
        assert given["link"] in made.text


def test_a_table_of_unknown_length_says_that_there_is_more():
    endless = Table("t", "All", services().columns, lambda: iter([next(iter(services().rows()))] * 11))
    assert "… more rows and 2 more columns on the page" in letter(report(tables=(endless,), charts=())).text


def test_days_that_a_chart_shows_are_not_listed_again_but_named():
    for said in texts(letter(attachments=(FILE,))):
        assert "Also in the attached file: Cost by day." in said
        assert "1 Nov 2026" not in said


def test_names_come_before_ids_and_the_change_beside_the_cost():
    columns = (
        Column("finding_id", "Finding id"), Column("account", "Account id"), Column("service", "Service"),
        Column("share", "Share", Kind.PERCENT), Column("cost", "Cost", Kind.MONEY, "EUR"),
        Column("delta", "Change", Kind.MONEY, "EUR"), Column("count", "Count", Kind.NUMBER),
    )  # fmt: skip
    row = ("f" * 32, "1" * 12, "EC2", Decimal("12.5"), Decimal(1234), Decimal(-5), 3)
    text = letter(report(tables=(Table("t", "T", columns, lambda: iter([row]), 1),), charts=())).text
    assert "Service   Share  Change    Cost" in text
    assert "EC2      12.5 %  −€5.00  €1,234" in text


def test_times_are_the_readers_and_an_unknown_zone_is_an_input_error():
    assert "Made: 20 Nov 2026, 14:30 IST" in letter(zone="Asia/Kolkata").text
    for bad in ("Mars/Olympus", "", "../../etc/passwd", "\0", "x" * 300):
        with pytest.raises(InputError) as caught:
            letter(zone=bad)
        assert caught.value.field == "zone"


@pytest.mark.parametrize(
    ("cell", "kind", "shown"),
    [
        (None, Kind.MONEY, "—"),
        ("", Kind.TEXT, "—"),
        (True, Kind.TRUTH, "yes"),
        (Decimal("1234.5678"), Kind.NUMBER, "1,234.5678"),
        (Decimal("1E+3"), Kind.NUMBER, "1,000"),
        (Decimal("-0.00"), Kind.NUMBER, "0"),
        (Decimal("99.99"), Kind.PERCENT, "99.9 %"),
        (Decimal("3662.79"), Kind.MONEY, "$3,663"),
        (date(2026, 11, 1), Kind.DAY, "1 Nov 2026"),
        (datetime(2026, 11, 1, 9, tzinfo=UTC), Kind.INSTANT, "1 Nov 2026, 09:00 UTC"),
        ({"b": 1, "a": "x"}, Kind.OBJECT, '{"a": "x", "b": 1}'),
    ],
)
def test_a_cell_is_written_for_people(cell, kind, shown):
    assert cell_text(cell, Column("x", "X", kind, "USD"), UTC_ZONE) == shown


# What it may not do


EVIL = (
    "<script>alert(1)</script>",
    '"><img src="https://evil.example/beacon.png">',
    "<a href='javascript:x'>x</a>",
    "cid:chart-1",
    "{{ 7 * 7 }}{% raw %}",
    "<!--[if mso]><v:rect fill='x'><![endif]-->",
    f"{UNSUBSCRIBE}",
    "a\u202egnp.exe\r\n\x00b\ud800",
)


@pytest.mark.parametrize("evil", EVIL)
def test_whatever_stands_in_a_report_stays_text(evil):
    columns = (Column("tag", evil), Column("cost", "Cost", Kind.MONEY, evil))
    table = Table("t", evil, columns, lambda: iter([(evil, Decimal(5)), (evil * 3, Decimal(3))]), 2, note=evil)
    chart = Chart(evil, ChartKind.BARS, "t", "tag", ("cost",), evil)
    other = report(
        title=evil, headline=evil, tables=(table,), charts=(chart,), missing=(evil,),
        failures=(Failure(evil, evil, evil, evil, evil, evil),), figures=(Figure(evil, evil, evil),) * 3,
    )  # fmt: skip
    made = letter(other, attachments=(Attachment("x.csv", "text/csv", b""),), link="https://costs.example.com/x")
    page = Page(made.html)
    allowed = {"body", "div", "table", "tr", "td", "th", "h1", "h2", "img", "a"}
    assert {tag for tag, _ in page.elements} <= allowed
    assert {image["src"] for image in page.all("img")} == {"cid:chart-1"}
    assert {link["href"] for link in page.all("a")} == {
        "https://costs.example.com/x",
        f"{URL}/overview?metric=unblended&tenant=acme",
        UNSUBSCRIBE,
    }
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert made.text.count(UNSUBSCRIBE) == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff\u202e]", made.html + made.text + made.subject)


def test_nothing_is_loaded_from_anywhere_and_every_picture_says_what_it_shows():
    made = letter()
    page = Page(made.html)
    pictures = page.all("img")
    assert [picture["src"] for picture in pictures] == [f"cid:{name}" for name in made.images]
    assert [picture["alt"] for picture in pictures] == [chart.alt for chart in CHARTS]
    assert not re.search(r"url\(|@import|@font-face|<link|<script|background=", made.html)
    assert len(made.html.encode()) < GMAIL_CLIPS


def test_the_largest_report_stays_below_what_gmail_clips():
    rows = [("x" * 200, "y" * 200, Decimal(10) ** 12, Decimal(10) ** 12)] * 10
    columns = (Column("a", "A" * 60), Column("b", "B" * 60), Column("c", "C", Kind.MONEY), Column("d", "D", Kind.MONEY))
    tables = tuple(Table(f"t{at}", f"Table {at}", columns, lambda: iter(rows), 10_000) for at in range(20))
    failures = tuple(Failure("x", "m" * 2_000) for _ in range(500))
    made = letter(report(tables=tables, charts=(), failures=failures, figures=report().figures * 10))
    assert len(made.html.encode()) < GMAIL_CLIPS
    assert "Table 6" in made.text


def test_the_unsubscribe_link_goes_with_the_letter_into_a_mail_and_is_left_out_without_one():
    made = letter()
    assert Page(made.html).all("a")[-1]["href"] == UNSUBSCRIBE
    mail = {"sender": "a@example.com", "recipient": "b@example.com", "message_id": "<1@example.com>", "at": NOW}
    assert UNSUBSCRIBE.encode() not in mime_of(made, unsubscribe_url="https://x.example/u?t=1", **mail)
    assert b"Stop these mails" not in mime_of(made, unsubscribe_url="", **mail)


def test_the_same_report_gives_the_same_letter():
    assert letter(partial()) == letter(partial())


# Charts


@pytest.mark.parametrize("kind", list(ChartKind))
def test_a_chart_is_a_picture_with_ink_in_the_series_colours(kind):
    chart = Chart("t", kind, "by_service", "service", ("cost",), "alt", 8)
    content = chart_png(chart, services(), UTC_ZONE)
    assert content is not None
    picture = Image.open(BytesIO(content)).convert("RGB")
    assert picture.width == PNG_WIDTH
    seen = picture.getcolors(10**7)
    assert seen is not None
    found = {colour for _, colour in seen}
    assert (0x23, 0x50, 0xC4) in found
    assert picture.getpixel((2, 2)) == (255, 255, 255)
    assert content == chart_png(chart, services(), UTC_ZONE)


def test_stacked_columns_have_a_colour_for_each_series():
    content = chart_png(CHARTS[0], days(), UTC_ZONE)
    assert content is not None
    seen = Image.open(BytesIO(content)).convert("RGB").getcolors(10**7)
    assert seen is not None
    assert {(0x23, 0x50, 0xC4), (0x17, 0x89, 0x7B), (0xBC, 0x6A, 0x22)} <= {colour for _, colour in seen}


@pytest.mark.parametrize("rows", [[], [("a", None)], [("a", "text")]])
def test_nothing_to_draw_is_no_picture(rows):
    table = Table("t", "T", (Column("a", "A"), Column("b", "B", Kind.MONEY)), lambda: iter(rows), len(rows))
    for kind in ChartKind:
        assert chart_png(Chart("t", kind, "t", "a", ("b",), "alt"), table, UTC_ZONE) is None
    chart = Chart("Empty", ChartKind.BARS, "t", "a", ("b",), "alt")
    assert letter(report(tables=(table,), charts=(chart,))).images == {}


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.text(max_size=40), st.none() | st.decimals(-(10**12), 10**12, places=2), st.integers(-5, 5)),
        max_size=4,
    ),
    st.sampled_from(list(ChartKind)),
)
def test_any_labels_and_amounts_can_be_drawn(rows, kind):
    columns = (Column("a", "$A$"), Column("b", "$B_2$", Kind.MONEY, "USD"), Column("c", "C^", Kind.NUMBER))
    table = Table("t", "T", columns, lambda: iter(rows), len(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a letter that the font lacks, a layout without room
        content = chart_png(Chart("t", kind, "t", "a", ("b", "c"), "alt"), table, UTC_ZONE)
    assert content is None or content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (0.0, Kind.MONEY, r"\$0"),
        (2000.0, Kind.MONEY, r"\$2K"),
        (-1_500_000.0, Kind.MONEY, r"−\$1.5M"),
        (40.0, Kind.PERCENT, "40 %"),
        (10.0, Kind.NUMBER, "10"),
    ],
)
def test_marks_on_an_axis_are_short(value, kind, shown):
    assert axis_text(value, Column("x", "X", kind, "USD")) == shown
