"""What a plan says of its round-trip times: how many rest on what, and how far that may be off."""

from __future__ import annotations

from placement.catalog.tables import Catalog
from placement.engine.round_trips import DEFAULT_ACCESS
from placement.engine.rtt_model import STEPS
from placement.engine.stated import Stated
from placement.plan.model import Assumption
from placement.units import MICRO, micro_text

_TEXTS = {
    "same_place": ("rtt_same_place_ms", "users and site are in one place: {same} ms"),
    "measured": (
        "rtt_measured_high_ratio",
        "measured from site to site; of pairs measured twice 80 % changed by {measured}",
    ),
    "proxy": (
        "rtt_proxy_high_ratio",
        "by the nearest measured pair, at most {most} km off and moved by {slope} ms/km; 80 % of left-out measurements "
        "differ by {proxy}, {far} km apart and farther by {proxy_far}",
    ),
    "continent": (
        "rtt_proxy_high_ratio",
        "by a line over distance between two continents, with the band of what was measured between them",
    ),
    "pooled": ("rtt_ms_per_km", "{intercept} ms + {slope} ms/km; 80 % of measured pairs differ by {pooled}"),
}
"""By step: the constant whose source is named, and the sentence."""


def latency_assumptions(catalog: Catalog, stated: Stated) -> list[Assumption]:
    """One for every step that round-trip times were come by, the surest first; and what access is taken to add."""
    figures = _figures(catalog)
    found = []
    for step in STEPS:
        counted = stated.costs.get(("rtt", step))
        if counted is not None:
            name, words = _TEXTS[step]
            fact = catalog.assumption(name)
            text = f"round-trip times of {_workloads(counted.workloads)}: {words.format(**figures)}"
            found.append(Assumption(f"rtt_{step}", text, fact.source_id, fact.as_of, None, counted.workloads))
    return [*found, *_access(catalog, stated)]


def _figures(catalog: Catalog) -> dict[str, str]:
    """What the sentences name."""
    names = {
        "same": "rtt_same_place_ms",
        "intercept": "rtt_intercept_ms",
        "slope": "rtt_ms_per_km",
        "most": "rtt_proxy_most_km",
        "far": "rtt_proxy_far_km",
    }
    plain = {key: catalog.assumption(name).text for key, name in names.items()}
    return plain | {band: _band(catalog, band) for band in ("measured", "proxy", "proxy_far", "pooled")}


def _band(catalog: Catalog, name: str) -> str:
    """`−12 % to +15 %`."""
    low, high = (catalog.assumption(f"rtt_{name}_{end}_ratio").micro for end in ("low", "high"))
    return f"−{micro_text((MICRO - low) * 100)} % to +{micro_text((high - MICRO) * 100)} %"


def _workloads(count: int) -> str:
    return "1 workload" if count == 1 else f"{count:,} workloads"


def _access(catalog: Catalog, stated: Stated) -> list[Assumption]:
    guessed = stated.costs.get(("access",))
    if guessed is None:
        return []
    median, p95 = (catalog.assumption(f"last_mile_{DEFAULT_ACCESS}_{unit}") for unit in ("ms", "p95_ms"))
    text = (
        f"users of {_workloads(guessed.workloads)} do not say what `access` they have: {DEFAULT_ACCESS}, which adds "
        f"{median.text} ms to a median and {p95.text} ms to a P95"
    )
    return [Assumption("last_mile", text, median.source_id, median.as_of, None, guessed.workloads)]
