"""Real HTTP on loopback: answers cut off in the middle, dropped connections, nobody there."""

from __future__ import annotations

import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from finops.aws.calls import Ask, Calls
from finops.aws.cost_explorer import GET_COST_AND_USAGE
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.wire import KEYS, NOW, PocketMeter, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CENT = Decimal("0.01")
ASK = Ask(
    GET_COST_AND_USAGE,
    {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"}, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]},
    ("ResultsByTime",),
    region="us-east-1",
)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"ResultsByTime": [{"TimePeriod"')


def cut_off_in_a_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'20\r\n{"ResultsByTime"')


def hung_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


class Server(ThreadingHTTPServer):
    """Breaks every request in one way and counts them."""

    def __init__(self, way: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.way, self.requests = way, 0
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_: object) -> None:
        """A closed connection is the point here."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests += 1
        self.server.way(self)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(request.param) as found:
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        point_at(monkeypatch, found.server_port)
        yield found
        found.shutdown()


def point_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS[1])


def failure() -> tuple[AwsError, PocketMeter]:
    meter = PocketMeter()
    with pytest.raises(AwsError) as raised:
        Calls(sessions(static_keys=None), meter, now=lambda: NOW).call(ASK, Caller())
    return raised.value, meter


@pytest.mark.parametrize("server", [cut_off, cut_off_in_a_chunk, hung_up], indirect=True)
def test_a_paid_answer_lost_on_its_way_is_an_error_asked_once_and_counted_at_its_price(server: Server):
    error, meter = failure()
    assert error.kind in {AwsError.UNAVAILABLE, AwsError.MALFORMED}
    assert server.requests == 1
    assert meter.spent == meter.records[0].price == CENT


def test_where_nobody_listens_nothing_is_charged(monkeypatch: pytest.MonkeyPatch):
    with Server(hung_up) as gone:
        port = gone.server_port
    point_at(monkeypatch, port)
    error, meter = failure()
    assert (error.kind, error.code, meter.spent) == (AwsError.UNAVAILABLE, "EndpointConnectionError", 0)
