"""A house with costs in it: demo data refreshed once per process, for tests of what reads it (API, CLI, health)."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config import Settings, load_settings
from finops.facade import open_finops

NOW = "2026-11-20T09:00:00Z"
ENVIRON = {
    "FINOPS_NOW": NOW,
    "FINOPS_TAG_KEYS": "Environment",
    "FINOPS_LOG_LEVEL": "WARNING",
    "FINOPS_FINDINGS_HOURS": "0",  # the demo's first run looks back a quarter: a minute of work
}
"""What a process must have set to work on this data."""


def settings(folder: Path, **more: Any) -> Settings:
    """The settings of a house in a folder."""
    return load_settings(**{"data_dir": folder, "now": NOW, "tag_keys": "Environment", "findings_hours": 0, **more})


@functools.cache
def folder() -> Path:
    """The data folder, filled: read it only. Copy it (`shutil.copytree`) before anything that writes."""
    place = Path(tempfile.mkdtemp(prefix="finops-stocked-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    finops = open_finops(settings(place))
    result = finops.costs.refresh("demo")
    finops.close()
    if result.status != "done":
        raise RuntimeError(f"the demo could not be refreshed: {result.failures}")
    return place
