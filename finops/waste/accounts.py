"""Observations of what is no asset: an account itself, or a commitment that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.aws.identity import identity
from finops.model.assets import GLOBAL
from finops.model.findings import Observation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from finops.model.findings import Fact
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ACCOUNT = "account"
"""The kind of an account."""
BILLING_REGION = "us-east-1"
"""Where the services of billing answer for every region of the commercial partition."""
UNANSWERED = "unanswered"
"""The fact that says why AWS gave no answer; an observation that has it is undetermined."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an observation is about. Without an id it is the account."""

    account: str
    region: str = GLOBAL
    kind: str = ACCOUNT
    resource_id: str = ""
    arn: str = ""
    name: str = ""
    created: datetime | None = None
    tags: Mapping[str, str] | None = None


def observation_about(
    check_id: str,
    subject: Subject,
    facts: Mapping[str, Fact],
    *,
    amounts: Mapping[str, Decimal | None] | None = None,
    issue: str = "",
) -> Observation:
    """Facts about an account or a commitment. `amounts` are dollars a month; those that are None are left out."""
    return Observation(
        check_id=check_id,
        account=subject.account,
        region=subject.region,
        kind=subject.kind,
        resource_id=subject.resource_id or subject.account,
        arn=subject.arn,
        name=subject.name,
        issue=issue,
        created=subject.created,
        tags=subject.tags,
        facts=facts,
        amounts={name: amount for name, amount in (amounts or {}).items() if amount is not None},
    )


def hub_account(context: Context) -> str | Failure:
    """The account of the product's own credentials, by sts:GetCallerIdentity, which is free; or why nobody knows."""
    reads = context.reads
    return reads.each([("", "")], lambda _: identity(reads.calls, reads.caller).account)[0][1]
