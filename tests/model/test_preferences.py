"""What a person chose is read with suspicion, brought up to date, brought together, and resolved to one value."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.errors import InputError
from finops.model.findings import Threshold
from finops.model.preference_files import MIGRATIONS, VERSION, Kept, read, written
from finops.model.preferences import (
    CHOICES,
    PERIODS,
    WIDGETS,
    Preferences,
    TenantSettings,
    changes_between,
    differing,
    joined,
    merged,
    parts,
    with_choice,
)
from finops.model.thresholds import GENERAL, Origin, Tunable, effective, of_check
from pages.ui.view import Preset

NAMES = st.text(min_size=1, max_size=20)
LISTS = st.lists(NAMES, max_size=4).map(tuple)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
VALUES = NUMBERS | NAMES
MAPS = st.dictionaries(NAMES, VALUES, max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KNOWN = [each.name for each in fields(Preferences)] + ["version", "revision", "set_aside", "later"]
TUNABLE = Tunable("aws.ec2.idle_instance", "cpu_average", "Idle", "Idle", "CPU", 5.0, 0, 25, "%", 0.5)


@st.composite
def preferences(draw: st.DrawFn) -> Preferences:
    return Preferences(
        columns=draw(st.dictionaries(NAMES, LISTS, max_size=3)),
        widgets=draw(LISTS),
        period=draw(st.just("") | NAMES),
        accounts=draw(LISTS),
        metric=draw(st.just("") | NAMES),
        charge_types=draw(LISTS),
        currency_format=draw(st.just("") | NAMES),
        theme=draw(st.just("") | NAMES),
        tag_keys=draw(LISTS),
        thresholds=draw(MAPS),
        reports=draw(LISTS),
    )


@given(preferences(), st.integers(0, 10**6))
def test_what_is_written_is_read_back(chosen: Preferences, revision: int) -> None:
    kept = Kept(chosen, revision, set_aside="x.damaged")
    assert read(written(kept), Preferences()) == kept
    assert joined(Preferences(), parts(chosen)) == chosen


@given(MAPS, MAPS)
def test_a_tenants_settings_too(defaults: dict[str, Any], locks: dict[str, Any]) -> None:
    kept = Kept(TenantSettings(defaults, locks), 3)
    assert read(written(kept), TenantSettings()) == kept


@given(st.binary(max_size=200) | JSON.map(lambda found: json.dumps(found).encode()))
def test_anything_at_all_is_preferences_or_a_value_error(content: bytes) -> None:
    try:
        kept = read(content, Preferences())
    except ValueError:
        return
    assert read(written(kept), Preferences()) == kept


@given(st.dictionaries(st.sampled_from(KNOWN), JSON, max_size=6))
def test_so_is_any_object_with_the_names_of_ours(found: dict[str, Any]) -> None:
    test_anything_at_all_is_preferences_or_a_value_error.hypothesis.inner_test(json.dumps(found).encode())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "damage",
    [
        {"thresholds": {"a.b": True}},
        {"thresholds": {"a.b": None}},
        {"thresholds": {"a.b": 1e16}},
        {"thresholds": {"": 1}},
        {"metric": 3},
        {"metric": "x" * 201},
        {"widgets": {"daily": 1}},
        {"accounts": ["1", 2]},
        {"accounts": ["1"] * 201},
        {"version": 0},
        {"version": "2"},
        {"version": True},
        {"revision": -1},
        {"set_aside": ["x"]},
    ],
)
def test_a_choice_of_another_shape_is_damage(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no |lists|values"):
        read(json.dumps({"version": VERSION, **damage}).encode(), Preferences())


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_damage(word: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        read(f'{{"version": 2, "thresholds": {{"a.b": {word}}}}}'.encode(), Preferences())


def test_every_older_version_is_brought_up_to_date() -> None:
    assert sorted(MIGRATIONS) == list(range(1, VERSION))
    kept = read(b'{"columns": {"inventory": ["cost"]}}', Preferences())
    assert kept.chosen == Preferences(columns={"inventory": ("cost",)})
    assert json.loads(written(kept))["version"] == VERSION


def test_what_a_newer_version_keeps_is_carried_along() -> None:
    later = {"version": 9, "revision": 4, "metric": "amortized", "theme": {"dark": [1]}, "glow": {"x": [True]}}
    kept = read(json.dumps(later).encode(), Preferences())
    assert (kept.chosen.metric, kept.chosen.theme, kept.revision) == ("amortized", "", 4)
    assert json.loads(written(kept)) == later
    changed = Kept(with_choice(kept.chosen, "theme", ["dark"]), 5)
    assert json.loads(written(changed)) == {**later, "theme": "dark", "revision": 5}


@given(preferences(), preferences(), preferences())
def test_two_windows_come_together_choice_by_choice(base: Preferences, mine: Preferences, theirs: Preferences) -> None:
    found, merge = merged(base, mine, theirs)
    before, wanted, now, after = parts(base), parts(mine), parts(theirs), parts(found)
    for part in {*before, *wanted, *now}:
        changed_here = wanted.get(part) != before.get(part)
        assert after.get(part) == (wanted if changed_here else now).get(part)
        moved = now.get(part) != before.get(part)
        assert (part in merge.overwritten) == (changed_here and moved and now.get(part) != wanted.get(part))
        assert (part in merge.elsewhere) == (moved and not changed_here)


@given(preferences(), preferences())
def test_without_another_window_a_save_keeps_what_is_shown(base: Preferences, mine: Preferences) -> None:
    found, merge = merged(base, mine, base)
    assert found == mine
    assert (merge.overwritten, merge.elsewhere) == ((), ())
    assert {(one["choice"], one["name"]) for one in changes_between(base, mine)} == set(differing(base, mine))


# Effective values

LEVELS = st.none() | st.floats(-10, 40) | st.sampled_from(["low", math.inf])


@given(LEVELS, LEVELS, LEVELS)
def test_the_lock_holds_else_the_persons_else_the_tenants_else_the_built_in(lock: Any, own: Any, default: Any) -> None:
    kept = [{TUNABLE.key: value} if value is not None else {} for value in (lock, own, default)]
    found = effective(TUNABLE, locks=kept[0], own=kept[1], defaults=kept[2])
    fitting = [
        (origin, value)
        for origin, value in ((Origin.LOCK, lock), (Origin.PERSON, own), (Origin.TENANT, default))
        if isinstance(value, float) and 0 <= value <= 25
    ]
    assert (found.origin, found.value) == (fitting[0] if fitting else (Origin.BUILT_IN, 5.0))
    others = [value for origin, value in fitting if origin is not Origin.PERSON]
    assert found.inherited == (others[0] if others else 5.0)
    assert found.deviates == (found.origin is Origin.PERSON and found.value != found.inherited)


@given(st.sampled_from(GENERAL), st.text(max_size=8) | NUMBERS.map(str))
def test_a_spelled_value_fits_or_names_the_bounds(tunable: Tunable, text: str) -> None:
    refused = ""
    try:
        value = tunable.parsed(text)
    except InputError as error:
        refused = f"{error.field}: {error}"
    if refused:
        assert refused.count(tunable.key) == 2
    else:
        assert tunable.parsed(str(value)) == value


def test_general_thresholds_have_names_and_bounds() -> None:
    defaults = {each.key: each.default for each in GENERAL}
    assert defaults["tags.target_count_percent"] == 95
    assert defaults["tags.target_cost_percent"] == 98
    assert defaults["budget.alert_percent"] == 80
    assert defaults["anomaly.sensitivity"] == "medium"
    assert {"anomaly.min_impact_usd", "anomaly.min_impact_percent"} <= defaults.keys()
    assert all(each.fits(each.default) for each in GENERAL)
    with pytest.raises(InputError, match="must be one of low, medium, high"):
        GENERAL[2].parsed("extreme")
    with pytest.raises(InputError, match="must lie between 1 and 200 %"):
        GENERAL[5].parsed("0")


def test_a_checks_thresholds_carry_its_bounds() -> None:
    (found,) = of_check("aws.a.b", "A", "Idle", [Threshold("days", "it is old", 7, 1, 365, "days")])
    assert (found.key, found.bounds, found.shown(1234.0)) == ("aws.a.b.days", "1 to 365 days", "1,234 days")
    assert not found.fits(True)
    assert not found.fits(math.nan)


# Choices by name


def test_periods_are_those_of_links() -> None:
    assert set(PERIODS) == {str(preset) for preset in Preset} - {"custom"}


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_a_choice_takes_its_values_and_no_other(name: str) -> None:
    value = CHOICES[name][-1]
    chosen = with_choice(Preferences(), name, [value])
    assert parts(chosen)[name, ""] in (value, (value,))
    assert with_choice(chosen, name, []) == Preferences()
    with pytest.raises(InputError, match="must be among") as refused:
        with_choice(Preferences(), name, ["nonsense"])
    assert refused.value.field == name


def test_a_choice_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="there is no choice"):
        with_choice(Preferences(), "colour", ["red"])
    with pytest.raises(InputError, match="one value, not 2"):
        with_choice(Preferences(), "theme", ["dark", "light"])
    assert with_choice(Preferences(), "columns.inventory", ["cost"]).columns == {"inventory": ("cost",)}
    assert with_choice(Preferences(), "widgets", WIDGETS[:2]).widgets == WIDGETS[:2]
