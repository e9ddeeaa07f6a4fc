"""Lambda, API Gateway, queues, topics, secrets, log groups, user pools, Q Business and Bedrock."""

from __future__ import annotations

from finops.demo.listings.grammar import Listing, Page

_LAMBDA_PAGE = Page(
    "Marker", "NextMarker", "MaxItems", usual=50, most=10_000, cap=50, code="InvalidParameterValueException"
)
_REST_PAGE = Page("position", "position", "limit", usual=25, most=500, code="BadRequestException")
_API_PAGE = Page(usual=25, most=500, code="BadRequestException")
_QUEUE_PAGE = Page(usual=1000, most=1000, code="InvalidParameterValue")
_TOPIC_PAGE = Page(usual=100, code="InvalidParameter")
_SECRET_PAGE = Page(usual=100, code="InvalidNextTokenException")
_LOG_PAGE = Page("nextToken", "nextToken", "limit", usual=50, most=50, code="InvalidParameterException")
_POOL_PAGE = Page(usual=60, most=60, code="InvalidParameterException")
_Q_PAGE = Page("nextToken", "nextToken", "maxResults")
_BEDROCK_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=1000)

LISTINGS = (
    Listing("lambda", "ListFunctions", "lambda:function", "Functions", _LAMBDA_PAGE),
    Listing("apigateway", "GetRestApis", "apigateway:restapi", "items", _REST_PAGE),
    Listing("apigatewayv2", "GetApis", "apigateway:api", "Items", _API_PAGE),
    # An account without queues gets an answer without the list.
    Listing(
        "sqs", "ListQueues", "sqs:queue", "QueueUrls", _QUEUE_PAGE, shown=lambda one: one.item["QueueUrl"], bare=True
    ),
    Listing("sns", "ListTopics", "sns:topic", "Topics", _TOPIC_PAGE),
    Listing("secretsmanager", "ListSecrets", "secretsmanager:secret", "SecretList", _SECRET_PAGE),
    Listing("logs", "DescribeLogGroups", "logs:log-group", "logGroups", _LOG_PAGE),
    Listing("cognito-idp", "ListUserPools", "cognito:userpool", "UserPools", _POOL_PAGE),
    Listing("cognito-identity", "ListIdentityPools", "cognito:identitypool", "IdentityPools", _POOL_PAGE),
    Listing("qbusiness", "ListApplications", "qbusiness:application", "applications", _Q_PAGE),
    Listing(
        "qbusiness",
        "ListIndices",
        "qbusiness:index",
        "indices",
        _Q_PAGE,
        keep=lambda request, one: f":application/{request.params['applicationId']}/" in one.arn,
        honours=("applicationId",),
    ),
    Listing(
        "bedrock",
        "ListProvisionedModelThroughputs",
        "bedrock:provisioned-model",
        "provisionedModelSummaries",
        _BEDROCK_PAGE,
    ),
)
