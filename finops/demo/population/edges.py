"""Buckets, distributions and zones: what is reached by name from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import CLOUDFRONT, ROUTE53, S3
from finops.demo.population.functions import FAKE_SECRET
from finops.demo.population.life import created
from finops.demo.population.naming import stacked
from finops.demo.population.resource import BUSY, FORGOTTEN, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.estate import DemoAccount
    from finops.demo.population.ground import Ground

_DOLLARS_A_BUCKET = 190
_PURPOSES = ("raw-events", "assets", "exports", "backups", "logs", "models", "reports", "uploads", "athena-results")
_DISTRIBUTIONS, _ZONES = 9, {"prod": 11, "shared": 4}
_SITES = ("www", "shop", "static", "img", "api", "docs", "m", "status", "partners")


def buckets(ground: Ground) -> Iterator[Resource]:
    """S3 buckets; their names are unique in the world."""
    if S3 not in ground.services:
        return
    for index in range(2 + round(ground.dollars(S3) / _DOLLARS_A_BUCKET)):
        badge, life = ground.badge("s3", index), ground.settled("s3", index)
        purpose = _PURPOSES[index % len(_PURPOSES)]
        name = f"{ground.account.name}-{badge.app}-{purpose}-{ground.code('s3', index)[1:7]}"
        arn = f"arn:aws:s3:::{name}"
        item = {"Name": name, "CreationDate": created(life, arn), "BucketRegion": ground.region, "BucketArn": arn}
        forgotten = index % 7 == 6  # noqa: PLR2004 - one in seven
        bills = ground.bills(S3, name, weight=1 if forgotten else 3 + ground.number("s3", name) % 90)
        tags, role = stacked(badge.tags, ground, name), FORGOTTEN if forgotten else BUSY
        yield Resource("s3:bucket", ground.owner, ground.region, name, arn, life, item, tags, role, bills)


def distributions(ground: Ground) -> Iterator[Resource]:
    """CloudFront distributions of a worldwide ground. Their origins carry a header that nobody may see."""
    if CLOUDFRONT not in ground.services:
        return
    for index in range(_DISTRIBUTIONS):
        badge, life = ground.badge("cdn", index), ground.settled("cdn", index)
        identifier = f"E{ground.code('cdn', index)[1:14].upper()}"
        arn = f"arn:aws:cloudfront::{ground.owner}:distribution/{identifier}"
        role = FORGOTTEN if index == _DISTRIBUTIONS - 1 else QUIET if index % 3 == 2 else BUSY  # noqa: PLR2004 - some
        item = _distribution(ground, identifier, index, enabled=role != FORGOTTEN)
        item |= {"ARN": arn, "LastModifiedTime": created(life, arn)}
        weight = {FORGOTTEN: 0, QUIET: 1}.get(role, 5 + ground.number("cdn", index) % 60)
        bills = ground.bills(CLOUDFRONT, arn, weight=weight) if weight else ()
        yield Resource(
            "cloudfront:distribution", ground.owner, ground.region, identifier, arn, life, item, badge.tags, role, bills
        )


def _distribution(ground: Ground, identifier: str, index: int, *, enabled: bool) -> dict[str, Any]:
    origin = {
        "Id": "origin",
        "DomainName": f"origin-{index}.{_domain(ground.account)}",
        "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Secret", "HeaderValue": FAKE_SECRET}]},
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    return {
        "Id": identifier,
        "Status": "Deployed",
        "DomainName": f"d{ground.code('cdn', index)[1:14]}.cloudfront.net",
        "Aliases": {"Quantity": 1, "Items": [f"{_SITES[index % len(_SITES)]}.{_domain(ground.account)}"]},
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "origin", "ViewerProtocolPolicy": "redirect-to-https"},
        "CacheBehaviors": {"Quantity": 0},
        "CustomErrorResponses": {"Quantity": 0},
        "Comment": "",
        "PriceClass": "PriceClass_All" if index % 2 else "PriceClass_100",
        "Enabled": enabled,
        "ViewerCertificate": {"CloudFrontDefaultCertificate": False},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2and3",
        "IsIPV6Enabled": True,
        "Staging": False,
    }


def zones(ground: Ground) -> Iterator[Resource]:
    """Route 53 zones of a worldwide ground, public and private."""
    if ROUTE53 not in ground.services:
        return
    for index in range(_ZONES.get(ground.kind, 2)):
        private = index % 3 == 2  # noqa: PLR2004 - one in three
        code = f"Z{ground.code('zone', index)[1:14].upper()}"
        label = "" if index == 0 else f"{('eu', 'corp', 'internal', 'dev', 'old')[index % 5]}{index}."
        badge, life = ground.badge("zone", index), ground.settled("zone", index)
        item = {
            "Id": f"/hostedzone/{code}",
            "Name": f"{label}{_domain(ground.account)}.",
            "CallerReference": f"terraform-{code}",
            "Config": {"Comment": "", "PrivateZone": private},
            "ResourceRecordSetCount": 2 if index % 5 == 4 else 6 + ground.number("records", index) % 90,  # noqa: PLR2004
        }
        arn = f"arn:aws:route53:::hostedzone/{code}"
        usages = ("HostedZone",) if private else ("HostedZone", "DNS-Queries")
        bills, role = ground.bills(ROUTE53, arn, *usages), FORGOTTEN if index % 5 == 4 else BUSY  # noqa: PLR2004
        yield Resource(
            "route53:hostedzone", ground.owner, ground.region, code, arn, life, item, badge.tags, role, bills
        )


def _domain(account: DemoAccount) -> str:
    return f"{account.name}.example.com"
