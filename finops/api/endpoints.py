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
    """One request, its person known and allowed to be here. `tenant` is checked too, and is the one to answer for.

    `sent` is the JSON object of a POST's body.
    """

    request: Request
    person: Person
    tenant: str
    pairs: tuple[tuple[str, str], ...]
    sent: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. `many` may be repeated; `schema` is its JSON Schema."""

    name: str
    help: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    many: bool = False


def page_limit(usual: int, most: int, told: str = "Items per page.") -> Parameter:
    """The parameter `limit` of a list that comes in pages."""
    return Parameter("limit", told, {"type": "integer", "minimum": 1, "maximum": most, "default": usual})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path under `/api` that answers with an envelope. `schema` names the data's schema in the OpenAPI components.

    `within` are the parameters in the path itself; `body` names the schema of what is sent with a POST. `free` says
    which further query parameters there may be whose names depend on a value: the answer itself refuses others.
    """

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
    method: str = "GET"
    within: tuple[Parameter, ...] = ()
    body: str = ""
    free: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it answers; whatever is read is offered without its body too."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def known(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)
