"""Forecasts of the stored bill, and budgets that warn in time."""

from __future__ import annotations

from finops.budgets.forecasts import Forecasts

__all__ = ["Forecasts"]
