"""Findings in a lake on S3 answer like those in a folder, missing parts included."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow.fs as pafs
import pytest
from moto.server import ThreadedMotoServer

from finops.model.period import Period
from finops.store import FindingFilter, ResourceCost, open_store
from finops.store.finding_parts import QUARANTINED
from finops.store.upgrade import upgrade
from tests.store.findings import IDLE, NOW, TODAY, VOLUME, finding, kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    root = f"s3://facts/lake?endpoint_override=http://{host}:{port}&region=us-east-1&allow_bucket_creation=true"
    files, _ = pafs.FileSystem.from_uri(root)
    files.create_dir("facts")
    yield root.replace("&allow_bucket_creation=true", "")
    server.stop()


def test_findings_on_s3_answer_like_those_in_a_folder(bucket: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    store = open_store(database_url=url, lake_url=bucket, ceiling=None, promoted_tags=(), now=lambda: NOW)
    yesterday = TODAY - timedelta(days=1)
    kept(store, finding(1), finding(2, check_id=VOLUME), checks=(IDLE, VOLUME), day=yesterday)
    kept(store, finding(3), day=TODAY)
    page = store.findings.latest("default", "main", FindingFilter(search="cpu"))
    assert ({int(each.fingerprint, 16) for each in page.findings}, page.total, page.failures) == ({2, 3}, 2, ())
    days = Period(yesterday, TODAY + timedelta(days=1))
    assert sum(1 for _ in store.findings.between("default", "main", days, [IDLE])) == 2
    rows, _ = store.findings.enriched("default", "main", [ResourceCost("i-3", "", None, None)])
    assert {row["actual.attribution.confidence"] for row in rows} == {"medium", "none"}
    gone = next(path for path, _ in store.lake.listing() if f"run_date={yesterday}" in path)
    store.lake.delete(gone)
    for _ in range(2):
        page = store.findings.latest("default", "main")
        assert [int(each.fingerprint, 16) for each in page.findings] == [3]
        assert [(failure.code, gone in failure.message) for failure in page.failures] == [(QUARANTINED, True)]
    store.close()
