"""Orphan images and snapshots: every way to be used, and whatever could not be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.ec2_orphan_image import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import NOW, OWN, REGION, asset, desk, judgement, usd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.waste.kit import Desk

LISTED = [(kind, OWN, REGION) for kind in ("ec2:instance", "ec2:image", "ec2:volume", "ec2:snapshot")]
Answers = dict[str, "Callable[[dict[str, Any]], dict[str, Any] | Refusal]"]


def answers(templates: tuple[str, ...] = (), configurations: tuple[str, ...] = ()) -> Answers:
    versions = [{"LaunchTemplateData": {"ImageId": image}} for image in templates]
    launches = [{"ImageId": image} for image in configurations]
    return {
        "DescribeLaunchTemplateVersions": lambda _: {"LaunchTemplateVersions": versions},
        "DescribeLaunchConfigurations": lambda _: {"LaunchConfigurations": launches},
    }


def estate(known: Answers | None = None, links: Mapping[str, tuple[Link, ...]] | None = None, **details: Any) -> Desk:
    image = asset("ec2:image", "ami-1", "available", details=details)
    own = asset("ec2:snapshot", "snap-own", "completed", details={"size_gib": 100})
    held = {
        "ami-1": (Link("made_from", "ec2:snapshot", "snap-own"), Link("made_from", "ec2:snapshot", "snap-foreign")),
        **(links or {}),
    }
    instance = asset("ec2:instance", "i-1", "running")
    return desk([image, own, instance], answers() if known is None else known, links=held, complete=LISTED)


def test_an_image_that_nothing_names_is_flagged_for_its_own_snapshots_only() -> None:
    at = estate()
    found = at.verdicts(CHECK)["ami-1#image"]

    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd("5.00"), Basis.HEURISTIC)
    assert next(one for one in at.measured(CHECK)[0] if one.issue == "image").facts["snapshots"] == ["snap-own"]
    asked = dict(at.wire.asked)
    assert asked["DescribeLaunchTemplateVersions"]["Versions"] == ["$Latest", "$Default"]


@pytest.mark.parametrize(
    ("known", "links"),
    [
        (answers(templates=("ami-1",)), {}),
        (answers(configurations=("ami-1",)), {}),
        (answers(), {"i-1": (Link("made_from", "ec2:image", "ami-1"),)}),
    ],
)
def test_whatever_starts_from_it_keeps_it(known: Answers, links: dict[str, tuple[Link, ...]]) -> None:
    assert estate(known, links).verdicts(CHECK)["ami-1#image"].verdict is Verdict.OK


@pytest.mark.parametrize("refused", ["DescribeLaunchTemplateVersions", "DescribeLaunchConfigurations"])
def test_a_refused_question_is_a_failure_and_the_image_undetermined(refused: str) -> None:
    at = estate({**answers(), refused: lambda _: Refusal("UnauthorizedOperation")})

    assert [failure.code for failure in at.measured(CHECK)[1]] == ["UnauthorizedOperation"]
    assert at.verdicts(CHECK)["ami-1#image"].verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("template", "verdict"),
    [
        ("resolve:ssm:/golden/image", Verdict.UNDETERMINED),
        ("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023", Verdict.FLAGGED),
    ],
)
def test_a_template_that_takes_its_image_from_an_own_parameter_may_mean_this_one(
    template: str, verdict: Verdict
) -> None:
    assert estate(answers(templates=(template,))).verdicts(CHECK)["ami-1#image"].verdict is verdict


@pytest.mark.parametrize(("days", "verdict"), [(29, Verdict.OK), (30, Verdict.FLAGGED)])
def test_somebody_may_have_started_it_lately(days: int, verdict: Verdict) -> None:
    launched = (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z")

    assert estate(last_launched=launched).verdicts(CHECK)["ami-1#image"].verdict is verdict


def test_snapshots_that_could_not_all_be_listed_have_no_price() -> None:
    failed = {("ec2:snapshot", OWN, REGION): Failure("RequestLimitExceeded", "slow down")}
    image = asset("ec2:image", "ami-1", "available")
    at = desk([image], answers(), failed=failed, complete=LISTED)
    found = at.verdicts(CHECK)["ami-1#image"]

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


def test_a_public_image_is_not_judged_and_an_unknown_state_not_either() -> None:
    unknown = judgement(CHECK, {"state": None}, issue="image")

    assert estate(public=True).verdicts(CHECK)["ami-1#image"].verdict is Verdict.NOT_APPLICABLE
    assert unknown.verdict is Verdict.UNDETERMINED


def snapshots(volume: str, *more: Any, listed: bool = True) -> Verdict:
    snapshot = asset("ec2:snapshot", "snap-1", "completed", details={"size_gib": 100})
    links = {"snap-1": (Link("made_from", "ec2:volume", volume),)} if volume else {}
    complete = LISTED if listed else [place for place in LISTED if place[0] != "ec2:volume"]
    return desk([snapshot, *more], answers(), links=links, complete=complete).verdicts(CHECK)["snap-1#snapshot"].verdict


def test_a_snapshot_whose_volume_is_gone_is_flagged() -> None:
    assert snapshots("vol-gone") is Verdict.FLAGGED
    assert snapshots("vol-1", asset("ec2:volume", "vol-1", "in-use")) is Verdict.OK


def test_a_copy_names_no_volume_and_an_unlisted_place_none_that_is_gone() -> None:
    assert snapshots("vol-ffffffff") is Verdict.NOT_APPLICABLE
    assert snapshots("") is Verdict.NOT_APPLICABLE
    assert snapshots("vol-gone", listed=False) is Verdict.UNDETERMINED


def test_a_snapshot_that_an_image_holds_is_the_images_matter() -> None:
    links = {"snap-own": (Link("made_from", "ec2:volume", "vol-gone"),)}

    assert estate(links=links).verdicts(CHECK)["snap-own#snapshot"].verdict is Verdict.OK


def test_either_kind_has_its_own_remedy() -> None:
    commands = {one.issue: CHECK.remedy(one) for one in estate().measured(CHECK)[0]}

    assert "ec2 deregister-image --image-id ami-1" in commands["image"].command
    assert "ec2 delete-snapshot --snapshot-id snap-own" in commands["snapshot"].command
    assert commands["image"].console.endswith("#ImageDetails:imageId=ami-1")
