"""Where the layers of a placement are, and which of them a cost line belongs to."""

from __future__ import annotations

from typing import NamedTuple

from placement.plan.model import Layer, Line, Placement

TOGETHER = " + "
"""Between the names of several layers."""


class Stand(NamedTuple):
    """A place, by its names in the plan."""

    tier: str
    provider: str
    site: str
    country: str


def layer_of(placement: Placement, line: Line) -> Layer | None:
    """The layer a line belongs to; None for lines of the placement as a whole."""
    return placement.layers[line.layer - 1] if 0 < line.layer <= len(placement.layers) else None


def stand_of(placement: Placement, layer: Layer | None = None) -> Stand:
    """Where a layer is; of lines of the placement as a whole, where its first one is."""
    if layer is None and placement.layers:
        layer = placement.layers[0]
    if layer is None or not layer.site:
        return Stand(placement.tier, placement.provider, placement.site, placement.country)
    return Stand(layer.tier, layer.site.partition("/")[0], layer.site, layer.country)


def stands(placement: Placement) -> tuple[Stand, ...]:
    """All places of a placement, the first layer's first; one for an unplaced workload, without names."""
    return tuple(dict.fromkeys(stand_of(placement, layer) for layer in placement.layers or (None,)))


def joined_stand(placement: Placement) -> Stand:
    """All places in one: their different names one after the other."""
    columns = zip(*stands(placement), strict=True)
    return Stand._make(TOGETHER.join(dict.fromkeys(name for name in column if name)) for column in columns)


def layer_costs(placement: Placement) -> list[int]:
    """What each layer costs [cents], with the lines that are charged where it is; they add up to the whole."""
    if len(placement.layers) <= 1:
        return [placement.monthly_cost_cents or 0]
    costs = [0] * len(placement.layers)
    for line in placement.lines:
        costs[max(line.layer, 1) - 1] += line.cost_cents
    return costs
