"""The demo's bill, to write to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finops.facade import Finops, open_finops
from tests import stocked

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def finops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """A house with the demo's costs in it; one for a module."""
    place = tmp_path_factory.mktemp("budgets") / "data"
    shutil.copytree(stocked.folder(), place)
    opened = open_finops(stocked.settings(place))
    yield opened
    opened.close()
