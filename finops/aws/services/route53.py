"""Route 53 hosted zones. AWS allows an account five Route 53 calls a second."""

from __future__ import annotations

from finops.aws.fields import gauge, last
from finops.aws.listing import Kind, Step, reading

ZONES = reading("route53", "ListHostedZones", "Route 53 hosted zones")

KINDS = (
    Kind(
        kind="route53:hostedzone",
        title="Route 53 hosted zone",
        steps=(Step(ZONES, "HostedZones[]", {"MaxItems": "100"}),),
        resource_id=last("Id"),
        name="Name",
        arn="arn:{partition}:route53:::hostedzone/{id}",
        tag_type="route53:hostedzone",
        details={
            "private": "Config.PrivateZone",
            "records": gauge("ResourceRecordSetCount"),
            "managed_by": "LinkedService.ServicePrincipal",
        },
        scope="global",
        rate=4.0,
    ),
)
