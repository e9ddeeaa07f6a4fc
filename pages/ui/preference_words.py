"""What single choices and their values are called on the pages: in notices, lists and selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import Metric
from finops.model.thresholds import Origin
from pages.ui.filters import PRESET_NAMES
from pages.ui.provenance import METRIC_NAMES
from pages.ui.text import plain_line
from pages.ui.view import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.preferences import Merge, Part, Preferences, TenantSettings
    from finops.model.thresholds import Tunable

WIDGET_NAMES = {
    "to_date": "Cost of the period",
    "projected": "Month at run rate",
    "recent": "Last 28 days",
    "tagged": "Tagged spend",
    "daily": "Daily cost by service",
    "changes": "What changed",
    "services": "Top services",
    "accounts": "Accounts",
}
CURRENCY_NAMES = {"compact": "Short: $16.7K", "whole": "Whole: $16,712", "cents": "To the cent: $16,712.34"}
THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
ORIGIN_NAMES = {
    Origin.LOCK: "Locked by admin",
    Origin.PERSON: "Yours",
    Origin.TENANT: "Tenant",
    Origin.BUILT_IN: "Built-in",
}
_FIELD_NAMES = {
    "columns": "Columns of",
    "widgets": "Overview",
    "period": "Default period",
    "accounts": "Default accounts",
    "metric": "Default metric",
    "charge_types": "Default charge types",
    "currency_format": "Currency format",
    "theme": "Theme",
    "tag_keys": "Tag keys",
    "reports": "Reports",
    "thresholds": "",
    "defaults": "Default of",
    "locks": "Lock of",
}


def part_name(part: Part, tunables: Mapping[str, Tunable]) -> str:
    """What a choice is called: `Default metric`, `Idle EC2 instance, cpu average`, `Columns of inventory`."""
    field, key = part
    named = tunables[key].title if key in tunables else key.replace("_", " ")
    return plain_line(f"{_FIELD_NAMES.get(field, field)} {named}".strip(), limit=90)


def period_name(period: str) -> str:
    """`Last 28 days`."""
    return PRESET_NAMES[Preset(period)] if period else "Each page's own"


def metric_name(metric: str) -> str:
    """`Amortized cost`."""
    return METRIC_NAMES[Metric(metric)] if metric else "The bill's own"


def value_words(chosen: Preferences | TenantSettings, part: Part, tunables: Mapping[str, Tunable]) -> str:
    """The value of a choice, shortly; `the usual` where nothing is chosen."""
    field, key = part
    value = getattr(chosen, field)
    if key:
        value = value.get(key)
    if value is None or value in ("", ()):
        return "the usual"
    if key in tunables:
        return tunables[key].shown(value)
    named = {"period": period_name, "metric": metric_name}.get(field)
    if named is not None and isinstance(value, str):
        value = _named(field, value)
    return plain_line(", ".join(value) if isinstance(value, tuple) else str(value), limit=80)


def _named(field: str, value: str) -> str:
    try:
        return period_name(value) if field == "period" else metric_name(value)
    except ValueError:
        return value


def merge_words(merge: Merge, before: Preferences | TenantSettings, tunables: Mapping[str, Tunable]) -> tuple[str, ...]:
    """What a save met of another window: plain sentences, none when it met nothing."""
    found = []
    if merge.overwritten:
        lost = [
            f"{part_name(part, tunables)} (was {value_words(before, part, tunables)})" for part in merge.overwritten
        ]
        found.append(f"Another window had changed the same; yours holds now: {listed(lost)}.")
    if merge.elsewhere:
        stay = [part_name(part, tunables) for part in merge.elsewhere]
        found.append(f"Changed in another window meanwhile, and kept: {listed(stay)}.")
    return tuple(found)


def listed(names: Sequence[str], most: int = 5) -> str:
    """`a, b and 3 more`."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
