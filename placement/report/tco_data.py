"""What owning a node costs, for machines: as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from placement.engine.tco.model import AtLife, Claim, Compared, OwnLine, Tco, Versus, hourly_micro
from placement.finance.cells import csv_row, guarded
from placement.units import cents, dollars, micro_text, milli_text

COLUMNS = (
    *("kind", "site", "tier", "life_months", "term", "name", "quantity", "unit", "unit_price_usd"),
    *("usd_per_node_month", "usd_per_accelerator_hour", "break_even_fraction", "owning_is_cheaper", "payback_months"),
    *("assumed", "source_id", "as_of", "note"),
)


def hourly(micro: int) -> str:
    """Micro-dollars as dollars and cents, half up: `2.34`."""
    return dollars(cents(micro))


def percent(micro: int) -> str:
    """A fraction in millionths in per cent with one decimal, half up: `8 %`, `93.5 %`."""
    tenths = (2 * micro + 1000) // 2000
    whole, rest = divmod(tenths, 10)
    return f"{whole:,}.{rest} %" if rest else f"{whole:,} %"


def tco_json(tco: Tco) -> str:
    """All figures; money as decimal text, what there is none of as null."""
    node = tco.node
    found = {
        "catalog_as_of": tco.catalog_as_of,
        "catalog_sha256": tco.catalog_sha256,
        "node": node.id,
        "accelerator": node.accelerator,
        "accelerators": node.accelerators,
        "discount_rate_fraction": micro_text(tco.rate_micro),
        "nodes_per_cross_connect": tco.nodes,
        "places": [_place(tco, place) for place in tco.places],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _place(tco: Tco, place: Compared) -> dict[str, Any]:
    owned = place.owned
    return {
        "site": owned.site.id,
        "tier": owned.site.tier,
        "country": owned.site.country,
        "life_months": owned.counts.life_months,
        "upfront_usd": dollars(owned.upfront_cents),
        "running_usd_per_month": dollars(owned.running_cents),
        "by_life": [_life(tco, at) for at in owned.at],
        "rentals": [_versus(one) for one in place.versus],
        "claim": None if place.claim is None else _claim(place.claim),
    }


def _life(tco: Tco, at: AtLife) -> dict[str, Any]:
    return {
        "life_months": at.life_months,
        "usd_per_node_month": dollars(at.cents),
        "usd_per_accelerator_hour": micro_text(hourly_micro(tco.node, at.cents)),
        "lines": [_line(line) for line in at.lines],
    }


def _line(line: OwnLine) -> dict[str, Any]:
    return {
        "term": line.term,
        "line": line.label,
        "quantity": milli_text(line.quantity_milli),
        "unit": line.unit,
        "unit_price_usd": micro_text(line.price_micro),
        "usd_per_node_month": dollars(line.cents),
        "assumed": line.source.assumed,
        "note": line.source.note,
        "source_id": line.source.source_id,
        "as_of": line.source.as_of,
    }


def _versus(one: Versus) -> dict[str, Any]:
    rental = one.rental
    return {
        "tier": rental.tier,
        "purchase": rental.purchase,
        "offer": rental.offer,
        "usd_per_accelerator_hour": micro_text(rental.micro_per_hour),
        "break_even_fraction": None if one.break_even_micro is None else micro_text(one.break_even_micro),
        "owning_is_cheaper": one.owning_is_cheaper,
        "payback_months": one.payback_months,
        "source_id": rental.source.source_id,
        "as_of": rental.source.as_of,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "low_usd_per_hour": micro_text(claim.low.micro),
        "high_usd_per_hour": micro_text(claim.high.micro),
        "source_id": claim.low.source_id,
        "as_of": claim.low.as_of,
        "use_fraction_at_low": micro_text(claim.use_at_low_micro),
        "use_fraction_at_high": micro_text(claim.use_at_high_micro),
        "levers": [
            {"figure": lever.name, "value": lever.value, "usd_per_hour": micro_text(lever.micro_per_hour)}
            for lever in claim.levers
        ],
    }


def tco_csv(tco: Tco) -> Iterator[str]:
    """A row for each line and total of each book life, and for each rental."""
    yield csv_row(COLUMNS)
    for place in tco.places:
        site = place.owned.site
        where = {"site": site.id, "tier": site.tier}
        for at in place.owned.at:
            life = where | {"life_months": str(at.life_months)}
            for line in at.lines:
                told = _line(line)
                yield _row(life | told | {"kind": "line", "name": line.label})
            total = {key: value for key, value in _life(tco, at).items() if key != "lines"}
            yield _row(life | total | {"kind": "total", "life_months": str(at.life_months)})
        for one in place.versus:
            told = _versus(one) | {"kind": "rental", "name": one.rental.offer, "term": one.rental.purchase}
            yield _row(told | {"site": site.id, "life_months": place.owned.counts.life_months})


def _row(told: dict[str, Any]) -> str:
    return csv_row(_cell(column, told.get(column)) for column in COLUMNS)


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return guarded(text) if column in _TEXTS else text


_TEXTS = frozenset(("kind", "site", "tier", "term", "name", "unit", "source_id", "as_of", "note"))
"""Columns of texts, which must not act in a spreadsheet."""
