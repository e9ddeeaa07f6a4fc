"""Addresses that mails go to: what a mail server takes, and only in domains that mails may leave for.

    checked_recipients(["Ann@Example.com"], ("example.com",))     # ("Ann@example.com",)

A stricter grammar than RFC 5321's: quoted local parts, comments, address literals and letters beyond ASCII before the
`@` are refused, since SES and many servers refuse them too. Domains may be written in any script.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELD = "recipients"
MOST_RECIPIENTS = 50
MOST_CHARACTERS = 254
"""RFC 5321, errata 1690: a path holds 256 characters with its angle brackets."""
ANY_DOMAIN = "*"
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATEXT}(\.{_ATEXT})*", re.ASCII)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])", re.ASCII)
_DEVIATING = frozenset("ßς\u200c\u200d")
"""Letters that Python's IDNA 2003 maps to others and that IDNA 2008 keeps: the same text would name two domains."""
_MOST_LOCAL = 64
_SHOWN = 80


def checked_recipients(texts: Iterable[str], allowed_domains: Iterable[str]) -> tuple[str, ...]:
    """The addresses, each once, in the order given, domains in lower-case ASCII.

    `allowed_domains` holds `example.com` (that domain only), `*.example.com` (any below it) or `*` (all). InputError
    that names the first address which is none, or may not be written to; also for none, and for more than 50.
    """
    allowed = tuple(domain.lower() for domain in allowed_domains)
    found: dict[str, str] = {}
    for text in texts:
        address = checked_address(text)
        if not may_receive(address, allowed):
            raise InputError(FIELD, f"{address} is outside the domains that mails may go to ({_told(allowed)}).")
        found.setdefault(address.lower(), address)
    if not 0 < len(found) <= MOST_RECIPIENTS:
        raise InputError(FIELD, f"A mail has at least one recipient and at most {MOST_RECIPIENTS}.")
    return tuple(found.values())


def checked_address(text: str) -> str:
    """One address as it is sent to; InputError that names it when it is none."""
    local, at, domain = text.strip(" ").rpartition("@")
    ascii_domain = _ascii(domain)
    good = at and _LOCAL.fullmatch(local) and len(local) <= _MOST_LOCAL and _DOMAIN.fullmatch(ascii_domain)
    if not good or len(local) + 1 + len(ascii_domain) > MOST_CHARACTERS:
        raise InputError(FIELD, f"{_shown(text)} is not an e-mail address that mails can be sent to.")
    return f"{local}@{ascii_domain}"


def may_receive(address: str, allowed_domains: Iterable[str]) -> bool:
    """Whether a checked address lies in one of the domains."""
    domain = address.rpartition("@")[2].lower()
    return any(_covers(allowed, domain) for allowed in allowed_domains)


def _covers(allowed: str, domain: str) -> bool:
    if allowed == ANY_DOMAIN:
        return True
    return domain.endswith(allowed[1:]) if allowed.startswith("*.") else domain == allowed


def _ascii(domain: str) -> str:
    """A domain in lower-case ASCII; "" for what cannot be said in it."""
    if _DEVIATING.intersection(domain):
        return ""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _told(allowed: tuple[str, ...]) -> str:
    return ", ".join(allowed) if allowed else "none: FINOPS_EMAIL_FROM names no sender"


def _shown(text: str) -> str:
    """The text in quotes, on one line, without what would garble a terminal."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_SHOWN])
    return f'"{clean}{"…" if len(text) > _SHOWN else ""}"'
