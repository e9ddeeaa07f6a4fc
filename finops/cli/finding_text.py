"""Findings, checks and figures as tables: few columns for people, all of them for a pipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from finops.api.envelope import instant
from finops.cli.asset_text import cell, member, plain, record_table
from finops.cli.text import Table, amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from export import Cell
    from finops.api.envelope import Document

SHOWN_FINDINGS = (
    *("severity", "title", "account", "region", "resource_id", "name", "monthly_saving", "currency", "status"),
    "fingerprint",
)
STATE_COLUMNS = ("fingerprint", "status", "until", "owner", "reason", "notes", "updated", "updated_by")
CHECK_COLUMNS = ("check_id", "title", "category", "severity", "kinds", "action_type", "thresholds", "operations")
SHOWN_CHECKS = ("check_id", "title", "category", "severity", "thresholds")
KPI_COLUMNS = ("period", "kpi", "key", "findings", "saving", "currency", "rank", "fingerprint")
_NESTED = {"evidence", "remedy", "tags"}


def finding_table(document: Document, columns: tuple[str, ...]) -> Table:
    """A list of findings; a pipe gets every field."""
    return record_table(member(document, "data")["items"], columns, shown=SHOWN_FINDINGS)


def detail_table(data: Mapping[str, Any]) -> Table:
    """One finding with all that is known of it, line by line."""
    found = data["finding"]
    rows: list[tuple[Cell, ...]] = [("finding", name, cell(found, name)) for name in found if name not in _NESTED]
    rows += [("tag", key, value) for key, value in (found["tags"] or {}).items()]
    for part in ("facts", "amounts", "series"):
        rows += [(part, name, plain(value)) for name, value in (found["evidence"].get(part) or {}).items()]
    rows += [("remedy", name, plain(value)) for name, value in found["remedy"].items()]
    rows += [("history", instant(each["at"]), _event(each)) for each in data["history"]]
    return Table(("part", "name", "value"), tuple(rows))


def check_table(document: Document) -> Table:
    """The checks, each with its thresholds and operations in a cell."""
    items = [
        each
        | {
            "thresholds": ", ".join(map(_threshold, each["thresholds"])),
            "operations": ", ".join(f"{one['service']}:{one['operation']}" for one in each["operations"]),
        }
        for each in member(document, "data")["items"]
    ]
    return record_table(items, CHECK_COLUMNS, shown=SHOWN_CHECKS)


def worth(document: Document) -> str:
    """What a list of findings comes to, as the end of a sentence; "" without a dollar."""
    told = [
        f"{amount(total['net'])} {currency} (of {amount(total['gross'])} gross)"
        for currency, total in member(document, "data")["totals"].items()
    ]
    return f" They would save {' and '.join(told)} a month." if told else ""


def _threshold(each: Mapping[str, Any]) -> str:
    return f"{each['name']} {each['value']:g} ({each['minimum']:g} to {each['maximum']:g})"


def _event(event: Mapping[str, Any]) -> str:
    change = f"{event['before'] or 'new'} → {event['after']}" if event["before"] != event["after"] else event["after"]
    text = f": {json.dumps(event['text'], ensure_ascii=False)}" if event["text"] else ""
    return f"{event['action']} by {event['by']}, {change}{text}"
