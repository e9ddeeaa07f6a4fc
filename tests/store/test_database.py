"""The state's database: three kinds, one behaviour."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from finops.model.errors import StoreError
from finops.store import open_store
from finops.store.database import Database
from finops.store.schema import lake_run, metadata, setting
from finops.store.upgrade import require_current, upgrade

ROOT = Path(__file__).parent.parent.parent


def test_upgrade_leads_to_the_declared_schema_and_a_second_one_changes_nothing(empty_url: str) -> None:
    assert upgrade(empty_url) == upgrade(empty_url)
    database = Database(empty_url)
    require_current(database)
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    database.close()
    assert differences == []


def test_two_processes_may_upgrade_at_once(empty_url: str) -> None:
    command = [sys.executable, "-c", f"from finops.store.upgrade import upgrade; print(upgrade({empty_url!r}))"]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], answers
    assert {out for out, _ in answers} == {answers[0][0]}


def test_a_database_of_newer_code_is_refused_in_words(any_url: str) -> None:
    database = Database(any_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        upgrade(any_url)
    with pytest.raises(StoreError, match="newer version"):
        require_current(database)
    database.close()


def test_an_empty_database_says_how_to_make_it_ready(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="python -m finops db upgrade"):
        open_store(
            database_url=empty_url,
            lake_url=str(tmp_path / "lake"),
            ceiling=None,
            promoted_tags=(),
            now=lambda: datetime.now(UTC),
        )


def _run_row(number: int, started: datetime, price: Decimal) -> dict[str, object]:
    return {
        "run_id": f"run-{number}",
        "tenant": "default",
        "kind": "x",
        "source": "y",
        "status": "running",
        "started": started,
        "requests": 1,
        "price": price,
        "failures": "[]",
        "detail": "{}",
    }


def test_instants_and_dollars_come_back_as_they_went_in(database: Database) -> None:
    written = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    price = Decimal("12345678.000001")
    with database.writing() as connection:
        connection.execute(insert(lake_run).values(_run_row(1, written, price)))
    with database.reading() as connection:
        row = connection.execute(select(lake_run.c.started, lake_run.c.price)).one()
    assert row.started == written
    assert row.started.tzinfo is UTC
    assert row.price == price


def test_an_instant_without_a_zone_or_a_finer_price_is_refused(database: Database) -> None:
    for started, price in (
        (datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), Decimal(1)),
        (datetime(2026, 1, 1, tzinfo=UTC), Decimal("0.0000001")),
    ):
        with pytest.raises((StatementError, StoreError)), database.writing() as connection:
            connection.execute(insert(lake_run).values(_run_row(2, started, price)))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.text(min_size=1, max_size=60).filter(lambda t: "\x00" not in t),
    value=st.text().filter(lambda t: "\x00" not in t),
)
def test_any_text_survives_and_keys_differ_by_every_byte(database: Database, key: str, value: str) -> None:
    with database.writing() as connection:
        connection.execute(setting.delete())
        connection.execute(
            insert(setting), [{"tenant": "t", "setting_key": f"{key}{end}", "value": value} for end in "aA"]
        )
    with database.reading() as connection:
        found = connection.execute(select(setting.c.value).where(setting.c.setting_key == f"{key}A")).scalars().all()
    assert found == [value]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("oracle://scott:tiger@db/x", "not supported"),
        ("no url at all", "cannot be read"),
        ("postgresql://finops:hunter2@127.0.0.1:1/x", "did not answer"),
        ("mysql://finops:hunter2@127.0.0.1:1/x", "did not answer"),
    ],
)
def test_what_cannot_be_reached_is_said_without_its_secrets(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Database(url).check()
    shown = f"{caught.value} {caught.value.__cause__}"
    assert not any(secret in shown for secret in ("hunter2", "tiger", "127.0.0.1"))


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    row = _run_row(1, datetime(2026, 1, 1, tzinfo=UTC), Decimal(0))
    with pytest.raises(StoreError), database.writing() as connection:
        connection.execute(insert(lake_run), [row, {**row, "run_id": "other"}, row])
    with database.reading() as connection:
        assert connection.execute(select(lake_run)).all() == []


def test_sqlite_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    writer, reader = Database(url), Database(url)
    with writer.writing() as connection:
        connection.execute(insert(setting).values(tenant="t", setting_key="k", value="v"))
        with reader.reading() as other:
            assert other.execute(select(setting)).all() == []
    writer.close()
    reader.close()
