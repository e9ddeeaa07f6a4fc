"""The schema of imported line items: FOCUS columns in snake_case, exact decimals, and what queries need beside them.

Column names follow the FOCUS specification (focus.finops.org, 1.0 to 1.2). `usage_type`, `operation`, `charge_type`
and `cost_categories` have no FOCUS column of their own; importers fill them from a provider's `x_` columns.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pyarrow as pa

AMOUNT = pa.decimal128(38, 18)
"""Every amount, price and quantity: 20 digits before the point, 18 after it."""
INSTANT = pa.timestamp("us")
"""UTC without a zone: DuckDB's zoned timestamps go through ICU and cost three times as much."""
PAIRS = pa.map_(pa.string(), pa.string())

_TEXT_COLUMNS = (
    "provider_name",
    "publisher_name",
    "invoice_issuer_name",
    "invoice_id",
    "billing_account_id",
    "billing_account_name",
    "billing_account_type",
    "sub_account_id",
    "sub_account_name",
    "sub_account_type",
    "billing_currency",
    "charge_category",
    "charge_class",
    "charge_type",
    "charge_description",
    "charge_frequency",
    "service_category",
    "service_subcategory",
    "service_name",
    "region_id",
    "region_name",
    "availability_zone",
    "resource_id",
    "resource_name",
    "resource_type",
    "usage_type",
    "operation",
    "sku_id",
    "sku_meter",
    "sku_price_id",
    "sku_price_details",
    "pricing_category",
    "pricing_unit",
    "pricing_currency",
    "consumed_unit",
    "commitment_discount_category",
    "commitment_discount_id",
    "commitment_discount_name",
    "commitment_discount_status",
    "commitment_discount_type",
    "commitment_discount_unit",
    "capacity_reservation_id",
    "capacity_reservation_status",
)
_AMOUNT_COLUMNS = (
    "billed_cost",
    "effective_cost",
    "list_cost",
    "contracted_cost",
    "list_unit_price",
    "contracted_unit_price",
    "pricing_quantity",
    "consumed_quantity",
    "commitment_discount_quantity",
    "pricing_currency_contracted_unit_price",
    "pricing_currency_effective_cost",
    "pricing_currency_list_unit_price",
)

LINE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("charge_date", pa.date32(), nullable=False),
        pa.field("charge_period_start", INSTANT),
        pa.field("charge_period_end", INSTANT),
        pa.field("billing_period_start", INSTANT),
        pa.field("billing_period_end", INSTANT),
        *(pa.field(name, pa.string()) for name in _TEXT_COLUMNS),
        *(pa.field(name, AMOUNT) for name in _AMOUNT_COLUMNS),
        pa.field("tags", PAIRS),
        pa.field("cost_categories", PAIRS),
        pa.field("extra", pa.string()),
    ]
)
"""What parts of `cost_lines` may hold, before the promoted tag columns. Only `charge_date` is never null."""

LINE_TYPES: dict[str, str] = {
    "charge_date": "DATE",
    **dict.fromkeys(
        ("charge_period_start", "charge_period_end", "billing_period_start", "billing_period_end"), "TIMESTAMP"
    ),
    **dict.fromkeys(_TEXT_COLUMNS, "VARCHAR"),
    **dict.fromkeys(_AMOUNT_COLUMNS, "DECIMAL(38,18)"),
    **dict.fromkeys(("tags", "cost_categories"), "MAP(VARCHAR, VARCHAR)"),
    "extra": "VARCHAR",
}
"""The same schema as DuckDB types, in the same order."""

ASKED_COLUMNS = frozenset(
    {
        "charge_date",
        "billing_currency",
        "provider_name",
        "sub_account_id",
        "sub_account_name",
        "service_name",
        "region_id",
        "usage_type",
        "charge_type",
        "charge_category",
        "resource_id",
        "resource_name",
        "billed_cost",
        "effective_cost",
        "list_cost",
        "contracted_cost",
        "tags",
        "cost_categories",
    }
)
"""The columns that queries name: in every part, full of nulls where an import lacks them. Others only where given."""

METRIC_COLUMNS: dict[str, str] = {
    "billed": "billed_cost",
    "effective": "effective_cost",
    "list": "list_cost",
    "contracted": "contracted_cost",
}
"""FOCUS metrics and the line column each is read from."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one import replaces as a whole: a provider's bill of one billing account and billing period (YYYY-MM)."""

    provider: str
    billing_account: str
    billing_period: str


def tag_column(key: str) -> str:
    """The column a promoted tag key is stored in.

    Hashed, because DuckDB's identifiers ignore case and tag keys do not: CostCenter and costcenter are two tags.
    """
    return f"tag_{hashlib.blake2s(key.encode(), digest_size=8).hexdigest()}"
