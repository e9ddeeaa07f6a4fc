"""The tables of accounts and assets, part of `finops.store.schema`.

An asset is three rows. `asset` holds what is filtered and sorted by, as narrow as it goes and without an index on it:
reading all of a tenant's narrow rows in order takes less time than looking half of them up. `asset_search` is read only
by searches, `asset_body` only for what is shown.

Every text is `Exact`: `prod ` is not `prod`, and order is that of bytes, on every database.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, Identity, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

TENANT, KEY, KIND, SERVICE, ACCOUNT, REGION, STATE = 63, 32, 128, 64, 32, 64, 64
CURRENCY, NAME_KEY, RELATION, TAG_KEY, TAG_VALUE = 32, 64, 64, 128, 256
"""Characters of columns; longer texts are `fitted`. Tags: AWS's own limits."""

account = Table(
    "account",
    metadata,
    Column("tenant", Exact(TENANT), primary_key=True),
    Column("account_id", Exact(ACCOUNT), primary_key=True),
    Column("name", ExactText, nullable=False),
    Column("status", Exact(STATE), nullable=False),
    Column("email", ExactText, nullable=False),
    Column("unit", ExactText, nullable=False),
    Column("tags", ExactText),
    Column("role", ExactText, nullable=False),
    Column("external_id", ExactText, nullable=False),
    Column("regions", ExactText),
    Column("source", Exact(SERVICE), nullable=False),
    Column("joined", UtcDateTime),
    Column("first_seen", UtcDateTime),
    Column("last_seen", UtcDateTime),
    **TABLE_OPTIONS,
)
"""An AWS account and how it is opened. Without `last_seen`: never listed, only its entry or regions are known."""

asset_place = Table(
    "asset_place",
    metadata,
    Column("place_key", Exact(KEY), primary_key=True),
    Column("tenant", Exact(TENANT), nullable=False, index=True),
    Column("account", Exact(ACCOUNT), nullable=False),
    Column("region", Exact(REGION), nullable=False),
    Column("kind", Exact(KIND), nullable=False),
    Column("complete", UtcDateTime),
    Column("tried", UtcDateTime, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("failure", ExactText),
    Column("tags_failure", ExactText),
    **TABLE_OPTIONS,
)
"""How listing one kind in one account and region goes; `place_key` is a digest of tenant and place."""

asset = Table(
    "asset",
    metadata,
    Column("asset_no", Identity, primary_key=True, autoincrement=True),
    Column("tenant", Exact(TENANT), nullable=False, index=True),
    Column("asset_id", Exact(KEY), nullable=False, unique=True),
    Column("kind", Exact(KIND), nullable=False),
    Column("service", Exact(SERVICE), nullable=False),
    Column("account", Exact(ACCOUNT), nullable=False),
    Column("region", Exact(REGION), nullable=False),
    Column("state", Exact(STATE), nullable=False),
    Column("lifecycle", Exact(8), nullable=False),
    Column("tags_known", Boolean, nullable=False),
    Column("name_key", Exact(NAME_KEY), nullable=False),
    Column("cost", Dollars),
    Column("currency", Exact(CURRENCY), nullable=False),
    Column("created", UtcDateTime),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("missing_since", UtcDateTime),
    Column("place_key", Exact(KEY), nullable=False),
    Column("other_place", Exact(KEY)),
    Column("other_seen", UtcDateTime),
    Index(None, "place_key", "lifecycle"),
    **TABLE_OPTIONS,
)
"""What of a resource is filtered and sorted by.

`name_key` is the beginning of the case-folded name. `place_key` is the place that answers for the asset, `other_place`
another one that lists it too, last at `other_seen`.
"""

asset_search = Table(
    "asset_search",
    metadata,
    Column("asset_no", Identity, primary_key=True, autoincrement=False),
    Column("search", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""An asset's name, id, ARN and tags, case-folded, one a line."""

asset_body = Table(
    "asset_body",
    metadata,
    Column("asset_no", Identity, primary_key=True, autoincrement=False),
    Column("id_key", Exact(KEY), nullable=False, index=True),
    Column("resource_id", ExactText, nullable=False),
    Column("name", ExactText, nullable=False),
    Column("arn", ExactText, nullable=False),
    Column("tags", ExactText),
    Column("details", ExactText, nullable=False),
    Column("links", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""What of an asset is only shown: canonical JSON, tags NULL while unknown. `id_key` is a digest of tenant and id."""

asset_tag = Table(
    "asset_tag",
    metadata,
    Column("tenant", Exact(TENANT), primary_key=True),
    Column("tag_key", Exact(TAG_KEY), primary_key=True),
    Column("asset_no", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_value", Exact(TAG_VALUE), nullable=False),
    sqlite_with_rowid=False,
    **TABLE_OPTIONS,
)
"""The tags of `asset_body` again, to filter by: all of one key lie together, in the order of assets."""

asset_link = Table(
    "asset_link",
    metadata,
    Column("asset_no", BigInteger, primary_key=True, autoincrement=False),
    Column("link_no", Integer, primary_key=True, autoincrement=False),
    Column("target_key", Exact(KEY), nullable=False, index=True),
    Column("target_kind", Exact(KIND), nullable=False),
    Column("relation", Exact(RELATION), nullable=False),
    sqlite_with_rowid=False,
    **TABLE_OPTIONS,
)
"""The links of `asset_body` again, to be followed backwards; `target_key` is a digest of tenant and target."""

asset_change = Table(
    "asset_change",
    metadata,
    Column("change_no", Identity, primary_key=True, autoincrement=True),
    Column("tenant", Exact(TENANT), nullable=False),
    Column("asset_no", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", Exact(8), nullable=False),
    Column("field", Exact(8), nullable=False),
    Column("before", ExactText, quote=True),
    Column("after", ExactText, quote=True),
    Index(None, "tenant", "kind", "at"),
    Index(None, "asset_no", "at"),
    **TABLE_OPTIONS,
)
"""What happened to assets, in the order it was found; values as JSON."""

inventory_head = Table(
    "inventory_head",
    metadata,
    Column("tenant", Exact(TENANT), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("stored", UtcDateTime, nullable=False),
    **TABLE_OPTIONS,
)
"""Counts what changed a tenant's inventory: what its writers queue on, and what readers' caches hang on."""
