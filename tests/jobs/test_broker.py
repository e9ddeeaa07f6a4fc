"""A broker that cannot be reached: told in seconds, in words without its password, and no job is left open."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import kombu
import pytest

from finops.jobs import Jobs, Terms, Work
from finops.jobs.broker import celery_app
from finops.model.errors import StoreError
from finops.model.jobs import JobStatus, Outcome
from tests.services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from finops.store.jobs import JobStore
    from tests.jobs.conftest import Clock

ROOT = Path(__file__).parents[2]
ACCOUNTS = {"accounts": ["111111111111", "222222222222", "333333333333"]}
WORKS = {
    "dig": Work(
        lambda _: Outcome(),
        lambda _, arguments: tuple(f"inventory:{account}" for account in arguments["accounts"]),
        lambda _, arguments: tuple({"accounts": [account]} for account in arguments["accounts"]),
    )
}


@pytest.fixture
def queue() -> str:
    """A queue of the test's own."""
    return f"finops-test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest, queue: str) -> Iterator[str]:
    """URL of a broker of each kind in turn, rid of the queue after the test."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    yield url
    with kombu.Connection(url) as connection:
        connection.default_channel.queue_delete(queue)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


def jobs_on(store: JobStore, url: str, now: datetime, **terms: object) -> Jobs:
    return Jobs(store, WORKS, now=lambda: now, broker_url=url, terms=replace(Terms(), **terms))


def messages(url: str, queue: str) -> list[kombu.Message]:
    found = []
    with kombu.Connection(url) as connection:
        while message := connection.default_channel.basic_get(queue, no_ack=True):
            found.append(message)
    return found


@pytest.mark.parametrize("scheme", ["redis", "rediss", "amqp", "amqps"])
@pytest.mark.parametrize("accounts", [["111111111111"], ["111111111111", "222222222222"]])
def test_a_broker_that_is_not_there_is_told_and_leaves_no_open_job(
    store: JobStore, now: datetime, scheme: str, accounts: list[str]
) -> None:
    port = free_port()
    jobs = jobs_on(store, f"{scheme}://finops:hunter2@127.0.0.1:{port}/0", now)
    began = time.monotonic()
    for attempt in (jobs.start, jobs.run):
        with pytest.raises(StoreError, match=r"^the broker cannot be reached: ") as caught:
            attempt("dig", "default", {"accounts": accounts}, user="ann")
        assert f"{scheme}://127.0.0.1:{port}" in str(caught.value)
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert time.monotonic() - began < 20
    kept, total = jobs.jobs("default")
    assert total == 2 * (1 if len(accounts) == 1 else 3)
    assert {job.status for job in kept} == {JobStatus.FAILED}
    assert {failure.code for job in kept for failure in job.failures} == {"broker"}
    jobs.close()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_never_answers_does_not_hold_anybody_up_for_long(
    store: JobStore, now: datetime, silent: int, scheme: str
) -> None:
    jobs = jobs_on(store, f"{scheme}://127.0.0.1:{silent}/0", now)
    began = time.monotonic()
    with pytest.raises(StoreError, match="the broker cannot be reached"):
        jobs.start("dig", "default", ACCOUNTS, user="ann")
    assert time.monotonic() - began < 40
    assert not any(job.status.open for job in jobs.jobs("default")[0])


def test_a_broker_that_knows_another_password_is_told_without_either(
    store: JobStore, now: datetime, broker: str, queue: str
) -> None:
    wrong = f"{broker.partition('://')[0]}://guest:hunter2@{broker.partition('://')[2].rpartition('@')[2]}"
    jobs = jobs_on(store, wrong, now, queue=queue)
    if broker.startswith("redis"):
        with kombu.Connection(broker) as connection:
            connection.default_channel.client.acl_setuser("guest", enabled=True, passwords=["+right"])
    with pytest.raises(StoreError, match="the broker cannot be reached") as caught:
        jobs.start("dig", "default", ACCOUNTS, user="ann")
    assert "hunter2" not in str(caught.value)


def test_a_message_is_json_on_its_queue_and_carries_the_id_of_the_job_and_nothing_of_its_arguments(
    store: JobStore, now: datetime, broker: str, queue: str
) -> None:
    jobs = jobs_on(store, broker, now, queue=queue)
    job = jobs.start("dig", "default", {"accounts": ["111111111111"], "secret": "hush-hush"}, user="ann@example.com")
    (message,) = messages(broker, queue)
    assert message.content_type == "application/json"
    assert message.headers["task"] == "finops.job"
    assert json.loads(message.body)[0] == [job.job_id]
    told = str(message.body) + str(message.headers)
    assert "hush-hush" not in told
    assert "ann@example.com" not in told
    assert jobs.job("default", job.job_id) == job
    jobs.close()


def test_a_split_job_has_one_message_for_each_part_and_none_of_its_own(
    store: JobStore, now: datetime, broker: str, queue: str
) -> None:
    jobs = jobs_on(store, broker, now, queue=queue)
    parent = jobs.start("dig", "default", ACCOUNTS, user="ann")
    assert parent.status is JobStatus.RUNNING
    parts = [job for job in jobs.jobs("default")[0] if job.parent == parent.job_id]
    assert [part.arguments for part in reversed(parts)] == [{"accounts": [each]} for each in ACCOUNTS["accounts"]]
    sent = {json.loads(message.body)[0][0] for message in messages(broker, queue)}
    assert sent == {part.job_id for part in parts}
    jobs.close()


def test_a_message_that_the_broker_would_drop_is_told(store: JobStore, now: datetime, rabbitmq_url: str) -> None:
    queue = f"finops-test-{uuid.uuid4().hex[:12]}"
    jobs = jobs_on(store, rabbitmq_url, now, queue=queue)
    jobs.start("dig", "default", {"accounts": ["111111111111"]}, user="ann")
    with kombu.Connection(rabbitmq_url) as connection:
        connection.default_channel.queue_delete(queue)
    with pytest.raises(StoreError, match="the broker cannot be reached"):
        jobs.start("dig", "default", {"accounts": ["222222222222"]}, user="ann")
    jobs.close()


def test_a_job_whose_message_was_lost_is_sent_again_when_nobody_took_it_for_an_hour(
    store: JobStore, now: datetime, broker: str, queue: str, clock: Clock
) -> None:
    jobs = jobs_on(store, broker, now, queue=queue, clock=clock)
    jobs.start("dig", "default", ACCOUNTS, user="ann")
    assert len(messages(broker, queue)) == 3
    clock.pass_by(3600)
    assert jobs.remind() == 0
    clock.pass_by(1)
    assert jobs.remind() == 3
    assert jobs.remind() == 0
    assert len(messages(broker, queue)) == 3
    jobs.close()


def test_without_a_broker_nothing_of_celery_is_imported() -> None:
    program = (
        "import sys, finops.facade, finops.cli; sys.exit(any(name in sys.modules for name in ('celery', 'kombu')))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_without_a_broker_nobody_is_reminded(store: JobStore, now: datetime) -> None:
    assert Jobs(store, WORKS, now=lambda: now).remind() == 0


class Faltering:
    """A sender that breaks after so many messages."""

    def __init__(self, working: int) -> None:
        self.left = working
        self.sent: list[str] = []

    def send(self, job_id: str) -> None:
        if len(self.sent) == self.left:
            raise StoreError("the broker cannot be reached: redis://127.0.0.1 (gone)")
        self.sent.append(job_id)


@pytest.mark.parametrize("working", [0, 1, 2])
def test_a_broker_that_goes_away_between_two_parts_fails_the_rest_and_only_those(
    store: JobStore, now: datetime, working: int
) -> None:
    jobs = jobs_on(store, "redis://127.0.0.1:1/0", now)
    sender = Faltering(working)
    jobs._sender = sender  # noqa: SLF001 - a broker cannot be made to fail between two messages
    if working == 0:
        with pytest.raises(StoreError):
            jobs.start("dig", "default", ACCOUNTS, user="ann")
        assert not any(job.status.open for job in jobs.jobs("default")[0])
        return
    parent = jobs.start("dig", "default", ACCOUNTS, user="ann")
    for job_id in sender.sent:
        jobs.perform(job_id)
    ended = jobs.job("default", parent.job_id)
    assert ended.status is JobStatus.PARTIAL
    assert [failure.code for failure in ended.failures] == ["broker"] * (3 - working)
    assert [failure.account for failure in ended.failures] == ACCOUNTS["accounts"][working:]


@pytest.mark.parametrize(
    ("url", "option", "value"),
    [
        ("rediss://127.0.0.1/0", "ssl_cert_reqs", ssl.CERT_REQUIRED),
        ("amqps://127.0.0.1//", "cert_reqs", ssl.CERT_REQUIRED),
    ],
)
def test_tls_checks_who_answers(url: str, option: str, value: object) -> None:
    assert celery_app(url).conf.broker_use_ssl[option] == value
    for plain in ("redis://127.0.0.1/0", "amqp://127.0.0.1//"):
        assert not celery_app(plain).conf.broker_use_ssl
