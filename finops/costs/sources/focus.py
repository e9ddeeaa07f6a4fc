"""FOCUS 1.0, 1.1 and 1.2 as data: every column, how it is read, and what a line cannot do without.

Names and nullability: the FOCUS specification (focus.finops.org/focus-specification, 1.0 to 1.2) and AWS's "FOCUS with
AWS columns" table dictionary (docs.aws.amazon.com/cur, `x_` columns). Older and newer spellings of the same column
stand in: the preview's `UsageQuantity`, 1.3's `ServiceProviderName`. Money is required where FOCUS forbids null;
ListCost and ContractedCost may be missing (Oracle leaves ContractedCost out), but garbage in them rejects the line like
any other money that cannot be read.
"""

from __future__ import annotations

from finops.store.bill_columns import BillColumn, BillFormat, Duty, Kind, Stranger

SOURCE = "focus"
"""The source whose lines these are; every provider's FOCUS bill is the same source."""

_MONEY = (
    BillColumn("BilledCost", "billed_cost", Kind.AMOUNT, Duty.REQUIRED),
    BillColumn("EffectiveCost", "effective_cost", Kind.AMOUNT, Duty.REQUIRED),
    BillColumn("ListCost", "list_cost", Kind.AMOUNT, Duty.CHECKED),
    BillColumn("ContractedCost", "contracted_cost", Kind.AMOUNT, Duty.CHECKED),
    BillColumn("BillingCurrency", "billing_currency", Kind.CURRENCY, Duty.REQUIRED),
)
_TIME = (
    BillColumn("ChargePeriodStart", "charge_period_start", Kind.INSTANT, Duty.REQUIRED),
    BillColumn("ChargePeriodEnd", "charge_period_end", Kind.INSTANT, Duty.CHECKED),
    BillColumn("BillingPeriodStart", "billing_period_start", Kind.INSTANT, Duty.REQUIRED),
    BillColumn("BillingPeriodEnd", "billing_period_end", Kind.INSTANT, Duty.CHECKED),
)
_AMOUNTS = (
    BillColumn("ListUnitPrice", "list_unit_price", Kind.AMOUNT),
    BillColumn("ContractedUnitPrice", "contracted_unit_price", Kind.AMOUNT),
    BillColumn("PricingQuantity", "pricing_quantity", Kind.AMOUNT),
    BillColumn("ConsumedQuantity", "consumed_quantity", Kind.AMOUNT, also=("UsageQuantity",)),
    # 1.1
    BillColumn("CommitmentDiscountQuantity", "commitment_discount_quantity", Kind.AMOUNT),
    # 1.2
    BillColumn("PricingCurrencyContractedUnitPrice", "pricing_currency_contracted_unit_price", Kind.AMOUNT),
    BillColumn("PricingCurrencyEffectiveCost", "pricing_currency_effective_cost", Kind.AMOUNT),
    BillColumn("PricingCurrencyListUnitPrice", "pricing_currency_list_unit_price", Kind.AMOUNT),
)
_TEXTS = (
    BillColumn("ProviderName", "provider_name", also=("Provider", "ServiceProviderName")),
    BillColumn("PublisherName", "publisher_name", also=("Publisher",)),
    BillColumn("InvoiceIssuerName", "invoice_issuer_name", also=("InvoiceIssuer",)),
    BillColumn("BillingAccountId", "billing_account_id"),
    BillColumn("BillingAccountName", "billing_account_name"),
    BillColumn("SubAccountId", "sub_account_id"),
    BillColumn("SubAccountName", "sub_account_name"),
    BillColumn("ChargeCategory", "charge_category", also=("ChargeType",)),
    BillColumn("ChargeClass", "charge_class"),
    BillColumn("ChargeDescription", "charge_description"),
    BillColumn("ChargeFrequency", "charge_frequency"),
    BillColumn("ServiceCategory", "service_category"),
    BillColumn("ServiceName", "service_name"),
    BillColumn("RegionId", "region_id", also=("Region",)),
    BillColumn("RegionName", "region_name"),
    BillColumn("AvailabilityZone", "availability_zone"),
    BillColumn("ResourceId", "resource_id"),
    BillColumn("ResourceName", "resource_name"),
    BillColumn("ResourceType", "resource_type"),
    BillColumn("SkuId", "sku_id"),
    BillColumn("SkuPriceId", "sku_price_id"),
    BillColumn("PricingCategory", "pricing_category"),
    BillColumn("PricingUnit", "pricing_unit"),
    BillColumn("ConsumedUnit", "consumed_unit", also=("UsageUnit",)),
    BillColumn("CommitmentDiscountCategory", "commitment_discount_category"),
    BillColumn("CommitmentDiscountId", "commitment_discount_id"),
    BillColumn("CommitmentDiscountName", "commitment_discount_name"),
    BillColumn("CommitmentDiscountStatus", "commitment_discount_status"),
    BillColumn("CommitmentDiscountType", "commitment_discount_type"),
    # 1.1
    BillColumn("CapacityReservationId", "capacity_reservation_id"),
    BillColumn("CapacityReservationStatus", "capacity_reservation_status"),
    BillColumn("CommitmentDiscountUnit", "commitment_discount_unit"),
    BillColumn("ServiceSubcategory", "service_subcategory"),
    BillColumn("SkuMeter", "sku_meter"),
    BillColumn("SkuPriceDetails", "sku_price_details"),
    # 1.2
    BillColumn("BillingAccountType", "billing_account_type"),
    BillColumn("SubAccountType", "sub_account_type"),
    BillColumn("InvoiceId", "invoice_id"),
    BillColumn("PricingCurrency", "pricing_currency"),
    # AWS
    BillColumn("x_UsageType", "usage_type"),
    BillColumn("x_Operation", "operation"),
)
_PAIRS = (
    BillColumn("Tags", "tags", Kind.PAIRS),
    BillColumn("x_CostCategories", "cost_categories", Kind.PAIRS),
)

_ADVICE = "FOCUS exports can be imported: in AWS Data Exports choose the table `FOCUS 1.0 with AWS columns` or later"
_STRANGERS = (
    Stranger(
        frozenset({"identity/lineitemid", "lineitem/unblendedcost"}),
        f"is a legacy Cost and Usage Report (CSV). {_ADVICE}",
    ),
    Stranger(frozenset({"line_item_unblended_cost", "resource_tags"}), f"is a CUR 2.0 export. {_ADVICE}"),
    Stranger(frozenset({"line_item_unblended_cost", "product"}), f"is a CUR 2.0 export. {_ADVICE}"),
    Stranger(
        frozenset({"line_item_unblended_cost"}),
        f"is a Cost and Usage Report (legacy Parquet or a narrow CUR 2.0). {_ADVICE}",
    ),
    Stranger(
        frozenset({"costinbillingcurrency"}),
        "is a Microsoft cost and usage export; choose the FOCUS dataset in Cost Management exports",
    ),
)

FOCUS = BillFormat("FOCUS", (*_MONEY, *_TIME, *_AMOUNTS, *_TEXTS, *_PAIRS), _STRANGERS)
"""The kind of bill this version imports."""
