"""Values on the wire: JSON-friendly in, Python's types out. Each reader gives None for what is absent or empty.

A reader raises ValueError with a rule to show people, and gives a value it made back unchanged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from finops.model.money import parse_amount
from finops.model.period import utc

if TYPE_CHECKING:
    from collections.abc import Callable

MICRO = Decimal("0.000001")
"""Amounts of a month are kept to the micro-dollar."""
_MOST = Decimal("1e12")  # in micro-dollars it still fits the whole numbers of every database
_UNWANTED = re.compile("[\0\ud800-\udfff]")  # refused by databases, by Parquet, or by both
_FLAGS = {"true": True, "false": False}


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CHOICE = "one of a list"
    MONEY = "decimal text"
    FLAG = "true or false"
    TIME = "ISO 8601 with a zone"
    DAY = "YYYY-MM-DD"
    TAGS = "object of texts"
    JSON = "object"


def clean(text: str) -> str:
    """The text with NUL and lone surrogates replaced."""
    return _UNWANTED.sub("\N{REPLACEMENT CHARACTER}", text)


def text_of(value: object) -> str:
    """A text without blanks around it; "" when absent."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - readers raise one kind of error
    return clean(value).strip()


def choice_of(value: object, choices: type[StrEnum]) -> StrEnum | None:
    """A member of an enumeration, whatever the case it is written in."""
    text = text_of(value)
    if not text:
        return None
    found = next((choice for choice in choices if choice.value.casefold() == text.casefold()), None)
    if found is None:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return found


def money_of(value: object) -> Decimal | None:
    """An exact amount to the micro-dollar, halves to even. A float is refused: it is not what somebody was billed."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise ValueError("must be a decimal text")  # noqa: TRY004 - readers raise one kind of error
    amount = parse_amount(str(value)) if str(value).strip() else None
    if amount is None:
        return None
    size = amount.copy_abs()  # abs() would compute, and overflow
    if size >= _MOST or (rounded := size.quantize(MICRO, ROUND_HALF_EVEN)) >= _MOST:
        raise ValueError("is not an amount of money")
    return rounded.copy_sign(amount) + 0


def flag_of(value: object) -> bool | None:
    """True or false."""
    if value is None or isinstance(value, bool):
        return value
    text = text_of(value).casefold()
    if text and text not in _FLAGS:
        raise ValueError("must be true or false")
    return _FLAGS.get(text)


def time_of(value: object) -> datetime | None:
    """An instant in UTC; without a zone it is refused."""
    if isinstance(value, datetime):
        found = value
    elif text := text_of(value):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("must be a time as ISO 8601 writes it") from None
    else:
        return None
    try:
        return utc(found)
    except OverflowError:
        raise ValueError("is no time that UTC has") from None


def day_of(value: object) -> date | None:
    """A day."""
    if isinstance(value, datetime):
        raise ValueError("must be a day, not an instant")  # noqa: TRY004 - readers raise one kind of error
    if isinstance(value, date):
        return value
    text = text_of(value)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("must be a day as YYYY-MM-DD") from None


def tags_of(value: object) -> dict[str, str] | None:
    """Tags, sorted by key, texts as they are but storable. None: unknown."""
    if value is None or value == "":
        return None
    if not isinstance(value, Mapping):
        raise ValueError("must be an object of texts")  # noqa: TRY004 - readers raise one kind of error
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in value.items()):
        raise ValueError("must be an object of texts")
    return {clean(name): clean(value[name]) for name in sorted(value)}


def object_of(value: object) -> dict[str, Any] | None:
    """An object of JSON values; decimals become texts, tuples lists."""
    if value is None or value == "":
        return None
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")  # noqa: TRY004 - readers raise one kind of error
    try:
        found: dict[str, Any] = _json(value)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    return found


def _json(value: object) -> Any:
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("holds a number that JSON cannot write")
        return value
    return _nested(value)


def _nested(value: object) -> Any:
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("holds a name that is not a text")
        return {clean(name): _json(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, Decimal) and value.is_finite() and value.copy_abs() < _MOST:
        return format(value, "f")
    raise ValueError(f"holds a {type(value).__name__}, which JSON cannot write")


READERS: Mapping[Kind, Callable[[object], Any]] = {
    Kind.TEXT: text_of,
    Kind.MONEY: money_of,
    Kind.FLAG: flag_of,
    Kind.TIME: time_of,
    Kind.DAY: day_of,
    Kind.TAGS: tags_of,
    Kind.JSON: object_of,
}
