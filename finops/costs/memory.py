"""What a refresh leaves for the next one, kept in the detail of its ledger row and carried from run to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.spans import Spans

PAGE_GROUPS = 5000
"""Groups a page is taken to hold until an answer with several pages shows it; AWS documents no number."""

UNKNOWN, HELD, NONE = "unknown", "held", "none"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is carried over.

    `behind` are days whose figures changed but could not be fetched, per cube; `history` says whether Cost Explorer
    offers monthly figures older than the daily ones (unknown, held, none); `accounts` are names by id.
    """

    behind: Mapping[str, Spans] = field(default_factory=dict)
    history: str = UNKNOWN
    accounts: Mapping[str, str] = field(default_factory=dict)
    page_groups: int = PAGE_GROUPS

    def to_detail(self) -> dict[str, object]:
        """The JSON-friendly form for `Run.detail`."""
        return {
            "behind": {
                cube: [[str(span.start), str(span.end)] for span in spans]
                for cube, spans in self.behind.items()
                if spans
            },
            "history": self.history,
            "accounts": dict(self.accounts),
            "page_groups": self.page_groups,
        }

    @classmethod
    def from_detail(cls, detail: Mapping[str, Any]) -> Memory:
        """The memory of a run; empty for a run that kept none."""
        return cls(
            behind={
                cube: tuple(Period(date.fromisoformat(start), date.fromisoformat(end)) for start, end in spans)
                for cube, spans in detail.get("behind", {}).items()
            },
            history=detail.get("history", UNKNOWN),
            accounts=detail.get("accounts", {}),
            page_groups=detail.get("page_groups", PAGE_GROUPS),
        )
