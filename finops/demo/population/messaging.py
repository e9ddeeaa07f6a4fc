"""Queues, topics, APIs, user pools and secrets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import LAMBDA, SECRETS, SQS
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags, stacked
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.ground import Ground

_DOLLARS_A_QUEUE = 16
_QUEUES = ("orders", "emails", "invoices", "images", "events", "retries", "exports", "webhooks")
_TOPICS = ("alarms", "order-events", "deployments", "billing-alerts", "user-events")
_SECRETS = ("db-password", "api-key", "smtp", "oauth-client", "webhook-signing", "datadog-key")
_UNUSED_DAYS, _READ_DAYS = 200, 30


def queues(ground: Ground) -> Iterator[Resource]:
    """SQS queues with their dead-letter queues."""
    if SQS not in ground.services:
        return
    for index in range(max(2, round(ground.dollars(SQS) / _DOLLARS_A_QUEUE))):
        badge, life = ground.badge("sqs", index), ground.settled("sqs", index)
        fifo = index % 5 == 4  # noqa: PLR2004 - one in five
        stem = f"{badge.app}-{_QUEUES[index % len(_QUEUES)]}{index // len(_QUEUES) or ''}"
        usage = "Requests-FIFO-Tier1" if fifo else "Requests-Tier1"
        for name, dead in ((stem, False), (f"{stem}-dlq", True)):
            full = f"{name}.fifo" if fifo else name
            arn = ground.arn("sqs", full)
            item = {"QueueUrl": f"https://sqs.{ground.region}.amazonaws.com/{ground.owner}/{full}"}
            bills = () if dead else ground.bills(SQS, arn, usage, weight=1 + ground.number("sqs", full) % 30)
            tags = stacked(badge.tags, ground, stem)
            role = IDLE if dead else BUSY
            yield Resource("sqs:queue", ground.owner, ground.region, full, arn, life, item, tags, role, bills)


def topics(ground: Ground) -> Iterator[Resource]:
    """SNS topics: some wherever an account is in use."""
    for index in range(5 if ground.main and ground.kind in {"prod", "shared"} else 2):
        badge = ground.badge("sns", index)
        name = f"{badge.app}-{_TOPICS[index]}"
        arn = ground.arn("sns", name)
        life, tags = ground.settled("sns", index), stacked(badge.tags, ground, name)
        yield Resource("sns:topic", ground.owner, ground.region, name, arn, life, {"TopicArn": arn}, tags, QUIET)


def apis(ground: Ground) -> Iterator[Resource]:
    """REST, HTTP and WebSocket APIs in front of functions."""
    if LAMBDA not in ground.services or ground.kind in {"management", "security"}:
        return
    for index in range(4 if ground.kind == "prod" else 2):
        badge, life = ground.badge("rest", index), ground.settled("rest", index)
        name, code = badge.name("rest", index + 1), ground.code("rest", index)[1:11]
        arn = f"arn:aws:apigateway:{ground.region}::/restapis/{code}"
        item: dict[str, Any] = {
            "id": code,
            "name": name,
            "createdDate": created(life, arn),
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["EDGE" if index == 0 else "REGIONAL"]},
            "disableExecuteApiEndpoint": False,
        } | ({"tags": dict(badge.tags)} if badge.tags else {})
        yield Resource("apigateway:restapi", ground.owner, ground.region, code, arn, life, item, badge.tags)
    for index in range(3 if ground.kind == "prod" else 1):
        badge, life = ground.badge("http", index), ground.settled("http", index)
        name, code = badge.name("http", index + 1), ground.code("http", index)[1:11]
        arn, socket = f"arn:aws:apigateway:{ground.region}::/apis/{code}", index == 2  # noqa: PLR2004 - the third
        item = {
            "ApiId": code,
            "Name": name,
            "ApiEndpoint": f"{'wss' if socket else 'https'}://{code}.execute-api.{ground.region}.amazonaws.com",
            "CreatedDate": created(life, arn),
            "ProtocolType": "WEBSOCKET" if socket else "HTTP",
            "RouteSelectionExpression": "$request.body.action" if socket else "$request.method $request.path",
            "DisableExecuteApiEndpoint": False,
            "Tags": dict(badge.tags),
        }
        yield Resource("apigateway:api", ground.owner, ground.region, code, arn, life, item, badge.tags)


def pools(ground: Ground) -> Iterator[Resource]:
    """Cognito user pools and identity pools of accounts with customers."""
    if ground.kind not in {"prod", "staging"} or LAMBDA not in ground.services:
        return
    for index in range(2 if ground.main else 1):
        badge, life = ground.badge("pool", index), ground.settled("pool", index)
        code, label = ground.code("pool", index), ("customers", "partners")[index]
        pool = f"{ground.region}_{code[1:10].upper()}"
        arn = ground.arn("cognito-idp", f"userpool/{pool}")
        made = created(life, arn)
        item = {
            "Id": pool,
            "Name": badge.name(label),
            "CreationDate": made,
            "LastModifiedDate": made,
            "LambdaConfig": {},
        }
        yield Resource("cognito:userpool", ground.owner, ground.region, pool, arn, life, item, badge.tags)
        identity = f"{ground.region}:{ground.uuid('identity', index)}"
        arn = ground.arn("cognito-identity", f"identitypool/{identity}")
        item = {"IdentityPoolId": identity, "IdentityPoolName": badge.name(label).replace("-", "_")}
        yield Resource("cognito:identitypool", ground.owner, ground.region, identity, arn, life, item, badge.tags)


def _last_read(ground: Ground, name: str) -> datetime:
    """When a secret in use was read last: AWS tells the day only."""
    today = ground.days.today
    since = (today.toordinal() + ground.number("read", name) % _READ_DAYS) % _READ_DAYS
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=since)


def secrets(ground: Ground) -> Iterator[Resource]:
    """Secrets by name; what is in them is nobody's business here either. A fifth has not been read for months."""
    if SECRETS not in ground.services:
        return
    for index in range(max(1, round(ground.quantity(SECRETS, "AWSSecretsManager-Secrets")))):
        badge, life = ground.badge("secret", index), ground.settled("secret", index)
        name = f"{badge.environment}/{badge.app}/{_SECRETS[index % len(_SECRETS)]}{index // len(_SECRETS) or ''}"
        arn = ground.arn("secretsmanager", f"secret:{name}-{ground.code('secret', name)[1:7]}")
        made, rotated = created(life, arn), index % 4 == 0
        item: dict[str, Any] = {
            "ARN": arn,
            "Name": name,
            "RotationEnabled": rotated,
            "CreatedDate": made,
            "LastChangedDate": made,
            "SecretVersionsToStages": {ground.uuid("version", name): ["AWSCURRENT"]},
        }
        role = FORGOTTEN if index % 5 == 4 else BUSY  # noqa: PLR2004 - one in five
        if role == BUSY:
            item["LastAccessedDate"] = max(made, _last_read(ground, name))
        elif index % 2:
            item["LastAccessedDate"] = made + timedelta(days=_UNUSED_DAYS)
        if badge.tags:
            item["Tags"] = aws_tags(badge.tags)
        bills = ground.bills(SECRETS, arn)
        yield Resource(
            "secretsmanager:secret", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills
        )
