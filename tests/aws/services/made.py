"""What moto is asked to make, and with what: one account, one region, tags, and secrets where people put them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import botocore.session

ACCOUNT = "123456789012"
REGION = "eu-west-1"
SECRET = "hunter2-never-to-be-kept"
TAGS = {"Name": "checkout", "Team": "Zahlung & Körbe <😀>", "aws:made": "by hand"}
OWN = {key: value for key, value in TAGS.items() if not key.startswith("aws:")}


@dataclass(frozen=True)
class Made:
    """What must be listed. `arn` and `links` only where the maker knows them; `details` are some of them."""

    kind: str
    resource_id: str
    name: str
    arn: str = ""
    state: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    links: tuple[tuple[str, str, str], ...] = ()
    tagged: bool = True  # whether moto's tagging API knows this kind


def client(service: str, region: str = REGION) -> Any:
    session = botocore.session.Session()
    return session.create_client(
        service, region_name=region, aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="made-up"
    )


def pairs(key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in OWN.items()]


def spec(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": pairs()}]


def arn(service: str, rest: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{rest}"
