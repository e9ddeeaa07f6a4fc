"""What findings come to together, without counting a dollar twice.

Of each resource one finding wins: the more thorough action first (delete, stop, rightsize, upgrade, configure, commit),
then the larger saving. What wins never exceeds what the resource costs. A finding that says it is `included_in`
another resource does not count while deleting that one counts. What a reservation or Savings Plan already pays for
(`committed` among the amounts) is freed commitment: useful, not cash. Sums are by currency.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from finops.model.findings import ActionType, Basis, Finding, Verdict
from finops.model.money import ZERO, exact_sum, parse_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

Key: TypeAlias = tuple[str, ...]
"""A resource: its ARN, else account, region, kind and id."""

_ORDER = {str(action): number for number, action in enumerate(ActionType)}


@dataclass(frozen=True, slots=True)
class Winner:
    """The finding that counts for a resource, and how much of its saving does."""

    finding: Finding
    counted: Decimal
    commitment: Decimal  # of what is counted, the part that frees a commitment

    @property
    def capped(self) -> bool:
        """Whether the saving was more than the resource costs."""
        return self.counted < self.finding.monthly_saving

    @property
    def cash(self) -> Decimal:
        """What the next bill would be lower by."""
        return self.counted - self.commitment


@dataclass(frozen=True, slots=True)
class Total:
    """Sums in one currency. `gross` adds up every finding, `net` the winners; `cash` and `commitment` make the net."""

    currency: str
    gross: Decimal
    net: Decimal
    cash: Decimal
    commitment: Decimal
    findings: int
    winners: tuple[Winner, ...]

    @property
    def capped(self) -> tuple[Winner, ...]:
        """Those whose saving was cut to what their resource costs."""
        return tuple(winner for winner in self.winners if winner.capped)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums by currency; `without_basis` counts findings that promise no dollars, which no sum contains."""

    by_currency: Mapping[str, Total]
    findings: int
    without_basis: int


def resource_key(finding: Finding) -> Key:
    """What makes two findings be about the same resource."""
    if finding.resource_arn:
        return (finding.resource_arn,)
    return (finding.account, finding.region, finding.kind, finding.resource_id)


def totals(findings: Iterable[Finding]) -> Totals:
    """The totals of one moment's findings; those that are not flagged are passed over."""
    flagged = [each for each in findings if each.verdict is Verdict.FLAGGED]
    priced = [each for each in flagged if each.saving_basis is not Basis.NONE]
    winners = _winners(priced)
    currencies = sorted({each.currency for each in priced})
    sums = {currency: _total(currency, priced, winners) for currency in currencies}
    return Totals(sums, len(flagged), len(flagged) - len(priced))


def _total(currency: str, priced: Sequence[Finding], winners: Sequence[Winner]) -> Total:
    mine = tuple(winner for winner in winners if winner.finding.currency == currency)
    own = [each for each in priced if each.currency == currency]
    commitment = exact_sum(winner.commitment for winner in mine)
    net = exact_sum(winner.counted for winner in mine)
    gross = exact_sum(each.monthly_saving for each in own)
    return Total(currency, gross, net, exact_sum((net, -commitment)), commitment, len(own), mine)


def _winners(priced: Iterable[Finding]) -> list[Winner]:
    by_resource: dict[Key, list[Finding]] = defaultdict(list)
    for each in priced:
        by_resource[resource_key(each)].append(each)
    for those in by_resource.values():
        those.sort(key=_precedence)
    best = {key: those[0] for key, those in by_resource.items()}
    left = _without_included(best)
    winners = [_winner(best[key], by_resource[key]) for key in left]
    return sorted(winners, key=lambda winner: (-winner.counted, winner.finding.check_id, winner.finding.fingerprint))


def _precedence(finding: Finding) -> tuple[int, Decimal, str, str]:
    order = _ORDER.get(finding.action_type, len(_ORDER))
    return order, -finding.monthly_saving, finding.check_id, finding.fingerprint


def _winner(finding: Finding, those: Sequence[Finding]) -> Winner:
    cost = _cost(finding, those)
    counted = finding.monthly_saving if cost is None else min(finding.monthly_saving, max(cost, ZERO))
    return Winner(finding, counted, min(counted, max(_committed(finding), ZERO)))


def _cost(finding: Finding, those: Sequence[Finding]) -> Decimal | None:
    """What the resource costs a month: as the winner knows it, else as another finding about it does."""
    known = (each for each in (finding, *those) if each.monthly_cost is not None)
    return next((each.monthly_cost for each in known if each.currency == finding.currency), None)


def _committed(finding: Finding) -> Decimal:
    amounts = finding.evidence.get("amounts")
    text = amounts.get("committed") if isinstance(amounts, dict) else None
    try:
        return ZERO if text is None else parse_amount(str(text))
    except ValueError:
        return ZERO


def _without_included(best: Mapping[Key, Finding]) -> list[Key]:
    """The resources that count for themselves: no resource they are included in is one to delete."""
    names: dict[tuple[str, str], Key] = {}
    for key in sorted(best):
        finding = best[key]
        for name in (finding.resource_id, finding.resource_arn):
            if name:
                names[finding.account, name] = key
    parents = {key: _parent(finding, names) for key, finding in best.items()}
    return [key for key in best if not _included(key, parents, best)]


def _parent(finding: Finding, names: Mapping[tuple[str, str], Key]) -> Key | None:
    facts = finding.evidence.get("facts")
    name = facts.get("included_in") if isinstance(facts, dict) else None
    return names.get((finding.account, name)) if isinstance(name, str) and name else None


def _included(key: Key, parents: Mapping[Key, Key | None], best: Mapping[Key, Finding]) -> bool:
    """Whether a resource above this one is to be deleted. Of resources that name each other in a ring, none is."""
    seen = {key}
    above = parents[key]
    found = False
    while above is not None and not found:
        if above in seen:
            return False
        seen.add(above)
        found = best[above].action_type == ActionType.DELETE
        if found and key in _chain(above, parents):
            return False
        above = parents[above]
    return found


def _chain(key: Key, parents: Mapping[Key, Key | None]) -> set[Key]:
    seen: set[Key] = set()
    above = parents[key]
    while above is not None and above not in seen:
        seen.add(above)
        above = parents[above]
    return seen
