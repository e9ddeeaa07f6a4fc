"""The product over a small organization at botocore's wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.retries.standard
import pytest

from tests.inventory.standin import OTHER, OWN, House, open_house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the hub account, and retries that do not wait."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"AKIA{OWN}USER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-made-up-secret")
    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(*accounts: str, **settings: Any) -> House:
        houses.append(open_house(tmp_path / str(len(houses)), *(accounts or (OWN, OTHER)), **settings))
        return houses[-1]

    yield make
    for house in houses:
        house.finops.close()
