"""Which process does a job, and whether it still exists, as far as that can be known from here."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_FIRST_NAMESPACE = "pid:[4026531836]"
"""What Linux calls the process ids of the machine itself (PROC_PID_INIT_INO); containers have others."""


def here() -> str:
    """This process as `host:process`."""
    return f"{_host()}:{os.getpid()}"


def gone(worker: str) -> bool:
    """Whether a process is known to be no more: it was on this machine and does not exist now, or is a zombie."""
    host, _, number = worker.rpartition(":")
    if host != _host() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return _zombie(int(number))


def _host() -> str:
    """The host, and in a container its process namespace: two that share a host's name do not share process ids."""
    name = socket.gethostname()
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return name
    return name if namespace == _FIRST_NAMESPACE else f"{name}/{namespace[5:-1]}"


def _zombie(number: int) -> bool:
    """Whether a process has ended and only waits to be looked after; False where that cannot be seen."""
    try:
        told = Path(f"/proc/{number}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[:1] == ["Z"]
