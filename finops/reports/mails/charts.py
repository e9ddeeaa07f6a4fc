"""A report's charts as pictures for mails: PNG drawn without a browser, on white, at twice the size they are shown.

Amounts become floats here only to be placed; the figures written beside bars and axes are made from the decimals.
"""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from finops.model.reports import ChartKind, Kind
from finops.reports.mails.texts import cell_text, clean, cut
from finops.reports.words import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Collection
    from zoneinfo import ZoneInfo

    from finops.model.reports import Cell, Chart, Column, Table

WIDTH = 552
"""Pixels as shown in a mail of 600."""
PNG_WIDTH = 2 * WIDTH
SERIES = ("#2350C4", "#17897B", "#BC6A22", "#7A5FC4", "#A01E82", "#586717", "#2F93D8", "#8B94A3")
_INK, _MUTED, _GRID, _PAPER = "#151A22", "#5B6472", "#DFE3E8", "#FFFFFF"
_FONT, _NO_LETTER = "DejaVu Sans", "\N{WHITE VERTICAL RECTANGLE}"
"""The font that comes with matplotlib: the same picture on every machine."""
_DPI, _PIXELS_PER_INCH = 200, 100
_POINTS = 15 * 72 / _PIXELS_PER_INCH  # 15 pixels, of which a phone shows 10
_HEIGHT, _BAR, _MARGINS = 240, 32, 24
_MOST_BARS, _MOST_LABEL, _MOST_VALUE, _TICKS = 12, 30, 14, 6
_VALUE_ROOM = 0.28  # of the bars' span, for the value written at the end of each
_SCALES = ((Decimal(1_000_000), "M"), (Decimal(1_000), "K"))


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    column: Column
    cells: tuple[Cell, ...]

    @property
    def heights(self) -> list[float]:
        """What is drawn; nothing where a value is not known."""
        return [float(cell) if isinstance(cell, Decimal | int) else math.nan for cell in self.cells]


@dataclass(frozen=True, slots=True)
class _Drawn:
    labels: tuple[str, ...]
    series: tuple[_Series, ...]


def chart_png(chart: Chart, table: Table, zone: ZoneInfo) -> bytes | None:
    """The picture, `PNG_WIDTH` pixels wide; None where the table has no rows or nothing that can be drawn."""
    most = min(chart.most, _MOST_BARS) if chart.kind is ChartKind.BARS else chart.most
    drawn = _read(chart, table, zone, most)
    if not drawn.labels or all(math.isnan(height) for one in drawn.series for height in one.heights):
        return None
    draw = {ChartKind.BARS: _bars, ChartKind.COLUMNS: _columns, ChartKind.LINE: _lines}[chart.kind]
    height = _MARGINS + _BAR * len(drawn.labels) if chart.kind is ChartKind.BARS else _HEIGHT
    figure, axes = _canvas(height)
    draw(axes, drawn, zone)
    content = BytesIO()
    figure.savefig(content, format="png", dpi=_DPI, facecolor=_PAPER, metadata={"Software": None})
    del figure, axes
    gc.collect(1)  # their parts know each other: dozens of pictures would lie about until the next full collection
    return content.getvalue()


def _read(chart: Chart, table: Table, zone: ZoneInfo, most: int) -> _Drawn:
    places = {column.name: place for place, column in enumerate(table.columns)}
    rows = list(islice(table.rows(), most))
    label = table.columns[places[chart.labels]]
    told = tuple(_label(row[places[chart.labels]], label, zone) for row in rows)
    wanted = [table.columns[places[name]] for name in chart.values[: len(SERIES)]]
    series = tuple(
        _Series(_plain(column.title), column, tuple(row[places[column.name]] for row in rows)) for column in wanted
    )
    return _Drawn(told, series)


def _label(cell: Cell, column: Column, zone: ZoneInfo) -> str:
    text = f"{cell.day} {cell:%b}" if type(cell) is date else cell_text(cell, column, zone)
    return _plain(cut(clean(text), _MOST_LABEL))


def _plain(text: str) -> str:
    """A text that is drawn as it is: matplotlib reads what stands between two dollar signs as a formula.

    Letters that its font lacks (it has Latin, Greek, Cyrillic and more, but no Chinese) are an empty frame.
    """
    letters = _font()
    drawn = "".join(letter if ord(letter) in letters else _NO_LETTER for letter in clean(text))
    return drawn.replace("$", r"\$")


@cache
def _font() -> Collection[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(_FONT)).get_charmap())


def _canvas(height: int) -> tuple[Any, Any]:
    # Half a second to import: only who draws pays. A figure of its own, without pyplot, is safe in threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
    figure = Figure(figsize=(WIDTH / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH), layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    axes.tick_params(length=0, labelsize=_POINTS, colors=_MUTED)
    axes.set_axisbelow(True)
    return figure, axes


def _bars(axes: Any, drawn: _Drawn, zone: ZoneInfo) -> None:
    """Horizontal bars with their value at the end, the first row on top."""
    first = drawn.series[0]
    places = range(len(drawn.labels))
    heights = [0.0 if math.isnan(height) else height for height in first.heights]
    axes.barh(places, heights, height=0.62, color=SERIES[0])
    axes.set_yticks(places, labels=drawn.labels)
    axes.tick_params(axis="y", colors=_INK)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    low, high = min(*heights, 0.0), max(*heights, 0.0)
    room = (high - low or 1.0) * _VALUE_ROOM
    axes.set_xlim(low - 2.6 * room if low < 0 else 0, high + room if high > 0 or low == 0 else 0)
    axes.margins(y=0.02)
    for place, (height, cell) in enumerate(zip(heights, first.cells, strict=True)):
        told = _plain(cut(cell_text(cell, first.column, zone), _MOST_VALUE))
        side, shift = ("left", 6) if height >= 0 else ("right", -6)
        axes.annotate(
            told, (height, place), (shift, 0), textcoords="offset points", va="center", ha=side,
            fontsize=_POINTS, color=_INK,
        )  # fmt: skip


def _columns(axes: Any, drawn: _Drawn, zone: ZoneInfo) -> None:  # noqa: ARG001 - as the other kinds
    """Stacked columns; negative amounts hang below zero."""
    above, below = [0.0] * len(drawn.labels), [0.0] * len(drawn.labels)
    for number, series in enumerate(drawn.series):
        heights = [0.0 if math.isnan(height) else height for height in series.heights]
        feet = [above[at] if height >= 0 else below[at] for at, height in enumerate(heights)]
        axes.bar(range(len(heights)), heights, bottom=feet, width=0.74, color=SERIES[number], label=series.name)
        for at, height in enumerate(heights):
            (above if height >= 0 else below)[at] += height
    _upright(axes, drawn)


def _lines(axes: Any, drawn: _Drawn, zone: ZoneInfo) -> None:  # noqa: ARG001 - as the other kinds
    """A line for each series, broken where a value is not known."""
    for number, series in enumerate(drawn.series):
        dot = "o" if len(drawn.labels) == 1 else None
        axes.plot(
            range(len(drawn.labels)), series.heights, color=SERIES[number], linewidth=2, label=series.name, marker=dot
        )
    _upright(axes, drawn)


def _upright(axes: Any, drawn: _Drawn) -> None:
    """Axes of charts whose labels stand below: few ticks, horizontal gridlines, from zero, legend above."""
    step = max(1, math.ceil(len(drawn.labels) / _TICKS))
    places = range(0, len(drawn.labels), step)
    axes.set_xticks(places, labels=[drawn.labels[place] for place in places])
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0), max(high, 0) or 1)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.locator_params(axis="y", nbins=4)
    column = drawn.series[0].column
    axes.yaxis.set_major_formatter(lambda value, _: axis_text(value, column))
    if len(drawn.series) > 1:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(drawn.series), 4), frameon=False,
            fontsize=_POINTS, labelcolor=_INK, handlelength=0.9, handleheight=0.9, borderaxespad=0.2, columnspacing=1.2,
        )  # fmt: skip


def axis_text(value: float, column: Column) -> str:
    """A mark on an axis, short: `$2K`, `−$1.5M`, `40 %`."""
    exact = Decimal(repr(float(value)))  # numpy's own repr names its type
    unit, mark = next(((unit, mark) for unit, mark in _SCALES if abs(exact) >= unit), (Decimal(1), ""))
    size = f"{abs(exact / unit).quantize(Decimal('0.01')).normalize():,f}{mark}"
    sign = "\N{MINUS SIGN}" if exact < 0 else ""
    if column.kind is Kind.MONEY:
        symbol = SYMBOLS.get(column.currency, f"{column.currency} " if column.currency else "")
        return f"{sign}{symbol}{size}".replace("$", r"\$")
    return f"{sign}{size} %" if column.kind is Kind.PERCENT else f"{sign}{size}"


def png_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, from its header."""
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
