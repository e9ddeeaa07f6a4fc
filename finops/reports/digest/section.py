"""One section of a digest: what is new in one part, or what was looked at when nothing is."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from finops.model.money import ZERO
from finops.reports.gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.reports import Chart, Figure, Table
    from finops.reports.definition import Asked
    from finops.reports.digest.window import Window

A_MONTH = Decimal(365) / 12


@dataclass(frozen=True, slots=True)
class Says:
    """A sentence of news without its full stop, and the dollars a month that it is about."""

    text: str
    weight: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest. Without `table` there is no news in it, and `looked` says what was looked at.

    `known` is False where nothing could be read of it, which `gaps` then say.
    """

    title: str
    looked: str
    known: bool = True
    table: Table | None = None
    says: Says | None = None
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    gaps: Gaps = field(default_factory=Gaps)
    accounts: tuple[Sum, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount a month of one account, and the column it belongs to: `new`, `resolved` or `change`."""

    account: str
    column: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What every section goes by."""

    asked: Asked
    window: Window
    accounts: tuple[str, ...]

    def page(self, path: str, *more: tuple[str, object]) -> str:
        """A page's address with the scope's accounts, the tenant, and filters of its own; empty ones are left out."""
        given = [("account", account) for account in self.accounts] if path != "/forecast" else []
        wanted = [*((name, value) for name, value in more if value), *given, ("tenant", self.asked.tenant)]
        return f"{path}?{urlencode(wanted)}"


def unread(title: str, reason: str) -> Section:
    """A part that could not be read."""
    return Section(
        title, "could not be read", known=False, gaps=Gaps(missing=(f"{title} could not be read: {reason}",))
    )


def weightiest(sections: Sequence[Section]) -> Says | None:
    """The sentence about most dollars, the first of equal ones; None without news."""
    said = [section.says for section in sections if section.says is not None]
    return max(said, key=lambda says: says.weight, default=None)
