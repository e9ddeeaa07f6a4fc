"""Multipart uploads that were begun and never finished: their parts cost storage, and no listing of objects shows them.

A bucket is flagged when uploads are at least seven days old and no lifecycle rule for the whole bucket aborts them. Up
to 5,000 uploads of a bucket are counted, and the sizes of its 50 oldest are added up: where there are more, the facts
say so and the saving is a lower bound. The saving is the size of the old parts at the price of S3 Standard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from finops.aws.cloudwatch import Window
from finops.aws.fields import moment
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.model.outcome import Failure
from finops.waste.buckets import LIFECYCLE, aborts_uploads, bucket_ask, lifecycle_rules
from finops.waste.check import Check, measuring
from finops.waste.context import Measured
from finops.waste.judging import counted, fine, flagged, undetermined
from finops.waste.leftovers import by_day, older
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from finops.aws.calls import Ask
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.s3.incomplete_uploads"
DAYS = Threshold("upload_days", "uploads were begun at least so long ago", 7, 1, 90, "days")
UPLOADS = measuring(
    "s3",
    "ListMultipartUploads",
    "incomplete uploads in buckets",
    action="s3:ListBucketMultipartUploads",
)
PARTS = measuring("s3", "ListParts", "how much incomplete uploads store", action="s3:ListMultipartUploadParts")
PAGES_AT_MOST, SIZES_AT_MOST = 5, 50
GIB = 2**30

_AS_STANDARD = frozenset({"", "STANDARD", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE"})
"""Parts on their way into these classes are billed as S3 Standard; those into others are counted, and not priced.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""


@dataclass(slots=True)
class Pile:
    """The uploads of one bucket, oldest first. `whole` says that the list did not stop early."""

    began: list[datetime] = field(default_factory=list)
    sizes: list[tuple[datetime, float]] = field(default_factory=list)
    measured: int = 0
    whole: bool = True


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The uploads of every bucket that nothing aborts, and the sizes of the oldest."""
    buckets = context.estate.of("s3:bucket")
    rules = lifecycle_rules(context, buckets)
    yield from (failure for failure in rules.values() if isinstance(failure, Failure))
    open_ones = [one for one in buckets if not _aborted(rules[one.asset_id])]
    asks = [
        (one, bucket_ask(UPLOADS, {"Bucket": one.resource_id, "MaxUploads": 1000}, one, "Bucket")) for one in open_ones
    ]
    piles: dict[str, Pile] = {}
    for bucket, found in context.reads.each(asks, lambda ask: _pages(context, ask)):
        if isinstance(found, Failure):
            yield found
            continue
        piles[bucket.asset_id] = pile = Pile(whole=len(found) <= PAGES_AT_MOST)
        yield from _fill(context, bucket, pile, found[:PAGES_AT_MOST])
    window = Window.of_days(context.now, int(DAYS.maximum))
    for bucket in buckets:
        known = rules[bucket.asset_id]
        aborts = None if isinstance(known, Failure) else aborts_uploads(known)
        yield _observed(context, bucket, aborts, piles.get(bucket.asset_id), window)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Old uploads, and nothing that aborts them."""
    aborts, days = seen.facts.get("abort_rule"), levels["upload_days"]
    if aborts is None:
        return undetermined("Its lifecycle configuration could not be read.")
    if aborts:
        return fine("A lifecycle rule aborts incomplete uploads.")
    uploads = older(seen, "incomplete_uploads", days)
    if uploads is None:
        return undetermined("Its incomplete uploads could not be listed.")
    if not uploads:
        return fine(f"It has no incomplete upload of {days:.0f} days or more, and no rule that would abort one.")
    size, price = older(seen, "incomplete_bytes", days), seen.amounts.get("gib")
    words = f"{counted(int(uploads), 'upload')} begun at least {days:.0f} days ago, and no rule aborts them"
    if size is None or not seen.facts.get("uploads_measured"):
        return flagged(f"{words}; what they store is not known.")
    gib = Decimal(str(size)) / GIB
    part = "" if seen.facts.get("sizes_complete") else ", the oldest ones alone"
    return flagged(f"{words}: {gib:,.2f} GiB{part}.", estimated(seen, None if price is None else gib * price))


def _aborted(rules: list[dict[str, Any]] | Failure) -> bool:
    """Whether there is nothing to list: a rule aborts uploads, or nobody knows."""
    return isinstance(rules, Failure) or aborts_uploads(rules)


def _pages(context: Context, ask: Ask) -> list[dict[str, Any]]:
    """One page more than is used, if there is one."""
    return list(islice(context.reads.calls.pages(ask, context.reads.caller), PAGES_AT_MOST + 1))


def _fill(context: Context, bucket: Asset, pile: Pile, pages: Sequence[dict[str, Any]]) -> Iterator[Failure]:
    uploads = [
        (began, one) for page in pages for one in page.get("Uploads", ()) if (began := moment(one.get("Initiated")))
    ]
    uploads.sort(key=lambda entry: entry[0])
    pile.began = [began for began, _ in uploads]
    asks = []
    for began, one in uploads[:SIZES_AT_MOST]:
        params = {"Bucket": bucket.resource_id, "Key": one["Key"], "UploadId": one["UploadId"]}
        asks.append(((began, one.get("StorageClass", "")), bucket_ask(PARTS, params, bucket, "Bucket")))
    for (began, storage), found in context.reads.pages(asks):
        if isinstance(found, Failure) and found.code != "NoSuchUpload":  # it was finished in between
            yield found
            continue
        pile.measured += 1
        if not isinstance(found, Failure) and storage in _AS_STANDARD:
            pile.sizes.append((began, sum(part.get("Size", 0) for page in found for part in page.get("Parts", ()))))


def _observed(context: Context, bucket: Asset, aborts: bool | None, pile: Pile | None, window: Window) -> Observation:
    facts: dict[str, Any] = {"abort_rule": aborts}
    measured = Measured(window, {})
    if pile is not None:
        facts |= {
            "uploads": len(pile.began),
            "uploads_complete": pile.whole,
            "uploads_measured": pile.measured,
            "sizes_complete": pile.whole and pile.measured == len(pile.began),
            "oldest_upload": pile.began[0].date().isoformat() if pile.began else None,
        }
        series = {
            "incomplete_uploads": by_day(((began, 1) for began in pile.began), window),
            "incomplete_bytes": by_day(pile.sizes, window),
        }
        measured = Measured(window, {bucket.asset_id: series})
    price = context.prices.of("s3.gib:standard", bucket.region)
    return context.observation(ID, bucket, facts, measured=measured, amounts={"gib": price})


CHECK = Check(
    check_id=ID,
    title="Incomplete multipart uploads",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("s3:bucket",),
    action=Action(ActionType.CONFIGURE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="s3/management/{id}/lifecycle/create?region={region}",
    command=(
        "s3api",
        "put-bucket-lifecycle-configuration",
        "--bucket",
        "{id}",
        "--lifecycle-configuration",
        "file://abort-incomplete-uploads.json",
    ),
    thresholds=(DAYS,),
    operations=(LIFECYCLE, UPLOADS, PARTS),
    stands_on=(("incomplete_bytes", ""), ("incomplete_uploads", "")),
    source_url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html",
)
