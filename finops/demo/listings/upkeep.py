"""What is kept ready and what piles up: provisioned concurrency of functions, images of repositories."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.noise import key
from finops.demo.population.concurrency import ALIAS, concurrency_of
from finops.demo.population.resource import FORGOTTEN
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_LAMBDA_PAGE = Page("Marker", "NextMarker", "MaxItems", usual=50, most=50, code="InvalidParameterValueException")
_ECR_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=1000, code="InvalidParameterException")
_WEEK, _KEPT_WITHOUT_POLICY, _KEPT_WITH_POLICY = 7, 40, 6
_RELEASE_EVERY = 4
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Answers from one census."""

    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers about functions and repositories that the caller names."""
        return {
            ("lambda", "ListProvisionedConcurrencyConfigs"): self.concurrency,
            ("ecr", "GetLifecyclePolicy"): self.policy,
            ("ecr", "DescribeImages"): self.images,
        }

    def concurrency(self, request: Request) -> dict[str, Any]:
        """The provisioned concurrency of a function's alias, where it has any."""
        refuse_unknown(request, ("FunctionName", _LAMBDA_PAGE.token, _LAMBDA_PAGE.limit))
        name = request.params["FunctionName"]
        for one in self.census.today().at("lambda:function", request.account, request.region):
            if name in {one.id, one.arn}:
                shown, more = sliced(request, _LAMBDA_PAGE, list(_configs(one)))
                return {"ProvisionedConcurrencyConfigs": list(shown), **more}
        raise aws_error("ResourceNotFoundException", f"Function not found: {name}")

    def policy(self, request: Request) -> dict[str, Any]:
        """The lifecycle policy of a repository; LifecyclePolicyNotFoundException for half of them."""
        refuse_unknown(request, ("repositoryName", "registryId"))
        repository = self._repository(request)
        if not tidy(repository):
            place = f"with name '{repository.id}' in the registry with id '{repository.account}'"
            raise aws_error(
                "LifecyclePolicyNotFoundException", f"Lifecycle policy does not exist for the repository {place}"
            )
        today = self.census.today().today
        rule = {
            "rulePriority": 1,
            "description": "keep the last ones",
            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": _KEPT_WITH_POLICY},
            "action": {"type": "expire"},
        }
        return {
            "registryId": repository.account,
            "repositoryName": repository.id,
            "lifecyclePolicyText": json.dumps({"rules": [rule]}),
            "lastEvaluatedAt": datetime(today.year, today.month, today.day, 3, 20, tzinfo=UTC),
        }

    def images(self, request: Request) -> dict[str, Any]:
        """The images of a repository, the newest first; tagged or untagged ones where only these are asked for."""
        refuse_unknown(request, ("repositoryName", "registryId", "filter", _ECR_PAGE.token, _ECR_PAGE.limit))
        wanted = request.params.get("filter") or {}
        for name in wanted.keys() - {"tagStatus"}:
            raise aws_error("NotInDemo", f"The demo does not follow {name} of DescribeImages; nothing was sent.")
        status = wanted.get("tagStatus", "ANY")
        found = [
            image
            for image in _images(self._repository(request), self.census.today().today)
            if status == "ANY" or (status == "TAGGED") == ("imageTags" in image)
        ]
        shown, more = sliced(request, _ECR_PAGE, found)
        return {"imageDetails": list(shown), **more}

    def _repository(self, request: Request) -> Resource:
        name, registry = request.params["repositoryName"], request.params.get("registryId", request.account)
        for one in self.census.today().at("ecr:repository", request.account, request.region):
            if one.id == name and registry == request.account:
                return one
        place = f"with name '{name}' does not exist in the registry with id '{registry}'"
        raise aws_error("RepositoryNotFoundException", f"The repository {place}")


def _configs(function: Resource) -> Iterator[dict[str, Any]]:
    found = concurrency_of(function)
    if found is not None:
        executions = found.executions
        yield {
            "FunctionArn": f"{function.arn}:{ALIAS}",
            "RequestedProvisionedConcurrentExecutions": executions,
            "AvailableProvisionedConcurrentExecutions": executions,
            "AllocatedProvisionedConcurrentExecutions": executions,
            "Status": "READY",
            "LastModified": function.item["LastModified"],
        }


def tidy(repository: Resource) -> bool:
    """Whether a policy keeps a repository small."""
    return repository.role != FORGOTTEN and key("lifecycle", repository.arn) % 2 == 0


def _images(repository: Resource, today: date) -> Iterator[dict[str, Any]]:
    """An image a week: the newest and one in four keep their tag, the others lose it to the next."""
    kept = _KEPT_WITH_POLICY if tidy(repository) else _KEPT_WITHOUT_POLICY
    back = (today.toordinal() + key("pushed", repository.arn)) % _WEEK
    size = 80 + key("size", repository.arn) % 700
    for index in range(kept):
        day = today - timedelta(days=back + 1 + index * _WEEK)
        if day < repository.life.born:
            return
        week = day.toordinal() // _WEEK
        pushed = datetime(day.year, day.month, day.day, 14, week % 60, tzinfo=UTC)
        image: dict[str, Any] = {
            "registryId": repository.account,
            "repositoryName": repository.id,
            "imageDigest": f"sha256:{key('image', repository.arn, week):064x}",
            "imageSizeInBytes": (size + week % 9) * _MEBIBYTE,
            "imagePushedAt": pushed,
            "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
        }
        tagged = index == 0 or week % _RELEASE_EVERY == 0
        yield {**image, "imageTags": [f"1.{week}.0"]} if tagged else image
