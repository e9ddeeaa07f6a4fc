"""API Gateway: REST APIs, and HTTP and WebSocket APIs. IAM knows one action, GET, for every read of it."""

from __future__ import annotations

from finops.aws.listing import Kind, Step, reading

# GET on everything would also let the values of API keys be read.
REST_APIS = reading(
    "apigateway",
    "GetRestApis",
    "API Gateway's REST APIs",
    action="apigateway:GET",
    resources=("apigateway:*::/restapis",),
)
APIS = reading(
    "apigatewayv2",
    "GetApis",
    "API Gateway's HTTP and WebSocket APIs",
    action="apigateway:GET",
    resources=("apigateway:*::/apis",),
)
CALLS_PER_SECOND = 5.0

KINDS = (
    Kind(
        kind="apigateway:restapi",
        title="REST API",
        steps=(Step(REST_APIS, "items[]", {"limit": 500}),),
        resource_id="id",
        name="name",
        arn="arn:{partition}:apigateway:{region}::/restapis/{id}",
        state="apiStatus",
        created=("createdDate",),
        tags="tags",
        details={
            "endpoint_types": "endpointConfiguration.types[]",
            "default_endpoint_disabled": "disableExecuteApiEndpoint",
        },
        rate=CALLS_PER_SECOND,
    ),
    Kind(
        kind="apigateway:api",
        title="HTTP or WebSocket API",
        steps=(Step(APIS, "Items[]"),),
        resource_id="ApiId",
        name="Name",
        arn="arn:{partition}:apigateway:{region}::/apis/{id}",
        created=("CreatedDate",),
        tags="Tags",
        details={
            "protocol": "ProtocolType",
            "endpoint": "ApiEndpoint",
            "default_endpoint_disabled": "DisableExecuteApiEndpoint",
        },
        rate=CALLS_PER_SECOND,
    ),
)
