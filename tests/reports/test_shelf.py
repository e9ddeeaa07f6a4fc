"""The exports folder: whole files or none, for their owner, within the folder whatever is said, kept for a while."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.errors import InputError, StoreError
from finops.model.reports import Format
from finops.reports.files.shelf import Exports, Label, Room
from finops.store.database import Database
from finops.store.exports import ExportStore
from finops.store.findings_audit import AuditTrail
from finops.store.signing import Signer
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.model.reports import Export

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LABEL = Label("demo", "savings", Format.CSV, "savings_demo.csv")
MIB = 2**20


class House:
    """An exports folder with a clock that can be moved."""

    def __init__(self, place: Path, room: Room) -> None:
        url = f"sqlite:///{place / 'state.db'}"
        upgrade(url)
        self.now = NOW
        self.folder = place / "exports"
        self.database = Database(url)
        self.store = ExportStore(self.database)
        signer = Signer(place / "keys", secret="a secret of at least 32 characters")
        self.exports = Exports(self.store, self.folder, signer, now=lambda: self.now, room=room)

    def keep(self, *pieces: bytes, label: Label = LABEL, owner: str = "anna") -> Export:
        return self.exports.keep(label, pieces or (b"a,b\r\n",), owner=owner, detail=lambda: {"rows": {"t": 1}})

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, Room(days=14, mib=1))
    yield made
    made.database.close()


def content(house: House, export: Export) -> bytes:
    with house.exports.opened(export) as file:
        return file.read()


def test_a_file_is_kept_as_it_came_and_known_by_its_digest(house):
    export = house.keep(b"a,b\r\n", b"1,2\r\n")
    assert content(house, export) == b"a,b\r\n1,2\r\n"
    assert (export.size, export.expires) == (10, NOW + timedelta(days=14))
    assert export.sha256 == hashlib.sha256(b"a,b\r\n1,2\r\n").hexdigest()
    assert house.exports.get("demo", export.export_id) == export
    assert house.exports.of_owner("demo", "anna") == (export,)
    assert house.exports.of_owner("demo", "bert") == ()


def test_only_the_owner_of_the_process_may_read_folder_and_files(house):
    export = house.keep()
    assert stat.S_IMODE(house.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((house.folder / export.path).stat().st_mode) == 0o600


def test_a_folder_that_others_may_read_is_closed_to_them(house):
    house.folder.mkdir(mode=0o755)
    house.keep()
    assert stat.S_IMODE(house.folder.stat().st_mode) == 0o700


@given(st.text(st.characters(), min_size=1, max_size=60), st.text(st.characters(), max_size=30))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_said_becomes_part_of_a_path(house, name, report):
    export = house.keep(label=Label("demo", report, Format.CSV, f"../../{name}"))
    assert export.path in house.files()
    assert export.path == f"{export.export_id}.csv"


def test_what_breaks_off_leaves_nothing(house):
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise LookupError

    with pytest.raises(LookupError):
        house.exports.keep(LABEL, pieces(), owner="anna", detail=dict)
    assert house.files() == []
    assert house.store.lying() == ()
    assert AuditTrail(house.database).list("demo")[0] == ()


def test_a_row_that_cannot_be_kept_takes_its_file_along(house):
    def detail() -> dict[str, object]:
        raise LookupError

    with pytest.raises(LookupError):
        house.exports.keep(LABEL, [b"whole"], owner="anna", detail=detail)
    assert house.files() == []


def test_nobody_sees_a_file_before_it_is_whole(house):
    seen: list[list[str]] = []

    def pieces() -> Iterator[bytes]:
        yield b"first"
        seen.append(house.files())
        yield b"second"

    export = house.exports.keep(LABEL, pieces(), owner="anna", detail=dict)
    assert seen == [[f"{export.path}.tmp"]]
    assert house.files() == [export.path]


def test_a_folder_that_is_a_link_is_refused(house, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    house.folder.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="exports folder"):
        house.keep()
    assert list(elsewhere.iterdir()) == []


def test_a_file_that_was_made_a_link_is_not_followed(house, tmp_path):
    export = house.keep()
    secret = tmp_path / "secret"
    secret.write_bytes(b"12345")
    (house.folder / export.path).unlink()
    (house.folder / export.path).symlink_to(secret)
    with pytest.raises(StoreError):
        house.exports.opened(export)


@pytest.mark.parametrize("path", ["../state.db", "/etc/passwd", "x.csv", "", "0" * 32 + ".csv/../../state.db"])
def test_a_path_that_is_none_of_ours_is_not_opened(house, path):
    export = house.keep()
    moved = export.__class__(**{**{name: getattr(export, name) for name in export.__slots__}, "path": path})
    with pytest.raises(StoreError, match="not there"):
        house.exports.opened(moved)


def test_a_file_that_was_changed_or_is_gone_is_not_given_out(house):
    export = house.keep()
    (house.folder / export.path).write_bytes(b"something else")
    with pytest.raises(StoreError, match="not as it was made"):
        house.exports.opened(export)
    (house.folder / export.path).unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        house.exports.opened(export)


def test_a_file_whose_time_is_over_goes_with_the_next_one(house):
    old = house.keep()
    house.now += timedelta(days=14)
    assert house.exports.is_over(old)
    new = house.keep()
    assert house.files() == [new.path]
    swept = house.exports.get("demo", old.export_id)
    assert swept is not None
    assert house.exports.is_over(swept)
    house.now += timedelta(days=45)
    assert house.exports.sweep() == 1
    assert house.exports.get("demo", old.export_id) is None


def test_the_oldest_make_room(house):
    kept = []
    for hours in range(4):
        house.now = NOW + timedelta(hours=hours)
        kept.append(house.keep(b"x" * (300 * 1024)))
    assert house.files() == sorted(each.path for each in kept[1:])
    assert house.exports.of_owner("demo", "anna") == tuple(reversed(kept[1:]))


def test_a_file_larger_than_the_room_is_refused_and_costs_nobody_anything(house):
    kept = house.keep()
    with pytest.raises(InputError, match="larger than 1 MiB") as caught:
        house.keep(b"x" * MIB, b"y")
    assert caught.value.field == "report"
    assert house.files() == [kept.path]


def test_what_a_process_that_died_left_is_swept_after_a_day(house):
    kept = house.keep()
    stray, young, foreign = f"{'a' * 32}.csv.tmp", f"{'b' * 32}.csv.tmp", "notes.txt"
    for name in (stray, young, foreign):
        (house.folder / name).write_bytes(b"x")
    for name in (stray, foreign):
        os.utime(house.folder / name, (0, 0))
    assert house.exports.sweep() == 1
    assert house.files() == sorted([kept.path, young, foreign])


def test_a_link_holds_for_its_file_and_its_end_only(house):
    export, other = house.keep(), house.keep()
    link = house.exports.link(export, until=NOW + timedelta(hours=1))
    path, _, query = link.partition("?")
    told = dict(part.split("=") for part in query.split("&"))
    assert path == f"/api/exports/{export.export_id}"
    assert int(told["expires"]) == int((NOW + timedelta(hours=1)).timestamp())
    assert house.exports.holds(export, int(told["expires"]), told["signature"])
    assert not house.exports.holds(export, int(told["expires"]) + 1, told["signature"])
    assert not house.exports.holds(other, int(told["expires"]), told["signature"])
    assert not house.exports.holds(export, int(told["expires"]), "0" * 64)


def test_a_link_never_outlives_its_file(house):
    export = house.keep()
    link = house.exports.link(export, until=NOW + timedelta(days=400))
    assert f"expires={int(export.expires.timestamp())}&" in link


def test_without_a_secret_an_installation_makes_a_key_and_keeps_it(tmp_path):
    first = Signer(tmp_path / "keys").sign("export", "x")
    assert Signer(tmp_path / "keys").holds("export", "x", first)
    assert not Signer(tmp_path / "keys").holds("unsubscribe", "x", first)
    assert not Signer(tmp_path / "others").holds("export", "x", first)
    assert stat.S_IMODE((tmp_path / "keys" / "signing.key").stat().st_mode) == 0o600
