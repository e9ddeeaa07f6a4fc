"""Failures of many places told once: what is denied in an account, in which regions, which permission is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.model.outcome import Failure

ASSUME_ROLE = "sts:AssumeRole"
_UNREACHABLE = frozenset({"AccountUnreachable", "NoCredentialsError", "CredentialRetrievalError"})


def closed(failure: Failure) -> bool:
    """Whether the account cannot be entered at all, so that nothing else need be asked there."""
    return failure.missing_action == ASSUME_ROLE or failure.code in _UNREACHABLE


def told_once(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """One failure for each account, service and reason, sorted by account; the regions it stands for are named.

    An account that cannot be entered is one failure without region and service, whatever was asked there.
    """
    groups: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
    for failure in failures:
        place = ("", "") if closed(failure) else (failure.service, failure.code)
        groups[failure.account, *place, failure.missing_action].append(failure)
    return tuple(_one(group) for _, group in sorted(groups.items()))


def _one(group: list[Failure]) -> Failure:
    first = min(group, key=lambda failure: (failure.region, failure.message))
    if closed(first):
        return replace(first, region="", service="sts")
    regions = sorted({failure.region for failure in group})
    if len(regions) == 1:
        return first
    return replace(first, region="", message=f"{first.message.rstrip('.')} (in {', '.join(regions)}).")
