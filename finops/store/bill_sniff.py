"""What a file is, by its first bytes: names lie, and a zip called .csv should be called a zip."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class Packing(StrEnum):
    """What a bill can come in."""

    CSV = "csv"
    GZIP = "gzip"  # a compressed CSV
    PARQUET = "parquet"


_KNOWN = {b"PAR1": Packing.PARQUET, b"\x1f\x8b": Packing.GZIP}
_REFUSED = {
    b"PK": "is a ZIP archive or a spreadsheet; unpack it, or save it as CSV",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"\x28\xb5\x2f\xfd": "is compressed with Zstandard; unpack it, or use gzip",
    b"BZh": "is compressed with bzip2; unpack it, or use gzip",
    b"\xfd7zXZ": "is compressed with xz; unpack it, or use gzip",
    b"%PDF": "is a PDF; download the bill as a FOCUS export instead",
    b"ORC": "is an ORC file; choose CSV or Parquet in the export",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; save it as CSV",
}


def packing(path: Path, name: str) -> Packing:
    """What `path` comes in; InputError, calling it `name`, for what cannot be a bill."""
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
    except OSError as error:
        raise InputError("paths", f"{name} cannot be read ({error.strerror})") from None
    if not head:
        raise InputError("paths", f"{name} is empty")
    for mark, reason in _REFUSED.items():
        if head.startswith(mark):
            raise InputError("paths", f"{name} {reason}")
    return next((found for mark, found in _KNOWN.items() if head.startswith(mark)), Packing.CSV)
