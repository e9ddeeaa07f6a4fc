"""An ECR repository that keeps every image for ever.

It is looked at in two ways. It is flagged when it has no lifecycle policy, which claims no dollars. And it is flagged
when it holds untagged images that were pushed at least 14 days ago: the saving is their size at the price of storage,
an upper bound, since images share layers. AWS refuses to delete untagged images that a multi-architecture image is made
of; leave alone what is deployed by its digest.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.cloudwatch import Window
from finops.aws.fields import moment
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.model.outcome import Failure
from finops.waste.check import Check, measuring
from finops.waste.context import Measured
from finops.waste.judging import counted, fine, flagged, undetermined
from finops.waste.leftovers import by_day, older
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.ecr.no_lifecycle"
DAYS = Threshold("untagged_days", "untagged images were pushed at least so long ago", 14, 1, 365, "days")
POLICY = measuring("ecr", "GetLifecyclePolicy", "whether repositories have a lifecycle policy")
IMAGES = measuring("ecr", "DescribeImages", "untagged images and their sizes")
NO_POLICY, UNTAGGED = "policy", "untagged"
GIB = 2**30


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The policy of every repository, and its untagged images by the day they were pushed."""
    repositories = context.estate.of("ecr:repository")
    asks = [
        (one, context.ask(POLICY, {"repositoryName": one.resource_id}, one, "lifecyclePolicyText"))
        for one in repositories
    ]
    for repository, answer in context.reads.answers(asks):
        none = isinstance(answer, Failure) and answer.code == "LifecyclePolicyNotFoundException"
        if isinstance(answer, Failure) and not none:
            yield answer
        facts = {"policy": None if isinstance(answer, Failure) and not none else not none}
        yield context.observation(ID, repository, facts, issue=NO_POLICY)
    filtered = {"filter": {"tagStatus": "UNTAGGED"}, "maxResults": 1000}
    asks = [
        (one, context.ask(IMAGES, {"repositoryName": one.resource_id, **filtered}, one, "imageDetails"))
        for one in repositories
    ]
    window = Window.of_days(context.now, int(DAYS.maximum))
    for repository, pages in context.reads.pages(asks):
        if isinstance(pages, Failure):
            yield pages
        yield _untagged(context, repository, pages, window)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Without a policy; or with old untagged images."""
    if seen.issue == NO_POLICY:
        policy = seen.facts.get("policy")
        if policy is None:
            return undetermined("Its lifecycle policy could not be read.")
        return fine("It has a lifecycle policy.") if policy else flagged("It has no lifecycle policy.")
    days = levels["untagged_days"]
    count, size = older(seen, "untagged_images", days), older(seen, "untagged_bytes", days)
    if count is None or size is None:
        return undetermined("Its images could not be listed.")
    if not count:
        return fine(f"It has no untagged image of {days:.0f} days or more.")
    gib, price = Decimal(str(size)) / GIB, seen.amounts.get("gib")
    words = f"{counted(int(count), 'untagged image')} of {days:.0f} days or more, {gib:,.2f} GiB at most"
    return flagged(f"{words}.", estimated(seen, None if price is None else gib * price))


def _untagged(
    context: Context, repository: Asset, pages: Sequence[dict[str, Any]] | Failure, window: Window
) -> Observation:
    facts: dict[str, Any] = {"untagged_images": None}
    measured = Measured(window, {})
    if not isinstance(pages, Failure):
        images = [
            (pushed, image.get("imageSizeInBytes", 0))
            for page in pages
            for image in page["imageDetails"]
            if (pushed := moment(image.get("imagePushedAt")))
        ]
        facts = {"untagged_images": len(images), "untagged_gib": round(sum(size for _, size in images) / GIB, 3)}
        series = {
            "untagged_images": by_day(((pushed, 1) for pushed, _ in images), window),
            "untagged_bytes": by_day(images, window),
        }
        measured = Measured(window, {repository.asset_id: series})
    price = context.prices.of("ecr.gib:month", repository.region)
    return context.observation(ID, repository, facts, measured=measured, amounts={"gib": price}, issue=UNTAGGED)


CHECK = Check(
    check_id=ID,
    title="ECR repository without lifecycle policy",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("ecr:repository",),
    action=Action(ActionType.CONFIGURE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ecr/repositories/private/{account}/{id}/_/lifecycle-policy?region={region}",
    command=(
        "ecr",
        "put-lifecycle-policy",
        "--repository-name",
        "{id}",
        "--lifecycle-policy-text",
        "file://lifecycle-policy.json",
    ),
    thresholds=(DAYS,),
    operations=(POLICY, IMAGES),
    stands_on=(("untagged_bytes", ""), ("untagged_images", "")),
    source_url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
)
