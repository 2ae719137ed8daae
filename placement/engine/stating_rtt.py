"""What a plan says of its round-trip times: how many rest on what, and how far that may be off."""

from __future__ import annotations

from placement.catalog.tables import Catalog
from placement.engine.round_trips import DEFAULT_ACCESS
from placement.engine.rtt_model import STEPS
from placement.engine.stated import Stated
from placement.plan.model import Assumption
from placement.units import from_micro

_TEXTS = {
    "same place": ("rtt_same_place_ms", "users and site in one place: {same} ms, and what stated access adds"),
    "measured": (
        "rtt_measured_high_ratio",
        "round-trip times as measured from site to site; of pairs measured twice 80 % changed by {band}",
    ),
    "proxy": (
        "rtt_proxy_high_ratio",
        "round-trip times of the nearest measured pair, at most {most} km off, moved by {slope} ms/km; 80 % of "
        "measurements that were left out differ by {band}",
    ),
    "continent": (
        "rtt_ms_per_km",
        "round-trip times by a line over distance between two continents, with the band of their measured pairs",
    ),
    "pooled": (
        "rtt_ms_per_km",
        "round-trip times are estimated as {intercept} ms + {slope} ms/km; 80 % of measured pairs differ by {band}",
    ),
}
"""By step: the constant whose source is named, and the sentence."""


def latency_assumptions(catalog: Catalog, stated: Stated) -> list[Assumption]:
    """One for every step that round-trip times were come by, the surest first; and what access is taken to add."""

    def text(name: str) -> str:
        return catalog.assumption(name).text

    found = []
    for step in STEPS:
        counted = stated.costs.get(("rtt", step))
        if counted is None:
            continue
        name, words = _TEXTS[step]
        source = catalog.assumption(name)
        told = words.format(
            same=text("rtt_same_place_ms"),
            most=text("rtt_proxy_most_km"),
            slope=text("rtt_ms_per_km"),
            intercept=text("rtt_intercept_ms"),
            band=_band(catalog, step),
        )
        key = f"rtt_{step.replace(' ', '_')}"
        found.append(Assumption(key, told, source.source_id, source.as_of, None, counted.workloads))
    return [*found, *_access(catalog, stated)]


def _band(catalog: Catalog, step: str) -> str:
    """`−12 % to +15 %`; empty for steps without a band of their own."""
    if step not in ("measured", "proxy", "pooled"):
        return ""
    low, high = (catalog.assumption(f"rtt_{step}_{end}_ratio").micro for end in ("low", "high"))
    return f"−{_percent(1_000_000 - low)} % to +{_percent(high - 1_000_000)} %"


def _percent(micro: int) -> str:
    return f"{from_micro(micro * 100):f}"


def _access(catalog: Catalog, stated: Stated) -> list[Assumption]:
    guessed = stated.costs.get(("access",))
    if guessed is None:
        return []
    median, p95 = (catalog.assumption(f"last_mile_{DEFAULT_ACCESS}_{unit}") for unit in ("ms", "p95_ms"))
    text = (
        f"users without `access` are taken to come by {DEFAULT_ACCESS}, which adds {median.text} ms to a median and "
        f"{p95.text} ms to a P95"
    )
    return [Assumption("last_mile", text, median.source_id, median.as_of, None, guessed.workloads)]
