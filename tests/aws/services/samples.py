"""Answers in which every field that AWS documents is there, each text naming the path it lies at."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.session import Session

from finops.aws.paging import Tokens
from tests.aws.services.made import ACCOUNT

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

    from finops.aws.permissions import Operation

AT = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
WRITTEN = "2026-11-02T03:04:05.000+0000"
SET = {
    "OwnerId": ACCOUNT,
    "reason": "MISSING",
    # times that AWS models as text
    **dict.fromkeys(("LastModified", "LastLaunchedTime", "DeprecationTime", "CreationDate"), WRITTEN),
}


@cache
def model(operation: Operation) -> OperationModel:
    found: OperationModel = Session().get_service_model(operation.service).operation_model(operation.name)
    return found


@cache
def paging(operation: Operation) -> dict[str, Any] | None:
    session = Session()
    if operation.service == "opensearch":  # botocore ships no rules for it at all
        return None
    rules = session.get_component("data_loader").load_service_model(operation.service, "paginators-1")["pagination"]
    return rules.get(operation.name)  # type: ignore[no-any-return]


def mark(path: str) -> str:
    return f"«{path}»"


def full_answer(operation: Operation) -> dict[str, Any]:
    """Everything there, on the last page."""
    answer: dict[str, Any] = _sample(model(operation).output_shape, "", ())
    rule = paging(operation)
    if rule:
        tokens = Tokens.of(rule)
        for path in (*tokens.outputs, *([tokens.more] if tokens.more else [])):
            *above, name = path.split(".")
            holder = answer
            for step in above:
                holder = holder[step]
            holder.pop(name, None)
    return answer


def _sample(shape: Shape | None, path: str, above: tuple[str, ...]) -> Any:
    if shape is None or shape.name in above:
        return {}
    inside = (*above, shape.name)
    kind = shape.type_name
    if kind == "structure":
        return {name: _member(member, name, path, inside) for name, member in shape.members.items()}  # type: ignore[attr-defined]
    if kind == "list":
        return [_sample(shape.member, f"{path}[]", inside)]  # type: ignore[attr-defined]
    if kind == "map":
        return {mark(f"{path}{{}}"): _sample(shape.value, f"{path}{{}}", inside)}  # type: ignore[attr-defined]
    return _scalar(shape, path)


def _member(shape: Shape, name: str, path: str, above: tuple[str, ...]) -> Any:
    below = f"{path}.{name}" if path else name
    return SET[name] if name in SET else _sample(shape, below, above)


def _scalar(shape: Shape, path: str) -> Any:
    if shape.type_name == "string":
        return mark(path).ljust(int(shape.metadata.get("min", 0)), "x")
    return {"timestamp": AT, "boolean": True, "float": 7.5, "double": 7.5, "blob": path.encode()}.get(
        shape.type_name, 7
    )
