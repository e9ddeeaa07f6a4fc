"""Mails in a real Chromium, taken apart as a mail program does: at 600 and 390 pixels, light and dark."""

from __future__ import annotations

import base64
import email
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from finops.delivery.mime import mime_of
from finops.model.delivery import Attachment
from finops.reports.mails.letters import letter_of
from tests import services
from tests.reports.letter_kit import NOW, partial, report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from finops.model.reports import Report

pytestmark = pytest.mark.browser

VIEWS = [(width, scheme) for width in (600, 390) for scheme in ("light", "dark")]
CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const paper = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('div,td,th,h1,h2,a')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(paper(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(element.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return poor;
}"""


def opened_mail(made: Report) -> str:
    """The HTML of the mail as sent, its pictures found by their content ids, as a mail program shows it."""
    letter = letter_of(
        made, public_url="https://costs.example.com", attachments=(Attachment("summary.xlsx", "application/x", b"PK"),)
    )
    content = mime_of(
        letter,
        sender="Costs <costs@example.com>",
        recipient="ann@example.com",
        message_id="<1@example.com>",
        unsubscribe_url="https://costs.example.com/mail/unsubscribe?token=x",
        at=NOW,
    )
    mail = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    shown = mail.get_body(("html",))
    assert shown is not None
    html = str(shown.get_content())
    for part in mail.walk():
        if part.get_content_type() == "image/png":
            data = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}")
    assert "cid:" not in html
    return html


@pytest.fixture(scope="module")
def whole() -> str:
    return opened_mail(report())


@pytest.fixture(scope="module")
def lacking() -> str:
    return opened_mail(partial())


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def view(request, browser: Browser) -> Iterator[Page]:
    """A page of one width and scheme; any request at all is a fault, loopback included."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    faults = services.watch(context, lambda _: False)
    yield context.new_page()
    context.close()
    assert not faults, faults


def test_a_mail_fits_loads_nothing_and_can_be_read(view: Page, whole: str, lacking: str, artifacts: Path, request):
    for name, html in (("whole", whole), ("lacking", lacking)):
        view.set_content(html)
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
        pictures = view.locator("img")
        assert pictures.count() == 2
        for picture in pictures.all():
            assert picture.get_attribute("alt")
            assert picture.evaluate("image => image.complete && image.naturalWidth === 1104")
        assert view.evaluate(CONTRAST) == []
        assert view.get_by_text("Not complete").count() == (name == "lacking")
        view.screenshot(path=artifacts / f"mail-{name}-{request.node.callspec.id}.png", full_page=True)


def test_figures_stand_side_by_side_and_stack_on_a_phone(view: Page, whole: str):
    view.set_content(whole)
    tops = [box["y"] for figure in view.locator(".figure").all() if (box := figure.bounding_box())]
    assert (len(set(tops)) > 1) == (view.viewport_size == {"width": 390, "height": 900})


def test_headline_and_first_figure_are_seen_without_scrolling(view: Page, lacking: str):
    view.set_content(lacking)
    for text in ("AWS spend $98,412 so far", "+$10,881 (+12.4 %) vs 1–19 Oct"):
        box = view.locator("td").get_by_text(text).last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 600
