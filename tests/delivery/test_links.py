"""Links that need no sign-in: only those made here open anything, and only while they last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.delivery.links import LIFE, Subscription, holds, signed, subscription_in, unsubscribe_link
from finops.store.signing import Signer

ANN = Subscription("acme", "weekly", "ann@example.com")


@pytest.fixture
def signer(tmp_path) -> Signer:
    return Signer(tmp_path)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def test_a_link_tells_whose_subscription_ends(signer, now):
    link = unsubscribe_link(signer, "https://costs.example.com/finops", ANN, at=now)
    assert link.startswith("https://costs.example.com/finops/mail/unsubscribe?token=")
    assert subscription_in(signer, token_of(link), now=now + timedelta(days=31)) == ANN


def test_a_link_ends_with_its_time(signer, now):
    token = token_of(unsubscribe_link(signer, "https://x.example", ANN, at=now))
    assert subscription_in(signer, token, now=now + LIFE - timedelta(seconds=1)) == ANN
    assert subscription_in(signer, token, now=now + LIFE) is None


def test_a_changed_or_foreign_link_opens_nothing(signer, tmp_path, now):
    token = token_of(unsubscribe_link(signer, "https://x.example", ANN, at=now))
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert subscription_in(signer, changed, now=now) is None
    other = Signer(tmp_path / "other")
    assert subscription_in(other, token, now=now) is None


@given(st.text(max_size=300))
def test_any_text_is_told_apart_without_an_error(text):
    signer = Signer(Path("unused"), secret="s" * 40)
    for token in (text, f"{text}.{'0' * 64}", f"WzEsMiwzLDRd.{text}", f"bnVsbA.{text}", f"WzEsMiwzLDFlOTldCg.{text}"):
        assert subscription_in(signer, token, now=datetime(2026, 11, 20, tzinfo=UTC)) is None


def test_a_signature_holds_for_its_purpose_text_and_time_only(signer, now):
    until = now + timedelta(hours=1)
    good = signed(signer, "export", "e1", expires=until)
    assert holds(signer, "export", "e1", expires=until, signature=good, now=now)
    assert not holds(signer, "unsubscribe", "e1", expires=until, signature=good, now=now)
    assert not holds(signer, "export", "e2", expires=until, signature=good, now=now)
    assert not holds(signer, "export", "e1", expires=until + timedelta(hours=1), signature=good, now=now)
    assert not holds(signer, "export", "e1", expires=until, signature=good, now=until)
