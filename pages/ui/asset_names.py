"""What services, kinds and relationships of assets are called on the pages, and where AWS itself shows an asset."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from finops.aws.services import kind_named
from finops.model.assets import Lifecycle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SERVICES = {
    "apigateway": "API Gateway",
    "autoscaling": "Auto Scaling",
    "bedrock": "Bedrock",
    "cloudfront": "CloudFront",
    "cognito": "Cognito",
    "dynamodb": "DynamoDB",
    "ec2": "EC2",
    "ecr": "ECR",
    "ecs": "ECS",
    "efs": "EFS",
    "eks": "EKS",
    "elasticache": "ElastiCache",
    "elb": "Load balancing",
    "kafka": "MSK",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "opensearch": "OpenSearch",
    "qbusiness": "Q Business",
    "rds": "RDS",
    "redshift": "Redshift",
    "route53": "Route 53",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "sns": "SNS",
    "sqs": "SQS",
}
_BILLED = {
    "apigateway": ("Amazon API Gateway",),
    "bedrock": ("Amazon Bedrock",),
    "cloudfront": ("Amazon CloudFront",),
    "cognito": ("Amazon Cognito",),
    "dynamodb": ("Amazon DynamoDB",),
    "ec2": ("EC2 - Other",),
    "ec2:instance": ("Amazon Elastic Compute Cloud - Compute",),
    "ec2:vpc": ("Amazon Virtual Private Cloud",),
    "ec2:subnet": ("Amazon Virtual Private Cloud",),
    "ec2:vpc-endpoint": ("Amazon Virtual Private Cloud",),
    "ec2:elastic-ip": ("Amazon Virtual Private Cloud", "EC2 - Other"),
    "autoscaling": ("Amazon Elastic Compute Cloud - Compute",),
    "ecr": ("Amazon EC2 Container Registry (ECR)", "Amazon Elastic Container Registry"),
    "ecs": ("Amazon Elastic Container Service",),
    "efs": ("Amazon Elastic File System",),
    "eks": ("Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service"),
    "elasticache": ("Amazon ElastiCache",),
    "elb": ("Amazon Elastic Load Balancing", "Elastic Load Balancing"),
    "kafka": ("Amazon Managed Streaming for Apache Kafka",),
    "lambda": ("AWS Lambda",),
    "logs": ("AmazonCloudWatch", "Amazon CloudWatch"),
    "opensearch": ("Amazon OpenSearch Service",),
    "qbusiness": ("Amazon Q",),
    "rds": ("Amazon Relational Database Service",),
    "redshift": ("Amazon Redshift",),
    "route53": ("Amazon Route 53",),
    "s3": ("Amazon Simple Storage Service",),
    "secretsmanager": ("AWS Secrets Manager",),
    "sns": ("Amazon Simple Notification Service",),
    "sqs": ("Amazon Simple Queue Service",),
}
"""How Cost Explorer spells the services that a kind, else its service, is billed under."""

_RELATIONS = {
    "attached_to": ("Attached to", "Has attached"),
    "in": ("In", "Contains"),
    "member_of": ("Member of", "Has member"),
    "targets": ("Targets", "Target of"),
    "made_from": ("Made from", "Source of"),
    "uses": ("Uses", "Used by"),
}
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
LIFE_NAMES = {Lifecycle.ACTIVE: "Active", Lifecycle.MISSING: "Missing", Lifecycle.GONE: "Gone"}


def service_name(service: str) -> str:
    """`EC2` for `ec2`; a service that is not known here by its own code."""
    return _SERVICES.get(service, service)


def kind_name(kind: str) -> str:
    """`EC2 instance` for `ec2:instance`, as its declaration says; others by their own spelling."""
    try:
        return kind_named(kind).title
    except KeyError:
        return kind


def state_name(state: str) -> str:
    """A state as AWS spells it; assets of kinds without states have none."""
    return state or "without state"


def relation_name(relation: str, *, outgoing: bool) -> str:
    """`Attached to` from the asset, `Has attached` from the other end."""
    words = _RELATIONS.get(relation)
    if words is None:
        return relation.replace("_", " ").capitalize()
    return words[0] if outgoing else words[1]


def detail_name(field: str) -> str:
    """`instance_type` as `Instance type`; units stay: `size_gib` is `Size, GiB`."""
    for ending, unit in (("_gib", "GiB"), ("_mb", "MB"), ("_mib", "MiB"), ("_days", "days"), ("_bytes", "bytes")):
        if field.endswith(ending):
            return f"{field.removesuffix(ending).replace('_', ' ').capitalize()}, {unit}"
    return field.replace("_", " ").capitalize()


def billed_service(kind: str, known: Iterable[str]) -> str | None:
    """The bill's name of the service that a kind is billed under, out of those `known`."""
    there = set(known)
    names: Sequence[str] = _BILLED.get(kind) or _BILLED.get(kind.partition(":")[0], ())
    return next((name for name in names if name in there), None)


def console_link(arn: str) -> str | None:
    """Where the AWS console shows what an ARN names; None without one."""
    parts = arn.split(":", 2)
    host = _CONSOLES.get(parts[1]) if len(parts) > 2 and parts[0] == "arn" else None  # noqa: PLR2004 - arn:partition:rest
    return f"https://{host}/go/view?arn={quote(arn, safe='')}" if host else None
