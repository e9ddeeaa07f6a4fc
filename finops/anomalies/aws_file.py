"""The file of AWS's last answer: JSON with a version, read with suspicion. Amounts stay exact: they are text."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from finops.model.aws_anomalies import AwsFinding, AwsFindings, AwsState
from finops.model.errors import StoreError
from finops.model.outcome import Failure

MOST_BYTES = 4_000_000
VERSION = 1


def written(found: AwsFindings) -> bytes:
    """The answer as a file."""
    return json.dumps({"version": VERSION, **asdict(found)}, default=_text, sort_keys=True).encode()


def read(content: bytes) -> AwsFindings:
    """The answer of a file. StoreError for one that is damaged: it must not pass for an answer without findings."""
    try:
        held = json.loads(content[:MOST_BYTES])
        found = _answer(held) if held["version"] == VERSION else None
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise StoreError(f"what AWS said of anomalies cannot be read, ask again: {error}") from None
    if found is None:
        raise StoreError("what AWS said of anomalies was kept by another version, ask again")
    return found


def _answer(held: dict[str, Any]) -> AwsFindings:
    failure = held["failure"]
    return AwsFindings(
        state=AwsState(held["state"]),
        asked=_moment(held["asked"]),
        told_at=_moment(held["told_at"]),
        since=_day(held["since"]),
        monitors=int(held["monitors"]),
        findings=tuple(_finding(each) for each in held["findings"]),
        failure=None if failure is None else Failure(**failure),
    )


def _finding(held: dict[str, Any]) -> AwsFinding:
    days = {"start": date.fromisoformat(held["start"]), "end": _day(held["end"])}
    amounts = {name: None if held[name] is None else Decimal(held[name]) for name in ("impact", "actual", "expected")}
    return AwsFinding(**{**held, **days, **amounts})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(value: object) -> str:
    if isinstance(value, date):  # and instants, which are dates too
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in the file")
