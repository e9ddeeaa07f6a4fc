"""Nobody waits for botocore's pauses between retries."""

from __future__ import annotations

from types import SimpleNamespace

import botocore.endpoint
import pytest


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses botocore would have made."""
    pauses: list[float] = []
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=pauses.append))
    return pauses
