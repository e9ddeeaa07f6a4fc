"""What machine learning keeps running: provisioned throughput of Bedrock, applications of Q Business."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.demo.catalogue import BEDROCK, LAMBDA
from finops.demo.planted import planted_in
from finops.demo.population.life import Life, created
from finops.demo.population.resource import BUSY, IDLE, Resource
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.ground import Ground

_FOUNDATION = "arn:aws:bedrock:{}::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
_WARM_UP = timedelta(days=20)


def throughputs(ground: Ground) -> Iterator[Resource]:
    """Provisioned model throughput, while Bedrock is on trial."""
    if BEDROCK not in ground.services or ground.kind != "ml":
        return
    days = Period(ground.days.first, ground.days.today + timedelta(days=1))
    trials = [one for one in planted_in(days, (), seed=ground.seed).trials if one.service == BEDROCK]
    for trial in trials:
        for index, units in enumerate((2, 1)):
            life = Life(trial.start + _WARM_UP, trial.end, trial.start.toordinal())
            badge = ground.badge("bedrock", index)
            code = ground.code("bedrock", index, life.turn)[1:13]
            arn = ground.arn("bedrock", f"provisioned-model/{code}")
            model = _FOUNDATION.format(ground.region)
            item = {
                "provisionedModelName": f"{badge.app}-{('scoring', 'spare')[index]}",
                "provisionedModelArn": arn,
                "modelArn": model,
                "desiredModelArn": model,
                "foundationModelArn": model,
                "modelUnits": units,
                "desiredModelUnits": units,
                "status": "InService",
                "commitmentDuration": "OneMonth",
                "creationTime": created(life, arn),
                "lastModifiedTime": created(life, arn),
            }
            role = BUSY if index == 0 else IDLE
            yield Resource(
                "bedrock:provisioned-model", ground.owner, ground.region, code, arn, life, item, badge.tags, role
            )


def applications(ground: Ground) -> Iterator[Resource]:
    """Q Business applications with the indices they search."""
    if ground.kind not in {"shared", "data"} or not ground.main or LAMBDA not in ground.services:
        return
    for label, indices in (("handbook", 1), ("support", 2)) if ground.kind == "shared" else (("catalogue", 1),):
        badge, life = ground.badge("q", label), ground.settled("q", label)
        application = ground.uuid("q", label)
        arn = ground.arn("qbusiness", f"application/{application}")
        item = {
            "applicationId": application,
            "displayName": f"{badge.app}-{label}",
            "createdAt": created(life, arn),
            "updatedAt": created(life, arn),
            "status": "ACTIVE",
            "identityType": "AWS_IAM_IDC",
        }
        tags = badge.tags
        yield Resource("qbusiness:application", ground.owner, ground.region, application, arn, life, item, tags)
        for number in range(indices):
            index = ground.uuid("q index", label, number)
            own = f"{arn}/index/{index}"
            item = {
                "indexId": index,
                "displayName": f"{label}-{('main', 'trial')[number]}",
                "createdAt": created(life, own),
                "updatedAt": created(life, own),
                "status": "ACTIVE",
            }
            role = IDLE if number else BUSY
            yield Resource("qbusiness:index", ground.owner, ground.region, index, own, life, item, tags, role)
