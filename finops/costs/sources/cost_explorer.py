"""Cost Explorer as a source: what can be asked of it, and its answers as drafts of cubes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from finops.aws.cost_explorer import CePages, CeRequest, aws_command, cost_and_usage
from finops.costs.cubes import COST_EXPLORER, RESOURCES, UNTOLD_CHARGES, expression, group_definition
from finops.model.costs import CostQuestion, CubeDraft, CubeSpec, Filter, Granularity
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.aws.calls import Calls
    from finops.model.metering import Caller
    from finops.model.period import Period


class Explorer(Protocol):
    """Whoever answers GetCostAndUsage, each page paid for."""

    def cost_and_usage(self, request: CeRequest, caller: Caller) -> CePages:
        """Every page of one request; AwsError or CeilingReached when it cannot be had whole."""


class CostExplorer:
    """The real one, through the one road of AWS calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def cost_and_usage(self, request: CeRequest, caller: Caller) -> CePages:
        """Every page of one request; AwsError or CeilingReached when it cannot be had whole."""
        return cost_and_usage(self._calls, caller, request)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One cube's rows of one period, the pages they took, and the account names that came with them."""

    draft: CubeDraft
    pages: int
    account_names: dict[str, str]

    @property
    def rows(self) -> int:
        """How many groups came."""
        return len(self.draft.columns["charge_date"])


@dataclass(frozen=True, slots=True)
class CubeFetcher:
    """Asks for cubes on somebody's behalf."""

    explorer: Explorer
    caller: Caller
    now: Callable[[], datetime]

    def fetch(self, cube: CubeSpec, grain: Granularity, period: Period) -> Fetched:
        """One cube over one period. The instant of asking is the draft's `fetched_at`: later charges may be missing."""
        asked = self.now()
        pages = self.explorer.cost_and_usage(_request(cube, grain, period), self.caller)
        draft = CubeDraft(COST_EXPLORER, cube, grain, period, pages.columns, asked)
        return Fetched(draft, pages.pages, pages.account_names)


def _request(cube: CubeSpec, grain: Granularity, period: Period) -> CeRequest:
    if cube == RESOURCES:
        groups = (("DIMENSION", "SERVICE"), ("DIMENSION", "RESOURCE_ID"))
        wanted = expression([Filter("charge_type", UNTOLD_CHARGES, exclude=True)])
        return CeRequest(period, grain, groups, wanted, with_resources=True)
    return CeRequest(period, grain, tuple(pair for pair in map(group_definition, cube.dimensions) if pair is not None))


def empty_draft(cube: CubeSpec, grain: Granularity, period: Period, fetched_at: datetime) -> CubeDraft:
    """Days of which the control cube says that nothing was charged: held, without asking for them again."""
    columns: dict[str, list[str | None]] = {
        name: []
        for name in ("charge_date", "currency", "unblended", "net_unblended", "amortized", "net_amortized", "blended")
    }
    return CubeDraft(COST_EXPLORER, cube, grain, period, columns, fetched_at)


def command(question: CostQuestion) -> str:
    """The `aws ce` line that asks Cost Explorer the same question; empty when it cannot be asked so."""
    groups = tuple(group_definition(name) for name in question.group_by)
    grain = Granularity.DAILY if question.granularity is Granularity.DAILY else Granularity.MONTHLY
    try:
        wanted = expression(question.filters)
        request = CeRequest(question.period, grain, tuple(pair for pair in groups if pair is not None), wanted)
    except (ValueError, InputError):
        return ""
    return "" if None in groups else aws_command(request)
