"""Rows of exports on each database: whose they are, until when, and what the audit trail keeps of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from finops.model.reports import Export, Format
from finops.store.export_schema import export_file
from finops.store.exports import ExportStore
from finops.store.finding_schema import audit_event
from finops.store.findings_audit import AuditTrail

if TYPE_CHECKING:
    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANNA, BERT = "anna@example.com", "bert@example.com"
DETAIL = {"report": "savings", "rows": {"findings": 12}, "scope": {"account": ["111111111111"]}}


@pytest.fixture
def exports(shared_database: Database) -> ExportStore:
    with shared_database.writing() as connection:
        for table in (export_file, audit_event):
            connection.execute(delete(table))
    return ExportStore(shared_database)


def export(number: int = 1, **changes) -> Export:
    made = Export(
        export_id=f"{number:032x}",
        tenant="demo",
        owner=ANNA,
        report="savings",
        format=Format.XLSX,
        name="savings_demo_2026-11-20.xlsx",
        path=f"{number:032x}.xlsx",
        size=1_000,
        sha256="a" * 64,
        made_at=NOW,
        expires=NOW + timedelta(days=14),
    )
    return replace(made, **changes)


def test_an_export_is_found_as_it_was_kept(exports):
    kept = export(partial=True, size=5_000_000_000)
    exports.add(kept, DETAIL)
    assert exports.get("demo", kept.export_id) == kept
    assert exports.get("acme", kept.export_id) is None
    assert exports.get("demo", "'; drop table export_file") is None


def test_the_audit_trail_keeps_what_was_exported_by_whom(exports, shared_database):
    kept = export()
    exports.add(kept, DETAIL)
    (event,), _ = AuditTrail(shared_database).list("demo")
    assert (event.by, event.action, event.object, event.at) == (ANNA, "export.make", kept.name, NOW)
    assert event.detail["rows"] == {"findings": 12}
    assert event.detail["scope"] == {"account": ["111111111111"]}
    assert (event.detail["format"], event.detail["sha256"], event.detail["size"]) == ("xlsx", "a" * 64, 1_000)


def test_a_person_sees_own_exports_of_a_tenant_newest_first_until_they_are_over(exports):
    exports.add(export(1), DETAIL)
    exports.add(export(2, made_at=NOW + timedelta(hours=1)), DETAIL)
    exports.add(export(3, owner=BERT), DETAIL)
    exports.add(export(4, tenant="acme"), DETAIL)
    exports.add(export(5, expires=NOW + timedelta(hours=2)), DETAIL)
    found = exports.of_owner("demo", ANNA, at=NOW + timedelta(hours=2))
    assert [each.export_id for each in found] == [f"{number:032x}" for number in (2, 1)]
    assert len(exports.of_owner("demo", ANNA, at=NOW, limit=1)) == 1


def test_files_lie_in_the_order_in_which_they_were_made_whoever_they_belong_to(exports):
    exports.add(export(1, made_at=NOW + timedelta(hours=1)), DETAIL)
    exports.add(export(2, tenant="acme"), DETAIL)
    assert [(each.tenant, each.path) for each in exports.lying()] == [
        ("acme", f"{2:032x}.xlsx"),
        ("demo", f"{1:032x}.xlsx"),
    ]


def test_a_file_that_was_swept_is_remembered_for_a_while(exports):
    exports.add(export(1), DETAIL)
    exports.add(export(2), DETAIL)
    gone = [each for each in exports.lying() if each.export_id == f"{1:032x}"]
    exports.expire(gone, at=NOW + timedelta(days=1))
    swept = exports.get("demo", f"{1:032x}")
    assert swept is not None
    assert (swept.path, swept.expires) == ("", NOW + timedelta(days=1))
    assert [each.export_id for each in exports.lying()] == [f"{2:032x}"]
    exports.remove(expired_before=NOW + timedelta(days=400))
    assert exports.get("demo", f"{1:032x}") is None
    assert exports.get("demo", f"{2:032x}") is not None  # its file may still lie there
