"""`db upgrade`, `doctor`, `iam-policy`, and what the program says about itself."""

from __future__ import annotations

import json
import sqlite3

import pytest

from finops.aws.permissions import declared


def test_upgrading_twice_changes_nothing(tmp_path, monkeypatch, run):
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path / "new" / "data"))
    first, second = run("db", "upgrade", "--json"), run("db", "upgrade", "--json")
    assert (first.code, second.code) == (0, 0)
    assert first.document["data"] == second.document["data"]
    with sqlite3.connect(tmp_path / "new" / "data" / "finops.db") as database:
        assert database.execute("select count(*) from alembic_version").fetchone() == (1,)


def test_a_database_that_does_not_answer_is_exit_1_without_its_address(monkeypatch, run, tmp_path):
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FINOPS_DATABASE_URL", "postgresql://finops:hunter2@127.0.0.1:1/finops")
    said = run("doctor", "--json")
    assert said.code == 1
    assert said.document["error"]["status"] == 503
    assert "hunter2" not in said.out + said.err


def test_the_doctor_of_the_demo_finds_nothing_wrong(house, run):
    said = run("doctor", "--json")
    data = said.document["data"]
    assert said.code == 0
    assert data["ok"] is True
    assert data["mode"] == "demo"
    assert {permission["action"] for permission in data["permissions"]} == {each.action for each in declared()}
    assert all(permission["lost"] for permission in data["permissions"])
    assert [check["name"] for check in data["checks"]] == ["credentials", "identity", "database", "lake", "disk"]


def test_the_doctor_without_credentials_is_exit_1_and_shows_no_secret(tmp_path, monkeypatch, run):
    for name, value in {
        "FINOPS_MODE": "aws",
        "FINOPS_AUTH": "none",
        "FINOPS_SECRET_KEY": "q" * 40,
        "FINOPS_EXTERNAL_ID": "hush-hush",
        "FINOPS_DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    said = run("doctor")
    assert said.code == 1
    assert "no AWS credentials were found" in said.out
    assert "q" * 40 not in said.out + said.err
    assert "hush-hush" not in said.out + said.err


@pytest.mark.parametrize(
    ("option", "action"),
    [
        ((), "ce:GetCostAndUsage"),
        (("--hub",), "organizations:ListAccounts"),
        (("--member",), "sts:GetCallerIdentity"),
        (("--trust",), "sts:AssumeRole"),
    ],
)
def test_a_policy_is_the_only_thing_on_stdout(house, run, option, action):
    said = run("iam-policy", *option)
    policy = json.loads(said.out)
    assert said.code == 0
    assert policy["Version"] == "2012-10-17"
    assert action in {each for statement in policy["Statement"] for each in statement["Action"]}
    assert run("iam-policy", *option, "--json").document["data"] == policy


def test_a_policy_needs_no_database_and_shows_no_external_id(monkeypatch, run):
    monkeypatch.setenv("FINOPS_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.setenv("FINOPS_EXTERNAL_ID", "hush-hush")
    monkeypatch.setenv("FINOPS_ROLE_NAME", "our-own-role")
    trust, hub = run("iam-policy", "--trust"), run("iam-policy")
    assert trust.code == hub.code == 0
    assert "sts:ExternalId" in trust.out
    assert "hush-hush" not in trust.out + trust.err
    assert "role/our-own-role" in hub.out


@pytest.mark.parametrize(
    ("name", "value"), [("TENANT", "No Name"), ("MODE", "prod"), ("CE_MONTHLY_BUDGET_USD", "plenty")]
)
def test_a_wrong_setting_is_told_by_every_command(monkeypatch, run, name, value):
    monkeypatch.setenv(f"FINOPS_{name}", value)
    for command in (("doctor",), ("db", "upgrade"), ("iam-policy",)):
        said = run(*command, "--json")
        assert said.code == 2
        assert said.document["error"]["variable"] == f"FINOPS_{name}"
        assert said.err.startswith(f"finops: FINOPS_{name}: ")
        assert value not in said.out + said.err


def test_no_command_shows_the_help_and_is_wrong_use(run):
    said = run()
    assert said.code == 2
    assert "Commands:" in said.err


def test_help_names_the_commands(run):
    said = run("--help")
    assert said.code == 0
    assert all(name in said.out for name in ("db", "costs", "bill", "doctor", "iam-policy"))


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("costs", "nonsense"), ("doctor", "--nonsense"), ("doctor", "extra")]
)
def test_what_is_not_there_is_wrong_use(run, arguments):
    said = run(*arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["detail"]
    assert said.err.startswith("finops: ")
