"""What a benchmark reports: a measured figure, its unit, and the bar it is held against."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Figure:
    """One measured value. `bar` is the limit in words, `met` None where there is nothing to hold it against."""

    what: str
    value: float
    unit: str
    bar: str = ""
    met: bool | None = None
    note: str = ""


def machine() -> str:
    """The machine in a line: processor count and type, Python."""
    return f"{os.cpu_count()} × {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def peak_mib() -> int:
    """The most memory this process held, in MiB. Linux's `ru_maxrss` would count the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table of the figures, in their order."""
    head = "| what | figure | bar | met | note |\n|---|--:|---|---|---|"
    words = {True: "yes", False: "**no**", None: ""}
    rows = [
        f"| {row.what} | {_number(row.value)} {row.unit} | {row.bar} | {words[row.met]} | {row.note} |"
        for row in figures
    ]
    return "\n".join([head, *rows])


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
