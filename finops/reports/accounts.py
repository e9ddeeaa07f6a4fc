"""Accounts in tables: id, name, and what to call one that has no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.reports import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (Column("account", "Account id"), Column("account_name", "Account name"), Column("label", "Account"))
"""`label` is the name, and the id of an account that has none."""


def account_cells(names: Mapping[str, str], account: str) -> tuple[str, str, str]:
    """The cells of `COLUMNS`."""
    return account, names.get(account, ""), account_label(names, account)


def account_label(names: Mapping[str, str], account: str) -> str:
    """What an account is called."""
    return names.get(account) or account or "(no account)"
