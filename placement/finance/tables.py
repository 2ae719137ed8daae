"""A plan as CSV by line, by workload or by month: rows one after the other, so that a fleet's plan streams through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

from placement.finance import cells
from placement.finance.cash import charge_class, flow_of
from placement.finance.cells import csv_row, tags_text
from placement.finance.columns import BY_LINE, BY_MONTH, BY_WORKLOAD, Columns
from placement.finance.months import Month
from placement.finance.statement import Adder
from placement.plan.model import Inputs, Layer, Line, Placement
from placement.plan.stands import TOGETHER, Stand, joined_stand, layer_of, stand_of
from placement.units import dollars

BYTE_ORDER_MARK = "\ufeff"
_ROWS_A_PIECE = 500

_guarded = lru_cache(1 << 14)(cells.guarded)


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


Row = tuple[str, ...]
"""Texts as they are and numbers as decimal text, in the order of the columns of a view."""


def export_csv(by: str, about: About, placements: Iterable[Placement]) -> Iterator[str]:
    """The rows of the view *by* (a key of `VIEWS`) with their header, in pieces."""
    columns, lines = VIEWS[by]
    yield csv_row(columns)
    rows = (row for placement in placements for row in lines(about, placement))
    while piece := "".join(islice(rows, _ROWS_A_PIECE)):
        yield piece


def _csv(columns: Columns, row: Row) -> str:
    """A row as a line; *columns* may go on after it."""
    pairs = zip(columns.values(), row, strict=False)
    return csv_row(cell if kind in ("number", "flag") else _guarded(cell) for kind, cell in pairs)


def line_rows(about: About, placement: Placement) -> Iterator[Row]:
    """One row per line in the columns of `BY_LINE`; one without a line for an unplaced workload."""
    currency = about.inputs.currency
    if not placement.lines:
        head = _workload(placement, stand_of(placement))
        yield (*head, *[""] * (len(BY_LINE) - len(head) - 1), placement.reason)
    for line in placement.lines:
        layer = layer_of(placement, line)
        yield (
            *_workload(placement, stand_of(placement, layer)),
            *_layer(layer),
            str(line.layer),
            line.term,
            line.label,
            line.quantity,
            line.unit,
            line.unit_price_usd,
            line.list_unit_price_usd,
            line.contracted_unit_price_usd,
            line.published_unit_price_usd,
            dollars(line.cost_cents),
            currency,
            charge_class(line),
            "true" if line.assumed else "false",
            line.source_id,
            about.sources.get(line.source_id, ""),
            line.as_of,
            line.note,
        )


def workload_row(about: About, placement: Placement) -> Row:
    """One workload in the columns of `BY_WORKLOAD`."""
    layers = placement.layers
    cost, baseline = placement.monthly_cost_cents, placement.baseline_cents
    saving = None if cost is None or baseline is None else baseline - cost
    amounts: Row = ("",) * 7
    if cost is not None:
        adder = Adder(about.horizon)
        adder.add(placement)
        sums = adder.sums()
        totals = (*map(sum, (sums.capex, sums.opex, sums.accrual, sums.capital)), sums.opening, sums.closing)
        amounts = (str(about.horizon), *map(dollars, totals))
    return (
        *_workload(placement, joined_stand(placement)),
        *_layers(layers),
        str(sum(layer.nodes for layer in layers)) if layers else "",
        str(sum(layer.accelerators for layer in layers)) if layers else "",
        *("" if cents is None else dollars(cents) for cents in (cost, baseline, saving)),
        *amounts,
        about.inputs.currency,
        placement.reason,
        *_member(placement),
        *_work(placement),
    )


def _work(placement: Placement) -> Row:
    """What a unit of its work costs, and how well it uses what is paid for."""
    work = placement.work
    if work is None:
        return ("",) * 4
    return work.unit, work.units_per_month, work.usd_per_unit, work.utilization_fraction


def _member(placement: Placement) -> Row:
    """The workload that it is a site of, what that site does, and what it costs beyond a single one."""
    member = placement.member
    if member is None:
        return ("",) * 3
    return member.of, member.role, "" if member.beyond_cents is None else dollars(member.beyond_cents)


def _workload(placement: Placement, stand: Stand) -> Row:
    return (
        placement.workload,
        placement.kind,
        placement.cost_centre,
        tags_text(placement.tags),
        placement.status,
        stand.provider,
        stand.site,
        stand.country,
        stand.tier,
    )


def _layers(layers: tuple[Layer, ...]) -> Row:
    """The same of all layers of a workload, the base first."""
    texts = [_layer(layer) for layer in layers] or [_layer(None)]
    return tuple(TOGETHER.join(dict.fromkeys(column)) for column in zip(*texts, strict=True))


def purchase_of(placement: Placement) -> str:
    """How a workload is bought, as its row says it: the purchase models of its layers."""
    return _layers(placement.layers)[-1]


def _layer(layer: Layer | None) -> Row:
    return (layer.offer, layer.accelerator, layer.purchase) if layer else ("",) * 3


def _by_line(about: About, placement: Placement) -> Iterator[str]:
    return (_csv(BY_LINE, row) for row in line_rows(about, placement))


def _by_workload(about: About, placement: Placement) -> Iterator[str]:
    yield _csv(BY_WORKLOAD, workload_row(about, placement))


def _by_month(about: About, placement: Placement) -> Iterator[str]:
    months = [f"{number},{about.start.later(number - 1)}" for number in range(1, about.horizon + 1)]
    for line in placement.lines:
        layer = layer_of(placement, line)
        purchase = layer.purchase if layer else ""
        named = (purchase, str(line.layer), line.term, line.label, about.inputs.currency, charge_class(line))
        head = _workload(placement, stand_of(placement, layer))
        prefix = _csv(BY_MONTH, (*head, *named)).removesuffix("\r\n")
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


VIEWS: dict[str, tuple[Columns, Callable[[About, Placement], Iterator[str]]]] = {
    "line": (BY_LINE, _by_line),
    "workload": (BY_WORKLOAD, _by_workload),
    "month": (BY_MONTH, _by_month),
}
