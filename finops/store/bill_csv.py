"""CSV bills: spread into a Parquet file of raw texts first, so that one engine reads every packing in bounded memory.

Arrow splits the text; Python's csv splits it the same way (a property test says so) and is asked only for the few lines
that a person wants to see again, with the line number an editor shows.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from finops.model.errors import InputError
from finops.store.bill_sniff import Packing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 16 * 1024 * 1024
"""Lines up to this many bytes can be read (Arrow joins two blocks at most); a line of a bill has a kilobyte."""
_HEAD = 1024 * 1024
_BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class CsvShape:
    """How a CSV is written: its header, what separates fields, how it is packed."""

    header: tuple[str, ...]
    delimiter: str
    packing: Packing


@dataclass(frozen=True, slots=True)
class Spread:
    """A CSV as raw texts in Parquet. `uneven` counts records whose number of fields differs from the header's."""

    lines: int
    uneven: int
    digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record as an editor shows it: first line, text, place among the even ones (None when it is uneven)."""

    line: int
    text: str
    fields: int
    place: int | None


class _Digested(io.RawIOBase):
    """A stream that remembers the digest of what was read from it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._inner.read(size)
        self.digest.update(block)
        return block


def csv_shape(path: Path, packing: Packing, name: str) -> CsvShape:
    """Header and delimiter of a CSV: of comma, semicolon, tab and bar the one that splits the header furthest."""
    with _opened(path, packing) as stream:
        try:
            head = stream.read(_HEAD)
        except _BROKEN_GZIP:
            raise InputError("paths", f"{name} is a damaged or incomplete gzip file") from None
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        raise InputError("paths", f"{name} is not UTF-8 text") from None
    headers = {delimiter: _first_record(text, delimiter) for delimiter in ",;\t|"}
    delimiter = max(headers, key=lambda mark: len(headers[mark]))
    return CsvShape(headers[delimiter], delimiter, packing)


def _first_record(text: str, delimiter: str) -> tuple[str, ...]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return next((tuple(row) for row in reader if row), ())
    except csv.Error:  # a field beyond the reader's limit: no header is that long
        return ()


def spread(path: Path, shape: CsvShape, target: Path, name: str) -> Spread:
    """Writes the fields of `path` to `target` as columns c0, c1 … of text; the header is left out, uneven records too.

    InputError naming the file when it is not UTF-8, a damaged gzip, or holds a line longer than `LONGEST_LINE`.
    """
    uneven = 0

    def skip(_row: pacsv.InvalidRow) -> str:
        nonlocal uneven
        uneven += 1
        return "skip"

    lines = 0
    try:
        with _opened(path, shape.packing) as inner:
            stream = _Digested(inner)
            for batch in _batches(stream, shape, target, skip):
                lines += batch
            digest = stream.digest.hexdigest()
    except _BROKEN_GZIP:
        raise InputError("paths", f"{name} is a damaged or incomplete gzip file") from None
    except pa.ArrowInvalid as error:
        raise InputError("paths", f"{name} {_reason(str(error))}") from None
    return Spread(lines, uneven, digest)


def _batches(stream: _Digested, shape: CsvShape, target: Path, skip: object) -> Iterator[int]:
    """Writes batch by batch; yields the lines of each, the header not counted."""
    names = [f"c{place}" for place in range(len(shape.header))]
    reader = pacsv.open_csv(
        stream,
        read_options=pacsv.ReadOptions(column_names=names, block_size=LONGEST_LINE, use_threads=False),
        parse_options=pacsv.ParseOptions(delimiter=shape.delimiter, newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    header = 1
    with pq.ParquetWriter(target, reader.schema, compression="lz4", write_statistics=False) as writer:
        for batch in reader:
            even = batch.slice(header)
            header = 0 if batch.num_rows else header
            writer.write_batch(even)
            yield even.num_rows


def records(path: Path, shape: CsvShape) -> Iterator[Record]:
    """Every record of a CSV after its header, in order, split as `spread` splits it."""
    kept: list[str] = []
    with (
        _opened(path, shape.packing) as stream,
        io.TextIOWrapper(stream, "utf-8-sig", newline="") as text,
    ):
        csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_LINE))  # as much as Arrow takes
        reader = csv.reader(_kept(text, kept), delimiter=shape.delimiter)
        even = -1
        for row in reader:
            first = reader.line_num - len(kept) + 1
            original = "".join(kept).rstrip("\r\n")
            kept.clear()
            if not row:
                continue
            if len(row) != len(shape.header):
                yield Record(first, original, len(row), None)
                continue
            if even >= 0:
                yield Record(first, original, len(row), even)
            even += 1


def _kept(lines: Iterator[str] | io.TextIOWrapper, kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _opened(path: Path, packing: Packing) -> IO[bytes]:
    if packing is Packing.GZIP:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _reason(error: str) -> str:
    if "UTF8" in error:
        return "is not UTF-8 text"
    if "straddling" in error:
        return f"holds a line longer than {LONGEST_LINE // 1024 // 1024} MiB, or a quote that never ends"
    return "cannot be split into fields"
