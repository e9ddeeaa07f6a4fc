"""How long it takes to list what runs, with 60 ms added to each call, beside cloud-custodian on the same stand-in.

Each run is a process of its own: its peak is the whole product's, and `added` is what the discovery adds to the opened
product. Custodian lists the same kinds and writes them to files; ours are stored in SQL. Where custodian is not
installed (`make bench` installs it apart), its rows are left out and say so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.figures import Figure
from finops.store.upgrade import upgrade
from tests.services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
CUSTODIAN = ROOT / ".venv-peers" / "bin" / "custodian"
RUNS = 3
FOUR = ("us-east-1", "us-east-2", "eu-central-1", "ap-southeast-1")
SEVENTEEN = (
    *FOUR, "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "ap-southeast-2",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "sa-east-1", "ca-central-1",
)  # fmt: skip
FIXTURE = {"instances": 200, "volumes": 250, "databases": 20, "functions": 50, "buckets": 200}
SOME = {"instances": 10, "volumes": 12, "databases": 3, "functions": 5}
PLAIN = ("ec2:instance", "ec2:volume", "rds:db", "lambda:function")
FOURTEEN = (
    "ec2:instance", "autoscaling:group", "elb:loadbalancer", "elasticache:cluster", "redshift:cluster", "sns:topic",
    "logs:log-group", "secretsmanager:secret", "ecr:repository", "efs:filesystem", "kafka:cluster", "rds:db",
    "lambda:function", "cognito:userpool",
)  # fmt: skip
MEBIBYTES = "MiB"


def run(folder: Path) -> list[Figure]:
    """Every size the issue names."""
    return [*_against_custodian(folder), *_many_accounts(folder), *_near_empty(folder), *_many_assets(folder)]


def _against_custodian(folder: Path) -> list[Figure]:
    kinds = [*PLAIN, "s3:bucket"]
    found: list[Figure] = []
    with _aws(sizes=FIXTURE, regions=FOUR) as port:
        with_buckets = [_discovered(folder, port, accounts=1, regions=FOUR, kinds=kinds) for _ in range(RUNS)]
        calls = with_buckets[-1]["counts"]["calls"]
        found.append(Figure("4 regions and 200 buckets: calls", calls, "calls", "≤ 23", met=calls <= 23))
        without = [_discovered(folder, port, accounts=1, regions=FOUR, kinds=list(PLAIN)) for _ in range(RUNS)]
        for what, ours, buckets, bar in (
            ("4 regions without buckets", without, False, 0.4),
            ("4 regions and 200 buckets", with_buckets, True, 0.1),
        ):
            seconds, whole = (median(each[name] for each in ours) for name in ("seconds", "whole"))
            found.append(Figure(f"{what}: listed and stored", seconds, "s", note=f"whole process {whole:.2f} s"))
            found += _beside(what, seconds, whole, _custodian(folder, port, buckets=buckets), bar)
    return found


def _beside(what: str, seconds: float, whole: float, peer: tuple[float, float] | None, bar: float) -> list[Figure]:
    """The time of the work, without the start of either program, and that of the whole processes."""
    names = (f"{what}: of custodian's time, starts left out", f"{what}: of custodian's time, whole processes")
    if peer is None:
        return [Figure(name, 0, "×", f"≤ {bar}", note="custodian not installed") for name in names]
    start, took = peer
    ratios = (seconds / (took - start), whole / took)
    notes = (
        f"custodian {took - start:.1f} s after {start:.1f} s of start",
        f"custodian {took:.1f} s, ours {whole:.1f} s",
    )
    return [
        Figure(name, ratio, "×", f"≤ {bar}", met=ratio <= bar, note=note)
        for name, ratio, note in zip(names, ratios, notes, strict=True)
    ]


def _many_accounts(folder: Path) -> list[Figure]:
    asked: dict[str, Any] = {"accounts": 50, "regions": FOUR, "kinds": list(PLAIN)}
    with _aws(sizes=SOME, regions=FOUR) as port:
        clean = [_discovered(folder, port, **asked) for _ in range(RUNS)]
    with _aws(sizes=SOME, regions=FOUR, throttled=0.1) as port:
        throttled = [_discovered(folder, port, **asked) for _ in range(RUNS)]
    seconds, added = median(each["seconds"] for each in clean), max(each["added_mib"] for each in clean)
    slow = median(each["seconds"] for each in throttled) / seconds
    failures = sum(len(each["failures"]) for each in (*clean, *throttled))
    what, note = (
        "50 accounts × 4 regions × 4 kinds",
        f"{clean[0]['counts']['calls']} calls with tag sweeps, 6,000 assets",
    )
    return [
        Figure(f"{what}: time", seconds, "s", "≤ 10 s", met=seconds <= 10, note=note),
        Figure(f"{what}: memory added", added, MEBIBYTES, "≤ 150 MiB", met=added <= 150, note=_whole(clean)),
        Figure(f"{what}: at 10 % throttling", slow, "× clean", "≤ 2.2", met=slow <= 2.2),
        Figure(f"{what}: failures, clean and throttled", failures, "", "0", met=not failures),
    ]


def _near_empty(folder: Path) -> list[Figure]:
    with _aws(sizes={"instances": 1}, regions=SEVENTEEN) as port:
        found = _discovered(folder, port, accounts=50, regions=SEVENTEEN, kinds=list(FOURTEEN))
    what, note = "14 kinds × 17 regions × 50 accounts", f"{found['counts']['calls']} calls"
    seconds, peak = found["seconds"], found["peak_mib"]
    return [
        Figure(f"{what}: time", seconds, "s", "≤ 20 s", met=seconds <= 20, note=note),
        Figure(f"{what}: peak of the process", peak, MEBIBYTES, "≤ 250 MiB", met=peak <= 250),
    ]


def _many_assets(folder: Path) -> list[Figure]:
    with _aws(sizes={"instances": 250, "volumes": 250}, regions=FOUR) as port:
        found = _discovered(folder, port, accounts=50, regions=FOUR, kinds=["ec2:instance", "ec2:volume"])
    seen, peak = found["counts"]["seen"], found["peak_mib"]
    return [
        Figure("100,000 assets: listed and stored", found["seconds"], "s", note=f"{seen:,} assets"),
        Figure("100,000 assets: peak of the process", peak, MEBIBYTES, "≤ 400 MiB", met=peak <= 400),
    ]


def _whole(runs: list[dict[str, Any]]) -> str:
    return f"the whole process peaks at {max(each['peak_mib'] for each in runs)} MiB"


def _environment(port: int) -> dict[str, str]:
    mine = ("AWS_", "FINOPS_", "PYTHONDONTWRITEBYTECODE")  # installed programs have their bytecode, so must ours
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    return kept | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "AKIA111111111111USER",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "FINOPS_ENV_FILE": os.devnull,
    }


@contextmanager
def _aws(*, sizes: dict[str, int], regions: tuple[str, ...], throttled: float = 0.0) -> Iterator[int]:
    port = free_port()
    settings = json.dumps({"sizes": sizes, "regions": regions, "throttled": throttled})
    command = [sys.executable, "-m", "bench.aws_server", str(port), settings]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None or server.stdout.readline() != "ready\n":
                raise RuntimeError("the stand-in for AWS did not start")
            yield port
        finally:
            server.terminate()


def _discovered(
    folder: Path, port: int, *, accounts: int, regions: tuple[str, ...], kinds: list[str]
) -> dict[str, Any]:
    here = folder / f"run-{time.monotonic_ns()}"
    here.mkdir()
    upgrade(f"sqlite:///{here / 'finops.db'}")  # as in an installed product; custodian keeps no database
    asked = json.dumps({"accounts": accounts, "regions": regions, "kinds": kinds})
    command = [sys.executable, "-m", "bench.discovery_run", str(here), asked]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=_environment(port), capture_output=True, text=True, check=True)
    found: dict[str, Any] = {**json.loads(done.stdout), "whole": time.perf_counter() - started}
    shutil.rmtree(here, ignore_errors=True)
    _forget(port)
    return found


def _custodian(folder: Path, port: int, *, buckets: bool) -> tuple[float, float] | None:
    """Median seconds of custodian's mere start, and of listing the same; None where it is not installed."""
    if not CUSTODIAN.exists():
        return None
    policies = [{"name": name, "resource": f"aws.{name}"} for name in ("ec2", "ebs", "rds", "lambda")]
    if buckets:  # once: custodian would list every bucket again in every region
        policies.append({"name": "s3", "resource": "aws.s3", "conditions": [{"region": "us-east-1"}]})
    policy = folder / f"policies-{buckets}.json"
    policy.write_text(json.dumps({"policies": policies}), encoding="utf-8")
    regions = [word for region in FOUR for word in ("-r", region)]
    starts, took = [], []
    for number in range(RUNS):
        out = folder / f"custodian-{buckets}-{number}"
        wanted = ["run", "--dryrun", "--cache-period", "0", "-s", str(out), *regions, str(policy)]
        for words, seconds in ((["version"], starts), (wanted, took)):
            started = time.perf_counter()
            subprocess.run(
                [str(CUSTODIAN), *words], cwd=folder, env=_environment(port), capture_output=True, check=True
            )
            seconds.append(time.perf_counter() - started)
        _forget(port)
    return median(starts), median(took)


def _forget(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__calls", timeout=10) as answer:
        answer.read()
