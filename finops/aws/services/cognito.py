"""Cognito user pools and identity pools."""

from __future__ import annotations

from finops.aws.fields import when
from finops.aws.listing import Kind, Step, reading

USER_POOLS = reading("cognito-idp", "ListUserPools", "Cognito user pools")
IDENTITY_POOLS = reading("cognito-identity", "ListIdentityPools", "Cognito identity pools")
_PAGE = {"MaxResults": 60}

KINDS = (
    Kind(
        kind="cognito:userpool",
        title="Cognito user pool",
        steps=(Step(USER_POOLS, "UserPools[]", _PAGE),),
        resource_id="Id",
        name="Name",
        arn="arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
        created=("CreationDate",),
        tag_type="cognito-idp:userpool",
        details={"last_modified": when("LastModifiedDate")},
        rate=10.0,
    ),
    Kind(
        kind="cognito:identitypool",
        title="Cognito identity pool",
        steps=(Step(IDENTITY_POOLS, "IdentityPools[]", _PAGE),),
        resource_id="IdentityPoolId",
        name="IdentityPoolName",
        arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}",
        tag_type="cognito-identity:identitypool",
        rate=10.0,
    ),
)
