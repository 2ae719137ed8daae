"""Plan + today's placements → what moves: from where to where, what it needs, and what binds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from placement.plan.model import Line, Placement
from placement.plan.stands import layer_of, stand_of, stands
from placement.roadmap.model import Figure, Kind, Move, Settings, Today


def moves_of(placements: Iterable[Placement], todays: Mapping[str, Today], settings: Settings) -> Iterator[Move]:
    """One for each workload that has a place, by its id; all sites of a workload move together."""
    ordered = sorted(placements, key=lambda one: (one.whole, one.workload))
    for workload, members in groupby(ordered, key=lambda one: one.whole):
        placed = tuple(one for one in members if one.monthly_cost_cents is not None)
        if placed:
            yield _move(workload, placed, todays.get(workload, Today()), settings)


def _move(workload: str, placed: tuple[Placement, ...], today: Today, settings: Settings) -> Move:
    baselines = [one.baseline_cents for one in placed if one.baseline_cents is not None]
    kind, lead = _kind(placed, today), _lead_months(placed, settings.lead_months)
    dual = settings.dual_months.value if today.dual_months is None else today.dual_months
    runs_beside = bool(baselines) and (kind == "moves" or any(map(_ordered, placed)))
    return Move(
        workload,
        placed,
        today,
        kind,
        sum(baselines) if baselines else None,
        sum(one.monthly_cost_cents or 0 for one in placed),
        lead,
        dual if runs_beside else 0,
        tuple(sorted({site for one in placed for site in _existing(one)} - {today.site})),
    )


def _kind(placed: tuple[Placement, ...], today: Today) -> Kind:
    """At the same site nothing moves. An unknown site is another one, an unknown purchase model the same."""
    if {stand.site for one in placed for stand in stands(one)} != {today.site}:
        return "moves"
    same = all(today.purchase in ("", layer.purchase) for one in placed for layer in one.layers)
    return "stays" if same and not any(map(_ordered, placed)) else "bought otherwise"


def _lead_months(placed: tuple[Placement, ...], by_tier: Mapping[str, Figure]) -> int:
    """Of whatever takes longest in any layer: nodes that are bought or leased; what is rented is there at once."""
    tiers = {tier for one in placed for tier in ordered_tiers(one)}
    return max((by_tier[tier].value for tier in tiers if tier in by_tier), default=0)


def ordered_tiers(placement: Placement) -> set[str]:
    """Where nodes are bought or leased for it, by the layer that they are of."""
    return {stand_of(placement, layer_of(placement, line)).tier for line in placement.lines if is_ordered(line)}


def _ordered(placement: Placement) -> bool:
    """Whether nodes are bought or leased for it, in any of its layers."""
    return any(map(is_ordered, placement.lines))


def is_ordered(line: Line) -> bool:
    """Whether a line pays for nodes that have to be bought or leased first; not for those that are there already."""
    return line.term == "hardware" and line.schedule is not None and line.schedule.kind in ("purchase", "term")


def existing_layers(placement: Placement) -> frozenset[int]:
    """Numbers, from 1, of layers on nodes that are there already: owned, and no line pays for buying them."""
    bought = {line.layer for line in placement.lines if is_ordered(line)}
    owned = [number for number, layer in enumerate(placement.layers, 1) if layer.purchase == "owned"]
    return frozenset(owned) - bought


def _existing(placement: Placement) -> set[str]:
    """Where it takes nodes that are there already."""
    return {stand_of(placement, placement.layers[number - 1]).site for number in existing_layers(placement)}
