"""The table of AWS operations this product may call, filled by the modules that call them.

It feeds the read-only guard, the IAM policy, the doctor and the documentation. `finops.aws` imports every module of
the package, so whoever can import this module sees the whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Scope = Literal["hub", "member"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One permitted operation.

    `service` and `name` are botocore's, `action` is IAM's. `feature` groups operations in the policy and in the
    doctor, and `lost` says what a person misses without the permission. `price` is in US dollars per successful
    request, each page one. `scope` tells where it is called: in the hub account only, or in every member account too.
    `resources` limits what is granted, as the ends of ARNs (`apigateway:*::/apis`), where IAM's action covers more than
    the operation. `reads` are the only paths of the answer that are parsed, page tokens included; without them all of
    it is. `writes` is true of the one that does something: a request of it that was not answered is not repeated.
    """

    service: str
    name: str
    action: str
    feature: str
    lost: str
    price: Decimal = Decimal(0)
    scope: Scope = "hub"
    resources: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: bool = False


_table: dict[tuple[str, str], Operation] = {}


def declare(operation: Operation) -> Operation:
    """Adds an operation to the table; ValueError when another declaration holds the same name."""
    key = (operation.service, operation.name)
    if _table.setdefault(key, operation) != operation:
        raise ValueError(f"{operation.service}:{operation.name} is declared twice")
    return operation


def declared() -> tuple[Operation, ...]:
    """Every operation, sorted by service and name."""
    return tuple(_table[key] for key in sorted(_table))


def narrowed() -> dict[tuple[str, str], frozenset[str]]:
    """For (botocore service, operation name) the paths of its answer that are read, where a declaration names them."""
    return {key: frozenset(operation.reads) for key, operation in _table.items() if operation.reads}


def permitted() -> frozenset[tuple[str, str]]:
    """What the guard lets pass: (botocore service, operation name)."""
    return frozenset(_table)
