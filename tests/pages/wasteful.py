"""A house with findings: hand-made observations on the demo's estate, judged and stored as a run does it."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from contextlib import closing
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import load_settings
from finops.facade import open_finops
from finops.model.findings import Observation, Verdict
from finops.model.outcome import Failure
from finops.waste import WORKSPACE, gold_tables
from finops.waste.checks import check_named
from finops.waste.contract import RunFacts, accepted
from finops.waste.lifecycle import record_run
from finops.waste.running import Measurement, cells, judgements
from tests.pages.conftest import discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.facade import Finops
    from finops.waste.running import Judged

IDLE, VOLUME, BUCKET = "aws.ec2.idle_instance", "aws.ebs.unattached_volume", "aws.s3.no_lifecycle"
PROD, SANDBOX = "105810581058", "124312431243"
RUNS = ("2026-10-01T06:00:00Z", "2026-11-10T06:00:00Z", "2026-11-20T06:00:00Z")
MISSING = "ec2:DescribeVolumes"
DENIED = Failure("UnauthorizedOperation", f"AWS denied {MISSING}.", SANDBOX, "us-east-1", "ec2", MISSING)
DAYS = 30


def instance(name: str, cpu: float | None, peak: float = 8.0, **more: Any) -> Observation:
    """A running instance with so much CPU every day of the window, None where AWS has no data."""
    series: Any = {"cpu_average": (cpu,) * DAYS, "cpu_maximum": (None if cpu is None else peak,) * DAYS}
    facts = {"age_days": 100, "state": "running", "instance_type": "m6i.4xlarge"}
    return _seen(IDLE, "ec2:instance", name, facts, series=series, **more)


def volume(name: str, days: int, **more: Any) -> Observation:
    """A volume that nothing has had for so many days."""
    facts = {"age_days": 400, "state": "available", "attachments": 0, "unattached_days": days, "size_gib": 100}
    facts |= more.pop("facts", {})
    return _seen(VOLUME, "ec2:volume", name, {"volume_type": "gp3", **facts}, **more)


def bucket(name: str, **more: Any) -> Observation:
    """A bucket without lifecycle rules: no dollars."""
    return _seen(BUCKET, "s3:bucket", name, {"age_days": 400, "enabled_rules": 0}, **more)


def _seen(check: str, kind: str, name: str, facts: dict[str, Any], **more: Any) -> Observation:
    usual: dict[str, Any] = {
        "account": PROD,
        "region": "us-east-1",
        "arn": f"arn:aws:{kind.replace(':', f':us-east-1:{PROD}:')}/{name}",
        "name": name,
        "tags": {},
        "window_start": date(2026, 10, 21),
        "window_end": date(2026, 11, 20),
    }
    amounts = {each: Decimal(amount) for each, amount in more.pop("amounts", {}).items()}
    return Observation(check, kind=kind, resource_id=f"id-{name}", facts=facts, amounts=amounts, **{**usual, **more})


FIRST = (
    instance("batch-runner", 1.5, amounts={"bill": "562.10", "list": "560.64"}),
    instance("old-reporter", 3.5, amounts={"list": "100.00", "committed": "100.00"}),
    instance("quiet-one", 6.0, amounts={"bill": "300.00"}),
    instance("silent", None),
    volume("forgotten", 200, amounts={"bill": "20.25"}, tags={"Owner": "data"}),
    volume("fresh", 9, amounts={"list": "8.00"}, account="109510951095", region="eu-central-1"),
    bucket("raw-events"),
)
"""What every run but the last one saw."""

LAST = (*FIRST, volume("late", 30, amounts={"bill": "75.50"}))


def keep(finops: Finops, seen: Sequence[Observation], failures: Sequence[Failure] = ()) -> None:
    """Judges and stores observations as a run of this instant would."""
    checks = [check_named(name) for name in (IDLE, VOLUME, BUCKET)]
    measured = [
        Measurement(
            check,
            tuple(one for one in seen if one.check_id == check.check_id),
            tuple(failures) if check.check_id == VOLUME else (),
            whole=True,
        )
        for check in checks
    ]
    said: list[Judged] = [one for found in measured for one in judgements(found, found.check.defaults)]
    now = finops.now()
    run = finops.store.findings.begin("demo", {"workspace": WORKSPACE})
    kept = accepted((one.draft for one in said), RunFacts("demo", WORKSPACE, run.run_id, now))
    assert not kept.rejected, kept.rejected
    dark = [asdict(cell) for found in measured for cell in cells(found, [x for x in said if x.check is found.check])]
    detail = {"workspace": WORKSPACE, "checks": [check.check_id for check in checks], "dark": dark}
    counts = {"observations": len(said)}
    finops.store.findings.replace(
        "demo",
        kept.findings,
        replace(run, failures=tuple(failures), detail={**detail, "counts": counts}),
        workspace=WORKSPACE,
        run_date=now.date(),
        checks={check.check_id for check in checks},
    )
    flagged = [each for each in kept.findings if each.verdict is Verdict.FLAGGED]
    fine = {each.fingerprint for each in kept.findings if each.verdict is Verdict.OK}
    record_run(finops.store.finding_states, "demo", flagged=flagged, cleared=fine, at=now)
    gold_tables.rebuild(finops.store, "demo")


@functools.cache
def checked() -> Path:
    """The demo's data folder after three runs: read it only."""
    place = Path(tempfile.mkdtemp(prefix="finops-checked-")) / "data"
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    shutil.copytree(discovered(), place)
    for moment in RUNS:
        with closing(open_finops(load_settings(data_dir=place, now=moment, tag_keys="Environment"))) as finops:
            keep(finops, LAST if moment == RUNS[-1] else FIRST, (DENIED,))
    return place
