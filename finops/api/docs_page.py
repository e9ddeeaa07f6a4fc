"""`/api/docs`: the OpenAPI description as one plain page. No script, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from finops.api.parameters import EXCLUDE
from finops.api.paths import ENDPOINTS
from finops.api.problems import TYPES
from finops.model.costs import PLAIN_DIMENSIONS

if TYPE_CHECKING:
    from finops.api.endpoints import Endpoint, Parameter

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
)
_INTRODUCTION = (
    "<p>What the pages show, for programs. <code>start</code> is inclusive and <code>end</code> exclusive. Money is a "
    "decimal string. An answer that is not complete has <code>meta.partial</code> true and the reasons in "
    "<code>meta.failures</code>. While nobody signs in, the header <code>X-Finops-Persona</code> (analyst, manager, "
    "admin) says who asks.</p>"
)
_PROBES = (
    ("/healthz", "200 while the process lives."),
    ("/readyz", "200 or 503, one line per part: database, lake, disk, scheduler."),
    ("/metrics", "Prometheus text."),
    ("/api/openapi.json", "This page for programs: OpenAPI 3.1."),
)


def docs_html() -> str:
    """The whole page as HTML; every text in it is escaped."""
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>FinOps dashboard API</title>',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<style>{_STYLE}</style></head><body><main><h1>FinOps dashboard API</h1>",
            _INTRODUCTION,
            *(_section(endpoint) for endpoint in ENDPOINTS),
            "<h2>For monitoring and programs</h2>",
            _table(("Path", "Gives"), [(path, told) for path, told in _PROBES]),
            "<h2>Problems</h2><p>Errors are <code>application/problem+json</code> (RFC 9457); ",
            "<code>field</code> names what is at fault.</p>",
            *(
                f'<p id="{kind}"><b>{status} {escape(title)}</b> <code>{kind}</code></p>'
                for kind, (status, title) in TYPES.items()
            ),
            "</main></body></html>",
        )
    )


def _section(endpoint: Endpoint) -> str:
    rows = [_row(parameter) for parameter in endpoint.parameters]
    if endpoint.filters:
        names = ", ".join(PLAIN_DIMENSIONS)
        rows.append(
            (
                "filters",
                f"Any of {names}, tag:<Key>, category:<Name> as a parameter, repeated for alternatives; "
                f"{EXCLUDE}<dimension> leaves out.",
            )
        )
    if endpoint.free:
        rows.append(("others", endpoint.free))
    rows = [*((parameter.name, f"{parameter.help} (in the path)") for parameter in endpoint.within), *rows]
    example = f"{endpoint.path}?{endpoint.example}" if endpoint.example else endpoint.path
    sent = f" Sends JSON: <code>{escape(endpoint.body)}</code> of the description." if endpoint.body else ""
    return "".join(
        (
            f"<h2><code>{endpoint.method} {escape(endpoint.path)}</code></h2>",
            f"<p>{escape(endpoint.summary)}. Needs <code>{endpoint.right}</code>.{sent}</p>",
            f"<pre>{escape(example)}</pre>",
            _table(("Parameter", "Meaning"), rows),
        )
    )


def _row(parameter: Parameter) -> tuple[str, str]:
    needed = " (needed)" if parameter.required else ""
    offered = parameter.schema.get("enum")
    choices = f" One of {', '.join(map(str, offered))}." if isinstance(offered, list) else ""
    return parameter.name, f"{parameter.help}{choices}{needed}"


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    body = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{escape(told)}</td></tr>" for name, told in rows)
    return f"<table><thead><tr><th>{head[0]}</th><th>{head[1]}</th></tr></thead><tbody>{body}</tbody></table>"
