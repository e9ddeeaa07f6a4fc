"""A letter becomes a mail to one reader: text, HTML with its pictures, files, and headers that nothing can break into.

    mime_of(letter, sender="Costs <costs@example.com>", recipient="ann@example.com",
            message_id="<1@example.com>", unsubscribe_url="https://…", at=now)

The same arguments give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from html import escape
from typing import TYPE_CHECKING, Any

from finops.delivery.addresses import checked_address
from finops.model.delivery import UNSUBSCRIBE
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from finops.model.delivery import Attachment, Letter

MOST_SUBJECT = 250
_WHOLE_LINES = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id"})
_ENCODED_WORD_BYTES = 39
"""Bytes whose Base64 keeps a line with an encoded word, and `Subject:` before it, within RFC 2047's 76 characters."""
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,120}@[A-Za-z0-9.-]{1,255}>", re.ASCII)
_URL = re.compile(r"https?://[!-;=?-~]{1,900}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LAST_LINES = re.compile(r"<!--unsubscribe-->.*?<!--/unsubscribe-->", re.DOTALL)


class _Policy(EmailPolicy):
    """Python's own, but for headers that it folds in ways that mail programs stumble over.

    It makes encoded words of any long token, also of a URL that is looked for as it is, and words with letters beside
    encoded ones (`=?utf-8?q?K=C3=BCche?= & Co`) of a name.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as bytes."""
        if name.lower() in _WHOLE_LINES:
            return f"{name}: {value}\r\n".encode("ascii")
        if name.lower() == "subject":
            return f"{name}: {_encoded(str(value))}\r\n".encode("ascii")
        if name.lower() == "from":
            return f"{name}: {_named(value.addresses[0])}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Sender:
    """An address that mails come from. `name` is "" where there is none."""

    address: str
    name: str = ""


def sender_of(text: str) -> Sender:
    """`Costs <costs@example.com>` or a bare address; InputError for anything else."""
    _without_breaks("sender", text)
    name, address = parseaddr(text)
    return Sender(checked_address(address), name)


def mime_of(
    letter: Letter, *, sender: str, recipient: str, message_id: str, unsubscribe_url: str, at: datetime
) -> bytes:
    """The mail, lines ended by CR LF, in ASCII.

    Without `unsubscribe_url` the headers and lines that name it are left out: nobody subscribed. InputError for an
    address, id, URL or name of a file that no header may hold. Control characters in the subject become spaces.
    """
    came_from = sender_of(sender)
    mail = EmailMessage(policy=_POLICY)
    mail["Subject"] = _subject(letter.subject)
    mail["From"] = Address(came_from.name, addr_spec=came_from.address)
    mail["To"] = checked_address(recipient)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = _matching(_MESSAGE_ID, "message_id", message_id)
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe_url:
        # RFC 8058: mail programs show a button and post this one field to the address.
        mail["List-Unsubscribe"] = f"<{_matching(_URL, 'unsubscribe_url', unsubscribe_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(mail, letter, unsubscribe_url)
    for number, part in enumerate(_multiparts(mail)):
        part.set_boundary(_boundary(message_id, number))
    return mail.as_bytes()


def _fill(mail: EmailMessage, letter: Letter, unsubscribe_url: str) -> None:
    mail.set_content(_text(letter.text, unsubscribe_url), subtype="plain", charset="utf-8", cte="quoted-printable")
    mail.add_alternative(_html(letter.html, unsubscribe_url), subtype="html", charset="utf-8", cte="quoted-printable")
    (shown,) = (part for part in mail.walk() if part.get_content_type() == "text/html")
    for name, picture in letter.images.items():
        _without_breaks("image", name)
        shown.add_related(
            picture, maintype="image", subtype="png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline"
        )
    for file in letter.attachments:
        _attach(mail, file)


def _attach(mail: EmailMessage, file: Attachment) -> None:
    maintype, subtype = _matching(_MEDIA_TYPE, "media_type", file.media_type).split("/")
    if maintype in {"text", "message", "multipart"}:  # a file stays the bytes it is, whatever it says it is
        maintype, subtype = "application", "octet-stream"
    name = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _without_breaks("attachment", file.name))
    mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=name)


def _text(text: str, unsubscribe_url: str) -> str:
    """Each line that names the link is left out where there is none."""
    lines = _sound(text).splitlines()
    kept = lines if unsubscribe_url else [line for line in lines if UNSUBSCRIBE not in line]
    return "\n".join(kept).replace(UNSUBSCRIBE, unsubscribe_url) + "\n"


def _html(html: str, unsubscribe_url: str) -> str:
    """What lies between the marks `<!--unsubscribe-->` is left out where there is no link."""
    kept = _sound(html) if unsubscribe_url else _LAST_LINES.sub("", _sound(html))
    return kept.replace(UNSUBSCRIBE, escape(unsubscribe_url))


def _sound(text: str) -> str:
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def _subject(text: str) -> str:
    line = " ".join(_CONTROLS.sub(" ", _sound(text)).split())
    return line if len(line) <= MOST_SUBJECT else f"{line[: MOST_SUBJECT - 1]}…"


def _named(address: Address) -> str:
    """An address behind its name, which is an encoded word unless it is plain."""
    name = str(address.display_name)
    if not name:
        return str(address.addr_spec)
    plain = name.isascii() and "=?" not in name
    return f"{_quoted(name) if plain else _encoded(name)} <{address.addr_spec}>"


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))


def _encoded(text: str) -> str:
    """A header's text in ASCII (RFC 2047), folded between words: in encoded words unless it is plain."""
    if text.isascii() and "=?" not in text:
        return _folded(text.split(" "))
    return _folded([f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?=" for piece in _pieces(text)])


def _pieces(text: str) -> Iterator[bytes]:
    """The text in UTF-8, cut between characters."""
    piece = b""
    for letter in text:
        more = letter.encode()
        if len(piece) + len(more) > _ENCODED_WORD_BYTES:
            yield piece
            piece = b""
        piece += more
    yield piece


def _folded(words: list[str]) -> str:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > 66:  # noqa: PLR2004 - 76 with the header's name before the first line
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return "\r\n ".join(lines)


def _multiparts(mail: EmailMessage) -> Iterator[EmailMessage]:
    return (part for part in mail.walk() if part.is_multipart())


def _boundary(message_id: str, number: int) -> str:
    """A text that no part can hold: quoted-printable never has `=_`, Base64 neither `=` inside nor `_`."""
    digest = hashlib.sha256(f"{message_id} {number}".encode()).hexdigest()
    return f"=_{digest[:32]}_{number}"


def _matching(pattern: re.Pattern[str], field: str, text: str) -> str:
    if not pattern.fullmatch(text):
        raise InputError(field, f"This is nothing that a mail may hold as its {field}.")
    return text


def _without_breaks(field: str, text: str) -> str:
    if _CONTROLS.search(text):
        raise InputError(field, f"The {field} holds a line break or another control character.")
    return text
