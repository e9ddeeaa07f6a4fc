"""Botocore's models cut down to what is called and read: less to load, less to parse, and no secret to keep.

A listing reads a dozen fields of answers that hold hundreds: a Lambda function's environment or a distribution's custom
headers are then never even parsed. A page of 1,000 instances costs a third of the time. Services without declared
reads keep their whole model, and so does one whose model cannot be cut (a field AWS renamed): slower, never wrong.

Times come out as AWS wrote them, text or a number of seconds: most are never looked at, and parsing them is dear.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from botocore.session import Session

    from aws_session import SessionHook

log = logging.getLogger(__name__)

Shapes = dict[str, dict[str, Any]]
_MODEL = "service-2"
_PARTS = ("member", "key", "value")


def slim_hook(reads: Mapping[tuple[str, str], Collection[str]], permitted: Collection[tuple[str, str]]) -> SessionHook:
    """A session hook that loads slim models.

    `reads` holds, for (botocore service, operation), the dotted paths read of its answers, list items as `[]`:
    `Reservations[].Instances[].InstanceId`. A path to a structure keeps all of it. The other `permitted` operations of
    those services keep their whole answers; what is not permitted is not there at all.
    """
    loader = _SlimLoader(reads, permitted)

    def hook(session: Session) -> None:
        session.register_component("data_loader", loader)

    return hook


def slim_model(model: dict[str, Any], reads: Mapping[str, Collection[str]], kept: Collection[str]) -> dict[str, Any]:
    """A service model with the operations `kept`, the answers of those in `reads` cut to their paths.

    KeyError for an operation or a path that the model does not have.
    """
    operations = {name: model["operations"][name] for name in sorted({*kept, *reads})}
    shapes = _Shapes(model["shapes"])
    for name, operation in operations.items():
        for part in (operation.get("input"), *operation.get("errors", ())):
            if part:
                shapes.keep(part["shape"])
        output = operation.get("output")
        if output and name in reads:
            cut = shapes.cut(output["shape"], _tree(reads[name]))
            operations[name] = {**operation, "output": {**output, "shape": cut}}
        elif output:
            shapes.keep(output["shape"])
    return {**model, "operations": operations, "shapes": shapes.kept}


class _SlimLoader(Loader):
    """Loads each model once, in full, cuts it, and forgets the rest of it."""

    def __init__(
        self, reads: Mapping[tuple[str, str], Collection[str]], permitted: Collection[tuple[str, str]]
    ) -> None:
        super().__init__()
        self._reads = reads
        self._permitted = permitted
        self._slim: dict[str, dict[str, Any]] = {}
        self._guard = threading.Lock()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> dict[str, Any]:
        mine = {name: paths for (service, name), paths in self._reads.items() if service == service_name}
        if type_name != _MODEL or not mine:
            found: dict[str, Any] = super().load_service_model(service_name, type_name, api_version)
            return found
        with self._guard:
            if service_name not in self._slim:
                self._slim[service_name] = self._cut(service_name, mine, api_version)
            return self._slim[service_name]

    def _cut(self, service: str, reads: Mapping[str, Collection[str]], api_version: str | None) -> dict[str, Any]:
        whole: dict[str, Any] = Loader().load_service_model(service, _MODEL, api_version)
        try:
            return slim_model(whole, reads, [name for owner, name in self._permitted if owner == service])
        except KeyError as error:
            log.warning("the model of %s is used whole: it has no %s", service, error)
            return whole


class _Shapes:
    """The shapes that stay, by name; cut ones under names of their own, since a shape may be whole elsewhere."""

    def __init__(self, whole: Shapes) -> None:
        self._whole = whole
        self.kept: Shapes = {}

    def keep(self, name: str) -> None:
        """Keeps a shape and all below it."""
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in self.kept:
                self.kept[current] = self._whole[current]
                waiting += _below(self._whole[current])

    def cut(self, name: str, tree: Mapping[str, Any]) -> str:
        """Keeps of a shape what `tree` names; returns the name it has now."""
        shape = self._whole[name]
        if not tree:
            return self._leaf(name, shape)
        if shape["type"] == "list":
            return self._add(name, {**shape, "member": self._reference(shape["member"], tree["[]"])})
        members = shape["members"]
        cut = {member: self._reference(members[member], below) for member, below in tree.items()}
        rest = {key: value for key, value in shape.items() if key != "required"}
        return self._add(name, {**rest, "members": cut})

    def _leaf(self, name: str, shape: Mapping[str, Any]) -> str:
        if shape["type"] == "timestamp":
            return self._add(name, {"type": "string"})
        self.keep(name)
        return name

    def _reference(self, reference: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
        left = {key: value for key, value in reference.items() if key != "timestampFormat"}
        return {**left, "shape": self.cut(reference["shape"], tree)}

    def _add(self, name: str, shape: dict[str, Any]) -> str:
        own = f"{name}~{len(self.kept)}"
        self.kept[own] = shape
        return own


def _below(shape: Mapping[str, Any]) -> Iterable[str]:
    yield from (member["shape"] for member in shape.get("members", {}).values())
    yield from (shape[part]["shape"] for part in _PARTS if part in shape)


def _tree(paths: Collection[str]) -> dict[str, Any]:
    """Paths as nested names: `A[].B` and `A[].C` become `{"A": {"[]": {"B": {}, "C": {}}}}`."""
    root: dict[str, Any] = {}
    whole = tuple(f"{path}{mark}" for path in paths for mark in (".", "["))
    for path in (path for path in paths if not path.startswith(whole)):
        here = root
        for name in path.replace("[]", ".[]").split("."):
            here = here.setdefault(name, {})
    return root
