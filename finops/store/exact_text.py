"""Text that means the same on SQLite, PostgreSQL, MySQL and MariaDB: compared and sorted byte by byte, always storable.

Left to themselves, PostgreSQL sorts by the server's language and refuses NUL, MySQL takes `prod ` for `prod`, and no
driver can send a lone surrogate.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

REPLACED = "\N{REPLACEMENT CHARACTER}"
_DIGEST = 16


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD: what every database takes and gives back."""
    if text.isascii():
        return text.replace("\0", REPLACED) if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", REPLACED)


def fitted(text: str, length: int) -> str:
    """The storable text in at most `length` characters: a longer one is cut and ends in `~` and a digest of all of it.

    Two long texts stay two, and the same text is found again, whatever its length. `length` has room for the digest.
    """
    text = storable(text)
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{text[: length - _DIGEST - 1]}~{digest}"


def _collation(dialect: Dialect) -> str:
    """Byte order without padding; the two forks of MySQL spell it differently."""
    return "utf8mb4_nopad_bin" if getattr(dialect, "is_mariadb", False) else "utf8mb4_0900_bin"


class Exact(TypeDecorator[str]):
    """A text of at most `length` characters (see `fitted`), compared and sorted byte by byte."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type with the collation that compares bytes."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.VARCHAR(self.length, collation=_collation(dialect)))
        return dialect.type_descriptor(String(self.length, collation="C" if dialect.name == "postgresql" else None))


class ExactText(TypeDecorator[str]):
    """A text of any length, compared byte by byte; never part of an index."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type with the collation that compares bytes."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.LONGTEXT(collation=_collation(dialect)))
        return dialect.type_descriptor(Text(collation="C" if dialect.name == "postgresql" else None))
