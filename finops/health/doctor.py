"""The doctor: which permission each feature needs, what was tried, and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.aws.identity import Identity
from finops.aws.permissions import declared
from finops.health.checks import Check
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

DECLARED, WORKS, FAILED = "declared, not tried", "works", "failed"


@dataclass(frozen=True, slots=True)
class Permission:
    """One IAM action the product may use. `state`: `works`, `failed` or `declared, not tried`; `price`: US dollars."""

    action: str
    service: str
    operation: str
    scope: str
    feature: str
    lost: str
    price: Decimal
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """`checks` must all be ok for the product to work at all; mail or a permission that fails costs its feature."""

    mode: str
    credentials: Mapping[str, str]
    identity: Identity | None
    checks: tuple[Check, ...]
    mail: Check
    permissions: tuple[Permission, ...]
    failures: tuple[Failure, ...]

    @property
    def ok(self) -> bool:
        """Whether the product can work at all."""
        return all(check.ok for check in self.checks)


def permissions(tried: Mapping[str, tuple[Failure, ...]]) -> tuple[Permission, ...]:
    """Every declared operation. `tried` maps the actions that were tried to their failures (empty: it worked).

    Nothing that costs money is tried, so most are declared only: AWS offers no way to ask without the call itself.
    """
    return tuple(
        Permission(
            operation.action,
            operation.service,
            operation.name,
            operation.scope,
            operation.feature,
            operation.lost,
            operation.price,
            *_state(tried.get(operation.action)),
        )
        for operation in declared()
    )


def examined(
    *,
    mode: str,
    credentials: Mapping[str, str],
    identity: Identity | Failure,
    stores: tuple[Check, ...],
    mail: Check,
    permissions: tuple[Permission, ...],
) -> DoctorReport:
    """The report: credentials and identity as checks beside the stores, and every failure once."""
    known = isinstance(identity, Identity)
    whose = f"account {identity.account}, {identity.principal}" if isinstance(identity, Identity) else identity.message
    kind = credentials.get("strategy", "none")
    checks = (
        Check(
            "credentials",
            ok=kind != "none",
            detail="no AWS credentials were found" if kind == "none" else f"found by: {kind}",
        ),
        Check("identity", ok=known, detail=whose),
        *stores,
    )
    lost = tuple(
        Failure(
            "permission", f"{each.detail} Without it: {each.lost}.", service=each.service, missing_action=each.action
        )
        for each in permissions
        if each.state == FAILED
    )
    broken = tuple(Failure("check", f"{check.name}: {check.detail}") for check in (*checks, mail) if not check.ok)
    return DoctorReport(
        mode=mode,
        credentials=credentials,
        identity=identity if isinstance(identity, Identity) else None,
        checks=checks,
        mail=mail,
        permissions=permissions,
        failures=(*broken, *lost),
    )


def _state(failures: tuple[Failure, ...] | None) -> tuple[str, str]:
    if failures is None:
        return DECLARED, ""
    return (FAILED, failures[0].message) if failures else (WORKS, "")
