"""Answers cut to the model they are asked with: what the client's model does not name, its parser would not show.

The product loads models cut to what is read (`finops.aws.slim`), where times stay the text they were on the wire.
"""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from finops.model.errors import AwsError

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str, datetime),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "timestamp": (datetime,),
}


class Projections:
    """The projection of every operation, made once for each client's model."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: WeakKeyDictionary[ServiceModel, dict[str, Projection]] = WeakKeyDictionary()

    def projected(self, model: OperationModel, answer: dict[str, Any]) -> dict[str, Any]:
        """A copy of the answer with what the operation's output shape names.

        AwsError where a value is not of the type that the shape asks for.
        """
        if model.output_shape is None:
            return {}
        with self._lock:
            of_service = self._made.setdefault(model.service_model, {})
            projection = of_service.get(model.name)
            if projection is None:
                projection = of_service[model.name] = Projection(model.output_shape, {})
        try:
            found: dict[str, Any] = projection(answer)
        except TypeError as error:
            raise AwsError(
                f"The demo's answer to {model.name} does not fit: {error}",
                kind=AwsError.MALFORMED,
                code="DemoAnswer",
                operation=model.name,
            ) from None
        return found


class Projection:
    """A shape, ready to be laid over values. Shapes that contain themselves share one projection by name."""

    __slots__ = ("_inner", "_kind", "_members", "_name", "_types")

    def __init__(self, shape: Shape, known: dict[str, Projection]) -> None:
        known[shape.name] = self
        self._name, self._kind = shape.name, shape.type_name
        self._types = _TYPES.get(self._kind)
        self._members: dict[str, Projection] = {}
        self._inner: Projection | None = None
        parts: Any = shape
        if self._kind == "structure":
            self._members = {name: _projection(member, known) for name, member in parts.members.items()}
        elif self._kind in {"list", "map"}:
            self._inner = _projection(parts.member if self._kind == "list" else parts.value, known)

    def __call__(self, value: Any) -> Any:
        """The value as the shape shows it. TypeError where its type is another one."""
        if self._types is not None and not isinstance(value, self._types):
            raise TypeError(f"{self._name} is a {self._kind}, not {type(value).__name__}")
        inner = self._inner
        if inner is None:
            return self._plain(value)
        if self._kind == "list":
            return [inner(item) for item in value]
        return {key: inner(item) for key, item in value.items()}

    def _plain(self, value: Any) -> Any:
        if self._kind == "structure":
            members = self._members
            if len(members) < len(value):
                return {name: member(value[name]) for name, member in members.items() if name in value}
            return {name: members[name](item) for name, item in value.items() if name in members}
        if self._kind == "string" and isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        return value


def _projection(shape: Shape, known: dict[str, Projection]) -> Projection:
    return known.get(shape.name) or Projection(shape, known)
