"""The least-privilege IAM policies, derived from the table of permitted operations.

python -m finops iam-policy --hub      the identity that runs this product
python -m finops iam-policy --member   the role it assumes in each member account
python -m finops iam-policy --trust    who may assume that role
"""

from __future__ import annotations

from typing import Any, Literal

from finops.aws.permissions import Operation, declared
from finops.model.errors import InputError

Kind = Literal["hub", "member", "trust"]
HUB_ACCOUNT = "111111111111"
ROLE_NAME = "finops-dashboard-read"
VERSION = "2012-10-17"


def iam_policy(
    kind: Kind,
    *,
    account: str = HUB_ACCOUNT,
    role_name: str = ROLE_NAME,
    external_id: str = "",
    partition: str = "aws",
) -> dict[str, Any]:
    """A policy document ready for `json.dumps`; InputError for a kind that is none of hub, member and trust.

    `account` is the hub's, named by the trust policy. The hub reads its own account too, so its policy holds the
    members' actions besides the right to assume their role. No action carries a wildcard.
    """
    if kind == "trust":
        statements = [_trust(account, external_id, partition)]
    elif kind == "hub":
        statements = [*_reads(declared(), partition), _assume(role_name, partition)]
    elif kind == "member":
        statements = _reads(tuple(operation for operation in declared() if operation.scope == "member"), partition)
    else:
        raise InputError("kind", "kind must be one of hub, member, trust")
    return {"Version": VERSION, "Statement": sorted(statements, key=lambda statement: str(statement["Sid"]))}


def _reads(operations: tuple[Operation, ...], partition: str) -> list[dict[str, Any]]:
    """One statement for each feature, on `*`: these reads know no resource-level permissions.

    Actions that cover more than is called have a statement of their own, limited to what is.
    """
    features: dict[str, set[str]] = {}
    limited: dict[tuple[str, str], set[str]] = {}
    for operation in operations:
        if operation.resources:
            limited.setdefault((operation.feature, operation.action), set()).update(operation.resources)
        else:
            features.setdefault(operation.feature, set()).add(operation.action)
    return [
        *(_allow(sid(feature), sorted(actions), "*") for feature, actions in features.items()),
        *(
            _allow(sid(f"{feature} {action}"), [action], [f"arn:{partition}:{end}" for end in sorted(ends)])
            for (feature, action), ends in limited.items()
        ),
    ]


def _allow(name: str, actions: list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": resource}


def sid(feature: str) -> str:
    """A statement id, letters and digits only: `costs.refresh` becomes `CostsRefresh`."""
    words = "".join(letter if letter.isalnum() else " " for letter in feature).split()
    return "".join(word[0].upper() + word[1:] for word in words)


def _assume(role_name: str, partition: str) -> dict[str, Any]:
    return {
        "Sid": "AssumeMemberRoles",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Resource": f"arn:{partition}:iam::*:role/{role_name}",
    }


def _trust(account: str, external_id: str, partition: str) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": "HubMayAssume",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return statement
