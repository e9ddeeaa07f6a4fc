"""Small files of people, in a folder and beside a lake on S3: the same promises in both places."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.fs as pafs
import pytest
from moto.server import ThreadedMotoServer

from config import load_settings
from finops.model.errors import StoreError
from finops.store.blobs import FolderBlobs, LakeBlobs, blobs_beside
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.store.blobs import Blobs


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    server, patch = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False), pytest.MonkeyPatch()
    server.start()
    host, port = server.get_host_and_port()
    patch.setenv("AWS_ACCESS_KEY_ID", "testing")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    root = f"s3://facts/lake?endpoint_override=http://{host}:{port}&region=us-east-1"
    files, _ = pafs.FileSystem.from_uri(f"{root}&allow_bucket_creation=true")
    files.create_dir("facts")
    yield root
    patch.undo()
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "prefs")
    return LakeBlobs(request.getfixturevalue("bucket"), tmp_path.name)


def test_what_is_put_is_there_and_replaced_whole(blobs: Blobs) -> None:
    assert blobs.get("a.json", 99) is None
    assert blobs.names() == ()
    blobs.put("a.json", b"one")
    blobs.put("a.json", b"three")
    assert blobs.get("a.json", 99) == b"three"
    assert blobs.get("a.json", 2) == b"th"
    assert blobs.names() == ("a.json",)


def test_whoever_adds_second_gets_what_the_first_one_made(blobs: Blobs) -> None:
    assert blobs.add("key", b"first") == b"first"
    assert blobs.add("key", b"second") == b"first"
    assert blobs.names() == ("key",)


def test_what_is_set_aside_has_another_name_and_its_content(blobs: Blobs) -> None:
    blobs.put("a.json", b"x")
    assert blobs.set_aside("a.json", "a.damaged") is True
    assert (blobs.get("a.json", 9), blobs.get("a.damaged", 9)) == (None, b"x")
    assert blobs.set_aside("a.json", "b.damaged") is False


@pytest.mark.parametrize("name", ["../a", "", ".hidden", "a/b", "a" * 201])
def test_a_name_that_leads_elsewhere_is_refused(blobs: Blobs, name: str) -> None:
    for attempt in (lambda: blobs.get(name, 9), lambda: blobs.put(name, b"x"), lambda: blobs.set_aside(name, "b")):
        with pytest.raises(StoreError, match="no name of a file"):
            attempt()


def test_turns_do_not_overlap(blobs: Blobs) -> None:
    blobs.put("count", b"0")

    def count() -> None:
        for _ in range(5):
            with blobs.turn():
                blobs.put("count", str(int(blobs.get("count", 9) or b"0") + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blobs.get("count", 9) == b"20"


def test_a_folder_is_its_owners_alone_and_a_turn_sweeps_what_a_dead_writer_left(tmp_path: Path) -> None:
    folder = tmp_path / "prefs"
    blobs = FolderBlobs(folder)
    blobs.put("a.json", b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a.json").stat().st_mode) == 0o600
    (folder / "a.json.0123456789abcdef.tmp").write_bytes(b"half")
    assert blobs.names() == ("a.json",)
    with blobs.turn():
        assert [path.name for path in folder.iterdir()] == ["a.json"]


def test_a_place_that_does_not_answer_is_an_error_with_words() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        LakeBlobs("nowhere://bucket/lake", "prefs")


def test_preferences_lie_beside_a_lake_on_s3(bucket: str, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, lake_url=bucket, secret_key="s" * 40)
    preferences = UserPreferences.of(settings)
    base = preferences.read("ann")
    saved = preferences.save("ann", replace(base.chosen, metric="amortized"), base)
    assert UserPreferences.of(settings).read("ann") == saved.kept
    there = blobs_beside(bucket, "prefs")
    (name,) = there.names()
    there.put(name, b"{")
    kept = preferences.read("ann")
    assert kept.set_aside.endswith(".damaged")
    assert there.get(kept.set_aside, 9) == b"{"
    assert not (tmp_path / "prefs").exists(), "nothing on this machine"
