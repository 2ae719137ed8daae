"""The oracle's view of what is known of models and accelerators, written from `docs/sizing.md`."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from oracle_loads import Demand

GIB = 2**30
WEIGHT = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625}
CACHE = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 1.0}
SIXTEEN = ("fp16", "bf16")


class Known(NamedTuple):
    """A model."""

    name: str
    llm: bool
    group: str
    """Class of ratios."""
    parameters: float
    active: float
    shared: float
    layers: int
    width: int
    elements: float
    """Cached of a token."""
    experts: int
    experts_per_token: int
    precision: str
    measured: str
    """The model of which measurements hold for it."""

    def weight_bytes(self, precision: str) -> float:
        return self.parameters * WEIGHT[precision]

    def cache_bytes(self, precision: str) -> float:
        return self.elements * CACHE[precision]


class Way(NamedTuple):
    """Accelerators that work as one: so many share every layer, so often one after the other, in so many nodes."""

    within: int
    stages: int
    nodes: int

    @property
    def count(self) -> int:
        return self.within * self.stages


class Speed(NamedTuple):
    """What an accelerator reaches."""

    read: float
    flops: float
    link: float
    layer: float
    reduce: float
    speed: float


class Evidence:
    """What the catalog and the inventory's own models say."""

    def __init__(self, oracle: Any) -> None:
        self.oracle = oracle
        self.catalog = oracle.catalog

    def model(self, name: str) -> Known:
        own = self.oracle.inventory.models.get(name)
        return self.shipped(name) if own is None else self.own(name, own)

    def shipped(self, name: str) -> Known:
        one = self.catalog.models[self.catalog.model_aliases.get(name, name)]
        layers = one.layers or 0
        elements = layers * one.mla_width if one.mla_width else 2 * layers * (one.kv_heads or 0) * (one.head_dim or 0)
        sizes = (one.parameters_billion, one.active_parameters_billion, one.shared_parameters_billion)
        return Known(
            one.id, one.kind == "llm", one.throughput_class, *(size * 1e9 for size in sizes), layers, one.hidden or 0,
            elements, one.experts or 0, one.experts_per_token or 0, one.precision, one.id,
        )  # fmt: skip

    def own(self, name: str, own: Any) -> Known:
        """What is stated, else what the model has that it is like."""
        like = self.shipped(own.like) if own.like else None
        layers = own.layers or like.layers
        if own.mla_width:
            elements = layers * own.mla_width
        elif own.kv_heads:
            elements = 2 * layers * own.kv_heads * own.head_dim
        else:
            elements = like.elements
        total = own.parameters or like.parameters
        active = own.active_parameters or total
        experts, per_token = own.experts or 0, own.experts_per_token or 0
        # total = shared + experts, active = shared + k/E · experts.
        shared = total - (total - active) / (1 - per_token / experts) if experts else total
        group = "inference-llm-moe" if experts else "inference-llm-dense"
        precision = own.precision or (like.precision if like else "bf16")
        measured = like.measured if like else name
        return Known(
            name, True, group, total, active, own.shared_parameters or max(shared, 0.0), layers,
            own.hidden or like.width, elements, experts, per_token, precision, measured,
        )  # fmt: skip

    def native(self, demand: Demand, accelerator: str) -> bool:
        if not demand.model.llm and not demand.asked:
            return True
        return demand.precision in self.catalog.accelerators[accelerator].precisions

    def roofline(self, accelerator: str, precision: str) -> Any:
        """Its own constants before its maker's; those of FP16 where BF16 has none."""
        vendor = self.catalog.accelerators[accelerator].vendor
        for name in (precision, "fp16") if precision == "bf16" else (precision,):
            for of in (accelerator, "*"):
                if (vendor, of, name) in self.catalog.roofline:
                    return self.catalog.roofline[vendor, of, name]
        return None

    def speed(self, demand: Demand, accelerator: str, count: int) -> Speed | None:
        """As a language model at a precision sees so many of it; None where something is unknown."""
        plain = self.uncalibrated(demand, accelerator)
        if plain is None:
            return None
        return plain._replace(speed=plain.speed * self.calibration(demand, accelerator, plain, count))

    def uncalibrated(self, demand: Demand, accelerator: str) -> Speed | None:
        if not demand.model.llm:
            return None
        known = self.catalog.accelerators.get(accelerator)
        found = self.roofline(accelerator, demand.precision) if known else None
        peak = known.tflops.get(demand.precision) if known else None
        if found is None or peak is None or known.bandwidth_gb_per_s is None:
            return None
        link = math.nan if known.link_gb_per_s is None else known.link_gb_per_s * 1e9 * found.link_fraction
        return Speed(
            known.bandwidth_gb_per_s * 1e9 * found.read_fraction, peak * 1e12 * found.compute_fraction, link,
            found.layer_us / 1e6, found.reduce_us / 1e6, found.speed,
        )  # fmt: skip

    def calibration(self, demand: Demand, accelerator: str, speed: Speed, count: int) -> float:
        """Measured ÷ predicted of the measurement of as many with the most similar lengths; 1 where none is similar."""
        found = []
        for row in self.catalog.measured.of(demand.model.measured):
            same = row.precision == demand.precision or {row.precision, demand.precision} <= {*SIXTEEN}
            if (
                (row.accelerator, row.accelerators) != (accelerator, count)
                or not same
                or row.scenario not in ("offline", "closed_loop")
            ):
                continue
            if not row.input_tokens or not row.output_tokens or (row.concurrency or 0) > 128:
                continue
            of = demand._replace(
                input_tokens=row.input_tokens, output_tokens=row.output_tokens, ttft_s=0.0, tpot_s=0.0,
                max_concurrency=0,
            )  # fmt: skip
            work = self.oracle.work
            way = work.way_of(accelerator, count)
            batch = min(work.room(of, accelerator, way).batch, math.ceil((row.concurrency or 512) / way.stages))
            busy = work.room(of, accelerator, way).busy
            if batch >= 1:
                ratio = row.units_per_second / (busy * work.tokens_per_s(of, speed, way, batch))
                found.append((row.layer, self.apart(demand, row), ratio))
        last = max((layer for layer, *_ in found), default=0)
        near = [(apart, ratio) for layer, apart, ratio in found if layer == last]
        if not near:
            return 1.0
        apart, ratio = min(near, key=lambda pair: pair[0])
        return ratio if apart < 4 else 1.0

    def apart(self, demand: Demand, row: Any) -> float:
        def factor(one: float, other: float) -> float:
            return max(one / other, other / one)

        return factor(demand.input_tokens, row.input_tokens) * factor(demand.output_tokens, row.output_tokens)

    def items(self, demand: Demand) -> dict[str, float]:
        """Items per second of one accelerator: measured, else by the ratio of the class."""
        order = ("offline", "closed_loop", "server") if demand.form == "batch" else ("server", "offline", "closed_loop")
        by_name: dict[str, list[Any]] = {}
        for row in self.catalog.measured.of(demand.model.measured):
            same = row.precision == demand.precision or {row.precision, demand.precision} <= {*SIXTEEN}
            if row.scenario in order and (same or not demand.asked):
                by_name.setdefault(row.accelerator, []).append(row)
        found = {name: self.median(rows, order) for name, rows in by_name.items()}
        ratios = self.catalog.ratios.get(demand.model.group, {})
        base = "H100-SXM" if "H100-SXM" in found else min((name for name in found if name in ratios), default="")
        if base in ratios:
            for name, ratio in ratios.items():
                found.setdefault(name, found[base] * ratio.milli / ratios[base].milli)
        return found

    def median(self, rows: list[Any], order: tuple[str, ...]) -> float:
        """Of the newest of the nearest layer and the best scenario; of two in the middle the lower."""
        rows = [row for row in rows if row.layer == max(one.layer for one in rows)]
        scenario = next(name for name in order if any(row.scenario == name for row in rows))
        rows = [row for row in rows if row.scenario == scenario]
        newest = max(row.as_of for row in rows)
        values = sorted(row.units_per_second / row.accelerators for row in rows if row.as_of == newest)
        return values[(len(values) - 1) // 2]

    def beyond_roofline(self, demand: Demand, accelerator: str, reference: float) -> float:
        """Batches where no roofline was fitted: the class ratio times what the reference does."""
        ratios = self.catalog.ratios.get(demand.model.group, {})
        unfitted = self.roofline(accelerator, demand.precision) is None
        if demand.form != "batch" or not unfitted or accelerator not in ratios or "H100-SXM" not in ratios:
            return 0.0
        return reference * (ratios[accelerator].milli / ratios["H100-SXM"].milli)
