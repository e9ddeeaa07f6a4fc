"""The only module that creates AWS clients: credentials, assumed roles, and a guard that lets only declared reads out.

It speaks strings and knows nothing of costs. Sessions come from botocore, the engine under boto3, because clients of
several accounts must share one data loader (a boto3 session for each account costs about a second and 36 MB).
"""

from __future__ import annotations

import logging
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.config import Config
from botocore.credentials import (
    Credentials,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import DataNotFoundError
from botocore.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from botocore.client import BaseClient
    from botocore.model import OperationModel

SessionHook: TypeAlias = "Callable[[Session], None]"
"""Given each new botocore session to register event handlers on."""

DEFAULT_REGION = "us-east-1"
USER_AGENT = "finops-dashboard"
ROLE_SESSION_NAME = "finops-dashboard-read"
ROLE_SECONDS = 3600
"""An hour, the most a chained role may have; botocore starts renewing 15 minutes before the end."""
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 60, 3

CREDENTIAL_OPERATIONS: Mapping[tuple[str, str], str] = {
    ("sts", "GetCallerIdentity"): "tells whose credentials these are; needs no permission",
    ("sts", "AssumeRole"): "opens the read-only role of a member account",
    ("sts", "AssumeRoleWithWebIdentity"): "credentials of a Kubernetes service account",
    ("sso", "GetRoleCredentials"): "credentials of an IAM Identity Center sign-in",
    ("sso-oidc", "CreateToken"): "renews an IAM Identity Center sign-in",
    ("signin", "CreateOAuth2Token"): "renews an `aws login` sign-in",
}
"""Operations by which credentials come about. They are permitted always and change nothing in an account."""

_EC2_VENDOR = Path("/sys/class/dmi/id/sys_vendor")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


class OperationRefused(Exception):  # noqa: N818 - a refusal is the guard doing its work, not an error of its own
    """The read-only guard stopped an operation that no code of this product has declared."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"{service}:{operation} is not on the list of permitted read-only operations; nothing was sent"
        )
        self.service = service
        self.operation = operation


class AccountUnreachable(Exception):  # noqa: N818 - states a fact about an account
    """Another account was asked for, and there is no role to open it with."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """How credentials are found.

    `kind` is one of environment, profile, sso, login, process, container, instance_role, web_identity, assumed_role,
    given and none. `key_id` shows the four characters at each end and no more.
    """

    kind: str
    profile: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """The account that the base credentials belong to, its partition (`aws`, `aws-cn` …) and the caller's ARN."""

    account: str
    partition: str
    arn: str


def masked(key_id: str) -> str:
    """An access key id for people: `AKIA…WXYZ`; too short ones vanish entirely."""
    return f"{key_id[:4]}…{key_id[-4:]}" if len(key_id) >= 16 else "…" if key_id else ""  # noqa: PLR2004 - AWS's shortest


def credential_strategy(environ: Mapping[str, str], session: Session, *, vendor_file: Path = _EC2_VENDOR) -> Strategy:
    """How botocore will find credentials, in its own order of precedence, without asking the network.

    An instance role can only be guessed: the machine must say it is one of EC2's (`vendor_file`).
    Source: https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
    """
    named = session.instance_variables().get("profile")
    profile = str(named or session.get_config_variable("profile") or "default")
    if named is None and environ.get("AWS_ACCESS_KEY_ID"):
        return Strategy("environment", key_id=masked(environ["AWS_ACCESS_KEY_ID"]))
    profiles: dict[str, Any] = dict(session.full_config).get("profiles", {})
    section: Mapping[str, str] = profiles.get(profile, {})
    if named is None and environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and "role_arn" not in section:
        return Strategy("web_identity")
    kind = _profile_kind(section)
    if kind:
        return Strategy(kind, profile=profile, key_id=masked(section.get("aws_access_key_id", "")))
    return Strategy(_machine_kind(environ, vendor_file))


def _profile_kind(section: Mapping[str, str]) -> str:
    if "role_arn" in section:
        return "web_identity" if "web_identity_token_file" in section else "assumed_role"
    for key, kind in (
        ("sso_session", "sso"),
        ("sso_start_url", "sso"),
        ("aws_access_key_id", "profile"),
        ("login_session", "login"),
        ("credential_process", "process"),
    ):
        if key in section:
            return kind
    return ""


def _machine_kind(environ: Mapping[str, str], vendor_file: Path) -> str:
    if environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") or environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return "container"
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return "none"
    try:
        vendor = vendor_file.read_text(encoding="utf-8")
    except OSError:
        return "none"
    return "instance_role" if vendor.strip() == "Amazon EC2" else "none"


class ReadOnlyGuard:
    """Refuses every operation that is not permitted before a request is built, sent, or signed for somebody else."""

    def __init__(self, permitted: Collection[tuple[str, str]]) -> None:
        self._permitted = frozenset(permitted) | frozenset(CREDENTIAL_OPERATIONS)
        self._services: dict[str, str] = {}  # the service ids of events ("cost-explorer") to names ("ce")

    def watch(self, session: Session) -> None:
        """Registers on a session before its first client: each client keeps a copy of the handlers made then."""
        events = session.get_component("event_emitter")
        # Parameters are built for calls, pages, waiters and presigned URLs alike, and every handler of that event
        # runs, so no answer that a later hook gives can hide the refusal.
        events.register_first("before-parameter-build", self._request)
        events.register_first("before-call", self._request)
        # A database token builds no parameters and sends nothing: all that leaves it is the signature.
        events.register_first("choose-signer", self._signature)

    def _request(self, model: OperationModel, context: Mapping[str, object], **_: object) -> None:
        service = str(model.service_model.service_name)
        # Whoever presigns picks the HTTP method too: a presigned list with DELETE in it would delete.
        if (service, model.name) not in self._permitted or "is_presign_request" in context:
            raise OperationRefused(service, model.name)
        self._services[model.service_model.service_id.hyphenize()] = service

    def _signature(self, event_name: str, **_: object) -> None:
        service_id, operation = event_name.split(".", 2)[1:]
        service = self._services.get(service_id, service_id)
        if (service, operation) not in self._permitted:
            raise OperationRefused(service, operation)


@dataclass(frozen=True, slots=True)
class _Found:
    """A credential provider whose search is over."""

    credentials: Credentials

    def load_credentials(self) -> Credentials:
        return self.credentials


class AwsSessions:
    """Guarded clients, one for each (account, region, service), shared by all threads.

    `permitted` holds (botocore service name, operation name) pairs. `static_keys` (key id, secret) replace every
    other source of credentials and cut the sessions off from the machine's AWS files and profile: the demo's way.
    `hooks` are given each botocore session after the guard and before its first client. `now` decides when assumed
    roles are renewed.
    """

    def __init__(  # noqa: PLR0913 - the settings of one process, keyword-only
        self,
        *,
        permitted: Collection[tuple[str, str]],
        now: Callable[[], datetime],
        role_name: str = "",
        external_id: str = "",
        profile: str | None = None,
        static_keys: tuple[str, str] | None = None,
        hooks: Sequence[SessionHook] = (),
        max_pool_connections: int = 64,
    ) -> None:
        if role_name and not _ROLE_NAME.fullmatch(role_name):
            raise ValueError("role_name is not a name that IAM accepts")
        pin_loggers()
        self._guard = ReadOnlyGuard(permitted)
        self._hooks = tuple(hooks)
        self._now = now
        self._role_name, self._external_id = role_name, external_id
        self._profile, self._static_keys = profile, static_keys
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=max_pool_connections,
            user_agent_extra=USER_AGENT,
        )
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self._clients: dict[tuple[str, str, str], BaseClient] = {}
        self._own: Own | None = None
        self._base = self._open(Credentials(*static_keys) if static_keys else None)
        self._sessions[""] = self._base

    @property
    def region(self) -> str:
        """The region of calls that name none: the configured one, else us-east-1."""
        return str(self._base.get_config_variable("region") or DEFAULT_REGION)

    def client(self, service: str, *, account: str | None = None, region: str | None = None) -> BaseClient:
        """The shared client. Without an account, or with the own one, it acts with the base credentials.

        Naming an account asks once, and free of charge, whose the base credentials are. AccountUnreachable for
        another account without a role name; botocore's errors pass through.
        """
        owner = "" if not account or account == self.own().account else account
        key = (owner, region or self.region, service)
        found = self._clients.get(key)
        if found is not None:
            return found
        with self._lock:  # creating clients is not thread-safe in botocore, using them is
            if key not in self._clients:
                session = self._session(owner)
                self._clients[key] = session.create_client(service, region_name=key[1], config=self._config)
            return self._clients[key]

    def own(self) -> Own:
        """Whose the base credentials are (sts:GetCallerIdentity, asked once)."""
        if self._own is not None:
            return self._own
        with self._lock:
            if self._own is None:
                sts: Any = self.client("sts")
                answer = sts.get_caller_identity()
                arn = str(answer["Arn"])
                self._own = Own(str(answer["Account"]), arn.split(":")[1], arn)
            return self._own

    def paginator(self, service: str, operation: str) -> Mapping[str, Any] | None:
        """Botocore's paging rule of an operation (`input_token`, `output_token`, `more_results`), None without one."""
        try:
            rules = self._base.get_component("data_loader").load_service_model(service, "paginators-1")
        except DataNotFoundError:
            return None
        rule: Mapping[str, Any] | None = rules["pagination"].get(operation)
        return rule

    def diagnostics(self) -> dict[str, str]:
        """What a person may see of the set-up, without a network call and without a secret."""
        strategy = self.strategy()
        return {
            "strategy": strategy.kind,
            "profile": strategy.profile,
            "key_id": strategy.key_id,
            "region": self.region,
            "role_name": self._role_name,
            "external_id": "set" if self._external_id else "not set",
        }

    def strategy(self) -> Strategy:
        """How the base credentials are found."""
        if self._static_keys:
            return Strategy("given", key_id=masked(self._static_keys[0]))
        return credential_strategy(os.environ, self._base)

    def _open(self, credentials: Credentials | None) -> Session:
        """A session with the guard, then the hooks, and with given credentials instead of botocore's search."""
        isolated = _ISOLATED if self._static_keys else None
        session = Session(session_vars=isolated, profile=self._profile)
        if self._sessions:
            session.register_component("data_loader", self._base.get_component("data_loader"))
        if credentials is not None:
            session.register_component("credential_provider", _Found(credentials))
        self._guard.watch(session)
        for hook in self._hooks:
            hook(session)
        return session

    def _session(self, account: str) -> Session:
        if account not in self._sessions:
            self._sessions[account] = self._open(self._assumed(account))
        return self._sessions[account]

    def _assumed(self, account: str) -> Credentials:
        """Credentials of the role in a member account, fetched at first use and renewed before they end."""
        if not self._role_name:
            raise AccountUnreachable(
                f"account {account} is not the own one and FINOPS_ROLE_NAME names no role to open it with"
            )
        if not _ACCOUNT.fullmatch(account):
            raise AccountUnreachable("an account id has 12 digits")
        wanted: dict[str, Any] = {
            "RoleArn": f"arn:{self.own().partition}:iam::{account}:role/{self._role_name}",
            "RoleSessionName": ROLE_SESSION_NAME,
            "DurationSeconds": ROLE_SECONDS,
        }
        if self._external_id:
            wanted["ExternalId"] = self._external_id
        return DeferredRefreshableCredentials(
            refresh_using=create_assume_role_refresher(self.client("sts"), wanted),
            method="assume-role",
            time_fetcher=self._now,
        )


_ISOLATED: dict[str, Any] = {
    "profile": (None, None, None, None),
    "region": (None, None, DEFAULT_REGION, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
    "csm_enabled": (None, None, False, None),
    "defaults_mode": (None, None, "legacy", None),
    "ignore_configured_endpoint_urls": (None, None, True, None),
}
"""Session variables of sessions with given keys: nothing of the machine's AWS set-up is read."""


def pin_loggers() -> None:
    """Keeps botocore's loggers at WARNING or above: at DEBUG they write session tokens and assumed-role secrets."""
    for name in ("botocore", "boto3", "urllib3", *logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if name.split(".")[0] in {"botocore", "boto3", "urllib3"} and logger.level < logging.WARNING:
            pinned = logging.WARNING if "." not in name or logger.level else logging.NOTSET
            logger.setLevel(pinned)
