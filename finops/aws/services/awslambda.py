"""Lambda functions. What their environment holds is nobody's business here, and is not read."""

from __future__ import annotations

from finops.aws.fields import count, when
from finops.aws.listing import Kind, Linked, Step, reading

FUNCTIONS = reading("lambda", "ListFunctions", "Lambda functions")

KINDS = (
    Kind(
        kind="lambda:function",
        title="Lambda function",
        steps=(Step(FUNCTIONS, "Functions[]", {"MaxItems": 50}),),  # AWS returns at most 50
        resource_id="FunctionName",
        name="FunctionName",
        arn="FunctionArn",
        tag_type="lambda:function",
        details={
            "runtime": "Runtime",
            "memory_mb": "MemorySize",
            "timeout_seconds": "Timeout",
            "architectures": "Architectures[]",
            "package_type": "PackageType",
            "code_bytes": "CodeSize",
            "ephemeral_storage_mb": "EphemeralStorage.Size",
            "layers": count("Layers[].Arn"),
            "last_modified": when("LastModified"),
        },
        links=(Linked("in", "ec2:vpc", "VpcConfig.VpcId"), Linked("in", "ec2:subnet", "VpcConfig.SubnetIds[]")),
        rate=10.0,
    ),
)
