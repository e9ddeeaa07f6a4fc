"""`.env.example` and `docs/settings.md`, written from `config.Settings`: `python -m finops.cli.settings_page`.

A test compares both files with what this module would write.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config import EXAMPLE_SECRET, PREFIX, Settings

Schema = dict[str, Any]
"""JSON Schema of one setting, as pydantic writes it."""

ROOT = Path(__file__).resolve().parents[2]
_EXAMPLES = {
    "database_url": "postgresql://finops@db.example.com/finops",
    "broker_url": "redis://127.0.0.1:6379/0",
    "secret_key": EXAMPLE_SECRET,
    "email_from": "FinOps <costs@example.com>",
    "email_allowed_domains": "example.com,*.example.org",
    "email_transport": "folder",
    "email_max_mb": "20",
    "smtp_url": "smtps://finops:password@mail.example.com:465",
    "ses_region": "eu-central-1",
    "ses_configuration_set": "finops-mail",
    "role_name": "finops-dashboard-read",
    "external_id": "the-external-id-of-the-trust-policy",
    "regions": "us-east-1,eu-central-1",
    "accounts": "111111111111,222222222222",
    "lake_url": "s3://example-bucket/finops",
    "cost_categories": "Team",
    "resource_costs": "true",
    "costs_refresh_hours": "24",
    "findings_exclude": "KeepAlive,Environment==dr",
    "auth": "none",
    "now": "2026-11-20T09:00:00Z",
}
"""What a setting without a default could look like; shown commented out."""


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"{PREFIX}{name.upper()}"


def settings() -> dict[str, Schema]:
    """Every field of Settings with its schema, in order."""
    properties: dict[str, Schema] = Settings.model_json_schema()["properties"]
    return properties


def env_example() -> str:
    """`.env.example`: every setting commented out with its default, else an example, under its line of help."""
    blocks = [
        "# Every setting with its default, or an example where there is none. Copy to .env and uncomment what you\n"
        "# change; variables of the environment win over the file. docs/settings.md says the same as a table.\n"
    ]
    for name, schema in settings().items():
        default = default_text(schema)
        note = "" if default else " (an example; unset by default)"
        blocks.append(f"# {schema['description']}{note}\n#{variable(name)}={default or _EXAMPLES[name]}\n")
    return "\n".join(blocks)


def settings_markdown() -> str:
    """`docs/settings.md`: one table row per setting."""
    rows = [
        " | ".join(
            (
                f"| `{variable(name)}`",
                _code(default_text(schema)) or "unset",
                _rule(schema),
                f"{_cell(schema['description'])} |",
            )
        )
        for name, schema in settings().items()
    ]
    return "\n".join((_INTRODUCTION, "| variable | default | rule | meaning |", "|---|---|---|---|", *rows, "", _AWS))


def default_text(schema: Schema) -> str:
    """The default as it would be written in `.env`; "" for none."""
    value = schema.get("default")
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, list) else str(value)


def write() -> None:
    """Writes both files."""
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    (ROOT / "docs" / "settings.md").write_text(settings_markdown(), encoding="utf-8")


def _rule(schema: Schema) -> str:
    """Type and bounds in words."""
    kind = next((choice for choice in schema.get("anyOf", ()) if choice["type"] != "null"), schema)
    words = [_kind(kind)]
    if "minimum" in kind:
        words.append(
            f"from {kind['minimum']:g} to {kind['maximum']:g}"
            if kind["maximum"] < _LARGE
            else f"{kind['minimum']:g} or more"
        )
    if "pattern" in kind:
        words.append(f"matches {_code(kind['pattern'])}")
    return ", ".join(words)


def _kind(schema: Schema) -> str:
    if "enum" in schema:
        return " / ".join(_code(choice) for choice in schema["enum"])
    return _KINDS.get(schema.get("format", ""), _KINDS.get(schema["type"], "text"))


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_LARGE = 2**31 - 1
_KINDS = {
    "path": "folder",
    "password": "secret text",
    "date-time": "instant (ISO 8601 with time zone)",
    "integer": "whole number",
    "number": "number",
    "array": "comma list",
}
_INTRODUCTION = """# Settings

Settings come from the environment, or from a file `.env` beside the code (`cp .env.example .env`); the environment
wins. An empty value counts as unset. A wrong value ends the start with exit code 2 and one line that names the
variable and the rule, never the value. Secrets are never printed, not by `doctor` either.
`FINOPS_ENV_FILE` names another file to read than `.env`.

This page and `.env.example` are written by `python -m finops.cli.settings_page` from `config.py`.
"""
_AWS = """## AWS's own variables

`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL` and the files under `~/.aws` mean what they mean
for every AWS tool. In demo mode none of them is read. `FINOPS_NOW` is accepted in `aws` mode only while
`AWS_ENDPOINT_URL` points at a loopback address.
"""


if __name__ == "__main__":
    write()
