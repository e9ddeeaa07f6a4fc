"""Every operation about resources that the demo answers: listings, and what checks ask beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.demo.listings import compute, containers, edges, pricing, serverless, stores
from finops.demo.listings.buckets import Buckets
from finops.demo.listings.commitments import Commitments
from finops.demo.listings.grammar import Answer, listing_answers
from finops.demo.listings.guardrails import Guardrails
from finops.demo.listings.health import Health
from finops.demo.listings.hub import Hub
from finops.demo.listings.launching import Launching
from finops.demo.listings.optimizer import Optimizer
from finops.demo.listings.support import Support
from finops.demo.listings.tags import Tagging
from finops.demo.listings.upkeep import Upkeep
from finops.demo.metrics.answers import CloudWatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.demo.estate import Estate
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


def check_answers(estate: Estate, census: Census, now: Callable[[], datetime]) -> dict[tuple[str, str], Answer]:
    """The answers to what the checks for waste ask beyond the inventory."""
    return {
        ("cloudwatch", "GetMetricData"): CloudWatch(census, now).get_metric_data,
        **Health(census).answers(),
        **Launching(census).answers(),
        **Support(census).answers(),
        **Buckets(census).answers(),
        **Upkeep(census).answers(),
        **Commitments(estate, census).answers(),
        **Guardrails(estate).answers(),
        **Hub(estate, census).answers(),
        **Optimizer(estate, census).answers(),
        **pricing.answers(),
    }
