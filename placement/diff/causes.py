"""Whose doing a difference is, as far as two plans can tell.

A plan carries fingerprints of what it was asked, so that it is known what has changed for each workload. Where a
workload stays at home, each cost line falls apart into a part of its quantity and a part of its price (each change
taken at the average of the other factor, which is the Shapley value of two factors and does not depend on their
order). Where it moved, the difference belongs to the one input that changed; when several did, to the switch itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.diff.model import Cause, Change
from placement.plan.model import Inputs, Line, Placement
from placement.plan.stands import layer_of, stand_of
from placement.units import MICRO_PER_CENT, MILLI, scaled

_QUANTITY = ("demand", "price", "own_sites", "policy", "engine")
_PRICE = ("price", "policy", "own_sites", "engine", "demand")
_OWN_PRICE = ("own_sites", "policy", "price", "engine", "demand")
"""Which changed input a changed quantity or price is put down to, the first that applies."""


def changed_inputs(old: Placement, new: Placement, before: Inputs, after: Inputs) -> frozenset[str]:
    """What is not the same for this workload in the questions that the two plans answer."""
    found = {
        "demand": old.digests.demand != new.digests.demand,
        "policy": old.digests.rules != new.digests.rules or before.policies_sha256 != after.policies_sha256,
        "own_sites": before.sites_sha256 != after.sites_sha256,
        "price": before.catalog_sha256 != after.catalog_sha256,
        "engine": before.engine_version != after.engine_version,
    }
    return frozenset(kind for kind, changed in found.items() if changed)


def causes_between(old: Placement, new: Placement, changed: frozenset[str], moved: bool) -> tuple[Cause, ...]:
    """The causes of one workload's difference; their parts add up to it. Both placements are of the same workload."""
    difference = (new.monthly_cost_cents or 0) - (old.monthly_cost_cents or 0)
    if old.status != new.status:
        return (Cause(new.status, new.whole, difference),)
    if moved:
        kind = next(iter(changed)) if len(changed) == 1 else "switch"
        provider = _mover(new, old) if difference < 0 else _mover(old, new)
        return _parts([(kind, provider if kind == "price" else new.whole, difference)])
    return _parts(_line_parts(old, new, changed))


def _mover(one: Placement, other: Placement) -> str:
    """The provider of what *one* has and the *other* has not."""
    there = {(stand_of(other, layer).site, layer.offer, layer.nodes) for layer in other.layers}
    mine = [
        stand_of(one, layer)
        for layer in one.layers
        if (stand_of(one, layer).site, layer.offer, layer.nodes) not in there
    ]
    return mine[0].provider if mine else one.provider


def subject_of(kind: str, change: Change, share_cents: int) -> str:
    """The provider whose price it was, or the workload.

    A move that saves is the doing of the new home, which became cheaper; one that costs, of the old one.
    """
    homes = (change.new, change.old) if share_cents < 0 else (change.old, change.new)
    home = homes[0] or homes[1]
    return home.provider if kind == "price" and home is not None else change.whole


def _line_parts(old: Placement, new: Placement, changed: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    before, after = _by_name(old.lines), _by_name(new.lines)
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        price_cents = _price_part(one, other) if one and other else 0
        cost_cents = (other.cost_cents if other else 0) - (one.cost_cents if one else 0)
        line = other or one
        own = line is not None and line.source_id == "inventory"
        where = new if other or not line else old
        stand = stand_of(where, layer_of(where, line) if line else None)
        for part, order in ((price_cents, _OWN_PRICE if own else _PRICE), (cost_cents - price_cents, _QUANTITY)):
            if part:
                kind = next((kind for kind in order if kind in changed), "switch")
                yield kind, stand.provider if kind == "price" else new.whole, part


def _by_name(lines: Iterable[Line]) -> dict[tuple[int, str, str, int], Line]:
    """Lines by layer, term and label; equal ones are numbered."""
    found: dict[tuple[int, str, str, int], Line] = {}
    for line in lines:
        number = 0
        while (line.layer, line.term, line.label, number) in found:
            number += 1
        found[(line.layer, line.term, line.label, number)] = line
    return found


def _price_part(old: Line, new: Line) -> int:
    """Change of price × mean quantity, in cents, halves away from zero."""
    if old.unit_price_usd == new.unit_price_usd:
        return 0
    change_micro = scaled(new.unit_price_usd, 6) - scaled(old.unit_price_usd, 6)
    product = change_micro * (scaled(old.quantity, 3) + scaled(new.quantity, 3))
    unit = 2 * MICRO_PER_CENT * MILLI
    size = (2 * abs(product) + unit) // (2 * unit)
    return size if product > 0 else -size


def _parts(parts: Iterable[tuple[str, str, int]]) -> tuple[Cause, ...]:
    """One cause per kind and subject; empty ones are left out."""
    return tuple(cause for cause in summed(Cause(*part) for part in parts) if cause.monthly_cost_cents)


def summed(causes: Iterable[Cause]) -> list[Cause]:
    """Causes of the same kind and subject as one, in the order they came."""
    totals: dict[tuple[str, str], int] = {}
    for cause in causes:
        key = (cause.kind, cause.subject)
        totals[key] = totals.get(key, 0) + cause.monthly_cost_cents
    return [Cause(kind, subject, total) for (kind, subject), total in totals.items()]
