"""Writes docs/permissions.md from the table of permitted operations: `python -m finops.cli.permissions_page`."""

from __future__ import annotations

from pathlib import Path

from finops.aws.permissions import Operation, declared

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
_INTRODUCTION = """# Permissions

Every AWS operation this product can send. Anything else is refused inside the process before it leaves, whatever the
keys allow. The same table makes `python -m finops iam-policy` and the `doctor`. All of it reads, but for the one
operation that sends a mail, `ses:SendRawEmail` (docs/mail.md).

This page is written by `python -m finops.cli.permissions_page`.

| IAM action | operation | where | price per request | without it you lose |
|---|---|---|--:|---|
"""
_WHERE = {"hub": "the account the product runs as", "member": "every account"}


def permissions_markdown() -> str:
    """The page: a row for each declared operation, sorted by IAM action."""
    rows = sorted(declared(), key=lambda operation: (operation.action, operation.name))
    return _INTRODUCTION + "".join(_row(operation) for operation in rows)


def _row(operation: Operation) -> str:
    price = f"${operation.price}" if operation.price else "free"
    where = _WHERE[operation.scope]
    return f"| `{operation.action}` | {operation.service} {operation.name} | {where} | {price} | {operation.lost} |\n"


if __name__ == "__main__":
    PAGE.write_text(permissions_markdown(), encoding="utf-8")
