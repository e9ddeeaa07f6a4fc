"""No log line carries a secret."""

import logging

import pytest

from finops.health.logs import BLOT, SecretFilter, blotted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("using AKIAIOSFODNN7EXAMPLE now", "AKIAIOSFODNN7EXAMPLE"),
        ("cannot reach postgresql://finops:hunter2@db:5432/finops", "hunter2"),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
        ("{'SessionToken': 'FwoGZXIvYXdzEBY', 'Expiration': 1}", "FwoGZXIvYXdzEBY"),
        ("Authorization: Bearer eyJhbGciOi", "eyJhbGciOi"),
        ('password="correct horse"', "correct"),
    ],
)
def test_secrets_are_blotted_out(text: str, secret: str) -> None:
    assert secret not in blotted(text)
    assert BLOT in blotted(text)


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "cost refresh done: 10 requests, 0.10 USD, https://example.com/a?b=c"
    assert blotted(line) == line


def test_arguments_and_tracebacks_are_cleaned_too() -> None:
    try:
        int("password=hunter2")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "key %s", ("AKIAIOSFODNN7EXAMPLE",), (type(error), error, error.__traceback__)
        )
    assert SecretFilter().filter(record)
    written = logging.Formatter("%(message)s").format(record)
    assert "AKIAIOSFODNN7EXAMPLE" not in written
    assert "hunter2" not in written
    assert "ValueError" in written
