"""The oracle's view of training: the rate of an accelerator, what a job must hold, and the smallest that is in time."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from oracle_evidence import GIB
from oracle_loads import Demand
from oracle_spot import clock, gang_of, on_demand, written_milli

from placement.catalog.work import PRECISIONS

MOST = 65_536


class Job(NamedTuple):
    """Accelerators, hours of a run, and whether it is late."""

    accelerators: int
    hours: float
    late: bool
    moved: float = 0.0
    """On spot: hours of a run that are done on demand, and hours that are paid for these."""
    after: float = 0.0


def checkpoint_gb(demand: Demand) -> float:
    """What is written down: the whole state, or that of the adapters."""
    return math.ceil(demand.model.parameters * 16.0 * (trained(demand) if adapters(demand) else 1.0) / 1e6) / 1000


def adapters(demand: Demand) -> bool:
    return demand.training.method in ("lora", "qlora")


def training_state(demand: Demand) -> int:
    """Thousandths of a GiB: 16 bytes a parameter, or 2 (QLoRA 0.53) a frozen one and 16 a trained one."""
    said, parameters = demand.training, demand.model.parameters
    if not adapters(demand):
        return math.ceil(parameters * 16.0 / GIB * 1000)
    frozen = 2.0 if said.method == "lora" else 0.53
    return math.ceil((parameters * frozen + 16.0 * parameters * trained(demand)) / GIB * 1000)


def trained(demand: Demand) -> float:
    return demand.training.trainable_fraction or 0.01


def training_rate(evidence: Any, demand: Demand, accelerator: str) -> tuple[float, bool]:
    """Tokens, or hours of the reference, that an accelerator does in an hour, and whether the precision is its own."""
    catalog, said = evidence.catalog, demand.training
    known = catalog.accelerators[accelerator]
    for name, count, per_second in demand.throughput:
        if name == accelerator:
            return per_second / count * 3600, True
    ratios = catalog.ratios.get("finetune-lora" if adapters(demand) else "training-llm", {})
    if said.reference:
        base = evidence.oracle.canonical(said.reference)
        if base == accelerator:
            return 1.0, True
        compared = accelerator in ratios and base in ratios
        return (ratios[accelerator].milli / ratios[base].milli if compared else 0.0), True
    native = demand.precision in known.precisions or (adapters(demand) and not demand.asked)
    rate = by_mfu(evidence, demand, accelerator)
    reference = by_mfu(evidence, demand, "H100-SXM") if "H100-SXM" in catalog.accelerators else 0.0
    if not rate and not demand.asked and reference and accelerator in ratios and "H100-SXM" in ratios:
        rate = reference * ratios[accelerator].milli / ratios["H100-SXM"].milli
    return rate * 3600, native


def by_mfu(evidence: Any, demand: Demand, accelerator: str) -> float:
    """Tokens per second by the MFU of the BF16 peak; 0 where either is unknown."""
    catalog, lora = evidence.catalog, adapters(demand)
    kind = "lora" if lora else "moe" if demand.model.experts else "dense"
    rows = [demand.precision]
    rows += PRECISIONS if lora and not demand.asked else []
    mfu = next(
        (catalog.training[accelerator, row, kind] for row in rows if (accelerator, row, kind) in catalog.training), None
    )
    peak = catalog.accelerators[accelerator].tflops.get("bf16")
    if mfu is None or peak is None:
        return 0.0
    return mfu.mfu_fraction * peak * 1e12 / ((4 if lora else 6) * demand.model.active)


def smallest_job(oracle: Any, demand: Demand, offer: Any, rate: float, least: int, part: float) -> Job:
    """Tried one by one from the smallest; where none is in time, the quickest."""
    said = demand.training
    every = 730 / (demand.peak * part)
    deadline = min(said.deadline_hours or every, every)
    work, size = said.tokens or said.accelerator_hours, checkpoint_gb(demand)
    count, best, largest = 0, None, None
    for count in sizes(oracle, offer, size):
        nodes = -(-count // offer.per_node)
        if count < least:
            if offer.purchase == "spot" and nodes <= 64:
                largest = Job(count, run_hours(oracle, work, rate, count, said.failed_run_fraction, size, nodes), True)
            continue
        hours = run_hours(oracle, work, rate, count, said.failed_run_fraction, size, nodes)
        if offer.purchase != "spot":
            if hours <= deadline:
                return Job(count, hours, False)
            best = Job(count, hours, True)
            continue
        # Nine runs of ten must be in time without a node on demand.
        if nodes > 64:
            break
        gang = gang_of(oracle, nodes, written_milli(oracle, size, nodes))
        took = clock(oracle, gang, hours).p90 if gang.paid_milli < 1_000_000 and math.isfinite(hours) else math.inf
        if took <= deadline:
            return Job(count, hours, False, *on_demand(oracle, gang, hours, deadline))
        if best is None or took < best[0]:
            best = (took, Job(count, hours, True))
    best = best or largest
    assert best is not None
    return best if isinstance(best, Job) else best[1]


def sizes(oracle: Any, offer: Any, size: float) -> Any:
    """Powers of two of a node that is sold in parts, then whole nodes, more than one on a fabric alone.

    Up to as many as are done first: beyond, more breaks than is added.
    """
    if offer.units < offer.per_node:
        yield from (1 << power for power in range(20) if 1 << power < offer.per_node)
    most = quickest(oracle, offer.per_node, size) if offer.fabric else 1
    yield from (nodes * offer.per_node for nodes in range(1, most + 1))


_QUICKEST: dict[tuple[float, ...], int] = {}


def quickest(oracle: Any, per_node: int, size: float) -> int:
    """Nodes with which a run is done first, tried one by one."""
    names = ("scaling_fraction_per_doubling", "mtbf_accelerator_hours", "checkpoint_gb_per_s",
             "training_restart_hours")  # fmt: skip
    key = (per_node, size, *(float(oracle.figure(name)) for name in names))
    if key not in _QUICKEST:
        every = range(1, max(MOST // per_node, 1) + 1)
        took = {nodes: run_hours(oracle, 1.0, 1.0, nodes * per_node, 0.0, size, nodes) for nodes in every}
        _QUICKEST[key] = min(every, key=lambda nodes: (took[nodes], nodes))
    return _QUICKEST[key]


def scaling(fraction: float, count: int) -> float:
    """1 up to 512, then × the fraction for every doubling, a line between."""
    size, left = 512.0, 1.0
    while count > size * 2:
        size, left = size * 2, left * fraction
    return left * (1 - max(count - size, 0.0) / size * (1 - fraction))


def run_hours(oracle: Any, work: float, rate: float, count: int, failed: float, size: float, nodes: int) -> float:
    mean = float(oracle.figure("mtbf_accelerator_hours")) / count
    checkpoint, restart = written_milli(oracle, size, nodes) / 1000, float(oracle.figure("training_restart_hours"))
    lost = math.sqrt(2 * checkpoint / mean) + restart / mean
    if lost >= 1:
        return math.inf
    each = count * rate * scaling(float(oracle.figure("scaling_fraction_per_doubling")), count)
    return work / each * (1 / (1 - lost)) / (1 - failed)
