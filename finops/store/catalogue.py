"""Every query over the lake, in one place.

`{parts}` stands for the rows of the parts asked; `{keys}`, `{amount}` and the like for expressions taken from the fixed
maps of `finops.store.selecting`. Values are bound as `$names`, never written into the text.
"""

GROUPED = """
SELECT {keys} {bucket} AS day, coalesce({currency}, '') AS money, sum({amount}) AS amount, {estimated} AS estimated,
       count(*) - count({amount}) AS nulls, GROUPING({first}) AS whole
FROM {parts} WHERE {where} GROUP BY GROUPING SETS (({all}, money), (money)) ORDER BY {order}
"""
"""Figures by group, bucket and currency, earliest bucket first, largest amount first; after them, with `whole` = 1, the
totals per currency that the same scan computes without the groups: what the parts must add up to."""

WHOLE = """
SELECT CAST(NULL AS DATE) AS day, coalesce({currency}, '') AS money, sum({amount}) AS amount, {estimated} AS estimated,
       count(*) - count({amount}) AS nulls, 1 AS whole
FROM {parts} WHERE {where} GROUP BY money ORDER BY amount DESC, money
"""
"""The total per currency, when neither groups nor buckets are asked for."""

DAY_TOTALS = """
SELECT charge_date, coalesce(currency, '') AS currency, charge_type,
       sum(unblended) AS unblended, sum(net_unblended) AS net_unblended, sum(amortized) AS amortized,
       sum(net_amortized) AS net_amortized, sum(blended) AS blended
FROM {parts} WHERE charge_date >= $start AND charge_date < $end GROUP BY ALL ORDER BY ALL
"""
"""A cube's exact totals by day, currency and charge type, to compare with a fresh probe."""

VALUES = """
SELECT {keys} sum({amount}) AS amount FROM {parts} WHERE {where} GROUP BY ALL ORDER BY amount DESC NULLS LAST, k0
"""
"""The values of a dimension, costliest first."""

RESOURCES = """
SELECT resource_id, coalesce(max(resource_name), '') AS resource_name, coalesce(sub_account_id, '') AS account,
       coalesce(region_id, '') AS region, sum({amount}) AS amount, coalesce(billing_currency, '') AS currency
FROM {parts} WHERE {where} AND service_name = $service AND resource_id <> ''
GROUP BY resource_id, sub_account_id, region_id, billing_currency HAVING sum({amount}) IS NOT NULL
ORDER BY amount DESC, resource_id LIMIT $rows
"""
"""The costliest resources of a service."""

LINE_FACTS = """
SELECT charge_date, coalesce(billing_currency, '') AS currency, count(*) AS lines,
       sum(billed_cost) AS billed, sum(effective_cost) AS effective,
       sum(list_cost) AS list, sum(contracted_cost) AS contracted,
       count(*) - count(billed_cost) AS billed_nulls, count(*) - count(effective_cost) AS effective_nulls,
       count(*) - count(list_cost) AS list_nulls, count(*) - count(contracted_cost) AS contracted_nulls
FROM {parts} GROUP BY ALL ORDER BY ALL
"""
"""What the ledger keeps of freshly written lines: days, currencies, sums and figures that are missing."""

LINE_ACCOUNTS = """
SELECT sub_account_id AS account, max(sub_account_name) AS name
FROM {parts} WHERE sub_account_id IS NOT NULL AND sub_account_name IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
"""The names a bill gives its accounts."""

LINE_TAGS = """
SELECT key, count(*) AS lines
FROM (SELECT unnest(map_keys(tags)) AS key FROM (SELECT tags FROM {parts} LIMIT $lines))
GROUP BY ALL ORDER BY lines DESC, key LIMIT $keys
"""
"""The tag keys most often seen in the first lines."""

GOLD = """
SELECT charge_date, coalesce(billing_currency, '') AS currency, {keys}
       sum(billed_cost) AS billed, sum(effective_cost) AS effective,
       sum(list_cost) AS list, sum(contracted_cost) AS contracted,
       {estimated} AS estimated, count(*) AS lines
FROM {parts} WHERE charge_date >= $start AND charge_date < $end GROUP BY ALL
"""
"""Lines rolled up to one gold cube."""
