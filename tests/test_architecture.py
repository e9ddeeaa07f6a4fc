"""The house keeps its rows: who may import whom, where third parties live, and how big a module gets.

The rules are those of docs/decisions/0002-the-architecture-test.md. There is no list of exceptions: a module that does
not fit is moved, or the rule is changed for everyone.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MAX_LINES = 400

# From the entry points down. A unit imports only units of rows below its own; units of one row are independent.
ROWS = [
    row.split()
    for row in (
        "streamlit_app finops.cli finops.worker",
        "pages finops.api",
        "scheduler",
        "export user_prefs",
        "finops.facade",
        "finops.reports finops.health finops.works",
        "finops.waste finops.tagging finops.anomalies finops.budgets finops.insights finops.kpis",
        "finops.costs finops.inventory finops.access finops.jobs finops.delivery",
        "finops.aws finops.store finops.demo",
        "finops.model aws_session",
        "config",
    )
]
LEVEL = {unit: len(ROWS) - number for number, row in enumerate(ROWS) for unit in row} | {"finops": 0}
OURS = {unit.partition(".")[0] for unit in LEVEL}

# Third parties live where they are named; "" stands for tests and tools only. Those not named here are free.
HOMES = {
    "boto3": "aws_session",
    "botocore": "aws_session finops.aws finops.demo",
    "streamlit": "streamlit_app pages",
    "plotly": "pages.ui",
    "sqlalchemy": "finops.store",
    "alembic": "finops.store",
    "duckdb": "finops.store",
    "pyarrow": "finops.store",
    "openpyxl": "export",
    "jinja2": "finops.reports",
    "matplotlib": "finops.reports",
    "apscheduler": "scheduler",
    "celery": "finops.worker finops.jobs",
    "kombu": "finops.jobs",
    "starlette": "finops.api streamlit_app",
    "pydantic": "config",
    "pydantic_settings": "config",
    "bench": "",
    "moto": "",
    "pytest": "",
    "tests": "",
}

# The edges: where an unforeseen error becomes an answer. Elsewhere a broad handler may clean up, but must raise again.
EDGES = "pages.ui.page finops.api finops.cli finops.jobs finops.__main__ scheduler"


class Module(NamedTuple):
    name: str
    is_package: bool
    text: str


def shipped(root: Path) -> list[Module]:
    paths = [*root.glob("*.py"), *root.glob("finops/**/*.py"), *root.glob("pages/**/*.py")]
    return [
        Module(".".join(parts[: len(parts) - is_package]), is_package, path.read_text("utf-8"))
        for path in sorted(paths)
        for parts in [path.relative_to(root).with_suffix("").parts]
        for is_package in [parts[-1] == "__init__"]
    ]


def within(name: str, places: str) -> bool:
    return any(f"{name}.".startswith(f"{place}.") for place in places.split())


def unit_of(name: str) -> str:
    """The unit on a row that a module, or a name imported from it, belongs to; a name without a row is its own unit."""
    if name == "finops.__main__":
        return "finops.cli"
    first, _, rest = name.partition(".")
    second = f"{first}.{rest.partition('.')[0]}"
    return second if second in LEVEL else first


def imports(module: Module, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported: relative, behind TYPE_CHECKING, inside functions, by import_module."""
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = [*base, *([node.module] if node.module else [])]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
            named = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            yield from ((node.lineno, name) for name in named)


def import_faults(module: Module, tree: ast.Module) -> Iterator[tuple[int, str]]:
    unit = unit_of(module.name)
    for line, name in imports(module, tree):
        other = unit_of(name)
        if other in LEVEL and other != unit and LEVEL[other] >= LEVEL.get(unit, 0):
            yield line, f"{unit} must not import {other}"
        home = HOMES.get(name.partition(".")[0])
        if home is not None and not within(module.name, home):
            yield line, f"{name} is at home in {home.replace(' ', ', ') or 'tests and tools'}"
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for line, name in {found for function in functions for found in imports(module, function)}:
        if name.partition(".")[0] in OURS:
            yield line, f"{name} is imported inside a function"


def is_broad(node: ast.expr | None) -> bool:
    named = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(name is None or ast.unparse(name).split(".")[-1] in {"Exception", "BaseException"} for name in named)


def broad_handlers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type):
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield node.lineno, "broad except outside the edges"
        elif (
            isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress") and any(map(is_broad, node.args))
        ):
            yield node.lineno, "broad suppress outside the edges"


def faults(root: Path) -> list[str]:
    found: list[str] = []
    for module in shipped(root):
        tree = ast.parse(module.text)
        lines = len(module.text.splitlines())
        here: list[tuple[int, str]] = [*import_faults(module, tree)]
        if unit_of(module.name) not in LEVEL or (unit_of(module.name) == "finops" != module.name):
            here.append((1, "no row has a place for this module"))
        if module.name in sys.stdlib_module_names:
            here.append((1, "shadows the standard library"))
        if lines > MAX_LINES:
            here.append((lines, f"{lines} lines, at most {MAX_LINES}"))
        if not ast.get_docstring(tree):
            here.append((1, "no module docstring"))
        if not within(module.name, EDGES):
            here += broad_handlers(tree)
        found += [f"{module.name}:{line}: {fault}" for line, fault in sorted(here)]
    return found


def test_the_house_keeps_its_rows() -> None:
    assert not faults(ROOT), "\n".join(faults(ROOT))


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        (
            "finops/model/money.py",
            "import config\nimport finops.store.sql",
            "finops.model must not import finops.store",
        ),
        ("finops/waste/ebs.py", "from finops import tagging", "finops.waste must not import finops.tagging"),
        ("finops/aws/ses.py", "from ..reports import mail", "finops.aws must not import finops.reports"),
        ("finops/costs.py", "if TYPE_CHECKING:\n    from pages.ui import page", "finops.costs must not import pages"),
        ("finops/costs.py", "importlib.import_module('finops.facade')", "finops.costs must not import finops.facade"),
        ("finops/__init__.py", "import config", "finops must not import config"),
        ("config.py", "import aws_session", "config must not import aws_session"),
        ("finops/cli/main.py", "def run():\n    import finops.facade", "finops.facade is imported inside a function"),
        ("finops/waste/ebs.py", "import boto3", "boto3 is at home in aws_session"),
        ("finops/api.py", "import streamlit as st", "streamlit is at home in streamlit_app, pages"),
        ("pages/overview.py", "from plotly import graph_objects", "plotly.graph_objects is at home in pages.ui"),
        ("finops/demo/answers.py", "def f():\n    import moto", "moto is at home in tests and tools"),
        ("finops/waste/ebs.py", "try:\n    f()\nexcept Exception:\n    pass", "broad except outside the edges"),
        ("export.py", "try:\n    f()\nexcept (ValueError, BaseException):\n    pass", "broad except outside the edges"),
        ("export.py", "try:\n    f()\nexcept:\n    pass", "broad except outside the edges"),
        ("export.py", "with contextlib.suppress(Exception):\n    f()", "broad suppress outside the edges"),
        ("finops/helpers.py", "", "no row has a place for this module"),
        ("tools.py", "", "no row has a place for this module"),
        ("email.py", "", "shadows the standard library"),
        ("finops/kpis.py", "x = 1\n" * 399, "401 lines, at most 400"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, path: str, text: str, fault: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'"""A module."""\n{text}\n' if text else '"""A module."""\n', "utf-8")
    assert any(line.endswith(fault) for line in faults(tmp_path)), faults(tmp_path)


def test_a_missing_docstring_is_found(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("import os\n", "utf-8")
    assert faults(tmp_path) == ["config:1: no module docstring"]


def test_what_is_allowed_is_not_a_fault(tmp_path: Path) -> None:
    allowed = {
        "streamlit_app.py": "import streamlit, starlette.routing\nimport pages.overview, finops.api, config",
        "finops/__main__.py": "from finops.cli import main\ntry:\n    main()\nexcept Exception:\n    quit(1)",
        "finops/api/__init__.py": "from . import routes\nfrom finops import __version__, facade",
        "finops/store/files.py": "import pyarrow\ntry:\n    f()\nexcept BaseException:\n    g()\n    raise",
        "pages/ui/page.py": "import plotly\ntry:\n    f()\nexcept Exception as error:\n    show(error)",
    }
    for path, text in allowed.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f'"""A module."""\n{text}\n', "utf-8")
    assert faults(tmp_path) == []
