r"""Names of sheets as Excel takes them: 31 characters, none of `[]:*?/\`, no quote at an end, each once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 31
"""UTF-16 units in a name."""
_RESERVED = "history"  # Excel keeps this name for itself
_REFUSED = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


class SheetNames:
    """The names of one workbook. Excel takes `Costs` and `costs` for the same."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._used = {_RESERVED, *map(_folded, reserved)}

    def taken(self, wanted: str) -> str:
        """A name as near to the wanted one as there is, which is given to nobody else: `Costs`, then `Costs (2)`."""
        name = _allowed(wanted, MOST) or "Sheet"
        number = 1
        while _folded(name) in self._used:
            number += 1
            name = _ended(wanted, f" ({number})")
        self._used.add(_folded(name))
        return name

    def following(self, name: str, number: int) -> str:
        """The name of the sheet on which a full one goes on: `Costs 2`, unless another table has it."""
        return self.taken(_ended(name, f" {number}"))


def _ended(name: str, end: str) -> str:
    return f"{_allowed(name, MOST - len(end)) or 'Sheet'}{end}"


def _allowed(text: str, most: int) -> str:
    """The text without what is refused, in at most `most` UTF-16 units."""
    clean = " ".join(_REFUSED.sub(" ", text).split()).strip("' ")
    return clean.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").strip("' ")


def _folded(name: str) -> str:
    return name.casefold()
