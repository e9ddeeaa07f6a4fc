"""What people call services: `EC2` for the long name that Cost Explorer and FOCUS write."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "Amazon Elastic Compute Cloud - Compute": "EC2",
        "Amazon Elastic Compute Cloud": "EC2",
        "EC2 - Other": "EC2 other",
        "Amazon Relational Database Service": "RDS",
        "Amazon Simple Storage Service": "S3",
        "Amazon Elastic Container Service for Kubernetes": "EKS",
        "Amazon Elastic Kubernetes Service": "EKS",
        "Amazon Elastic Container Service": "ECS",
        "Amazon EC2 Container Registry (ECR)": "ECR",
        "Amazon Elastic Container Registry": "ECR",
        "Amazon Elastic File System": "EFS",
        "Amazon Elastic Load Balancing": "ELB",
        "Elastic Load Balancing": "ELB",
        "Amazon Virtual Private Cloud": "VPC",
        "Amazon Simple Queue Service": "SQS",
        "Amazon Simple Notification Service": "SNS",
        "Amazon Simple Email Service": "SES",
        "Amazon Managed Streaming for Apache Kafka": "MSK",
        "Amazon Elastic MapReduce": "EMR",
        "AWS Key Management Service": "KMS",
        "AWS Identity and Access Management": "IAM",
        "AWS Database Migration Service": "DMS",
        "AmazonCloudWatch": "CloudWatch",
        "Amazon OpenSearch Service": "OpenSearch",
        "AWS Support (Business)": "Support",
        "AWS Support (Enterprise)": "Support",
        "Savings Plans for AWS Compute usage": "Savings Plans",
    }
)
_VENDORS = ("Amazon ", "AWS ", "Microsoft ")


def short_service(name: str) -> str:
    """The short name of a service, without its vendor; one that is not known stays as it is."""
    if name in _SHORT:
        return _SHORT[name]
    for vendor in _VENDORS:
        if name.startswith(vendor) and len(name) > len(vendor) + 2:
            return name.removeprefix(vendor)
    return name
