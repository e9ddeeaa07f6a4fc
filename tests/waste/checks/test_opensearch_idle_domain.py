"""Idle OpenSearch domains."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.opensearch_idle_domain import CHECK
from tests.waste.kit import OWN, Metrics, asset, desk, judgement


@pytest.mark.parametrize(
    ("searches", "indexed", "verdict"),
    [
        (0.0, 0.0, Verdict.FLAGGED),
        (1.0, 0.0, Verdict.OK),
        (0.0, 1.0, Verdict.OK),
        (None, 0.0, Verdict.UNDETERMINED),
        (None, 1.0, Verdict.OK),
    ],
)
def test_a_search_or_a_document_is_use(searches: float | None, indexed: float | None, verdict: Verdict) -> None:
    series = {"searches": (searches,) * 30, "indexed": (indexed,) * 30}

    assert judgement(CHECK, {"instances": 1}, series=series).verdict is verdict


@pytest.mark.parametrize(("allowed", "verdict"), [(99, Verdict.OK), (100, Verdict.FLAGGED)])
def test_a_little_may_be_allowed_for(allowed: int, verdict: Verdict) -> None:
    series = {"searches": (100.0,) * 30, "indexed": (0.0,) * 30}

    assert judgement(CHECK, {}, {"requests_day": allowed}, series=series).verdict is verdict


def test_the_saving_counts_masters_and_does_not_guess_warm_nodes() -> None:
    details = {"instance_type": "r6g.xlarge.search", "instances": 2}
    masters = {"dedicated_masters": 3, "dedicated_master_type": "m6g.large.search"}
    domains = [
        asset("opensearch:domain", "plain", details=details),
        asset("opensearch:domain", "masters", details={**details, **masters}),
        asset("opensearch:domain", "warm", details={**details, "warm_nodes": 2}),
    ]
    values = {
        (metric, "Sum", one.resource_id): [0] * 30 for metric in ("SearchRate", "IndexingRate") for one in domains
    }
    at = desk(domains, {"GetMetricData": Metrics(values)})

    found = at.verdicts(CHECK)

    assert (found["plain"].saving.amount, found["plain"].saving.basis) == (Decimal("489.10"), Basis.DERIVED)
    assert found["masters"].saving.amount == Decimal("769.42")
    assert found["warm"].saving.basis is Basis.NONE
    asked = at.wire.asked[0][1]["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"]
    assert {"Name": "ClientId", "Value": OWN} in asked


def test_refused_metrics_say_nothing() -> None:
    at = desk([asset("opensearch:domain", "d")])

    assert len(at.measured(CHECK)[1]) == 1
    assert at.verdicts(CHECK)["d"].verdict is Verdict.UNDETERMINED
