"""One person's choices survive restarts, crashes and damage, and their files tell nobody whose they are."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import load_settings
from finops.model.errors import InputError, StoreError
from user_prefs import KEY_FILE, MOST_COLUMNS, Preferences, UserPreferences

if TYPE_CHECKING:
    from pathlib import Path

ANN, BOB = "persona:analyst", "oidc:https://id.example/bob@example.com"
CHOSEN = ("name", "cost", "tag:Owner ![x](http://h/a.png)")


def choose(preferences: UserPreferences, columns: tuple[str, ...] = CHOSEN, principal: str = ANN) -> Preferences:
    return preferences.change(principal, lambda kept: kept.with_columns("inventory", columns))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != KEY_FILE)


def test_what_was_chosen_is_there_after_a_restart_for_that_person_alone(tmp_path: Path) -> None:
    assert choose(UserPreferences(tmp_path)).columns["inventory"] == CHOSEN
    again = UserPreferences(tmp_path)
    assert again.kept(ANN).columns == {"inventory": CHOSEN}
    assert again.kept(BOB) == Preferences()


def test_tables_are_chosen_apart(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    preferences.change(ANN, lambda kept: kept.with_columns("findings", ("title",)))
    assert preferences.kept(ANN).columns == {"inventory": CHOSEN, "findings": ("title",)}


def test_a_file_tells_nobody_whose_it_is_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    choose(UserPreferences(tmp_path / "prefs"), principal=BOB)
    (kept,) = files(tmp_path / "prefs")
    assert "bob" not in kept.name + kept.read_text("utf-8")
    for path in (kept, tmp_path / "prefs" / KEY_FILE):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "prefs").stat().st_mode) == 0o700


def test_the_secret_names_the_files_where_there_is_one(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, secret_key="s" * 40)
    choose(UserPreferences.of(settings))
    name = hmac.new(b"s" * 40, ANN.encode(), hashlib.sha256).hexdigest()
    assert [path.name for path in (tmp_path / "prefs").iterdir()] == [f"{name}.json"]


def test_without_a_secret_two_installations_name_the_same_person_differently(tmp_path: Path) -> None:
    for place in ("a", "b"):
        choose(UserPreferences(tmp_path / place))
    assert files(tmp_path / "a")[0].name != files(tmp_path / "b")[0].name


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"not json",
        b"[]",
        b"\xff\xfe",
        b'{"columns": []}',
        b'{"columns": {"inventory": "name"}}',
        b'{"columns": {"inventory": [1]}}',
        b'{"columns": {"inventory": [""]}}',
        json.dumps({"columns": {"inventory": ["x"] * 51}}).encode(),
        json.dumps({"columns": {"inventory": ["x" * 201]}}).encode(),
        b"[" * 60_000,
        b" " * 70_000,
    ],
)
def test_a_damaged_file_is_set_aside_with_a_warning_and_defaults_serve(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    (path,) = files(tmp_path)
    path.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert preferences.kept(ANN) == Preferences()
    assert "damaged" in caplog.text
    assert path.with_suffix(".damaged").read_bytes() == damage, "set aside, not thrown away"
    assert choose(preferences).columns["inventory"] == CHOSEN
    assert preferences.kept(ANN).columns["inventory"] == CHOSEN


def test_what_a_later_version_added_does_not_stop_this_one(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    (path,) = files(tmp_path)
    path.write_text(json.dumps({"columns": {"inventory": ["cost"]}, "theme": {"dark": True}}), "utf-8")
    assert preferences.kept(ANN).columns == {"inventory": ("cost",)}


def test_more_than_can_be_kept_is_refused_and_the_old_choice_stays(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    with pytest.raises(InputError, match="cannot be kept"):
        choose(preferences, tuple(f"c{number}" for number in range(MOST_COLUMNS + 1)))
    assert preferences.kept(ANN).columns["inventory"] == CHOSEN


def test_a_folder_that_cannot_be_written_is_an_error_with_words_and_reading_gives_defaults(tmp_path: Path) -> None:
    (tmp_path / "prefs").write_text("a file where the folder should be", "utf-8")
    preferences = UserPreferences(tmp_path / "prefs")
    with pytest.raises(StoreError, match="preferences cannot be kept"):
        choose(preferences)
    assert preferences.kept(ANN) == Preferences()


def test_nothing_half_written_is_ever_read_and_nothing_is_left_behind(tmp_path: Path) -> None:
    preferences = [UserPreferences(tmp_path) for _ in range(4)]
    wanted = [tuple(f"{writer}-{number}" for number in range(40)) for writer in range(4)]
    seen: list[tuple[str, ...]] = []

    def work(number: int) -> None:
        for _ in range(25):
            choose(preferences[number], wanted[number])
            seen.append(preferences[number].kept(ANN).columns["inventory"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 100
    assert set(seen) <= set(wanted)
    assert len(files(tmp_path)) == 1


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=20), max_size=8))
def test_any_principal_and_any_names_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, principal: str, columns: list[str]
) -> None:
    preferences = UserPreferences(tmp_path_factory.mktemp("prefs"), secret="k")
    preferences.change(principal, lambda kept: kept.with_columns("inventory", columns))
    assert preferences.kept(principal).columns["inventory"] == tuple(columns)
