"""How mails leave: through SES, a mail server, or into a folder; and from whom, where to, and how large.

mails = mails_of(settings, calls)
receipt = mails.transport.send(message, sender=mails.sender, recipient="ann@example.com", delivery_id="d1")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from finops.aws.mail_folder import MailFolder
from finops.aws.ses import Ses
from finops.aws.smtp import Smtp
from finops.model.delivery import MailError
from finops.model.metering import Caller

if TYPE_CHECKING:
    from config import Settings
    from finops.aws.calls import Calls
    from finops.model.delivery import Receipt

FEATURE = "mail"
OUTBOX = "outbox"
DEMO_SENDER = "FinOps demo <finops@demo.example>"
ANY_DOMAIN = "*"
_MEGABYTE = 1_000_000
_USUAL_MEGABYTES = {"ses": 20, "smtp": 7, "folder": 20}
"""Of files before Base64, which adds a third: SES takes 40 MB, many mail servers 10, and inboxes 25."""
_UNSET = "FINOPS_EMAIL_FROM names no address that mails could come from"


class Transport(Protocol):
    """Hands one mail over, to one reader."""

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:
        """Hands it over. MailError says whether nothing was and later may work, never will, or nobody can tell."""

    def delivered(self, delivery_id: str) -> bool | None:
        """Whether it was handed over, None where the transport cannot tell."""

    def check(self) -> str:
        """One line that says how the transport is, without sending anything; MailError where it cannot send."""


@dataclass(frozen=True, slots=True)
class Mails:
    """The transport of an installation with its rules.

    `sender` is "" where nothing can be mailed. `domains` are those that mails may go to: `example.com`,
    `*.example.com` or `*`. `most_attached`: bytes of files that a mail may carry, above which it has a link.
    """

    kind: str
    transport: Transport
    sender: str
    domains: tuple[str, ...]
    most_attached: int


class _Unset:
    """The transport of an installation that has no sender."""

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:  # noqa: ARG002
        """Refuses."""
        raise MailError(_UNSET, kind=MailError.NEVER, code="NoSender")

    def delivered(self, delivery_id: str) -> bool | None:  # noqa: ARG002 - the protocol's
        """What was sent before the sender was taken away, nobody can tell."""
        return None

    def check(self) -> str:
        """Says what to set."""
        raise MailError(_UNSET, kind=MailError.NEVER, code="NoSender")


def mails_of(settings: Settings, calls: Calls) -> Mails:
    """What the settings say, the mode's defaults applied. Opens no connection."""
    kind = settings.email_transport or ("folder" if settings.mode == "demo" else "ses")
    sender = settings.email_from or (DEMO_SENDER if settings.mode == "demo" else "")
    own = sender.rpartition("@")[2].rstrip(">").lower()
    usual = (ANY_DOMAIN,) if kind == "folder" else (own,)
    return Mails(
        kind=kind,
        transport=_transport(kind, settings, calls) if sender else _Unset(),
        sender=sender,
        domains=(settings.email_allowed_domains or usual) if sender else (),
        most_attached=(settings.email_max_mb or _USUAL_MEGABYTES[kind]) * _MEGABYTE,
    )


def _transport(kind: str, settings: Settings, calls: Calls) -> Transport:
    if kind == "folder":
        return MailFolder(settings.data_dir / OUTBOX)
    if kind == "smtp" and settings.smtp_url is not None:
        return Smtp(settings.smtp_url.get_secret_value())
    caller = Caller(settings.refresh_tenant, FEATURE)
    return Ses(calls, caller, region=settings.ses_region, configuration_set=settings.ses_configuration_set)
