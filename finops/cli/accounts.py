"""`accounts sync`, `accounts list`, `accounts set`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from finops.api.asset_documents import accounts_document
from finops.cli.asset_text import ACCOUNT_COLUMNS, member, record_table, told_failures
from finops.cli.frame import Result, Session, reported
from finops.inventory.accounts import chosen
from finops.model.errors import InputError
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.accounts import Account
    from finops.model.outcome import Failure

_ROLE = re.compile(r"[\w+=,.@-]{0,64}", re.ASCII)  # IAM's rule for names, as in FINOPS_ROLE_NAME
_EXTERNAL_ID = re.compile(r"([\w+=,.@:/-]{2,1224})?", re.ASCII)  # that of sts:AssumeRole


@click.group()
def accounts() -> None:
    """The AWS accounts: ask the organization for them, list them, say how one is opened."""


@accounts.command()
@reported
def sync(session: Session) -> Result:
    """Asks the organization which accounts there are (or takes FINOPS_ACCOUNTS) and keeps what it says."""
    tenant = session.fetching_tenant("accounts")
    with session.finops() as finops:
        person = session.person(finops, Right.DISCOVER, tenant)
        found = finops.inventory.sync_accounts(tenant, user=person.principal)
        return _listing(found.items, tenant, as_of=finops.now(), failures=found.failures)


@accounts.command("list")
@reported
def list_accounts(session: Session) -> Result:
    """Lists the accounts known; the document is that of /api/accounts."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_INVENTORY, tenant)
        return _listing(finops.inventory.accounts(tenant), tenant)


@accounts.command("set")
@click.argument("account")
@click.option("--role", metavar="R", help='Role assumed there instead of FINOPS_ROLE_NAME; "" for that one again.')
@click.option(
    "--external-id-stdin",
    is_flag=True,
    help="Reads from stdin the external id sent there instead of FINOPS_EXTERNAL_ID; an empty line for that one again.",
)
@reported
def set_account(session: Session, *, account: str, role: str | None, external_id_stdin: bool) -> Result:
    """Keeps how one account is opened where that differs from the settings. The external id is shown to nobody."""
    if role is None and not external_id_stdin:
        raise InputError("role", "nothing to keep: give --role, --external-id-stdin, or both")
    if role is not None and not _ROLE.fullmatch(role):
        raise InputError("role", "role must be the name of a role: at most 64 of A-Z a-z 0-9 and + = , . @ - _")
    tenant = session.fetching_tenant("accounts")
    with session.finops() as finops:
        session.person(finops, Right.ADMINISTER, tenant)
        chosen(finops.inventory.accounts(tenant), (account,))
        external_id = _external_id() if external_id_stdin else None
        finops.inventory.open_account_by(tenant, account, role=role, external_id=external_id)
        return _listing([one for one in finops.inventory.accounts(tenant) if one.id == account], tenant)


def _external_id() -> str:
    """One line of stdin, not shown when it is typed; InputError, without the value, for one that AWS would refuse."""
    if sys.stdin.isatty():
        text = click.prompt("External id", default="", hide_input=True, show_default=False, err=True)
    else:
        text = sys.stdin.readline()
    text = str(text).strip()
    if not _EXTERNAL_ID.fullmatch(text):
        raise InputError("external_id_stdin", "an external id has 2 to 1224 of A-Z a-z 0-9 and + = , . @ : / - _")
    return text


def _listing(
    found: Sequence[Account], tenant: str, *, as_of: datetime | None = None, failures: tuple[Failure, ...] = ()
) -> Result:
    """Accounts; exit 3 when some may lack, 1 when asking for them gave none."""
    document = accounts_document(found, tenant, as_of=as_of, failures=failures)
    told = told_failures(document)
    known = f"{len(found)} {'account' if len(found) == 1 else 'accounts'}"
    return Result(
        document,
        (f"Tenant {tenant}: {known} known.",),
        record_table(member(document, "data")["items"], ACCOUNT_COLUMNS),
        told,
        code=(1 if failures and not found else 3) if told else 0,
    )
