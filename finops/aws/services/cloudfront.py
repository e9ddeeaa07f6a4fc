"""CloudFront distributions. Origins, with the headers sent to them, and comments are not read."""

from __future__ import annotations

from finops.aws.fields import when
from finops.aws.listing import Kind, Step, reading

DISTRIBUTIONS = reading("cloudfront", "ListDistributions", "CloudFront distributions")

KINDS = (
    Kind(
        kind="cloudfront:distribution",
        title="CloudFront distribution",
        # An account without distributions is told by the quantity: the list itself is then left out.
        steps=(
            Step(DISTRIBUTIONS, "DistributionList.Items[]", {"MaxItems": "100"}, proof="DistributionList.Quantity"),
        ),
        resource_id="Id",
        arn="ARN",
        state="Status",
        tag_type="cloudfront:distribution",
        details={
            "enabled": "Enabled",
            "domain_name": "DomainName",
            "aliases": "Aliases.Items[]",
            "price_class": "PriceClass",
            "http_version": "HttpVersion",
            "last_modified": when("LastModifiedTime"),
        },
        scope="global",
        rate=5.0,
    ),
)
