"""The accounts of the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.failures import failure_of
from finops.aws.permissions import Operation, declare
from finops.model.accounts import Account
from finops.model.errors import AwsError
from finops.model.outcome import Failure, Sweep

if TYPE_CHECKING:
    from finops.model.metering import Caller

LIST_ACCOUNTS = declare(
    Operation(
        service="organizations",
        name="ListAccounts",
        action="organizations:ListAccounts",
        feature="accounts",
        lost="the list of member accounts and their names; set FINOPS_ACCOUNTS instead",
    )
)


def accounts(calls: Calls, caller: Caller) -> Sweep[Account]:
    """Every account with id, name and status; e-mail addresses are dropped.

    A failure, on a later page too, is part of the answer, beside the accounts that were listed before it.
    """
    found: list[Account] = []
    failures: tuple[Failure, ...] = ()
    try:
        for page in calls.pages(Ask(LIST_ACCOUNTS, {}, ("Accounts",)), caller):
            found.extend(_account(entry) for entry in page["Accounts"])
    except AwsError as error:
        failures = (failure_of(error),)
    return Sweep(tuple(found), failures)


def _account(entry: dict[str, Any]) -> Account:
    identifier = str(entry.get("Id", ""))
    # Organizations replaces `Status` by `State`; either may be there.
    return Account(
        identifier, str(entry.get("Name") or identifier), str(entry.get("Status") or entry.get("State") or "")
    )
