"""Errors with a message for people; caught only at the edges (page frame, API, CLI, job)."""

from __future__ import annotations


class FinopsError(Exception):
    """Something a person can act on; `str(error)` is the sentence to show them."""


class ConfigError(FinopsError):
    """A setting is missing or breaks its rule. `variable` names it; the value is never kept."""

    def __init__(self, variable: str, rule: str) -> None:
        super().__init__(f"{variable}: {rule}")
        self.variable = variable
        self.rule = rule


class InputError(FinopsError):
    """What a person or program asked for cannot be understood. `field` names the part at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class AwsError(FinopsError):
    """A call to AWS failed. `kind` is one of the class constants; the rest says where and what to grant."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    NOT_ENABLED = "not_enabled"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    INVALID = "invalid"
    ABSENT = "absent"  # what was asked for is not there: often an answer, not a fault
    REFUSED = "refused"  # by our own guard or breaker, before anything was sent

    def __init__(  # noqa: PLR0913 - one record of where a call failed, keyword-only
        self,
        message: str,
        *,
        kind: str,
        code: str,
        service: str = "",
        operation: str = "",
        account: str = "",
        region: str = "",
        missing_action: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.service = service
        self.operation = operation
        self.account = account
        self.region = region
        self.missing_action = missing_action


class CeilingReached(FinopsError):  # noqa: N818 - the name says what happened
    """The tool's own monthly budget for paid AWS requests is spent; stored data serves until the month turns."""


class NotAllowed(FinopsError):  # noqa: N818 - the name says what happened
    """This person may not do that. `right` names what they would need."""

    def __init__(self, message: str, *, right: str = "") -> None:
        super().__init__(message)
        self.right = right


class Busy(FinopsError):  # noqa: N818 - the name says what happened
    """Another job has this in hand; two at once would undo each other. `job_id` is the one under way."""

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


class StoreError(FinopsError):
    """The database or the lake cannot answer: unreachable, too new, damaged."""


CODE_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What code from outside raises when it does not work."""
