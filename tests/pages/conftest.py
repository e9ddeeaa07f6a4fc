"""Pages over demo data, run by Streamlit's own test runner against the real facade."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from config import load_settings
from finops import facade
from finops.facade import open_finops
from finops.model.jobs import JobStatus
from tests import stocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.facade import Finops

ROOT = Path(__file__).parents[2]
PAGES = ("pages/overview.py", "pages/cost_analysis.py", "pages/inventory.py", "pages/health.py")
DISCOVERIES = ("2026-11-09T06:00:00Z", "2026-11-16T06:00:00Z", "2026-11-20T06:00:00Z")

Open = "Callable[..., AppTest]"


@functools.cache
def discovered() -> Path:
    """The demo's data folder, its assets discovered three times: read it only."""
    place = Path(tempfile.mkdtemp(prefix="finops-discovered-")) / "data"
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    shutil.copytree(stocked.folder(), place)
    for moment in DISCOVERIES:
        with closing(open_finops(load_settings(data_dir=place, now=moment, tag_keys="Environment"))) as finops:
            job = finops.jobs.run("inventory.discover", "demo", {}, user="persona:admin")
            if job.status is not JobStatus.PARTIAL:
                raise RuntimeError(f"the demo's estate was not discovered in part: {job}")
    return place


@pytest.fixture(scope="module")
def stocked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this module's own, filled with the demo."""
    return Path(shutil.copytree(discovered(), tmp_path_factory.mktemp("house") / "data"))


@pytest.fixture(scope="module")
def house(stocked_folder: Path) -> Iterator[Finops]:
    """The process-wide facade over demo data, as pages find it."""
    with settled(stocked_folder) as finops:
        yield finops


@pytest.fixture
def empty_house(tmp_path: Path) -> Iterator[Finops]:
    """The process-wide facade before anything was fetched."""
    with settled(tmp_path / "data") as finops:
        yield finops


class settled:  # noqa: N801 - a context manager, named for what it leaves behind
    """Environment and shared facade of one data folder; both are put back."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder), **more}
        self.patch = pytest.MonkeyPatch()

    def __enter__(self) -> Finops:
        for name, value in self.environ.items():
            self.patch.setenv(name, value)
        return facade.shared()

    def __exit__(self, *_: object) -> None:
        facade.shared().close()
        self.patch.undo()


def opened(path: str, params: Mapping[str, list[str]] | None = None, **state: str) -> AppTest:
    """One page run once, without navigation, with a URL and a session."""
    app = AppTest.from_file(str(ROOT / path), default_timeout=60)
    for name, values in (params or {}).items():
        app.query_params[name] = values
    for name, value in state.items():
        app.session_state[name] = value
    return app.run()


def figures(app: AppTest) -> dict[str, str]:
    """Label and value of every key figure, escapes undone."""
    return {plain(metric.label): plain(metric.value) for metric in app.metric}


def plain(text: str) -> str:
    return text.replace("\\", "").replace("\u00a0", " ").replace("\u2060", "")


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.info, *app.warning, *app.error, *app.code]
    return plain("\n".join(str(part.value) for part in parts))


def link(app: AppTest) -> dict[str, list[str]]:
    """The URL's parameters after the run."""
    return {name: [values] if isinstance(values, str) else list(values) for name, values in app.query_params.items()}


def sound(app: AppTest) -> bool:
    return not app.exception and not app.error
