"""DynamoDB tables."""

from __future__ import annotations

from finops.aws.fields import ITSELF, count, gauge, or_else
from finops.aws.listing import Kind, Step, reading

LIST_TABLES = reading("dynamodb", "ListTables", "DynamoDB tables")
DESCRIBE_TABLE = reading("dynamodb", "DescribeTable", "DynamoDB tables")

KINDS = (
    Kind(
        kind="dynamodb:table",
        title="DynamoDB table",
        steps=(
            Step(LIST_TABLES, "TableNames[]", {"Limit": 100}),
            Step(
                DESCRIBE_TABLE,
                "Table",
                each={"TableName": ITSELF},
                paged=False,
                vanished=("ResourceNotFoundException",),
            ),
        ),
        resource_id="TableName",
        name="TableName",
        arn="TableArn",
        state="TableStatus",
        created=("CreationDateTime",),
        tag_type="dynamodb:table",
        details={
            "capacity_mode": or_else("BillingModeSummary.BillingMode", "PROVISIONED"),
            "read_capacity_units": "ProvisionedThroughput.ReadCapacityUnits",
            "write_capacity_units": "ProvisionedThroughput.WriteCapacityUnits",
            "table_class": or_else("TableClassSummary.TableClass", "STANDARD"),
            "size_bytes": gauge("TableSizeBytes"),
            "items": gauge("ItemCount"),
            "global_indexes": count("GlobalSecondaryIndexes[].IndexName"),
            "replica_regions": "Replicas[].RegionName",
            "deletion_protection": "DeletionProtectionEnabled",
        },
    ),
)
