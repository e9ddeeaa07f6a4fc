"""The building blocks of JSON Schemas: texts, money, instants, objects, lists, references."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.api.envelope import Document

TEXT: Document = {"type": "string"}
FLAG: Document = {"type": "boolean"}
COUNT: Document = {"type": "integer", "minimum": 0}
MONEY: Document = {"type": "string", "pattern": r"^-?\d+\.\d{2,}$", "description": "An exact decimal, never a float."}
INSTANT: Document = {"type": "string", "format": "date-time"}
DAY: Document = {"type": "string", "format": "date"}


def maybe(schema: Document) -> Document:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def reference(name: str) -> Document:
    """A schema of the components by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(values: Iterable[str]) -> Document:
    """One of some texts, those of an enumeration for one."""
    return {"type": "string", "enum": [str(value) for value in values]}


def fields(required: dict[str, Document], optional: dict[str, Document] | None = None) -> Document:
    """An object with these members."""
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def items(schema: Document) -> Document:
    """An array of these."""
    return {"type": "array", "items": schema}


def by_name(schema: Document) -> Document:
    """An object whose members, whatever their names, are these."""
    return {"type": "object", "additionalProperties": schema}


def answer(data: Document, more: dict[str, Document] | None = None) -> Document:
    """An envelope; `more` are members of its `meta` beside those of every answer."""
    meta: Document = {"allOf": [reference("Meta"), fields(more)]} if more else reference("Meta")
    return fields({"data": data, "meta": meta})
