"""Logging, configured once per process: one line per event to stderr, secrets blotted out at the root.

configure("INFO")
"""

from __future__ import annotations

import logging
import re
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
BLOT = "***"
OURS = ("finops", "pages", "scheduler", "aws_session", "export", "streamlit_app")

_SECRETS = (
    re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(
        r"(?i)\b((?:aws_)?(?:secret_?(?:access_?)?key|session_?token|security_?token|external_?id|password|authorization)"
        r"[\"']?\s*[:=]\s*[\"']?(?:bearer\s+)?)[^\s\"',;&]+"
    ),
)


class SecretFilter(logging.Filter):
    """Blots out what looks like a key, a token or a password, in messages and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always passes the record on, cleaned."""
        message = record.getMessage()
        record.msg, record.args = blotted(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = blotted(record.exc_text)
        return True


def blotted(text: str) -> str:
    """The text without key ids, credentials in URLs, and values named like secrets."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: (found.group(1) if found.re.groups else "") + BLOT, text)
    return text


def configure(level: str) -> None:
    """Sends every log record of this process to stderr, cleaned; calling it again changes the level only."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)  # libraries speak up from there on: alembic tells each step at INFO
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    if not any(isinstance(part, SecretFilter) for handler in root.handlers for part in handler.filters):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(FORMAT))
        handler.addFilter(SecretFilter())
        root.handlers[:] = [handler]
