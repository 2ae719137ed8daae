"""Comma-separated values: one row per cost line, so that the cost column adds up to the plan's total.

Text cells that a spreadsheet could take for a formula are guarded (see `finance.cells`); numbers are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.finance.cells import csv_row, guarded, tags_text
from placement.plan.dump import P
from placement.plan.model import Layer, Line, Placement
from placement.plan.stands import layer_of, stand_of
from placement.units import dollars

COLUMNS = (
    "workload",
    "kind",
    "status",
    "tier",
    "provider",
    "site",
    "country",
    "offer",
    "accelerator",
    "purchase",
    "nodes",
    "accelerators",
    "term",
    "line",
    "quantity",
    "unit",
    "unit_price_usd",
    "cost_usd",
    "source_id",
    "as_of",
    "assumed",
    "reason",
    "rtt_ms",
    "rtt_step",
    "rtt_low_ms",
    "rtt_high_ms",
    "rtt_at_risk",
    "places",
    "edge_crossover_factor",
    "edge_pays",
    "work_unit",
    "units_per_month",
    "usd_per_unit",
    "utilization_fraction",
    "throughput",
    "throughput_low",
    "throughput_high",
    "throughput_basis",
    "in_use_fraction",
    "break_even_fraction",
    "break_even_offer",
    "member_of",
    "role",
    "cost_centre",
    "tags",
)


def document_csv(body: Iterable[P]) -> Iterator[str | P]:
    """The plan as CSV (RFC 4180, CRLF), in pieces, of which *body* has the rows of all placements."""
    yield csv_row(COLUMNS)
    yield from body


def placement_rows(placement: Placement) -> str:
    """A row for every cost line of a placement; one row without any for a workload that has no place."""
    return "".join(csv_row(_cells(placement, line)) for line in placement.lines or (None,))


def _cells(placement: Placement, line: Line | None) -> tuple[str, ...]:
    layer = _layer(placement, line)
    stand = stand_of(placement, layer)
    texts = (
        placement.workload,
        placement.kind,
        placement.status,
        stand.tier,
        stand.provider,
        stand.site,
        stand.country,
    )
    about = (layer.offer, layer.accelerator, layer.purchase) if layer else ("", "", "")
    counts = (str(layer.nodes), str(layer.accelerators)) if layer else ("", "")
    head = (*map(guarded, texts), *map(guarded, about), *counts)
    booked = (guarded(placement.cost_centre), guarded(tags_text(placement.tags)))
    tail = (guarded(placement.reason), *_latency(placement), *_places(placement))
    tail = (*tail, *_work(placement), *_member(placement), *booked)
    if line is None:
        return (*head, *[""] * 9, *tail)
    return (
        *head,
        line.term,
        guarded(line.label),
        line.quantity,
        line.unit,
        line.unit_price_usd,
        dollars(line.cost_cents),
        guarded(line.source_id),
        line.as_of,
        "true" if line.assumed else "false",
        *tail,
    )


def _layer(placement: Placement, line: Line | None) -> Layer | None:
    """The layer a line belongs to; of those of the placement as a whole the first."""
    layer = layer_of(placement, line) if line is not None else None
    return layer or (placement.layers[0] if placement.layers else None)


def _latency(placement: Placement) -> tuple[str, ...]:
    if not placement.rtt_ms:
        return ("",) * 5
    at_risk = "true" if placement.rtt_at_risk else "false"
    return (placement.rtt_ms, placement.rtt_step, placement.rtt_low_ms, placement.rtt_high_ms, at_risk)


def _places(placement: Placement) -> tuple[str, str, str]:
    """At how many places there are nodes, and on how many times the bytes that costs as much as a region."""
    turn = placement.crossover
    return (str(placement.places or ""), *((turn.factor, turn.edge_pays) if turn else ("", "")))


def _work(placement: Placement) -> tuple[str, ...]:
    """What a unit of the work costs, how well it uses what is paid for, and when another way to pay costs as much."""
    work, rating, turn = placement.work, placement.rating, placement.break_even
    about = ("",) * 4
    if work is not None:
        about = (guarded(work.unit), work.units_per_month, work.usd_per_unit, work.utilization_fraction)
    rated = (rating.throughput, rating.low, rating.high, rating.basis) if rating and work else ("",) * 4
    even = (turn.in_use_fraction, turn.at_fraction, guarded(turn.offer)) if turn else ("",) * 3
    return (*about, *rated, *even)


def _member(placement: Placement) -> tuple[str, str]:
    """The workload that it is a site of, and what that site does."""
    return (guarded(placement.member.of), placement.member.role) if placement.member else ("", "")
