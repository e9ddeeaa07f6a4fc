"""Containers, functions and relational databases, made in moto."""

from __future__ import annotations

import io
import zipfile

from tests.aws.services.made import ACCOUNT, OWN, SECRET, Made, client, pairs


def containers() -> list[Made]:
    eks, ecs, ecr = client("eks"), client("ecs"), client("ecr")
    role = f"arn:aws:iam::{ACCOUNT}:role/eks"
    cluster = eks.create_cluster(name="prod", version="1.31", roleArn=role, resourcesVpcConfig={}, tags=OWN)["cluster"]
    nodes = eks.create_nodegroup(
        clusterName="prod",
        nodegroupName="spot",
        subnets=[],
        nodeRole=role,
        instanceTypes=["m6g.large", "m6g.xlarge"],
        capacityType="SPOT",
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
        diskSize=50,
        tags=OWN,
    )["nodegroup"]
    tags = pairs("key", "value")
    fleet = ecs.create_cluster(clusterName="fleet", tags=tags)["cluster"]["clusterArn"]
    task = ecs.register_task_definition(
        family="web",
        containerDefinitions=[
            {"name": "web", "image": "web", "memory": 64, "environment": [{"name": "PASSWORD", "value": SECRET}]}
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    service = ecs.create_service(
        cluster="fleet", serviceName="web", taskDefinition=task, desiredCount=2, launchType="EC2", tags=tags
    )["service"]["serviceArn"]
    repository = ecr.create_repository(repositoryName="team/web", tags=pairs())["repository"]["repositoryArn"]
    return [
        Made("eks:cluster", "prod", "prod", cluster["arn"], "ACTIVE", {"version": "1.31"}),
        Made(
            "eks:nodegroup",
            "prod/spot",
            "spot",
            nodes["nodegroupArn"],
            "ACTIVE",
            {
                "capacity_type": "SPOT",
                "instance_types": ["m6g.large", "m6g.xlarge"],
                "disk_size_gib": 50,
                "max_size": 4,
                "desired_size": 2,
            },
            (("member_of", "eks:cluster", "prod"),),
        ),
        Made("ecs:cluster", "fleet", "fleet", fleet, "ACTIVE", {"running_tasks": 0}),
        Made(
            "ecs:service",
            "fleet/web",
            "web",
            service,
            "ACTIVE",
            {"launch_type": "EC2", "desired_tasks": 2, "task_definition": "web:1"},
            (("member_of", "ecs:cluster", fleet),),
        ),
        Made("ecr:repository", "team/web", "team/web", repository, details={"scan_on_push": False}, tagged=False),
    ]


def _code() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("main.py", "def run(*_): ...")
    return file.getvalue()


def functions() -> list[Made]:
    role = client("iam").create_role(RoleName="run", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = client("lambda").create_function(
        FunctionName="resize",
        Runtime="python3.12",
        Role=role,
        Handler="main.run",
        Code={"ZipFile": _code()},
        MemorySize=512,
        Timeout=30,
        Description=SECRET,
        Environment={"Variables": {"PASSWORD": SECRET}},
        Tags=OWN,
    )
    return [
        Made(
            "lambda:function",
            "resize",
            "resize",
            made["FunctionArn"],
            details={"runtime": "python3.12", "memory_mb": 512, "timeout_seconds": 30},
        )
    ]


def databases() -> list[Made]:
    rds = client("rds")
    login = {"MasterUsername": "admin", "MasterUserPassword": SECRET}
    instance = rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.m5.large",
        Engine="postgres",
        AllocatedStorage=200,
        StorageType="gp3",
        MultiAZ=True,
        BackupRetentionPeriod=7,
        Tags=pairs(),
        **login,
    )["DBInstance"]
    cluster = rds.create_db_cluster(DBClusterIdentifier="ledger", Engine="aurora-mysql", Tags=pairs(), **login)[
        "DBCluster"
    ]
    snapshot = rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-old", Tags=pairs())[
        "DBSnapshot"
    ]
    whole = rds.create_db_cluster_snapshot(
        DBClusterIdentifier="ledger", DBClusterSnapshotIdentifier="ledger-old", Tags=pairs()
    )["DBClusterSnapshot"]
    return [
        Made(
            "rds:db",
            "orders",
            "orders",
            instance["DBInstanceArn"],
            "available",
            {"instance_class": "db.m5.large", "engine": "postgres", "storage_gib": 200, "multi_az": True},
        ),
        Made("rds:cluster", "ledger", "ledger", cluster["DBClusterArn"], "available", {"engine": "aurora-mysql"}),
        Made(
            "rds:snapshot",
            "orders-old",
            "orders-old",
            snapshot["DBSnapshotArn"],
            details={"snapshot_type": "manual", "storage_gib": 200},
            links=(("made_from", "rds:db", "orders"),),
        ),
        Made(
            "rds:cluster-snapshot",
            "ledger-old",
            "ledger-old",
            whole["DBClusterSnapshotArn"],
            links=(("made_from", "rds:cluster", "ledger"),),
        ),
    ]
