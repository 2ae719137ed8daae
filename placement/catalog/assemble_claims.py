"""Validated claims and levers → plain rows of the payload."""

from __future__ import annotations

from typing import Any

from placement.catalog.model import ClaimEntry
from placement.catalog.read import Entries
from placement.units import to_micro, to_milli


def claims_payload(entries: Entries) -> dict[str, Any]:
    """Claims and levers in the order in which the first layer that has them lists them."""
    return {
        "claims": [_claim_row(entry) for entry in entries.claims.values()],
        "levers": [
            [
                *(entry.lever, to_micro(entry.low), to_micro(entry.high)),
                *(entry.unit, entry.as_of, entry.source_id, entry.note or ""),
            ]
            for entry in entries.levers.values()
        ],
    }


def _claim_row(entry: ClaimEntry) -> list[Any]:
    """In the order of the fields of `claims.Claim`."""
    return [
        entry.claim,
        entry.says,
        entry.experiment,
        *(None if value is None else to_micro(value) for value in (entry.low, entry.high)),
        entry.unit,
        entry.as_of,
        entry.source_id,
        entry.note or "",
        *(value or "" for value in (entry.tier, entry.purchase, entry.provider, entry.accelerator, entry.model)),
        entry.among or [],
        entry.count or 0,
        to_milli(entry.hours_per_month or 0),
        entry.usd_per_month or 0,
        entry.gb_per_month or 0,
    ]
