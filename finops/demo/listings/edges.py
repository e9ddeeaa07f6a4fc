"""S3, CloudFront and Route 53: one list for all regions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Listing, Page, listing_answers

if TYPE_CHECKING:
    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_BUCKET_PAGE = Page(
    "ContinuationToken", "ContinuationToken", "MaxBuckets", usual=10_000, most=10_000, code="InvalidArgument"
)
_ZONE_PAGE = Page("Marker", "NextMarker", "MaxItems", usual=100, most=300, cap=100, code="InvalidInput")
_DISTRIBUTION_PAGE = Page("Marker", "NextMarker", "MaxItems", usual=100, most=1000, cap=100, code="InvalidArgument")


def _bucket_kept(request: Request, bucket: Resource) -> bool:
    region = request.params.get("BucketRegion")
    return bucket.id.startswith(request.params.get("Prefix") or "") and region in {None, bucket.region}


def _bucket_closing(request: Request, _: bool) -> dict[str, Any]:
    prefix = request.params.get("Prefix")
    owner = {"ID": f"{int(request.account):064x}"}
    return {"Owner": owner} | ({"Prefix": prefix} if prefix else {})


def _zone_closing(request: Request, more: bool) -> dict[str, Any]:
    return {
        "Marker": request.params.get("Marker", ""),
        "MaxItems": str(request.params.get("MaxItems", "100")),
        "IsTruncated": more,
    }


_BUCKETS = Listing(
    "s3",
    "ListBuckets",
    "s3:bucket",
    "Buckets",
    _BUCKET_PAGE,
    keep=_bucket_kept,
    honours=("Prefix", "BucketRegion"),
    everywhere=True,
    closing=_bucket_closing,
)
_PLAIN_BUCKETS = replace(_BUCKETS, shown=lambda one: {name: one.item[name] for name in ("Name", "CreationDate")})
_ZONES = Listing(
    "route53", "ListHostedZones", "route53:hostedzone", "HostedZones", _ZONE_PAGE, worldwide=True, closing=_zone_closing
)
_DISTRIBUTIONS = Listing(
    "cloudfront", "ListDistributions", "cloudfront:distribution", "Items", _DISTRIBUTION_PAGE, worldwide=True, bare=True
)


def answers(census: Census) -> dict[tuple[str, str], Answer]:
    """The answers of the three services."""
    listed = listing_answers((_BUCKETS, _ZONES, _DISTRIBUTIONS), census)
    paged, plain = listed["s3", "ListBuckets"], listing_answers((_PLAIN_BUCKETS,), census)["s3", "ListBuckets"]
    distributions = listed["cloudfront", "ListDistributions"]

    def buckets(request: Request) -> dict[str, Any]:
        """The region of each bucket is told to those who use any of the parameters."""
        return paged(request) if request.params else plain(request)

    def enveloped(request: Request) -> dict[str, Any]:
        answer = distributions(request)
        envelope = {
            "Marker": request.params.get("Marker", ""),
            "MaxItems": int(request.params.get("MaxItems", 100)),
            "IsTruncated": "NextMarker" in answer,
            "Quantity": len(answer.get("Items", ())),
        }
        return {"DistributionList": {**envelope, **answer}}

    return {**listed, ("s3", "ListBuckets"): buckets, ("cloudfront", "ListDistributions"): enveloped}
