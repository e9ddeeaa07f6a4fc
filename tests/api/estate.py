"""An inventory to ask: fifty accounts of which three cannot be entered, all kinds of tags, hostile names, a history.

It is kept by the store's own writers, as a discovery would: once on Monday, once on Friday.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from finops.facade import Finops, open_finops
from finops.model.accounts import Account, Entry
from finops.model.assets import GLOBAL, Link, Listed, Place, Seen
from finops.model.jobs import JobStatus, Outcome, Progress
from finops.model.outcome import Failure
from finops.store.job_rows import End, Moment, Order
from tests import stocked

if TYPE_CHECKING:
    from finops.model.assets import Detail

TENANT = "acme"
MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 6, tzinfo=UTC)
GRACE = timedelta(days=7)
ACCOUNTS = tuple(f"1000000000{number:02d}" for number in range(50))
DENIED = ACCOUNTS[7], ACCOUNTS[21], ACCOUNTS[49]
OPEN = tuple(account for account in ACCOUNTS if account not in DENIED)
FIRST = OPEN[0]
EXTERNAL_ID = "never-shown-to-anybody"
HOSTILE = (
    *('=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1", "a\r\nb", 'quote"comma,'),
    *("\x1b[31mred", "\u202egnp.exe", "<img src=x onerror=alert(1)>", "![x](http://evil.example/x.png)"),
    *("\ud800", "null\0byte", "\U0001f986" * 30, "x" * 255, "100%_'; drop table asset; --"),
)
"""Names that some reader of them would run, load, break on or lose."""
REGIONS = ("eu-central-1", "us-east-1")


@functools.cache
def folder() -> Path:
    """The data folder, filled: read it only. Copy it before anything that writes."""
    place = Path(tempfile.mkdtemp(prefix="finops-estate-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    finops = open_finops(stocked.settings(place, tenant=TENANT))
    fill(finops)
    finops.close()
    return place


def fill(finops: Finops) -> None:
    """Keeps the estate in tenant `acme`, and one asset that is not its own in tenant `other`."""
    accounts = [_account(number, account) for number, account in enumerate(ACCOUNTS)]
    finops.store.accounts.save(TENANT, accounts, at=FRIDAY)
    finops.store.accounts.set_entry(TENANT, FIRST, Entry("finops-read", EXTERNAL_ID))
    finops.store.assets.store(TENANT, list(_listings(MONDAY)), at=MONDAY, gone_after=GRACE)
    finops.store.assets.store(TENANT, list(_listings(FRIDAY)), at=FRIDAY, gone_after=GRACE)
    costs = {f"i-{FIRST}-{number:03d}": (Decimal(number) + Decimal("0.25"), "USD") for number in range(5)}
    finops.inventory.price(TENANT, costs)
    other = Seen("ec2:instance", "ec2", FIRST, "us-east-1", "i-other", name="other", tags={})
    finops.store.assets.store(
        "other", [Listed(Place(FIRST, "us-east-1", other.kind), (other,))], at=FRIDAY, gone_after=GRACE
    )
    _work(finops)


def _account(number: int, account: str) -> Account:
    return Account(
        account,
        f"team-{number:02d}",
        "ACTIVE",
        email="a…@example.com",
        unit="Workloads/Prod",
        tags={"Team": "blue"} if number % 2 else None,
        regions=REGIONS if number == 0 else None,
        source="organizations",
        joined=MONDAY - timedelta(days=400),
    )


def _listings(at: datetime) -> list[Listed]:
    found = [
        Listed(
            Place(account, GLOBAL, "account:regions"),
            (),
            Failure(
                "AccountUnreachable",
                f"sts:AssumeRole was not sent. arn:aws:sts::{account}:assumed-role/x is not authorized",
                account,
                "",
                "sts",
                "sts:AssumeRole",
            ),
        )
        for account in DENIED
    ]
    for number, account in enumerate(OPEN):
        found.append(Listed(Place(account, GLOBAL, "account:regions"), ()))
        for region in REGIONS:
            found.append(Listed(Place(account, region, "ec2:instance"), _instances(number, account, region, at)))
            found.append(Listed(Place(account, region, "ec2:volume"), _volumes(number, account, region)))
        found.append(Listed(Place(account, GLOBAL, "s3:bucket"), _buckets(number, account)))
    return found


def _instances(number: int, account: str, region: str, at: datetime) -> tuple[Seen, ...]:
    if region != "us-east-1":
        return ()
    wanted = 5 if number == 0 else 1
    # On Friday the last one of the second account is no longer there, and the third account has one more.
    numbers = range(wanted - (number == 1 and at == FRIDAY) + (number == 2 and at == FRIDAY))
    return tuple(_instance(account, region, each, at) for each in numbers)


def _instance(account: str, region: str, number: int, at: datetime) -> Seen:
    resource_id = f"i-{account}-{number:03d}"
    owner = "ml-team" if at == FRIDAY and (account, number) == (FIRST, 0) else "data-team"
    details: dict[str, Detail] = {
        "instance_type": "m7i.large",
        "cores": 2,
        "ratio": 0.5,
        "groups": ["sg-1"],
        "spot": False,
    }
    return Seen(
        "ec2:instance",
        "ec2",
        account,
        region,
        resource_id,
        name=f"web-{number}",
        arn=f"arn:aws:ec2:{region}:{account}:instance/{resource_id}",
        state="running" if number % 2 == 0 else "stopped",
        created=MONDAY - timedelta(days=10 * (number + 1)),
        tags={"Owner": owner, "Environment": "prod" if number % 2 else "", "k=v": "a=b"},
        details=details,
        links=(Link("in", "ec2:vpc", "vpc-unknown"),),
    )


def _volumes(number: int, account: str, region: str) -> tuple[Seen, ...]:
    names = HOSTILE if number == 0 and region == "us-east-1" else (f"data-{number}",)
    return tuple(
        Seen(
            "ec2:volume",
            "ec2",
            account,
            region,
            f"vol-{account}-{region}-{place:03d}",
            name=name,
            state="in-use",
            created=MONDAY - timedelta(days=200),
            tags={"Name": name, "Environment": "prod"} if number % 3 else {},
            links=(Link("attached_to", "ec2:instance", f"i-{account}-000"),) if place == 0 else (),
        )
        for place, name in enumerate(names)
    )


def _buckets(number: int, account: str) -> tuple[Seen, ...]:
    tags = None if number % 5 == 0 else {"Owner": "data-team"}
    name = f"bucket-{number:02d}"
    return (
        Seen("s3:bucket", "s3", account, REGIONS[number % 2], name, name=name, arn=f"arn:aws:s3:::{name}", tags=tags),
    )


def _work(finops: Finops) -> None:
    """Five jobs: three that ended, one that runs in another process, one that waits there."""
    jobs, moment = finops.store.jobs, Moment(FRIDAY, datetime.now(UTC) + timedelta(days=1))
    denied = Failure("AccessDenied", "no", DENIED[0], "", "sts", "sts:AssumeRole")
    broken = Failure("internal", "Reference 0123.")
    ends = (
        End(JobStatus.COMPLETED, Outcome({"seen": 100}), Progress(10, 10, items=100, calls=20)),
        End(JobStatus.PARTIAL, Outcome({"seen": 90}, (denied,))),
        End(JobStatus.FAILED, Outcome(failures=(broken,), nothing_done=True)),
        None,
    )
    for end in ends:
        arguments = {"accounts": [FIRST], "regions": [], "services": ["ec2"]}
        made = jobs.create(
            Order(TENANT, "inventory.discover", arguments, "persona:admin", worker="elsewhere:1"), moment
        )
        jobs.claim(made.job_id, "elsewhere:1", moment)
        if end is not None:
            jobs.end(made.job_id, end, moment)
    jobs.create(Order(TENANT, "costs.refresh", {}, "scheduler", worker="elsewhere:1"), moment)
