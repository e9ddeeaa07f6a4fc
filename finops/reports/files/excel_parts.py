"""The parts of an Excel file around its rows: how cells look, which sheets there are, where everything lies.

Names and order of elements are those of ECMA-376 (Office Open XML), part 1: Excel calls a file damaged that differs.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ABOUT = "About"
"""The sheet that tells what the others hold."""

GENERAL, TEXT, HEADER, AMOUNT, INSTANT, DAY, NOTE, TITLE, ALARM = range(9)
"""How a cell looks: the place of its style in `cellXfs` below."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing"
_AMOUNT_FORMAT = "#,##0.00####"
_FORMATS = (_AMOUNT_FORMAT, 'yyyy\\-mm\\-dd\\ hh:mm:ss\\ "UTC"', "yyyy\\-mm\\-dd")
_FIRST_FORMAT = 164  # numbers below are Excel's own
_USUAL = (
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="3" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
)
_FONT = '<sz val="{size}"/>{colour}<name val="Calibri"/><family val="2"/>'
_LETTERING = (("", 11, ""), ("<b/>", 11, ""), ("<b/>", 16, ""), ("<b/>", 11, '<color rgb="FFB42318"/>'))
_FONTS = "".join(
    f"<font>{start}{_FONT.format(size=size, colour=colour)}</font>"
    for start, size, colour in (
        ("", 11, ""),
        ("<b/>", 11, ""),
        ("<b/>", 16, ""),
        ("<b/>", 11, '<color rgb="FFB42318"/>'),
    )
)


class Styles:
    """How cells look: those of `GENERAL` to `ALARM`, and number formats as they are asked for."""

    def __init__(self) -> None:
        self._formats = list(_FORMATS)

    def of(self, number_format: str) -> int:
        """The style of numbers in a format of Excel's: `#,##0.00`, `0.0%`."""
        if number_format not in self._formats:
            self._formats.append(number_format)
        place = self._formats.index(number_format)
        return AMOUNT + place if place < len(_FORMATS) else ALARM + 1 + place - len(_FORMATS)

    def xml(self) -> str:
        """The part `styles.xml`."""
        codes = [
            f'<numFmt numFmtId="{number}" formatCode="{html.escape(code)}"/>'
            for number, code in enumerate(self._formats, _FIRST_FORMAT)
        ]
        more = [
            f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
            for number in range(_FIRST_FORMAT + len(_FORMATS), _FIRST_FORMAT + len(self._formats))
        ]
        return (
            f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(codes)}">{"".join(codes)}</numFmts>'
            f'<fonts count="4">{_FONTS}</fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            f'<cellXfs count="{ALARM + 1 + len(more)}">{_USUAL}{"".join(more)}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )


@dataclass(frozen=True, slots=True)
class SheetPart:
    """Where a sheet lies (`sheet_path`), the area of its filters ("" for none), and whether a drawing lies over it."""

    number: int
    area: str = ""
    drawing: bool = False


def sheet_path(number: int) -> str:
    """Where the sheet with this number lies, counted from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def sheet_start(widths: Sequence[int], *, frozen: bool, selected: bool) -> str:
    """A sheet up to its first row: columns of these widths in characters, row 1 `frozen`, shown at first or not."""
    columns = [
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    ]
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>'
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetViews>'
        f'<sheetView tabSelected="{selected:d}" workbookViewId="0">'
        f"{pane if frozen else ''}</sheetView></sheetViews><cols>{''.join(columns)}</cols><sheetData>"
    )


def filtered_end(area: str) -> str:
    """A sheet after its last row: filters over `area` (`A1:C9`), and no green triangles beside account numbers."""
    return (
        f'</sheetData><autoFilter ref="{area}"/>'
        f'<ignoredErrors><ignoredError sqref="{area}" numberStoredAsText="1"/></ignoredErrors></worksheet>'
    )


def sheet_end(*, drawn: bool) -> str:
    """A sheet without filters after its last row; rId1 of its links is its drawing."""
    drawing = '<drawing r:id="rId1"/>' if drawn else ""
    return f"</sheetData>{drawing}</worksheet>"


def drawing_path(number: int) -> str:
    """Where the drawing of the sheet with this number lies."""
    return f"xl/drawings/drawing{number}.xml"


def chart_path(number: int) -> str:
    """Where the chart with this number lies, counted from 1."""
    return f"xl/charts/chart{number}.xml"


def drawing_links(sheet: int, charts: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Paths and contents of what leads from a sheet to its drawing and on to the charts."""
    yield f"xl/worksheets/_rels/sheet{sheet}.xml.rels", _links([("drawing", f"../drawings/drawing{sheet}.xml")])
    targets = [("chart", f"../charts/chart{number}.xml") for number in charts]
    yield f"xl/drawings/_rels/drawing{sheet}.xml.rels", _links(targets)


def closing_parts(
    sheets: Sequence[tuple[str, SheetPart]], styles: Styles, *, charts: int = 0
) -> Iterator[tuple[str, str]]:
    """Paths and contents of what holds the sheets together: they are named and shown in this order."""
    yield "xl/styles.xml", styles.xml()
    yield "xl/workbook.xml", _workbook(sheets)
    links = [("worksheet", sheet_path(part.number).removeprefix("xl/")) for _, part in sheets]
    yield "xl/_rels/workbook.xml.rels", _links([*links, ("styles", "styles.xml")])
    yield "_rels/.rels", _links([("officeDocument", "xl/workbook.xml")])
    yield "[Content_Types].xml", _content_types([part for _, part in sheets], charts)


def _workbook(sheets: Sequence[tuple[str, SheetPart]]) -> str:
    listed = [
        f'<sheet name="{html.escape(name)}" sheetId="{part.number}" r:id="rId{place}"/>'
        for place, (name, part) in enumerate(sheets, 1)
    ]
    filters = [
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">'
        f"{html.escape(area_of(name, part.area), quote=False)}</definedName>"
        for place, (name, part) in enumerate(sheets)
        if part.area
    ]
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{''.join(listed)}</sheets><definedNames>{''.join(filters)}</definedNames></workbook>"
    )


def area_of(sheet: str, area: str) -> str:
    """Cells of a sheet as formulas name them: `'It''s mine'!$A$1:$B$9`."""
    quoted = sheet.replace("'", "''")
    absolute = re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", area)
    return f"'{quoted}'!{absolute}"


def _links(targets: Sequence[tuple[str, str]]) -> str:
    links = [
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    ]
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _content_types(sheets: Sequence[SheetPart], charts: int) -> str:
    parts = [("xl/workbook.xml", f"{_TYPE}.sheet.main"), ("xl/styles.xml", f"{_TYPE}.styles")]
    parts += [(sheet_path(part.number), f"{_TYPE}.worksheet") for part in sheets]
    parts += [(drawing_path(part.number), _DRAWING) for part in sheets if part.drawing]
    parts += [(chart_path(number), f"{_DRAWING}ml.chart") for number in range(1, charts + 1)]
    overrides = [f'<Override PartName="/{part}" ContentType="{kind}+xml"/>' for part, kind in parts]
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{"".join(overrides)}</Types>'
    )
