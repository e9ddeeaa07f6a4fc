"""Every listing operation that the demo answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.demo.listings import compute, containers, edges, serverless, stores
from finops.demo.listings.grammar import Answer, listing_answers
from finops.demo.listings.tags import Tagging

if TYPE_CHECKING:
    from finops.demo.population.everything import Census


def inventory_answers(census: Census) -> dict[tuple[str, str], Answer]:
    """The answers about resources, by botocore's service name and the operation."""
    return {
        **listing_answers((*compute.LISTINGS, *serverless.LISTINGS), census),
        **containers.answers(census),
        **stores.answers(census),
        **edges.answers(census),
        ("ec2", "DescribeRegions"): compute.regions,
        ("resourcegroupstaggingapi", "GetResources"): Tagging(census).get_resources,
    }
