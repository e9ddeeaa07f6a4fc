"""The services of the made-up bill, under the names, usage types and units that Cost Explorer uses.

Prices are rounded list prices of us-east-1; they only turn dollars into believable usage quantities.
"""

from __future__ import annotations

from dataclasses import dataclass

TAX = "Tax"
SUPPORT = "AWS Support (Business)"
SAVINGS_PLANS = "Savings Plans for AWS Compute usage"
EC2 = "Amazon Elastic Compute Cloud - Compute"
EC2_OTHER = "EC2 - Other"
RDS = "Amazon Relational Database Service"
S3 = "Amazon Simple Storage Service"
CLOUDWATCH = "AmazonCloudWatch"
BEDROCK = "Amazon Bedrock"
SAGEMAKER = "Amazon SageMaker"
GLUE = "AWS Glue"
ECS = "Amazon Elastic Container Service"
LAMBDA = "AWS Lambda"
REDSHIFT = "Amazon Redshift"
DYNAMODB = "Amazon DynamoDB"
CLOUDFRONT = "Amazon CloudFront"
OPENSEARCH = "Amazon OpenSearch Service"
ELASTICACHE = "Amazon ElastiCache"
ELB = "Amazon Elastic Load Balancing"
VPC = "Amazon Virtual Private Cloud"
KINESIS = "Amazon Kinesis"
EKS = "Amazon Elastic Container Service for Kubernetes"
SQS = "Amazon Simple Queue Service"
ROUTE53 = "Amazon Route 53"
SECRETS = "AWS Secrets Manager"


@dataclass(frozen=True, slots=True)
class UsageKind:
    """One usage type of a service, without its region prefix.

    `share` is its part of the service's cost, `price` dollars per `unit`. `plan` marks usage a Compute Savings Plan
    covers, `reserved` usage that reservations cover, `tiered` usage priced by volume over the whole organization,
    `normalized` the normalization factor of the instance size (0: the usage type has none).
    """

    name: str
    share: float
    unit: str
    price: float
    plan: bool = False
    reserved: bool = False
    tiered: bool = False
    normalized: float = 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """A service, its dollars a month in the 8-account estate, and how it moves.

    `weekend` is the level of Saturdays and Sundays against weekdays, `growth` the change in a year around the turn of
    2026 to 2027, `where` the kinds of accounts that use it (empty: all), `pilot` its place in the rota of trials.
    """

    name: str
    monthly: float
    kinds: tuple[UsageKind, ...]
    weekend: float = 1.0
    growth: float = 0.08
    where: tuple[str, ...] = ()
    worldwide: bool = False
    pilot: int | None = None


WORKLOADS = ("prod", "data", "ml", "staging", "shared", "sandbox")

SERVICES: tuple[Service, ...] = (
    Service(
        EC2,
        46000,
        (
            UsageKind("BoxUsage:m6i.2xlarge", 0.42, "Hrs", 0.384, plan=True, normalized=16),
            UsageKind("BoxUsage:c6i.4xlarge", 0.26, "Hrs", 0.68, plan=True, normalized=32),
            UsageKind("BoxUsage:r6g.xlarge", 0.14, "Hrs", 0.2016, plan=True, normalized=8),
            UsageKind("SpotUsage:c6i.4xlarge", 0.07, "Hrs", 0.27, normalized=32),
            UsageKind("DataTransfer-Out-Bytes", 0.11, "GB", 0.09, tiered=True),
            UsageKind("BoxUsage:m4.xlarge", 0.025, "Hrs", 0.20, plan=True, normalized=8),
            UsageKind("BoxUsage:t2.large", 0.01, "Hrs", 0.0928, plan=True, normalized=4),
        ),
        weekend=0.78,
        growth=0.07,
        where=WORKLOADS,
    ),
    Service(
        EC2_OTHER,
        16500,
        (
            UsageKind("EBS:VolumeUsage.gp3", 0.34, "GB-Mo", 0.08),
            UsageKind("EBS:VolumeUsage.gp2", 0.16, "GB-Mo", 0.10),
            UsageKind("EBS:SnapshotUsage", 0.14, "GB-Mo", 0.05),
            UsageKind("NatGateway-Hours", 0.09, "Hrs", 0.045),
            UsageKind("NatGateway-Bytes", 0.17, "GB", 0.045),
            UsageKind("DataTransfer-Regional-Bytes", 0.10, "GB", 0.01),
            UsageKind("EBS:VolumeUsage.piops", 0.02, "GB-Mo", 0.125),
            UsageKind("EBS:VolumeP-IOPS.piops", 0.03, "IOPS-Mo", 0.065),
        ),
        weekend=0.95,
    ),
    Service(
        RDS,
        23500,
        (
            UsageKind("InstanceUsage:db.r6g.2xl", 0.44, "Hrs", 0.86, reserved=True, normalized=16),
            UsageKind("Multi-AZUsage:db.m6g.xl", 0.24, "Hrs", 0.63, reserved=True, normalized=8),
            UsageKind("RDS:Multi-AZ-GP3-Storage", 0.16, "GB-Mo", 0.23),
            UsageKind("Aurora:StorageIOUsage", 0.10, "IOs", 0.0000002),
            UsageKind("RDS:ChargedBackupUsage", 0.06, "GB-Mo", 0.095),
            UsageKind("ExtendedSupport:Yr1-Yr2:MySQL5.7", 0.04, "vCPU-Hours", 0.10),
        ),
        growth=0.06,
        where=("prod", "data", "staging", "shared"),
    ),
    Service(
        S3,
        14800,
        (
            UsageKind("TimedStorage-ByteHrs", 0.58, "GB-Mo", 0.023, tiered=True),
            UsageKind("TimedStorage-SIA-ByteHrs", 0.12, "GB-Mo", 0.0125),
            UsageKind("Requests-Tier1", 0.13, "Requests", 0.000005),
            UsageKind("Requests-Tier2", 0.07, "Requests", 0.0000004),
            UsageKind("DataTransfer-Out-Bytes", 0.10, "GB", 0.09, tiered=True),
        ),
        growth=0.14,
    ),
    Service(
        ECS,
        6900,
        (
            UsageKind("Fargate-vCPU-Hours:perCPU", 0.72, "hours", 0.04048, plan=True),
            UsageKind("Fargate-GB-Hours", 0.28, "hours", 0.004445, plan=True),
        ),
        weekend=0.85,
        growth=0.1,
        where=("prod", "staging", "shared"),
    ),
    Service(
        LAMBDA,
        3900,
        (
            UsageKind("Lambda-GB-Second", 0.82, "Lambda-GB-Second", 0.0000166667, plan=True),
            UsageKind("Request", 0.18, "Requests", 0.0000002),
        ),
        weekend=0.8,
        growth=0.12,
    ),
    Service(
        CLOUDWATCH,
        5200,
        (
            UsageKind("DataProcessing-Bytes", 0.46, "GB", 0.50),
            UsageKind("CW:MetricMonitorUsage", 0.24, "Metrics", 0.30),
            UsageKind("TimedStorage-ByteHrs", 0.16, "GB-Mo", 0.03),
            UsageKind("CW:Requests", 0.14, "Requests", 0.00001),
        ),
        weekend=0.88,
        growth=0.1,
    ),
    Service(
        REDSHIFT,
        7400,
        (UsageKind("Node:ra3.4xlarge", 0.83, "Hrs", 3.26), UsageKind("RMS:ra3.4xlarge", 0.17, "GB-Mo", 0.024)),
        where=("data",),
    ),
    Service(
        DYNAMODB,
        5700,
        (
            UsageKind("ReadRequestUnits", 0.30, "ReadRequestUnits", 0.000000125),
            UsageKind("WriteRequestUnits", 0.44, "WriteRequestUnits", 0.000000625),
            UsageKind("TimedStorage-ByteHrs", 0.26, "GB-Mo", 0.25),
            UsageKind("ReadCapacityUnit-Hrs", 0.04, "ReadCapacityUnit-Hrs", 0.00013),
            UsageKind("WriteCapacityUnit-Hrs", 0.07, "WriteCapacityUnit-Hrs", 0.00065),
        ),
        weekend=0.9,
        where=("prod", "staging", "ml"),
    ),
    Service(
        CLOUDFRONT,
        5300,
        (
            UsageKind("US-DataTransfer-Out-Bytes", 0.48, "GB", 0.085, tiered=True),
            UsageKind("EU-DataTransfer-Out-Bytes", 0.34, "GB", 0.085, tiered=True),
            UsageKind("US-Requests-Tier2-HTTPS", 0.18, "Requests", 0.000001),
        ),
        weekend=1.14,
        where=("prod",),
        worldwide=True,
    ),
    Service(
        OPENSEARCH,
        5100,
        (UsageKind("ESInstance:r6g.xlarge", 0.81, "Hrs", 0.335), UsageKind("ES:gp3-Storage", 0.19, "GB-Mo", 0.122)),
        where=("prod", "shared", "data"),
    ),
    Service(
        ELASTICACHE,
        4500,
        (UsageKind("NodeUsage:cache.r6g.large", 1.0, "Hrs", 0.206, reserved=True, normalized=4),),
        where=("prod", "staging"),
    ),
    Service(
        ELB,
        2700,
        (UsageKind("LoadBalancerUsage", 0.55, "Hrs", 0.0225), UsageKind("LCUUsage", 0.45, "LCU-Hrs", 0.008)),
        weekend=0.92,
        where=WORKLOADS,
    ),
    Service(
        VPC,
        2400,
        (
            UsageKind("PublicIPv4:InUseAddress", 0.42, "Hrs", 0.005),
            UsageKind("VpcEndpoint-Hours", 0.33, "Hrs", 0.01),
            UsageKind("TransitGateway-Bytes", 0.25, "GB", 0.02),
            UsageKind("PublicIPv4:IdleAddress", 0.03, "Hrs", 0.005),
        ),
    ),
    Service(
        KINESIS,
        2200,
        (
            UsageKind("Storage-ShardHour", 0.7, "ShardHour", 0.015),
            UsageKind("PutRequestPayloadUnits", 0.3, "PutRequest", 0.000000014),
        ),
        weekend=0.94,
        where=("prod", "data"),
    ),
    Service(
        EKS,
        1600,
        (
            UsageKind("AmazonEKS-Hours:perCluster", 0.78, "Hours", 0.10),
            UsageKind("AmazonEKS-Hours:extendedSupport", 0.22, "Hours", 0.50),
        ),
        where=("prod", "ml", "staging", "shared"),
    ),
    Service(
        "Amazon GuardDuty",
        1550,
        (
            UsageKind("PaidEventsAnalyzed-Bytes", 0.6, "GB", 1.0),
            UsageKind("PaidEventsAnalyzed", 0.4, "Events", 0.000004),
        ),
        weekend=0.9,
    ),
    Service(
        "AWS Config",
        900,
        (UsageKind("ConfigurationItemRecorded", 1.0, "ConfigurationItemRecorded", 0.003),),
        weekend=0.7,
    ),
    Service(
        "AWS WAF",
        760,
        (UsageKind("WebACLV2", 0.3, "WebACL", 5.0), UsageKind("RequestV2-Tier1", 0.7, "Requests", 0.0000006)),
        weekend=1.08,
        where=("prod", "shared"),
    ),
    Service("AWS CloudTrail", 640, (UsageKind("PaidEventsRecorded", 1.0, "Events", 0.00002),), weekend=0.85),
    Service(
        SQS,
        460,
        (
            UsageKind("Requests-Tier1", 0.8, "Requests", 0.0000004),
            UsageKind("Requests-FIFO-Tier1", 0.2, "Requests", 0.0000005),
        ),
        where=("prod", "staging", "shared"),
    ),
    Service(
        ROUTE53,
        350,
        (UsageKind("DNS-Queries", 0.7, "Queries", 0.0000004), UsageKind("HostedZone", 0.03, "HostedZone", 0.5)),
        worldwide=True,
        where=("prod", "shared"),
    ),
    Service(
        "AWS Key Management Service",
        320,
        (UsageKind("KMS-Keys", 0.5, "Keys", 1.0), UsageKind("KMS-Requests", 0.5, "Requests", 0.000003)),
    ),
    Service(SECRETS, 45, (UsageKind("AWSSecretsManager-Secrets", 1.0, "Secrets", 0.40),)),
    Service(
        BEDROCK,
        5400,
        (
            UsageKind("Claude-input-tokens", 0.42, "1K tokens", 0.003),
            UsageKind("Claude-output-tokens", 0.58, "1K tokens", 0.015),
        ),
        weekend=0.6,
        growth=0.3,
        where=("ml", "prod"),
        pilot=0,
    ),
    Service(
        SAGEMAKER,
        5600,
        (
            UsageKind("Train:ml.g5.2xlarge", 0.55, "Hrs", 1.515),
            UsageKind("Host:ml.m5.xlarge", 0.45, "Hrs", 0.23),
        ),
        weekend=0.7,
        where=("ml",),
        pilot=1,
    ),
    Service(
        GLUE,
        1900,
        (UsageKind("ETL-DPU-Hour", 0.86, "DPU-Hour", 0.44), UsageKind("Crawler-DPU-Hour", 0.14, "DPU-Hour", 0.44)),
        weekend=0.85,
        where=("data",),
        pilot=2,
    ),
)
"""Every service that is used; fees and tax (`SAVINGS_PLANS`, `SUPPORT`, `TAX`) come on top, which makes thirty."""
