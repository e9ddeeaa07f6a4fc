"""The pace: a burst at once, then no faster than the rate, each place for itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from finops.aws.pace import BURST_SECONDS, Pace

HERE, THERE = ("1", "eu-west-1", "ec2"), ("2", "eu-west-1", "ec2")


@dataclass
class Clock:
    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_burst_goes_through_and_then_the_rate_holds():
    clock = Clock()
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    started = clock.now
    for _ in range(100):
        pace.wait(HERE, 10.0)
    assert abs((clock.now - started) - (99 / 10 - BURST_SECONDS)) < 0.01
    assert max(clock.slept) < 0.11


def test_a_pause_earns_one_burst_and_no_more():
    clock = Clock()
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    for _ in range(50):
        pace.wait(HERE, 10.0)
    clock.now += 3600
    clock.slept.clear()
    for _ in range(int(BURST_SECONDS * 10)):
        assert pace.wait(HERE, 10.0) == 0.0
    assert pace.wait(HERE, 10.0) <= 0.1
    assert pace.wait(HERE, 10.0) > 0.0


def test_places_do_not_wait_for_each_other():
    clock = Clock()
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)
    for _ in range(30):
        pace.wait(HERE, 10.0)
    assert pace.wait(THERE, 10.0) == 0.0


def test_threads_get_turns_one_after_the_other():
    waited: list[float] = []
    pace = Pace(sleep=waited.append, monotonic=lambda: 0.0)
    threads = [threading.Thread(target=lambda: [pace.wait(HERE, 10.0) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waited) == len({round(pause, 6) for pause in waited})
    assert abs(max(waited) - (159 / 10 - BURST_SECONDS)) < 0.01
