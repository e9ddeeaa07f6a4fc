"""One person's choices survive restarts, crashes and damage, and their files tell nobody whose they are."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import pathlib
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import load_settings
from finops.model.errors import InputError, StoreError
from finops.waste.checks import check_named, checks
from tests.pages.wasteful import IDLE
from user_prefs import (
    KEY_FILE,
    MOST_COLUMNS,
    Kept,
    Origin,
    Preferences,
    TenantSettings,
    UserPreferences,
    levels_for,
    thresholds_of,
    tunables_of,
    value_for,
)

if TYPE_CHECKING:
    from pathlib import Path

ROOT = pathlib.Path(__file__).parents[1]
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
    aside = preferences.read(ANN).set_aside
    assert aside.startswith(path.stem)
    assert aside.endswith(".damaged")
    assert aside in caplog.text
    assert (tmp_path / aside).read_bytes() == damage, "set aside, not thrown away"
    assert choose(preferences).columns["inventory"] == CHOSEN
    assert preferences.read(ANN).set_aside == aside, "until the person has seen it"
    preferences.dismiss(ANN)
    assert preferences.read(ANN).set_aside == ""
    assert preferences.kept(ANN).columns["inventory"] == CHOSEN


def test_what_a_later_version_added_does_not_stop_this_one(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    (path,) = files(tmp_path)
    later = {"version": 99, "revision": 1, "columns": {"inventory": ["cost"]}, "theme": {"dark": True}, "glow": 3}
    path.write_text(json.dumps(later), "utf-8")
    assert preferences.kept(ANN).columns == {"inventory": ("cost",)}
    preferences.change(ANN, lambda kept: replace(kept, metric="amortized"))
    assert json.loads(path.read_text("utf-8")) == {**later, "metric": "amortized", "revision": 2}


def test_an_older_file_is_read_and_written_anew(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    choose(preferences)
    (path,) = files(tmp_path)
    path.write_text('{"columns": {"inventory": ["cost"]}}', "utf-8")
    assert preferences.read(ANN) == Kept(Preferences(columns={"inventory": ("cost",)}))
    preferences.change(ANN, lambda kept: replace(kept, theme="dark"))
    assert json.loads(path.read_text("utf-8"))["version"] == 2


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


def test_a_file_that_cannot_be_read_is_no_damage(tmp_path: Path) -> None:
    choose(UserPreferences(tmp_path))
    (path,) = files(tmp_path)
    path.unlink()
    path.mkdir()
    kept = UserPreferences(tmp_path).read(ANN)
    assert "cannot be read at the moment" in kept.trouble
    assert (kept.chosen, kept.set_aside) == (Preferences(), "")
    assert path.is_dir(), "left where it is"


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


# Two windows


def test_the_last_writer_wins_and_is_told_what_it_overwrote(tmp_path: Path) -> None:
    one, two = UserPreferences(tmp_path), UserPreferences(tmp_path)
    here, there = one.read(ANN), two.read(ANN)
    first = two.save(ANN, replace(there.chosen, metric="blended", theme="dark"), there)
    assert (first.kept.revision, first.merge.overwritten, first.merge.elsewhere) == (1, (), ())
    saved = one.save(ANN, replace(here.chosen, metric="amortized", period="7d"), here)
    assert saved.merge.overwritten == (("metric", ""),)
    assert saved.merge.elsewhere == (("theme", ""),)
    assert saved.before.chosen.metric == "blended"
    assert saved.kept == one.read(ANN)
    assert saved.kept.chosen == Preferences(metric="amortized", period="7d", theme="dark")
    assert saved.kept.revision == 2


def test_a_save_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    kept = preferences.read(ANN)
    assert preferences.save(ANN, kept.chosen, kept).kept == Kept(Preferences())
    assert files(tmp_path) == []


def test_tenants_have_a_file_of_the_same_kind_that_no_person_can_have(tmp_path: Path) -> None:
    preferences = UserPreferences(tmp_path)
    base = preferences.tenant("demo")
    preferences.save_tenant("demo", base.chosen.with_lock("a.b.c.d", 3.0), base)
    preferences.change_tenant("demo", lambda kept: kept.with_default("a.b.c.e", 4.0))
    assert preferences.tenant("demo") == Kept(TenantSettings({"a.b.c.e": 4.0}, {"a.b.c.d": 3.0}), 2)
    assert preferences.tenant("other") == Kept(TenantSettings())
    assert preferences.kept("demo") == Preferences()
    (path,) = files(tmp_path)
    assert path.name.startswith("tenant-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"damaged")
    assert preferences.tenant("demo").set_aside
    preferences.dismiss_tenant("demo")
    assert preferences.tenant("demo").set_aside == ""


# Crashes

CRASHES = """
import json, os, random, signal, sys, time
from pathlib import Path
from user_prefs import UserPreferences

folder, writers, writes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
preferences, dice = UserPreferences(folder / "prefs"), random.Random(7)

def told(writer):
    log = folder / f"told-{writer}"
    return log.read_text().count("\\n") if log.exists() else 0

def write(writer):
    log = os.open(folder / f"told-{writer}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(told(writer) + 1, writes + 1):
        for principal in ("shared", str(writer)):
            preferences.change(principal, lambda kept: kept.with_threshold(f"writer.{writer}", float(number)))
        os.write(log, b"\\n")
    os._exit(0)

running, kills, done = {}, 0, set()
while len(done) < writers:
    for writer in set(range(writers)) - done - set(running.values()):
        child = os.fork()
        if not child:
            write(writer)
        running[child] = writer
    time.sleep(dice.uniform(0.005, 0.04))
    doomed = dice.choice(list(running))
    os.kill(doomed, signal.SIGKILL)
    _, status = os.waitpid(doomed, 0)
    kills += os.WIFSIGNALED(status)
    writer = running.pop(doomed)
    if told(writer) == writes:
        done.add(writer)
print(json.dumps({"kills": kills, "told": [told(writer) for writer in range(writers)]}))
"""
WRITERS, WRITES = 4, 125


def test_a_thousand_writes_of_processes_that_are_killed_lose_nothing_and_leave_no_half_file(tmp_path: Path) -> None:
    """Four processes write their own file and one they share, 125 times each, and are killed all the time.

    What one had said it had written is there, whoever else wrote the same file: a write that got lost would not be
    made up for, since whoever starts again goes on with the number after the last one told.
    """
    command = [sys.executable, "-c", CRASHES, str(tmp_path), str(WRITERS), str(WRITES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["told"] == [WRITES] * WRITERS
    assert found["kills"] > 20
    preferences = UserPreferences(tmp_path / "prefs")
    shared = preferences.read("shared")
    assert shared.chosen.thresholds == {f"writer.{writer}": WRITES for writer in range(WRITERS)}
    assert shared.revision >= WRITERS * WRITES, "no write took another's place"
    for writer in range(WRITERS):
        kept = preferences.read(str(writer))
        assert kept.chosen.thresholds == {f"writer.{writer}": WRITES}
        assert kept.revision >= WRITES
        assert not kept.trouble + kept.set_aside
    preferences.change("shared", lambda kept: replace(kept, theme="dark"))
    names = [path.name for path in files(tmp_path / "prefs")]
    assert len(names) == WRITERS + 1, "neither drafts of the dead nor damaged files"
    assert all(name.endswith(".json") for name in names)


# Thresholds


def test_levels_are_what_a_check_judges_by() -> None:
    check = check_named(IDLE)
    key = f"{IDLE}.cpu_average"
    assert levels_for(Preferences(), TenantSettings(), check) == check.defaults
    own = Preferences().with_threshold(key, 3.0)
    assert levels_for(own, TenantSettings(), check) == {**check.defaults, "cpu_average": 3.0}
    shared = TenantSettings().with_default(key, 7.0).with_default(f"{IDLE}.min_saving", 20.0)
    assert levels_for(own, shared, check) == {**check.defaults, "cpu_average": 3.0, "min_saving": 20.0}
    assert levels_for(own, shared.with_lock(key, 1.0), check)["cpu_average"] == 1.0
    assert levels_for(own.with_threshold(key, 99.0), shared, check)["cpu_average"] == 7.0, "out of bounds"


def test_everything_that_can_be_tuned_has_a_name_of_its_own() -> None:
    found = tunables_of(checks())
    assert len({each.key for each in found}) == len(found)
    assert sum(len(check.all_thresholds) for check in checks()) + 9 == len(found)
    effective = thresholds_of(Preferences(), TenantSettings(), found)
    assert {one.origin for one in effective} == {Origin.BUILT_IN}
    shared = TenantSettings().with_lock("anomaly.sensitivity", "high")
    assert value_for("anomaly.sensitivity", Preferences(), shared) == "high"
