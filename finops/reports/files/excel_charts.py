"""Native Excel charts over the cells of a sheet: the XML of each, and of the drawing that places them.

Elements and their order are those of ECMA-376, part 1, DrawingML Charts (chapter 21.2) and spreadsheet drawings (20.5).
The figures drawn are written into the chart too (its cache), for viewers that show a file without calculating it.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.reports import ChartKind
from finops.reports.files.excel_cells import xml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.reports.files.cells import Cell

COLOURS = ("2350C4", "17897B", "BC6A22", "7A5FC4", "A01E82", "586717", "2F93D8", "8B94A3")
"""One a series, in order, from the first again after the last: the light palette of the pages."""

_INK, _MUTED, _GRID = "151A22", "5B6472", "DFE3E8"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_EMU = 9_525  # English metric units in a pixel
_CATEGORY_AXIS, _VALUE_AXIS = 500_000_001, 500_000_002


@dataclass(frozen=True, slots=True)
class Series:
    """Cells of one column that are drawn. Areas are formulas (`'Costs'!$B$2:$B$9`), values those of the same cells."""

    title: str
    title_area: str
    area: str
    values: Sequence[Cell]
    number_format: str = "General"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: `labels` stand in `labels_area`, and are days or texts."""

    title: str
    alt: str
    kind: ChartKind
    labels_area: str
    labels: Sequence[Cell]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Upper left corner by column and row, counted from 0, and size in pixels."""

    column: int
    row: int
    width: int
    height: int


def drawing_xml(charts: Sequence[tuple[Drawn, Place]]) -> str:
    """The drawing of a sheet: the first chart is rId1 of its links."""
    frames = [_frame(number, drawn, place) for number, (drawn, place) in enumerate(charts, 1)]
    return f'{_XML}<xdr:wsDr xmlns:xdr="{_XDR}" xmlns:a="{_A}">{"".join(frames)}</xdr:wsDr>'


def chart_xml(drawn: Drawn) -> str:
    """The part of one chart."""
    legend = '<c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>' if len(drawn.series) > 1 else ""
    return (
        f'{_XML}<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}"><c:roundedCorners val="0"/><c:chart>'
        f'{_title(drawn.title)}<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>{_plot(drawn)}{_axes(drawn)}'
        f'</c:plotArea>{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr>{_fill('FFFFFF')}<a:ln>{_fill(_GRID)}</a:ln></c:spPr></c:chartSpace>"
    )


def _frame(number: int, drawn: Drawn, place: Place) -> str:
    told = xml_text(drawn.alt).replace("\n", " ").replace('"', "&quot;")
    name = f"Chart {number}"
    corner = f"<xdr:col>{place.column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{place.row}</xdr:row>"
    return (
        f"<xdr:oneCellAnchor><xdr:from>{corner}<xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{place.width * _EMU}" cy="{place.height * _EMU}"/><xdr:graphicFrame macro="">'
        "<xdr:nvGraphicFramePr>"
        f'<xdr:cNvPr id="{number + 1}" name="{name}" descr="{told}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{_C}"><c:chart xmlns:c="{_C}" xmlns:r="{_R}" r:id="rId{number}"/></a:graphicData>'
        "</a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"
    )


def _plot(drawn: Drawn) -> str:
    axes = f'<c:axId val="{_CATEGORY_AXIS}"/><c:axId val="{_VALUE_AXIS}"/>'
    series = "".join(_series(number, each, drawn) for number, each in enumerate(drawn.series))
    if drawn.kind is ChartKind.LINE:
        head = '<c:grouping val="standard"/><c:varyColors val="0"/>'
        return f'<c:lineChart>{head}{series}<c:marker val="1"/>{axes}</c:lineChart>'
    bars = drawn.kind is ChartKind.BARS
    grouping = f'<c:barDir val="{"bar" if bars else "col"}"/><c:grouping val="{"clustered" if bars else "stacked"}"/>'
    overlap = "" if bars else '<c:overlap val="100"/>'
    return f'<c:barChart>{grouping}<c:varyColors val="0"/>{series}<c:gapWidth val="50"/>{overlap}{axes}</c:barChart>'


def _series(number: int, each: Series, drawn: Drawn) -> str:
    colour = _fill(COLOURS[number % len(COLOURS)])
    line = drawn.kind is ChartKind.LINE
    look = f'<a:ln w="22225" cap="rnd">{colour}</a:ln>' if line else colour
    after = '<c:marker><c:symbol val="none"/></c:marker>' if line else '<c:invertIfNegative val="0"/>'
    name = _text_points([each.title])
    smooth = '<c:smooth val="0"/>' if line else ""
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f"<c:tx><c:strRef><c:f>{_formula(each.title_area)}</c:f><c:strCache>{name}</c:strCache></c:strRef></c:tx>"
        f"<c:spPr>{look}</c:spPr>{after}<c:cat>{_labels(drawn)}</c:cat>"
        f"<c:val><c:numRef><c:f>{_formula(each.area)}</c:f><c:numCache>"
        f"<c:formatCode>{xml_text(each.number_format)}</c:formatCode>{_number_points(each.values)}"
        f"</c:numCache></c:numRef></c:val>{smooth}</c:ser>"
    )


def _labels(drawn: Drawn) -> str:
    area = _formula(drawn.labels_area)
    if _dated(drawn):
        epoch = date(1899, 12, 30).toordinal()
        days = [label.toordinal() - epoch if isinstance(label, date) else None for label in drawn.labels]
        code = "<c:formatCode>yyyy\\-mm\\-dd</c:formatCode>"
        return f"<c:numRef><c:f>{area}</c:f><c:numCache>{code}{_number_points(days)}</c:numCache></c:numRef>"
    texts = ["" if label is None else str(label) for label in drawn.labels]
    return f"<c:strRef><c:f>{area}</c:f><c:strCache>{_text_points(texts)}</c:strCache></c:strRef>"


def _dated(drawn: Drawn) -> bool:
    days = [label for label in drawn.labels if label is not None]
    return bool(days) and all(isinstance(label, date) and not isinstance(label, datetime) for label in days)


def _text_points(texts: Sequence[str]) -> str:
    points = [f'<c:pt idx="{place}"><c:v>{xml_text(text[:255])}</c:v></c:pt>' for place, text in enumerate(texts)]
    return f'<c:ptCount val="{len(texts)}"/>{"".join(points)}'


def _number_points(values: Sequence[Cell]) -> str:
    """Points of a cache; what is no number is a gap."""
    points = [
        f'<c:pt idx="{place}"><c:v>{value!s}</c:v></c:pt>'
        for place, value in enumerate(values)
        if (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, Decimal) and value.is_finite())
    ]
    return f'<c:ptCount val="{len(values)}"/>{"".join(points)}'


def _axes(drawn: Drawn) -> str:
    """Largest bar on top: Excel counts the categories of horizontal bars from below, so their axis is turned round."""
    bars = drawn.kind is ChartKind.BARS
    turned, foot, side = ("maxMin", "l", "t") if bars else ("minMax", "b", "l")
    number_format = html.escape(drawn.series[0].number_format, quote=True)
    dated = _dated(drawn)
    kind = "dateAx" if dated else "catAx"
    code = "d\\ mmm" if dated else "General"
    more = '<c:auto val="1"/><c:lblOffset val="100"/>'
    more += '<c:baseTimeUnit val="days"/>' if dated else '<c:noMultiLvlLbl val="0"/>'
    return (
        f'<c:{kind}><c:axId val="{_CATEGORY_AXIS}"/><c:scaling><c:orientation val="{turned}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{foot}"/><c:numFmt formatCode="{code}" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>{_line(_GRID)}{_small()}'
        f'<c:crossAx val="{_VALUE_AXIS}"/><c:crosses val="autoZero"/>{more}</c:{kind}>'
        f'<c:valAx><c:axId val="{_VALUE_AXIS}"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{side}"/><c:majorGridlines>{_line(_GRID)}</c:majorGridlines>'
        f'<c:numFmt formatCode="{number_format}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="{"high" if bars else "nextTo"}"/>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_small()}<c:crossAx val="{_CATEGORY_AXIS}"/>'
        '<c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>'
    )


def _title(text: str) -> str:
    words = xml_text(text)
    look = f'<a:defRPr sz="1200" b="1">{_fill(_INK)}</a:defRPr>'
    run = f'<a:r><a:rPr lang="en-GB" sz="1200" b="1">{_fill(_INK)}</a:rPr><a:t>{words}</a:t></a:r>'
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{look}</a:pPr>{run}</a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title>'
    )


def _small() -> str:
    look = f'<a:defRPr sz="900">{_fill(_MUTED)}</a:defRPr>'
    return f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{look}</a:pPr><a:endParaRPr lang="en-GB"/></a:p></c:txPr>'


def _line(colour: str) -> str:
    return f'<c:spPr><a:ln w="9525">{_fill(colour)}</a:ln></c:spPr>'


def _fill(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


def _formula(area: str) -> str:
    return html.escape(area, quote=False)
