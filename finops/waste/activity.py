"""Whether something was used: daily series that must be silent, and what a day without data points means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.waste.judging import fine, recent, too_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from finops.aws.cloudwatch import Values
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Observation
    from finops.waste.context import Measured


def use(seen: Observation, labels: Mapping[str, str], days: float, most: float = 0) -> Judgement | None:
    """What speaks against calling it idle: fine where a day shows more than `most`, undetermined where days lack data.

    `labels` are series with their words ("connections"); None where all of them are silent on enough days.
    """
    found = {words: recent(seen, label, days) for label, words in labels.items()}
    for words, series in found.items():
        if series.values and series.maximum > most:
            return fine(f"It had up to {_short(series.maximum)} {words} in the last {series.days} days.")
    for words, series in found.items():
        if not series.enough:
            return too_few(f"The number of {words}", series)
    return None


def _short(value: float) -> str:
    """Whole numbers as such, small fractions with two digits."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"  # noqa: PLR2004 - two digits


def day_by_day(series: Iterable[Values], fold: Callable[[Sequence[float]], float]) -> Values:
    """One series of several: what `fold` makes of each day's values, None for a day that one of them does not know."""
    return tuple(
        fold([value for value in day if value is not None]) if None not in day else None
        for day in zip(*series, strict=True)
    )


def absent_is_zero(
    measured: Measured, assets: Iterable[Asset], there_since: Callable[[Asset], datetime | None]
) -> Measured:
    """Days without data points as zero, for metrics that AWS records when something happens only.

    This holds from the first whole day on which the asset is known to have been there; nothing is said of earlier days,
    nor of an asset whose series could not be asked.
    """
    values = dict(measured.values)
    for asset in assets:
        since = there_since(asset)
        if asset.asset_id not in values or since is None:
            continue
        first = max(0, (since.date() + timedelta(days=1) - measured.window.start.date()).days)
        values[asset.asset_id] = {
            label: tuple(
                0.0 if value is None and index >= first else value
                for index, value in enumerate(values[asset.asset_id][label])
            )
            for label in values[asset.asset_id]
        }
    return replace(measured, values=values)
