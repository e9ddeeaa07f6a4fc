"""A mail server over SMTP, encrypted and with a verified certificate; in the clear on this machine only.

Every step of the exchange tells whether the mail is out: before the server has read its end it is not, and a
connection that breaks between the end and the answer leaves it open (RFC 5321, 4.5.4.2 and 6.1).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import closing, suppress
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from config import LOOPBACK
from finops.aws.failures import without_secrets
from finops.model.delivery import MailError, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30.0
"""How long a connection, and then each answer, is waited for."""
_PORTS = {"smtp": 587, "smtps": 465}
_GO_ON, _TAKEN = 354, 250
_TEMPORARY = range(400, 500)
_QUEUED_AS = re.compile(rb"queued as ([\w.@-]{1,100})", re.IGNORECASE)
_LINES = re.compile(rb"\r\n|\r|\n")


class Smtp:
    """One connection for each mail: servers close idle ones, and a broken one takes no second mail with it."""

    def __init__(self, url: str, *, context: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self._encrypted = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._context = context or ssl.create_default_context()
        self._seconds = seconds

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:  # noqa: ARG002
        """Hands a mail to the server. The receipt has the id it queued the mail under, where it names one.

        MailError otherwise: `never` for what the server refuses for good (5xx), `later` for what it puts off (4xx) and
        where it cannot be reached, `unknown` when it took the mail and did not answer.
        """
        address = parseaddr(sender)[1]
        with closing(_Connection(self._opened(address.rpartition("@")[2]))) as connection:
            connection.step(lambda smtp: smtp.mail(address), "the sender")
            connection.step(lambda smtp: smtp.rcpt(recipient), "the recipient")
            connection.step(lambda smtp: smtp.docmd("DATA"), "a mail", wanted=_GO_ON)
            return Receipt(connection.hand_over(message))

    def delivered(self, delivery_id: str) -> bool | None:  # noqa: ARG002 - the protocol's
        """A mail server cannot be asked for a mail."""
        return None

    def check(self) -> str:
        """Connects, encrypts and signs in, and sends nothing; MailError where that does not work."""
        with closing(_Connection(self._opened("localhost"))) as connection:
            connection.step(lambda smtp: smtp.noop(), "the connection")
        how = "encrypted" if self._encrypted or not self._local else "in the clear, on this machine"
        return f"the mail server {self._host}:{self._port} answers, {how}"

    @property
    def _local(self) -> bool:
        return self._host in LOOPBACK

    def _opened(self, own_name: str) -> smtplib.SMTP:
        """A connection that is encrypted and signed in; MailError for whatever hinders it."""
        try:
            return self._signed_in(self._connected(own_name))
        except smtplib.SMTPResponseException as error:
            raise _refused("the connection", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            told = f"The mail server {self._host} offers no sign-in that this product knows."
            raise MailError(told, kind=MailError.NEVER, code="NoSignIn") from None
        except (OSError, smtplib.SMTPException) as error:
            told = f"The mail server {self._host}:{self._port} cannot be reached ({_named(error)})."
            raise MailError(told, kind=MailError.LATER, code=type(error).__name__) from None

    def _connected(self, own_name: str) -> smtplib.SMTP:
        if self._encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, own_name, timeout=self._seconds, context=self._context)
        return smtplib.SMTP(self._host, self._port, own_name, timeout=self._seconds)

    def _signed_in(self, smtp: smtplib.SMTP) -> smtplib.SMTP:
        try:
            smtp.ehlo_or_helo_if_needed()
            if not self._encrypted and not self._local:
                self._encrypt(smtp)
            if self._user:
                smtp.login(self._user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        if not smtp.has_extn("starttls"):
            told = f"The mail server {self._host} offers no STARTTLS, and mails do not leave in the clear."
            raise MailError(told, kind=MailError.NEVER, code="NoTls")
        smtp.starttls(context=self._context)
        smtp.ehlo_or_helo_if_needed()


class _Connection:
    """One exchange, step by step."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def step(self, ask: Callable[[smtplib.SMTP], tuple[int, bytes]], what: str, *, wanted: int = _TAKEN) -> None:
        """One command before the mail itself: whatever fails, nothing was handed over."""
        try:
            code, told = ask(self._smtp)
        except (OSError, smtplib.SMTPException) as error:
            raise _broken(error, MailError.LATER, "before it had the mail") from None
        if code != wanted and not (wanted == _TAKEN and code // 10 == _TAKEN // 10):
            raise _refused(what, code, told)

    def hand_over(self, message: bytes) -> str:
        """The mail and its end; the id that the server queued it under, "" where it names none."""
        try:
            self._smtp.send(_stuffed(message))
        except (OSError, smtplib.SMTPException) as error:
            raise _broken(error, MailError.LATER, "before it had all of the mail") from None
        try:
            code, told = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise _broken(error, MailError.UNKNOWN, "after it had the mail and before it said what it did") from None
        if code != _TAKEN:
            raise _refused("the mail", code, told)
        found = _QUEUED_AS.search(told)
        return found[1].decode("ascii", "replace") if found else ""

    def close(self) -> None:
        """Says goodbye where somebody is left to hear it. A mail that was taken stays taken."""
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()
        self._smtp.close()


def _stuffed(message: bytes) -> bytes:
    """A mail as DATA wants it: lines ended by CR LF, a dot before each that begins with one, a lone dot at the end."""
    lines = _LINES.split(message)
    body = lines[:-1] if lines[-1] == b"" else lines
    return b"".join(b".%b\r\n" % line if line.startswith(b".") else b"%b\r\n" % line for line in body) + b".\r\n"


def _refused(what: str, code: int, told: bytes | str) -> MailError:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    said = without_secrets(" ".join(text.split()))
    later = code in _TEMPORARY
    refusal = "does not take for now" if later else "refuses"
    kind = MailError.LATER if later else MailError.NEVER
    return MailError(f"The mail server {refusal} {what}: {code} {said}", kind=kind, code=str(code))


def _broken(error: Exception, kind: str, when: str) -> MailError:
    told = f"The connection to the mail server broke {when} ({_named(error)})."
    return MailError(told, kind=kind, code=type(error).__name__)


def _named(error: Exception) -> str:
    """What went wrong, in words that hold no password."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    return type(error).__name__
