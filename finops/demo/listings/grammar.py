"""The words of a listing's declaration, and the engine that pages one: limits, tokens and refusals as AWS has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from finops.demo.estate import GLOBAL
from finops.demo.wire import Request, aws_error, page_offset, page_token

if TYPE_CHECKING:
    from finops.demo.population.everything import Census, Population
    from finops.demo.population.resource import Resource

Answer = Callable[[Request], dict[str, Any]]
Answers = Mapping[tuple[str, str], Answer]

INVALID = "ValidationException"


@dataclass(frozen=True, slots=True)
class Page:
    """How an operation pages: parameters and fields of its tokens and its limit, as botocore's paginators name them.

    Without a limit asked for, pages have `usual` items. What is asked must lie between `least` and `most`; AWS still
    gives no more than `cap` (0: as many as asked). `code` is the error for a token or a limit that is not valid.
    """

    token: str = "NextToken"  # noqa: S105 - a parameter's name
    following: str = "NextToken"
    limit: str = "MaxResults"
    usual: int = 100
    most: int = 100
    least: int = 1
    cap: int = 0
    code: str = INVALID

    def window(self, request: Request) -> tuple[int, int]:
        """Where the page asked for starts, and how many items it holds."""
        asked = request.params.get(self.limit)
        size = self.usual if asked is None else self._size(asked)
        token = request.params.get(self.token)
        return page_offset(request, token, refusals=(self.code, self.code)) if token else 0, size

    def _size(self, asked: Any) -> int:
        size = int(asked) if str(asked).isdecimal() else 0
        if not self.least <= size <= self.most:
            words = f"Value ( {asked} ) for parameter {self.limit} is invalid. Expecting {self.least} to {self.most}."
            raise aws_error(self.code, words)
        return min(size, self.cap or size)


@dataclass(frozen=True, slots=True)
class Listing:
    """One operation that lists resources of a kind in the caller's account and region.

    `items` is the list in the answer, `page` None where AWS returns everything at once. `shown` makes an entry of a
    resource, `keep` applies the parameters in `honours`; any parameter that neither names is refused, since a demo
    that ignores a filter lies. `everywhere` lists all regions. `bare` leaves the field out of an empty answer, and
    `closing` adds what the last and other pages say beside it.
    """

    service: str
    operation: str
    kind: str
    items: str
    page: Page | None = None
    shown: Callable[[Resource], Any] = lambda resource: dict(resource.item)
    keep: Callable[[Request, Resource], bool] = lambda _, resource: bool(resource)
    honours: tuple[str, ...] = ()
    everywhere: bool = False
    worldwide: bool = False
    bare: bool = False
    closing: Callable[[Request, bool], dict[str, Any]] = lambda *_: {}

    def found(self, population: Population, request: Request) -> Iterable[Resource]:
        """The resources that it is about, before parameters apply."""
        if self.everywhere:
            return population.of(self.kind, request.account)
        return population.at(self.kind, request.account, GLOBAL if self.worldwide else request.region)


def listing_answers(listings: Iterable[Listing], census: Census) -> dict[tuple[str, str], Answer]:
    """The answers of listings by service and operation."""
    return {(one.service, one.operation): partial(_listed, one, census) for one in listings}


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Refuses parameters that the demo does not follow: an answer that ignored one would be wrong."""
    for name in request.params.keys() - set(known):
        raise aws_error("NotInDemo", f"The demo does not follow {name} of {request.operation}; nothing was sent.")


def sliced(request: Request, page: Page, items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """One page of items, and the token of the next one where there is one."""
    offset, size = page.window(request)
    stop = offset + size
    more = {page.following: page_token(request, stop)} if stop < len(items) else {}
    return items[offset:stop], more


def _listed(listing: Listing, census: Census, request: Request) -> dict[str, Any]:
    page = listing.page
    refuse_unknown(request, (*listing.honours, *((page.token, page.limit) if page else ())))
    found = [one for one in listing.found(census.today(), request) if listing.keep(request, one)]
    shown, more = sliced(request, page, found) if page else (found, {})
    items = [listing.shown(one) for one in shown]
    answer = {} if listing.bare and not items else {listing.items: items}
    return {**answer, **more, **listing.closing(request, bool(more))}
