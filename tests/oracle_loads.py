"""The oracle's reading of a demand for work: how a unit of it is done, how much there is, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from placement.inventory.workload import Workload

STEPS = 12
FINE = 16


class Demand(NamedTuple):
    """What a workload says, in one form for all."""

    form: str
    model: Any
    unit: str
    precision: str
    asked: bool
    mean: float
    """Units per second, of batches units a month, of training runs a month; over the horizon, with growth."""
    peak: float
    levels: tuple[tuple[float, float], ...] | None
    """Parts of the peak and hours a month, the highest first; None where mean and peak say all."""
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    ttft_s: float = 0.0
    tpot_s: float = 0.0
    max_concurrency: int = 0
    waits: bool = False
    """By Erlang's formula."""
    utilization: float = 1.0
    spares: int = 0
    replica: int = 0
    window_s: float = 0.0
    throughput: tuple[tuple[str, int, float], ...] = ()
    training: Any = None


def demand_of(oracle: Any, evidence: Any, workload: Workload) -> Demand:
    """The work of a workload."""
    demand = workload.demand
    form = next(one for one in ("serving", "video", "batch", "training") if getattr(demand, one) is not None)
    said = getattr(demand, form)
    model = evidence.model(said.model)
    precision = said.precision or ("bf16" if form == "training" else model.precision)
    throughput = tuple(
        (oracle.canonical(one.accelerator), one.accelerators, one.units_per_second) for one in said.throughput
    )
    plain = Demand(form, model, "", precision, said.precision is not None, 0, 0, None, throughput=throughput)
    made = {"serving": serving, "video": video, "batch": batch, "training": training}[form]
    return grown(oracle, made(oracle, plain, said), said.growth_fraction_per_month)


def serving(oracle: Any, demand: Demand, said: Any) -> Demand:
    key = next(k for k in ("tokens_per_second", "requests_per_second", "concurrency") if getattr(said, k) is not None)
    rate = getattr(said, key)
    curve = oracle.inventory.curves.get(rate.load)
    traced = (curve.input_tokens, curve.output_tokens) if curve is not None else (0.0, 0.0)
    lengths = {
        "input_tokens": (said.input_tokens or traced[0]) if demand.model.llm else 0.0,
        "output_tokens": (said.output_tokens or traced[1]) if demand.model.llm else 0.0,
    }
    unit = {"concurrency": "requests", "tokens_per_second": "tokens", "requests_per_second": "items"}[key]
    times = 1.0
    if unit == "items" and demand.model.llm:
        unit, times = "tokens", lengths["output_tokens"]
    counted = lengths["output_tokens"] if curve is not None and unit == "tokens" and (
        curve.counts == "requests" or key == "requests_per_second"
    ) else 1.0  # fmt: skip
    target = said.target_utilization_fraction
    waits = demand.model.llm and unit != "requests" and target is None
    usual = 1.0 if unit == "requests" else float(oracle.figure("serving_utilization_fraction"))
    demand = demand._replace(
        unit=unit, waits=waits, utilization=target or (1.0 if waits else usual), spares=said.spare_replicas,
        ttft_s=(said.ttft_ms or 0) / 1000, tpot_s=(said.tpot_ms or 0) / 1000,
        max_concurrency=said.max_concurrency or 0, replica=said.accelerators_per_replica or 0, **lengths,
    )  # fmt: skip
    return over_time(demand, (rate.mean or 0) * times, (rate.peak or 0) * times, curve, counted)


def video(oracle: Any, demand: Demand, said: Any) -> Demand:
    frames = said.cameras * said.frames_per_second
    usual = float(oracle.figure("serving_utilization_fraction"))
    demand = demand._replace(
        unit="items", utilization=said.target_utilization_fraction or usual, spares=said.spare_replicas,
        replica=said.accelerators_per_replica or 0,
    )  # fmt: skip
    curve = oracle.inventory.curves.get(said.load)
    return over_time(demand, 0.0 if curve else frames, frames if curve else 0.0, curve, 1.0)


def batch(_oracle: Any, demand: Demand, said: Any) -> Demand:
    llm = demand.model.llm
    amount = said.tokens_per_month or said.items_per_month * (said.output_tokens if llm else 1.0)
    return demand._replace(
        unit="tokens" if llm else "items", mean=amount, peak=amount, window_s=said.window_hours_per_month * 3600,
        input_tokens=(said.input_tokens or 0.0) if llm else 0.0, replica=said.accelerators_per_replica or 0,
        output_tokens=(said.output_tokens or 0.0) if llm else 0.0,
    )  # fmt: skip


def training(_oracle: Any, demand: Demand, said: Any) -> Demand:
    return demand._replace(unit="runs", mean=said.runs_per_month, peak=said.runs_per_month, training=said)


def over_time(demand: Demand, mean: float, peak: float, curve: Any, counted: float) -> Demand:
    """A number, mean and peak, or a load as it is or scaled."""
    if curve is None:
        return demand._replace(mean=mean, peak=peak or mean)
    times = peak / curve.peak if peak else mean / curve.mean if mean else counted
    levels = [(level / curve.peak, hours) for level, hours in zip(curve.levels, curve.hours, strict=True)]
    return demand._replace(mean=curve.mean * times, peak=curve.peak * times, levels=tuple(levels))


def whole(levels: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The highest first, with whole thousandths of hours along the curve."""
    ordered = sorted(levels, key=lambda pair: -pair[0])
    until = [0, *(round(hours * 1000) for hours in accumulate(hours for _, hours in ordered))]
    until[-1] = 730_000
    return tuple(
        (min(pair[0], 1.0), float(end - begin)) for pair, (begin, end) in zip(ordered, pairwise(until), strict=True)
    )


def levels_of(demand: Demand) -> Iterator[tuple[float, Any]]:
    """Parts of the peak, and thousandths of hours a month at each."""
    if demand.levels is not None:
        yield from whole(demand.levels)
    else:
        yield from ((level, hours * 1000) for level, hours in shape(demand))


def shape(demand: Demand) -> Iterator[tuple[float, Any]]:
    """Parts of the peak, and hours a month at each: as given, as assumed of mean and peak, or always the same."""
    if demand.levels is not None:
        yield from demand.levels
    elif demand.peak > demand.mean:
        yield from ((min(level, 1.0), Fraction(730, STEPS)) for level in assumed(demand.peak / demand.mean))
    else:
        yield 1.0, 730.0


def assumed(ratio: float) -> list[float]:
    """Averages of (1 − u)^(r − 1) over the steps of the month, between whole sixteenths of r by a line."""
    below = math.floor(ratio * FINE)
    part = ratio * FINE - below
    low, high = (exactly(below + more) for more in (0, 1))
    return [(one + (other - one) * part) / ratio for one, other in zip(low, high, strict=True)]


def exactly(sixteenths: int) -> list[float]:
    """∫ r·(1 − u)^(r − 1) du over every step, × steps: as parts of the mean."""
    with localcontext() as context:
        context.prec = 40
        ratio = Decimal(sixteenths) / FINE
        left = [((1 - Decimal(step) / STEPS) ** ratio if step < STEPS else Decimal(0)) for step in range(STEPS + 1)]
        return [float((left[step] - left[step + 1]) * STEPS) for step in range(STEPS)]


def grown(oracle: Any, demand: Demand, growth: float) -> Demand:
    """Nodes of the largest month; hours and units as the average of all, in at most 12 periods."""
    if not growth:
        return demand
    months = oracle.inventory.horizon_months
    by_month = [float((1 + Decimal(str(growth))) ** month) for month in range(months)]
    length = math.ceil(months / 12)
    periods = [by_month[begin : begin + length] for begin in range(0, months, length)]
    factors = [(sum(period) / len(period), len(period) / months) for period in periods]
    largest = max(by_month)
    levels = [(level * factor / largest, hours * share) for factor, share in factors for level, hours in shape(demand)]
    mean = demand.mean * sum(factor * share for factor, share in factors)
    return demand._replace(mean=mean, peak=demand.peak * largest, levels=tuple(levels))
