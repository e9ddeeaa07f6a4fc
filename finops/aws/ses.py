"""Amazon SES, API v2: the one operation of this product that does something outside it, and what it may say to that.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. A raw mail needs `ses:SendRawEmail`, whatever
the operation's name is. A request that left and was not answered may have sent the mail: it is never repeated here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask
from finops.aws.permissions import Operation, declare
from finops.model.delivery import MailError, Receipt
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from finops.aws.calls import Calls
    from finops.model.metering import Caller

MOST_BYTES = 40_000_000
"""Of a mail as it is sent, https://docs.aws.amazon.com/ses/latest/dg/quotas.html."""

SEND_EMAIL = declare(
    Operation(
        service="sesv2",
        name="SendEmail",
        action="ses:SendRawEmail",
        feature="mail",
        lost="reports, digests and alerts by mail through SES; set FINOPS_EMAIL_TRANSPORT instead",
        resources=("ses:*:*:identity/*", "ses:*:*:configuration-set/*"),
        writes=True,
    )
)
GET_ACCOUNT = declare(
    Operation(
        service="sesv2",
        name="GetAccount",
        action="ses:GetAccount",
        feature="mail",
        lost="whether SES may send: sandbox, paused sending and the quota of the day are not told beforehand",
    )
)

_NEVER_SENT = frozenset({"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError", "SSLError"})
_TAG = re.compile(r"[A-Za-z0-9_.@-]{1,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an error means for the mail, and what a person may do."""

    kind: str
    told: str


_ANSWERS = {
    "AccountSuspendedException": _Answer(MailError.NEVER, "AWS has ended sending for this account for good"),
    "BadRequestException": _Answer(MailError.NEVER, "SES did not accept the mail"),
    "LimitExceededException": _Answer(MailError.LATER, "A quota of SES is used up"),
    "MailFromDomainNotVerifiedException": _Answer(
        MailError.NEVER, "The domain that SES sends this mail from is not verified"
    ),
    "MessageRejected": _Answer(
        MailError.NEVER, "SES rejected the mail: the sender, or in the sandbox the recipient, may not be verified"
    ),
    "NotFoundException": _Answer(MailError.NEVER, "SES does not know the sender or the configuration set"),
    "SendingPausedException": _Answer(MailError.LATER, "Sending is paused for this account or configuration set"),
    "TooManyRequestsException": _Answer(MailError.LATER, "SES takes no more mails for now"),
}
_KINDS = {
    AwsError.DENIED: MailError.NEVER,
    AwsError.THROTTLED: MailError.LATER,
    AwsError.NOT_ENABLED: MailError.NEVER,
    AwsError.EXPIRED: MailError.LATER,
    AwsError.MALFORMED: MailError.UNKNOWN,
    AwsError.INVALID: MailError.NEVER,
    AwsError.ABSENT: MailError.NEVER,
}


class Ses:
    """Sends raw mails. No region means that of the credentials. Safe to share between threads."""

    def __init__(self, calls: Calls, caller: Caller, *, region: str = "", configuration_set: str = "") -> None:
        self._calls = calls
        self._caller = caller
        self._region = region
        self._configuration_set = configuration_set

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:
        """Hands a mail to SES. The receipt has SES's own id, which its bounce events name; MailError otherwise."""
        if len(message) > MOST_BYTES:
            told = f"The mail has {len(message):,} bytes, SES takes {MOST_BYTES:,}."
            raise MailError(told, kind=MailError.NEVER, code="TooLarge")
        params: dict[str, Any] = {
            "FromEmailAddress": parseaddr(sender)[1],  # the name stays in the mail's own header
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": message}},
        }
        if self._configuration_set:
            params["ConfigurationSetName"] = self._configuration_set
        if _TAG.fullmatch(delivery_id):
            params["EmailTags"] = [{"Name": "delivery", "Value": delivery_id}]
        try:
            answer = self._calls.call(Ask(SEND_EMAIL, params, ("MessageId",), region=self._region), self._caller)
        except AwsError as error:
            raise mail_error(error) from None
        return Receipt(str(answer["MessageId"]))

    def delivered(self, delivery_id: str) -> bool | None:  # noqa: ARG002 - the protocol's
        """SES cannot be asked for a mail."""
        return None

    def check(self) -> str:
        """How sending stands (ses:GetAccount, free). MailError where it is paused, or AWS does not say."""
        try:
            answer = self._calls.call(Ask(GET_ACCOUNT, {}, ("SendQuota",), region=self._region), self._caller)
        except AwsError as error:
            raise mail_error(error) from None
        if not answer.get("SendingEnabled", False):
            told = f"SES has paused sending for this account ({answer.get('EnforcementStatus', 'no status')})."
            raise MailError(told, kind=MailError.LATER, code="SendingPaused")
        quota = answer["SendQuota"]
        sent, most = int(quota.get("SentLast24Hours", 0)), int(quota.get("Max24HourSend", 0))
        most_told = f"{most:,}" if most >= 0 else "any number"
        sandbox = "" if answer.get("ProductionAccessEnabled") else "; in the sandbox: only to verified addresses"
        return f"SES sends, {sent:,} of {most_told} mails in 24 hours{sandbox}"


def mail_error(error: AwsError) -> MailError:
    """What a failed call means for the mail: not sent and later may work, never will, or nobody can tell."""
    known = _ANSWERS.get(error.code)
    if known is not None:
        return MailError(f"{known.told}. {error}", kind=known.kind, code=error.code)
    missing = f" The permission {error.missing_action} is missing." if error.missing_action else ""
    return MailError(f"{error}{missing}", kind=_kind(error), code=error.code)


def _kind(error: AwsError) -> str:
    if error.kind == AwsError.REFUSED:
        return MailError.LATER if error.code == "CircuitOpen" else MailError.NEVER
    if error.kind == AwsError.UNAVAILABLE:
        # An answered 503 says that nothing was done; another 5xx, and no answer at all, say nothing.
        surely = error.code in _NEVER_SENT or error.code == "ServiceUnavailable"
        return MailError.LATER if surely else MailError.UNKNOWN
    return _KINDS.get(error.kind, MailError.UNKNOWN)
