"""Patterns of kinds (`*`, `ec2:*`, `ec2:instance`), and AWS's own names of resource types for them.

AWS spells types as the Resource Groups Tagging API and tag policies do: `elasticfilesystem:file-system`,
`ec2:ALL_SUPPORTED`. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finops.aws.services import kinds as known_kinds
from finops.model.tagging import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

UNTAGGABLE = frozenset({"iam:group"})
"""Kinds for which AWS has no tags; a policy may name further ones, of packages from outside for instance."""
ALL_SUPPORTED = "ALL_SUPPORTED"

_PATTERN = re.compile(r"\*|[A-Za-z][A-Za-z0-9-]{0,63}:(\*|[A-Za-z0-9][A-Za-z0-9_/.-]{0,63})")
_TYPES: dict[str, tuple[str, ...]] = {
    "apigateway:api": ("apigateway:apis",),
    "apigateway:restapi": ("apigateway:restapis",),
    "autoscaling:group": ("autoscaling:autoScalingGroup",),
    "cognito:identitypool": ("cognito-identity:identitypool",),
    "cognito:userpool": ("cognito-idp:userpool",),
    "efs:filesystem": ("elasticfilesystem:file-system",),
    "elb:classic": ("elasticloadbalancing:loadbalancer",),
    "elb:loadbalancer": ("elasticloadbalancing:loadbalancer",),
    "elb:targetgroup": ("elasticloadbalancing:targetgroup",),
    "opensearch:domain": ("es:domain",),
}
_SERVICES: dict[str, tuple[str, ...]] = {
    "cognito": ("cognito-identity", "cognito-idp"),
    "efs": ("elasticfilesystem",),
    "elb": ("elasticloadbalancing",),
    "opensearch": ("es",),
}
_OWN_KINDS: dict[str, list[str]] = {}
for _own, _names in _TYPES.items():
    for _name in _names:
        _OWN_KINDS.setdefault(_name, []).append(_own)
_OWN_SERVICES = {"elasticfilesystem": "efs:*", "elasticloadbalancing": "elb:*", "es": "opensearch:*"}


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern of kinds."""
    return bool(_PATTERN.fullmatch(text))


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a kind is among those that patterns mean."""
    wanted = frozenset(patterns)
    if EVERYTHING in wanted:
        return lambda _: True
    return lambda kind: kind in wanted or f"{kind.partition(':')[0]}:{EVERYTHING}" in wanted


def own_patterns(aws_type: str) -> tuple[str, ...]:
    """Our patterns for one of AWS's type names; a type that is not listed here keeps AWS's own name."""
    service, _, name = aws_type.partition(":")
    if name in {ALL_SUPPORTED, EVERYTHING}:
        if service.startswith("cognito-"):
            return tuple(own for own, names in _TYPES.items() if names[0].startswith(f"{service}:"))
        return (_OWN_SERVICES.get(service, f"{service}:{EVERYTHING}"),)
    return tuple(_OWN_KINDS.get(aws_type, [aws_type]))


def aws_types(pattern: str) -> tuple[str, ...]:
    """AWS's type names for one of our patterns. Of `*` it has none: every service is named."""
    if pattern == EVERYTHING:
        return tuple(name for service in services() for name in aws_types(f"{service}:{EVERYTHING}"))
    service, _, name = pattern.partition(":")
    if name == EVERYTHING:
        return tuple(f"{each}:{ALL_SUPPORTED}" for each in _SERVICES.get(service, (service,)))
    return _TYPES.get(pattern, (pattern,))


def services() -> tuple[str, ...]:
    """The services whose kinds are listed, sorted."""
    return tuple(sorted({kind.kind.partition(":")[0] for kind in known_kinds()}))


def collapsed(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns in order, each once; `*` alone where every service is named, a service for all its parts."""
    found = tuple(dict.fromkeys(patterns))
    parts = {own for own in _TYPES if own.startswith("cognito:")}
    if parts <= set(found):
        first = next(each for each in found if each in parts)
        found = tuple("cognito:*" if each == first else each for each in found if each == first or each not in parts)
    return (EVERYTHING,) if {f"{service}:{EVERYTHING}" for service in services()} <= set(found) else found
