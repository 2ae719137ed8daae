"""The columns of the CSV exports, in order, and what stands in each."""

from __future__ import annotations

from typing import Literal

Kind = Literal["text", "number", "flag", "tags"]
Columns = dict[str, Kind]

_WORKLOAD: Columns = {"workload": "text", "kind": "text", "cost_centre": "text", "tags": "tags", "status": "text"}
_PLACE: Columns = {"provider": "text", "site": "text", "country": "text", "tier": "text"}
_LAYER: Columns = {"offer": "text", "accelerator": "text", "purchase": "text"}

BY_LINE: Columns = {
    **_WORKLOAD,
    **_PLACE,
    **_LAYER,
    "layer": "number",
    "term": "text",
    "line": "text",
    "quantity": "number",
    "unit": "text",
    "unit_price_usd": "number",
    "list_unit_price_usd": "number",
    "contracted_unit_price_usd": "number",
    "published_unit_price_usd": "number",
    "cost_usd": "number",
    "currency": "text",
    "charge_class": "text",
    "assumed": "flag",
    "source_id": "text",
    "source": "text",
    "as_of": "text",
    "note": "text",
}
"""One row per cost line; an unplaced workload has one row without a line."""

BY_WORKLOAD: Columns = {
    **_WORKLOAD,
    **_PLACE,
    **_LAYER,
    "nodes": "number",
    "accelerators": "number",
    "cost_usd": "number",
    "baseline_usd": "number",
    "saving_usd": "number",
    "months": "number",
    "cash_capex_usd": "number",
    "cash_opex_usd": "number",
    "accrual_usd": "number",
    "cost_of_capital_usd": "number",
    "opening_usd": "number",
    "rest_usd": "number",
    "currency": "text",
    "reason": "text",
    "member_of": "text",
    "role": "text",
    "redundancy_usd": "number",
    "work_unit": "text",
    "units_per_month": "number",
    "usd_per_unit": "number",
    "utilization_fraction": "number",
}
"""One row per workload, or per site of one at several; amounts from `months` on are those of the whole horizon."""

BY_MONTH: Columns = {
    **_WORKLOAD,
    **_PLACE,
    "purchase": "text",
    "layer": "number",
    "term": "text",
    "line": "text",
    "currency": "text",
    "charge_class": "text",
    "month": "number",
    "calendar_month": "text",
    "cost_usd": "number",
    "cash_usd": "number",
    "accrual_usd": "number",
    "cost_of_capital_usd": "number",
    "rest_usd": "number",
}
"""One row per cost line and month of the horizon."""

KINDS: Columns = {**BY_LINE, **BY_WORKLOAD, **BY_MONTH}
"""A name means the same in every view."""
