"""Findings into Arrow and back: one cast each way, and the lean way back to observations."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from finops.model.errors import StoreError
from finops.model.findings import Basis, Finding, Observation, Verdict
from finops.store.finding_schema import FINDING_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTY_IS_NULL = frozenset({"resource_id", "resource_arn", "name", "issue"})
_RENAMED = {"tenant_id": "tenant"}
_INSTANTS = ("observed", "created")

FINDING_COLUMNS = ", ".join(
    f"epoch_us({name}) AS {name}" if name in _INSTANTS else name for name in FINDING_SCHEMA.names
)
"""What a query selects for `findings_of`: instants as whole microseconds, so that no zone library is needed."""

OBSERVED_COLUMNS = ", ".join(
    f"epoch_us({name}) AS {name}" if name in _INSTANTS else name
    for name in (
        *("run_date", "fingerprint", "check_id", "account", "region", "kind", "resource_id", "resource_arn", "name"),
        *("issue", "verdict", "monthly_saving", "saving_basis", "created", "tags", "evidence", "currency"),
    )
)
"""What a query selects for `observations_of`."""


def finding_table(findings: Iterable[Finding]) -> pa.Table:
    """Findings as rows of `FINDING_SCHEMA`, sorted, so that the same findings make the same bytes."""
    rows = sorted(findings, key=lambda each: (each.check_id, each.account, each.region, each.fingerprint))
    columns = {name: [_stored(name, row) for row in rows] for name in FINDING_SCHEMA.names}
    try:
        return pa.table(columns, schema=FINDING_SCHEMA)
    except (pa.ArrowException, UnicodeError, ValueError) as error:
        raise StoreError(f"findings cannot be stored ({type(error).__name__}): {error}") from None


def canonical_json(value: object) -> str:
    """JSON with sorted names, no blanks, and no more escapes than needed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _stored(name: str, finding: Finding) -> object:
    value = getattr(finding, _RENAMED.get(name, name))
    if name == "evidence":
        return canonical_json(value)
    if name == "tags":
        return None if value is None else canonical_json(dict(value))
    if name in _EMPTY_IS_NULL:
        return value or None
    return str(value) if isinstance(value, Verdict | Basis) else value


def findings_of(table: pa.Table) -> Iterator[Finding]:
    """The findings of rows selected with `FINDING_COLUMNS`."""
    for batch in table.to_batches():
        names = [_RENAMED.get(name, name) for name in batch.schema.names]
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield _finding(dict(zip(names, row, strict=True)))


def _finding(row: dict[str, Any]) -> Finding:
    for name in _EMPTY_IS_NULL:
        row[name] = row[name] or ""
    row["verdict"] = Verdict(row["verdict"])
    row["saving_basis"] = Basis(row["saving_basis"])
    row["observed"], row["created"] = _instant(row["observed"]), _instant(row["created"])
    row["tags"] = None if row["tags"] is None else json.loads(row["tags"])
    row["evidence"] = json.loads(row["evidence"])
    return Finding(**row)


def instant(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else instant(microseconds)


def observed_rows(table: pa.Table) -> Iterator[tuple[date, str, Verdict, Decimal, Basis, Observation]]:
    """Day, fingerprint, verdict, saving, basis and observation of rows selected with `OBSERVED_COLUMNS`."""
    for batch in table.to_batches():
        lists = [column.to_pylist() for column in batch.columns]
        for day, fingerprint, *about, verdict, saving, basis, created, tags, evidence, currency in zip(
            *lists, strict=True
        ):
            seen = _observation(about, json.loads(evidence), tags, _instant(created), currency)
            yield day, fingerprint, Verdict(verdict), saving, Basis(basis), seen


def _observation(
    about: Sequence[str | None], seen: Mapping[str, Any], tags: str | None, created: datetime | None, currency: str
) -> Observation:
    check_id, account, region, kind, resource_id, arn, name, issue = (text or "" for text in about)
    start, end = seen.get("window") or (None, None)
    return Observation(
        check_id=check_id,
        account=account,
        region=region,
        kind=kind,
        resource_id=resource_id,
        arn=arn,
        name=name,
        issue=issue,
        created=created,
        tags=None if tags is None else json.loads(tags),
        facts=seen.get("facts", {}),
        series={key: tuple(values) for key, values in seen.get("series", {}).items()},
        window_start=None if start is None else date.fromisoformat(start),
        window_end=None if end is None else date.fromisoformat(end),
        amounts={key: Decimal(text) for key, text in seen.get("amounts", {}).items()},
        currency=currency,
    )
