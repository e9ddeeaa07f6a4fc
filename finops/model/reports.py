"""Words of what people take away: a report with its tables, charts and provenance, and the file it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from finops.model.outcome import Failure
    from finops.model.period import Period

    Cell = str | Decimal | int | bool | date | datetime | Mapping[str, object] | None
    Row = Sequence[Cell]


class Format(StrEnum):
    """The files a report can become. CSV holds one table, the report's first unless another is named."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class Kind(StrEnum):
    """What the cells of a column are, and so how a spreadsheet and a mail show them.

    MONEY is Decimal in the column's currency, PERCENT is Decimal in percent points (12.5 for 12.5 %).
    """

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    INSTANT = "instant"
    TRUTH = "truth"
    OBJECT = "object"  # a mapping; JSON text in CSV and Excel


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is the field's name everywhere (CSV header, JSON key), `title` what a person reads.

    `currency` is that of every MONEY cell in it, "" where a column of the table says it row by row.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `rows` may be called more than once and yields rows as long as `columns`, from the store if long.

    `total` is how many rows there are, None where only reading them tells. `note` says what was left out or cut.
    `about` names the columns that say what a row is about, two at most: a mail never leaves them out. `page` is path
    and query of the page that shows the same.
    """

    name: str  # "by_service": of a sheet, of a key in JSON
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Row]]
    total: int | None = None
    note: str = ""
    about: tuple[str, ...] = ()
    page: str = ""


class ChartKind(StrEnum):
    """BARS: horizontal bars of one value a label. COLUMNS: stacked, a value a label and series. LINE: lines."""

    BARS = "bars"
    COLUMNS = "columns"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the first rows of one table. `alt` states what it shows, as a sentence with its figures."""

    title: str
    kind: ChartKind
    table: str
    labels: str  # name of the column with labels or days
    values: tuple[str, ...]  # names of the columns drawn
    alt: str
    most: int = 40  # rows drawn


class Tone(StrEnum):
    """Whether a change is good news. Nothing is coloured that is neither."""

    PLAIN = "plain"
    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure, worded for people: "$16.7K", "+$2,710 vs 1–18 Oct". `exact` is the figure in full."""

    label: str
    value: str
    change: str = ""
    tone: Tone = Tone.PLAIN
    exact: Decimal | int | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures of a report come from. `facts` are further lines of label and text, in order."""

    metric: str = ""
    source: str = ""
    currency: str = ""
    fetched_at: datetime | None = None
    estimated: bool = False
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Which report, of whom, over what. `principal` is whose thresholds and rights hold.

    `scope` narrows it: names and values are the report's own parameters (`account`, `service`, `tag`, `metric` …).
    Without a period the report takes its usual one.
    """

    report: str
    tenant: str
    principal: str
    period: Period | None = None
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interval:
    """What a report of changes goes by when a schedule makes it: from the reader's last mail to this one.

    `following` is when the next mail is due, None where nobody knows. `first`: no mail of the schedule has reached the
    reader yet, and `since` is as far back as its mails lie apart.
    """

    since: datetime
    until: datetime
    following: datetime | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says. `headline` is its one sentence of news, with a figure: a mail's subject is made of it.

    `failures` and `missing` (sentences) name what is not in it: without them nobody may take it for whole. `unchanged`:
    it tells of changes, and there was none among what it could read.
    """

    request: ReportRequest
    title: str
    headline: str
    made_at: datetime
    period: Period | None
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    failures: tuple[Failure, ...] = ()
    missing: tuple[str, ...] = ()
    page: str = ""  # path and query of the page that shows the same, "" for none
    unchanged: bool = False

    @property
    def partial(self) -> bool:
        """Whether something is not in it."""
        return bool(self.failures or self.missing)


@dataclass(frozen=True, slots=True)
class Export:
    """A file made for one person, as it is kept. `path` lies in the exports folder and is never shown."""

    export_id: str
    tenant: str
    owner: str
    report: str
    format: Format
    name: str
    path: str
    size: int
    sha256: str
    made_at: datetime
    expires: datetime
    partial: bool = False
