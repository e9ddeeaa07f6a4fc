"""`db upgrade`, `doctor`, `iam-policy`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope, json_text
from finops.aws.policy import Kind
from finops.aws.policy import iam_policy as policy_document
from finops.cli.frame import Result, Session, reported
from finops.cli.text import Table
from finops.model.people import Right
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from finops.health import DoctorReport

EXTERNAL_ID_PLACE = "put the value of FINOPS_EXTERNAL_ID here"


@click.group()
def db() -> None:
    """The database of people, runs and settings."""


@db.command("upgrade")
@reported
def upgrade_database(session: Session) -> Result:
    """Migrates the database to the schema of this version; a second run changes nothing."""
    revision = upgrade(session.settings.database)
    meta = Meta(tenant=session.writing_tenant(), as_of=None)
    return Result(envelope({"revision": revision}, meta), (f"The database is at revision {revision}.",))


@click.command()
@reported
def doctor(session: Session) -> Result:
    """Credentials, identity, every permission with the feature lost without it, stores, mail. No secret, no payment."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_HEALTH, tenant)
        return _doctor_report(finops.health.doctor(tenant), Meta(tenant=tenant, as_of=finops.now()))


@click.command("iam-policy")
@click.option("--hub", "kind", flag_value="hub", default=True, help="The identity that runs this product (default).")
@click.option("--member", "kind", flag_value="member", help="The role it assumes in each member account.")
@click.option("--trust", "kind", flag_value="trust", help="Who may assume that role.")
@reported
def iam_policy(session: Session, *, kind: Kind) -> Result:
    """Prints the least-privilege policy, derived from what the code can call. The external id is a placeholder."""
    settings = session.settings
    named = {"role_name": settings.role_name} if settings.role_name else {}
    policy = policy_document(kind, external_id=EXTERNAL_ID_PLACE if settings.external_id else "", **named)
    told = ("Put the account of the hub in place of 111111111111.",) if kind == "trust" else ()
    return Result(
        envelope(policy, Meta(tenant=session.writing_tenant(), as_of=None)), told, verbatim=json_text(policy, indent=2)
    )


def _doctor_report(report: DoctorReport, meta: Meta) -> Result:
    """Exit 0 when all is well, 3 when a permission is missing, 1 when the product cannot work."""
    data = {
        "mode": report.mode,
        "ok": report.ok,
        "credentials": dict(report.credentials),
        "identity": asdict(report.identity) if report.identity else None,
        "checks": [asdict(check) for check in report.checks],
        "mail": asdict(report.mail),
        "permissions": [asdict(permission) for permission in report.permissions],
    }
    checks = (*report.checks, report.mail)
    rows = [("check", check.name, "ok" if check.ok else "failed", check.detail) for check in checks]
    rows += [("credentials", name, "", value) for name, value in report.credentials.items() if value]
    rows += [
        ("permission", each.action, each.state, f"{each.feature}; without it: {each.lost}")
        for each in report.permissions
    ]
    return Result(
        envelope(data, replace(meta, partial=bool(report.failures), failures=report.failures)),
        (f"Mode {report.mode}, tenant {meta.tenant}. Paid and member-account permissions are declared, not tried.",),
        Table(("part", "name", "state", "detail"), tuple(rows)),
        failures=report.failures,
        code=1 if not report.ok else 3 if report.failures else 0,
    )
