"""Every path: who may ask, what is refused and in which form, probes, and the API's description of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette
from starlette.testclient import TestClient

from finops.api.endpoints import XLSX
from finops.api.paths import ENDPOINTS
from finops.api.routes import PATHS, routes
from finops.model.errors import StoreError
from tests.api.conftest import DESCRIPTION, client_of, conforms

if TYPE_CHECKING:
    from finops.facade import Finops

OCTOBER = {"start": "2026-10-01", "end": "2026-11-01"}
EXAMPLES = {endpoint.path: dict(parse_qsl(endpoint.example)) for endpoint in ENDPOINTS}
METHODS = {endpoint.path: endpoint.method for endpoint in ENDPOINTS}
ALLOWED: dict[str, set[str]] = {}
for each in ENDPOINTS:
    ALLOWED.setdefault(each.path, set()).update(each.methods)
COST_PATHS = [
    endpoint.path
    for endpoint in ENDPOINTS
    if {"start", "end"} <= {each.name for each in endpoint.parameters if each.required}
]


class Failing:
    """Costs that cannot be had."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise self.error


def problem(answer, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    conforms(told, "Problem")
    assert told["status"] == status
    return told


def test_the_process_lives(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_has_one_line_per_part_and_waits_for_the_clock(client, finops):
    finops.health.ticked()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert [line.partition(":")[0] for line in answer.text.splitlines()] == ["database", "lake", "disk", "scheduler"]
    assert all(": ok, " in line for line in answer.text.splitlines())


def test_a_house_that_cannot_open_is_not_ready(client):
    def closed() -> Finops:
        raise StoreError("the postgresql database did not answer")

    answer = TestClient(Starlette(routes=routes(closed))).get("/readyz")
    assert (answer.status_code, answer.text) == (503, "stores: failed, the postgresql database did not answer\n")


def test_metrics_count_the_requests_of_this_process(client):
    client.get("/api/costs", params=OCTOBER)
    client.get("/api/costs", params={**OCTOBER, "metric": "x"})
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(
        r'^finops_http_requests_total\{method="GET",path="/api/costs",status="400"\} [1-9]', answer.text, re.MULTILINE
    )
    assert re.search(r"^finops_cost_explorer_spend_dollars 0\.\d+$", answer.text, re.MULTILINE)
    assert re.search(r'^finops_costs_fetched_timestamp_seconds{source="cost_explorer"} 17', answer.text, re.MULTILINE)


@pytest.mark.parametrize("path", EXAMPLES)
def test_unknown_parameters_are_named(client, path):
    params = {**EXAMPLES[path], "colour": "red", "Metric": "x"}
    told = problem(client.request(METHODS[path], path, params=params), 400)
    assert "Metric, colour" in told["detail"]
    assert told["field"] == "Metric"


@pytest.mark.parametrize("path", COST_PATHS)
@pytest.mark.parametrize("field", ["start", "end"])
def test_a_missing_period_is_named(client, path, field):
    params = {name: value for name, value in OCTOBER.items() if name != field}
    assert problem(client.get(path, params=params), 400)["field"] == field


def test_a_metric_the_source_lacks_names_those_it_has(client):
    told = problem(client.get("/api/costs", params={**OCTOBER, "metric": "list"}), 400)
    assert told["field"] == "metric"
    assert "unblended" in told["detail"]


@pytest.mark.parametrize("tenant", ["Demo", "*", "../demo", "a" * 64])
def test_a_tenant_that_is_no_name_is_named(client, tenant):
    assert problem(client.get("/api/costs", params={**OCTOBER, "tenant": tenant}), 400)["field"] == "tenant"


def test_a_persona_is_chosen_by_header(client):
    asked = {
        role: client.get("/api/costs", params=OCTOBER, headers={"X-Finops-Persona": role})
        for role in ("analyst", "admin")
    }
    assert {answer.status_code for answer in asked.values()} == {200}
    told = problem(client.get("/api/costs", params=OCTOBER, headers={"X-Finops-Persona": "root"}), 400)
    assert told["field"] == "X-Finops-Persona"
    assert "analyst" in told["detail"]


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/costs/", "/api/costs/2026", "/api/%2e%2e/healthz"])
def test_an_unknown_path_is_a_problem_of_its_own(client, path):
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", sorted(path for path in PATHS if path.startswith("/api/")))
def test_other_methods_are_refused_and_told_which_there_are(client, path):
    allowed = ALLOWED.get(path, {"GET", "HEAD"})
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - allowed:
        answer = client.request(method, path)
        problem(answer, 405)
        assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", sorted(PATHS))
def test_head_answers_like_get_without_the_body(client, path):
    shown = client.get(path, params=EXAMPLES.get(path))
    headed = client.head(path, params=EXAMPLES.get(path))
    assert (headed.status_code, headed.headers["content-type"]) == (shown.status_code, shown.headers["content-type"])
    assert headed.content == b""


@pytest.mark.parametrize("path", sorted(PATHS))
def test_nothing_is_cached(client, path):
    assert client.get(path, params=EXAMPLES.get(path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_example_of_every_path_is_answered(client, path):
    admin = {"X-Finops-Persona": "admin"} if METHODS[path] == "POST" else {}
    answer = client.request(METHODS[path], path, params=EXAMPLES[path], headers=admin)
    if path == "/api/asset":  # which asset there is depends on the house
        assert problem(answer, 400)["detail"] == "there is no asset of this id"
    elif "{" in path:
        problem(answer, 404)
    elif METHODS[path] == "POST":
        assert problem(answer, 400)["field"] == "Content-Type"
    else:
        assert answer.status_code == 200, answer.text


def test_the_description_says_which_files_a_path_gives():
    read = {path: told["get"] for path, told in DESCRIPTION["paths"].items() if "get" in told}
    given = {path: set(told["responses"]["200"]["content"]) for path, told in read.items()}
    assert given["/api/costs"] == {"application/json", "text/csv"}
    assert given["/api/assets"] == {"application/json", "text/csv", XLSX}
    assert given["/api/asset"] == given["/api/jobs"] == {"application/json"}


def test_a_store_that_does_not_answer_is_a_503_in_its_own_words(finops):
    down = client_of(replace(finops, costs=Failing(StoreError("the sqlite database did not answer"))))
    told = problem(down.get("/api/costs", params={**OCTOBER, "tenant": "demo"}), 503)
    assert told["detail"] == "the sqlite database did not answer"


def test_an_unforeseen_error_gives_a_reference_and_nothing_of_its_insides(finops, caplog):
    broken = client_of(replace(finops, costs=Failing(RuntimeError("password=hunter2"))))
    told = problem(broken.get("/api/costs", params={**OCTOBER, "tenant": "demo"}), 500)
    assert "hunter2" not in str(told)
    assert told["reference"] in {getattr(record, "reference", None) for record in caplog.records}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PARAMETERS = st.lists(
    st.tuples(
        st.one_of(
            TEXTS,
            st.sampled_from(
                ["metric", "group_by", "account", "limit", "cursor", "compare", "tenant", "tag:x", "exclude:region"]
            ),
        ),
        st.one_of(
            TEXTS, st.sampled_from(["service", "csv", "previous", "tag:a'b", "daily", "demo", "unblended", "'; drop"])
        ),
    ),
    max_size=4,
)


@given(PARAMETERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_is_ever_an_internal_error(client, pairs):
    answer = client.get("/api/costs", params=[*OCTOBER.items(), *pairs])
    assert answer.status_code in {200, 400, 403}
    if answer.status_code != 200:
        assert answer.json()["detail"]


def test_the_description_is_valid_openapi(client):
    served = client.get("/api/openapi.json").json()
    OpenAPIV31SpecValidator(served).validate()
    assert set(served["paths"]) == PATHS
    assert served == DESCRIPTION


def test_every_reference_and_schema_of_the_description_is_used():
    text = str({**DESCRIPTION["paths"], **DESCRIPTION["components"]})
    for kind in ("schemas", "responses"):
        assert all(f"#/components/{kind}/{name}" in text for name in DESCRIPTION["components"][kind])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_the_description_lists_what_the_path_takes(endpoint):
    listed = DESCRIPTION["paths"][endpoint.path][endpoint.method.lower()]["parameters"]
    named = {each["name"] for each in listed if each["in"] == "query"}
    assert named >= set(endpoint.known)
    assert ("exclude:service" in named) is endpoint.filters
    assert all(each["description"] for each in listed)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/api/cost-by-service", {}),
        ("/api/cost-by-service", {"granularity": "daily"}),
        ("/api/costs", {}),
        ("/api/costs", {"group_by": "account,service", "granularity": "monthly"}),
        ("/api/costs", {"group_by": "tag:Environment", "compare": "previous"}),
        ("/api/costs", {"tenant": "acme"}),
        ("/api/costs", {"group_by": "resource"}),
    ],
)
def test_answers_are_what_the_description_says(get, path, params):
    schema = next(endpoint.schema for endpoint in ENDPOINTS if endpoint.path == path)
    conforms(get(path, {**OCTOBER, **params}), schema)


def test_the_page_about_the_api_needs_nothing_from_elsewhere(client):
    answer = client.get("/api/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "http" not in re.sub(r"<pre>.*?</pre>", "", answer.text)
    assert all(path in answer.text for path in PATHS - {"/api/docs"})
