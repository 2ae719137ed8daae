"""A plan as CSV by line, by workload or by month: rows one after the other, so that a fleet's plan streams through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

from placement.finance import cells
from placement.finance.cash import charge_class, flow_of
from placement.finance.cells import csv_row, tags_text
from placement.finance.columns import BY_LINE, BY_MONTH, BY_WORKLOAD
from placement.finance.months import Month
from placement.finance.statement import Adder
from placement.plan.model import Inputs, Layer, Line, Placement
from placement.units import dollars

BYTE_ORDER_MARK = "\ufeff"
_ROWS_A_PIECE = 500

guarded = lru_cache(1 << 14)(cells.guarded)


class About(NamedTuple):
    """What all rows of an export share."""

    inputs: Inputs
    sources: dict[str, str]
    start: Month
    """Month 1 of the horizon."""

    @property
    def horizon(self) -> int:
        """Months."""
        return self.inputs.horizon_months


Cells = tuple[str, ...]


def export_csv(by: str, about: About, placements: Iterable[Placement]) -> Iterator[str]:
    """The rows of the view *by* (a key of `VIEWS`) with their header, in pieces."""
    columns, rows = VIEWS[by]
    yield csv_row(columns)
    yield from _pieces(row for placement in placements for row in rows(about, placement))


def _pieces(rows: Iterator[str]) -> Iterator[str]:
    while piece := "".join(islice(rows, _ROWS_A_PIECE)):
        yield piece


def layer_of(placement: Placement, line: Line) -> Layer | None:
    """The layer a line belongs to; None for lines of the placement as a whole."""
    return placement.layers[line.layer - 1] if 0 < line.layer <= len(placement.layers) else None


def _workload(placement: Placement) -> Cells:
    return (
        guarded(placement.workload),
        guarded(placement.kind),
        guarded(placement.cost_centre),
        guarded(tags_text(placement.tags)),
        guarded(placement.status),
        guarded(placement.provider),
        guarded(placement.site),
        guarded(placement.country),
        guarded(placement.tier),
    )


def _layer(layer: Layer | None) -> Cells:
    return tuple(map(guarded, (layer.offer, layer.accelerator, layer.purchase))) if layer else ("",) * 3


def _by_line(about: About, placement: Placement) -> Iterator[str]:
    head, currency = _workload(placement), guarded(about.inputs.currency)
    if not placement.lines:
        cells_after = len(BY_LINE) - len(head) - 1
        yield csv_row((*head, *[""] * cells_after, guarded(placement.reason)))
    for line in placement.lines:
        yield csv_row(
            (
                *head,
                *_layer(layer_of(placement, line)),
                str(line.layer),
                guarded(line.term),
                guarded(line.label),
                line.quantity,
                guarded(line.unit),
                line.unit_price_usd,
                line.list_unit_price_usd,
                dollars(line.cost_cents),
                currency,
                charge_class(line),
                "true" if line.assumed else "false",
                guarded(line.source_id),
                guarded(about.sources.get(line.source_id, "")),
                guarded(line.as_of),
                guarded(line.note),
            )
        )


def _by_workload(about: About, placement: Placement) -> Iterator[str]:
    layer = placement.layers[0] if placement.layers else None
    cost, baseline = placement.monthly_cost_cents, placement.baseline_cents
    saving = None if cost is None or baseline is None else baseline - cost
    amounts: Cells = ("",) * 7
    if cost is not None:
        adder = Adder(about.horizon)
        adder.add(placement)
        sums = adder.sums()
        totals = (*map(sum, (sums.capex, sums.opex, sums.accrual, sums.capital)), sums.opening, sums.closing)
        amounts = (str(about.horizon), *map(dollars, totals))
    yield csv_row(
        (
            *_workload(placement),
            *_layer(layer),
            str(sum(layer.nodes for layer in placement.layers)) if layer else "",
            str(sum(layer.accelerators for layer in placement.layers)) if layer else "",
            *("" if cents is None else dollars(cents) for cents in (cost, baseline, saving)),
            *amounts,
            guarded(about.inputs.currency),
            guarded(placement.reason),
        )
    )


def _by_month(about: About, placement: Placement) -> Iterator[str]:
    head = _workload(placement)
    months = [f"{number},{about.start.later(number - 1)}" for number in range(1, about.horizon + 1)]
    for line in placement.lines:
        layer = layer_of(placement, line)
        named = (
            *head,
            guarded(layer.purchase) if layer else "",
            str(line.layer),
            guarded(line.term),
            guarded(line.label),
            guarded(about.inputs.currency),
            charge_class(line),
        )
        prefix = csv_row(named).removesuffix("\r\n")
        for month, amounts in zip(months, _monthly(line, about.horizon), strict=True):
            yield f"{prefix},{month},{amounts}\r\n"


def _monthly(line: Line, horizon: int) -> Iterable[str]:
    """Cost, payment, accrual, cost of capital and the rest after each month."""
    cost = dollars(line.cost_cents)
    if line.schedule is None:
        return (f"{cost},{cost},{cost},0.00,0.00",) * horizon
    flow = flow_of(line, horizon)
    change = (paid - borne for paid, borne in zip(flow.paid, flow.accrual, strict=True))
    rest = list(accumulate(change, initial=flow.opening))[1:]
    columns = (map(dollars, amounts) for amounts in (flow.paid, flow.accrual, flow.capital, rest))
    return (",".join((cost, *amounts)) for amounts in zip(*columns, strict=True))


VIEWS: dict[str, tuple[Iterable[str], Callable[[About, Placement], Iterator[str]]]] = {
    "line": (BY_LINE, _by_line),
    "workload": (BY_WORKLOAD, _by_workload),
    "month": (BY_MONTH, _by_month),
}
