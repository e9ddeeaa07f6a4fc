"""A stand-in for AWS on loopback, in a process of its own: canned answers after a pause, some of them throttled.

    python -m bench.aws_server PORT '{"delay": 0.06, "sizes": {"instances": 200}}'

Who asks, and where, is read from the signature: account (the access key names it), region and service. A role is
assumed by anybody. Answers have the size and shape of real ones; what nobody reads is in them all the same.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
MEMBER = re.compile(r"arn:aws:iam::(\d{12}):role")
HOME = "us-east-1"
PAGE = 100
CREATED = "2026-10-01T08:00:00.000Z"
XML = "text/xml"


@dataclass(frozen=True)
class Estate:
    """What each place holds, how long an answer takes, and how many calls of a hundred are throttled."""

    delay: float = 0.06
    throttled: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)
    regions: tuple[str, ...] = (HOME,)

    def count(self, what: str) -> int:
        """How many of a kind each place holds."""
        return self.sizes.get(what, 0)


@dataclass(frozen=True)
class Ask:
    """One request as its signature and body tell it."""

    account: str
    region: str
    service: str
    action: str
    params: dict[str, Any]


def _tags_xml(number: int) -> str:
    pairs = {"Name": f"thing-{number}", "Environment": "production", "Owner": "team-a", "CostCenter": "CC-1001"}
    return "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in pairs.items())


def _place(ask: Ask) -> str:
    return f"{zlib.crc32(f'{ask.account}{ask.region}'.encode()):08x}"


def instances(ask: Ask, estate: Estate) -> str:
    """EC2's DescribeInstances."""
    items = "".join(
        f"<item><reservationId>r-{number}</reservationId><ownerId>{ask.account}</ownerId><instancesSet><item>"
        f"<instanceId>i-{_place(ask)}{number:09x}</instanceId><imageId>ami-1</imageId><instanceState><code>16</code>"
        f"<name>running</name></instanceState><privateDnsName>ip-10-0-0-1.ec2.internal</privateDnsName><dnsName/>"
        f"<reason/><keyName>ops</keyName><amiLaunchIndex>0</amiLaunchIndex><instanceType>m6i.large</instanceType>"
        f"<launchTime>{CREATED}</launchTime><placement><availabilityZone>{ask.region}a</availabilityZone><groupName/>"
        f"<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-1"
        f"</subnetId><vpcId>vpc-1</vpcId><privateIpAddress>10.0.0.1</privateIpAddress><sourceDestCheck>true"
        f"</sourceDestCheck><groupSet><item><groupId>sg-1</groupId><groupName>web</groupName></item></groupSet>"
        f"<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda"
        f"</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-{number:09x}"
        f"</volumeId><status>attached</status><attachTime>{CREATED}</attachTime><deleteOnTermination>true"
        f"</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm</virtualizationType>"
        f"<clientToken/><tagSet>{_tags_xml(number)}</tagSet><hypervisor>xen</hypervisor><networkInterfaceSet><item>"
        f"<networkInterfaceId>eni-{number}</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"
        f"<status>in-use</status><privateIpAddress>10.0.0.1</privateIpAddress></item></networkInterfaceSet>"
        f"<ebsOptimized>true</ebsOptimized><cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore>"
        f"</cpuOptions><metadataOptions><state>applied</state><httpTokens>required</httpTokens></metadataOptions>"
        f"</item></instancesSet></item>"
        for number in range(estate.count("instances"))
    )
    return f"<DescribeInstancesResponse><reservationSet>{items}</reservationSet></DescribeInstancesResponse>"


def volumes(ask: Ask, estate: Estate) -> str:
    """EC2's DescribeVolumes."""
    items = "".join(
        f"<item><volumeId>vol-{_place(ask)}{number:09x}</volumeId><size>100</size><snapshotId/><availabilityZone>"
        f"{ask.region}a</availabilityZone><status>in-use</status><createTime>{CREATED}</createTime><attachmentSet><item>"
        f"<volumeId>vol-{number:09x}</volumeId><instanceId>i-{_place(ask)}{number:09x}</instanceId><device>/dev/xvda"
        f"</device><status>attached</status><attachTime>{CREATED}</attachTime></item></attachmentSet>"
        f"<tagSet>{_tags_xml(number)}</tagSet><volumeType>gp3</volumeType><iops>3000</iops><encrypted>true</encrypted>"
        f"<throughput>125</throughput><multiAttachEnabled>false</multiAttachEnabled></item>"
        for number in range(estate.count("volumes"))
    )
    return f"<DescribeVolumesResponse><volumeSet>{items}</volumeSet></DescribeVolumesResponse>"


def databases(ask: Ask, estate: Estate) -> str:
    """RDS's DescribeDBInstances."""
    items = "".join(
        f"<DBInstance><DBInstanceIdentifier>db-{number}</DBInstanceIdentifier><DBInstanceClass>db.r6g.large"
        f"</DBInstanceClass><Engine>postgres</Engine><DBInstanceStatus>available</DBInstanceStatus><MasterUsername>root"
        f"</MasterUsername><Endpoint><Address>db.example</Address><Port>5432</Port></Endpoint><AllocatedStorage>200"
        f"</AllocatedStorage><InstanceCreateTime>{CREATED}</InstanceCreateTime><MultiAZ>true</MultiAZ><EngineVersion>16.4"
        f"</EngineVersion><StorageType>gp3</StorageType><StorageEncrypted>true</StorageEncrypted><DBInstanceArn>"
        f"arn:aws:rds:{ask.region}:{ask.account}:db:db-{number}</DBInstanceArn><TagList><Tag><Key>Owner</Key><Value>"
        f"team-a</Value></Tag></TagList></DBInstance>"
        for number in range(estate.count("databases"))
    )
    return (
        f"<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>{items}</DBInstances>"
        "</DescribeDBInstancesResult></DescribeDBInstancesResponse>"
    )


def functions(ask: Ask, estate: Estate) -> str:
    """Lambda's ListFunctions, in pages of fifty."""
    start = int(ask.params.get("Marker", ["0"])[0])
    numbers = range(start, min(start + 50, estate.count("functions")))
    found = [
        {
            "FunctionName": f"fn-{number}",
            "FunctionArn": f"arn:aws:lambda:{ask.region}:{ask.account}:function:fn-{number}",
            "Runtime": "python3.13",
            "Role": "arn:aws:iam::1:role/x",
            "Handler": "app.handler",
            "CodeSize": 12345,
            "Timeout": 30,
            "MemorySize": 512,
            "LastModified": "2026-10-01T08:00:00.000+0000",
            "Environment": {"Variables": {"PASSWORD": "hunter2", "STAGE": "production"}},
            "Architectures": ["arm64"],
            "EphemeralStorage": {"Size": 512},
        }
        for number in numbers
    ]
    more = {"NextMarker": str(numbers.stop)} if numbers.stop < estate.count("functions") else {}
    return json.dumps({"Functions": found, **more})


def buckets(ask: Ask, estate: Estate) -> str:
    """S3's ListBuckets: an equal share of them in each region."""
    regions = estate.regions
    items = "".join(
        f"<Bucket><Name>bucket-{ask.account}-{number}</Name><CreationDate>{CREATED}</CreationDate><BucketRegion>"
        f"{regions[number % len(regions)]}</BucketRegion></Bucket>"
        for number in range(estate.count("buckets"))
    )
    return f"<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets>{items}</Buckets></ListAllMyBucketsResult>"


def tagged(ask: Ask, estate: Estate) -> str:
    """The tagging API's GetResources: functions and buckets of the region, in pages of a hundred."""
    arns = [
        f"arn:aws:lambda:{ask.region}:{ask.account}:function:fn-{number}" for number in range(estate.count("functions"))
    ]
    arns += [
        f"arn:aws:s3:::bucket-{ask.account}-{number}"
        for number in range(estate.count("buckets"))
        if estate.regions[number % len(estate.regions)] == ask.region
    ]
    start = int(ask.params.get("PaginationToken") or 0)
    page = arns[start : start + PAGE]
    tags = [{"Key": "Owner", "Value": "team-a"}, {"Key": "Environment", "Value": "production"}]
    following = str(start + PAGE) if start + PAGE < len(arns) else ""
    return json.dumps(
        {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags} for arn in page], "PaginationToken": following}
    )


def identity(ask: Ask, _: Estate) -> str:
    """STS's GetCallerIdentity."""
    return (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ask.account}:user/bench</Arn><UserId>u"
        f"</UserId><Account>{ask.account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def role(ask: Ask, _: Estate) -> str:
    """STS's AssumeRole: the account's number is the middle of its key."""
    found = MEMBER.search(ask.params.get("RoleArn", [""])[0])
    key = f"ASIA{found[1] if found else '0' * 12}ROLE"
    return (
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s"
        "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )


ANSWERS = {
    ("ec2", "DescribeInstances"): instances,
    ("ec2", "DescribeVolumes"): volumes,
    ("rds", "DescribeDBInstances"): databases,
    ("lambda", "ListFunctions"): functions,
    ("s3", "ListBuckets"): buckets,
    ("tagging", "GetResources"): tagged,
    ("sts", "GetCallerIdentity"): identity,
    ("sts", "AssumeRole"): role,
}
EMPTY = {
    "DescribeAutoScalingGroups": "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups/>"
    "</DescribeAutoScalingGroupsResult></R>",
    "DescribeLoadBalancers": "<R><DescribeLoadBalancersResult><LoadBalancers/></DescribeLoadBalancersResult></R>",
    "DescribeCacheClusters": "<R><DescribeCacheClustersResult><CacheClusters/></DescribeCacheClustersResult></R>",
    "DescribeClusters": "<R><DescribeClustersResult><Clusters/></DescribeClustersResult></R>",
    "ListTopics": "<R><ListTopicsResult><Topics/></ListTopicsResult></R>",
    "DescribeNatGateways": "<R><natGatewaySet/></R>",
    "DescribeSnapshots": "<R><snapshotSet/></R>",
    "DescribeImages": "<R><imagesSet/></R>",
    "DescribeVpcs": "<R><vpcSet/></R>",
    "DescribeSubnets": "<R><subnetSet/></R>",
    "DescribeVpcEndpoints": "<R><vpcEndpointSet/></R>",
    "DescribeAddresses": "<R><addressesSet/></R>",
    "DescribeLogGroups": '{"logGroups": []}',
    "ListSecrets": '{"SecretList": []}',
    "DescribeRepositories": '{"repositories": []}',
    "DescribeFileSystems": '{"FileSystems": []}',
    "ListClustersV2": '{"clusterInfoList": []}',
    "ListTables": '{"TableNames": []}',
    "ListQueues": '{"QueueUrls": []}',
    "ListClusters": '{"clusters": [], "clusterArns": []}',
    "ListUserPools": '{"UserPools": []}',
}
BUCKET = {
    "location": "<LocationConstraint>{region}</LocationConstraint>",
    "tagging": "<Tagging><TagSet><Tag><Key>Owner</Key><Value>team-a</Value></Tag></TagSet></Tagging>",
    "acl": "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList/></AccessControlPolicy>",
    "versioning": "<VersioningConfiguration/>",
    "logging": "<BucketLoggingStatus/>",
    "notification": "<NotificationConfiguration/>",
}
"""What is asked of single buckets by those who ask it; everything else is not configured."""
ASKED_OF_BUCKET = re.compile(r"^/bucket-\d+-(\d+)/?\?([a-z-]+)")
REST = (
    (re.compile(r"^/2015-03-31/functions"), "ListFunctions"),
    (re.compile(r"^/2015-02-01/file-systems"), "DescribeFileSystems"),
    (re.compile(r"^/api/v2/clusters"), "ListClustersV2"),
    (re.compile(r"^/clusters"), "ListClusters"),
    (re.compile(r"^/(\?.*)?$"), "ListBuckets"),
)


def understood(path: str, headers: dict[str, str], body: str) -> Ask:
    """What a request asks."""
    scope = SCOPE.search(headers.get("authorization", ""))
    key, region, service = scope.groups() if scope else ("", HOME, "")
    account = key[4:16] if key[4:16].isdigit() else "111111111111"
    target = headers.get("x-amz-target", "")
    if target:
        return Ask(account, region, service, target.rpartition(".")[2], json.loads(body or "{}"))
    if "Action=" in body:
        form = parse_qs(body)
        return Ask(account, region, service, form["Action"][0], form)
    action = next((name for pattern, name in REST if pattern.match(path)), "")
    return Ask(account, region, service, action, parse_qs(path.partition("?")[2]))


class Server:
    """Answers after the pause. Answers are made once for each place: a client is measured, not this server."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.calls: dict[str, int] = {}
        self.chance = random.Random(7)
        self.made = lru_cache(maxsize=4096)(self._made)

    def _made(self, service: str, action: str, account: str, region: str, params: str) -> str:
        ask = Ask(account, region, service, action, json.loads(params))
        maker = ANSWERS.get((service, action))
        return maker(ask, self.estate) if maker else EMPTY.get(action, "{}")

    def answer(self, ask: Ask) -> tuple[int, str]:
        """Status and body."""
        name = f"{ask.service}:{ask.action}"
        self.calls[name] = self.calls.get(name, 0) + 1
        if ask.service != "sts" and self.chance.random() < self.estate.throttled:
            return 400, (
                '{"__type": "ThrottlingException", "message": "Rate exceeded"}'
                if (ask.action in EMPTY and EMPTY[ask.action].startswith("{")) or ask.service in {"lambda", "tagging"}
                else "<Response><Errors><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></Errors>"
                "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></Response>"
            )
        asked = {"Marker", "PaginationToken", "RoleArn"}
        params = json.dumps({name: value for name, value in ask.params.items() if name in asked}, sort_keys=True)
        return 200, self.made(ask.service, ask.action, ask.account, ask.region, params)

    def of_bucket(self, number: str, what: str) -> tuple[int, str]:
        """One of the many things that can be asked of a bucket."""
        self.calls["s3:of a bucket"] = self.calls.get("s3:of a bucket", 0) + 1
        region = self.estate.regions[int(number) % len(self.estate.regions)]
        if what not in BUCKET:
            return 404, "<Error><Code>NoSuchConfiguration</Code><Message>There is none.</Message></Error>"
        return 200, BUCKET[what].format(region=region)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One kept connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0") or 0))
                path = first.split(" ")[1]
                if path == "/__calls":
                    text, status = json.dumps(self.calls), 200
                    self.calls = {}
                else:
                    await asyncio.sleep(self.estate.delay)
                    asked = ASKED_OF_BUCKET.match(path)
                    ask = understood(path, headers, body.decode())
                    status, text = self.of_bucket(*asked.groups()) if asked else self.answer(ask)
                sent = text.encode()
                kind = XML if text.startswith("<") else "application/x-amz-json-1.1"
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
                    + sent
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main(port: int, settings: dict[str, Any]) -> None:
    """Serves until it is stopped."""
    estate = Estate(**{**settings, "regions": tuple(settings.get("regions", (HOME,)))})
    server = await asyncio.start_server(Server(estate).serve, "127.0.0.1", port, backlog=512)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(sys.argv[2])))
