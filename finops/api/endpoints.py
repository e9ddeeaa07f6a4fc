"""The API as data: each path with its parameters and answer; routes, OpenAPI description and tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from finops.facade import Finops
    from finops.model.people import Person, Right


CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = {"csv": CSV, "xlsx": XLSX}
"""Value of a parameter `format` → media type of the file it gives."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, its person known and allowed to be here. `tenant` is checked too, and is the one to answer for."""

    request: Request
    person: Person
    tenant: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. `many` may be repeated; `schema` is its JSON Schema."""

    name: str
    help: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path under `/api` that answers with an envelope. `schema` names the data's schema in the OpenAPI components."""

    path: str
    operation: str
    summary: str
    right: Right
    parameters: tuple[Parameter, ...]
    answer: Callable[[Finops, Asked], Response]
    schema: str
    example: str  # a query string that it answers
    filters: bool = False  # dimensions of cost are parameters too
    files: tuple[str, ...] = ()  # media types that `format` can ask for beside JSON

    @property
    def known(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)
