"""Mails over SMTP: what leaves, what is refused, and what is known of a mail when the connection breaks."""

from __future__ import annotations

import ssl
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.aws.smtp import Smtp
from finops.model.delivery import MailError
from tests.aws.mail_server import OTHER_LOOPBACK, MailServer, certificate, running

MAIL = b"Subject: x\r\n\r\nHello\r\n.\r\n..\r\n.dot\r\n"
SENDER, RECIPIENT = "Costs <costs@example.com>", "ann@example.com"


def send(server: MailServer, message: bytes = MAIL, **url: str):
    address = url.get("url", "smtp://127.0.0.1:{port}").format(port=server.port)
    return Smtp(address, seconds=2).send(message, sender=SENDER, recipient=RECIPIENT, delivery_id="d1")


@pytest.fixture
def tls(tmp_path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and a client's that trusts it."""
    file = certificate(tmp_path, OTHER_LOOPBACK)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


def test_a_mail_arrives_as_it_was_with_the_servers_own_id_as_receipt():
    with running(MailServer()) as server:
        receipt = send(server)
    assert server.mails == [MAIL]
    assert receipt.message_id == "4XyZ.1"
    assert server.said[:3] == ["ehlo example.com", "mail FROM:<costs@example.com>", "rcpt TO:<ann@example.com>"]


def test_no_line_of_a_mail_ends_it():
    with running(MailServer()) as server:

        @settings(max_examples=30)
        @given(st.lists(st.sampled_from([b".", b"..", b"", b".x", b"x.", b"x"]), min_size=1, max_size=8))
        def arrives(lines):
            message = b"".join(line + b"\r\n" for line in lines)
            send(server, message)
            assert server.mails.pop() == message

        arrives()
    assert not server.mails


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("MAIL", "550 5.7.1 not you", MailError.NEVER),
        ("MAIL", "451 4.3.0 busy", MailError.LATER),
        ("MAIL", "", MailError.LATER),
        ("RCPT", "550 5.1.1 no such user", MailError.NEVER),
        ("RCPT", "450 4.2.1 greylisted", MailError.LATER),
        ("RCPT", "", MailError.LATER),
        ("DATA", "554 5.5.1 no", MailError.NEVER),
        ("DATA", "421 4.3.2 going down", MailError.LATER),
        ("DATA", "", MailError.LATER),
        ("hang up in the mail", "", MailError.LATER),
        (".", "552 5.2.3 too large", MailError.NEVER),
        (".", "452 4.2.2 quota", MailError.LATER),
        (".", "", MailError.UNKNOWN),
        ("EHLO", "", MailError.LATER),
    ],
)
def test_what_a_refusal_or_a_break_means_for_the_mail(command, reply, kind):
    with running(MailServer({command: reply})) as server, pytest.raises(MailError) as caught:
        send(server, MAIL * (200_000 if "hang" in command else 1))
    assert caught.value.kind == kind
    if reply:
        assert reply.split(" ")[0] == caught.value.code
        assert reply in str(caught.value)


def test_an_answer_that_never_comes_leaves_the_mail_open():
    class Silent(MailServer):
        def _take(self, stream, _):  # type: ignore[no-untyped-def]
            while stream.readline() != b".\r\n":
                pass
            time.sleep(1)
            return False

    with running(Silent()) as server, pytest.raises(MailError) as caught:
        Smtp(f"smtp://127.0.0.1:{server.port}", seconds=0.3).send(
            MAIL, sender=SENDER, recipient=RECIPIENT, delivery_id="d1"
        )
    assert caught.value.kind == MailError.UNKNOWN
    assert "after it had the mail" in str(caught.value)


def test_a_goodbye_that_goes_unheard_does_not_unsend_the_mail():
    with running(MailServer({"QUIT": ""})) as server:
        assert send(server).message_id == "4XyZ.1"


def test_nobody_there_is_for_later_and_names_the_server_not_the_password():
    with running(MailServer()) as server:
        pass
    with pytest.raises(MailError) as caught:
        send(server, url="smtp://finops:hunter2@127.0.0.1:{port}")
    assert caught.value.kind == MailError.LATER
    assert f"127.0.0.1:{server.port} cannot be reached" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_without_starttls_nothing_is_said_to_another_machine():
    with running(MailServer(offers=("AUTH PLAIN",)), host=OTHER_LOOPBACK) as server:
        with pytest.raises(MailError, match="offers no STARTTLS") as caught:
            send(server, url=f"smtp://finops:hunter2@{OTHER_LOOPBACK}:{{port}}")
        assert caught.value.kind == MailError.NEVER
    assert server.said == ["ehlo example.com"]


def test_starttls_comes_before_the_password_and_the_mail(tls):
    server_context, trusting = tls
    offers = ("STARTTLS", "AUTH PLAIN")
    with running(MailServer(offers=offers, context=server_context), host=OTHER_LOOPBACK) as server:
        url = f"smtp://finops:hunter%402@{OTHER_LOOPBACK}:{server.port}"
        Smtp(url, context=trusting).send(MAIL, sender=SENDER, recipient=RECIPIENT, delivery_id="d1")
    assert server.mails == [MAIL]
    assert server.passwords() == ["\0finops\0hunter@2"]
    verbs = [text.split(" ")[0].upper() for text in server.said]
    assert verbs.index("STARTTLS") < verbs.index("AUTH")


def test_smtps_is_encrypted_from_the_start(tls):
    server_context, trusting = tls
    with running(MailServer(context=server_context), host=OTHER_LOOPBACK, encrypted=True) as server:
        url = f"smtps://{OTHER_LOOPBACK}:{server.port}"
        Smtp(url, context=trusting).send(MAIL, sender=SENDER, recipient=RECIPIENT, delivery_id="d1")
    assert server.mails == [MAIL]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tls, scheme):
    offering = MailServer(offers=("STARTTLS",), context=tls[0])
    with (
        running(offering, host=OTHER_LOOPBACK, encrypted=scheme == "smtps") as server,
        pytest.raises(MailError, match="its certificate is not accepted"),
    ):
        send(server, url=f"{scheme}://{OTHER_LOOPBACK}:{{port}}")
    assert not server.mails
    assert not [text for text in server.said if text.startswith("mail")]


def test_a_wrong_password_is_refused_for_good_and_not_repeated():
    refusing = MailServer({"AUTH": "535 5.7.8 bad credentials"}, offers=("AUTH PLAIN",))
    with running(refusing) as server, pytest.raises(MailError, match="535") as caught:
        send(server, url="smtp://finops:hunter2@127.0.0.1:{port}")
    assert caught.value.kind == MailError.NEVER
    assert "hunter2" not in str(caught.value)


def test_the_check_sends_nothing():
    with running(MailServer()) as server:
        told = Smtp(f"smtp://127.0.0.1:{server.port}").check()
    assert told == f"the mail server 127.0.0.1:{server.port} answers, in the clear, on this machine"
    assert [text.split(" ")[0].upper() for text in server.said] == ["EHLO", "NOOP", "QUIT"]


def test_a_mail_server_cannot_tell_what_became_of_a_mail():
    assert Smtp("smtp://127.0.0.1:25").delivered("d1") is None
