"""What every test stands on: a clean environment, no network, a fixed now, skips that are counted, and services.

Under `CI=true` nothing may be skipped: a skip becomes a failure that carries its reason.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import hypothesis
import pytest

from tests import services

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true"}

# The person's own configuration and keys never reach a test, nor the processes a test starts.
for name in list(os.environ):
    if name.startswith(("AWS_", "FINOPS_")) and not name.startswith("FINOPS_TEST_"):
        del os.environ[name]
os.environ.update(
    TZ="UTC",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    FINOPS_ENV_FILE=os.devnull,
)
time.tzset()

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if CI else "dev")


class NetworkBlockedError(RuntimeError):
    """A test tried to reach another machine. Deliberately no OSError: nothing takes it for an outage."""


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: sees every connection, datagram and name lookup of Python code, in any thread, also at import."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        host = args[1][0] if isinstance(args[1], tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_local(host):
        raise NetworkBlockedError(f"{event} to {host}: tests reach nothing but this machine")


sys.addaudithook(_stay_on_this_machine)


# Skips: failures under CI, named in the closing lines otherwise.


AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _fail_if_skipped(report: AnyReport) -> AnyReport:
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        report.outcome, report.longrepr = "failed", f"skipped under CI=true: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_skipped((yield))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped")
        for line in sorted({f"{report.nodeid}: {_reason(report)}" for report in skipped}):
            terminalreporter.line(line)


# Time and place


@pytest.fixture
def now() -> datetime:
    """The instant every test takes as now."""
    return datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Folder for screenshots and other things a person may want to look at after the run."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


# Services: a server that already answers is used, else a private one is started, else the test is skipped by name.


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with services.or_skip(services.postgres()) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh PostgreSQL database, dropped after the test."""
    with services.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[str]:
    with services.or_skip(services.mysql()) as url:
        yield url


@pytest.fixture
def mysql_url(mysql_server: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh MySQL or MariaDB database, dropped after the test."""
    with services.fresh_database(mysql_server) as url:
        yield url


@pytest.fixture
def redis_url() -> Iterator[str]:
    """URL of a Redis server of this test's own."""
    with services.or_skip(services.redis()) as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    """URL of a RabbitMQ server that other tests may use too: name queues for the test."""
    with services.or_skip(services.rabbitmq()) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once per module: Playwright's loop would stand in the way of `asyncio.run` in other modules."""
    with services.or_skip(services.chromium()) as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440 x 900 whose test fails when a request leaves this machine or the console shows an error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    faults = services.watch(context, _is_local)
    yield context.new_page()
    context.close()
    assert not faults, faults
