"""The SQL that reads a bill: how each kind of value is understood, when a line is rejected, what a line loses.

Columns of a file are c0, c1 … here, whatever they are called, so no name of a file ever becomes part of a query; texts
that are shown to people are quoted literals. Decisions: `NULL`, `null` and the empty text are nulls; a double is the
shortest decimal that prints it (what a CSV of the same bill would say), not its binary expansion; digits past the 18th
decimal are rounded half away from zero and counted; a time without a zone is UTC; tags are a JSON object, or Parquet's
map, struct or list of pairs.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.store.bill_columns import BillColumn, Duty, Kind, Matched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROW = "row_"
"""The column of a raw file that numbers its lines from 0."""

NEVER = "false"
"""The condition of what cannot happen."""
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})
_DECIMALS = 18
_INSTANT = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?( ?UTC|Z|[+-]\d{2}(:?\d{2})?)?)?"

MACROS = (
    "CREATE MACRO text_or_null(v) AS CASE WHEN v IN ('', 'NULL', 'null') THEN NULL ELSE v END",
    # DuckDB takes underscores between digits for decoration; in a bill they are garbage.
    "CREATE MACRO amount_of_text(v) AS CASE WHEN contains(v, '_') THEN NULL ELSE TRY_CAST(v AS DECIMAL(38, 18)) END",
    # Money of more digits would be an error of the file, and sums of such lines would leave DECIMAL(38, 18).
    "CREATE MACRO money(v) AS CASE WHEN abs(v) < CAST(1000000000000000 AS DECIMAL(38, 18)) THEN v END",
    # At most 15 significant digits name a double uniquely, so the short way is exact whenever it finds its way back.
    "CREATE MACRO is_short(v) AS abs(v) < 1e5 AND round(v * 1e10) / 1e10 = v",
    """CREATE MACRO amount_of_double(v) AS
       CASE WHEN is_short(v) THEN CAST(CAST(v AS DECIMAL(18, 10)) AS DECIMAL(38, 18))
            ELSE TRY_CAST(CAST(v AS VARCHAR) AS DECIMAL(38, 18)) END""",
    # How many decimals a number's text asks for: its fraction without trailing zeros, moved by its exponent.
    """CREATE MACRO decimals_of_text(v) AS
       length(split_part(split_part(lower(trim(v)), 'e', 1), '.', 2))
       - length(regexp_extract(replace(split_part(lower(trim(v)), 'e', 1), '.', ''), '0*$'))
       - coalesce(TRY_CAST(nullif(split_part(lower(v), 'e', 2), '') AS INTEGER), 0)""",
    """CREATE MACRO rounded_text(v) AS
       CASE WHEN length(v) > 19 OR contains(lower(v), 'e')
            THEN decimals_of_text(v) > 18 AND regexp_matches(split_part(lower(v), 'e', 1), '[1-9]') ELSE false END""",
    """CREATE MACRO rounded_double(v) AS
       CASE WHEN is_short(v) THEN false ELSE rounded_text(CAST(v AS VARCHAR)) END""",
    """CREATE MACRO text_of_double(v) AS
       CASE WHEN v = trunc(v) AND abs(v) < 1e15 THEN CAST(CAST(v AS BIGINT) AS VARCHAR) ELSE CAST(v AS VARCHAR) END""",
    # A filler such as 0001-01-01 is no date of a bill.
    """CREATE MACRO plausible(v) AS
       CASE WHEN v >= TIMESTAMP '2000-01-01' AND v < TIMESTAMP '2200-01-01' THEN v END""",
    f"""CREATE MACRO instant_of_text(v) AS plausible(
       CASE WHEN regexp_full_match(v, '{_INSTANT}') THEN make_timestamp(epoch_us(TRY_CAST(v AS TIMESTAMPTZ))) END)""",
    "CREATE MACRO currency_of_text(v) AS CASE WHEN regexp_full_match(trim(v), '[A-Za-z]{3}') THEN upper(trim(v)) END",
    "CREATE MACRO pairs_of_text(v) AS TRY_CAST(TRY_CAST(v AS JSON) AS MAP(VARCHAR, VARCHAR))",
    """CREATE MACRO given_pairs(v) AS
       map_from_entries(list_filter(map_entries(v), lambda entry: entry.value IS NOT NULL))""",
)
"""What the expressions below call; to be created once per connection."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one column of one file is read, as SQL: its text as shown to people, whether there is anything, its value.

    `broken` says when something there cannot be read, empty where that is when it has no value; `rounded` when digits
    were dropped, empty where that cannot happen; `noise` that the source is a binary floating number.
    """

    column: BillColumn
    raw: str
    given: str
    value: str
    broken: str = ""
    rounded: str = ""
    noise: bool = False

    @property
    def unreadable(self) -> str:
        """True where something is there that cannot be read."""
        return self.broken or f"({self.given} AND {self.value} IS NULL)"


def literal(text: str) -> str:
    """A SQL string literal. NUL ends a query's text, so it is dropped; such texts are only shown."""
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def quoted_path(path: object) -> str:
    """A path of our own making as a literal."""
    return literal(str(path))


def reading(column: BillColumn, place: int, kind: str) -> Reading:
    """How column `place`, of DuckDB type `kind`, is read as `column`."""
    raw = text_of(place, kind)
    readers = {
        Kind.TEXT: _text,
        Kind.AMOUNT: _amount,
        Kind.INSTANT: _instant,
        Kind.CURRENCY: _currency,
        Kind.PAIRS: _pairs,
    }
    return readers[column.kind](column, f"c{place}", kind, raw)


def text_of(place: int, kind: str) -> str:
    """Any column as text: nested values as JSON, whole floating numbers (ids out of pandas) without a point."""
    name = f"c{place}"
    if kind == "VARCHAR":
        return f"text_or_null({name})"
    if kind in {"DOUBLE", "FLOAT"}:
        return f"text_of_double({name})"
    if _nested(kind):
        return f"CAST(to_json({name}) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)"


def _nested(kind: str) -> bool:
    return kind.startswith(("STRUCT", "MAP", "UNION")) or kind.endswith("]")


def _text(column: BillColumn, _name: str, _kind: str, raw: str) -> Reading:
    return Reading(column, raw, f"{raw} IS NOT NULL", raw, broken=NEVER)


def _amount(column: BillColumn, name: str, kind: str, raw: str) -> Reading:
    given, lenient = f"{name} IS NOT NULL", column.duty is Duty.LENIENT
    if kind == "DOUBLE":
        # NaN counts as above everything here; beyond 20 digits the cast of the printed number would fail.
        broken = f"NOT coalesce(abs({name}) < {'1e20' if lenient else '1e15'}, true)"
        text, value, rounded = f"CAST({name} AS VARCHAR)", f"amount_of_double({name})", f"rounded_double({name})"
        return Reading(column, text, given, value, broken, rounded, noise=True)
    scale = re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", kind)
    if kind.removeprefix("U") in _INTEGERS or (scale and int(scale[1]) <= _DECIMALS):
        value = f"TRY_CAST({name} AS DECIMAL(38, 18))"
        return Reading(column, raw, given, value if lenient else f"money({value})")
    text = raw if kind == "VARCHAR" else f"CAST({name} AS VARCHAR)"
    value, rounded = f"amount_of_text({text})", f"rounded_text({text})"
    value = value if lenient else f"money({value})"
    return Reading(column, text, f"{text} IS NOT NULL", value, rounded=rounded, noise=kind == "FLOAT")


def _instant(column: BillColumn, name: str, kind: str, raw: str) -> Reading:
    if kind == "VARCHAR":
        return Reading(column, raw, f"{raw} IS NOT NULL", f"instant_of_text({raw})")
    value = f"plausible(TRY_CAST({name} AS TIMESTAMP))"
    if kind.endswith("TIME ZONE") or kind.startswith("TIMESTAMPTZ"):
        value = f"plausible(make_timestamp(epoch_us(CAST({name} AS TIMESTAMPTZ))))"
    elif not kind.startswith("TIMESTAMP") and kind != "DATE":
        value = f"instant_of_text(CAST({name} AS VARCHAR))"
    return Reading(column, f"CAST({name} AS VARCHAR)", f"{name} IS NOT NULL", value)


def _currency(column: BillColumn, _name: str, _kind: str, raw: str) -> Reading:
    return Reading(column, raw, f"{raw} IS NOT NULL", f"currency_of_text({raw})")


def _pairs(column: BillColumn, name: str, kind: str, raw: str) -> Reading:
    given = f"{raw if kind == 'VARCHAR' else name} IS NOT NULL"
    entry = re.fullmatch(r'STRUCT\(("(?:[^"]|"")+"|\w+) [^,]+, ("(?:[^"]|"")+"|\w+) .+\)\[\]', kind)
    if kind == "MAP(VARCHAR, VARCHAR)":
        return Reading(column, raw, given, name, broken=NEVER)
    if kind.startswith("MAP"):
        value = f"TRY_CAST({name} AS MAP(VARCHAR, VARCHAR))"
    elif kind.startswith("STRUCT") and not kind.endswith("]"):
        value = f"given_pairs(TRY_CAST(to_json({name}) AS MAP(VARCHAR, VARCHAR)))"
    elif entry:
        key, item = (f'CAST(entry."{part.strip(chr(34))}" AS VARCHAR)' for part in entry.groups())
        value = f"TRY(map_from_entries(list_transform({name}, lambda entry: row({key}, {item}))))"
    else:
        value = f"pairs_of_text({raw})"
    return Reading(column, raw, given, value)


def readings(matched: Matched, kinds: Sequence[str]) -> tuple[Reading, ...]:
    """How every known column of a file is read; `kinds` are the DuckDB types of the file's columns."""
    return tuple(reading(column, place, kinds[place]) for column, place in matched.known.items())


def named_parts(entry: Reading, number: int) -> tuple[Reading, dict[str, str]]:
    """The same reading over columns computed beforehand, and those columns: names and expressions."""
    columns = {f"v{number}": entry.value, f"g{number}": entry.given}
    if entry.broken not in {"", NEVER}:
        columns[f"b{number}"] = entry.broken
    if entry.rounded:
        columns[f"r{number}"] = entry.rounded
    broken = f"b{number}" if f"b{number}" in columns else entry.broken
    rounded = f"r{number}" if entry.rounded else ""
    return replace(entry, given=f"g{number}", value=f"v{number}", broken=broken, rounded=rounded), columns


def reason(found: Iterable[Reading]) -> str:
    """Why a line is rejected, as one text; null for a line that is fine."""
    cases = []
    for entry in found:
        name = entry.column.name
        if entry.column.duty is Duty.LENIENT:
            continue
        if entry.column.duty is Duty.REQUIRED:
            cases.append(f"CASE WHEN NOT ({entry.given}) THEN {literal(f'{name} is missing')} END")
        wanted = literal(f" is not {_WANTED[entry.column.kind]}")
        shown = f"{literal(f'{name} ')} || to_json(left({entry.raw}, 60)) || {wanted}"
        cases.append(f"CASE WHEN {entry.unreadable} THEN {shown} END")
    return f"nullif(concat_ws('; ', {', '.join(cases)}), '')"


_WANTED = {
    Kind.AMOUNT: "a decimal number with at most 15 digits before the point",
    Kind.INSTANT: "a date and time such as 2024-09-18T22:00:00Z",
    Kind.CURRENCY: "a currency code of three letters",
    Kind.PAIRS: "an object of keys and values",
    Kind.TEXT: "text",
}


def rejected(found: Iterable[Reading]) -> str:
    """True for a line that cannot be imported; the condition behind `reason`, cheap to count by."""
    checks = []
    for entry in found:
        if entry.column.duty is Duty.REQUIRED:
            checks.append(f"NOT ({entry.given}) OR {entry.unreadable}")
        elif entry.column.duty is Duty.CHECKED:
            checks.append(entry.unreadable)
    return f"({' OR '.join(checks)})"


def json_object(parts: Iterable[tuple[str, str]]) -> str:
    """JSON text of the values that are not null, null when all are; `parts` are names and SQL expressions."""
    members = [f"{literal(json.dumps(name) + ':')} || to_json({value})" for name, value in parts]
    if not members:
        return "CAST(NULL AS VARCHAR)"
    return f"'{{' || nullif(concat_ws(',', {', '.join(members)}), '') || '}}'"


def member(place: int, kind: str) -> str:
    """A column as a member of a JSON object: nested and numeric values stay, texts lose their NULL words."""
    return f"text_or_null(c{place})" if kind == "VARCHAR" else f"c{place}"
