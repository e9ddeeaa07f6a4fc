"""The API's own description: OpenAPI 3.1, built from the table that the routes are built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.endpoints import CSV, Endpoint, Parameter
from finops.api.parameters import EXCLUDE
from finops.api.paths import ENDPOINTS
from finops.api.problems import MEDIA_TYPE, TYPES
from finops.api.schemas import SCHEMAS
from finops.model.costs import PLAIN_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.api.envelope import Document

VERSION = "1"
_ABOUT = (
    "What the pages show, for programs. `start` is inclusive, `end` exclusive; money is a decimal string; an answer "
    "that is not complete says so in `meta.partial` with the reasons in `meta.failures`. Errors are problem JSON "
    "(RFC 9457) naming the field at fault."
)
_KEYED_FILTERS: Document = {
    "name": "filters",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": f"`tag:<Key>=value` and `category:<Name>=value`, each also with `{EXCLUDE}` before; "
    "an empty value means untagged.",
    "schema": {
        "type": "object",
        "patternProperties": {"^(exclude:)?(tag|category):.{1,128}$": {"type": "string"}},
        "additionalProperties": False,
    },
}


def openapi() -> Document:
    """The whole description. Validated by the tests against the OpenAPI 3.1 schema."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "FinOps dashboard API", "version": VERSION, "description": _ABOUT},
        "paths": {
            "/healthz": _probe(
                "healthz", "Alive", {"200": _content("The process lives.", "application/json", "Health")}
            ),
            "/readyz": _probe("readyz", "Ready", {"200": _text("Every part works."), "503": _text("A part does not.")}),
            "/metrics": _probe("metrics", "Prometheus metrics", {"200": _text("Text exposition format 0.0.4.")}),
            "/api/openapi.json": _probe(
                "openapi", "This description", {"200": _content("OpenAPI 3.1.", "application/json", "Description")}
            ),
            "/api/docs": _probe("docs", "This description as a page", {"200": _text("HTML.", "text/html")}),
            **_paths(),
        },
        "components": {"schemas": SCHEMAS, "responses": _problems()},
    }


def _paths() -> Document:
    """Each path with its operations by method."""
    found: dict[str, Document] = {}
    for endpoint in ENDPOINTS:
        found.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {**found}


def _operation(endpoint: Endpoint) -> Document:
    good = _content("The answer; `meta.partial` says whether it is complete.", "application/json", endpoint.schema)
    good["content"] = {**_mapping(good["content"]), **{kind: {"schema": _file(kind)} for kind in endpoint.files}}
    problems = {str(status): {"$ref": f"#/components/responses/{name}"} for status, name in _statuses().items()}
    within = [{**_parameter(parameter), "in": "path", "required": True} for parameter in endpoint.within]
    asked = [_parameter(parameter) for parameter in endpoint.parameters]
    return {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "description": f"Needs the right `{endpoint.right}`.",
        "parameters": [*within, *asked, *_free(endpoint), *_filters(endpoint), _persona()],
        **({"requestBody": _body(endpoint.body)} if endpoint.body else {}),
        "responses": {"200": good, **problems},
    }


def _body(schema: str) -> Document:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content}


def _free(endpoint: Endpoint) -> list[Document]:
    if not endpoint.free:
        return []
    schema = {"type": "object", "additionalProperties": {"type": "number"}}
    told = {"name": "others", "in": "query", "style": "form", "explode": True, "description": endpoint.free}
    return [{**told, "schema": schema}]


def _parameter(parameter: Parameter) -> Document:
    schema = {"type": "array", "items": parameter.schema} if parameter.many else parameter.schema
    described: Document = {"name": parameter.name, "in": "query", "description": parameter.help, "schema": schema}
    if parameter.required:
        described["required"] = True
    return {**described, "style": "form", "explode": True} if parameter.many else described


def _filters(endpoint: Endpoint) -> list[Document]:
    if not endpoint.filters:
        return []
    plain = [
        _parameter(Parameter(f"{prefix}{name}", f"{told} this {name}; repeat for several.", many=True))
        for prefix, told in (("", "Only"), (EXCLUDE, "All but"))
        for name in PLAIN_DIMENSIONS
    ]
    return [*plain, _KEYED_FILTERS]


def _persona() -> Document:
    told = "While nobody signs in: who asks (`analyst`, `manager` or `admin`); default the analyst."
    return {"name": "X-Finops-Persona", "in": "header", "description": told, "schema": {"type": "string"}}


def _probe(operation: str, summary: str, responses: Mapping[str, object]) -> Document:
    return {"get": {"operationId": operation, "summary": summary, "responses": dict(responses)}}


def _content(told: str, media_type: str, schema: str) -> Document:
    return {"description": told, "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _text(told: str, media_type: str = "text/plain") -> Document:
    return {"description": told, "content": {media_type: {"schema": {"type": "string"}}}}


def _file(media_type: str) -> Document:
    """A text, or bytes: OpenAPI 3.1 tells binary content by its media type, without a schema for what is in it."""
    return {"type": "string"} if media_type == CSV else {}


def _statuses() -> dict[int, str]:
    """Status → name of its response in the components; kinds that share a status share a response."""
    return {status: f"Problem{status}" for status, _ in TYPES.values()}


def _problems() -> Document:
    told = {status: "; ".join(title for code, title in TYPES.values() if code == status) for status in _statuses()}
    return {
        name: {
            "description": told[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, name in _statuses().items()
    }


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}
