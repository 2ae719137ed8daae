"""Demand over time, reduced to what costs depend on: how many hours of a month it is at each level."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from operator import mul
from typing import NamedTuple

from placement.inventory.recipe import Amount, Recipe
from placement.units import HOURS_PER_MONTH

HOURLY = (24, 168, 8760)
"""How many hourly values may be given: of a day, a week or a year."""

REQUESTS = "requests"
"""What a trace of requests counts."""


class Curve(NamedTuple):
    """A load-duration curve."""

    levels: tuple[float, ...]
    """Units per second, each once, the highest first."""
    hours: tuple[float, ...]
    """Of a month at each level; they add up to 730."""
    peak: float
    mean: float
    input_tokens: float = 0.0
    """Of a request on average, where a trace says so; 0 where none does."""
    output_tokens: float = 0.0
    note: str = ""
    """What was assumed or left out, for the plan."""
    counts: str = ""
    """`requests` where the levels are requests per second; otherwise they are in whatever unit a workload has."""


def load_duration(shares: Iterable[tuple[float, float]], note: str = "") -> Curve:
    """The curve of levels with the time spent at each, in whatever unit: all of it together is a month."""
    spent: dict[float, float] = {}
    for level, time in shares:
        if time > 0:
            spent[level + 0.0] = spent.get(level + 0.0, 0) + time
    levels = sorted(spent, reverse=True)
    times = [spent[level] for level in levels]
    total = math.fsum(times)
    mean = math.fsum(map(mul, levels, times)) / total
    month = {time: HOURS_PER_MONTH * (time / total) for time in set(times)}
    hours = tuple([month[time] for time in times])
    # A mean is between the levels it is one of, whatever was rounded.
    return Curve(tuple(levels), hours, levels[0], min(max(mean, levels[-1]), levels[0]), note=note)


def hourly_curve(values: Iterable[float]) -> Curve:
    """The curve of the hourly values of a day, a week or a year, each as long as any other."""
    counted = Counter(values)
    return load_duration((level, float(count)) for level, count in counted.items())


ASSUMED = "only mean and peak are known: demand is assumed to fall from the peak as peak × (1 − u)^(peak ÷ mean − 1)"
"""u is the share of the month (see `engine.work.loads.shapes`)."""


def with_trace(recipe: Recipe, amount: Amount, curves: Mapping[str, Curve]) -> tuple[Recipe, Amount]:
    """The lengths of requests filled in from the trace of their load, where the demand leaves them out.

    Then a language model's requests per second are tokens per second. Only to be asked of language models.
    """
    curve = curves.get(amount.load)
    if curve is None:
        return recipe, amount
    filled = recipe._replace(
        input_tokens=recipe.input_tokens or curve.input_tokens,
        output_tokens=recipe.output_tokens or curve.output_tokens,
    )
    if recipe.unit == "items" and amount.stated == "requests_per_second" and filled.output_tokens:
        times = filled.output_tokens
        return filled._replace(unit="tokens"), amount._replace(mean=amount.mean * times, peak=amount.peak * times)
    return filled, amount


def scale_of(recipe: Recipe, amount: Amount, curve: Curve) -> tuple[float, float]:
    """What there is of a recipe's units per second, and of its load where there is so much; after `with_trace`."""
    if amount.peak:
        return amount.peak, curve.peak
    if amount.mean:
        return amount.mean, curve.mean
    requests = curve.counts == REQUESTS or amount.stated == "requests_per_second"
    return (recipe.output_tokens, 1.0) if requests and recipe.unit == "tokens" else (1.0, 1.0)
