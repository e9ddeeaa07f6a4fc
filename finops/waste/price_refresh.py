"""Asks the Price List for what an inventory needs, and keeps the answers: list prices of today, region by region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from finops.aws.pricing import Offers, offers
from finops.model.jobs import Progress
from finops.waste.price_file import Listed, RefreshedPrices, keep, prices_of
from finops.waste.price_needs import needed
from finops.waste.price_products import product_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from finops.model.assets import Asset
    from finops.model.outcome import Failure
    from finops.waste.context import Reads
    from finops.waste.price_products import Product, Question
    from finops.waste.prices import Prices

AT_ONCE = 16
"""So many questions are asked before the next; where all of them fail, the rest is not asked."""
THREADS = 4
SECONDS = 1200
"""How long a refresh may take. What is not asked by then stays as it was."""

Pair = tuple[str, str]
"""An item and a region."""


@dataclass(frozen=True, slots=True)
class PriceRefresh:
    """What a refresh came to. Numbers count prices: an item in a region.

    `asked` is what the inventory needs: `found` of them AWS told, `changed` of these are new or other than before. It
    has no such price, or none that is sure, for those `missing`; those `unanswered` could not be asked, and `failures`
    say why. `malformed` counts products of the answers that could not be read.
    """

    as_of: date
    asked: int = 0
    found: int = 0
    changed: int = 0
    missing: tuple[Pair, ...] = ()
    unanswered: int = 0
    malformed: int = 0
    failures: tuple[Failure, ...] = ()
    path: Path | None = None

    @property
    def partial(self) -> bool:
        """Whether some of it could not be asked."""
        return self.unanswered > 0


class _Meant(NamedTuple):
    """A price that is asked for, and how it is known among the products of an answer."""

    pair: Pair
    product: Product
    name: str


def refresh(
    reads: Reads, assets: Iterable[Asset], folder: Path, *, day: date, report: Callable[[Progress], None]
) -> PriceRefresh:
    """Asks for every price that the assets need and writes those found to the folder.

    What could not be asked, or was not, stays as it was before. Failures of AWS are values; StoreError when the folder
    cannot be written to.
    """
    before = prices_of(folder)
    asks = _asks(needed(assets, before))
    answers = _answers(reads, asks, report)
    told: dict[Pair, Decimal | None] = {}
    for question, answer in answers.items():
        if isinstance(answer, Offers):
            told |= {one.pair: one.product.price(one.name, answer.items) for one in asks[question]}
    found = {pair: usd for pair, usd in told.items() if usd is not None}
    asked = sum(map(len, asks.values()))
    return PriceRefresh(
        day,
        asked=asked,
        found=len(found),
        changed=sum(before.of(*pair) != usd for pair, usd in found.items()),
        missing=tuple(sorted(told.keys() - found.keys())),
        unanswered=asked - len(told),
        malformed=sum(answer.malformed for answer in answers.values() if isinstance(answer, Offers)),
        failures=tuple(dict.fromkeys(one for one in answers.values() if not isinstance(one, Offers))),
        path=keep(folder, _kept(before, told, found, day), as_of=day) if found else None,
    )


def _asks(wanted: Iterable[Pair]) -> dict[Question, list[_Meant]]:
    """What to ask, each question once, and the prices that its answer may hold."""
    asks: dict[Question, list[_Meant]] = {}
    for item, region in wanted:
        known = product_of(item)
        if known is not None:
            product, name = known
            asks.setdefault(product.question(name, region), []).append(_Meant((item, region), product, name))
    return asks


def _answers(
    reads: Reads, asks: Iterable[Question], report: Callable[[Progress], None]
) -> dict[Question, Offers | Failure]:
    """The answer of each question, or why there is none; those after too much failure are left out."""
    waiting = list(asks)
    answers: dict[Question, Offers | Failure] = {}
    for start in range(0, len(waiting), AT_ONCE):
        part = waiting[start : start + AT_ONCE]
        got = dict(reads.each(((one, one) for one in part), lambda one: _offers(reads, one)))
        answers |= got
        failed = sum(not isinstance(one, Offers) for one in answers.values())
        report(Progress(len(answers), len(waiting), calls=len(answers), failures=failed))
        if not any(isinstance(one, Offers) for one in got.values()):
            break
    return answers


def _offers(reads: Reads, question: Question) -> Offers:
    return offers(reads.calls, reads.caller, question.service, dict(question.filters))


def _kept(
    before: Prices, told: Mapping[Pair, Decimal | None], found: Mapping[Pair, Decimal], day: date
) -> dict[Pair, Listed]:
    """What was found, and what an earlier refresh found that AWS has not been asked for now."""
    earlier = before.listings if isinstance(before, RefreshedPrices) else {}
    left = {pair: listed for pair, listed in earlier.items() if pair not in told}
    return left | {pair: Listed(usd, day) for pair, usd in found.items()}
