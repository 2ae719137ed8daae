"""One piece of work on every accelerator of a catalog: what replicas do, how many it takes, what a unit costs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats
from placement.engine.sizing import usable_milli_gib
from placement.engine.work.build import hardware_of, works_of
from placement.engine.work.capability import OVERHEAD_MILLI_GIB, Capability, capability
from placement.engine.work.caveats import of_its_memory
from placement.engine.work.groups import NO_GROUP
from placement.engine.work.latency import token_times_s
from placement.engine.work.missed import Asking, Missed, missed_of
from placement.engine.work.needs import needs
from placement.engine.work.offered import Chosen, Priced, chosen_of, priced_of, shapes_of
from placement.engine.work.rated import Placed, Told, told_of
from placement.engine.work.recipes import TRAINING
from placement.engine.work.wanted import Needs, Wanted
from placement.engine.work_facts import Facts, facts_of
from placement.inventory.fleet.fleet import asks_of
from placement.inventory.inventory import Inventory
from placement.units import HOURS_PER_MONTH, MICRO, MILLI
from placement.words import REQUESTS_AT_ONCE


class Cost(NamedTuple):
    """Of all the work, at an offer."""

    offer: str
    usd_per_hour: float
    """Per accelerator."""
    as_of: str
    source_id: str
    usd_per_month: float
    usd_per_unit: float
    low_usd_per_unit: float
    """At the high end of the throughput."""
    high_usd_per_unit: float
    """At its low end; infinite where that would not do at all."""


class Size(NamedTuple):
    """An accelerator that does the work."""

    accelerator: str
    basis: str
    """`stated`, `measured`, `ratio`, `roofline`, `mfu` or `same`."""
    evidence: str
    source_id: str
    replica: int
    """Accelerators that work as one: a replica, or a training job."""
    replica_nodes: int
    least: int
    """The fewest that hold it."""
    throughput: float
    """Units per second of a replica."""
    low: float
    high: float
    at_once: int
    """Requests in a full replica; 0 where nothing says how many."""
    ttft_ms: float | None
    """In a full replica."""
    tpot_ms: float | None
    needed_gib: float
    """Of a replica: what it keeps, one request, and the program."""
    usable_gib: float
    replicas: int
    accelerators: int
    """Of all replicas."""
    paid: int
    """Accelerators that come with them."""
    hours_per_month: float
    """Of each node, on average."""
    run_hours: float | None
    """Of one training run."""
    utilization_fraction: float
    cost: Cost | None
    """None where no offer has a price."""
    close: bool = False
    """It may be as cheap as the cheapest, or that one dearer than this."""
    measure: str = ""
    """Of close calls: what measurement would tell more."""


class Sizes(NamedTuple):
    """All that is to be said."""

    facts: Facts
    throughput_unit: str
    unit: str
    """What costs are counted by: `million output tokens`."""
    units_per_month: float
    sizes: tuple[Size, ...]
    """By cost per unit; those without a price last."""
    missed: tuple[Missed, ...]
    """The nearest first."""
    sources: tuple[tuple[str, str], ...]
    """Of what is said of those that do the work, and of the model: id and words."""


def work_sizes(
    catalog: Catalog, inventory: Inventory, names: frozenset[str] = frozenset(), assumed: tuple[str, ...] = ()
) -> Sizes:
    """Size the only workload of *inventory* on every accelerator of *names*, or of the catalog.

    *assumed*: what somebody filled into the demand.
    """
    asking, wanted = _asking(catalog, inventory)
    of = asking.hardware.accelerator_h
    chosen = chosen_of(catalog, of, _node_hours(asking), asking.needs.nodes_wh[0] * asking.hardware.units_h)
    known = asking.works.known.groups.names
    mine = [a for a, name in enumerate(known) if not names or name in names]
    does = {a: chosen[a] for a in mine if a in chosen}
    facts = facts_of(catalog, inventory, asking, assumed)
    missed = tuple(missed_of(asking, [a for a in mine if a not in chosen]))
    if not does:
        return Sizes(facts, "", "", 0.0, (), missed, _sources(catalog, facts, ()))
    told = _told(asking, wanted, does)
    priced = {a: priced_of(catalog, one.offer) for a, one in does.items()}
    ends = _ends(asking, wanted, told)
    costs = {a: _cost(asking, ends, does[a], told[a], offer) for a, offer in priced.items() if offer is not None}
    able, least = _able(asking), _least(asking)
    sizes = [_size(asking, able, does[a], told[a], costs.get(a), least[a]) for a in does]
    one = next(iter(told.values()))
    ranked = _ranked(sizes, facts, one)
    counts = [(a, int(asking.needs.group_wh[0, one.shape])) for a, one in does.items()]
    tight = (of_its_memory(asking.works, asking.recipe, a, count) for a, count in counts)
    facts = facts._replace(assumptions=(*facts.assumptions, *filter(None, tight)))
    found = _sources(catalog, facts, ranked)
    return Sizes(facts, one.throughput_unit, one.unit, one.units_per_month, ranked, missed, found)


def _sources(catalog: Catalog, facts: Facts, sizes: tuple[Size, ...]) -> tuple[tuple[str, str], ...]:
    named = {facts.source_id, *(one.source_id for one in sizes), *(one.cost.source_id for one in sizes if one.cost)}
    return tuple((name, catalog.sources[name][0]) for name in sorted(named) if name in catalog.sources)


def _asking(catalog: Catalog, inventory: Inventory) -> tuple[Asking, Wanted]:
    shapes = shapes_of(catalog)
    usable_h = usable_milli_gib(catalog, shapes)
    asked = works_of(catalog, inventory, asks_of(inventory.workloads), shapes, usable_h)
    if asked is None:
        raise AssertionError("the workload says no work")
    units_h, per_node_h = (np.array([float(getattr(one, of)) for one in shapes]) for of in ("units", "per_node"))
    hardware = hardware_of(asked.works.known.groups, shapes, units_h, per_node_h)
    wanted = Wanted(asked.recipe_w, asked.load_w, np.ones(1))
    found = needs(asked.works, wanted, hardware)
    return Asking(catalog, shapes, asked.works, hardware, found, int(asked.recipe_w[0])), wanted


def _node_hours(asking: Asking) -> Floats:
    """Thousandths of hours a month of all units, `h`; infinite where the work cannot be done as it is asked for."""
    found = asking.needs
    fits_h = (found.nodes_wh[0] > 0) & (found.room_milli_gib_wh[0] >= asking.memory_milli_gib)
    known_h = found.rated_wh[0] & found.native_wh[0]
    prompt_h = (found.late_ms_wh[0] <= 0) & (found.late_hours_wh[0] <= 0)
    return np.where(fits_h & known_h & prompt_h, found.nodes_wh[0] * found.hours_milli_wh[0], np.inf)


def _told(asking: Asking, wanted: Wanted, does: dict[int, Chosen]) -> dict[int, Told]:
    h = np.array([one.shape for one in does.values()], dtype=np.int64)
    same = np.zeros(len(h), dtype=np.int64)
    found, hardware = asking.needs, asking.hardware
    placed = Placed(
        wanted.of(same),
        hardware.accelerator_h[h],
        hardware.option_hk[h],
        found.group_wh[0, h],
        found.accelerators_wh[0, h],
    )
    return dict(zip(does, told_of(asking.works, placed), strict=True))


def _ends(asking: Asking, wanted: Wanted, told: dict[int, Told]) -> tuple[Needs, Needs]:
    """What is needed at the low and at the high ends of all bands."""

    def scaled(end: str) -> Needs:
        scale_wa = np.ones((1, len(asking.works.known.groups.names)))
        for a, one in told.items():
            scale_wa[0, a] = getattr(one.band, end)
        return needs(asking.works, wanted._replace(scale_wa=scale_wa), asking.hardware)

    return scaled("low"), scaled("high")


def _cost(asking: Asking, ends: tuple[Needs, Needs], one: Chosen, told: Told, offer: Priced) -> Cost:
    h = one.shape

    def usd(found: Needs) -> float:
        late = found.late_hours_wh[0, h] > 0 or found.nodes_wh[0, h] <= 0
        return math.inf if late else offer.cents(found.nodes_wh[0, h], found.hours_milli_wh[0, h]) / 100

    month, (high, low) = usd(asking.needs), map(usd, ends)
    units = told.units_per_month
    each = offer.price_micro / MICRO / float(asking.hardware.units_h[h])
    return Cost(offer.id, each, offer.as_of, offer.source_id, month, month / units, low / units, high / units)


def _able(asking: Asking) -> Capability:
    return capability(asking.works.known, asking.works.recipes, np.array([asking.recipe]))


def _least(asking: Asking) -> list[int]:
    """The fewest accelerators that hold a replica, or a training job, by number of the accelerator; 0: none do."""
    groups = asking.works.known.groups
    if asking.block.form == TRAINING:
        room_a = np.maximum(groups.usable_milli_gib_a - OVERHEAD_MILLI_GIB, 0.0)
        return [math.ceil(asking.memory_milli_gib / room) if room > 0 else 0 for room in room_a.tolist()]
    count_g = np.where(_able(asking).fits_rg[0], groups.count_g, np.inf)
    least = [float(count_g[groups.accelerator_g == a].min(initial=np.inf)) for a in range(len(groups.names))]
    return [int(count) if math.isfinite(count) else 0 for count in least]


def _group(asking: Asking, shape: int) -> int:
    """The group that was chosen for a shape; `NO_GROUP` for training, whose jobs are none."""
    if asking.block.form == TRAINING:
        return NO_GROUP
    count, options = asking.needs.group_wh[0, shape], asking.hardware.option_hk[shape].tolist()
    groups = asking.works.known.groups
    return next(int(g) for g in options if g != NO_GROUP and groups.count_g[g] == count)


def _size(asking: Asking, able: Capability, one: Chosen, told: Told, cost: Cost | None, least: int) -> Size:
    h, found, groups = one.shape, asking.needs, asking.works.known.groups
    sold, group = asking.shapes[h], _group(asking, h)
    count, total = int(found.group_wh[0, h]), int(found.accelerators_wh[0, h])
    hours = float(found.hours_milli_wh[0, h]) / MILLI
    paid = int(found.nodes_wh[0, h]) * sold.units
    queues = group != NO_GROUP and asking.block.model.is_llm and told.band.basis != "ratio"
    at_once = int(able.slots_rg[0, group]) if queues else 0
    times = token_times_s(asking.works.known, asking.works.recipes, asking.recipe, group, at_once) if at_once else ()
    ttft, tpot = ((seconds * MILLI if math.isfinite(seconds) else None) for seconds in times or (math.nan,) * 2)
    held = told.per_second / count * paid * hours / HOURS_PER_MONTH
    runs = told.units_per_month if asking.block.form == TRAINING else 0.0
    return Size(
        accelerator=sold.accelerator,
        basis=told.band.basis,
        evidence=told.band.evidence,
        source_id=told.band.source_id,
        replica=count,
        replica_nodes=math.ceil(count / sold.per_node),
        least=least,
        throughput=told.per_second,
        low=told.per_second * told.band.low,
        high=told.per_second * told.band.high,
        at_once=at_once,
        ttft_ms=ttft,
        tpot_ms=tpot,
        needed_gib=(asking.memory_milli_gib + count * OVERHEAD_MILLI_GIB) / MILLI,
        usable_gib=count * float(groups.usable_milli_gib_a[asking.hardware.accelerator_h[h]]) / MILLI,
        replicas=total // count,
        accelerators=total,
        paid=paid,
        hours_per_month=hours,
        run_hours=hours / runs if runs else None,
        utilization_fraction=min(told.done_per_second / held, 1.0) if held else 0.0,
        cost=cost,
    )


def _ranked(sizes: list[Size], facts: Facts, told: Told) -> tuple[Size, ...]:
    """By cost per unit, with what may turn the order against the cheapest."""
    ranked = sorted(sizes, key=lambda one: (one.cost.usd_per_unit if one.cost else math.inf, one.accelerator))
    first, others = ranked[0], ranked[1:]
    if first.cost is None:
        return tuple(ranked)
    most = first.cost.high_usd_per_unit
    close = [one.cost is not None and one.cost.low_usd_per_unit <= most for one in others]

    def measured(one: Size) -> str:
        """What to measure, of this one or of the first: the one that is known worse."""
        of = one if one.high / one.low >= first.high / first.low else first
        lengths = f", {facts.lengths}" if facts.lengths else ""
        unit = "tokens" if told.throughput_unit == REQUESTS_AT_ONCE else told.throughput_unit
        what = f"{unit} per second of {facts.model} in {facts.precision}"
        return f"{what} on {of.replica:,} × {of.accelerator}{lengths}"

    marked = [
        one._replace(close=True, measure=measured(one)) if is_close else one
        for one, is_close in zip(others, close, strict=True)
    ]
    return (first._replace(close=any(close), measure=measured(first) if any(close) else ""), *marked)
