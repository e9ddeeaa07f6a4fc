"""Which functions are kept warm: provisioned concurrency of their alias, used or forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.demo.noise import key
from finops.demo.population.resource import BUSY, IDLE

if TYPE_CHECKING:
    from finops.demo.population.resource import Resource

ALIAS = "live"
_ONE_IN = 12


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many executions of a function are kept ready, and whether anybody uses them."""

    executions: int
    used: bool


def concurrency_of(function: Resource) -> Concurrency | None:
    """The provisioned concurrency of a function's alias: one busy or idle function in twelve has some."""
    number = key("concurrency", function.arn)
    if number % _ONE_IN or function.role not in {BUSY, IDLE} or function.life.ends is not None:
        return None
    return Concurrency(2 + number // _ONE_IN % 9, function.role == BUSY and number // _ONE_IN % 3 > 0)
