"""The documentation names everything there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from config import Settings
from finops.api.docs_page import docs_html
from finops.api.openapi import openapi
from finops.api.parameters import EXCLUDE
from finops.api.paths import ENDPOINTS
from finops.api.problems import TYPES
from finops.api.routes import PATHS
from finops.cli import finops
from finops.cli.settings_page import env_example, settings_markdown
from finops.model.costs import PLAIN_DIMENSIONS, Metric

ROOT = Path(__file__).parent.parent
SHARED_OPTIONS = {"--json", "--tenant"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        here = (*path, name)
        if isinstance(command, click.Group):
            found |= commands(command, here)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            found[" ".join(here)] = command
    return found


def sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## `([^`]+)`$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_settings_files_are_what_the_settings_say():
    rewrite = "run: python -m finops.cli.settings_page"
    assert text(".env.example") == env_example(), rewrite
    assert text("docs/settings.md") == settings_markdown(), rewrite


@pytest.mark.parametrize("page", [".env.example", "docs/settings.md"])
def test_every_setting_is_documented_and_no_other(page):
    named = set(re.findall(r"^(?:#|\| `)(FINOPS_[A-Z_]+)", text(page), flags=re.MULTILINE))
    assert named == {f"FINOPS_{name.upper()}" for name in Settings.model_fields}


def test_the_example_settings_start_the_program(monkeypatch, tmp_path):
    lines = [line.removeprefix("#") for line in env_example().splitlines() if line.startswith("#FINOPS_")]
    assert len(lines) == len(Settings.model_fields)
    wanted = "\n".join(line for line in lines if not line.startswith("FINOPS_SECRET_KEY="))
    (tmp_path / "all.env").write_text(wanted, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings(_env_file="all.env").tenant == "default"


def test_every_command_is_documented_and_no_other():
    assert set(sections(text("docs/cli.md"))) == set(commands(finops))


@pytest.mark.parametrize("name", sorted(commands(finops)))
def test_every_option_is_documented_and_no_other(name):
    section = sections(text("docs/cli.md"))[name]
    documented = set(re.findall(r"^\| `(--[a-z-]+)", section, flags=re.MULTILINE))
    options = {
        option for parameter in commands(finops)[name].params for option in parameter.opts if option.startswith("--")
    }
    assert documented == options - SHARED_OPTIONS
    assert options >= SHARED_OPTIONS


@pytest.mark.parametrize("name", sorted(commands(finops)))
def test_every_command_and_option_says_what_it_does(name):
    command = commands(finops)[name]
    assert command.help
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))


def test_every_path_is_documented_and_no_other():
    page = text("docs/api.md")
    named = set(re.findall(r"^\| `(/[a-z./-]+)`", page, flags=re.MULTILINE)) | set(
        re.findall(r"`(?:GET|POST) (/[a-z./{}-]+)`", page)
    )
    assert named == PATHS == set(openapi()["paths"])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_every_parameter_is_documented_and_no_other(endpoint):
    section = text("docs/api.md").split(f"`{endpoint.method} {endpoint.path}`")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (.+?) \|", section, flags=re.MULTILINE)[1:]
    named = {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}
    assert named == set(endpoint.known)


def test_dimensions_and_metrics_are_listed():
    page = text("docs/api.md")
    assert all(f"`{name}`" in page for name in (*PLAIN_DIMENSIONS, *Metric))
    assert f"`{EXCLUDE}`" in page


def test_every_kind_of_problem_has_an_anchor_on_the_documentation_page():
    page = docs_html()
    assert all(f'id="{kind}"' in page for kind in TYPES)
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
