"""What passes between botocore and the demo's answers: a request and its caller, AWS's errors, page tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.model.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGING = frozenset({"NextPageToken", "NextToken", "nextToken", "PaginationToken", "ContinuationToken", "position"}) | {
    "Marker",
    "MaxDatapoints",
    "MaxResults",
    "maxResults",
    "MaxRecords",
    "MaxItems",
    "MaxBuckets",
    "PageSize",
    "ResourcesPerPage",
    "limit",
}
"""Parameters that choose a page of an answer and not what is asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """One API call: botocore's service name, the operation, its parameters, the account and ARN that call, and where.

    `region` is the client's; services with one place for the whole world are asked through any.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    account: str
    arn: str
    region: str

    @property
    def fingerprint(self) -> str:
        """The same for the same question by the same account in a region, whatever page of the answer is asked for."""
        asked = {name: value for name, value in self.params.items() if name not in _PAGING}
        text = json.dumps([self.operation, self.account, self.region, asked], sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def aws_error(code: str, message: str) -> AwsError:
    """An error that reaches the caller as botocore's ClientError with this code and message."""
    return AwsError(message, kind=AwsError.INVALID, code=code)


def invalid(message: str) -> AwsError:
    """Cost Explorer's ValidationException."""
    return aws_error("ValidationException", message)


def page_token(request: Request, offset: int) -> str:
    """An opaque token for the page that starts at `offset` of this request's answer."""
    body = f"{request.fingerprint}:{offset}"
    return base64.urlsafe_b64encode(f"{body}:{_seal(body)}".encode()).decode()


def page_offset(
    request: Request,
    token: str | None,
    *,
    refusals: tuple[str, str] = ("InvalidNextTokenException", "RequestChangedException"),
) -> int:
    """Where the page asked for starts.

    The codes of `refusals` answer text that is no token, and a token of another request.
    """
    if token is None:
        return 0
    try:
        fingerprint, offset, seal = base64.urlsafe_b64decode(token.encode()).decode("ascii").split(":")
    except (binascii.Error, ValueError):
        fingerprint, offset, seal = "", "", ""
    if seal != _seal(f"{fingerprint}:{offset}"):
        raise aws_error(refusals[0], "The pagination token is invalid. Try again without it.")
    if fingerprint != request.fingerprint:
        raise aws_error(refusals[1], "Your request parameters changed between pages. Try again.")
    return int(offset)


def _seal(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=6, key=b"demo page token").hexdigest()
