"""The oracle's part on work: what a model takes on an accelerator, one number at a time.

Written from `docs/sizing.md`; it shares no code with `placement.engine`. Floats with + − × ÷ √.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from oracle_evidence import GIB, Evidence, Speed, Way
from oracle_loads import Demand, demand_of, levels_of
from oracle_training import checkpoint_gb, smallest_job, training_rate, training_state

from placement.inventory.workload import Workload

if TYPE_CHECKING:
    from oracle import Offer

MONTH_MILLI = 730_000
MICRO = 1_000_000


class Need(NamedTuple):
    """What a workload takes of a shape; None where it cannot be known."""

    rated: bool
    holds_known: bool
    group: int | None
    nodes: int | None
    most: int | None = None
    """At the place that needs most."""
    fits: bool = True
    """A replica of work does, into as many nodes as there may be."""
    native: bool = True
    late: bool = False
    overdue: bool = False
    hours_milli: int | None = None
    """Of work: hours a month of a node."""
    moved_milli: int = 0
    """Of training on spot: hours a month that are done on demand, and hours that are paid for these."""
    after_milli: int = 0
    gang: int = 0
    """Nodes that must be up at once, of work."""
    checkpoint_gb: float | None = None


class Held(NamedTuple):
    """What a replica does."""

    micro: int
    """Millionths of units per second."""
    slots: int
    late_s: float = 0.0
    """By how much a request alone misses its SLOs."""


class Room(NamedTuple):
    """How many requests a replica has room for."""

    batch: int
    """In one stage."""
    busy: int
    """Stages that have a batch."""


class WorkOracle:
    """What an oracle says of workloads that say what work they do."""

    def __init__(self, oracle: Any) -> None:
        self.oracle = oracle
        self.evidence = Evidence(oracle)
        self.beta = square_root_rule(float(oracle.figure("serving_wait_fraction")))

    def need(self, workload: Workload, offer: Offer, part: Fraction) -> Need:
        """What so much of the work takes."""
        demand = demand_of(self.oracle, self.evidence, workload)
        if demand.form == "training":
            return self.trained(demand, offer, float(part) * carried(workload))
        return self.served(demand, offer, float(part) * carried(workload))

    def served(self, demand: Demand, offer: Offer, part: float) -> Need:
        """Of every replica there may be: is it known, native, large enough; then the cheapest to hold the peak with."""
        usable, memory = self.oracle.usable(offer.accelerator), memory_milli(demand)
        stated = [count for name, count, _ in demand.throughput if name == offer.accelerator]
        ways = {way: self.held(demand, offer.accelerator, way) for way in self.ways(demand, offer)}
        rooms = {way: self.memory_of(demand, usable, way) for way in ways}
        fitting = [way for way in ways if (way.count in stated if stated else memory <= rooms[way])]
        fits = any(way.count in stated for way in ways) or memory <= max(rooms.values())
        rated = any(ways[way] is not None for way in (fitting if fits else ways))
        native = bool(stated) or self.evidence.native(demand, offer.accelerator)
        found = [(way, ways[way]) for way in fitting if native and ways[way] is not None and ways[way].micro]
        if not found:
            return Need(rated, fits, None, None, fits=fits, native=native)
        best = self.chosen(demand, offer, part, found)
        nodes = self.units(demand, offer, part, *best)
        hours = self.hours_milli(demand, offer, part, nodes, *best)
        gang = -(-best[0].count // offer.per_node)
        return Need(rated, fits, best[0].count, nodes, nodes, fits, native, late=best[1].late_s > 0, hours_milli=hours,
                    gang=gang)  # fmt: skip

    def chosen(self, demand: Demand, offer: Offer, part: float, found: Any) -> tuple[Way, Held]:
        """The replica that misses its SLOs least, then of the fewest units, then the smallest."""
        return min(found, key=lambda pair: (pair[1].late_s, self.units(demand, offer, part, *pair), pair[0].count))

    def replica(self, demand: Demand, offer: Offer, part: float) -> tuple[Way, Held] | None:
        """The replica that `served` takes; None where there is none."""
        taken: list[tuple[Way, Held]] = []
        keep, self.chosen = self.chosen, lambda *asked: taken.append(keep(*asked)) or taken[-1]  # type: ignore[method-assign]
        try:
            self.served(demand, offer, part)
        finally:
            del self.chosen
        return taken[-1] if taken else None

    def memory_of(self, demand: Demand, usable: Fraction | None, way: Way) -> Fraction:
        """Memory of a replica in thousandths of a GiB without the program's; none where it is not wanted so large."""
        if usable is None or demand.replica not in (0, way.count):
            return Fraction(-1)
        return way.count * max(usable * 1000 - 2000, Fraction(0))

    def ways(self, demand: Demand, offer: Offer) -> Iterator[Way]:
        """Powers of two within a node, or a number that is asked for or stated; then pipelines of nodes."""
        powers = [1 << power for power in range(offer.per_node.bit_length())]
        quick = (self.oracle.catalog.accelerators[offer.accelerator].link_gb_per_s or 0) >= 100
        named = {demand.replica, *(count for name, count, _ in demand.throughput if name == offer.accelerator)}
        for count in sorted({*powers, *(one for one in named if 0 < one <= offer.per_node)}):
            yield Way(count, 1, 1) if quick else Way(1, count, 1)
        whole = {one // offer.per_node for one in named if one % offer.per_node == 0}
        pipelines = {(powers[-1], nodes) for nodes in (2, 4, 8)}
        pipelines |= {(offer.per_node, nodes) for nodes in whole if 1 < nodes <= 8}
        for count, nodes in sorted(pipelines) if offer.fabric else ():
            yield Way(count, nodes, nodes) if quick else Way(1, count * nodes, nodes)

    def way_of(self, accelerator: str, count: int) -> Way:
        """As so many were measured: in as few nodes as anybody sells them in."""
        plain = Demand("", None, "", "", False, 0, 0, None, replica=count)
        ways = {way for one in self.oracle.offers if one.accelerator == accelerator for way in self.ways(plain, one)}
        return min((way for way in ways if way.count == count), key=lambda way: (way.nodes, way.stages))

    def held(self, demand: Demand, accelerator: str, way: Way) -> Held | None:
        """What is known of a replica; None where nothing is."""
        speed = self.evidence.speed(demand, accelerator, way.count)
        stated = {count: per_second for name, count, per_second in demand.throughput if name == accelerator}
        if stated:
            if way.count not in stated:
                return Held(0, 1)
            slots = self.batch(demand, accelerator, speed, way)[0] * self.room(demand, accelerator, way).busy
            if demand.model.llm and (slots < 1 or speed is None or (math.isnan(speed.link) and way.within > 1)):
                slots = min(int(self.oracle.figure("serving_requests_at_once")), demand.max_concurrency or 1_000_000)
            return Held(math.floor(stated[way.count] * MICRO), max(slots, 1))
        if not demand.model.llm:
            rate = self.evidence.items(demand).get(accelerator)
            return None if rate is None else Held(math.floor(rate * way.count * MICRO), 1)
        if speed is None:
            each = self.evidence.beyond_roofline(demand, accelerator, self.best_of_reference(demand))
            return None if not each else Held(math.floor(each * way.count * MICRO), 1)
        if math.isnan(speed.link) and way.within > 1:
            return None
        batch, late_s = self.batch(demand, accelerator, speed, way)
        if batch < 1:
            return Held(0, 1)
        busy = self.room(demand, accelerator, way).busy
        rate = batch if demand.unit == "requests" else self.tokens_per_s(demand, speed, way, batch)
        return Held(math.floor(busy * rate * MICRO), batch * busy, late_s)

    def best_of_reference(self, demand: Demand) -> float:
        """Tokens per second of an H100-SXM in its best replica, of those that somebody sells."""
        found = [0.0]
        plain = demand._replace(throughput=(), replica=0)
        sold = [offer for offer in self.oracle.offers if offer.accelerator == "H100-SXM"]
        for way in {way for offer in sold for way in self.ways(plain, offer)}:
            speed = self.evidence.speed(plain, "H100-SXM", way.count)
            room = self.room(plain, "H100-SXM", way)
            if speed is not None and room.batch:
                found.append(room.busy * self.tokens_per_s(plain, speed, way, room.batch) / way.count)
        return max(found)

    def batch(self, demand: Demand, accelerator: str, speed: Speed | None, way: Way) -> tuple[int, float]:
        """The most requests at once in one stage, and by how much even one is too slow [s]."""
        most = self.room(demand, accelerator, way).batch
        asked = bool(demand.ttft_s or demand.tpot_s)
        for batch in range(most, 0, -1):
            if not asked or (speed is not None and self.late_s(demand, speed, way, batch) <= 0):
                return batch, 0.0
        return (1, self.late_s(demand, speed, way, 1) if speed is not None else 0.0) if most >= 1 else (0, 0.0)

    def room(self, demand: Demand, accelerator: str, way: Way) -> Room:
        """What fits into memory, at most 512 in a batch, and as many as are wanted at once."""
        model, usable = demand.model, self.oracle.usable(accelerator)
        if usable is None or not model.llm:
            return Room(0, 0)
        room = way.count * (float(usable) - 2) * GIB - model.weight_bytes(demand.precision)
        fit = math.floor(room / ((demand.input_tokens + demand.output_tokens) * model.cache_bytes(demand.precision)))
        batch, busy = min(max(fit // way.stages, min(fit, 1)), 512), min(fit, way.stages)
        if demand.max_concurrency:
            batch, busy = min(batch, max(demand.max_concurrency // way.stages, 1)), min(busy, demand.max_concurrency)
        return Room(max(batch, 0), max(busy, 0))

    def late_s(self, demand: Demand, speed: Speed, way: Way, batch: int) -> float:
        """By how much a batch misses its SLOs, whichever it misses more."""
        step, prefill = self.step(demand, speed, way, batch), self.prefill(demand, speed, way)
        first, each = (prefill + step) / speed.speed, (step + batch * prefill / demand.output_tokens) / speed.speed
        return max(first - (demand.ttft_s or math.inf), each - (demand.tpot_s or math.inf), 0.0)

    def comm(self, demand: Demand, speed: Speed, way: Way, tokens: float) -> float:
        n, model = way.within, demand.model
        if n == 1:
            return 0.0
        return 4 * model.layers * (n - 1) / n * tokens * model.width * 2 / speed.link

    def step(self, demand: Demand, speed: Speed, way: Way, batch: int) -> float:
        n, model = way.within, demand.model
        weights = model.weight_bytes(demand.precision)
        shared = weights * (model.shared / model.parameters)
        idle = 1 - model.experts_per_token / model.experts if model.experts else 0.0
        read = shared + (weights - shared) * (1 - idle**batch)
        cached = batch * (demand.input_tokens + demand.output_tokens / 2) * model.cache_bytes(demand.precision)
        launch = model.layers * (speed.layer + (speed.reduce if n > 1 else 0.0))
        arithmetic = 2 * model.active * batch / (n * speed.flops)
        return (read + cached) / (n * speed.read) + arithmetic + self.comm(demand, speed, way, batch) + launch

    def prefill(self, demand: Demand, speed: Speed, way: Way) -> float:
        model, isl = demand.model, demand.input_tokens
        work = (2 * model.active + 2 * model.layers * model.width * isl) * isl
        return work / (way.within * speed.flops) + self.comm(demand, speed, way, isl)

    def tokens_per_s(self, demand: Demand, speed: Speed, way: Way, batch: int) -> float:
        """Of one stage with a batch."""
        osl = demand.output_tokens
        busy = batch * self.prefill(demand, speed, way) + osl * self.step(demand, speed, way, batch)
        return speed.speed * batch * osl / busy

    def replicas(self, demand: Demand, micro: float, held: Held) -> int:
        """How many hold a rate."""
        if micro <= 0:
            return 0
        if demand.waits:
            busy = micro / held.micro * held.slots
            needed = math.ceil((busy + self.beta * math.sqrt(busy) + 1) / held.slots)
        else:
            needed = math.ceil(Fraction(micro) / (held.micro * Fraction(str(demand.utilization))))
        return needed + demand.spares

    def units(self, demand: Demand, offer: Offer, part: float, way: Way, held: Held) -> int:
        """Units to pay for at the peak."""
        return self.paid(offer, way, self.replicas(demand, self.peak_micro(demand, part), held))

    def paid(self, offer: Offer, way: Way, replicas: int) -> int:
        """Several smaller replicas share a node; a pipeline has nodes of its own."""
        if offer.units < offer.per_node:
            return -(-replicas * way.count // offer.units)
        nodes = replicas * way.nodes if way.nodes > 1 else -(-replicas // (offer.per_node // way.count))
        return -(-nodes * offer.per_node // offer.units)

    def peak_micro(self, demand: Demand, part: float) -> int:
        return math.ceil(demand.peak * part / (demand.window_s or 1.0) * MICRO)

    def hours_milli(self, demand: Demand, offer: Offer, part: float, nodes: int, way: Way, held: Held) -> int:
        """Hours a month of a node, if idle ones are given back; a batch works until it is done."""
        if not nodes:
            return 0
        peak = self.peak_micro(demand, part)
        if demand.window_s:
            working = max(self.replicas(demand, peak, held) - demand.spares, 1)
            return min(math.ceil(demand.mean * part * MICRO / 3600 * 1000 / (held.micro * working)), MONTH_MILLI)
        hours = sum(
            self.paid(offer, way, self.replicas(demand, peak * level, held)) * milli
            for level, milli in levels_of(demand)
        )
        return min(math.ceil(hours / nodes), MONTH_MILLI)

    def trained(self, demand: Demand, offer: Offer, part: float) -> Need:
        rate, native = training_rate(self.evidence, demand, offer.accelerator)
        usable, memory = self.oracle.usable(offer.accelerator), training_state(demand)
        room = Fraction(0) if usable is None else max(usable * 1000 - 2000, Fraction(0))
        fits = memory <= room * (65_536 if offer.fabric else offer.per_node)
        rated = rate > 0 or not native
        if not (fits and native and rate > 0):
            return Need(rated, fits, None, None, fits=fits, native=native)
        job = smallest_job(self.oracle, demand, offer, rate, math.ceil(memory / room), part)
        nodes = -(-job.accelerators // offer.units) if offer.units < offer.per_node else -(
            -(-(-job.accelerators // offer.per_node) * offer.per_node) // offer.units
        )  # fmt: skip
        hours = math.ceil(min(job.hours * demand.mean * part * 1000, MONTH_MILLI))
        moved, after = (round(hour * demand.mean * part * 1000) for hour in (job.moved, job.after))
        return Need(True, True, job.accelerators, nodes, nodes, overdue=job.late, hours_milli=hours,
                    moved_milli=min(moved, hours), after_milli=after, gang=-(-job.accelerators // offer.per_node),
                    checkpoint_gb=checkpoint_gb(demand))  # fmt: skip


def carried(workload: Workload) -> float:
    """The part of the work that a member at one of several sites carries."""
    return float(workload.__dict__.get("part", 1.0))


def memory_milli(demand: Demand) -> int:
    """Weights and the cache of one request, in thousandths of a GiB."""
    cache = 0.0
    if demand.model.llm:
        cache = (demand.input_tokens + demand.output_tokens) * demand.model.cache_bytes(demand.precision)
    return math.ceil((demand.model.weight_bytes(demand.precision) + cache) / GIB * 1000)


def square_root_rule(wait: float) -> float:
    """β of 1 ÷ (1 + β·Φ(β)/φ(β)) = *wait*, to the thousandth, rounded up: tried one by one."""
    for milli in range(1, 8000):
        beta = milli / 1000
        density = math.exp(-beta * beta / 2) / math.sqrt(2 * math.pi)
        if 1 / (1 + beta * (1 + math.erf(beta / math.sqrt(2))) / 2 / density) <= wait:
            return beta
    raise AssertionError(Decimal(wait))
