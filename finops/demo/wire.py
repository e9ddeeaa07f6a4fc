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


@dataclass(frozen=True, slots=True)
class Request:
    """One API call: botocore's service name, the operation, its parameters, and the account and ARN that call."""

    service: str
    operation: str
    params: Mapping[str, Any]
    account: str
    arn: str

    @property
    def fingerprint(self) -> str:
        """The same for the same question by the same account, whatever page of the answer is asked for."""
        asked = {name: value for name, value in self.params.items() if name not in {"NextPageToken", "NextToken"}}
        text = json.dumps([self.operation, self.account, asked], sort_keys=True, default=str)
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


def page_offset(request: Request, token: str | None) -> int:
    """Where the page asked for starts.

    InvalidNextTokenException for text that is no token, RequestChangedException for a token of another request.
    """
    if token is None:
        return 0
    try:
        fingerprint, offset, seal = base64.urlsafe_b64decode(token.encode()).decode("ascii").split(":")
    except (binascii.Error, ValueError):
        fingerprint, offset, seal = "", "", ""
    if seal != _seal(f"{fingerprint}:{offset}"):
        raise aws_error("InvalidNextTokenException", "The pagination token is invalid. Try again without it.")
    if fingerprint != request.fingerprint:
        raise aws_error("RequestChangedException", "Your request parameters changed between pages. Try again.")
    return int(offset)


def _seal(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=6, key=b"demo page token").hexdigest()
