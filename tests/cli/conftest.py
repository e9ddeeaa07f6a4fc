"""The command line over demo data: in this process for what it says, as a process for streams and signals."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from finops.cli import main
from tests import stocked

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout; fails when anything else is there."""
        return json.loads(self.out)


@pytest.fixture
def house(monkeypatch) -> Path:
    """Demo data to read; the environment points at it."""
    for name, value in {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(stocked.folder())}.items():
        monkeypatch.setenv(name, value)
    return stocked.folder()


@pytest.fixture
def own_house(house, tmp_path, monkeypatch) -> Path:
    """A copy to write to."""
    shutil.copytree(house, tmp_path / "data")
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def run(capsys) -> Any:
    """Runs a command in this process."""

    def command(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(arguments)
        return Said(code, *capsys.readouterr())

    return command


@pytest.fixture
def start(house) -> Any:
    """Starts `python -m finops …` in a process of its own."""

    def process(*arguments: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "finops", *arguments],
            cwd=ROOT,
            env=dict(os.environ),
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
        )

    return process
