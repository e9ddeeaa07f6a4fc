"""Lambda functions and the log groups of everything that writes logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import CLOUDWATCH, LAMBDA
from finops.demo.population.life import Life, created
from finops.demo.population.naming import Badge, stacked
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, OVERSIZED, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from finops.demo.population.ground import Ground

_DOLLARS_A_FUNCTION, _LEAST = 24, 3
_TASKS = (
    "resize-images",
    "send-receipt",
    "sync-stock",
    "index-products",
    "expire-carts",
    "export-orders",
    "ingest-events",
    "rotate-keys",
    "notify-slack",
    "check-address",
    "enrich-clicks",
    "compact-files",
    "score-batch",
    "refresh-features",
    "purge-cache",
    "webhook",
    "price-feed",
    "daily-report",
)
_RUNTIMES = ("python3.12", "nodejs22.x", "python3.13", "java21", "python3.9", "nodejs16.x", "provided.al2023")
_MEMORY = (128, 256, 512, 1024, 1769, 3008)
_RETENTION = (None, 14, 30, 90, None, 365, 7, None)
_CHANGED_DAYS = 70
FAKE_SECRET = "made-up-database-password-never-to-be-kept"  # noqa: S105 - planted so that tests see it dropped
_PREVIEWS, _PREVIEW_CYCLE, _PREVIEW_DAYS = 3, 8, 5
_JOB_LOG_DAYS = 6


def functions(ground: Ground) -> list[Resource]:
    """The functions of a place, and the log groups that they leave behind even when they are gone."""
    if LAMBDA not in ground.services:
        return []
    count = _LEAST + round(ground.dollars(LAMBDA) / _DOLLARS_A_FUNCTION)
    found = []
    for index in range(count):
        badge = ground.badge("lambda", index)
        task, again = _TASKS[index % len(_TASKS)], index // len(_TASKS)
        name = f"{badge.app}-{task}{f'-{again + 1}' if again else ''}"
        role = ground.pick((BUSY, BUSY, QUIET, OVERSIZED, BUSY, IDLE), "lambda", index)
        found.append(_function(ground, name, badge=badge, life=ground.settled("lambda", index), role=role))
        if index % 2:
            found.append(log_group(ground, f"/aws/lambda/{name}", life=found[-1].life, badge=badge, role=role))
    if ground.kind == "staging" and ground.main:
        found += _previews(ground)
    return found


def _previews(ground: Ground) -> Iterator[Resource]:
    """Environments of open pull requests: up for some days, then gone without a trace."""
    for slot in range(_PREVIEWS):
        for life in ground.turns("preview", slot, cycle=_PREVIEW_CYCLE, lasting=_PREVIEW_DAYS):
            badge = ground.badge("preview", slot)
            name = f"preview-pr-{life.turn * _PREVIEWS + slot}-storefront"
            for part in ("api", "render"):
                function = _function(ground, f"{name}-{part}", badge=badge, life=life, role=BUSY)
                yield function
                yield log_group(ground, f"/aws/lambda/{name}-{part}", life=life, badge=badge, role=BUSY)


def _function(ground: Ground, name: str, *, badge: Badge, life: Life, role: str) -> Resource:
    arn = ground.arn("lambda", f"function:{name}")
    number = ground.number("function", name)
    modified, turn = _modified(ground, life, arn)
    memory = _MEMORY[(number + turn) % len(_MEMORY)]
    item: dict[str, Any] = {
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": _RUNTIMES[number % len(_RUNTIMES)],
        "Role": f"arn:aws:iam::{ground.owner}:role/{name}",
        "Handler": "app.handler",
        "CodeSize": 4096 + number % 9_000_000,
        "Description": "",
        "Timeout": 30,
        "MemorySize": 3008 if role == OVERSIZED else memory,
        "LastModified": modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "CodeSha256": f"{number:016x}",
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["arm64" if number % 3 == 0 else "x86_64"],
        "EphemeralStorage": {"Size": 512},
        "Environment": {"Variables": {"STAGE": badge.environment, "DATABASE_PASSWORD": FAKE_SECRET}},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }
    weight = 1 if role == QUIET else 5 + number % 60
    bills = () if role == IDLE else ground.bills(LAMBDA, arn, weight=weight)
    tags = stacked(badge.tags, ground, name)
    return Resource("lambda:function", ground.owner, ground.region, name, arn, life, item, tags, role, bills)


def _modified(ground: Ground, life: Life, arn: str) -> tuple[datetime, int]:
    """When a function was changed last, and how often: one in ten every ten weeks, the others never."""
    made, number = created(life, arn), ground.number("modified", arn)
    if number % 10:
        return made, 0
    turn, days = divmod(ground.days.today.toordinal() + number % _CHANGED_DAYS, _CHANGED_DAYS)
    return max(made, created(Life(ground.days.today - timedelta(days=days), None), arn)), turn


def _delivered(ground: Ground) -> Resource:
    """Logs that AWS delivers elsewhere: nobody chooses how long such a group keeps them."""
    badge = ground.badge("delivered")
    found = log_group(ground, "/aws/vendedlogs/delivery", life=ground.settled("delivered"), badge=badge, role=QUIET)
    item = {name: value for name, value in found.item.items() if name != "retentionInDays"}
    return replace(found, item={**item, "logGroupClass": "DELIVERY"})


def log_group(ground: Ground, name: str, *, life: Life, badge: Badge, role: str) -> Resource:
    """A log group; four in ten keep their logs for ever."""
    arn = ground.arn("logs", f"log-group:{name}")
    number = ground.number("log", name)
    size = 0 if role == IDLE else number % 400 * 2**27
    item: dict[str, Any] = {
        "logGroupName": name,
        "creationTime": int(created(life, arn).timestamp()) * 1000,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": size,
        "logGroupClass": "STANDARD",
    }
    retention = _RETENTION[number % len(_RETENTION)]
    if retention is not None:
        item["retentionInDays"] = retention
    usages = ("DataProcessing-Bytes", "TimedStorage-ByteHrs")
    bills = ground.bills(CLOUDWATCH, arn, *usages, weight=1 + size // 2**27) if size else ()
    tags = badge.tags if number % 2 else {}
    return Resource("logs:log-group", ground.owner, ground.region, name, arn, life, item, tags, role, bills)


def log_groups(ground: Ground, writers: Sequence[Resource]) -> Iterator[Resource]:
    """Log groups of clusters, services and databases, of functions long deleted, and of jobs that ran this week."""
    paths = {
        "eks:cluster": "/aws/eks/{}/cluster",
        "ecs:service": "/ecs/{}",
        "rds:cluster": "/aws/rds/cluster/{}/postgresql",
    }
    for writer in writers:
        if writer.kind in paths and ground.number("logs of", writer.id) % 3:
            badge = ground.badge("logs of", writer.id)
            name = paths[writer.kind].format(writer.id)
            yield log_group(ground, name, life=writer.life, badge=badge, role=writer.role)
    for index in range(4 if ground.main else 1):
        badge = ground.badge("old log", index)
        name = f"/aws/lambda/{badge.app}-{ground.pick(_TASKS, 'old log', index)}-old-{index}"
        yield log_group(ground, name, life=ground.settled("old log", index), badge=badge, role=FORGOTTEN)
    if ground.kind in {"prod", "shared"} and ground.main:
        yield _delivered(ground)
    if ground.kind == "data" and ground.main:
        for slot in range(_JOB_LOG_DAYS):
            badge = ground.badge("job log", slot)
            for life in ground.turns("job log", slot, cycle=_JOB_LOG_DAYS):
                name = f"/batch/{badge.app}-job-{life.born:%Y%m%d}-{slot}"
                yield log_group(ground, name, life=life, badge=badge, role=QUIET)
