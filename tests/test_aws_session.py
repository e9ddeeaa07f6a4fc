"""Credentials, assumed roles, shared clients, and the guard that lets only declared reads out."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound
from botocore.session import Session
from moto import mock_aws

from aws_session import (
    CREDENTIAL_OPERATIONS,
    AccountUnreachable,
    AwsSessions,
    OperationRefused,
    Strategy,
    credential_strategy,
    masked,
)
from tests.aws.endpoint import Server
from tests.aws.wire import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY")
READS = {
    ("ec2", "DescribeInstances"),
    ("s3", "ListBuckets"),
    ("organizations", "ListAccounts"),
    ("ce", "GetCostAndUsage"),
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A loopback server that AWS_ENDPOINT_URL points at, with administrator keys in the environment."""
    with Server() as found:
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", found.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ADMIN[0])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ADMIN[1])
        yield found
        found.shutdown()


def sessions(**settings: Any) -> AwsSessions:
    return AwsSessions(permitted=settings.pop("permitted", READS), now=settings.pop("now", lambda: NOW), **settings)


# The guard


def test_the_standard_endpoint_variable_is_honoured(server: Server):
    client: Any = sessions().client("organizations")
    assert client.list_accounts()["Accounts"] == []
    assert server.actions() == ["AWSOrganizationsV20161128.ListAccounts"]
    assert "finops-dashboard" in server.seen[0][1]["User-Agent"]


WRITES = {
    "call": lambda made: made.client("ec2").terminate_instances(InstanceIds=["i-1"]),
    "call without parameters": lambda made: made.client("organizations").delete_organization(),
    "dry run": lambda made: made.client("ec2").stop_instances(InstanceIds=["i-1"], DryRun=True),
    "undeclared read": lambda made: made.client("ec2").describe_volumes(),
    "paginator": lambda made: list(made.client("ec2").get_paginator("describe_volumes").paginate()),
    "waiter": lambda made: made.client("ec2").get_waiter("volume_available").wait(VolumeIds=["vol-1"]),
    "presigned url": lambda made: made.client("s3").generate_presigned_url(
        "delete_object", Params={"Bucket": "b", "Key": "k"}
    ),
    "presigned url of a permitted read, turned into a write": lambda made: made.client("s3").generate_presigned_url(
        "list_buckets", HttpMethod="DELETE"
    ),
    "presigned post": lambda made: made.client("s3").generate_presigned_post("b", "k"),
    "database token": lambda made: made.client("rds").generate_db_auth_token("db.example.com", 3306, "admin"),
    "another service's name for a permitted operation": lambda made: made.client("sts").get_session_token(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_nothing_undeclared_reaches_the_wire_even_with_administrator_keys(server: Server, write: Any):
    made = sessions()
    with pytest.raises(OperationRefused):
        write(made)
    assert server.seen == []


def test_a_presigned_post_is_refused_after_a_permitted_call_too(server: Server):
    client: Any = sessions().client("s3")
    client.list_buckets()
    with pytest.raises(OperationRefused, match="s3:"):
        client.generate_presigned_post("b", "k")
    assert len(server.seen) == 1


def test_clients_made_later_and_for_other_accounts_are_guarded(server: Server):
    made = sessions(role_name="reader")
    first: Any = made.client("organizations")
    first.list_accounts()
    before = len(server.seen)
    for client in (made.client("ec2", region="eu-west-1"), made.client("ec2", account="222222222222")):
        ec2: Any = client
        with pytest.raises(OperationRefused, match="ec2:TerminateInstances"):
            ec2.terminate_instances(InstanceIds=["i-1"])
    assert server.actions()[before:] == ["GetCallerIdentity"]


@pytest.mark.parametrize("event", ["before-call.ec2.TerminateInstances", "provide-client-params.ec2", "before-send"])
def test_no_hook_can_answer_for_what_the_guard_refuses(server: Server, event: str):
    asked = []

    def hook(session: Session) -> None:
        session.register(event, lambda **_: asked.append(event))

    client: Any = sessions(hooks=[hook]).client("ec2")
    with pytest.raises(OperationRefused):
        client.terminate_instances(InstanceIds=["i-1"])
    assert server.seen == []
    assert asked in ([], ["provide-client-params.ec2"])


def test_hooks_answer_permitted_calls(server: Server):
    class Answer:
        status_code = 200

    made = sessions(hooks=[lambda session: session.register("before-call", lambda **_: (Answer(), {"Accounts": [{}]}))])
    client: Any = made.client("organizations")
    assert client.list_accounts() == {"Accounts": [{}]}
    assert server.seen == []


@pytest.mark.parametrize(("service", "operation"), sorted(CREDENTIAL_OPERATIONS))
def test_the_credential_operations_exist_and_have_a_reason(service: str, operation: str):
    assert operation in Session().get_service_model(service).operation_names
    assert CREDENTIAL_OPERATIONS[service, operation]


def test_refusals_name_the_operation():
    refusal = OperationRefused("ec2", "StopInstances")
    assert (refusal.service, refusal.operation) == ("ec2", "StopInstances")
    assert "ec2:StopInstances" in str(refusal)


# Clients


def test_eight_threads_make_each_client_once(server: Server):
    made = sessions(role_name="reader")
    wanted = [(service, account, region) for service in ("ce", "organizations") for account in (None, "222222222222")
              for region in ("us-east-1", "eu-west-1")] * 8  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda ask: made.client(ask[0], account=ask[1], region=ask[2]), wanted))
    assert len({id(client.meta) for client in found}) == 4  # a service and a region: accounts share
    assert [client.meta.region_name for client in found] == [ask[2] for ask in wanted]
    assert server.actions() == ["GetCallerIdentity"]


def test_accounts_that_share_a_client_sign_for_themselves_at_the_same_time(server: Server):
    made = sessions(role_name="reader")
    accounts = ["111111111111", "222222222222", "333333333333", "444444444444"] * 16

    def asked(account: str) -> None:
        client: Any = made.client("organizations", account=account)
        client.list_accounts()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(asked, accounts))
    listed = [headers["Authorization"] for action, headers, _ in server.seen if "ListAccounts" in str(action)]
    signed = Counter(text.split("Credential=")[1].split("/")[0] for text in listed)
    assert set(signed.values()) == {16}
    assert len(signed) == 4


def test_a_client_of_a_member_account_cannot_be_used_after_its_call(server: Server):
    member: Any = sessions(role_name="reader").client("organizations", account="222222222222")
    for name in ("get_paginator", "get_waiter", "generate_presigned_url", "close", "_make_api_call"):
        with pytest.raises(AttributeError, match="has no"):
            getattr(member, name)


def test_the_own_account_needs_no_role(server: Server):
    made = sessions(role_name="reader")
    assert made.client("ce", account="111111111111") is made.client("ce")
    assert (made.own().account, made.own().partition) == ("111111111111", "aws-cn")
    assert server.actions() == ["GetCallerIdentity"]


def test_another_account_without_a_role_name_is_unreachable(server: Server):
    with pytest.raises(AccountUnreachable, match="FINOPS_ROLE_NAME"):
        sessions().client("ce", account="222222222222")


def test_an_account_id_cannot_smuggle_in_another_role(server: Server):
    with pytest.raises(AccountUnreachable, match="12 digits"):
        sessions(role_name="reader").client("ce", account="222222222222:role/admin")
    with pytest.raises(ValueError, match="role_name"):
        sessions(role_name="reader/../admin")


# Assumed roles


def test_the_role_is_assumed_with_the_external_id_in_the_right_partition(server: Server):
    client: Any = sessions(role_name="reader", external_id="s3cret-id").client("organizations", account="222222222222")
    client.list_accounts()
    assert server.actions() == ["GetCallerIdentity", "AssumeRole", "AWSOrganizationsV20161128.ListAccounts"]
    asked = parse_qs(server.seen[1][2])
    assert asked["RoleArn"] == ["arn:aws-cn:iam::222222222222:role/reader"]
    assert asked["ExternalId"] == ["s3cret-id"]
    assert asked["DurationSeconds"] == ["3600"]
    assert asked["RoleSessionName"][0].startswith("finops-")
    assert "ASIAROLE000000000001" in server.seen[2][1]["Authorization"]


def test_no_external_id_is_sent_when_none_is_set(server: Server):
    client: Any = sessions(role_name="reader").client("organizations", account="222222222222")
    client.list_accounts()
    assert "ExternalId" not in parse_qs(server.seen[1][2])


def test_the_role_is_renewed_before_it_ends_and_not_for_every_call(server: Server):
    clock = [NOW]
    made = sessions(role_name="reader", now=lambda: clock[0])
    client: Any = made.client("organizations", account="222222222222")
    client.list_accounts()
    clock[0] = NOW + timedelta(minutes=40)
    client.list_accounts()
    other: Any = made.client("organizations", account="222222222222", region="eu-west-1")
    other.list_accounts()
    assert server.assumed == 1

    clock[0] = NOW + timedelta(minutes=50)
    server.expiry = clock[0] + timedelta(hours=1)
    client.list_accounts()
    assert server.assumed == 2
    assert "ASIAROLE000000000002" in server.seen[-1][1]["Authorization"]


def test_a_member_account_shows_its_own_resources():
    with mock_aws():
        import boto3

        hub = boto3.client("sts", region_name="us-east-1")
        role = hub.assume_role(RoleArn="arn:aws:iam::222222222222:role/reader", RoleSessionName="estate")["Credentials"]
        member = boto3.client(
            "s3",
            region_name="us-east-1",
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
        member.create_bucket(Bucket="of-the-member")
        # moto's roles last an hour of real time.
        made = sessions(role_name="reader", now=lambda: datetime.now(UTC))
        seen: Any = made.client("s3", account="222222222222")
        own: Any = made.client("s3")
        assert [bucket["Name"] for bucket in seen.list_buckets()["Buckets"]] == ["of-the-member"]
        assert own.list_buckets()["Buckets"] == []


# Where credentials come from


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS files of a person, in a temporary folder."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


SECTIONS = {
    "profile": ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x", "AKIA…MPLE"),
    "sso": ("sso_session = corp\nsso_account_id = 111111111111\nsso_role_name = reader", ""),
    "assumed_role": ("role_arn = arn:aws:iam::111111111111:role/x\nsource_profile = base", ""),
    "web_identity": ("role_arn = arn:aws:iam::111111111111:role/x\nweb_identity_token_file = /token", ""),
    "process": ("credential_process = /bin/get-keys", ""),
    "login": ("login_session = arn:aws:iam::111111111111:user/ann", ""),
}


@pytest.mark.parametrize("kind", SECTIONS)
def test_profiles_are_recognised(files: Path, kind: str):
    section, key_id = SECTIONS[kind]
    (files / "config").write_text(f"[profile work]\nregion = eu-west-1\n{section}\n", encoding="utf-8")
    made = sessions(profile="work")
    assert made.strategy() == Strategy(kind, "work", key_id)
    assert made.region == "eu-west-1"


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "x"}, "environment"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn"}, "web_identity"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}, "container"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23"}, "container"),
        ({}, "instance_role"),
        ({"AWS_EC2_METADATA_DISABLED": "true"}, "none"),
    ],
)
def test_environments_and_machines_are_recognised(tmp_path: Path, environ: dict[str, str], kind: str):
    vendor = tmp_path / "sys_vendor"
    vendor.write_text("Amazon EC2\n", encoding="utf-8")
    assert credential_strategy(environ, Session(), vendor_file=vendor).kind == kind


def test_a_machine_elsewhere_has_no_instance_role(tmp_path: Path):
    vendor = tmp_path / "sys_vendor"
    assert credential_strategy({}, Session(), vendor_file=vendor).kind == "none"
    vendor.write_text("QEMU\n", encoding="utf-8")
    assert credential_strategy({}, Session(), vendor_file=vendor).kind == "none"


def test_a_named_profile_goes_before_keys_in_the_environment(files: Path, server: Server):
    (files / "credentials").write_text(
        "[work]\naws_access_key_id = AKIAPROFILE000000001\naws_secret_access_key = x\n", encoding="utf-8"
    )
    made = sessions(profile="work")
    assert made.strategy().kind == "profile"
    client: Any = made.client("organizations")
    client.list_accounts()
    assert "AKIAPROFILE000000001" in server.seen[0][1]["Authorization"]
    assert sessions().strategy().kind == "environment"


def test_an_unknown_profile_is_botocores_error():
    with pytest.raises(ProfileNotFound):
        sessions(profile="nobody").client("ce")


def test_without_credentials_nothing_is_sent():
    client: Any = sessions().client("organizations")
    with pytest.raises(NoCredentialsError):
        client.list_accounts()


def test_given_keys_cut_off_the_persons_own_set_up(files: Path, server: Server, monkeypatch: pytest.MonkeyPatch):
    (files / "config").write_text("[default]\nregion = eu-west-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_PROFILE", "gone")
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")  # asks the machine for its region
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
    monkeypatch.setenv("AWS_CSM_ENABLED", "true")
    seen: list[Any] = []

    class Answer:
        status_code = 200

    def answer(model: Any, **_: object) -> tuple[Answer, dict[str, str]]:
        seen.append(model.name)
        return Answer(), {"Account": "1", "Arn": "arn:aws:iam::1:root"}

    made = sessions(static_keys=("demo", "demo"), hooks=[lambda session: session.register("before-call", answer)])
    assert made.own().account == "1"
    assert (made.region, made.strategy().kind, seen, server.seen) == ("us-east-1", "given", ["GetCallerIdentity"], [])


# What people see


def test_diagnostics_hold_no_secret(server: Server):
    shown = sessions(role_name="reader", external_id="s3cret-id").diagnostics()
    assert shown == {
        "strategy": "environment",
        "profile": "",
        "key_id": "AKIA…MPLE",
        "region": "us-east-1",
        "role_name": "reader",
        "external_id": "set",
    }
    assert sessions().diagnostics()["external_id"] == "not set"
    assert server.seen == []


@pytest.mark.parametrize(("key_id", "shown"), [("AKIAIOSFODNN7EXAMPLE", "AKIA…MPLE"), ("short", "…"), ("", "")])
def test_key_ids_are_masked(key_id: str, shown: str):
    assert masked(key_id) == shown


def test_assumed_role_secrets_are_not_logged(server: Server, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("botocore.auth").setLevel(logging.DEBUG)
    client: Any = sessions(role_name="reader").client("organizations", account="222222222222")
    client.list_accounts()
    assert "role-secret" not in caplog.text
    assert "role-token" not in caplog.text
    assert ADMIN[1] not in caplog.text
    assert logging.getLogger("botocore").level == logging.WARNING


def test_paging_rules_are_botocores_and_their_absence_is_no_error(server: Server):
    made = sessions()
    assert made.paginator("organizations", "ListAccounts") is not None
    assert made.paginator("ce", "GetCostAndUsage") is None
    assert made.paginator("sts", "GetCallerIdentity") is None


def test_clients_give_up_in_time_and_retry_in_standard_mode(server: Server):
    config = sessions(max_pool_connections=7).client("ce").meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (5, 60, 7)
    assert config.retries == {"mode": "standard", "total_max_attempts": 6}
