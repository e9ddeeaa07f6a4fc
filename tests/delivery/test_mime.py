"""Mails as the receiving side reads them: parsed back by Python's own parser, and looked at as bytes."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.delivery.mime import mime_of, sender_of
from finops.model.delivery import UNSUBSCRIBE, Attachment, Letter
from finops.model.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n..."
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LETTER = Letter(
    "AWS spend $16.7K so far in November",
    f'<p>Spend ü</p><img src="cid:chart-1" alt="x"><!--unsubscribe--><a href="{UNSUBSCRIBE}">Stop</a>'
    "<!--/unsubscribe--><p>end</p>",
    f"Spend ü\nStop these mails: {UNSUBSCRIBE}\nend",
    {"chart-1": PNG},
    (Attachment("costs.xlsx", XLSX, b"PK\x03\x04"),),
)
LINK = "https://costs.example.com/mail/unsubscribe?token=" + "a" * 300 + ".b&c=1"
ANY_TEXT = st.text(st.characters(), max_size=200)


def mail(letter: Letter = LETTER, **other: Any) -> bytes:
    chosen: dict[str, Any] = {
        "sender": "Costs <costs@example.com>",
        "recipient": "ann@example.com",
        "message_id": "<d1@example.com>",
        "unsubscribe_url": LINK,
        "at": datetime(2026, 11, 20, 9, tzinfo=UTC),
    }
    return mime_of(letter, **(chosen | other))


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def body(content: bytes, kind: str) -> str:
    found = read(content).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def names(content: bytes) -> list[str]:
    return read(content).keys()


HEADERS = names(mail())


def test_a_mail_holds_text_html_with_its_picture_and_the_file():
    found = read(mail())
    types = [part.get_content_type() for part in found.walk()]
    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        XLSX,
    ]
    assert body(mail(), "plain") == f"Spend ü\nStop these mails: {LINK}\nend\n"
    assert f'href="{LINK.replace("&", "&amp;")}"' in body(mail(), "html")
    picture = next(part for part in found.walk() if part.get_content_type() == "image/png")
    assert (picture["Content-ID"], picture.get_content()) == ("<chart-1>", PNG)
    (file,) = found.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("costs.xlsx", b"PK\x03\x04")


def test_headers_tell_who_when_and_how_to_stop():
    found = read(mail())
    assert (found["From"], found["To"]) == ("Costs <costs@example.com>", "ann@example.com")
    assert found["Date"].datetime == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert found["Message-ID"] == "<d1@example.com>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in mail()
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_nobody_subscribed_to_names_no_way_to_stop():
    content = mail(unsubscribe_url="")
    found = read(content)
    assert set(HEADERS) - set(found.keys()) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert b"unsubscribe" not in content.lower()
    assert body(content, "html").endswith("<p>end</p>\n")
    assert body(content, "plain") == "Spend ü\nend\n"


def test_the_same_letter_gives_the_same_bytes_and_another_mail_other_boundaries():
    assert mail() == mail()
    assert set(re.findall(rb"boundary=.*", mail())).isdisjoint(
        re.findall(rb"boundary=.*", mail(message_id="<d2@example.com>"))
    )


def test_a_text_that_looks_like_a_boundary_ends_no_part():
    boundary = re.findall(rb'boundary="(.*)"', mail())[1].decode()
    content = mail(replace(LETTER, text=f"--{boundary}--\n--{boundary}\nContent-Type: text/html\n\nevil"))
    assert body(content, "plain").endswith("evil\n")
    found = read(content)
    assert [part.get_content_type() for part in found.walk()].count("text/html") == 1


@given(ANY_TEXT)
def test_no_subject_breaks_into_the_headers(subject):
    content = mail(replace(LETTER, subject=subject))
    assert names(content) == HEADERS
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 76 for line in head.split(b"\r\n") if line.startswith((b"Subject", b" ")))
    assert re.fullmatch(rb"([!-9;-~]+:|[ \t])[ -~]*(\r\n([!-9;-~]+:|[ \t])[ -~]*)*", head)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_a_subject_arrives_as_it_was_written(subject):
    assert str(read(mail(replace(LETTER, subject=subject)))["Subject"]) == subject


@pytest.mark.parametrize("field", ["sender", "recipient", "message_id", "unsubscribe_url"])
@given(text=ANY_TEXT)
def test_what_no_header_may_hold_is_refused(field, text):
    try:
        content = mail(**{field: text})
    except InputError:
        return
    expected = [name for name in HEADERS if text or not name.startswith("List-")]
    assert names(content) == expected


BREAKS = ["a\r\nBcc: all@example.com", "a\nX: y", "a\rX: y", "a\0", "a\x85X: y", "a\u2028X: y"]


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("place", ["sender", "sender's address", "recipient", "message_id", "unsubscribe_url", "file"])
def test_a_line_break_is_an_input_error(place, broken):
    values: dict[str, dict[str, Any]] = {
        "sender": {"sender": f"{broken} <costs@example.com>"},
        "sender's address": {"sender": f"{broken}@example.com"},
        "recipient": {"recipient": f"ann@example.com{broken}"},
        "message_id": {"message_id": f"<{broken}@example.com>"},
        "unsubscribe_url": {"unsubscribe_url": f"https://example.com/{broken}"},
        "file": {"letter": replace(LETTER, attachments=(Attachment(broken, XLSX, b""),))},
    }
    chosen = values[place]
    with pytest.raises(InputError):
        mail(chosen.pop("letter", LETTER), **chosen)


def test_each_mail_has_one_recipient():
    with pytest.raises(InputError, match="not an e-mail address"):
        mail(recipient="ann@example.com, bob@example.com")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Küche & Co <costs@example.com>", "Küche & Co <costs@example.com>"),
        ('"Costs, all" <costs@example.com>', '"Costs, all" <costs@example.com>'),
        ("=?utf-8?q?x?= <costs@example.com>", "=?utf-8?q?x?= <costs@example.com>"),
        ("costs@example.com", "costs@example.com"),
    ],
)
def test_the_senders_name_arrives_as_it_was_written(text, shown):
    found = read(mail(sender=text))["From"].addresses[0]
    assert found.addr_spec == "costs@example.com" == sender_of(text).address
    assert found.display_name == sender_of(text).name == shown.partition(" <")[0].strip('"').partition("costs@")[0]


def test_a_file_keeps_its_name_and_bytes_whatever_they_are():
    for name in ("Kosten für Ünï — 11/2026.xlsx", "a\ud800b.csv", 'say "hi".csv', "x" * 200 + ".csv"):
        found = read(mail(replace(LETTER, attachments=(Attachment(name, "text/csv", b"a,b\n--x\n\xff"),))))
        (file,) = found.iter_attachments()
        assert file.get_filename() == name.replace("\ud800", "\ufffd")
        assert file.get_content() == b"a,b\n--x\n\xff"
