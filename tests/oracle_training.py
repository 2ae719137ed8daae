"""The oracle's view of training: the rate of an accelerator, what a job must hold, and the smallest that is in time."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from oracle_evidence import GIB
from oracle_loads import Demand

from placement.catalog.work import PRECISIONS

MOST = 65_536


class Job(NamedTuple):
    """Accelerators, hours of a run, and whether it is late."""

    accelerators: int
    hours: float
    late: bool


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
    if offer.purchase == "spot":  # restarts take their time
        deadline /= oracle.restarts(2) / 1000
    work = said.tokens or said.accelerator_hours
    count = 0
    for count in sizes(oracle, offer):
        if count < least:
            continue
        hours = run_hours(oracle, work, rate, count, said.failed_run_fraction)
        if hours <= deadline:
            return Job(count, hours, False)
    return Job(count, run_hours(oracle, work, rate, count, said.failed_run_fraction), True)


def sizes(oracle: Any, offer: Any) -> Any:
    """Powers of two of a node that is sold in parts, then whole nodes, more than one on a fabric alone.

    Up to as many as are done first: beyond, more breaks than is added.
    """
    if offer.units < offer.per_node:
        yield from (1 << power for power in range(20) if 1 << power < offer.per_node)
    most = quickest(oracle, offer.per_node) if offer.fabric else 1
    yield from (nodes * offer.per_node for nodes in range(1, most + 1))


_QUICKEST: dict[tuple[float, ...], int] = {}


def quickest(oracle: Any, per_node: int) -> int:
    """Nodes with which a run is done first, tried one by one."""
    names = ("scaling_fraction_per_doubling", "mtbf_accelerator_hours", "training_checkpoint_hours",
             "training_restart_hours")  # fmt: skip
    key = (per_node, *(float(oracle.figure(name)) for name in names))
    if key not in _QUICKEST:
        every = range(1, max(MOST // per_node, 1) + 1)
        _QUICKEST[key] = min(every, key=lambda nodes: (run_hours(oracle, 1.0, 1.0, nodes * per_node, 0.0), nodes))
    return _QUICKEST[key]


def scaling(fraction: float, count: int) -> float:
    """1 up to 512, then × the fraction for every doubling, a line between."""
    size, left = 512.0, 1.0
    while count > size * 2:
        size, left = size * 2, left * fraction
    return left * (1 - max(count - size, 0.0) / size * (1 - fraction))


def run_hours(oracle: Any, work: float, rate: float, count: int, failed: float) -> float:
    mean = float(oracle.figure("mtbf_accelerator_hours")) / count
    checkpoint, restart = (float(oracle.figure(f"training_{name}_hours")) for name in ("checkpoint", "restart"))
    lost = math.sqrt(2 * checkpoint / mean) + restart / mean
    if lost >= 1:
        return math.inf
    each = count * rate * scaling(float(oracle.figure("scaling_fraction_per_doubling")), count)
    return work / each * (1 / (1 - lost)) / (1 - failed)
