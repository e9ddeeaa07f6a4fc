"""Mails that stay in a folder."""

from __future__ import annotations

import os
import stat

import pytest

from config import load_settings
from finops.aws.mail import mails_of
from finops.aws.mail_folder import MailFolder
from finops.model.delivery import MailError
from tests.aws.standins import StandIn

MAIL = b"Subject: x\r\n\r\nHello\r\n"
WHO = {"sender": "costs@example.com", "recipient": "ann@example.com"}


def test_a_mail_is_a_file_that_only_its_owner_may_read(tmp_path):
    folder = MailFolder(tmp_path / "data" / "outbox")
    assert folder.delivered("d1") is False
    receipt = folder.send(MAIL, **WHO, delivery_id="d1")
    path = tmp_path / "data" / "outbox" / "d1.eml"
    assert (path.read_bytes(), receipt.message_id) == (MAIL, "d1.eml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert folder.delivered("d1") is True
    assert [each.name for each in path.parent.iterdir()] == ["d1.eml"]


def test_a_mail_handed_over_again_is_the_same_file(tmp_path):
    folder = MailFolder(tmp_path)
    folder.send(MAIL, **WHO, delivery_id="d1")
    folder.send(MAIL + b"more", **WHO, delivery_id="d1")
    assert (tmp_path / "d1.eml").read_bytes() == MAIL + b"more"


@pytest.mark.parametrize("name", ["", ".", "..", "../d1", "a/b", "a\\b", "a\0b", "ä", ".hidden", "x" * 129, "a\nb"])
def test_an_id_leads_nowhere_else(tmp_path, name):
    with pytest.raises(MailError) as caught:
        MailFolder(tmp_path / "outbox").send(MAIL, **WHO, delivery_id=name)
    assert caught.value.kind == MailError.NEVER
    assert not list(tmp_path.rglob("*.eml"))


def test_a_link_in_the_place_of_a_mail_is_replaced_and_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"keep")
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "d1.eml").symlink_to(target)
    folder = MailFolder(tmp_path / "outbox")
    assert folder.delivered("d1") is False
    folder.send(MAIL, **WHO, delivery_id="d1")
    assert target.read_bytes() == b"keep"
    assert folder.delivered("d1") is True


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outbox").symlink_to(tmp_path / "elsewhere")
    folder = MailFolder(tmp_path / "outbox")
    with pytest.raises(MailError, match="cannot be used") as caught:
        folder.send(MAIL, **WHO, delivery_id="d1")
    assert caught.value.kind == MailError.LATER
    assert folder.delivered("d1") is None
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_mail_that_cannot_be_written_is_for_later_and_leaves_no_half(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MailError, match="No space left") as caught:
        MailFolder(tmp_path).send(MAIL, **WHO, delivery_id="d1")
    assert caught.value.kind == MailError.LATER
    assert not list(tmp_path.iterdir())


def test_the_check_says_where_mails_stay_and_writes_nothing(tmp_path):
    assert MailFolder(tmp_path / "outbox").check().startswith("mails stay in the folder outbox, ")
    assert not list((tmp_path / "outbox").iterdir())
    (tmp_path / "file").write_text("x")
    with pytest.raises(MailError):
        MailFolder(tmp_path / "file").check()


def mails(**settings):
    return mails_of(load_settings(**settings), StandIn(lambda *_: {}).calls())


REAL = {"mode": "aws", "secret_key": "s" * 40, "tenant": "acme"}


def test_the_demo_keeps_its_mails_and_writes_to_anybody(tmp_path):
    found = mails(data_dir=tmp_path)
    assert (found.kind, found.domains, found.most_attached) == ("folder", ("*",), 20_000_000)
    found.transport.send(MAIL, sender=found.sender, recipient="ann@example.com", delivery_id="d1")
    assert (tmp_path / "outbox" / "d1.eml").exists()


def test_real_accounts_send_by_ses_to_the_senders_own_domain_unless_told_otherwise():
    found = mails(**REAL, email_from="Costs <costs@Mail.Example.com>")
    assert (found.kind, found.domains) == ("ses", ("mail.example.com",))
    assert mails(**REAL, email_from="a@example.com", email_allowed_domains="example.org,*.x.example").domains == (
        "example.org",
        "*.x.example",
    )
    server = mails(**REAL, email_from="a@example.com", email_transport="smtp", smtp_url="smtp://127.0.0.1:25")
    assert (server.kind, server.domains, server.most_attached) == ("smtp", ("example.com",), 7_000_000)
    assert mails(**REAL, email_from="a@example.com", email_max_mb=3).most_attached == 3_000_000


def test_without_a_sender_nothing_leaves_and_the_check_says_what_to_set():
    found = mails(**REAL, email_allowed_domains="example.com")
    assert (found.sender, found.domains) == ("", ())
    for attempt in (
        found.transport.check,
        lambda: found.transport.send(MAIL, sender="", recipient="ann@example.com", delivery_id="d1"),
    ):
        with pytest.raises(MailError, match="FINOPS_EMAIL_FROM") as caught:
            attempt()
        assert caught.value.kind == MailError.NEVER
