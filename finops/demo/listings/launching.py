"""Launch templates of scaling groups, and what is left of launch configurations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.listings.compute import SCALING_PAGE
from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.noise import key
from finops.demo.population.life import created
from finops.demo.population.resource import IDLE
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.everything import Census, Population
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_PAGE = Page(usual=200, most=200, code="InvalidParameterValue")
_ALIASES = {"$Latest", "$Default"}
_LATEST = 3
_TYPES = "m6i.2xlarge"


@dataclass(frozen=True, slots=True)
class Launching:
    """Answers from one census."""

    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of both services."""
        return {
            ("ec2", "DescribeLaunchTemplateVersions"): self.template_versions,
            ("autoscaling", "DescribeLaunchConfigurations"): self.configurations,
        }

    def template_versions(self, request: Request) -> dict[str, Any]:
        """The versions of one template, or the newest and default ones of all."""
        refuse_unknown(request, ("LaunchTemplateId", "LaunchTemplateName", "Versions", _PAGE.token, _PAGE.limit))
        asked, wanted = _asked(request), set(request.params.get("Versions") or ())
        if not asked and (not wanted or wanted - _ALIASES):
            raise aws_error("MissingParameter", "Either a launch template or one of $Latest and $Default is needed.")
        population = self.census.today()
        groups = population.at("autoscaling:group", request.account, request.region)
        rows = [row for group in groups for row in _versions(population, group)]
        if asked:
            rows = [row for row in rows if all(row[name] == value for name, value in asked.items())]
            if not rows:
                raise aws_error("InvalidLaunchTemplateId.NotFound", "The launch template does not exist.")
        found = [row for row in rows if not wanted or not wanted.isdisjoint(_names(row))]
        shown, more = sliced(request, _PAGE, found)
        return {"LaunchTemplateVersions": list(shown), **more}

    def configurations(self, request: Request) -> dict[str, Any]:
        """Launch configurations: one in places with several images, which nobody uses any more."""
        refuse_unknown(request, (SCALING_PAGE.token, SCALING_PAGE.limit))
        spare = _spare(self.census.today(), request.account, request.region)
        found = [_configuration(image) for image in spare[1:][-1:]]
        shown, more = sliced(request, SCALING_PAGE, found)
        return {"LaunchConfigurations": list(shown), **more}


def _asked(request: Request) -> dict[str, str]:
    names = ("LaunchTemplateId", "LaunchTemplateName")
    return {name: request.params[name] for name in names if name in request.params}


def _names(row: dict[str, Any]) -> set[str]:
    aliases = {"$Latest"} if row["VersionNumber"] == _LATEST else set()
    return {str(row["VersionNumber"]), *aliases, *({"$Default"} if row["DefaultVersion"] else ())}


def _spare(population: Population, account: str, region: str) -> list[Resource]:
    """Images that no instance was made from."""
    return [one for one in population.at("ec2:image", account, region) if one.role == IDLE]


def _versions(population: Population, group: Resource) -> Iterator[dict[str, Any]]:
    """A template's first version and its newest, in three of four templates also its default one.

    A group scaled to nothing waits with an image that is used nowhere else.
    """
    held, default_first = group.item["LaunchTemplate"], key("default version", group.arn) % 4 == 0
    image, kind = _image(population, group)
    for number in (1, _LATEST):
        yield {
            "LaunchTemplateId": held["LaunchTemplateId"],
            "LaunchTemplateName": held["LaunchTemplateName"],
            "VersionNumber": number,
            "CreateTime": created(group.life, group.arn, number),
            "CreatedBy": f"arn:aws:iam::{group.account}:role/deploy",
            "DefaultVersion": default_first == (number == 1),
            "LaunchTemplateData": {"ImageId": image, "InstanceType": kind, "EbsOptimized": True},
        }


def _image(population: Population, group: Resource) -> tuple[str, str]:
    """The image and the type that a group launches."""
    members = {member["InstanceId"] for member in group.item["Instances"]}
    for one in population.at("ec2:instance", group.account, group.region):
        if one.id in members:
            return one.item["ImageId"], one.item["InstanceType"]
    images = population.at("ec2:image", group.account, group.region)
    spare = _spare(population, group.account, group.region) or list(images)
    return (spare[0].id if spare else "ami-0123456789abcdef0"), _TYPES


def _configuration(image: Resource) -> dict[str, Any]:
    name = f"legacy-web-{image.life.born:%Y%m}"
    place = f"arn:aws:autoscaling:{image.region}:{image.account}"
    return {
        "LaunchConfigurationName": name,
        "LaunchConfigurationARN": f"{place}:launchConfiguration:{image.id[4:]}:launchConfigurationName/{name}",
        "ImageId": image.id,
        "InstanceType": "m4.xlarge",
        "SecurityGroups": [],
        "BlockDeviceMappings": [],
        "EbsOptimized": False,
        "CreatedTime": created(image.life, name),
    }
