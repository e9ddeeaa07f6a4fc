"""Other stores, edges and application services, made in moto."""

from __future__ import annotations

import json

from tests.aws.services.made import OWN, REGION, SECRET, Made, arn, client, pairs


def stores() -> list[Made]:
    cache = client("elasticache").create_cache_cluster(
        CacheClusterId="sessions", Engine="memcached", CacheNodeType="cache.m6g.large", NumCacheNodes=2, Tags=pairs()
    )["CacheCluster"]
    table = client("dynamodb").create_table(
        TableName="carts",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": 20},
        Tags=pairs(),
    )["TableDescription"]
    domain = client("opensearch").create_domain(
        DomainName="search",
        EngineVersion="OpenSearch_2.13",
        ClusterConfig={"InstanceType": "r6g.large.search", "InstanceCount": 3},
        EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 100},
        AdvancedSecurityOptions={
            "Enabled": True,
            "MasterUserOptions": {"MasterUserName": "admin", "MasterUserPassword": SECRET},
        },
        TagList=pairs(),
    )["DomainStatus"]
    warehouse = client("redshift").create_cluster(
        ClusterIdentifier="warehouse",
        NodeType="ra3.xlplus",
        NumberOfNodes=2,
        ClusterType="multi-node",
        MasterUsername="admin",
        MasterUserPassword="Hunter22",
        Tags=pairs(),
    )["Cluster"]
    files = client("efs").create_file_system(CreationToken="home", Tags=pairs())["FileSystemId"]
    broker = client("kafka").create_cluster_v2(
        ClusterName="events",
        Tags=OWN,
        Provisioned={
            "BrokerNodeGroupInfo": {
                "InstanceType": "kafka.m5.large",
                "ClientSubnets": ["subnet-0123456789abcdef0"],
                "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 500}},
            },
            "KafkaVersion": "3.6.0",
            "NumberOfBrokerNodes": 3,
        },
    )["ClusterArn"]
    return [
        Made("elasticache:cluster", "sessions", "sessions", cache["ARN"], details={"nodes": 2}, tagged=False),
        Made(
            "dynamodb:table",
            "carts",
            "carts",
            table["TableArn"],
            "ACTIVE",
            {"capacity_mode": "PROVISIONED", "read_capacity_units": 50, "write_capacity_units": 20},
        ),
        Made(
            "opensearch:domain",
            "search",
            "search",
            domain["ARN"],
            details={"instance_type": "r6g.large.search", "instances": 3, "volume_gib": 100},
            tagged=False,
        ),
        Made(
            "redshift:cluster",
            "warehouse",
            "warehouse",
            arn("redshift", "cluster:warehouse"),
            details={"node_type": warehouse["NodeType"], "nodes": 2},
        ),
        Made("efs:filesystem", files, "checkout", arn("elasticfilesystem", f"file-system/{files}")),
        Made(
            "kafka:cluster",
            "events",
            "events",
            broker,
            "CREATING",
            {"instance_type": "kafka.m5.large", "brokers": 3, "broker_volume_gib": 500},
        ),
    ]


def edges() -> list[Made]:
    s3, front, zones = client("s3"), client("cloudfront"), client("route53")
    s3.create_bucket(Bucket="raw-events", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket="raw-events", Tagging={"TagSet": pairs()})
    origin = {
        "Id": "site",
        "DomainName": "raw-events.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Key", "HeaderValue": SECRET}]},
    }
    config = {
        "CallerReference": "one",
        "Comment": SECRET,
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": ["www.example.com"]},
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "allow-all"},
    }
    site = front.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": pairs()}}
    )["Distribution"]
    zone = zones.create_hosted_zone(
        Name="example.com.", CallerReference="one", HostedZoneConfig={"Comment": SECRET, "PrivateZone": False}
    )["HostedZone"]["Id"]
    zones.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[-1], AddTags=pairs())
    return [
        Made("s3:bucket", "raw-events", "raw-events", "arn:aws:s3:::raw-events"),
        Made(
            "cloudfront:distribution",
            site["Id"],
            "checkout",
            site["ARN"],
            details={"enabled": True, "aliases": ["www.example.com"], "domain_name": site["DomainName"]},
        ),
        Made(
            "route53:hostedzone",
            zone.split("/")[-1],
            "example.com.",
            f"arn:aws:route53:::hostedzone/{zone.split('/')[-1]}",
            details={"private": False},
            tagged=False,
        ),
    ]


def services() -> list[Made]:
    pool = client("cognito-idp").create_user_pool(PoolName="people", UserPoolTags=OWN)["UserPool"]
    identities = client("cognito-identity").create_identity_pool(
        IdentityPoolName="guests", AllowUnauthenticatedIdentities=False, IdentityPoolTags=OWN
    )["IdentityPoolId"]
    rest = client("apigateway").create_rest_api(name="orders", description=SECRET, tags=OWN)["id"]
    http = client("apigatewayv2").create_api(Name="events", ProtocolType="HTTP", Tags=OWN)["ApiId"]
    client("sqs").create_queue(QueueName="jobs.fifo", Attributes={"FifoQueue": "true"}, tags=OWN)
    topic = client("sns").create_topic(Name="alerts", Tags=pairs())["TopicArn"]
    secret = client("secretsmanager").create_secret(
        Name="prod/db", SecretString=json.dumps({"password": SECRET}), Description=SECRET, Tags=pairs()
    )["ARN"]
    logs = client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/resize", tags=OWN)
    logs.put_retention_policy(logGroupName="/aws/lambda/resize", retentionInDays=30)
    return [
        Made("cognito:userpool", pool["Id"], "people", arn("cognito-idp", f"userpool/{pool['Id']}"), tagged=False),
        Made(
            "cognito:identitypool",
            identities,
            "guests",
            arn("cognito-identity", f"identitypool/{identities}"),
            tagged=False,
        ),
        Made("apigateway:restapi", rest, "orders", arn("apigateway", f"/restapis/{rest}", account="")),
        Made(
            "apigateway:api",
            http,
            "events",
            arn("apigateway", f"/apis/{http}", account=""),
            details={"protocol": "HTTP"},
        ),
        Made("sqs:queue", "jobs.fifo", "jobs.fifo", arn("sqs", "jobs.fifo")),
        Made("sns:topic", "alerts", "alerts", topic),
        Made("secretsmanager:secret", "prod/db", "prod/db", secret),
        Made(
            "logs:log-group",
            "/aws/lambda/resize",
            "/aws/lambda/resize",
            arn("logs", "log-group:/aws/lambda/resize"),
            details={"retention_days": 30},
            tagged=False,
        ),
    ]
