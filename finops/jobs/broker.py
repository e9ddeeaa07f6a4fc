"""Celery as this product uses it: messages that carry the id of a job and nothing else, in JSON, on one queue.

The job itself is a row in SQL. A message that is lost is sent again, one that comes twice is left alone.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from finops.jobs.terms import QUEUE
from finops.model.errors import StoreError

if TYPE_CHECKING:
    from celery import Celery

TASK = "finops.job"

_CONNECT_SECONDS = 4
_ANSWER_SECONDS = 4
_HANDOVER_SECONDS = 120
"""A message that a worker took from Redis and did not acknowledge by then (it was killed that very moment) comes again.
Longer than the pauses in which a message waits for its database (`finops.worker`)."""

_RETRY = {"max_retries": 1, "interval_start": 0.2, "interval_step": 0.2, "interval_max": 0.5}
_SETTINGS: dict[str, Any] = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "task_ignore_result": True,
    "task_acks_late": False,  # a killed worker's job is marked interrupted, never repeated behind anyone's back
    "task_publish_retry_policy": _RETRY,
    "broker_connection_timeout": _CONNECT_SECONDS,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # a worker waits for its broker as long as it takes
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_proc_alive_timeout": 60.0,  # opening database and lake may take longer than the usual four seconds
}


def celery_app(broker_url: str, queue: str = QUEUE) -> Celery:
    """A Celery application on this broker, not yet connected; `redis://`, `rediss://`, `amqp://` or `amqps://`."""
    from celery import Celery

    scheme = urlsplit(broker_url).scheme
    app = Celery("finops", broker=broker_url, set_as_current=False)
    app.conf.update(_SETTINGS, task_default_queue=queue, **_transport(scheme))
    return app


def _transport(scheme: str) -> dict[str, Any]:
    """What differs between Redis and RabbitMQ. TLS always checks the server's certificate and name."""
    if scheme.startswith("redis"):
        waits = {"socket_connect_timeout": _CONNECT_SECONDS, "socket_timeout": _ANSWER_SECONDS}
        waits["visibility_timeout"] = _HANDOVER_SECONDS
        found: dict[str, Any] = {"broker_transport_options": waits, "worker_disable_prefetch": True}
        if scheme == "rediss":
            found["broker_use_ssl"] = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
        return found
    found = {"broker_transport_options": {"confirm_publish": True}}
    if scheme == "amqps":
        found["broker_use_ssl"] = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None}  # None: the URL's host
    return found


class Sender:
    """Tells a broker's workers of jobs. Connects when first used; safe to share between threads, not across forks."""

    def __init__(self, broker_url: str, queue: str = QUEUE) -> None:
        self._place = _place(broker_url)
        self._app = celery_app(broker_url, queue)
        with self._app.connection_for_write() as unused:  # not opened: it only knows what its library raises
            self._errors = (OSError, *unused.connection_errors, *unused.channel_errors)

    def send(self, job_id: str) -> None:
        """Queues a job; StoreError within seconds when the broker cannot be reached or does not take it."""
        from kombu.exceptions import KombuError

        try:
            # Mandatory: RabbitMQ would drop a message without a word whose queue somebody deleted.
            self._app.send_task(
                TASK, args=[job_id], ignore_result=True, mandatory=True, confirm_timeout=_ANSWER_SECONDS
            )
        except (KombuError, *self._errors) as error:
            raise StoreError(f"the broker cannot be reached: {self._place} ({_reason(error)})") from None

    def close(self) -> None:
        """Closes connections."""
        self._app.close()


def _place(broker_url: str) -> str:
    """Scheme, host and port, without user and password."""
    parts = urlsplit(broker_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"


def _reason(error: BaseException) -> str:
    """What went wrong in a word or two: the library's own text may repeat the address with its password."""
    inner: BaseException | None = error
    while inner is not None:
        error = inner
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        inner = error.__cause__ or error.__context__
    return type(error).__name__
