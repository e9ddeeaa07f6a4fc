"""Savings, what people do about findings: kept with its reason, seen by others, refused with a sentence."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finops.model.findings import FindingStatus
from tests.pages.conftest import figures, opened, plain, settled, sound, words
from tests.pages.test_inventory import button, table
from tests.pages.test_savings import PAGE, finding_page, named
from tests.pages.wasteful import checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops


@pytest.fixture
def own_waste(tmp_path: Path) -> Iterator[Finops]:
    """A copy that a test may write to."""
    shutil.copytree(checked(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def lines(app: AppTest) -> list[str]:
    return [plain(str(value)) for one in app.table for value in one.value["value"]]


def deed(app: AppTest, field: str) -> str:
    return next(
        one.key for one in (*app.text_input, *app.number_input, *app.text_area, *app.button) if one.key.endswith(field)
    )


def test_a_snooze_is_kept_with_its_reason_and_leaves_the_list(own_waste: Finops) -> None:
    app = finding_page(own_waste, "batch-runner")
    app.number_input(key=deed(app, ".days")).set_value(10)
    app.text_input(key=deed(app, "snooze.reason")).set_value("planned for December")
    app.button(key=deed(app, "do.snooze")).click().run()
    assert sound(app)
    one = named(own_waste, "batch-runner")
    assert one.status is FindingStatus.SNOOZED
    assert one.state is not None
    assert one.state.until is not None
    assert (one.state.until.date().isoformat(), one.state.reason) == ("2026-11-30", "planned for December")
    assert one.state.updated_by == "persona:analyst"
    assert "batch-runner" not in list(table(app)["resource"])
    assert figures(app)["Open findings"] == "5"
    text = words(app)
    assert "Until 30 Nov 2026, “planned for December”." in text, "the panel stays on what was just done"
    assert "Snoozed by analyst: planned for December" in lines(app)
    button(app, "Reopen").click().run()
    assert named(own_waste, "batch-runner").status is FindingStatus.OPEN
    assert "batch-runner" in list(table(app)["resource"])


def test_a_dismissal_without_a_reason_changes_nothing_and_says_so(own_waste: Finops) -> None:
    app = finding_page(own_waste, "forgotten")
    app.button(key=deed(app, "do.dismiss")).click().run()
    assert "Nothing was changed: dismiss needs a reason." in plain(app.toast[0].value)
    assert named(own_waste, "forgotten").status is FindingStatus.OPEN
    app.text_input(key=deed(app, "dismiss.reason")).set_value("kept for the audit")
    app.button(key=deed(app, "do.dismiss")).click().run()
    assert named(own_waste, "forgotten").status is FindingStatus.DISMISSED


def test_an_owner_a_comment_and_a_resolution_are_kept(own_waste: Finops) -> None:
    app = finding_page(own_waste, "late")
    app.text_input(key=deed(app, ".owner")).set_value("  ann  ")
    app.button(key=deed(app, "do.assign")).click().run()
    app.text_area(key=deed(app, ".text")).set_value("asked the team")
    app.button(key=deed(app, "do.comment")).click().run()
    button(app, "Resolve").click().run()
    one = named(own_waste, "late")
    assert one.state is not None
    assert (one.status, one.state.owner, one.state.notes) == (FindingStatus.RESOLVED, "ann", 1)
    assert "Comment by analyst: asked the team" in lines(app)
    mine = opened(PAGE, {"owner": ["ann"], "status": ["resolved"]})
    assert list(table(mine)["resource"]) == ["late"]
    assert list(table(mine)["owner"]) == ["ann"]


def test_a_deed_of_someone_else_is_seen_at_the_next_run(own_waste: Finops) -> None:
    app, other = opened(PAGE), finding_page(own_waste, "late")
    button(other, "Resolve").click().run()
    assert figures(app.run())["Open findings"] == "5"
