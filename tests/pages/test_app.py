"""The server starts only where it may, with one line about what is wrong, and serves pages and API from one port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests import services, stocked
from tests.pages.serving import ROOT, served

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "options", "line"),
    [
        ({"FINOPS_TENANT": "Not Allowed"}, (), "finops: FINOPS_TENANT: must match"),
        ({"FINOPS_MODE": "aws"}, (), "finops: FINOPS_SECRET_KEY: is required in aws mode"),
        ({"FINOPS_MODE": "aws", "FINOPS_SECRET_KEY": "s3cret" * 8}, (), "finops: FINOPS_AUTH: aws mode has no sign-in"),
        ({}, ("--server.address", "0.0.0.0"), "finops: FINOPS_AUTH: `none` is allowed on a loopback address only"),  # noqa: S104
    ],
)
def test_a_wrong_setting_ends_the_start(
    tmp_path: Path, environ: dict[str, str], options: tuple[str, ...], line: str
) -> None:
    port = str(services.free_port())
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", port, *options],
        cwd=ROOT,
        env={**os.environ, "FINOPS_DATA_DIR": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    told = [text for text in done.stderr.splitlines() if text.startswith("finops:")]
    assert len(told) == 1
    assert told[0].startswith(line)
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


def test_pages_probes_and_api_share_one_port(stocked_folder: Path, tmp_path: Path) -> None:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(stocked_folder)}
    with served(ROOT / "streamlit_app.py", environ, tmp_path / "log") as address:
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
        with urllib.request.urlopen(f"{address}/readyz") as answer:
            assert answer.status == 200
        with urllib.request.urlopen(address) as answer:
            policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'none'" in policy
