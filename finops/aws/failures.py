"""What went wrong with a call, in the product's kinds, in words for people and without a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws_session import AccountUnreachable, OperationRefused
from finops.model.errors import AwsError
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from finops.aws.permissions import Operation

RAISED_BY_CALLS = (
    BotoCoreError,
    ClientError,
    ResponseParserError,
    OperationRefused,
    AccountUnreachable,
    # Botocore's parsers let these out when an answer has another shape than its model, a bad timestamp for one;
    # RuntimeError is its word for credentials that are over as soon as they are renewed.
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RuntimeError,
)
"""Everything a botocore call raises when it fails."""

NEVER_SENT = (
    botocore_errors.EndpointConnectionError,
    botocore_errors.ConnectTimeoutError,
    botocore_errors.ProxyConnectionError,
    botocore_errors.SSLError,
)
"""Transport errors of requests that never left, so they cannot have been charged."""

_NO_CREDENTIALS = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.SSOError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.MetadataRetrievalError,
    botocore_errors.ProfileNotFound,
)

_CODES: dict[str, str] = {
    **dict.fromkeys(
        (
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "AuthorizationErrorException",
            "Forbidden",
            "ForbiddenException",
            "NotAuthorized",
            "UnauthorizedOperation",
        ),
        AwsError.DENIED,
    ),
    **dict.fromkeys(
        (
            "AWSOrganizationsNotInUseException",
            "DataUnavailableException",
            "OptInRequired",
            "RegionDisabledException",
            "SubscriptionRequiredException",
        ),
        AwsError.NOT_ENABLED,
    ),
    **dict.fromkeys(
        (
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "LimitExceededException",  # Cost Explorer's throttle; none of the reads declared here has another limit
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ),
        AwsError.THROTTLED,
    ),
    **dict.fromkeys(
        (
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "InvalidToken",
            "MissingAuthenticationToken",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ),
        AwsError.EXPIRED,
    ),
    **dict.fromkeys(
        (
            "LifecyclePolicyNotFoundException",
            "NoSuchBucket",
            "NoSuchLifecycleConfiguration",
            "ResourceNotFoundException",
        ),
        AwsError.ABSENT,
    ),
    **dict.fromkeys(
        ("InternalError", "InternalFailure", "InternalServerError", "RequestTimeout", "ServiceUnavailable"),
        AwsError.UNAVAILABLE,
    ),
}

_SENTENCES = {
    AwsError.DENIED: "AWS denied {call}",
    AwsError.THROTTLED: "AWS asked to slow down at {call}",
    AwsError.UNAVAILABLE: "AWS could not be reached or did not answer {call}",
    AwsError.NOT_ENABLED: "{call} is not enabled for this account",
    AwsError.EXPIRED: "There are no valid AWS credentials for {call}: sign in again or renew them",
    AwsError.MALFORMED: "The answer to {call} is not what AWS documents, so it was not used",
    AwsError.INVALID: "AWS did not accept the parameters of {call}",
    AwsError.ABSENT: "There is nothing of that name for {call}",
    AwsError.REFUSED: "{call} was not sent",
}

_MISSING_ACTION = re.compile(r"not authorized to perform:? [`']?([a-z0-9-]+:[A-Za-z0-9]+)")
_KEY_ID = re.compile(r"\b(A[A-Z]IA)[A-Z0-9]{8,}([A-Z0-9]{4})\b")
_LONG_SECRET = re.compile(r"[A-Za-z0-9+/=]{40,}")
_USER_INFO = re.compile(r"://[^/@\s]+@")
_LENGTH = 300
SERVER_ERROR = 500
_TOO_MANY = 429


class Malformed(ValueError):  # noqa: N818 - AWS's kind of failure, spelled as the others
    """An answer that parsed but breaks a documented rule; the text says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call went."""

    operation: Operation
    account: str
    region: str

    def error(self, kind: str, code: str, reason: str = "", *, missing_action: str = "") -> AwsError:
        """An AwsError of this place. `reason` is appended to the sentence of its kind, secrets removed."""
        name = f"{self.operation.service}:{self.operation.name}"
        sentence = _SENTENCES[kind].format(call=name)
        detail = without_secrets(reason)
        return AwsError(
            f"{sentence}. {detail}" if detail else f"{sentence}.",
            kind=kind,
            code=code,
            service=self.operation.service,
            operation=self.operation.name,
            account=self.account,
            region=self.region,
            missing_action=missing_action,
        )


def failure_of(error: AwsError) -> Failure:
    """The error as a value for `Sweep.failures` and `meta.failures`."""
    return Failure(
        code=error.code,
        message=str(error),
        account=error.account,
        region=error.region,
        service=error.service,
        missing_action=error.missing_action,
    )


def kind_of(failure: Failure) -> str:
    """The kind of error that a failure was, one of `AwsError`'s, as far as its code tells."""
    return AwsError.DENIED if failure.missing_action else _CODES.get(failure.code, AwsError.UNAVAILABLE)


def aws_error(error: Exception, place: Place) -> AwsError:
    """The product's error for one of RAISED_BY_CALLS."""
    if isinstance(error, ClientError):
        return _answered(error, place)
    if isinstance(error, OperationRefused | AccountUnreachable):
        return place.error(AwsError.REFUSED, type(error).__name__, str(error))
    kind = _kind_without_answer(error)
    reason = str(error) if isinstance(error, BotoCoreError | Malformed) else ""
    return place.error(kind, type(error).__name__, reason)


def maybe_charged(error: Exception) -> bool:
    """Whether AWS may have charged for the request: it was answered with success, or nobody knows.

    "You are charged only for successful requests": an answered error and a request that never left are free.
    """
    if isinstance(error, ClientError | OperationRefused | AccountUnreachable):
        return False
    if isinstance(error, BotoCoreError):
        transport = botocore_errors.HTTPClientError, botocore_errors.ConnectionError
        return isinstance(error, transport) and not isinstance(error, NEVER_SENT)
    return not isinstance(error, RuntimeError)


def without_secrets(text: str) -> str:
    """The first line of a message, at most 300 characters, key ids masked, tokens and passwords removed."""
    line = text.strip().split("\n", 1)[0]
    line = _USER_INFO.sub("://…@", _LONG_SECRET.sub("…", _KEY_ID.sub(r"\1…\2", line)))
    return line if len(line) <= _LENGTH else f"{line[:_LENGTH]}…"


def _answered(error: ClientError, place: Place) -> AwsError:
    body: Any = error.response.get("Error", {})
    code, message = str(body.get("Code", "")), str(body.get("Message", ""))
    kind = _kind_of_answer(code, message, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    missing = ""
    if kind == AwsError.DENIED:
        named = _MISSING_ACTION.search(message)
        asked = "sts:AssumeRole" if error.operation_name == "AssumeRole" else place.operation.action
        missing = named[1] if named else asked
    return place.error(kind, code or "Unknown", f"{code}: {message}" if message else code, missing_action=missing)


def _kind_of_answer(code: str, message: str, status: int) -> str:
    known = _CODES.get(code)
    if known == AwsError.DENIED and "not enabled for cost explorer" in message.lower():
        return AwsError.NOT_ENABLED
    if known:
        return known
    if status == _TOO_MANY:
        return AwsError.THROTTLED
    if status >= SERVER_ERROR:
        return AwsError.UNAVAILABLE
    # AWS's codes are words; a number is what botocore makes of a page that some proxy put in the way.
    return AwsError.MALFORMED if not code or code.isdigit() else AwsError.INVALID


def _kind_without_answer(error: Exception) -> str:
    if isinstance(error, _NO_CREDENTIALS) or type(error) is RuntimeError:
        return AwsError.EXPIRED
    if isinstance(error, botocore_errors.HTTPClientError | botocore_errors.ConnectionError):
        return AwsError.UNAVAILABLE
    if isinstance(error, botocore_errors.IncompleteReadError) or not isinstance(error, BotoCoreError):
        return AwsError.MALFORMED
    return AwsError.INVALID
