"""Trouble to be played: calls that fail, in the codes and words AWS uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.demo.estate import Estate
    from finops.demo.wire import Request

DENIED_IN = "sandbox"
"""The kind of accounts whose role lacks some permissions."""
THROTTLED_IN = ("prod", "ap-southeast-1")
"""The kind of accounts and the region where some services never stop asking to slow down."""

UNMEASURED_IN = "security"
"""The kind of accounts whose role may not read metrics."""
UNSEEN_IN = ("staging", "eu-central-1")
"""The kind of accounts and the region where nobody may see who stands behind load balancers."""

_FORBIDDEN, _BUSY = 403, 503


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble to be played: an operation (`*`: all of the service) fails in some accounts (none named: in all of them).

    `regions` limits it to some regions, `times` to the first so many calls. `{arn}` in the message is who called.
    """

    service: str
    operation: str = "*"
    accounts: tuple[str, ...] = ()
    code: str = "LimitExceededException"
    message: str = "Rate limit exceeded"
    status: int = 400
    times: int | None = None
    regions: tuple[str, ...] = ()

    def hits(self, request: Request) -> bool:
        """Whether this trouble is for that request."""
        named = self.operation in {"*", request.operation}
        here = not self.accounts or request.account in self.accounts
        return (
            self.service == request.service and named and here and (not self.regions or request.region in self.regions)
        )

    def words(self, request: Request) -> str:
        """The message for one caller."""
        return self.message.replace("{arn}", request.arn)


def standing_faults(estate: Estate) -> tuple[Fault, ...]:
    """What never works in the made-up estate, so that an inventory of it is in part from the first visit on.

    A sandbox without some permissions, and a region of production that some services throttle for ever. Checks for
    waste find metrics denied in one kind of accounts, and the health of targets in one region of another.
    """
    sandboxes, busy = _of_kind(estate, DENIED_IN), _of_kind(estate, THROTTLED_IN[0])
    unmeasured, unseen = _of_kind(estate, UNMEASURED_IN), _of_kind(estate, UNSEEN_IN[0])
    denied = (
        _denied("lambda", "ListFunctions", sandboxes),
        _denied("secretsmanager", "ListSecrets", sandboxes),
        _denied_by_ec2("DescribeSnapshots", sandboxes),
    )
    region = (THROTTLED_IN[1],)
    throttled = (
        Fault(
            "ec2", "DescribeSnapshots", busy, "RequestLimitExceeded", "Request limit exceeded.", _BUSY, regions=region
        ),
        Fault("rds", "DescribeDBSnapshots", busy, "Throttling", "Rate exceeded", regions=region),
        Fault("logs", "DescribeLogGroups", busy, "ThrottlingException", "Rate exceeded", regions=region),
    )
    metrics = _denied_by_query("cloudwatch", "cloudwatch", "GetMetricData", unmeasured)
    health = _denied_by_query("elbv2", "elasticloadbalancing", "DescribeTargetHealth", unseen)
    return (
        *(denied if sandboxes else ()),
        *(throttled if busy else ()),
        *((metrics,) if unmeasured else ()),
        *((replace(health, regions=(UNSEEN_IN[1],)),) if unseen else ()),
    )


def _of_kind(estate: Estate, kind: str) -> tuple[str, ...]:
    return tuple(member.account_id for member in estate.members if member.kind == kind)


def _denied(service: str, operation: str, accounts: tuple[str, ...]) -> Fault:
    action = f"{service}:{operation}"
    words = f"User: {{arn}} is not authorized to perform: {action} on resource: * because {_no_policy(action)}"
    return Fault(service, operation, accounts, "AccessDeniedException", words, _FORBIDDEN)


def _denied_by_query(service: str, prefix: str, operation: str, accounts: tuple[str, ...]) -> Fault:
    """Services of the query protocol have a shorter code; IAM may know them by another prefix."""
    action = f"{prefix}:{operation}"
    words = f"User: {{arn}} is not authorized to perform: {action} because {_no_policy(action)}"
    return Fault(service, operation, accounts, "AccessDenied", words, _FORBIDDEN)


def _denied_by_ec2(operation: str, accounts: tuple[str, ...]) -> Fault:
    """EC2 has a code and an opening of its own."""
    action = f"ec2:{operation}"
    words = f"User: {{arn}} is not authorized to perform: {action} because {_no_policy(action)}"
    opening = "You are not authorized to perform this operation."
    return Fault("ec2", operation, accounts, "UnauthorizedOperation", f"{opening} {words}", _FORBIDDEN)


def _no_policy(action: str) -> str:
    return f"no identity-based policy allows the {action} action"
