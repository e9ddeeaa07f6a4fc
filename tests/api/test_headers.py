"""The edge of the server: headers on every answer, and no answer under a foreign name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from config import load_settings
from finops.api.headers import allowed_hosts, host_name, middleware, path_group


def served(*, public_url="http://costs.example.com:8501", counted=None, auth="none") -> TestClient:
    async def page(_):
        return PlainTextResponse("a page")

    async def socket(websocket):
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    settings = load_settings(public_url=public_url, auth=auth)
    count = (lambda *seen: counted.append(seen)) if counted is not None else (lambda *_: None)
    app = Starlette(
        routes=[Route("/", page), Route("/api/costs", page), WebSocketRoute("/_stcore/stream", socket)],
        middleware=middleware(settings, count),
    )
    return TestClient(app, base_url="http://127.0.0.1:8501")


def test_a_page_carries_the_policy_that_lets_nothing_load_from_elsewhere():
    headers = served().get("/").headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "img-src 'self' data: blob:" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_api_and_errors_carry_them_too():
    client = served()
    assert client.get("/api/costs").headers["content-security-policy"].startswith("default-src 'none'")
    assert client.get("/missing").headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "localhost", "LOCALHOST:9", "[::1]:8501", "costs.example.com", "localhost."]
)
def test_loopback_names_and_the_public_name_are_served(host):
    assert served().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "evil.example.com:8501",
        "127.0.0.2",
        "evil@127.0.0.1",
        "127.0.0.1/evil",
        "[::1",
        "127.0.0.1:99999",
        "",
    ],
)
def test_any_other_name_is_refused_before_anything_runs(host):
    refused = served().get("/", headers={"host": host})
    assert refused.status_code == 421
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 421
    assert refused.headers["content-security-policy"]
    assert "a page" not in refused.text


def test_web_sockets_under_a_foreign_name_are_refused():
    client = served()
    with client.websocket_connect("/_stcore/stream", headers={"host": "localhost:8501"}) as socket:
        assert socket.receive_text() == "hello"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/_stcore/stream", headers={"host": "evil.example.com"}),
    ):
        raise AssertionError("the socket must not open")


def test_with_sign_in_any_name_is_served_since_nobody_is_let_in_unknown():
    assert served(auth="local").get("/", headers={"host": "costs.internal"}).status_code == 200


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_host_header_is_a_name_or_nothing(header):
    assert host_name(header) not in allowed_hosts("") or header.lower().startswith(("127.0.0.1", "localhost", "[::1"))


def test_requests_are_counted_under_few_labels():
    counted = []
    client = served(counted=counted)
    client.get("/api/costs")
    client.get("/api/anything/else")
    client.get("/static/x.js")
    client.request("BREW", "/")
    assert counted == [
        ("GET", "/api/costs", 200),
        ("GET", "/api", 404),
        ("GET", "pages", 404),
        ("OTHER", "pages", 405),
    ]
    assert path_group("/api/" + "x" * 500) == "/api"
