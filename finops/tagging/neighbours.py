"""What an asset has in common with others: the stack, cluster or group that made it, its network, its name, its maker.

Each signal puts assets into groups; those of one group tend to belong to the same people. Groups never span accounts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from finops.tagging.estate import Estate, Ints

NO_GROUP = -1
_TAGS: Mapping[str, tuple[str, ...]] = {
    "stack": (
        "aws:cloudformation:stack-id",
        "aws:cloudformation:stack-name",
        "aws:servicecatalog:provisionedProductArn",
    ),
    "cluster": (
        *("eks:cluster-name", "aws:eks:cluster-name", "alpha.eksctl.io/cluster-name", "aws:ecs:clusterName"),
        *("elasticbeanstalk:environment-name", "aws:elasticmapreduce:job-flow-id"),
    ),
    "autoscaling": ("aws:autoscaling:groupName",),
    "creator": ("aws:createdBy", "CreatedBy", "createdBy", "creator", "Creator"),
}
"""Tags that AWS and its tools set, by the signal they give; the first one that an asset carries counts."""
_CLUSTER_KEY = "kubernetes.io/cluster/"
_GROUND = {"ec2:subnet": "subnet", "ec2:vpc": "vpc"}
_NAME_PARTS = re.compile(r"[-_./ ]+")
_CODE = re.compile(r"[0-9]+|[0-9a-f]{6,}|(?=[a-z]*[0-9])[a-z0-9]{8,}")
_LEAST_PREFIX = 4

SIGNALS: Mapping[str, str] = {
    "stack": "CloudFormation stack",
    "cluster": "cluster",
    "autoscaling": "Auto Scaling group",
    "link": "linked resource",
    "creator": "creator",
    "name": "name prefix",
    "subnet": "subnet",
    "vpc": "VPC",
}
"""The signals, with the words people read; this order holds where two are equally accurate."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One signal: the name of each group, and for each asset the place of its group or `NO_GROUP`."""

    signal: str
    names: tuple[str, ...]
    groups: Ints


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All groupings of an estate, and for each asset the places of those it is linked with, either way."""

    groupings: tuple[Grouping, ...]
    linked: Mapping[int, tuple[int, ...]]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tie:
    """One asset's own words about itself."""

    resource_id: str
    arn: str
    name: str
    links: tuple[tuple[str, str, str], ...]


def neighbourhood(estate: Estate, partitions: Iterable[Sequence[Sequence[Any]]]) -> Neighbourhood:
    """The groupings of an estate, from the rows that `store.tag_assets.ties` gives."""
    ties = dict(_ties(estate, partitions))
    accounts = estate.facets["account"]
    targets = list(_targets(estate, ties))
    groupings = [*(_by_tags(estate, signal, keys) for signal, keys in _TAGS.items())]
    groupings.append(_grouped(estate, "name", ((place, _prefix(tie)) for place, tie in ties.items())))
    for kind, signal in _GROUND.items():
        grounds = ((place, target) for place, of_kind, target, _ in targets if of_kind == kind)
        groupings.append(_grouped(estate, signal, grounds))
    linked: dict[int, set[int]] = {}
    for place, kind, _, other in targets:
        if other is not None and kind not in _GROUND and accounts.codes[place] == accounts.codes[other]:
            linked.setdefault(place, set()).add(other)
            linked.setdefault(other, set()).add(place)
    names = tuple(ties[place].name or ties[place].resource_id if place in ties else "" for place in range(len(estate)))
    return Neighbourhood(tuple(groupings), {place: tuple(sorted(each)) for place, each in linked.items()}, names)


def _ties(estate: Estate, partitions: Iterable[Sequence[Sequence[Any]]]) -> Iterator[tuple[int, _Tie]]:
    places = {number: place for place, number in enumerate(estate.numbers.tolist())}
    for rows in partitions:
        for number, resource_id, arn, name, links in rows:
            if number in places:
                told = () if links == "[]" else tuple((each[0], each[1], each[2]) for each in json.loads(links))
                yield places[number], _Tie(resource_id, arn, name, told)


def _targets(estate: Estate, ties: Mapping[int, _Tie]) -> Iterator[tuple[int, str, str, int | None]]:
    """Every link: the asset's place, the target's kind and name, and the target's place where it is known."""
    accounts, regions, kinds = (estate.facets[name].codes for name in ("account", "region", "kind"))
    kind_names = estate.facets["kind"].values
    by_arn = {tie.arn: place for place, tie in ties.items() if tie.arn}
    by_id = {
        (int(accounts[place]), int(regions[place]), kind_names[kinds[place]], tie.resource_id): place
        for place, tie in ties.items()
    }
    for place, tie in ties.items():
        for _, kind, target in tie.links:
            near = (int(accounts[place]), int(regions[place]), kind, target)
            other = by_arn.get(target)
            yield place, kind, target, other if other is not None else by_id.get(near)


def _by_tags(estate: Estate, signal: str, keys: Sequence[str]) -> Grouping:
    return _grouped(estate, signal, _tagged(estate, keys, clusters=signal == "cluster"))


def _tagged(estate: Estate, keys: Sequence[str], *, clusters: bool) -> Iterator[tuple[int, str]]:
    for key in keys:
        column = estate.tags.get(key)
        if column is not None:
            yield from ((int(row), column.values[code]) for row, code in zip(column.rows, column.codes, strict=True))
    if clusters:
        for key, column in estate.tags.items():
            if key.startswith(_CLUSTER_KEY):
                yield from ((int(row), key.removeprefix(_CLUSTER_KEY)) for row in column.rows)


def _grouped(estate: Estate, signal: str, pairs: Iterable[tuple[int, str]]) -> Grouping:
    """The first text of each asset is its group, within its account."""
    accounts = estate.facets["account"].codes
    groups = np.full(len(estate), NO_GROUP, dtype=np.int32)
    known: dict[tuple[int, str], int] = {}
    for place, text in pairs:
        if text.strip() and groups[place] == NO_GROUP:
            groups[place] = known.setdefault((int(accounts[place]), text), len(known))
    return Grouping(signal, tuple(text for _, text in known), groups)


def _prefix(tie: _Tie) -> str:
    """The beginning of a name, up to its first part that is a number or a code; "" for one too short to tell."""
    if not tie.name or tie.name == tie.resource_id:
        return ""
    kept: list[str] = []
    for part in _NAME_PARTS.split(tie.name.casefold()):
        if not part or _CODE.fullmatch(part):
            break
        kept.append(part)
    prefix = "-".join(kept[:2])
    return prefix if len(prefix) >= _LEAST_PREFIX else ""


def words_of(signal: str) -> str:
    """A signal in words."""
    return SIGNALS[signal]


def order_of(signal: str) -> int:
    """Where a signal stands among equals."""
    return list(SIGNALS).index(signal)
