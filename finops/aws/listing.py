"""How a kind of AWS resource is listed: the words of the declarations in `finops.aws.services`.

A declaration names the calls (`Step`) and what is kept of their answers (`Kind`). What is not declared is not kept, and
not even parsed: answers may carry secrets, such as the environment of a function or the headers of a distribution.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from finops.aws.fields import ITSELF, Field, paths_of
from finops.aws.permissions import Operation, declare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.aws.fields import Source
    from finops.aws.paging import Tokens

FEATURE = "inventory"
CALLS_PER_SECOND = 20.0
"""The pace of a service whose limit nobody declared, in one account and region."""

_READS = ("BatchGet", "Describe", "Get", "List", "Search")
_KIND = re.compile(r"[a-z0-9-]+:[a-z0-9-]+", re.ASCII)
_DETAIL = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_OWN_WORDS = frozenset({"partition", "region", "account", "id"})


def reading(service: str, name: str, what: str, *, action: str = "", resources: tuple[str, ...] = ()) -> Operation:
    """Declares a read of the inventory. `what` it lists, for people; `action` where IAM calls it otherwise.

    `resources` limits an action that covers more than this operation; see `Operation`.
    """
    return declare(
        Operation(
            service=service,
            name=name,
            action=action or f"{service}:{name}",
            feature=FEATURE,
            lost=f"{what} in the inventory",
            scope="member",
            resources=resources,
        )
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """A parameter that takes a list: what is at `path` in up to `size` items of the step before."""

    parameter: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a chain.

    `items` is the path of the list (or of the one structure) in the answer. `each` maps parameters to paths in an item
    of the step before: the call is made for every item, or with `batch` for every so many. `paged` is False where AWS
    returns everything at once; `tokens` names the page tokens of operations without a paginator in botocore.

    An answer must hold `proof` (the list itself, unless said otherwise; nothing when empty), else it is malformed.
    `vanished` are error codes that mean: deleted since it was listed. `reasons` is the path of AWS's words on members
    of a batch that it did not describe; any that is not in `vanished` is a failure.
    """

    operation: Operation
    items: str
    params: Mapping[str, Any] = field(default_factory=dict)
    each: Mapping[str, str] = field(default_factory=dict)
    batch: Batch | None = None
    paged: bool = True
    tokens: Tokens | None = None
    proof: str | None = None
    vanished: tuple[str, ...] = ()
    reasons: str = ""

    def __post_init__(self) -> None:
        if not self.operation.name.startswith(_READS):
            raise ValueError(f"{self.operation.name} is no read")

    @property
    def must_hold(self) -> str:
        """The path without which an answer is malformed; empty when AWS leaves even the list out."""
        return self.items.split(".")[0].removesuffix("[]") if self.proof is None else self.proof

    @property
    def asked_paths(self) -> tuple[str, ...]:
        """The paths in items of the step before."""
        return (*self.each.values(), *([self.batch.path] if self.batch else []))


@dataclass(frozen=True, slots=True)
class Linked:
    """A relationship; see `finops.model.assets.Link`. A path to a list makes several."""

    relation: str
    kind: str
    target: Source


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource; paths and fields look into an item of the last step.

    `arn` is a path, or a template of {partition}, {region}, {account}, {id} and {paths}. `created` holds the paths of
    times, the earliest counts. `tags` is the path of a list (`Tags[]`) or a map (`tags`) of tags. Where the listing has
    none, `tag_type` is the type by which the tagging API knows the resource; without either, tags stay unknown.
    `region` is the path of an item's own region, for lists that span all of them. `owner` is the path of an account id:
    what others own and merely share is left out. `ended` are states in which AWS itself calls a resource over.

    `scope` is "global" for what is listed once, whatever the region. `regions` names the only ones where the service
    exists, `rate` is in calls per second for one account and region.
    """

    kind: str
    title: str
    steps: tuple[Step, ...]
    resource_id: Source
    name: Source = ""
    arn: str = ""
    state: Source = ""
    created: tuple[str, ...] = ()
    tags: str = ""
    tag_type: str = ""
    details: Mapping[str, Source] = field(default_factory=dict)
    links: tuple[Linked, ...] = ()
    region: str = ""
    owner: str = ""
    ended: tuple[str, ...] = ()
    scope: Literal["region", "global"] = "region"
    regions: tuple[str, ...] = ()
    rate: float = CALLS_PER_SECOND

    def __post_init__(self) -> None:
        faults = [name for name in self.details if not _DETAIL.fullmatch(name)]
        if not _KIND.fullmatch(self.kind) or faults or not self.title or self.rate <= 0:
            raise ValueError(f"{self.kind} is not declared well: {', '.join(faults) or 'kind, title or rate'}")
        if not self.steps or self.steps[0].asked_paths or not all(step.asked_paths for step in self.steps[1:]):
            raise ValueError(f"{self.kind}: each step but the first asks for items of the one before")
        if any(path.count("^") > position for position, path in self.paths):
            raise ValueError(f"{self.kind}: a path goes back before the first step")

    @property
    def service(self) -> str:
        """The part before the colon: what people call the service."""
        return self.kind.partition(":")[0]

    @property
    def client(self) -> str:
        """Botocore's name of the service that is asked."""
        return self.steps[0].operation.service

    @property
    def gauges(self) -> frozenset[str]:
        """Details that move by themselves: their changes are no news."""
        return frozenset(name for name, source in self.details.items() if isinstance(source, Field) and source.gauge)

    @property
    def paths(self) -> Iterator[tuple[int, str]]:
        """Every path that is read, with the position of the step whose items it starts from."""
        last = len(self.steps) - 1
        sources = (self.resource_id, self.name, self.state, *self.details.values())
        named = [self.tags, self.region, self.owner, *self.created, *self.arn_paths]
        named += [path for source in (*sources, *(link.target for link in self.links)) for path in paths_of(source)]
        yield from ((last, path) for path in named if path)
        for position, step in enumerate(self.steps[1:]):
            yield from ((position, path) for path in step.asked_paths)

    @property
    def arn_paths(self) -> tuple[str, ...]:
        """The paths in `arn`."""
        if "{" not in self.arn:
            return (self.arn,) if self.arn else ()
        return tuple(word for word in _TEMPLATE.findall(self.arn) if word not in _OWN_WORDS)

    @property
    def reads(self) -> Iterator[tuple[Operation, str]]:
        """Every path that is read of the answers, each with its operation."""
        for step in self.steps:
            yield from ((step.operation, path) for path in (step.items, step.proof, step.reasons) if path)
        for position, path in self.paths:
            bare = path.lstrip("^")
            step = self.steps[position - (len(path) - len(bare))]
            if bare and bare != ITSELF:
                yield step.operation, f"{step.items}.{bare}"


def filled(template: str, words: Mapping[str, str]) -> str:
    """A template with its words put in; empty when one of the paths found nothing."""
    named = set(_TEMPLATE.findall(template))
    if any(not words.get(word) for word in named - {"region"}):
        return ""
    return _TEMPLATE.sub(lambda match: words.get(match[1], ""), template)
