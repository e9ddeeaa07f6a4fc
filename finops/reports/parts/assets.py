"""Assets asked for: what the reports of inventory and of tags share."""

from __future__ import annotations

from finops.model.assets import Lifecycle
from finops.model.reports import Column
from finops.reports.definition import Parameter
from finops.reports.parts.savings import ACCOUNT, REGION

PARAMETERS = (
    ACCOUNT,
    REGION,
    Parameter("service", "Only these services, as in `ec2`; repeated or a comma list.", many=True),
    Parameter("kind", "Only these kinds, as in `ec2:instance`; repeated or a comma list.", many=True),
    Parameter("lifecycle", "Only `active`, `missing` or `gone` ones.", many=True, choices=tuple(map(str, Lifecycle))),
    Parameter("tag", "Only those with a tag: `Key`, `Key=value`, or `Key=` without it; repeated.", many=True),
    Parameter("search", "Every of these words in name, id, ARN or tags, whatever their case."),
)
"""The parameters of every report about assets."""

IDENTITY = (
    Column("asset_id", "Asset id"),
    Column("arn", "ARN"),
    Column("resource_id", "Resource id"),
    Column("name", "Name"),
    Column("kind", "Kind"),
    Column("service", "Service"),
    Column("account", "Account id"),
    Column("account_name", "Account"),
    Column("region", "Region"),
)
"""Which asset a row is about."""
