"""Health: what works, what is missing, what the tool itself costs."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import load_settings
from finops.aws.permissions import permitted
from finops.facade import Finops, open_finops
from finops.health import TICK_LIMIT
from finops.health.exposition import Family, Sample, exposition
from finops.model.delivery import Letter
from tests import stocked

if TYPE_CHECKING:
    from collections.abc import Iterator

LABELS = re.compile(r'[a-z]+="((?:[^"\\\n]|\\["\\n])*)"')


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_label_values_survive_whatever_they_hold(values):
    labels = tuple((name, value) for name, value in zip("abc", values, strict=False))
    text = exposition([Family("finops_x_total", "counter", "A count.", (Sample(labels, 3),))])
    lines = text.removesuffix("\n").split("\n")
    assert lines[:2] == ["# HELP finops_x_total A count.", "# TYPE finops_x_total counter"]
    assert len(lines) == 3
    assert [unquoted(found) for found in LABELS.findall(lines[2])] == values[:3]
    assert lines[2].endswith("} 3")


def test_amounts_are_plain_decimals_and_help_is_one_line():
    text = exposition([Family("finops_spend", "gauge", "Two\nlines \\ here.", (Sample((), Decimal("1E-7")),))])
    assert text == "# HELP finops_spend Two\\nlines \\\\ here.\n# TYPE finops_spend gauge\nfinops_spend 0.0000001\n"


@pytest.fixture(scope="module")
def finops() -> Iterator[Finops]:
    opened = open_finops(stocked.settings(stocked.folder()))
    yield opened
    opened.close()


class Clock:
    """A now that tests move."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Answered:
    """What botocore reads of a response."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


def organization_denied(session: Any) -> None:
    """The identity is known; listing accounts is not allowed."""
    arn = "arn:aws:sts::111111111111:assumed-role/finops-hub/ann@example.com"
    told = f"User: {arn} is not authorized to perform: organizations:ListAccounts on resource: *"
    session.register(
        "before-call.sts.GetCallerIdentity",
        lambda **_: (Answered(200), {"Account": "111111111111", "Arn": arn, "UserId": "x"}),
    )
    session.register(
        "before-call.organizations.ListAccounts",
        lambda **_: (Answered(400), {"Error": {"Code": "AccessDeniedException", "Message": told}}),
    )


@pytest.fixture
def real_mode(tmp_path, monkeypatch) -> Any:
    """Opens the product in aws mode, as someone else's laptop would."""
    opened = []

    def open_it(*, keys: bool, hooks: tuple[Any, ...] = (), **mail: str) -> Finops:
        if keys:
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        settings = load_settings(
            mode="aws", auth="none", secret_key="s" * 40, external_id="hush-hush", data_dir=tmp_path, **mail
        )
        opened.append(open_finops(settings, hooks=hooks))
        return opened[-1]

    yield open_it
    for finops in opened:
        finops.close()


def test_the_report_tells_mode_identity_sources_and_the_tools_own_bill(finops):
    report = finops.health.report("demo")
    assert (report.mode, report.sign_in, report.month) == ("demo", "none", "2026-11")
    assert report.identity is not None
    assert len(report.identity.account) == 12
    source = next(each for each in report.sources if each.source == "cost_explorer")
    assert report.as_of == source.fetched_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    paid = sum(line.requests for line in report.meter if line.cost)
    assert report.spent == sum(line.cost for line in report.meter) == Decimal("0.01") * paid > 0
    assert report.ceiling == Decimal(10)
    assert all(check.ok for check in report.stores)
    assert report.failures == ()


def test_looking_at_health_costs_nothing(finops):
    before = finops.store.meter.spent("2026-11")
    finops.health.report("demo")
    finops.health.doctor("demo")
    finops.health.metrics_text()
    assert finops.store.meter.spent("2026-11") == before


def test_readiness_follows_the_clock_of_the_scheduler():
    clock = Clock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    finops = open_finops(stocked.settings(stocked.folder()), now=clock)
    try:
        ready = [{check.name: check.ok for check in finops.health.readiness()}]
        finops.health.ticked()
        ready.append({check.name: check.ok for check in finops.health.readiness()})
        clock.at += TICK_LIMIT + timedelta(seconds=1)
        ready.append({check.name: check.ok for check in finops.health.readiness()})
    finally:
        finops.close()
    assert [each.pop("scheduler") for each in ready] == [False, True, False]
    assert ready == [{"database": True, "lake": True, "disk": True}] * 3


def test_the_doctor_lists_every_permission_and_what_is_lost_without_it(finops):
    report = finops.health.doctor("demo")
    assert report.ok
    assert {(each.service, each.operation) for each in report.permissions} == permitted()
    assert all(each.lost and each.feature and each.action for each in report.permissions)
    states = {each.action: each.state for each in report.permissions}
    assert states["sts:GetCallerIdentity"] == states["organizations:ListAccounts"] == "works"
    assert states["ce:GetCostAndUsage"] == "declared, not tried"


def test_a_permission_that_is_missing_costs_its_feature_only(real_mode):
    report = real_mode(keys=True, hooks=(organization_denied,)).health.doctor("default")
    assert report.ok
    assert report.identity is not None
    assert report.identity.principal == "role/finops-hub"
    assert [(failure.service, failure.missing_action) for failure in report.failures] == [
        ("organizations", "organizations:ListAccounts")
    ]
    assert "FINOPS_ACCOUNTS" in report.failures[0].message


def test_without_credentials_the_doctor_says_so_and_stores_still_work(real_mode):
    report = real_mode(keys=False).health.doctor("default")
    assert not report.ok
    assert {check.name: check.ok for check in report.checks} == {
        "credentials": False,
        "identity": False,
        "database": True,
        "lake": True,
        "disk": True,
    }


def test_the_doctor_says_how_mails_leave_and_sends_none(finops):
    told = finops.health.doctor("demo").mail
    assert told.ok
    assert told.detail.startswith("from FinOps demo <finops@demo.example> by folder: mails stay in the folder outbox, ")
    assert not list((finops.settings.data_dir / "outbox").iterdir())


def test_without_a_sender_no_mail_is_meant_to_leave(real_mode):
    told = real_mode(keys=True, hooks=(organization_denied,)).health.doctor("default").mail
    assert (told.ok, told.detail) == (True, "nothing is mailed: FINOPS_EMAIL_FROM is not set")


def test_a_mail_server_that_cannot_be_reached_costs_mail_only(real_mode):
    finops = real_mode(
        keys=True,
        email_from="costs@example.com",
        email_transport="smtp",
        smtp_url="smtp://finops:hush-hush@127.0.0.1:1",
    )
    report = finops.health.doctor("default")
    assert not report.mail.ok
    assert "127.0.0.1:1 cannot be reached" in report.mail.detail
    assert any("mail: from costs@example.com by smtp" in failure.message for failure in report.failures)
    assert "hush-hush" not in str(report)
    assert "mail" not in {check.name for check in report.checks}


def test_no_secret_is_ever_shown(real_mode):
    health = real_mode(keys=True, hooks=(organization_denied,)).health
    shown = f"{health.report('default')} {health.doctor('default')} {health.readiness()} {health.metrics_text()}"
    for secret in ("wJalrXUtnFEMI", "AKIAIOSFODNN7EXAMPLE", "s" * 40, "hush-hush"):
        assert secret not in shown
    assert "AKIA…MPLE" in shown


def test_jobs_are_counted_by_how_they_stand(tmp_path):
    finops = open_finops(stocked.settings(tmp_path, discovery_hours=0))
    try:
        finops.jobs.run("inventory.discover", "demo", {"services": ["sqs"]}, user="ann")
        text = finops.health.metrics_text()
    finally:
        finops.close()
    assert 'finops_jobs{kind="inventory.discover",status="completed"} 1\n' in text
    assert "finops_breaker_open" not in text.split("# TYPE finops_breaker_open gauge\n")[1].split("# HELP")[0]


def test_mails_are_counted_by_how_they_stand(tmp_path):
    finops = open_finops(stocked.settings(tmp_path, discovery_hours=0))
    try:
        finops.delivery.queue("demo", Letter("Over", "<p>Over</p>", "Over"), ["ann@example.com"], kind="alert", key="1")
        queued = finops.health.metrics_text()
        finops.delivery.send_due()
        sent = finops.health.metrics_text()
    finally:
        finops.close()
    assert 'finops_mails{status="queued"} 1\n' in queued
    assert 'finops_mails{status="sent"} 1\n' in sent
    assert 'finops_mails{status="failed"} 0\n' in sent


def test_a_broken_database_is_told_and_the_rest_of_the_metrics_still_come(tmp_path):
    shutil.copytree(stocked.folder(), tmp_path / "data")
    finops = open_finops(stocked.settings(tmp_path / "data"))
    try:
        finops.health.answered("GET", "/api/costs", 200)
        finops.store.database.close()
        for file in (tmp_path / "data").glob("finops.db*"):
            file.write_bytes(b"this is no database" * 1000)
        checks = {check.name: check for check in finops.health.readiness()}
        text = finops.health.metrics_text()
    finally:
        finops.store.duck.close()
    assert not checks["database"].ok
    assert checks["lake"].ok
    assert 'finops_http_requests_total{method="GET",path="/api/costs",status="200"} 1\n' in text
    assert "finops_cost_explorer_spend_dollars" not in text
