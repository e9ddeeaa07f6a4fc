"""The page that a mail's unsubscribe link opens, with and without a person in front of it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest

from finops.delivery.links import LIFE, Subscription, unsubscribe_link
from finops.facade import Finops, open_finops
from finops.store.signing import Signer
from tests import stocked
from tests.api.conftest import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

ANN = Subscription("demo", "weekly", "ann+<b>@example.com")


@pytest.fixture(scope="module")
def finops(tmp_path_factory) -> Iterator[Finops]:
    folder = tmp_path_factory.mktemp("mail") / "data"
    shutil.copytree(stocked.folder(), folder)
    opened = open_finops(stocked.settings(folder))
    yield opened
    opened.close()


@pytest.fixture
def client(finops) -> Iterator[TestClient]:
    with client_of(finops) as client:
        yield client


def link(finops: Finops, subscription: Subscription, *, age: timedelta = timedelta(0)) -> str:
    whole = unsubscribe_link(Signer.of(finops.settings), "", subscription, at=finops.now() - age)
    assert whole.startswith("/mail/unsubscribe?token=")
    return whole


def new(finops: Finops, subscription: Subscription) -> bool:
    """Whether this subscription was still wanted: ends it."""
    return finops.delivery.unsubscribe(subscription.tenant, subscription.schedule_id, subscription.recipient)


def buttons(page: str) -> list[str]:
    return re.findall(r'<button type="submit">([^<]*)</button>', page)


def action(page: str) -> str:
    return unescape(re.findall(r'<form method="post" action="([^"]*)">', page)[0])


def test_opening_the_link_changes_nothing_and_offers_a_button(finops, client):
    mine = replace(ANN, schedule_id="opened")
    for ask in (client.get, client.head):
        answer = ask(link(finops, mine))
        assert answer.status_code == 200
    page = client.get(link(finops, mine))
    assert buttons(page.text) == ["Stop these mails"]
    assert "This report goes to <b>ann+&lt;b&gt;@example.com</b>" in page.text
    assert "<script" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert new(finops, mine)


def test_the_button_ends_the_mails_and_a_second_press_says_the_same(finops, client):
    mine = replace(ANN, schedule_id="pressed")
    for _ in range(2):
        answer = client.post(link(finops, mine))
        assert answer.status_code == 200
        assert "This report no longer goes to" in answer.text
    assert not new(finops, mine)
    assert new(finops, replace(mine, schedule_id="another"))


def test_who_stopped_them_by_mistake_starts_them_again_with_the_same_link(finops, client):
    mine = replace(ANN, schedule_id="mistake")
    stopped = client.post(link(finops, mine)).text
    assert buttons(stopped) == ["Start them again"]
    seen = client.get(link(finops, mine)).text
    assert "These mails are stopped" in seen
    assert finops.delivery.unsubscribed("demo", "mistake", mine.recipient)
    started = client.post("/mail/unsubscribe" + action(seen)).text
    assert "This report goes to" in started
    assert buttons(started) == ["Stop these mails"]
    assert not finops.delivery.unsubscribed("demo", "mistake", mine.recipient)
    assert "No more mails" in client.post("/mail/unsubscribe" + action(started)).text


def test_the_link_of_one_report_does_not_start_what_was_stopped_in_general(finops, client):
    everything = replace(ANN, schedule_id="", recipient="all@example.com")
    client.post(link(finops, everything))
    told = client.post(link(finops, replace(everything, schedule_id="weekly")) + "&again=1").text
    assert "no longer goes to" in told
    assert not new(finops, everything)


def test_a_mail_program_ends_them_with_one_click_from_anywhere(finops, client):
    mine = replace(ANN, schedule_id="one-click")
    headers = {"Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(link(finops, mine), data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert answer.status_code == 200
    assert not new(finops, mine)


def test_a_link_of_no_schedule_says_that_it_ends_every_mail(finops, client):
    assert "Every mail of this dashboard goes to" in client.get(link(finops, replace(ANN, schedule_id=""))).text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("bad", ["changed", "old", "none", "long"])
def test_any_other_link_is_a_404_and_ends_nothing(finops, client, method, bad):
    mine = replace(ANN, schedule_id=f"{method}-{bad}")
    good = link(finops, mine)
    told = {
        "changed": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "old": link(finops, mine, age=LIFE),
        "none": "/mail/unsubscribe",
        "long": "/mail/unsubscribe?token=" + "a" * 5000,
    }
    answer = getattr(client, method)(told[bad])
    assert answer.status_code == 404
    assert "not one of ours" in answer.text
    assert "ann" not in answer.text
    assert new(finops, mine)


def test_other_methods_are_not_for_this_page(finops, client):
    assert client.delete(link(finops, ANN)).status_code == 405
