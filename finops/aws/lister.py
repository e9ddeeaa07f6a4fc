"""The engine that lists every declared kind: runs the chain of calls and makes one `Seen` of each item.

    listed(calls, kind_named("ec2:volume"), "111111111111", "eu-west-1", caller)

A failure is part of the answer, beside what was listed before it; nothing that AWS told is dropped silently.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.failures import Place as CallPlace
from finops.aws.failures import failure_of
from finops.aws.fields import Found, detail, earliest, tags_of, text, values
from finops.aws.listing import Kind, Linked, Step, filled
from finops.aws.pace import Pace
from finops.aws.paging import Tokens
from finops.aws.regions import partition_of
from finops.aws.services import kinds
from finops.model.assets import GLOBAL, Link, Listed, Place, Seen
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from finops.model.metering import Caller
    from finops.model.outcome import Failure

NAME_TAG = "Name"


def listed(calls: Calls, kind: Kind, account: str, region: str, caller: Caller, *, pace: Pace | None = None) -> Listed:
    """Everything of one kind in one account and region; for global kinds `region` is where they are asked.

    Complete when there is no failure. A failure of AWS ends the listing and is returned with what came before it.
    Kinds with a `tag_type` come back without tags: see `with_tags`.
    """
    place = Place(account, GLOBAL if kind.scope == "global" else region, kind.kind)
    chain = _Chain(calls, kind, account, region, caller, pace or Pace())
    items: list[Seen] = []
    nameless = 0
    for item in chain.items():
        if kind.owner and text(item, kind.owner) not in {"", account}:
            continue
        seen = _seen(kind, item, place, partition_of(region))
        if seen is None:
            nameless += 1
        else:
            items.append(seen)
    if nameless:
        chain.malformed(kind.steps[-1], f"{nameless} of {nameless + len(items)} resources have no id.")
    # AWS's failures name the region that was asked; a global service has none.
    failure = chain.failure and replace(chain.failure, region=place.region)
    return Listed(place, tuple(items), failure, gauges=kind.gauges)


def with_tags(found: Listed, tags: Mapping[str, Mapping[str, str]] | None, failure: Failure | None = None) -> Listed:
    """A listing with the tags of its region's sweep, by ARN; what has its own tags keeps them.

    After a whole sweep, what it did not mention has no tags: the tagging API leaves out what never had one. After a
    failed one it is unknown, and the listing carries the failure.
    """
    by_tag = {kind.kind for kind in kinds() if not kind.name}
    items = tuple(_tagged(seen, tags, whole=failure is None, by_tag=seen.kind in by_tag) for seen in found.items)
    unknown = any(seen.tags is None for seen in items) or not items
    return replace(found, items=items, tags_failure=failure if unknown else None)


def _tagged(seen: Seen, known: Mapping[str, Mapping[str, str]] | None, *, whole: bool, by_tag: bool) -> Seen:
    if seen.tags is not None or known is None:
        return seen
    tags = known.get(seen.arn)
    if tags is None and not whole:
        return seen
    own = dict(tags or {})
    return replace(seen, tags=own, name=(own.get(NAME_TAG) if by_tag else "") or seen.name)


@dataclass(slots=True)
class _Chain:
    """The calls of one listing. `failure` is the first one; what came before it goes on through the later steps."""

    calls: Calls
    kind: Kind
    account: str
    region: str
    caller: Caller
    pace: Pace
    failure: Failure | None = None

    def items(self) -> Iterator[Found]:
        """The items of the last step, each as soon as it is there."""
        first, *others = self.kind.steps
        found: Iterator[Found] = self._step(first, [_Request(dict(first.params), None)])
        for step in others:
            found = self._step(step, _requests(step, found))
        return found

    def malformed(self, step: Step, reason: str) -> None:
        """Takes down that an answer breaks a rule."""
        self._failed(self._error(step, reason))

    def _step(self, step: Step, requests: Iterable[_Request]) -> Generator[Found, None, bool]:
        """Yields the items; returns whether a failure ended them."""
        for request in requests:
            if request.params is None:
                self.malformed(step, "A resource was listed without what it is asked for by.")
                continue
            try:
                for page in self._pages(step, request.params):
                    yield from (Found(item, request.origin) for item in values(Found(page), step.items))
            except AwsError as error:
                if error.code not in step.vanished:
                    self._failed(error)
                    return True
                ended = yield from self._step(step, _singly(step, request))
                if ended:
                    return True
        return False

    def _failed(self, error: AwsError) -> None:
        self.failure = self.failure or failure_of(error)

    def _pages(self, step: Step, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        operation, top = step.operation, step.must_hold.split(".")[0]
        ask = Ask(operation, params, (top,) if top else (), self.account, "" if self.region == GLOBAL else self.region)
        turn = (self.account, self.region, operation.service)
        self.pace.wait(turn, self.kind.rate)
        if not step.paged:
            yield self._sound(step, self.calls.call(ask, self.caller))
            return
        rule = step.tokens or self._tokens(step)
        for page in self.calls.pages(ask, self.caller, tokens=rule):
            yield self._sound(step, page)
            if rule.following(page):
                self.pace.wait(turn, self.kind.rate)

    def _tokens(self, step: Step) -> Tokens:
        rule = self.calls.sessions.paginator(step.operation.service, step.operation.name)
        if rule is None:
            raise ValueError(f"{step.operation.service}:{step.operation.name} has no paginator: name its tokens")
        return Tokens.of(rule)

    def _sound(self, step: Step, page: dict[str, Any]) -> dict[str, Any]:
        """The answer, if it holds what it must and says nothing of parts it left out."""
        if step.must_hold and not values(Found(page), step.must_hold):
            raise self._error(step, f"It lacks {step.must_hold}.")
        left_out = {str(reason) for reason in values(Found(page), step.reasons)} if step.reasons else set()
        unexplained = sorted(left_out - set(step.vanished))
        if unexplained:
            raise self._error(step, f"It left something out: {', '.join(unexplained)}.")
        return page

    def _error(self, step: Step, reason: str) -> AwsError:
        place = CallPlace(step.operation, self.account, self.region)
        return place.error(AwsError.MALFORMED, "Malformed", reason)


@dataclass(frozen=True, slots=True)
class _Request:
    """One call: its parameters (None: an item lacks one), and the item it is made for (None for a batch)."""

    params: dict[str, Any] | None
    origin: Found | None


def _requests(step: Step, found: Iterable[Found]) -> Iterator[_Request]:
    """The calls for the items of the step before: one each, or one for a batch whose other parameters are the same."""
    batch = step.batch
    gathered: dict[tuple[str, ...], list[str]] = {}
    for item in found:
        each = {name: text(item, path) for name, path in step.each.items()}
        member = text(item, batch.path) if batch else "."
        if not all(each.values()) or not member:
            yield _Request(None, item)
        elif batch is None:
            yield _Request({**step.params, **each}, item)
        else:
            gathered.setdefault(tuple(each.values()), []).append(member)
    for same, members in gathered.items():
        fixed = {**step.params, **dict(zip(step.each, same, strict=True))}
        size = batch.size if batch else len(members)
        for start in range(0, len(members), size):
            part = members[start : start + size]
            yield _Request({**fixed, **({batch.parameter: part} if batch else {})}, None)


def _singly(step: Step, request: _Request) -> Iterator[_Request]:
    """The members of a batch one by one, after one of them had vanished; nothing for a single one."""
    members = request.params[step.batch.parameter] if step.batch and request.params else ()
    if step.batch and request.params and len(members) > 1:
        yield from (_Request({**request.params, step.batch.parameter: [member]}, None) for member in members)


def _seen(kind: Kind, item: Found, place: Place, partition: str) -> Seen | None:
    """One resource, None when it has no id."""
    resource_id = text(item, kind.resource_id)
    if not resource_id:
        return None
    tags = tags_of(item, kind.tags) if kind.tags else None
    region = text(item, kind.region) or place.region
    state = text(item, kind.state)
    return Seen(
        kind=kind.kind,
        service=kind.service,
        account=place.account,
        region=region,
        resource_id=resource_id,
        name=text(item, kind.name) or (tags or {}).get(NAME_TAG, "") or resource_id,
        arn=_arn(kind, item, {"partition": partition, "region": region, "account": place.account, "id": resource_id}),
        state=state,
        created=earliest(item, kind.created),
        tags=tags,
        details={
            name: value for name, source in kind.details.items() if (value := detail(item, source)) not in (None, "")
        },
        links=tuple(dict.fromkeys(link for linked in kind.links for link in _links(item, linked))),
        ended=state.lower() in kind.ended,
    )


def _arn(kind: Kind, item: Found, words: Mapping[str, str]) -> str:
    if "{" not in kind.arn:
        return text(item, kind.arn)
    return filled(kind.arn, {**words, **{path: text(item, path) for path in kind.arn_paths}})


def _links(item: Found, linked: Linked) -> Iterator[Link]:
    target = detail(item, linked.target)
    for one in target if isinstance(target, list) else [target]:
        if one:
            yield Link(linked.relation, linked.kind, str(one))
