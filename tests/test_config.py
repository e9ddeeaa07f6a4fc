"""Settings: every variable with a good and a bad value; a wrong one is told in one line that never holds the value."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import EXAMPLE_SECRET, Settings, SettingsError, load_settings

SECRET = "correct-horse-battery-staple-0123456789"
BROKER = "amqps://finops:hunter2@mq.example.com:5671/finops"
MAIL = "smtps://finops:hunter2@mail.example.com:465"
POSTGRES = "postgresql://finops:hunter2@db.example.com/finops"

GOOD = {
    "mode": ("demo", "demo"),
    "data_dir": ("/srv/finops", Path("/srv/finops")),
    "database_url": (POSTGRES, POSTGRES),
    "lake_url": ("s3://bucket/prefix", "s3://bucket/prefix"),
    "broker_url": (BROKER, BROKER),
    "tenant": ("acme-2", "acme-2"),
    "secret_key": (SECRET, SECRET),
    "public_url": ("https://costs.example.com/", "https://costs.example.com"),
    "auth": ("none", "none"),
    "email_from": ("Küche & Co <costs@example.com>", "Küche & Co <costs@example.com>"),
    "email_allowed_domains": ("example.com, *.example.org", ("example.com", "*.example.org")),
    "email_transport": ("folder", "folder"),
    "email_max_mb": ("28", 28),
    "smtp_url": (MAIL, MAIL),
    "ses_region": ("us-gov-west-1", "us-gov-west-1"),
    "ses_configuration_set": ("finops_mail-1", "finops_mail-1"),
    "role_name": ("finops-read@x", "finops-read@x"),
    "external_id": ("an external id", "an external id"),
    "regions": ("us-east-1, us-gov-west-1,us-east-1", ("us-east-1", "us-gov-west-1")),
    "accounts": ("111111111111,222222222222", ("111111111111", "222222222222")),
    "tag_keys": ("Team, Cost Center", ("Team", "Cost Center")),
    "cost_categories": ("Team,Product", ("Team", "Product")),
    "ce_monthly_budget_usd": ("2.50", Decimal("2.50")),
    "costs_refresh_hours": ("0", 0),
    "resource_costs": ("yes", True),
    "discovery_hours": ("1", 1),
    "findings_hours": ("6", 6),
    "anomalies_aws": ("yes", True),
    "findings_exclude": ("Keep, Env==dr,Env=~/^dr/", ("Keep", "Env==dr", "Env=~/^dr/")),
    "gone_after_days": ("0", 0),
    "exports_keep_days": ("30", 30),
    "exports_max_mb": ("64", 64),
    "duckdb_memory_mb": ("512", 512),
    "demo_seed": ("42", 42),
    "log_level": ("WARNING", "WARNING"),
    "now": ("2026-11-20T10:00:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
}

BAD = [
    ("mode", "production"),
    ("tenant", "Acme"),
    ("tenant", "../other"),
    ("tenant", "a" * 64),
    ("findings_hours", "-1"),
    ("findings_exclude", "==dr"),
    ("findings_exclude", "Env=dr"),
    ("findings_exclude", "Env=~/[/"),
    ("broker_url", "http://127.0.0.1:6379"),
    ("broker_url", "redis+socket:///run/redis.sock"),
    ("broker_url", "redis:6379"),
    ("broker_url", "amqp:///finops"),
    ("broker_url", "amqp://[broken"),
    ("broker_url", "redis://:pass#word@127.0.0.1:6379"),
    ("broker_url", "redis://127.0.0.1:0"),
    ("public_url", "http://127.0.0.1:65536"),
    ("lake_url", "https://example.com/lake"),
    ("lake_url", "gs://bucket"),
    ("secret_key", "short-secret"),
    ("secret_key", EXAMPLE_SECRET),
    ("public_url", "costs.example.com"),
    ("public_url", "https://example.com/?next=1"),
    ("public_url", "http://[broken"),
    ("public_url", "http://exa\u2100mple.com"),
    ("auth", "kerberos"),
    ("email_from", "finance"),
    ("email_from", "costs@example.com\r\nBcc: all@example.com"),
    ("email_from", "Costs\n <costs@example.com>"),
    ("email_from", "a@example.com, b@example.com"),
    ("email_allowed_domains", "@example.com"),
    ("email_allowed_domains", "example.com,*.*"),
    ("email_transport", "sendmail"),
    ("email_transport", "ses"),
    ("email_transport", "smtp"),
    ("email_max_mb", "0"),
    ("email_max_mb", "40"),
    ("smtp_url", "mail.example.com:25"),
    ("smtp_url", "https://mail.example.com"),
    ("smtp_url", "smtp://:hunter2@"),
    ("ses_region", "frankfurt"),
    ("ses_configuration_set", "a set"),
    ("role_name", "role/with/slash"),
    ("regions", "us-east-1,frankfurt"),
    ("accounts", "111111111111,12345"),
    ("tag_keys", "k" * 129),
    ("cost_categories", "k" * 129),
    ("ce_monthly_budget_usd", "-1"),
    ("ce_monthly_budget_usd", "NaN"),
    ("ce_monthly_budget_usd", "ten"),
    ("costs_refresh_hours", "169"),
    ("costs_refresh_hours", "daily"),
    ("resource_costs", "perhaps"),
    ("anomalies_aws", "perhaps"),
    ("discovery_hours", "-1"),
    ("gone_after_days", "366"),
    ("exports_keep_days", "0"),
    ("exports_max_mb", "0"),
    ("duckdb_memory_mb", "64"),
    ("demo_seed", "-7"),
    ("log_level", "LOUD"),
    ("now", "yesterday"),
    ("now", "2031-01-31T09:00:00"),
]


def set_variable(monkeypatch, name: str, value: str) -> str:
    variable = f"FINOPS_{name.upper()}"
    monkeypatch.setenv(variable, value)
    return variable


def plain(value):
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def test_every_setting_is_tried_here():
    assert set(GOOD) == set(Settings.model_fields)
    # Any text is a folder, a database address is judged by the store that opens it, an external id is anybody's text.
    assert {name for name, _ in BAD} == set(GOOD) - {"data_dir", "database_url", "external_id"}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_value_is_taken(monkeypatch, name):
    text, wanted = GOOD[name]
    set_variable(monkeypatch, name, text)
    assert plain(getattr(load_settings(), name)) == wanted


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_value_counts_as_unset(monkeypatch, name):
    default = getattr(load_settings(), name)
    set_variable(monkeypatch, name, "")
    assert getattr(load_settings(), name) == default


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_told_in_one_line_that_names_the_variable_and_never_the_value(monkeypatch, name, value):
    variable = set_variable(monkeypatch, name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    told = str(caught.value)
    assert told.startswith(f"{variable}: ")
    assert "\n" not in told
    assert value.removeprefix("http://") not in told.removeprefix(variable)
    assert caught.value.__cause__ is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=29).map("¤{}¤".format))
def test_a_short_secret_never_shows(secret):
    with pytest.raises(SettingsError) as caught:
        load_settings(secret_key=secret)
    assert secret not in str(caught.value)
    assert secret not in repr(caught.value.__context__)


def test_secrets_show_in_no_text_of_the_settings():
    settings = load_settings(secret_key=SECRET, database_url=POSTGRES, broker_url=BROKER, external_id="hush-hush-hush")
    for text in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert SECRET not in text
        assert "hunter2" not in text
        assert "hush-hush-hush" not in text


def test_aws_mode_needs_a_secret_and_a_tenant_of_its_own():
    with pytest.raises(SettingsError, match=r"^FINOPS_SECRET_KEY: is required"):
        load_settings(mode="aws")
    with pytest.raises(SettingsError, match=r"^FINOPS_TENANT: "):
        load_settings(mode="aws", secret_key=SECRET, tenant="demo")


@pytest.mark.parametrize(
    "endpoint", ["", "https://ce.us-east-1.amazonaws.com", "http://127.0.0.1.example.com", "http://[broken"]
)
def test_a_frozen_now_is_refused_against_real_aws(endpoint):
    with pytest.raises(SettingsError, match=r"^FINOPS_NOW: "):
        load_settings(mode="aws", secret_key=SECRET, now=datetime(2026, 11, 20, tzinfo=UTC), environ_endpoint=endpoint)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"])
def test_a_frozen_now_is_accepted_against_an_emulator(endpoint, now):
    assert load_settings(mode="aws", secret_key=SECRET, now=now, environ_endpoint=endpoint).now == now


def test_what_follows_from_the_mode():
    demo, real = load_settings(), load_settings(mode="aws", secret_key=SECRET, tenant="acme")
    assert (demo.sign_in, demo.categories, demo.refresh_tenant) == ("none", ("Team",), "demo")
    assert (real.sign_in, real.categories, real.refresh_tenant) == ("local", (), "acme")


def test_everything_lives_in_the_data_folder_by_default(tmp_path):
    settings = load_settings(data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/finops.db"
    assert settings.lake == str(tmp_path / "lake")


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / "settings.env").write_text("FINOPS_TENANT=from-file\nFINOPS_DEMO_SEED=11\nOTHER=x\n", encoding="utf-8")
    monkeypatch.setenv("FINOPS_ENV_FILE", str(tmp_path / "settings.env"))
    monkeypatch.setenv("FINOPS_TENANT", "from-environment")
    settings = load_settings()
    assert (settings.tenant, settings.demo_seed) == ("from-environment", 11)
