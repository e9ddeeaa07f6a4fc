"""Without sign-in nobody but the person at this machine may reach the server."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from finops.model.errors import ConfigError

if TYPE_CHECKING:
    from config import Settings


def check_binding(settings: Settings, host: str | None) -> None:
    """ConfigError unless the server may listen on `host` (None or empty: on every interface).

    Sign-in is not part of this version: any way of it is refused rather than ignored, and so is the default of `aws`
    mode, which is meant to be said aloud. With no sign-in the address has to be a loopback one.
    """
    if settings.sign_in != "none":
        said = "sign-in is not part of this version" if settings.auth else "aws mode has no sign-in yet"
        raise ConfigError("FINOPS_AUTH", f"{said}; set FINOPS_AUTH=none to serve without it on a loopback address")
    if not is_loopback(host):
        raise ConfigError("FINOPS_AUTH", "`none` is allowed on a loopback address only; bind the server to 127.0.0.1")


def is_loopback(host: str | None) -> bool:
    """Whether an address reaches this machine only. Names but localhost may mean anything and do not count."""
    name = (host or "").strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
