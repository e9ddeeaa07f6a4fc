"""Links into the AWS console, and commands as a person would type them: nothing here is ever run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from finops.model.assets import GLOBAL
from finops.model.findings import Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.findings import Observation

_HOSTS = {"cn-": "amazonaws.cn", "us-gov-": "amazonaws-us-gov.com"}
_NAME = re.compile(r"\{(\w+)\}")


def remedy(observation: Observation, page: str, words: Sequence[str]) -> Remedy:
    """A remedy for the resource of an observation.

    `page` is the console's path and fragment, `words` the command behind `aws`; the region is added. In both, `{id}`,
    `{arn}`, `{name}`, `{account}`, `{region}` and the names of facts stand for their values, percent-encoded in links
    and quoted in commands. Where one of them is not known, the link leads to the service's own page, and there is no
    command.
    """
    region = "us-east-1" if observation.region == GLOBAL else observation.region
    names = {
        **{name: str(value) for name, value in observation.facts.items()},
        "id": observation.resource_id,
        "arn": observation.arn,
        "name": observation.name,
        "account": observation.account,
        "region": region,
    }
    host = f"https://{region}.console.{_host(region)}"
    if not {name for text in (page, *words) for name in _NAME.findall(text)} <= names.keys():
        return Remedy(f"{host}/{page.partition('/')[0]}/home", "")
    path = _NAME.sub(lambda found: quote(names[found[1]], safe=""), page)
    command = ["aws", *(_NAME.sub(lambda found: names[found[1]], word) for word in words), "--region", region]
    return Remedy(f"{host}/{path}", shlex.join(command) if words else "")


def _host(region: str) -> str:
    return next((host for start, host in _HOSTS.items() if region.startswith(start)), "aws.amazon.com")
