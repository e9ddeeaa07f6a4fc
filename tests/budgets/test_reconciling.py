"""Parts sum to the total, to the cent, whatever the amounts."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.reconciling import Bands, column_of, reconciled
from finops.model.money import CENT, exact_sum

AMOUNT = st.floats(-1e7, 1e9, allow_nan=False)


def bands(values) -> Bands:
    mean = np.array(values, dtype=np.float64).reshape(-1, 1)
    return Bands(mean, mean - 1, mean + 1)


@given(
    st.lists(st.tuples(AMOUNT, st.decimals(-1000, 10**6, places=9)), min_size=1, max_size=30),
    st.floats(-1e7, 1e10, allow_nan=False),
)
def test_parts_sum_to_the_total_to_the_cent(rows, total):
    means, known = [mean for mean, _ in rows], [amount for _, amount in rows]
    whole = column_of([exact_sum(known)], bands([total]), 0, None)[0]
    parts = column_of(known, reconciled(bands(means), bands([total])), 0, whole.mean)
    assert exact_sum(part.mean for part in parts) == whole.mean
    assert all(part.mean == part.mean.quantize(CENT) for part in parts)
    assert all(part.lower <= part.mean <= part.upper for part in parts)


def test_parts_are_moved_in_proportion_and_nothing_stays_nothing():
    found = reconciled(bands([10, 30, 0]), bands([60]))
    assert found.mean[:, 0] == pytest.approx([15, 45, 0])


def test_parts_of_almost_nothing_keep_their_intervals_when_the_total_is_large():
    found = reconciled(bands([1e-9, 3e-9]), bands([1000]))
    assert found.mean[:, 0] == pytest.approx([250, 750])
    assert found.upper[:, 0] == pytest.approx([251, 751])


def test_a_cent_left_over_goes_to_the_largest_remainder():
    parts = column_of([Decimal("0.004"), Decimal("0.003"), Decimal("0.003")], bands([0, 0, 0]), 0, Decimal("0.01"))
    assert [part.mean for part in parts] == [Decimal("0.01"), Decimal("0.00"), Decimal("0.00")]
