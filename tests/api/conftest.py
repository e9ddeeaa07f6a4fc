"""The API over demo data, as `streamlit_app` mounts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from finops.api.headers import middleware
from finops.api.openapi import openapi
from finops.api.routes import routes
from finops.facade import Finops, open_finops
from tests import stocked

if TYPE_CHECKING:
    from collections.abc import Iterator


DESCRIPTION = openapi()


def conforms(document: Any, name: str) -> None:
    """Fails unless a document is what the API's description says of it."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)


def client_of(finops: Finops) -> TestClient:
    app = Starlette(routes=routes(lambda: finops), middleware=middleware(finops.settings, finops.health.answered))
    return TestClient(app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False)


@pytest.fixture(scope="session")
def finops() -> Iterator[Finops]:
    opened = open_finops(stocked.settings(stocked.folder()))
    yield opened
    opened.close()


@pytest.fixture
def client(finops: Finops) -> Iterator[TestClient]:
    with client_of(finops) as client:
        yield client


@pytest.fixture
def get(client: TestClient) -> Any:
    """GET an `/api` path with parameters: the parsed document of a 200."""

    def ask(path: str, params: Any) -> dict[str, Any]:
        answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
