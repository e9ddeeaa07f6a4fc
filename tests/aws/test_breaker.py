"""A place that fails again and again is left alone, then probed by one thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.aws.breaker import COOL_DOWN_SECONDS, FAILURES_TO_OPEN, Position
from finops.model.errors import AwsError, CeilingReached
from tests.aws.asking import ACCOUNTS, CALLER, COSTS, GOOD, Clock, calls
from tests.aws.wire import NOW, PocketMeter, Reply, error

if TYPE_CHECKING:
    from finops.aws.calls import Ask, Calls


def fail_often(caller: Calls, ask: Ask = COSTS, times: int = FAILURES_TO_OPEN) -> None:
    for _ in range(times):
        with pytest.raises(AwsError):
            caller.call(ask, CALLER)


def test_after_five_failures_in_a_row_the_place_is_left_alone_then_probed():
    clock, down = Clock(), [True]
    caller, wire, meter = calls(lambda _: error("InternalFailure", "", 500) if down[0] else GOOD, clock=clock)
    fail_often(caller)
    sent = len(wire.requests)
    with pytest.raises(AwsError) as refused:
        caller.call(COSTS, CALLER)
    assert (refused.value.kind, refused.value.code) == (AwsError.REFUSED, "CircuitOpen")
    assert len(wire.requests) == sent
    assert meter.outcomes[-1] == AwsError.REFUSED
    state = caller.breakers()["", "us-east-1", "ce"]
    assert (state.position, state.since) == (Position.OPEN, NOW)
    assert meter.spent == 0

    clock.seconds = COOL_DOWN_SECONDS + 1
    fail_often(caller, times=1)  # the probe fails: open again
    with pytest.raises(AwsError, match="several times in a row"):
        caller.call(COSTS, CALLER)

    clock.seconds += COOL_DOWN_SECONDS + 1
    down[0] = False
    caller.call(COSTS, CALLER)
    assert caller.breakers()["", "us-east-1", "ce"].position is Position.CLOSED


def test_other_services_and_regions_stay_open():
    caller, _, _ = calls(lambda body: Reply({"Accounts": []}) if not body else error("InternalFailure", "", 500))
    fail_often(caller)
    assert caller.call(ACCOUNTS, CALLER)["Accounts"] == []


def test_denials_and_bad_requests_do_not_open_the_breaker():
    caller, wire, _ = calls([error("AccessDeniedException", "no")])
    fail_often(caller, times=FAILURES_TO_OPEN * 3)
    assert len(wire.requests) == FAILURES_TO_OPEN * 3


def test_one_thread_probes_while_the_others_are_refused():
    clock, entered, leave = Clock(), threading.Event(), threading.Event()

    def slow_probe(_: dict[str, Any]) -> Reply:
        if clock.seconds == 0:
            return error("InternalFailure", "", 500)
        entered.set()
        leave.wait(10)
        return GOOD

    caller, wire, _ = calls(slow_probe, clock=clock)
    fail_often(caller)
    clock.seconds = COOL_DOWN_SECONDS + 1
    before = len(wire.requests)
    with ThreadPoolExecutor(8) as pool:
        probe = pool.submit(caller.call, COSTS, CALLER)
        assert entered.wait(10)
        assert caller.breakers()["", "us-east-1", "ce"].position is Position.PROBING
        others = [pool.submit(caller.call, COSTS, CALLER) for _ in range(7)]
        codes = [getattr(other.exception(10), "code", "") for other in others]
        leave.set()
        assert probe.result(10)["ResultsByTime"]
    assert codes == ["CircuitOpen"] * 7
    assert len(wire.requests) == before + 1


def test_a_probe_that_the_ceiling_stops_gives_its_turn_back():
    clock, meter = Clock(), PocketMeter()
    caller, _, _ = calls(lambda _: error("InternalFailure", "", 500) if clock.seconds == 0 else GOOD, meter, clock)
    fail_often(caller)
    clock.seconds, meter.ceiling = COOL_DOWN_SECONDS + 1, Decimal(0)
    with pytest.raises(CeilingReached):
        caller.call(COSTS, CALLER)
    meter.ceiling = Decimal(1)
    assert caller.call(COSTS, CALLER)["ResultsByTime"]
