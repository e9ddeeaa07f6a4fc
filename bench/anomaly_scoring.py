"""How detections are held against the truth: episodes, not days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.series import QUIET_DAYS, TAIL

if TYPE_CHECKING:
    from bench.series import Label, Labelled
    from finops.costs.panel import Flags

MERGE_DAYS = 4
GRACE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Result:
    """Episodes found and missed, and what follows."""

    right: int
    wrong: int
    found: int
    planted: int
    dollars_found: float
    dollars: float
    series_years: float
    delays: tuple[int, ...]

    @property
    def precision(self) -> float:
        """Of what was told, how much was true."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what was planted, how much was told."""
        return self.found / max(1, self.planted)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def dollar_recall(self) -> float:
        """Of the dollars planted, those of episodes that were told."""
        return self.dollars_found / max(1e-9, self.dollars)

    @property
    def false_alarms(self) -> float:
        """Episodes told that are none, in a year of one series."""
        return self.wrong / self.series_years


def told_episodes(flagged: Flags, up: Flags) -> list[tuple[int, int, int, bool]]:
    """(series, first day, past the last day, up) of flagged days of one direction with at most three days between."""
    found: list[tuple[int, int, int, bool]] = []
    for row, place in zip(*np.nonzero(flagged), strict=True):
        direction = bool(up[row, place])
        for number in range(len(found) - 1, max(-1, len(found) - 3), -1):
            last = found[number]
            if last[0] == row and last[3] == direction and place - last[2] < MERGE_DAYS:
                found[number] = (last[0], last[1], int(place) + 1, direction)
                break
        else:
            found.append((int(row), int(place), int(place) + 1, direction))
    return found


def scored(truth: Labelled, flagged: Flags, up: Flags) -> Result:
    """Matches episodes of the same series and direction that overlap, the truth with three days of grace at its end.

    Days before the quiet period's end count for nobody.
    """
    episodes = [each for each in told_episodes(flagged, up) if each[1] >= QUIET_DAYS - 15]
    right = 0
    seen: dict[Label, int] = {}
    for episode in episodes:
        label = next((each for each in truth.labels if _match(each, episode)), None)
        if label is not None:
            right += 1
            delay = max(0, episode[1] - label.start)
            seen[label] = min(seen.get(label, delay), delay)
    days = truth.panel.days - QUIET_DAYS - TAIL
    return Result(
        right=right,
        wrong=len(episodes) - right,
        found=len(seen),
        planted=len(truth.labels),
        dollars_found=sum(label.dollars for label in seen),
        dollars=sum(label.dollars for label in truth.labels),
        series_years=len(truth.panel.names) * days / 365,
        delays=tuple(seen.values()),
    )


def _match(label: Label, episode: tuple[int, int, int, bool]) -> bool:
    row, start, end, up = episode
    same = label.series == row and up is (label.kind != "drop")
    return same and start < label.end + GRACE_DAYS and end > label.start


def together(results: list[Result]) -> Result:
    """Several results as one."""
    return Result(
        right=sum(each.right for each in results),
        wrong=sum(each.wrong for each in results),
        found=sum(each.found for each in results),
        planted=sum(each.planted for each in results),
        dollars_found=sum(each.dollars_found for each in results),
        dollars=sum(each.dollars for each in results),
        series_years=sum(each.series_years for each in results),
        delays=tuple(delay for each in results for delay in each.delays),
    )
