"""The systems that tests need beside Python: PostgreSQL, MariaDB, Redis, RabbitMQ and Chromium.

Databases: FINOPS_TEST_POSTGRES_URL or FINOPS_TEST_MYSQL_URL, else the server at the standard port if it lets `root` in
without a password, else a private server in a temporary folder, on a free port, gone after the run. RabbitMQ likewise:
FINOPS_TEST_RABBITMQ_URL, else the standard port with its guest, else a private one. The system's own clusters are
never started, stopped or reconfigured.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import kombu
import pytest
import sqlalchemy
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext

T = TypeVar("T")
START_SECONDS = 60
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class UnavailableError(Exception):
    """A service that is not here and could not be started; the message says what is missing."""


@contextlib.contextmanager
def or_skip(service: contextlib.AbstractContextManager[T]) -> Iterator[T]:
    """The service, or a skip that says why it cannot be had."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(service)
        except UnavailableError as error:
            pytest.skip(str(error))
        yield running


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server whose user may create databases."""
    given = os.environ.get("FINOPS_TEST_POSTGRES_URL")
    usual = "postgresql+psycopg://root@127.0.0.1:5432/postgres"
    if given or _answers(usual):
        yield given or usual
        return
    initdb, server = _program("initdb", "postgresql"), _program("postgres", "postgresql")
    with _private_folder("postgres") as (folder, as_user):
        port, data = free_port(), folder / "data"
        _run(*as_user, initdb, "--auth=trust", "--username=root", "--no-sync", "--encoding=UTF8", "-D", data)
        command = [*as_user, server, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", folder, "-c", "fsync=off"]
        url = usual.replace("5432", str(port))
        with _running(command, lambda: _answers(url)):
            yield url


@contextlib.contextmanager
def mysql() -> Iterator[str]:
    """URL of a MySQL or MariaDB server whose user may create databases."""
    given = os.environ.get("FINOPS_TEST_MYSQL_URL")
    usual = "mysql+pymysql://root@127.0.0.1:3306/?charset=utf8mb4"
    if given or _answers(usual):
        yield given or usual
        return
    install, server = _program("mariadb-install-db", "mariadb-server"), _program("mariadbd", "mariadb-server")
    with _private_folder("mysql") as (folder, as_user):
        port, data = free_port(), folder / "data"
        options = ["--no-defaults", f"--datadir={data}"]
        _run(*as_user, install, *options, "--auth-root-authentication-method=normal", "--skip-test-db")
        local = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/sock", f"--pid-file={folder}/pid"]
        url = usual.replace("3306", str(port))
        with _running([*as_user, server, *options, *local], lambda: _answers(url)):
            yield url


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """URL of an empty Redis server."""
    server = _program("redis-server", "redis-server")
    with _private_folder(None) as (folder, _):
        port = free_port()
        command = [server, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with _running(command, lambda: _listens(port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def rabbitmq() -> Iterator[str]:
    """URL of a RabbitMQ server; tests share it, so each uses queues of its own name."""
    given = os.environ.get("FINOPS_TEST_RABBITMQ_URL")
    usual = "amqp://guest:guest@127.0.0.1:5672//"
    if given or _takes_messages(usual):
        yield given or usual
        return
    # The script behind the one on the path, which insists on the system's own user and folders.
    server = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or _program(
        "rabbitmq-server", "rabbitmq-server"
    )
    with _private_folder("rabbitmq") as (folder, as_user):
        port, names = free_port(), free_port()
        own = {
            "HOME": folder, "ERL_EPMD_PORT": names, "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"finops-{uuid.uuid4().hex[:8]}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": port, "RABBITMQ_DIST_PORT": free_port(), "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOGS": "-", "RABBITMQ_LOG_BASE": folder, "RABBITMQ_ENABLED_PLUGINS_FILE": folder / "plugins",
            "RABBITMQ_CONF_ENV_FILE": os.devnull, "RABBITMQ_CONFIG_FILE": folder / "none",
        }  # fmt: skip
        environment = os.environ | {name: str(value) for name, value in own.items()}
        url = usual.replace("5672", str(port))
        with contextlib.ExitStack() as stack:
            stack.callback(subprocess.run, ["epmd", "-kill"], env=environment, capture_output=True, check=False)
            stack.enter_context(_running([*as_user, server], lambda: _takes_messages(url), environment))
            yield url


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's, else the one Playwright was told to install."""
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None) or playwright.chromium.executable_path
        if not Path(found).exists():
            raise UnavailableError("no Chromium: install the package chromium")
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


def watch(context: BrowserContext, is_local: Callable[[object], bool]) -> list[str]:
    """The list that fills with requests that leave this machine, console errors and script errors of the context."""
    faults: list[str] = []

    def seen(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and not is_local(parts.hostname):
            faults.append(f"request to {parts.scheme}://{parts.netloc}{parts.path}")

    context.on("request", lambda request: seen(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: seen(socket.url)))
    context.on(
        "console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None
    )
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    return faults


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """URL of a new, empty database on the server; dropped at the end, open connections or not."""
    url, name = sqlalchemy.make_url(server), f"finops_{uuid.uuid4().hex[:12]}"
    postgresql = url.get_backend_name() == "postgresql"
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}" + ("" if postgresql else " CHARACTER SET utf8mb4"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}" + (" WITH (FORCE)" if postgresql else ""))


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    parts = sqlalchemy.make_url(url)
    if not _listens(parts.port or 0):
        return False
    try:
        with sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).connect():
            return True
    except sqlalchemy.exc.SQLAlchemyError:
        return False


def _takes_messages(url: str) -> bool:
    if not _listens(urlsplit(url).port or 0):
        return False
    try:
        with kombu.Connection(url, connect_timeout=5) as connection:
            connection.connect()
    except (kombu.exceptions.KombuError, OSError, *kombu.Connection(url).connection_errors):
        return False
    return True


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if found is None and not versions:
        raise UnavailableError(f"no {name}: install the package {package}")
    return found or str(versions[-1])


@contextlib.contextmanager
def _private_folder(user: str | None) -> Iterator[tuple[Path, list[str]]]:
    """A temporary folder, and the command prefix that runs a server as its owner: databases refuse to run as root."""
    with tempfile.TemporaryDirectory(prefix="finops-test-", ignore_cleanup_errors=True) as name:
        folder, prefix = Path(name), []
        if user and os.geteuid() == 0:
            try:
                owner = pwd.getpwnam(user)
            except KeyError:
                owner = pwd.getpwnam("nobody")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--"]
        yield folder, prefix


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise UnavailableError(f"{Path(str(command[0])).name} failed: {(done.stderr or done.stdout).strip()[-300:]}")


@contextlib.contextmanager
def _running(
    command: list[object], ready: Callable[[], bool], environment: dict[str, str] | None = None
) -> Iterator[None]:
    with tempfile.TemporaryFile() as output:
        words = [str(part) for part in command]
        process = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, cwd="/", env=environment)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise UnavailableError(
                        f"{words[-1]} did not start: {output.read().decode(errors='replace')[-300:]}"
                    )
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
