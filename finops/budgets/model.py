"""Forecasts of series, or of their sum, as of any day: with intervals from the errors that were known by that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finops.budgets.outlook import Outlook, begun, outlooks
from finops.budgets.past import Past, day_error, past_outlooks, window_error
from finops.budgets.reconciling import Bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.costs.panel import Floats, Panel

Window = tuple[int, int]
"""First and last day ahead, from 1, inclusive."""
WEEKS_AHEAD = ((1, 7), (8, 14), (15, 28), (29, 56), (57, 112), (113, 224), (225, 448), (449, 896))
"""Days ahead whose errors are taken together."""


class Series:
    """A panel's series with the forecasts that would have been made of them; `whole` makes them one."""

    def __init__(self, panel: Panel, past: Past, made: dict[int, Outlook] | None = None) -> None:
        self._panel = panel
        self._past = past
        self._whole = made is not None
        self._made = made if made is not None else {}

    @staticmethod
    def of(panel: Panel, horizon: int) -> Series:
        """The series of a panel, their past forecasts as long as `horizon` days."""
        return Series(panel, past_outlooks(panel, horizon))

    def summed(self) -> Series:
        """Their sum as one series: the forecast is the sum of theirs, the interval comes from the errors of the sum."""
        return Series(self._panel, self._past.summed([range(len(self._panel.names))]), self._made)

    def expect(self, knowns: Sequence[int], horizon: int) -> None:
        """Makes at once, and keeps, what is about to be asked of them and of their sum: quicker than one by one."""
        made = outlooks(begun(self._panel), knowns, horizon)
        self._made.update(zip(knowns, made, strict=True))

    @property
    def learning(self) -> tuple[bool, ...]:
        """Of each series whether fewer than 56 days are known."""
        return tuple(bool(each) for each in self._outlook(self._panel.days, 1).learning)

    def windows(self, known: int, windows: Sequence[Window]) -> Bands:
        """Sums of days ahead as of the panel's first `known` days, a column for each window."""
        made, past = self._outlook(known, max(end for _, end in windows)), self._past.until(known)
        columns = []
        for start, end in windows:
            part = slice(start - 1, end)
            mean, scale = made.mean[:, part].sum(axis=1), made.scale[:, part].sum(axis=1)
            reach = window_error(past, start, end) * scale
            columns.append((mean, mean - reach, mean + reach))
        mean, lower, upper = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
        return self._bounded(known, mean, lower, upper)

    def days(self, known: int, count: int) -> Bands:
        """Each of the `count` days after the first `known` ones, a column a day."""
        made, past = self._outlook(known, count), self._past.until(known)
        reach = np.empty_like(made.mean)
        for start, end in WEEKS_AHEAD:
            part = slice(start - 1, min(end, count))
            if start <= count:
                reach[:, part] = day_error(past, start, end)[:, None] * made.scale[:, part]
        return self._bounded(known, made.mean, made.mean - reach, made.mean + reach)

    def _bounded(self, known: int, mean: Floats, lower: Floats, upper: Floats) -> Bands:
        """No cost below zero is expected of what never was; the interval holds its mean."""
        below = (np.nan_to_num(self._past.values[:, :known]) < 0).any(axis=1)
        floor = np.where(below, -np.inf, 0.0)[:, None]
        lower = np.minimum(np.maximum(lower, floor), np.maximum(mean, floor))
        return Bands(mean, np.minimum(lower, mean), np.maximum(upper, mean))

    def _outlook(self, known: int, horizon: int) -> Outlook:
        if known not in self._made or self._made[known].days < horizon:
            self.expect([known], horizon)
        made = self._made[known].until(horizon)
        return made.summed() if self._whole else made
