"""Every setting: its variable, type, rule, default and one line of help.

Values come from the environment or `.env`. A wrong value raises `SettingsError` with one line that names the
variable and the rule, never the value; entry points print it and exit 2.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "FINOPS_"
MAX_KEY_LENGTH = 128
MIN_SECRET_LENGTH = 32
TENANT_RULE = r"^[a-z0-9][a-z0-9-]{0,62}$"
DEMO_TENANT = "demo"
EXAMPLE_SECRET = "change-me-to-at-least-32-random-characters"  # noqa: S105 - the value in .env.example, refused below
DATABASES = ("sqlite", "postgresql", "mysql", "mariadb")
SERVERS = {"broker_url": ("redis", "rediss", "amqp", "amqps"), "smtp_url": ("smtp", "smtps")}
LOOPBACK = ("127.0.0.1", "::1", "localhost")

DOMAIN = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"
_ADDRESS = rf"[\w.+-]{{1,64}}@{DOMAIN}"
SENDER = re.compile(rf'[^<>"@,;:\\\x00-\x1f\x7f]{{1,60}} <{_ADDRESS}>|{_ADDRESS}', re.ASCII | re.IGNORECASE)
"""An address that mails come from, alone or behind a plain name: `Costs <costs@example.com>`."""

CommaList = Annotated[tuple[str, ...], NoDecode]

LISTS = {
    "regions": (r"[a-z]{2}(-[a-z]+)+-\d", "AWS region codes such as us-east-1"),
    "accounts": (r"\d{12}", "12-digit account ids"),
    "tag_keys": (rf"(?s:.){{1,{MAX_KEY_LENGTH}}}", f"keys of at most {MAX_KEY_LENGTH} characters"),
    "cost_categories": (rf"(?s:.){{1,{MAX_KEY_LENGTH}}}", f"keys of at most {MAX_KEY_LENGTH} characters"),
    "email_allowed_domains": (rf"\*|(\*\.)?{DOMAIN}", "domains such as example.com, *.example.com or *"),
}
"""What each entry of a comma list must look like, and how that is said."""

EXCLUSION = re.compile(r"(?P<key>[^=]+)(==(?P<value>.*)|=~/(?P<pattern>.*)/)?", re.DOTALL)
"""A tag that leaves a resource out of the waste checks: `Key`, `Key==Value` or `Key=~/expression/`."""


class SettingsError(Exception):
    """One line naming the variable at fault and the rule it breaks; the value is never part of it."""


class Settings(BaseSettings):
    """All settings of one process. Field order is the order of `.env.example` and of the documentation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    mode: Literal["demo", "aws"] = Field(
        "demo",
        description="`demo` (made-up estate, no network) or `aws` (real accounts; Cost Explorer charges per request).",
    )
    data_dir: Path = Field(Path("data"), description="Folder where the embedded defaults keep everything.")
    database_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the state: SQLite (default, in the data folder), PostgreSQL, MySQL or MariaDB.",
    )
    lake_url: str = Field(
        "",
        description="Root of the Parquet lake: a folder or `s3://bucket/prefix`; default a folder in the data folder.",
    )
    broker_url: SecretStr | None = Field(
        None,
        description="Redis (`redis://`, `rediss://`) or RabbitMQ (`amqp://`, `amqps://`) whose Celery workers do the"
        " jobs; unset: jobs run in this process.",
    )
    tenant: str = Field(
        "default", pattern=TENANT_RULE, description="Tenant that commands work for unless `--tenant` says otherwise."
    )
    secret_key: SecretStr | None = Field(
        None, description="Signs cookies and hashes principals; required in `aws` mode, at least 32 characters."
    )
    public_url: str = Field("http://127.0.0.1:8501", description="Address people use, for links.")
    auth: Literal["local", "oidc", "both", "none"] | None = Field(
        None, description="How people sign in; default `none` in demo (loopback only), `local` in aws mode."
    )
    email_from: str = Field(
        "",
        description="Address that mails come from, alone or as `Costs <costs@example.com>`; without one nothing is"
        " mailed in aws mode.",
    )
    email_allowed_domains: CommaList = Field(
        (),
        description="Domains that mails may go to, comma separated; `*.example.com` takes in subdomains, `*` all;"
        " unset: only the sender's own domain, any where mails stay in a folder.",
    )
    email_transport: Literal["ses", "smtp", "folder"] | None = Field(
        None,
        description="How mails leave: `ses` (default in aws mode), `smtp`, or `folder` (default in demo), which keeps"
        " them as `.eml` files under `outbox` in the data folder.",
    )
    email_max_mb: int | None = Field(
        None,
        ge=1,
        le=28,
        description="Megabytes of files that a mail may carry, above which it has a link to them; default 20, 7 with"
        " `smtp`, where many servers take 10 once a file is encoded.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server of `smtp`: `smtps://user:password@host:465`, or `smtp://host:587`, which must offer"
        " STARTTLS unless it is on this machine.",
    )
    ses_region: str = Field(
        "",
        pattern=r"^([a-z]{2}(-[a-z]+)+-\d)?$",
        description="Region whose SES sends the mails; unset: the region of the credentials.",
    )
    ses_configuration_set: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="SES configuration set for every mail, for bounce events."
    )
    role_name: str = Field(
        "",
        pattern=r"^[\w+=,.@-]{0,64}$",
        description="Role assumed in every member account; unset: only the own account is read.",
    )
    external_id: SecretStr | None = Field(None, description="External id sent when a role is assumed.")
    regions: CommaList = Field((), description="Regions to visit, comma separated; unset: all enabled ones.")
    accounts: CommaList = Field(
        (), description="Account ids to visit, comma separated; unset: the accounts of the organization."
    )
    tag_keys: CommaList = Field(
        ("Environment", "Owner", "CostCenter", "Application"),
        description="Cost-allocation tag keys kept for grouping; each adds one Cost Explorer request a day.",
    )
    cost_categories: CommaList | None = Field(
        None,
        description="Cost categories kept for grouping, one request a day each; default `Team` in demo, none in aws.",
    )
    resource_costs: bool | None = Field(
        None,
        description="Keep what single resources cost (Cost Explorer's last 14 days, to be opted in to there; some more"
        " requests a refresh); default yes in demo, no in aws.",
    )
    ce_monthly_budget_usd: Decimal = Field(
        Decimal(10),
        ge=0,
        le=100000,
        description="US dollars a month that the tool itself may spend on Cost Explorer; then stored data serves.",
    )
    costs_refresh_hours: int | None = Field(
        None,
        ge=0,
        le=168,
        description="Hours between cost refreshes while the server runs, 0 for never; default 12 in demo, 24 in aws.",
    )
    discovery_hours: int = Field(
        24, ge=0, le=168, description="Hours between discoveries of all accounts while the server runs, 0 for never."
    )
    findings_hours: int = Field(
        24,
        ge=0,
        le=168,
        description="Hours between runs of the waste checks while the server runs, 0 for never; in aws mode each run"
        " asks CloudWatch for metrics, at $0.01 per 1,000.",
    )
    findings_exclude: CommaList = Field(
        (),
        description="Tags that leave a resource out of the waste checks, comma separated: `Key`, `Key==Value` or"
        " `Key=~/expression/`.",
    )
    anomalies_aws: bool = Field(
        False,
        description="Ask AWS Cost Anomaly Detection for its findings after each refresh of costs, at most once a day"
        " and for some cents; in demo it is asked anyway.",
    )
    gone_after_days: int = Field(
        7, ge=0, le=365, description="Days after which an asset that discovery no longer finds counts as gone."
    )
    exports_keep_days: int = Field(
        14, ge=1, le=3650, description="Days for which a file that somebody had made is kept."
    )
    exports_max_mb: int = Field(
        1024, ge=1, le=1048576, description="MiB that such files may take together; the oldest are deleted first."
    )
    duckdb_memory_mb: int = Field(1024, ge=128, le=262144, description="Memory limit of the query engine in MiB.")
    demo_seed: int = Field(
        7, ge=0, le=2**31 - 1, description="Seed of the made-up estate; the same seed and day give the same cents."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severity that is logged to stderr."
    )
    now: datetime | None = Field(
        None,
        description="Instant taken as now (ISO 8601), so that a run repeats; in demo mode or against a local emulator.",
    )

    @field_validator(*LISTS, "findings_exclude", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
        return value

    @field_validator(*LISTS)
    @classmethod
    def _listed(cls, value: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        pattern, entries = LISTS[str(info.field_name)]
        if value and not all(re.fullmatch(pattern, entry) for entry in value):
            raise ValueError(f"must be a comma list of {entries}")
        return value

    @field_validator("findings_exclude")
    @classmethod
    def _exclusions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            found = EXCLUSION.fullmatch(text)
            if found is None or not _compiles(found["pattern"] or ""):
                raise ValueError("must be tags: Key, Key==Value or Key=~/expression/")
        return value

    @field_validator("lake_url")
    @classmethod
    def _lake_url(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if separator and (scheme != "s3" or not rest):
            raise ValueError("must be a folder or s3://bucket/prefix")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            scheme, separator, _ = value.get_secret_value().partition("://")
            if not separator or scheme.split("+")[0] not in DATABASES:
                raise ValueError(f"must be a SQLAlchemy URL of {', '.join(DATABASES)}")
        return value

    @field_validator(*SERVERS)
    @classmethod
    def _server_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        parts = _address(value.get_secret_value()) if value is not None else None
        schemes = SERVERS[str(info.field_name)]
        if value is not None and (parts is None or parts.scheme not in schemes or not parts.hostname):
            raise ValueError(f"must be a URL of {', '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    @field_validator("email_from")
    @classmethod
    def _email_from(cls, value: str) -> str:
        if value and not SENDER.fullmatch(value):
            raise ValueError("must be an address such as costs@example.com or Costs <costs@example.com>")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        parts = _address(value)
        if (
            parts is None
            or parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.query
            or parts.fragment
        ):
            raise ValueError("must be an http or https address")
        return value.rstrip("/")

    @field_validator("now")
    @classmethod
    def _now(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("must carry a time zone, as in 2026-11-20T09:00:00Z")
        return value.astimezone(UTC) if value is not None else None

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value is not None else None
        if secret is not None and (len(secret) < MIN_SECRET_LENGTH or secret == EXAMPLE_SECRET):
            raise ValueError("must be at least 32 characters and not the example value")
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.mode == "aws" and self.secret_key is None:
            raise ValueError("FINOPS_SECRET_KEY: is required in aws mode (at least 32 characters)")
        if self.mode == "aws" and self.tenant == DEMO_TENANT:
            raise ValueError("FINOPS_TENANT: `demo` is kept for made-up data; choose another tenant in aws mode")
        if self.mode == "demo" and self.email_transport == "ses":
            raise ValueError("FINOPS_EMAIL_TRANSPORT: must be another one in demo mode, whose keys send nothing")
        if self.email_transport == "smtp" and self.smtp_url is None:
            raise ValueError("FINOPS_EMAIL_TRANSPORT: needs FINOPS_SMTP_URL to reach a mail server")
        return self

    @property
    def sign_in(self) -> str:
        """How people sign in, the mode's default applied."""
        return self.auth or ("none" if self.mode == "demo" else "local")

    @property
    def categories(self) -> tuple[str, ...]:
        """The cost categories kept, the mode's default applied."""
        if self.cost_categories is None:
            return ("Team",) if self.mode == "demo" else ()
        return self.cost_categories

    @property
    def keeps_resources(self) -> bool:
        """Whether resource-level costs are kept, the mode's default applied."""
        return self.mode == "demo" if self.resource_costs is None else self.resource_costs

    @property
    def refresh_hours(self) -> int:
        """Hours between refreshes, the mode's default applied."""
        if self.costs_refresh_hours is None:
            return 12 if self.mode == "demo" else 24
        return self.costs_refresh_hours

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the state. A secret: it may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'finops.db').absolute()}"

    @property
    def broker(self) -> str:
        """The URL of the broker, "" without one. A secret: it may hold a password."""
        return self.broker_url.get_secret_value() if self.broker_url is not None else ""

    @property
    def lake(self) -> str:
        """Root of the Parquet lake: a folder or an S3 address."""
        return self.lake_url or str((self.data_dir / "lake").absolute())

    @property
    def refresh_tenant(self) -> str:
        """The tenant Cost Explorer's answers belong to: made-up ones live in `demo` and nowhere else."""
        return DEMO_TENANT if self.mode == "demo" else self.tenant


def load_settings(*, environ_endpoint: str = "", **overrides: Any) -> Settings:
    """Settings from the environment and `.env`; SettingsError with one line for the first value that breaks its rule.

    `FINOPS_ENV_FILE` names another file than `.env`.
    `environ_endpoint` is the value of AWS_ENDPOINT_URL: in aws mode a frozen now needs an emulator on loopback.
    """
    overrides.setdefault("_env_file", os.environ.get(f"{PREFIX}ENV_FILE", ".env"))
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_line(error)) from None
    endpoint = _address(environ_endpoint)
    emulated = endpoint is not None and endpoint.hostname in LOOPBACK
    if settings.now is not None and settings.mode == "aws" and not emulated:
        raise SettingsError(
            "FINOPS_NOW: is accepted in demo mode, or while AWS_ENDPOINT_URL points at a loopback address"
        )
    return settings


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _address(text: str) -> SplitResult | None:
    """The parts of a URL; None for text that is none (by its port, too), whose own message would repeat it."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _line(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    rule = f"must match {TENANT_RULE}" if first["loc"][0] == "tenant" else message[:1].lower() + message[1:]
    return f"{PREFIX}{str(first['loc'][0]).upper()}: {rule}"
