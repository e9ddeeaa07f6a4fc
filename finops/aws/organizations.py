"""The accounts of the organization: who they are, where they stand in it, and their tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.failures import failure_of
from finops.aws.permissions import Operation, declare
from finops.model.accounts import Account
from finops.model.errors import AwsError
from finops.model.outcome import Failure, Sweep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.model.metering import Caller


def _read(name: str, lost: str) -> Operation:
    return declare(
        Operation(service="organizations", name=name, action=f"organizations:{name}", feature="accounts", lost=lost)
    )


LIST_ACCOUNTS = _read("ListAccounts", "the list of member accounts and their names; set FINOPS_ACCOUNTS instead")
LIST_ROOTS = _read("ListRoots", "the organizational unit of each account")
LIST_UNITS = _read("ListOrganizationalUnitsForParent", "the organizational unit of each account")
LIST_UNIT_ACCOUNTS = _read("ListAccountsForParent", "the organizational unit of each account")
LIST_TAGS = _read("ListTagsForResource", "the tags of accounts")

DEEPEST = 6
"""Levels below the root: AWS allows five of units, and the accounts below them."""


def accounts(calls: Calls, caller: Caller) -> Sweep[Account]:
    """Every account with id, name, status, masked e-mail address and the day it joined.

    A failure, on a later page too, is part of the answer, beside the accounts that were listed before it.
    """
    found: list[Account] = []
    failures: tuple[Failure, ...] = ()
    try:
        found.extend(_account(entry) for entry in _entries(calls, caller, LIST_ACCOUNTS, "Accounts"))
    except AwsError as error:
        failures = (failure_of(error),)
    return Sweep(tuple(found), failures)


def organization(calls: Calls, caller: Caller) -> Sweep[Account]:
    """The accounts with the organizational unit and the tags of each.

    What cannot be asked is a failure, and leaves the unit empty or the tags None: unknown.
    """
    listed = accounts(calls, caller)
    if not listed.items:
        return listed
    failures = list(listed.failures)
    units: Mapping[str, str] = {}
    try:
        units = dict(_units(calls, caller))
    except AwsError as error:
        failures.append(failure_of(error))
    found = [replace(account, unit=units.get(account.id, "")) for account in listed.items]
    try:
        found = [replace(account, tags=_tags(calls, caller, account.id)) for account in found]
    except AwsError as error:  # the next account would be refused as this one was
        failures.append(failure_of(error))
    return Sweep(tuple(found), tuple(failures))


def masked_email(address: str) -> str:
    """An address that people recognise and nobody can write to: `a…@example.com`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if at else ""


def _units(calls: Calls, caller: Caller) -> Iterator[tuple[str, str]]:
    """Account ids and the path of the unit that holds each, level by level from the root."""
    level = [(str(root["Id"]), "") for root in _entries(calls, caller, LIST_ROOTS, "Roots")]
    for _ in range(DEEPEST):
        below: list[tuple[str, str]] = []
        for parent, path in level:
            for account in _entries(calls, caller, LIST_UNIT_ACCOUNTS, "Accounts", ParentId=parent):
                yield str(account["Id"]), path
            units = _entries(calls, caller, LIST_UNITS, "OrganizationalUnits", ParentId=parent)
            below += [(str(unit["Id"]), f"{path}/{unit.get('Name', '')}".strip("/")) for unit in units]
        level = below


def _tags(calls: Calls, caller: Caller, account: str) -> dict[str, str]:
    entries = _entries(calls, caller, LIST_TAGS, "Tags", ResourceId=account)
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in entries}


def _entries(calls: Calls, caller: Caller, operation: Operation, key: str, **params: str) -> Iterator[dict[str, Any]]:
    for page in calls.pages(Ask(operation, params, (key,)), caller):
        yield from page[key]


def _account(entry: dict[str, Any]) -> Account:
    identifier = str(entry.get("Id", ""))
    return Account(
        identifier,
        str(entry.get("Name") or identifier),
        # Organizations replaces `Status` by `State`; either may be there.
        str(entry.get("Status") or entry.get("State") or ""),
        email=masked_email(str(entry.get("Email", ""))),
        source="organizations",
        joined=entry.get("JoinedTimestamp"),
    )
