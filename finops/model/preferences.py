"""Words of what a person chose to see, and of what a tenant sets for everyone in it.

Both are plain records whose fields are texts, lists of texts, or maps; `parts` takes them apart into single choices, so
that two windows of one person can be brought together choice by choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from finops.model.costs import Metric
from finops.model.errors import InputError
from finops.model.thresholds import Effective, effective

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.model.thresholds import Tunable, Value

KEY_FIGURES = ("to_date", "projected", "recent", "tagged")
CARDS = ("daily", "changes", "services", "accounts")
WIDGETS = (*KEY_FIGURES, *CARDS)
"""What Overview can show, in its usual order: figures of the row on top, then cards."""

PERIODS = ("month", "last_month", "7d", "28d", "90d", "6m", "12m")
"""Periods a page may open with, by the names they have in links."""

CURRENCY_FORMATS = ("compact", "whole", "cents")
"""How figures in running text and cards are written: `$16.7K`, `$16,712`, `$16,712.34`."""

THEMES = ("system", "light", "dark")
REPORTS = (
    *("anomalies", "budget-forecast", "cost-by-account", "cost-by-service", "cost-by-tag", "cost-detail", "digest"),
    *("executive-summary", "health", "inventory", "savings", "showback", "tag-compliance"),
)
"""Every report by its name; those that a person chose come first where reports are made."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _empty() -> Mapping[str, Any]:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's choices. What is empty has its usual value.

    `columns` are the columns of each table by its name, `thresholds` values by full name. `extra` is what a newer
    version of this product keeps in the same file; it is carried along.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=_empty)
    widgets: tuple[str, ...] = ()
    period: str = ""
    accounts: tuple[str, ...] = ()
    metric: str = ""
    charge_types: tuple[str, ...] = ()
    currency_format: str = ""
    theme: str = ""
    tag_keys: tuple[str, ...] = ()
    thresholds: Mapping[str, Value] = field(default_factory=_empty)
    reports: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=_empty)

    @property
    def shown_widgets(self) -> tuple[str, ...]:
        """What Overview shows, in order: what was chosen of what there is, else everything."""
        return tuple(name for name in self.widgets if name in WIDGETS) or WIDGETS

    def with_columns(self, table: str, columns: Sequence[str]) -> Preferences:
        """The same with other columns of one table."""
        return replace(self, columns=MappingProxyType({**self.columns, table: tuple(columns)}))

    def with_threshold(self, key: str, value: Value | None) -> Preferences:
        """The same with another value of one threshold; None takes the person's own away."""
        return replace(self, thresholds=_put(self.thresholds, key, value))


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant sets for everyone: values that hold unless a person has their own, and values that always hold."""

    defaults: Mapping[str, Value] = field(default_factory=_empty)
    locks: Mapping[str, Value] = field(default_factory=_empty)
    extra: Mapping[str, Any] = field(default_factory=_empty)

    def with_default(self, key: str, value: Value | None) -> TenantSettings:
        """The same with another value for whoever has none; None goes back to the built-in one."""
        return replace(self, defaults=_put(self.defaults, key, value))

    def with_lock(self, key: str, value: Value | None) -> TenantSettings:
        """The same with one value for everyone; None lets people choose again."""
        return replace(self, locks=_put(self.locks, key, value))


def _put(kept: Mapping[str, Value], key: str, value: Value | None) -> Mapping[str, Value]:
    rest = {name: old for name, old in kept.items() if name != key}
    return MappingProxyType(rest if value is None else {**rest, key: value})


_ONE = ("period", "metric", "currency_format", "theme")
_SEVERAL = ("widgets", "accounts", "charge_types", "tag_keys", "reports")

Part: TypeAlias = tuple[str, str]
"""One choice: its field, and its key where the field is a map (else "")."""

Chosen = TypeVar("Chosen", Preferences, TenantSettings)


def parts(chosen: Preferences | TenantSettings) -> dict[Part, Any]:
    """Every choice that is not the usual one."""
    found: dict[Part, Any] = {}
    for each in fields(chosen):
        value = getattr(chosen, each.name)
        if isinstance(value, Mapping):
            found |= {(each.name, key): inner for key, inner in value.items()}
        elif value:
            found[each.name, ""] = value
    return found


def joined(empty: Chosen, choices: Mapping[Part, Any]) -> Chosen:
    """The record that `parts` takes apart into these choices; `empty` is one with nothing chosen."""
    changes: dict[str, Any] = {}
    for (name, key), value in choices.items():
        if key or isinstance(getattr(empty, name), Mapping):
            changes.setdefault(name, {})[key] = value
        else:
            changes[name] = value
    frozen: Any = {
        name: MappingProxyType(value) if isinstance(value, dict) else value for name, value in changes.items()
    }
    return replace(empty, **frozen)


def differing(one: Preferences | TenantSettings, other: Preferences | TenantSettings) -> tuple[Part, ...]:
    """The choices that differ, in a steady order."""
    left, right = parts(one), parts(other)
    return tuple(sorted(part for part in left.keys() | right.keys() if left.get(part) != right.get(part)))


def changes_between(
    before: Preferences | TenantSettings, after: Preferences | TenantSettings
) -> list[dict[str, object]]:
    """Each choice that differs, with both values (None: the usual one), as an audit event tells it; JSON-friendly."""
    old, new = parts(before), parts(after)
    return [
        {"choice": name, "name": key, "before": old.get((name, key)), "after": new.get((name, key))}
        for name, key in differing(before, after)
    ]


@dataclass(frozen=True, slots=True)
class Merge:
    """Two windows' choices brought together. `overwritten` were changed in both: those of the last writer hold.

    `elsewhere` were changed in the other window alone, and stay.
    """

    overwritten: tuple[Part, ...]
    elsewhere: tuple[Part, ...]


def merged(base: Chosen, mine: Chosen, theirs: Chosen) -> tuple[Chosen, Merge]:
    """What I changed since `base`, put on top of what is kept now."""
    before, wanted, now = parts(base), parts(mine), parts(theirs)
    changed = set(differing(base, mine))
    moved = set(differing(base, theirs))
    found = {part: value for part, value in now.items() if part not in changed}
    found |= {part: wanted[part] for part in changed if part in wanted}
    lost = {part for part in changed & moved if now.get(part) != wanted.get(part)}
    stay = {part for part in moved - changed if now.get(part) != before.get(part)}
    return joined(type(theirs)(), found), Merge(tuple(sorted(lost)), tuple(sorted(stay)))


def effective_values(
    tunables: Iterable[Tunable], preferences: Preferences, settings: TenantSettings
) -> tuple[Effective, ...]:
    """The value of each threshold that holds for one person of a tenant, and whose it is."""
    return tuple(
        effective(each, own=preferences.thresholds, defaults=settings.defaults, locks=settings.locks)
        for each in tunables
    )


CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "widgets": WIDGETS,
        "period": PERIODS,
        "metric": tuple(Metric),
        "currency_format": CURRENCY_FORMATS,
        "theme": THEMES,
        "reports": REPORTS,
    }
)
"""Fields whose values are among a few."""


def chosen_from(field_name: str, value: str | Sequence[str]) -> tuple[str, ...]:
    """The values that a field may have, out of those given; InputError that names the others."""
    given = (value,) if isinstance(value, str) else tuple(value)
    known = CHOICES.get(field_name)
    for each in given:
        if known is not None and each not in known:
            raise InputError(field_name, f"{field_name} must be among {', '.join(known)}")
    return tuple(dict.fromkeys(given))


def with_choice(preferences: Preferences, name: str, values: Sequence[str]) -> Preferences:
    """The same with another choice by the name of its field, or `columns.<table>`; no values bring the usual one back.

    InputError for a field that there is not, a value that it does not have, or several for one.
    """
    kept = chosen_from(name, [value for value in values if value])
    table = name.removeprefix("columns.")
    if name.startswith("columns.") and table:
        return preferences.with_columns(table, kept)
    if name not in (*_ONE, *_SEVERAL):
        known = ", ".join((*_ONE, *_SEVERAL, "columns.<table>"))
        raise InputError("name", f"there is no choice or threshold {name[:60]}; choices: {known}")
    if name in _ONE and len(kept) > 1:
        raise InputError(name, f"{name} is one value, not {len(kept)}")
    chosen: Any = {name: "".join(kept) if name in _ONE else kept}
    return replace(preferences, **chosen)


def known_choice(field_name: str, value: str) -> str:
    """A kept value, "" for one that this version does not know."""
    return value if value in CHOICES[field_name] else ""
