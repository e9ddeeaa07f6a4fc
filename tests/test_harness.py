"""The promises of conftest.py: nothing leaves this machine, nothing leaks in, and under CI nothing is skipped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, NetworkBlockedError

if TYPE_CHECKING:
    from pathlib import Path

SKIPPING = """
import pytest
def test_skipped(): pytest.skip("no such part")
def test_passes(): pass
"""


def test_connections_names_and_datagrams_stay_on_this_machine() -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("example.com", 443)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(NetworkBlockedError):
        datagrams.sendto(b"", ("192.0.2.1", 53))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_configuration_of_the_person_reaches_a_test() -> None:
    own = {name for name in os.environ if name.startswith(("AWS_", "FINOPS_"))}
    harmless = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED", "FINOPS_ENV_FILE"}
    assert {name for name in own - harmless if not name.startswith("FINOPS_TEST_")} == set()


@pytest.mark.parametrize(("ci", "code", "closing"), [("", 0, "1 passed, 1 skipped"), ("true", 1, "1 failed, 1 passed")])
def test_a_skip_is_named_and_under_ci_fails(tmp_path: Path, ci: str, code: int, closing: str) -> None:
    (tmp_path / "test_sample.py").write_text(SKIPPING, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", "-c", os.devnull],
        cwd=ROOT,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "test_skipped" in done.stdout
    assert "no such part" in done.stdout
    assert closing in done.stdout
