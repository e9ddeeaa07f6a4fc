"""A machine image that nothing starts from, or an EBS snapshot whose volume is gone.

An image (AMI) is flagged when no instance was made from it, no launch template names it in its latest or default
version, no launch configuration names it, it is not public, and nobody started it in the last 30 days, where AWS tells
that. A snapshot is flagged when its volume is not there any more and no image holds it; copies name no volume, so
nothing is said of them. What they cost is the size of their own snapshots × the price of snapshots: an upper bound,
since snapshots store only what changed. Deregister an image first, then delete its snapshots.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.findings import NO_SAVING, Action, ActionType, Basis, Category, Effort, Saving, Severity, Threshold
from finops.waste.check import Check, measuring
from finops.waste.judging import counted, fine, flagged, not_applicable, number, of_amounts, undetermined
from finops.waste.part_savings import at_most
from finops.waste.snapshots import COPIED_FROM, images_of, snapshot_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.orphan_image"
UNUSED = Threshold(
    "unused_days", "an image was not started for at least this long, where AWS tells", 30, 0, 730, "days"
)
IMAGE, SNAPSHOT = "image", "snapshot"

LAUNCH_TEMPLATES = measuring(
    "ec2",
    "DescribeLaunchTemplateVersions",
    "whether a launch template uses a machine image",
    reads=("LaunchTemplateVersions[].LaunchTemplateData.ImageId", "NextToken"),  # its user data may hold secrets
)
LAUNCH_CONFIGURATIONS = measuring(
    "autoscaling",
    "DescribeLaunchConfigurations",
    "whether a launch configuration uses a machine image",
    reads=("LaunchConfigurations[].ImageId", "NextToken"),
)
_OWN_PARAMETER, _PUBLIC_PARAMETER = "resolve:ssm:", "resolve:ssm:/aws/"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every image with what starts from it, every snapshot with its volume."""
    yield from _images(context)
    for asset in context.estate.of("ec2:snapshot"):
        facts = {
            "state": asset.state or None,
            "volume": _volume(asset, context),
            "volume_gone": _volume_gone(asset, context),
            "images": images_of(context.estate, asset),
            "size_gib": asset.details.get("size_gib"),
            "action": "delete-snapshot",
            "option": "--snapshot-id",
            "page": "SnapshotDetails",
            "page_key": "snapshotId",
        }
        amounts = {"list": snapshot_month(context.prices, asset)}
        yield context.observation(ID, asset, facts, amounts=amounts, issue=SNAPSHOT)


def _images(context: Context) -> Iterator[Observation | Failure]:
    images = context.estate.of("ec2:image")
    unstarted = [asset for asset in images if not context.estate.pointing("ec2:instance", "made_from", asset)]
    uses, failures = _template_uses(context, unstarted)
    yield from failures
    for asset in images:
        snapshots = _snapshots(asset, context)
        facts = {
            "state": asset.state or None,
            "instances": _instances(asset, context),
            "templates": _known_uses(uses.get((asset.account, asset.region)), asset.resource_id),
            "public": asset.details.get("public"),
            "last_launched": asset.details.get("last_launched"),
            "unused_days": _unused_days(asset, context),
            "holds": len(context.estate.links(asset, "made_from", "ec2:snapshot")),
            "snapshots": [each.resource_id for each in snapshots],
            "action": "deregister-image",
            "option": "--image-id",
            "page": "ImageDetails",
            "page_key": "imageId",
        }
        whole = context.estate.complete("ec2:snapshot", asset.account, asset.region)
        amounts = {
            "snapshots_bill": _sum([context.monthly_bill(each) for each in snapshots]),
            "snapshots_list": _sum([snapshot_month(context.prices, each) for each in snapshots]),
        }
        yield context.observation(ID, asset, facts, amounts=amounts if whole else {}, issue=IMAGE)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Nothing is made from the image, or the snapshot is made from nothing that is left."""
    if not seen.facts.get("state"):
        return undetermined("AWS does not tell its state.")
    return _snapshot(seen) if seen.issue == SNAPSHOT else _image(seen, levels)


def _image(seen: Observation, levels: Levels) -> Judgement:
    facts = seen.facts
    instances, templates, unused = (number(seen, name) for name in ("instances", "templates", "unused_days"))
    if facts.get("state") != "available" or facts.get("public"):
        return not_applicable("It is public." if facts.get("public") else f"It is {facts.get('state')}.")
    if instances or templates:
        used = f"{counted(int(instances or 0), 'instance')} and {counted(int(templates or 0), 'launch template')}"
        return fine(f"{used} or launch configurations use it.")
    if instances is None or templates is None:
        return undetermined("Instances, launch templates or launch configurations could not all be asked for it.")
    if unused is not None and unused < levels["unused_days"]:
        return fine(f"It was started {counted(int(unused), 'day')} ago.")
    saving = of_amounts(seen, "snapshots_bill", "snapshots_list")
    bounded = NO_SAVING if saving.basis is Basis.NONE else Saving(saving.amount, Basis.HEURISTIC, saving.currency)
    held, own = facts.get("holds"), facts.get("snapshots")
    known = f"{len(own)} of them known as the account's own" if isinstance(own, list) else "none of them known"
    words = "No instance, launch template or launch configuration uses it"
    return flagged(f"{words}; it holds {counted(held or 0, 'snapshot')}, {known}.", bounded)


def _snapshot(seen: Observation) -> Judgement:
    facts, images, gone = seen.facts, number(seen, "images"), seen.facts.get("volume_gone")
    if facts.get("state") != "completed":
        return not_applicable(f"It is {facts.get('state')}.")
    if not facts.get("volume"):
        return not_applicable("It names no volume: it is a copy, or was not made from one.")
    if images:
        return fine(f"{counted(int(images), 'machine image')} hold it.")
    if gone is False:
        return fine("Its volume is there.")
    if gone is None or images is None:
        return undetermined("Volumes or machine images could not all be listed.")
    return flagged(f"{facts.get('size_gib')} GiB of {facts['volume']}, which is gone.", at_most(seen))


def _template_uses(
    context: Context, images: Sequence[Asset]
) -> tuple[dict[tuple[str, str], Counter[str]], list[Failure]]:
    """How often each image is named, by account and region of the images; a place that could not be asked lacks."""
    places = {(asset.account, asset.region): asset for asset in images}
    every_template = {"Versions": ["$Latest", "$Default"], "MaxResults": 200}
    asks = [
        (place, context.ask(operation, params, asset, part))
        for place, asset in places.items()
        for operation, params, part in (
            (LAUNCH_TEMPLATES, every_template, "LaunchTemplateVersions"),
            (LAUNCH_CONFIGURATIONS, {"MaxRecords": 100}, "LaunchConfigurations"),
        )
    ]
    uses: dict[tuple[str, str], Counter[str]] = {place: Counter() for place in places}
    failures: list[Failure] = []
    for place, pages in context.reads.pages(asks):
        if isinstance(pages, list):
            uses.get(place, Counter[str]()).update(_named(pages))
            continue
        failures.append(pages)
        uses.pop(place, None)
    return uses, failures


def _named(pages: Sequence[dict[str, Any]]) -> Iterator[str]:
    for page in pages:
        for version in page.get("LaunchTemplateVersions", ()):
            yield str(version.get("LaunchTemplateData", {}).get("ImageId", ""))
        for configuration in page.get("LaunchConfigurations", ()):
            yield str(configuration.get("ImageId", ""))


def _known_uses(uses: Counter[str] | None, image: str) -> int | None:
    """None where a template takes its image from a parameter of the account's own: that may be this one."""
    if uses is None or uses[image]:
        return None if uses is None else uses[image]
    hidden = any(name.startswith(_OWN_PARAMETER) and not name.startswith(_PUBLIC_PARAMETER) for name in uses)
    return None if hidden else 0


def _instances(asset: Asset, context: Context) -> int | None:
    found = len(context.estate.pointing("ec2:instance", "made_from", asset))
    return found if found or context.estate.complete("ec2:instance", asset.account, asset.region) else None


def _unused_days(asset: Asset, context: Context) -> int | None:
    told = asset.details.get("last_launched")
    return (context.now - datetime.fromisoformat(told)).days if isinstance(told, str) else None


def _snapshots(asset: Asset, context: Context) -> list[Asset]:
    """Its snapshots that are the account's own: nobody else pays for those, and it pays for no others."""
    links = context.estate.links(asset, "made_from", "ec2:snapshot")
    found = (context.estate.named("ec2:snapshot", asset.account, asset.region, link.target) for link in links)
    return [each for each in found if each is not None]


def _volume(asset: Asset, context: Context) -> str | None:
    links = context.estate.links(asset, "made_from", "ec2:volume")
    return next((link.target for link in links if link.target != COPIED_FROM), None)


def _volume_gone(asset: Asset, context: Context) -> bool | None:
    volume = _volume(asset, context)
    if volume is None:
        return None
    if context.estate.named("ec2:volume", asset.account, asset.region, volume) is not None:
        return False
    return True if context.estate.complete("ec2:volume", asset.account, asset.region) else None


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


CHECK = Check(
    check_id=ID,
    title="Orphan machine image or snapshot",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("ec2:image", "ec2:snapshot"),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#{page}:{page_key}={id}",
    command=("ec2", "{action}", "{option}", "{id}"),
    thresholds=(UNUSED,),
    operations=(LAUNCH_TEMPLATES, LAUNCH_CONFIGURATIONS),
    source_url="https://aws.amazon.com/ebs/pricing/",
)
