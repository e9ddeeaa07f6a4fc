"""Idle caches: commands and new connections, of a replication group as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.elasticache_idle_cluster import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

FACTS: dict[str, Any] = {"state": "available", "engine": "redis", "node_type": "cache.r6g.large", "nodes": 1}
DETAILS = {name: FACTS[name] for name in ("engine", "node_type", "nodes")}
SILENT = {"reads": (0.0,) * 30, "writes": (0.0,) * 30, "new_connections": (0.0,) * 30}


@pytest.mark.parametrize("label", ["reads", "writes", "new_connections"])
@pytest.mark.parametrize(
    ("value", "verdict"), [(0.0, Verdict.FLAGGED), (1.0, Verdict.OK), (None, Verdict.UNDETERMINED)]
)
def test_a_command_or_a_connection_is_use(label: str, value: float | None, verdict: Verdict) -> None:
    assert judgement(CHECK, FACTS, series={**SILENT, label: (value,) * 30}).verdict is verdict


@pytest.mark.parametrize(("state", "verdict"), [("creating", Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)])
def test_only_what_serves(state: str | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, "state": state}, series=SILENT).verdict is verdict


def cache(name: str, **details: Any) -> Any:
    return asset("elasticache:cluster", name, "available", details={**DETAILS, **details})


def test_a_replica_stands_by_while_its_primary_works() -> None:
    caches = [
        cache("idle"),
        cache("busy-001", replication_group="busy"),
        cache("busy-002", replication_group="busy"),
        cache("old-001", replication_group="old"),
        cache("old-002", replication_group="old"),
    ]
    values = {
        (metric, "Sum", one.resource_id): [8 if one.resource_id == "busy-001" else 0] * 30
        for metric in ("NewConnections", "GetTypeCmds", "SetTypeCmds")
        for one in caches
    }
    at = desk(caches, {"GetMetricData": Metrics(values)})

    found = at.verdicts(CHECK)

    assert [name for name, one in found.items() if one.verdict is Verdict.FLAGGED] == ["idle", "old-001", "old-002"]
    assert found["busy-002"].verdict is Verdict.OK
    assert (found["idle"].saving.amount, found["idle"].saving.basis) == (Decimal("150.38"), Basis.DERIVED)
    commands = {one.resource_id: CHECK.remedy(one).command for one in at.measured(CHECK)[0]}
    assert "delete-cache-cluster --cache-cluster-id idle" in commands["idle"]
    assert "delete-replication-group --replication-group-id old" in commands["old-001"]


def test_memcached_has_its_own_commands_and_valkey_its_own_price() -> None:
    memcached, valkey = cache("mem", engine="memcached"), cache("val", engine="valkey")
    values: dict[tuple[str, str, str], list[float | None]] = {
        **{(metric, "Sum", "mem"): [0] * 30 for metric in ("NewConnections", "CmdGet", "CmdSet")},
        **{(metric, "Sum", "val"): [0] * 30 for metric in ("NewConnections", "GetTypeCmds", "SetTypeCmds")},
    }
    found = desk([memcached, valkey], {"GetMetricData": Metrics(values)}).verdicts(CHECK)

    assert found["mem"].saving.amount == Decimal("150.38")
    assert found["val"].saving.amount == Decimal("120.30")


def test_refused_metrics_say_nothing() -> None:
    at = desk([cache("c")])

    assert len(at.measured(CHECK)[1]) == 1
    assert at.verdicts(CHECK)["c"].verdict is Verdict.UNDETERMINED
