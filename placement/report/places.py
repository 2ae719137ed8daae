"""Edge against region in words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from placement.plan.model import Crossover, Placement, Plan
from placement.report.numbers import plural, whole_money
from placement.report.shown import shown_rows

_GB, _TB = Decimal(1), Decimal(1000)


def crossover_items(plan: Plan) -> list[tuple[str, str]]:
    """The comparisons of the workloads shown, by workload."""
    shown, _ = shown_rows(plan)
    return [(placement.workload, words) for placement in shown if (words := place_words(placement))]


def place_words(placement: Placement) -> str:
    """The comparison of a workload that may live at every place, or why it may not."""
    if placement.crossover is not None:
        return crossover_words(placement.crossover)
    return f"no node at its users' places: {placement.no_edge}" if placement.no_edge else ""


def crossover_words(crossover: Crossover) -> str:
    """Both ways with what they cost and how much of it is bytes, and the volume at which they cost the same."""
    edge, region = crossover.edge_cost_cents, crossover.region_cost_cents
    ways = (
        f"nodes at {plural(crossover.places, 'place')} {whole_money(edge)} a month "
        f"(bytes {whole_money(crossover.edge_bytes_cents)}; {crossover.edge_offer}), "
        f"served from a region {whole_money(region)} (bytes {whole_money(crossover.region_bytes_cents)}; "
        f"{crossover.region_offer})"
    )
    return f"{ways}: {turn_words(crossover)}"


def turn_words(crossover: Crossover) -> str:
    """`the edge pays from 3.2 TB a month and place on; today 0.4 TB`."""
    today = volume(_per_place(crossover, Decimal(1)))
    if not crossover.factor:
        return f"the edge {crossover.edge_pays} pays, whatever the bytes (today {today} a month and place)"
    turn = volume(_per_place(crossover, Decimal(crossover.factor)))
    if crossover.edge_pays == "above":
        return f"the edge pays from {turn} a month and place on; today {today}"
    return f"the edge pays up to {turn} a month and place; today {today}"


def _per_place(crossover: Crossover, factor: Decimal) -> Decimal:
    return Decimal(crossover.gb_per_month) * factor / crossover.places


def volume(gb: Decimal) -> str:
    """Three digits are enough to compare by: `3.2 TB`, `412 GB`, `0.05 GB`."""
    size, unit = (gb / _TB, "TB") if gb >= _TB else (gb / _GB, "GB")
    if size >= 100:
        return f"{size.quantize(Decimal(1), ROUND_HALF_UP):,} {unit}"
    text = format(size.quantize(Decimal("0.001") if size < 1 else Decimal("0.01"), ROUND_HALF_UP).normalize(), "f")
    return f"{text} {unit}"
