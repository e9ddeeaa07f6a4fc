"""Column types that mean the same on SQLite, PostgreSQL and MySQL: aware UTC instants and exact dollars."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

from finops.model.period import utc

MICRO = Decimal(1_000_000)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds, stored without a zone; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """MySQL keeps microseconds only when told to."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is stored."""
        return None if value is None else utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What was stored."""
        return None if value is None else value.replace(tzinfo=UTC)


class Dollars(TypeDecorator[Decimal]):
    """US dollars as whole micro-dollars in a BIGINT: exact everywhere, and the database can add them itself.

    SQLite has no decimal type, and MySQL and PostgreSQL disagree on the scale of sums. An amount finer than a
    micro-dollar raises ValueError instead of being rounded.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """What is stored."""
        if value is None:
            return None
        micro = value * MICRO
        if micro != micro.to_integral_value():
            raise ValueError("dollars finer than a micro-dollar")
        return int(micro)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """What was stored."""
        return None if value is None else Decimal(value) / MICRO


Identity = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself only in a column declared INTEGER PRIMARY KEY."""

NAME_LENGTH = 191
Name = String(NAME_LENGTH)
"""A short name; 191 characters of utf8mb4 fit in every MySQL index."""

LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
