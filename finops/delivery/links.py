"""Links in mails that open something for whoever holds them: signed with the installation's key, and they expire.

    link = unsubscribe_link(signer, "https://costs.example.com", Subscription("acme", "s1", "ann@example.com"), at=now)
    subscription_in(signer, token, now=now)

The same signer, under another purpose, signs the links of exports (`signed`, `holds`).
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from finops.store.signing import Signer

UNSUBSCRIBE_PATH = "/mail/unsubscribe"
PURPOSE = "unsubscribe"
LIFE = timedelta(days=400)
"""A link outlives the mail's place in an inbox: law asks for 30 days (CAN-SPAM), people open last year's mails."""
MOST_TOKEN = 1000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One reader of one schedule."""

    tenant: str
    schedule_id: str
    recipient: str


def signed(signer: Signer, purpose: str, text: str, *, expires: datetime) -> str:
    """The signature of a text and the second until which it holds, for a link that names both."""
    return signer.sign(purpose, _dated(text, expires))


def holds(signer: Signer, purpose: str, text: str, *, expires: datetime, signature: str, now: datetime) -> bool:
    """Whether a link's signature is that of its text and time, and the time has not come."""
    return signer.holds(purpose, _dated(text, expires), signature) and now < expires


def unsubscribe_link(signer: Signer, public_url: str, subscription: Subscription, *, at: datetime) -> str:
    """The address of the page that ends a subscription without signing in; it holds for `LIFE`."""
    expires = at + LIFE
    told = json.dumps([*astuple(subscription), int(expires.timestamp())], separators=(",", ":"))
    signature = signed(signer, PURPOSE, told, expires=expires)
    token = f"{base64.urlsafe_b64encode(told.encode()).decode('ascii').rstrip('=')}.{signature}"
    return f"{public_url}{UNSUBSCRIBE_PATH}?{urlencode({'token': token})}"


def subscription_in(signer: Signer, token: str, *, now: datetime) -> Subscription | None:
    """Whose subscription a token is for; None for one that was made elsewhere, changed, or is over."""
    body, dot, signature = token.partition(".")
    if not dot or len(token) > MOST_TOKEN:
        return None
    try:
        told = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True).decode()
        tenant, schedule_id, recipient, seconds = json.loads(told)
        expires = datetime.fromtimestamp(seconds, UTC)
    except (binascii.Error, ValueError, TypeError, OverflowError, OSError):
        return None
    if not holds(signer, PURPOSE, told, expires=expires, signature=signature, now=now):
        return None
    return Subscription(str(tenant), str(schedule_id), str(recipient))


def _dated(text: str, expires: datetime) -> str:
    return f"{int(expires.timestamp())}\n{text}"
