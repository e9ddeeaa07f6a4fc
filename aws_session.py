"""The only module that creates AWS clients: credentials, assumed roles, and a guard: only what is declared gets out.

It speaks strings and knows nothing of costs. The session comes from botocore, the engine under boto3: one for all
accounts, since a boto3 session for each costs about a second and 36 MB. A client is shared by every account of its
region and service; who acts is said call by call, the way botocore itself signs for S3 Express buckets.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from contextvars import Context, ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from botocore import __version__ as BOTOCORE  # noqa: N812 - a constant here
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
USER_AGENT = f"finops-dashboard Botocore/{BOTOCORE}"  # made once: botocore would build its own for each request
ROLE_SESSION_NAME = "finops-dashboard-read"
ROLE_SECONDS = 3600
"""An hour, the most a chained role may have; botocore starts renewing 15 minutes before the end."""
CONNECT_SECONDS, READ_SECONDS = 5, 60
ATTEMPTS, ATTEMPTS_UNANSWERED = 6, 3
"""With one call in ten throttled, six attempts lose one in a million; three would lose one in a thousand. Where nobody
answers at all, three are enough."""

CREDENTIAL_OPERATIONS: Mapping[tuple[str, str], str] = {
    ("sts", "GetCallerIdentity"): "tells whose credentials these are; needs no permission",
    ("sts", "AssumeRole"): "opens the read-only role of a member account",
    ("sts", "AssumeRoleWithWebIdentity"): "credentials of a Kubernetes service account",
    ("sso", "GetRoleCredentials"): "credentials of an IAM Identity Center sign-in",
    ("sso-oidc", "CreateToken"): "renews an IAM Identity Center sign-in",
    ("signin", "CreateOAuth2Token"): "renews an `aws login` sign-in",
}
"""Operations by which credentials come about. They are permitted always and change nothing in an account."""

_PROFILE_KINDS = (
    ("sso_session", "sso"), ("sso_start_url", "sso"), ("aws_access_key_id", "profile"), ("login_session", "login"),
    ("credential_process", "process"),
)  # fmt: skip
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
    """How credentials are found. `key_id` shows the four characters at each end and no more.

    `kind` is one of environment, profile, sso, login, process, container, instance_role, web_identity, assumed_role,
    given and none.
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
    return next((kind for key, kind in _PROFILE_KINDS if key in section), "")


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


class _Found(NamedTuple):
    """A credential provider whose search is over."""

    credentials: Credentials

    def load_credentials(self) -> Credentials:
        return self.credentials


_acting: ContextVar[Credentials | None] = ContextVar("acting", default=None)
"""Whose credentials sign the call under way in this thread; None: the base ones."""


def _sign_for_whoever_acts(context: dict[str, Any], **_: object) -> None:
    credentials = _acting.get()
    if credentials is not None:
        context.setdefault("signing", {})["request_credentials"] = credentials


def _give_up_unanswered(attempts: int, caught_exception: Exception | None, **_: object) -> None:
    if caught_exception is not None and attempts >= ATTEMPTS_UNANSWERED:
        raise caught_exception


class AccountClient:
    """A shared client that acts in one account. It has the client's operations and nothing else.

    A paginator or waiter would call later, when nobody says any more who acts.
    """

    def __init__(self, client: BaseClient, credentials: Credentials) -> None:
        self.meta, self.exceptions = client.meta, client.exceptions
        self._client = client
        self._credentials = credentials

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self.meta.method_to_api_mapping:
            raise AttributeError(f"a client of a member account has no {name}")
        operation: Callable[..., Any] = getattr(self._client, name)

        def acting(**params: Any) -> Any:
            before = _acting.set(self._credentials)
            try:
                return operation(**params)
            finally:
                _acting.reset(before)

        return acting


class AwsSessions:
    """Guarded clients, one for each (region, service), shared by all threads and accounts.

    `permitted` holds (botocore service name, operation name) pairs. `static_keys` (key id, secret) replace every
    other source of credentials and cut the sessions off from the machine's AWS files and profile: the demo's way.
    `hooks` are given the botocore session after the guard and before its first client. `entry` tells how an account is
    opened (role name, external id) where that differs from `role_name` and `external_id`: empty texts where it does
    not. `now` decides when assumed roles are renewed.
    """

    def __init__(  # noqa: PLR0913 - the settings of one process, keyword-only
        self,
        *,
        permitted: Collection[tuple[str, str]],
        now: Callable[[], datetime],
        role_name: str = "",
        external_id: str = "",
        entry: Callable[[str], tuple[str, str]] = lambda _: ("", ""),
        profile: str | None = None,
        static_keys: tuple[str, str] | None = None,
        hooks: Sequence[SessionHook] = (),
        max_pool_connections: int = 64,
    ) -> None:
        if role_name and not _ROLE_NAME.fullmatch(role_name):
            raise ValueError("role_name is not a name that IAM accepts")
        pin_loggers()
        self._now = now
        self._role_name, self._external_id, self._entry = role_name, external_id, entry
        self._static_keys = static_keys
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=max_pool_connections,
            user_agent=USER_AGENT,
        )
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._roles: dict[tuple[str, str, str], Credentials] = {}
        self._own: Own | None = None
        self._session = Session(session_vars=_ISOLATED if static_keys else None, profile=profile)
        if static_keys:
            self._session.register_component("credential_provider", _Found(Credentials(*static_keys)))
        ReadOnlyGuard(permitted).watch(self._session)
        events = self._session.get_component("event_emitter")
        events.register_first("before-call", _sign_for_whoever_acts)
        events.register_first("needs-retry", _give_up_unanswered)
        for hook in hooks:
            hook(self._session)

    @property
    def region(self) -> str:
        """The region of calls that name none: the configured one, else us-east-1."""
        return str(self._session.get_config_variable("region") or DEFAULT_REGION)

    def client(
        self, service: str, *, account: str | None = None, region: str | None = None
    ) -> BaseClient | AccountClient:
        """The shared client. Without an account, or with the own one, it acts with the base credentials.

        Naming an account asks once, and free of charge, whose the base credentials are. AccountUnreachable for
        another account without a role name; botocore's errors pass through.
        """
        shared = self._shared(service, region or self.region)
        if not account or account == self.own().account:
            return shared
        return AccountClient(shared, self._assumed(account))

    def own(self) -> Own:
        """Whose the base credentials are (sts:GetCallerIdentity, asked once)."""
        if self._own is not None:
            return self._own
        with self._lock:
            if self._own is None:
                sts: Any = self._shared("sts", self.region)
                answer = sts.get_caller_identity()
                arn = str(answer["Arn"])
                self._own = Own(str(answer["Account"]), arn.split(":")[1], arn)
            return self._own

    def regions_of(self, service: str) -> tuple[str, ...]:
        """Regions of every partition where botocore knows the service, sorted; none where it does not say."""
        known, ask = self._session.get_available_partitions(), self._session.get_available_regions
        return tuple(sorted({region for one in known for region in ask(service, partition_name=one)}))

    def paginator(self, service: str, operation: str) -> Mapping[str, Any] | None:
        """Botocore's paging rule of an operation (`input_token`, `output_token`, `more_results`), None without one."""
        try:
            rules = self._session.get_component("data_loader").load_service_model(service, "paginators-1")
        except DataNotFoundError:
            return None
        rule: Mapping[str, Any] | None = rules["pagination"].get(operation)
        return rule

    def diagnostics(self) -> dict[str, str]:
        """What a person may see of the set-up, without a network call and without a secret."""
        strategy = self.strategy()
        found = {"strategy": strategy.kind, "profile": strategy.profile, "key_id": strategy.key_id}
        opened = {"role_name": self._role_name, "external_id": "set" if self._external_id else "not set"}
        return {**found, "region": self.region, **opened}

    def strategy(self) -> Strategy:
        """How the base credentials are found."""
        if self._static_keys:
            return Strategy("given", key_id=masked(self._static_keys[0]))
        return credential_strategy(os.environ, self._session)

    def _shared(self, service: str, region: str) -> BaseClient:
        found = self._clients.get((region, service))
        if found is not None:
            return found
        with self._lock:  # creating clients is not thread-safe in botocore, using them is
            if (region, service) not in self._clients:
                made = self._session.create_client(service, region_name=region, config=self._config)
                self._clients[region, service] = made
            return self._clients[region, service]

    def _assumed(self, account: str) -> Credentials:
        """Credentials of the role in a member account, fetched at first use and renewed before they end."""
        own_role, own_id = self._entry(account)
        role, external_id = own_role or self._role_name, own_id or self._external_id
        if not role:
            raise AccountUnreachable(
                f"account {account} is not the own one and FINOPS_ROLE_NAME names no role to open it with"
            )
        if not _ACCOUNT.fullmatch(account) or not _ROLE_NAME.fullmatch(role):
            raise AccountUnreachable("an account id has 12 digits, and a role a name that IAM accepts")
        with self._lock:
            if (account, role, external_id) not in self._roles:
                self._roles[account, role, external_id] = self._credentials(account, role, external_id)
            return self._roles[account, role, external_id]

    def _credentials(self, account: str, role: str, external_id: str) -> Credentials:
        wanted: dict[str, Any] = {
            "RoleArn": f"arn:{self.own().partition}:iam::{account}:role/{role}",
            "RoleSessionName": ROLE_SESSION_NAME,
            "DurationSeconds": ROLE_SECONDS,
        }
        if external_id:
            wanted["ExternalId"] = external_id
        refresher = create_assume_role_refresher(self._shared("sts", self.region), wanted)
        return DeferredRefreshableCredentials(
            # In the middle of a call that acts with the role, the role is assumed with the base credentials.
            refresh_using=lambda: Context().run(refresher),
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
    talkative = ("botocore", "boto3", "urllib3")
    for name in (*talkative, *logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if name.split(".")[0] in talkative and logger.level < logging.WARNING:
            pinned = logging.WARNING if "." not in name or logger.level else logging.NOTSET
            logger.setLevel(pinned)
