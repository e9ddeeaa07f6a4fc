"""A report becomes a letter: HTML that Outlook and Gmail show well, plain text that stands alone, charts as pictures.

    letter = letter_of(report, public_url="https://costs.example.com", attachments=files, zone="Europe/Berlin")

Everything a report holds is escaped: a tag that looks like markup, a picture or an address stays text.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from finops.model.delivery import Letter
from finops.model.errors import InputError
from finops.model.reports import Kind, Tone
from finops.reports.files.wording import failure_words, period_words, scope_words
from finops.reports.mails.charts import WIDTH, chart_png, png_size
from finops.reports.mails.texts import MOST_CELL, MOST_TABLES, aligned, clean, cut, moment, most_rows, shown
from finops.reports.words import sentence_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.delivery import Attachment
    from finops.model.outcome import Failure
    from finops.model.reports import Figure, Report, Table

MOST_SUBJECT = 120
MOST_MISSING, MOST_FIGURES, MOST_CHARTS = 10, 7, 4
MOST_SENTENCE, MOST_FACT = 300, 200
MOST_REGIONS = 3
PARTIAL = "[partial] "
_TEMPLATES = Path(__file__).parent / "templates"
_TEXT_WIDTH = 76
MOST_WORD = 20
"""A longer word without a space may be broken on a phone."""
_TONES = {Tone.PLAIN: "muted", Tone.BETTER: "better", Tone.WORSE: "worse"}


@dataclass(frozen=True, slots=True)
class _Picture:
    """`height` is in pixels as shown."""

    cid: str
    title: str
    alt: str
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Why:
    """Why a reader gets a letter, as a sentence, and what the link beside it does."""

    text: str
    stop: str


SCHEDULED = Why("A schedule sends you this report.", "Stop these mails")


def letter_of(
    report: Report,
    *,
    public_url: str,
    attachments: tuple[Attachment, ...] = (),
    link: str = "",
    zone: str = "UTC",
    why: Why = SCHEDULED,
) -> Letter:
    """The letter. `link` opens the file that is too large to be attached, `zone` is the reader's (IANA).

    `public_url` is where the dashboard is; a report without a page has no link to one. InputError for a zone that
    does not exist.
    """
    reader = _zone(zone)
    pictures = tuple(_pictures(report, reader))
    file = attachments[0].name if attachments else ""
    place = _place(report, file, link)
    listed = _listed(report)
    told = {
        "title": clean(report.title),
        "headline": report.headline,
        "lead": report.figures[:1],
        "figures": report.figures[1:MOST_FIGURES],
        "preheader": cut(" · ".join(map(_figure_words, report.figures)), MOST_SUBJECT),
        "missing": _missing(report),
        "nothing": "Nothing to show: see what is missing above." if report.partial else "Nothing to list.",
        "pictures": pictures,
        "tables": tuple(
            shown(table, reader, place, _drawn(report, table), most=most_rows(len(listed)))
            for table in listed[:MOST_TABLES]
        ),
        "left_out": ", ".join(table.title for table in report.tables if table not in listed[:MOST_TABLES]),
        "place": place,
        "file": file,
        "link": link,
        "page": f"{public_url}{report.page}" if report.page.startswith("/") else "",
        "public_url": public_url,
        "why": why,
        "facts": tuple(_facts(report, reader)),
        "tones": _TONES,
    }
    environment = _environment()
    return Letter(
        subject=subject_of(report),
        html=environment.get_template("report.html").render(told),
        text=environment.get_template("report.txt").render(told).strip() + "\n",
        images={picture.cid: picture.content for picture in pictures},
        attachments=attachments,
    )


def subject_of(report: Report) -> str:
    """The headline with its figure, on one line of at most 120 characters; says so when the report is not whole."""
    mark = PARTIAL if report.partial else ""
    words = clean(report.headline).split() or clean(report.title).split()
    return mark + cut(" ".join(words), MOST_SUBJECT - len(mark))


def _pictures(report: Report, zone: ZoneInfo) -> Iterator[_Picture]:
    tables = {table.name: table for table in report.tables}
    for number, chart in enumerate(report.charts[:MOST_CHARTS], 1):
        content = chart_png(chart, tables[chart.table], zone)
        if content is not None:
            width, height = png_size(content)
            yield _Picture(f"chart-{number}", chart.title, chart.alt, height * WIDTH // width, content)


def _listed(report: Report) -> tuple[Table, ...]:
    """The tables worth listing: of days that a chart shows, the first ten would say little."""
    drawn = {(chart.table, chart.labels) for chart in report.charts[:MOST_CHARTS]}
    return tuple(
        table
        for table in report.tables
        if not any((table.name, column.name) in drawn and column.kind is Kind.DAY for column in table.columns)
    )


def _drawn(report: Report, table: Table) -> set[str]:
    """The columns that charts draw: somebody has picked them as those that tell most."""
    charts = [chart for chart in report.charts if chart.table == table.name]
    return {name for chart in charts for name in (chart.labels, *chart.values)}


def _figure_words(figure: Figure) -> str:
    return f"{figure.label} {figure.value}{f', {figure.change}' if figure.change else ''}"


def _missing(report: Report) -> tuple[str, ...]:
    """What is missing, a sentence each; the rest of a long list is counted."""
    told = tuple(cut(sentence, MOST_SENTENCE) for sentence in (*report.missing, *_failures(report)))
    rest = len(told) - MOST_MISSING
    return told if rest <= 0 else (*told[:MOST_MISSING], f"… and {rest:,} more, named in the report.")


def _failures(report: Report) -> Iterator[str]:
    """Failures in a line each, those that differ in their region alone together."""
    together: dict[tuple[str, ...], list[Failure]] = {}
    for each in report.failures:
        cause = each.missing_action or each.message
        together.setdefault((each.code, each.account, each.service, cause), []).append(each)
    for same in together.values():
        regions = tuple(dict.fromkeys(each.region for each in same if each.region))
        first = replace(same[0], region=sentence_list(regions, MOST_REGIONS))
        yield failure_words(replace(first, message=_first_sentence(first)) if first.missing_action else first)


def _first_sentence(failure: Failure) -> str:
    """What was refused; AWS's own long words beside it say no more than the permission that is missing."""
    first, dot, _ = failure.message.partition(". ")
    return f"{first}{dot.strip()}"


def _place(report: Report, file: str, link: str) -> str:
    """Where the rows are that a mail leaves out."""
    if file:
        return "in the attached file"
    return "in the file behind the link" if link else "on the page" if report.page else ""


def _facts(report: Report, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    origin = report.provenance
    yield "Period", period_words(report.period)
    yield "Scope", scope_words(report)
    yield from ((label, text) for label, text in (("Metric", origin.metric), ("Source", origin.source)) if text)
    if origin.currency:
        yield "Currency", origin.currency
    if origin.fetched_at is not None:
        yield "Fetched", moment(origin.fetched_at, zone)
    if origin.estimated:
        yield "Estimated", "AWS may still change the figures of the latest days."
    yield from ((label, cut(text, MOST_FACT)) for label, text in origin.facts)
    yield "Made", moment(report.made_at, zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("zone", "is not a time zone such as Europe/Berlin") from None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["aligned"] = aligned
    environment.filters["long"] = lambda text: max(map(len, text.split()), default=0) > MOST_WORD
    environment.filters["shortened"] = lambda text: cut(text, MOST_CELL)
    environment.filters["wrapped"] = _wrapped
    return environment


def _finalized(value: object) -> object:
    """Every text that a template writes is made safe for a mail before it is escaped."""
    return clean(value) if isinstance(value, str) else value


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(clean(text), _TEXT_WIDTH, subsequent_indent=" " * indent, break_long_words=False) or [""]
