"""The one shape of every answer, on API and command line: `{"data": …, "meta": …}`, money as decimal strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.money import plain

if TYPE_CHECKING:
    from finops.model.outcome import Failure

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Meta:
    """What every answer says about itself. `as_of` is when its facts were fetched, `more` what one kind has."""

    tenant: str
    as_of: datetime | None
    currency: str | None = None
    metric: str | None = None
    source: str | None = None
    estimated: bool = False
    partial: bool = False
    failures: tuple[Failure, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)


def envelope(data: object, meta: Meta) -> Document:
    """The document to send: `data` and `meta`, still with Python's own types (see `json_text`)."""
    return {
        "data": data,
        "meta": {
            "tenant": meta.tenant,
            "as_of": meta.as_of,
            "currency": meta.currency,
            "metric": meta.metric,
            "source": meta.source,
            "estimated": meta.estimated,
            "partial": meta.partial,
            "failures": [failure_record(failure) for failure in meta.failures],
            **meta.more,
        },
    }


def failure_record(failure: Failure) -> Document:
    """The fields of `meta.failures[]`."""
    return asdict(failure)


def failure_line(failure: Failure) -> str:
    """A failure in one line: where, what, and the permission that is missing."""
    place = " ".join(part for part in (failure.account, failure.region, failure.service) if part)
    missing = f" (missing permission: {failure.missing_action})" if failure.missing_action else ""
    return f"{place}{': ' if place else ''}{failure.message}{missing}"


def json_text(document: object, *, indent: int | None = None) -> str:
    """JSON text of a document: Decimals as plain decimal strings, instants as ISO 8601 with `Z`, days as YYYY-MM-DD.

    Money reaches this function as Decimal. TypeError for a value without a form here, ValueError for NaN.
    """
    return json.dumps(document, default=_plain_value, ensure_ascii=True, allow_nan=False, indent=indent)


def instant(moment: datetime) -> str:
    """An instant as ISO 8601 in UTC with `Z`, whole seconds kept short."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
