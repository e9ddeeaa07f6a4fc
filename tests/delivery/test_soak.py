"""Two processes on one database, one of them killed again and again: no mail lost, none doubled.

The full year of 10,000 firings is `python -m bench firings`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.delivery.soak import soak

if TYPE_CHECKING:
    from pathlib import Path

CLOCKS_TURN = datetime(2026, 3, 26, tzinfo=UTC)  # in Europe on the 29th


@pytest.mark.parametrize(("kind", "days"), [("sqlite", 7), ("postgresql", 5)])
def test_nothing_is_lost_or_doubled_where_a_process_is_killed(
    kind: str, days: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    told = soak(tmp_path, url, days=days, start=CLOCKS_TURN, every=(0.02, 0.5), seed=5)
    assert told.firings >= 25 * days
    assert told.mails > told.firings
    assert (told.lost, told.doubled, told.unknown, told.uncertain) == (0, 0, 0, 0)
    assert told.kills >= 5
