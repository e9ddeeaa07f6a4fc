"""What is planted in the made-up bill for people and detectors to find: spikes, a leak, trials that come and go.

All of it hangs on the calendar alone, never on today, so that a day's figures stay what they are when time moves on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.demo.catalogue import CLOUDWATCH, EC2, EC2_OTHER, S3, SERVICES, Service
from finops.demo.noise import unit
from finops.model.period import Period, add_months

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.usage import UsageSeries

SPIKE_DAYS = (11, 15)  # two incidents a month, so that any thirty days show exactly two
LEAK_EPOCH = date(2026, 9, 20)
LEAK_CYCLE_DAYS = 150
LEAK_DOLLARS_A_DAY = 1.6
PILOT_CYCLE_MONTHS = 18
PILOT_MONTHS = 15
PILOT_FIRST_DAY = 8
_RAMP_DAYS = 60

_SPIKE_PLACES: tuple[tuple[str, str, str], ...] = (
    (EC2, "BoxUsage:c6i.4xlarge", "ml"),
    (CLOUDWATCH, "DataProcessing-Bytes", "prod"),
    (EC2_OTHER, "NatGateway-Bytes", "prod"),
    ("Amazon Redshift", "Node:ra3.4xlarge", "data"),
    ("AWS Lambda", "Lambda-GB-Second", "prod"),
    (S3, "Requests-Tier1", "data"),
    (EC2, "DataTransfer-Out-Bytes", "prod"),
    ("Amazon DynamoDB", "WriteRequestUnits", "prod"),
)
_LEAK_PLACE = (EC2_OTHER, "EBS:SnapshotUsage", "data")


@dataclass(frozen=True, slots=True)
class Spike:
    """One day on which a line cost `dollars` more than its ordinary level. `series` indexes the usage lines."""

    day: date
    series: int
    account: str
    service: str
    region: str
    usage_type: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Leak:
    """A line that costs `dollars_a_day` more each day from `start` until it is cleaned up on `end`."""

    start: date
    end: date
    series: int
    account: str
    service: str
    region: str
    usage_type: str
    dollars_a_day: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A service used from `start` up to `end` (exclusive), and not before or after for some months."""

    service: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Planted:
    """The truth about a period: everything planted that shows in it, oldest first."""

    spikes: tuple[Spike, ...]
    leaks: tuple[Leak, ...]
    trials: tuple[Trial, ...]

    @property
    def newest_trial(self) -> Trial | None:
        """The service that was taken up last."""
        return max(self.trials, key=lambda trial: trial.start, default=None)


def planted_in(period: Period, series: Sequence[UsageSeries], *, seed: int) -> Planted:
    """Everything planted that shows within `period`."""
    return Planted(
        spikes=tuple(spike for spike in _spikes(period, series, seed=seed) if period.start <= spike.day < period.end),
        leaks=tuple(_leaks(period, series)),
        trials=tuple(trial for service in SERVICES for trial in _trials(period, service)),
    )


def trial_level(trial: Trial, day: date) -> float:
    """The share of its full use a trial has reached on a day: nothing outside, a ramp of two months inside."""
    if not trial.start <= day < trial.end:
        return 0.0
    return min(1.0, 0.3 + 0.7 * (day - trial.start).days / _RAMP_DAYS)


def _largest(series: Sequence[UsageSeries], place: tuple[str, str, str]) -> int | None:
    service, kind, account_kind = place
    found = [
        i
        for i, one in enumerate(series)
        if (one.service.name, one.kind.name, one.account.kind) == (service, kind, account_kind)
    ]
    return max(found, key=lambda index: series[index].daily, default=None)


def _spikes(period: Period, series: Sequence[UsageSeries], *, seed: int) -> Iterator[Spike]:
    places = [index for index in (_largest(series, place) for place in _SPIKE_PLACES) if index is not None]
    if not places:
        return
    for month in period.months():
        first = month.start.replace(day=1)
        turn = 2 * (first.year * 12 + first.month) + seed
        for offset, day in enumerate(SPIKE_DAYS):
            index = places[(turn + offset) % len(places)]
            line = series[index].line
            dollars = round(
                (1500 + 1100 * unit(seed, "spike", first, day)) * min(1.0, series[index].account.weight * 8), 2
            )
            yield Spike(
                first.replace(day=day), index, line.account, line.service, line.region, line.usage_type, dollars
            )


def _leaks(period: Period, series: Sequence[UsageSeries]) -> Iterator[Leak]:
    index = _largest(series, _LEAK_PLACE)
    if index is None:
        return
    line = series[index].line
    cycle = (period.start - LEAK_EPOCH).days // LEAK_CYCLE_DAYS
    start = LEAK_EPOCH + timedelta(days=cycle * LEAK_CYCLE_DAYS)
    while start < period.end:
        end = start + timedelta(days=LEAK_CYCLE_DAYS)
        yield Leak(start, end, index, line.account, line.service, line.region, line.usage_type, LEAK_DOLLARS_A_DAY)
        start = end


def _trials(period: Period, service: Service) -> Iterator[Trial]:
    if service.pilot is None:
        return
    month = add_months(period.start.replace(day=1), -PILOT_CYCLE_MONTHS)
    while month < period.end:
        if (month.year * 12 + month.month - 1 - 6 * service.pilot) % PILOT_CYCLE_MONTHS == 0:
            trial = Trial(service.name, month.replace(day=PILOT_FIRST_DAY), add_months(month, PILOT_MONTHS))
            if trial.start < period.end and trial.end > period.start:
                yield trial
        month = add_months(month, 1)
