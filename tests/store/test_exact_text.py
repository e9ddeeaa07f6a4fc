"""Text made storable: what can be kept is kept, what cannot becomes one harmless character, and lengths have an end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.store.asset_facts import canonical
from finops.store.exact_text import REPLACED, fitted, storable

ANY_TEXT = st.text(st.characters(codec=None), max_size=80)


@given(text=ANY_TEXT)
def test_storable_text_can_be_sent_and_keeps_all_it_can(text: str) -> None:
    safe = storable(text)
    assert "\0" not in safe
    assert safe.encode().decode() == safe
    assert storable(safe) == safe
    if "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert safe == text


def test_every_character_that_cannot_be_kept_is_replaced_by_itself() -> None:
    assert storable("a\0b\ud800c\udfff\0") == f"a{REPLACED}b{REPLACED}c{REPLACED}{REPLACED}"
    assert storable("\ufeffbom") == "\ufeffbom"


@given(text=ANY_TEXT, length=st.integers(32, 64))
def test_fitted_text_fits_and_short_text_stays(text: str, length: int) -> None:
    short = fitted(text, length)
    assert len(short) <= length
    assert fitted(short, length) == short
    if len(text) <= length:
        assert short == storable(text)


@given(start=st.text(min_size=40, max_size=60), one=st.text(max_size=9), other=st.text(max_size=9))
def test_long_texts_stay_apart(start: str, one: str, other: str) -> None:
    same = storable(start + one) == storable(start + other)
    assert (fitted(start + one, 32) == fitted(start + other, 32)) == same


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON)
def test_canonical_json_is_storable_whatever_it_holds(value: object) -> None:
    text = canonical(value)
    assert storable(text) == text
    json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity: JSON has neither


@given(value=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=6))
def test_equal_values_have_one_text(value: dict[str, object]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)
