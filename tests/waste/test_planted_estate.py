"""An estate with planted waste and near misses, under all checks at once: every plant is found, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.model.assets import Link
from finops.model.findings import Verdict
from finops.waste.checks import checks
from finops.waste.running import judgements, measurement
from tests.aws.standins import Refusal
from tests.waste.kit import OWN, REGION, Metrics, asset, desk

if TYPE_CHECKING:
    from finops.model.assets import Asset

DAYS = 30
ARN = f"arn:aws:elasticloadbalancing:{REGION}:{OWN}"
WHOLE = ("ec2:instance", "ec2:volume", "ec2:snapshot", "ec2:image", "ec2:elastic-ip", "elb:targetgroup", "rds:db")


class Estate:
    """Assets, their metrics, what they point to, and the checks each is planted for."""

    def __init__(self) -> None:
        self.assets: list[Asset] = []
        self.values: dict[tuple[str, str, str], list[float | None]] = {}
        self.links: dict[str, tuple[Link, ...]] = {}
        self.health: dict[str, list[str]] = {}
        self.planted: set[tuple[str, str]] = set()

    def plant(self, one: Asset, *found: str, links: tuple[Link, ...] = ()) -> None:
        """Puts an asset down; `found` are the checks that must flag it, and no other may."""
        self.assets.append(one)
        self.planted |= {(check, one.resource_id) for check in found}
        if links:
            self.links[one.resource_id] = links

    def instance(self, name: str, average: float, maximum: float, *found: str, days: int = DAYS, **more: Any) -> None:
        details = {"instance_type": "m6i.2xlarge", "platform": "Linux/UNIX", "tenancy": "default", **more}
        self.plant(asset("ec2:instance", name, "running", details=details), *found)
        for statistic, level in (("Average", average), ("Maximum", maximum)):
            self.values["CPUUtilization", statistic, name] = [None] * (DAYS - days) + [level] * days
        for metric in ("NetworkIn", "NetworkOut"):
            self.values[metric, "Sum", name] = [1e6] * DAYS

    def volume(self, name: str, operations: float | None, *found: str, to: str = "i-busy", **more: Any) -> None:
        details = {
            "size_gib": 100,
            "volume_type": "gp3",
            "iops": 3000,
            "throughput_mibps": 125,
            **more.pop("details", {}),
        }
        attached = (Link("attached_to", "ec2:instance", to),) if to else ()
        state = "in-use" if to else "available"
        self.plant(asset("ec2:volume", name, state, details=details, **more), *found, links=attached)
        if operations is not None:
            for metric in ("VolumeReadOps", "VolumeWriteOps"):
                self.values[metric, "Sum", name] = [operations] * DAYS

    def balancer(self, name: str, kind: str, traffic: float, *found: str, targets: list[str] | None = None) -> None:
        prefix = {"application": "app", "network": "net"}[kind]
        path = f"{prefix}/{name}/0123456789abcdef"
        arn = f"{ARN}:loadbalancer/{path}"
        self.plant(asset("elb:loadbalancer", name, "active", arn=arn, details={"type": kind}), *found)
        for metric in ("RequestCount", "NewFlowCount", "ProcessedBytes"):
            self.values[metric, "Sum", path] = [traffic] * DAYS
        if targets is not None:
            group = f"{ARN}:targetgroup/{name}-tg/0123456789abcdef"
            link = (Link("attached_to", "elb:loadbalancer", arn),)
            details = {"target_type": "instance"}
            self.plant(asset("elb:targetgroup", f"{name}-tg", arn=group, details=details), links=link)
            self.health[group] = targets


def estate() -> Estate:
    at = Estate()
    for part in (instances, volumes, balancers, network, databases, snapshots):
        part(at)
    return at


def instances(at: Estate) -> None:
    idle, small = "aws.ec2.idle_instance", "aws.ec2.underused_instance"
    at.instance("i-busy", 45, 90)
    at.instance("i-idle", 2, 8, idle, small)
    at.instance("i-average-5", 5, 9, small)
    at.instance("i-maximum-10", 2, 10, small)
    at.instance("i-maximum-40", 20, 40, small)
    at.instance("i-maximum-41", 20, 40.5)
    at.instance("i-13-days", 2, 8, idle, small, days=13)
    at.instance("i-12-days", 2, 8, days=12)
    at.instance("i-talks", 2, 8, small)
    for metric in ("NetworkIn", "NetworkOut"):
        at.values[metric, "Sum", "i-talks"] = [3e6] * DAYS
    at.instance("i-old", 45, 90, "aws.ec2.old_generation_instance", instance_type="m4.xlarge")
    at.plant(asset("ec2:instance", "i-null-state", "", details={"instance_type": "m6i.2xlarge"}))


def volumes(at: Estate) -> None:
    at.volume("vol-used", 500)
    at.volume("vol-silent", 0, "aws.ebs.idle_volume")
    at.volume("vol-unknown", None)
    at.volume("vol-6-days", None, to="", age_days=6)
    at.volume("vol-8-days", None, "aws.ebs.unattached_volume", to="", age_days=8)
    at.volume("vol-gp2", 500, "aws.ebs.gp2_volume", details={"volume_type": "gp2", "size_gib": 1000})
    at.volume("vol-io1", 500, "aws.ebs.provisioned_iops_volume", details={"volume_type": "io1", "iops": 4000})


def balancers(at: Estate) -> None:
    lazy = "aws.elb.idle_load_balancer"
    at.balancer("alb-used", "application", 5000, targets=["healthy"])
    at.balancer("alb-no-target", "application", 5000, lazy, targets=[])
    at.balancer("alb-sick", "application", 5000, lazy, targets=["unhealthy"])
    at.balancer("nlb-no-group", "network", 1e9, lazy)
    at.balancer("nlb-used", "network", 1e9, targets=["healthy", "unhealthy"])


def network(at: Estate) -> None:
    at.plant(asset("ec2:elastic-ip", "eip-free", "unassociated"), "aws.ec2.unassociated_address")
    at.plant(asset("ec2:elastic-ip", "eip-used", "associated"))
    at.plant(
        asset("ec2:natgateway", "nat-idle", "available", details={"connectivity": "public"}), "aws.ec2.idle_nat_gateway"
    )
    at.plant(asset("ec2:natgateway", "nat-used", "available", details={"connectivity": "public"}))
    at.plant(asset("ec2:natgateway", "nat-unknown", "available", details={"connectivity": "public"}))
    for metric in ("BytesOutToDestination", "BytesOutToSource", "BytesInFromDestination", "BytesInFromSource"):
        at.values[metric, "Sum", "nat-idle"] = [0.0] * DAYS
        at.values[metric, "Sum", "nat-used"] = [1e9] * DAYS


def databases(at: Estate) -> None:
    database = {"engine": "postgres", "engine_version": "17.4", "instance_class": "db.r6g.2xlarge", "storage_gib": 100}
    at.plant(
        asset("rds:db", "db-idle", "available", details=database), "aws.rds.idle_instance", "aws.rds.underused_instance"
    )
    at.plant(asset("rds:db", "db-used", "available", details=database))
    at.plant(asset("rds:db", "db-unknown", "available", details=database))
    for name, connections, cpu in (("db-idle", 0.0, 5.0), ("db-used", 40.0, 55.0)):
        at.values["DatabaseConnections", "Maximum", name] = [connections] * DAYS
        at.values["CPUUtilization", "Average", name] = [cpu] * DAYS
        at.values["CPUUtilization", "Maximum", name] = [cpu * 1.5] * DAYS


def snapshots(at: Estate) -> None:
    at.plant(asset("ec2:snapshot", "snap-old", "completed", age_days=120, details={"size_gib": 500}),
             "aws.ebs.old_snapshot", links=(Link("made_from", "ec2:volume", "vol-used"),))  # fmt: skip
    at.plant(asset("ec2:snapshot", "snap-90", "completed", age_days=90, details={"size_gib": 500}),
             links=(Link("made_from", "ec2:volume", "vol-used"),))  # fmt: skip
    at.plant(asset("ec2:snapshot", "snap-orphan", "completed", age_days=40, details={"size_gib": 500}),
             "aws.ec2.orphan_image", links=(Link("made_from", "ec2:volume", "vol-long-gone"),))  # fmt: skip


def answers(at: Estate) -> dict[str, Any]:
    def health(params: dict[str, Any]) -> dict[str, Any]:
        states = at.health[params["TargetGroupArn"]]
        return {"TargetHealthDescriptions": [
            {"Target": {"Id": f"i-{number}"}, "TargetHealth": {"State": state}} for number, state in enumerate(states)
        ]}  # fmt: skip

    return {
        "GetMetricData": Metrics(at.values),
        "DescribeTargetHealth": health,
        "DescribeLaunchTemplateVersions": lambda _: {"LaunchTemplateVersions": []},
        "DescribeLaunchConfigurations": lambda _: {"LaunchConfigurations": []},
        "GetEnrollmentStatus": lambda _: {"status": "Inactive"},
        "ListEnrollmentStatuses": lambda _: {"items": []},
        "DescribeBudgets": lambda _: {"Budgets": [{"BudgetName": "all"}]},
        "GetAnomalyMonitors": lambda _: {"AnomalyMonitors": [{"MonitorName": "all", "MonitorType": "DIMENSIONAL"}]},
        "DescribeReservedInstances": lambda _: {"ReservedInstances": []},
        "DescribeReservedDBInstances": lambda _: {"ReservedDBInstances": []},
        "DescribeSavingsPlans": lambda _: {"savingsPlans": []},
        "GetCallerIdentity": lambda _: {"Account": OWN, "Arn": f"arn:aws:iam::{OWN}:root"},
    }


def flagged(at: Estate, script: dict[str, Any]) -> set[tuple[str, str]]:
    complete = [(kind, OWN, REGION) for kind in WHOLE]
    context = desk(at.assets, script, links=at.links, complete=complete).context
    return {
        (check.check_id, one.observation.resource_id)
        for check in checks()
        for one in judgements(measurement(check, context), check.defaults)
        if one.judgement.verdict is Verdict.FLAGGED
    }


def test_every_plant_is_found_and_nothing_else() -> None:
    at = estate()

    assert flagged(at, answers(at)) == at.planted


def test_without_metrics_only_what_needs_none_is_found() -> None:
    at = estate()
    measured = {
        *("aws.ec2.idle_instance", "aws.ec2.underused_instance", "aws.ebs.idle_volume", "aws.ec2.idle_nat_gateway"),
        *("aws.rds.idle_instance", "aws.rds.underused_instance"),
    }

    found = flagged(at, answers(at) | {"GetMetricData": lambda _: Refusal("AccessDenied")})

    assert found == {plant for plant in at.planted if plant[0] not in measured}
