"""What can be asked of the inventory, as data and as parsers: query parameters and options become one AssetFilter.

What is unknown, repeated or wrong is an InputError naming its parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.api.endpoints import FILE_TYPES, Parameter
from finops.api.parameters import FIRST_DAY, LAST_DAY, Pairs, choice, limit, one
from finops.model.assets import SORTS, AssetFilter, AssetQuestion, ChangeKind, Lifecycle, TagTerm
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
DEFAULT_CHANGES, MAX_CHANGES = 500, 5_000
MAX_SEARCH, MAX_WORDS = 2_048, 20  # an ARN fits
MAX_VALUES, MAX_LENGTH = 500, 1_024
MAX_COLUMNS = 200
MAX_DAYS = 36_500  # a century
TAG_COLUMN = "tag:"

_WHOLE = re.compile(r"[0-9]{1,5}", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_ASSET_ID = re.compile(r"[0-9a-f]{32}")
_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_DAYS}
_MONEY = {"type": "string", "pattern": r"^-?\d{1,12}(\.\d{1,12})?$"}

FILTERS = (
    Parameter("search", "Every of these words in name, id, ARN or tags, whatever their case."),
    Parameter("account", "Only these accounts; repeated or a comma list.", many=True),
    Parameter("region", "Only these regions, `global` for what has none; repeated or a comma list.", many=True),
    Parameter("service", "Only these services, as in `ec2`; repeated or a comma list.", many=True),
    Parameter("kind", "Only these kinds, as in `ec2:instance`; repeated or a comma list.", many=True),
    Parameter("state", "Only these states; repeated or a comma list; an empty value: those without one.", many=True),
    Parameter(
        "lifecycle",
        "Only `active`, `missing` or `gone` ones; repeated or a comma list.",
        {"type": "string", "enum": [str(value) for value in Lifecycle]},
        many=True,
    ),
    Parameter(
        "tag",
        "Only those with a tag: `Key` with any value, `Key=value`, `Key=` without it or empty; repeats of one key are "
        "alternatives, keys are and-ed.",
        many=True,
    ),
    Parameter("exclude_tag", "All but those with a tag, spelled as in `tag`.", many=True),
    Parameter("older_than_days", "Created (else first seen) more days ago than this.", _COUNT),
    Parameter("newer_than_days", "Created (else first seen) fewer days ago than this.", _COUNT),
    Parameter("min_cost", "Cost over meta.cost_period at least this.", _MONEY),
    Parameter("max_cost", "Cost over meta.cost_period at most this.", _MONEY),
)
"""The filters of every list of assets. Names of the command line's options are the same with `-` for `_`."""
FILTERS_OF_CHANGES = tuple(parameter for parameter in FILTERS if parameter.name != "lifecycle")
"""Those of a list of changes: what is gone now had its changes too."""
SORT = Parameter("sort", "What to sort by.", {"type": "string", "enum": list(SORTS), "default": "name"})
ORDER = Parameter(
    "order",
    "`asc` (default) or `desc`; unknown values come last.",
    {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
)
COLUMNS = Parameter(
    "columns", "Of a file: these fields in this order, `tag:<Key>` among them; repeated or a comma list.", many=True
)

_NAMES = tuple(parameter.name for parameter in FILTERS)
_AND_GONE = tuple(Lifecycle)


@dataclass(frozen=True, slots=True)
class AssetRequest:
    """What one request asks of `/api/assets`. `question` still starts at the first page, whatever the cursor."""

    question: AssetQuestion
    format: str = "json"
    columns: tuple[str, ...] = ()
    facets: bool = False
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class ChangesRequest:
    """What one request asks of `/api/asset-changes`."""

    since: datetime
    until: datetime | None
    kinds: tuple[ChangeKind, ...]
    filter: AssetFilter
    limit: int
    cursor: str = ""


def asset_request(pairs: Pairs, tenant: str, *, columns: Sequence[str] = (), most: int = MAX_LIMIT) -> AssetRequest:
    """Everything `/api/assets` accepts; `columns` are the fields a file may have, `most` the longest page."""
    question = AssetQuestion(
        tenant,
        asset_filter(pairs),
        sort=choice(one(pairs, "sort"), "sort", SORTS) or "name",
        descending=choice(one(pairs, "order"), "order", ("asc", "desc")) == "desc",
        limit=limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=most),
    )
    return AssetRequest(
        question,
        format=choice(one(pairs, "format"), "format", ("json", *FILE_TYPES)) or "json",
        columns=chosen_columns((value for key, value in pairs if key == "columns"), columns),
        facets=choice(one(pairs, "facets"), "facets", ("true", "false")) == "true",
        cursor=one(pairs, "cursor") or "",
    )


def changes_request(pairs: Pairs, *, most: int = MAX_CHANGES) -> ChangesRequest:
    """Everything `/api/asset-changes` accepts. No lifecycle is left out: what is gone by now had its changes too."""
    text = one(pairs, "since")
    if text is None:
        raise InputError("since", "since is needed: a day as YYYY-MM-DD or an instant as 2026-11-20T09:00:00Z")
    since, until = moment(text, "since"), one(pairs, "until")
    past = None if until is None else moment(until, "until")
    if past is not None and past <= since:
        raise InputError("until", "until must be after since (until is exclusive)")
    kinds = (choice(text, "change", tuple(ChangeKind)) for text in _listed(pairs, "change"))
    return ChangesRequest(
        since,
        past,
        kinds=tuple(ChangeKind(kind) for kind in kinds if kind),
        filter=asset_filter(pairs, lifecycles=_AND_GONE),
        limit=limit(one(pairs, "limit"), usual=DEFAULT_CHANGES, most=most),
        cursor=one(pairs, "cursor") or "",
    )


def asset_filter(pairs: Pairs, *, lifecycles: tuple[Lifecycle, ...] = AssetFilter().lifecycles) -> AssetFilter:
    """The filter that the parameters describe; `lifecycles` hold where none are given."""
    older, newer = _days(pairs, "older_than_days"), _days(pairs, "newer_than_days")
    if older is not None and newer is not None and newer <= older:
        raise InputError("newer_than_days", "newer_than_days must be more than older_than_days")
    cheapest, dearest = _cost(pairs, "min_cost"), _cost(pairs, "max_cost")
    if cheapest is not None and dearest is not None and dearest < cheapest:
        raise InputError("max_cost", "max_cost must not be less than min_cost")
    wanted = (choice(text, "lifecycle", tuple(Lifecycle)) for text in _listed(pairs, "lifecycle"))
    return AssetFilter(
        search=_search(one(pairs, "search") or ""),
        accounts=_listed(pairs, "account"),
        regions=_listed(pairs, "region"),
        services=_listed(pairs, "service"),
        kinds=_listed(pairs, "kind"),
        states=_listed(pairs, "state", empty=True),
        lifecycles=tuple(Lifecycle(text) for text in wanted if text) or lifecycles,
        tags=(*_tags(pairs, "tag"), *_tags(pairs, "exclude_tag", exclude=True)),
        older_than_days=older,
        newer_than_days=newer,
        min_cost=cheapest,
        max_cost=dearest,
    )


def filter_words(pairs: Pairs) -> str:
    """The filter in one line for the head of a file: its parameters as they were given; "" for none."""
    return words_of(pairs, _NAMES)


def words_of(pairs: Pairs, names: Collection[str]) -> str:
    """The parameters of these names in one line, as they were given; "" for none."""
    return ", ".join(f"{name} {value}" if value else f"{name} (empty)" for name, value in pairs if name in names)


def asset_id(text: str | None) -> str:
    """The id of an asset; InputError for anything that cannot be one."""
    if text is None or not _ASSET_ID.fullmatch(text):
        raise InputError("asset_id", "asset_id must be the 32 characters that a list of assets gives")
    return text


def moment(text: str, field: str) -> datetime:
    """An instant of this century from a day (its first one, UTC) or an ISO 8601 text with its time zone."""
    try:
        told = datetime.fromisoformat(text) if _DAY.fullmatch(text) or _INSTANT.fullmatch(text) else None
        found = told and (told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        found = None
    if found is None or not FIRST_DAY <= found.date() <= LAST_DAY:
        raise InputError(field, f"{field} must be a day as YYYY-MM-DD or an instant as 2026-11-20T09:00:00Z")
    return found


def chosen_columns(values: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Columns of a file in the order asked for; a comma separates only where a column follows, since tag keys hold any.

    InputError naming one that is neither known nor `tag:<Key>`.
    """
    following = re.compile(rf", *(?=(?:{'|'.join(map(re.escape, known))})(?: *,|$)|{TAG_COLUMN})")
    texts = [part.strip() for value in values for part in following.split(value)]
    for text in texts:
        if text not in known and not (text.startswith(TAG_COLUMN) and text != TAG_COLUMN):
            raise InputError("columns", f"columns are {', '.join(known)}, or {TAG_COLUMN}<Key>; not {text[:80]!r}")
    if len(texts) > MAX_COLUMNS:
        raise InputError("columns", f"at most {MAX_COLUMNS} columns can be asked for")
    return tuple(dict.fromkeys(texts))


def _listed(pairs: Pairs, name: str, *, empty: bool = False) -> tuple[str, ...]:
    """Values of a parameter that may be repeated or a comma list; an empty one is an error unless `empty` means one."""
    values = [part.strip() for key, value in pairs if key == name for part in value.split(",")]
    if not empty and not all(values):
        raise InputError(name, f"{name} is empty")
    return _bounded(name, values)


def _bounded(name: str, values: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(values))
    if len(found) > MAX_VALUES or any(len(value) > MAX_LENGTH for value in found):
        raise InputError(name, f"{name} takes at most {MAX_VALUES} values of at most {MAX_LENGTH} characters")
    return found


def _search(text: str) -> str:
    if len(text) > MAX_SEARCH or len(text.split()) > MAX_WORDS:
        raise InputError("search", f"search takes at most {MAX_WORDS} words in {MAX_SEARCH} characters")
    return text


def _tags(pairs: Pairs, name: str, *, exclude: bool = False) -> tuple[TagTerm, ...]:
    """Terms of `Key`, `Key=value`, `Key=`; the first `=` ends the key."""
    found: dict[str, list[str]] = {}
    for text in _bounded(name, (value for key, value in pairs if key == name)):
        key, given, value = text.partition("=")
        if not key.strip():
            raise InputError(name, f"{name} must be Key, Key=value or Key= (without the tag)")
        values = found.setdefault(key, [value] if given else [])
        if bool(values) is not bool(given):
            raise InputError(name, f"{name} asks for {key[:80]!r} with any value and with a certain one")
        if given and value not in values:
            values.append(value)
    return tuple(TagTerm(key, tuple(values), exclude=exclude) for key, values in found.items())


def _days(pairs: Pairs, name: str) -> int | None:
    text = one(pairs, name)
    if text is not None and not (_WHOLE.fullmatch(text) and int(text) <= MAX_DAYS):
        raise InputError(name, f"{name} must be a whole number of days from 0 to {MAX_DAYS}")
    return None if text is None else int(text)


def _cost(pairs: Pairs, name: str) -> Decimal | None:
    text = one(pairs, name)
    if text is not None and not _AMOUNT.fullmatch(text):
        raise InputError(name, f"{name} must be an amount such as 12.50")
    return None if text is None else Decimal(text)
