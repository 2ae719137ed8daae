"""One piece of work on every accelerator, for a person at a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.engine.work_sizes import Cost, Size, Sizes
from placement.report import Terminal
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.numbers import plural
from placement.report.size_data import sizes_csv, sizes_json

WIDE = 150
"""Columns from which everything about an accelerator fits one row."""

UNKNOWN = "–"

_MOST_CLOSE = 4
"""Close calls told in a table; the other forms have all."""


def render_sizes(sizes: Sizes, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The sizes as `table`, `json` or `csv`, in pieces."""
    if form == "json":
        yield sizes_json(sizes)
    elif form == "csv":
        yield from sizes_csv(sizes)
    else:
        yield drawn(_parts(sizes, Terminal(*terminal)), Terminal(*terminal))


def _parts(sizes: Sizes, terminal: Terminal) -> list[RenderableType]:
    facts = sizes.facts
    named = facts.title if facts.title == facts.model else f"{facts.title} ({facts.model})"
    parts: list[RenderableType] = [text(named, ACCENT), text(" · ".join(_model(sizes)), QUIET), text("")]
    parts += [_demand(sizes), text("")]
    if sizes.sizes:
        parts += _table(sizes, terminal.width >= WIDE)
    else:
        parts.append(text(_nothing(sizes), BAD))
    parts += bullets("Close calls", _close(sizes))
    parts += bullets("What does not do it", _missed(sizes), QUIET)
    parts += bullets("Assumptions", list(facts.assumptions), QUIET)
    parts += bullets("Rated by", _grounds(sizes), QUIET)
    return parts + bullets("Sources", [f"{name}: {words}" for name, words in sizes.sources], QUIET)


def _model(sizes: Sizes) -> Iterator[str]:
    facts = sizes.facts
    active = f" ({_count(facts.active_parameters)} active)" if facts.active_parameters < facts.parameters else ""
    yield f"{_count(facts.parameters)} parameters{active}"
    yield f"{facts.memory_gib:,.1f} GiB of {facts.memory_of} in {facts.precision}"
    if facts.cache_bytes_per_token is not None:
        yield f"{facts.cache_bytes_per_token / 1024:,.1f} KiB of cache per token"
    yield f"catalog of {facts.catalog_as_of}"


def _count(value: float) -> str:
    """`70.6 bn`, `38.0 m`."""
    for unit, word in ((1e12, "trn"), (1e9, "bn"), (1e6, "m")):
        if value >= unit:
            return f"{_short(value / unit)} {word}"
    return f"{value:,.0f}"


def _short(value: float) -> str:
    """Three digits, more where there are more before the point; no exponent."""
    if value >= 100 or not value:
        return f"{value:,.0f}"
    places = max(2 - math.floor(math.log10(value)), 0)
    return f"{value:,.{places}f}"


def _demand(sizes: Sizes) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, words in sizes.facts.demand:
        grid.add_row(text(label, QUIET), text(words))
    return grid


class _Column(NamedTuple):
    head: str
    justify: str
    cell: Callable[[Size], str | None]
    """None where it is unknown."""
    narrow: bool = False
    under: Callable[[Size], str | None] | None = None
    """What stands below it where rows have two lines."""


def _table(sizes: Sizes, wide: bool) -> list[RenderableType]:
    """A row an accelerator: one line where there is room, else two of the most important figures."""
    rows = sizes.sizes
    shown = [column for column in _columns(sizes, wide) if any(column.cell(row) is not None for row in rows)]
    shown = [column for column in shown if wide or column.narrow]
    table = plain_table([(column.head, column.justify) for column in shown], padding=1)
    table.columns[0].no_wrap = True
    for number, row in enumerate(rows):
        cells = []
        for place, column in enumerate(shown):
            cell = text(column.cell(row) or UNKNOWN, ACCENT if not place else GOOD if _is_cost(column, number) else "")
            under = column.under(row) if column.under and not wide else None
            cells.append(Text("\n").join([cell, text(under, QUIET)]) if under else cell)
        table.add_row(*cells)
    return [table]


def _is_cost(column: _Column, number: int) -> bool:
    """The figure that decides, of the cheapest."""
    return not number and column.head.startswith("USD per")


def _columns(sizes: Sizes, wide: bool) -> list[_Column]:
    training = sizes.facts.form == "training"
    per = f"USD per\n{sizes.unit}"
    unit = sizes.throughput_unit if sizes.throughput_unit == "requests at once" else f"{sizes.throughput_unit}/s"
    return [
        _Column("accelerator", "left", lambda row: row.accelerator, True, lambda row: _where(row.cost)),
        _Column("by", "left", lambda row: row.basis),
        _Column("job" if training else "replica", "right", _replica, True, lambda row: f"at least {row.least:,}"),
        _Column(unit, "right", lambda row: _short(row.throughput), True, lambda row: _band(row.low, row.high)),
        _Column("80 % band", "right", lambda row: _band(row.low, row.high)),
        _Column("at once", "right", lambda row: f"{row.at_once:,}" if row.at_once else None),
        _Column("TTFT\nms", "right", lambda row: _short(row.ttft_ms) if row.ttft_ms is not None else None, True),
        _Column("TPOT\nms", "right", lambda row: _short(row.tpot_ms) if row.tpot_ms is not None else None, True),
        _Column("GiB of\nusable", "right", lambda row: f"{row.needed_gib:,.0f} of {row.usable_gib:,.0f}"),
        _Column("h a run", "right", lambda row: _short(row.run_hours) if row.run_hours is not None else None, True),
        _Column("takes", "right", _takes, True, lambda row: f"{100 * row.utilization_fraction:.0f} % busy"),
        _Column("busy", "right", lambda row: f"{100 * row.utilization_fraction:.0f} %"),
        _Column("USD/h\neach", "right", lambda row: _usd(row.cost.usd_per_hour) if row.cost else None),
        _Column("USD a\nmonth", "right", lambda row: f"{row.cost.usd_per_month:,.0f}" if row.cost else None),
        _Column(per, "right", lambda row: _unit_cost(row, wide), True, lambda row: _cost_band(row.cost)),
        _Column("band", "right", lambda row: _cost_band(row.cost)),
        _Column("list price at", "left", lambda row: _place(row.cost) if row.cost else None),
    ]


def _replica(row: Size) -> str:
    nodes = f" ({row.replica_nodes} nodes)" if row.replica_nodes > 1 else ""
    return f"{row.replica:,}{nodes}"


def _takes(row: Size) -> str:
    """Accelerators; more that come with them are said."""
    spare = row.paid - row.accelerators
    return f"{row.accelerators:,}" + (f" (+{spare:,})" if spare > 0 else "")


def _band(low: float, high: float) -> str:
    return f"{_short(low)}–{_short(high)}" if low < high else "exact"


def _usd(value: float) -> str:
    """Dollars with three digits at least, and cents."""
    return f"{value:,.2f}" if value >= 1 else _short(value)


def _unit_cost(row: Size, _wide: bool) -> str | None:
    if row.cost is None:
        return None
    return f"{'≈ ' if row.close else ''}{_usd(row.cost.usd_per_unit)}"


def _cost_band(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    high = "?" if math.isinf(cost.high_usd_per_unit) else _usd(cost.high_usd_per_unit)
    return f"{_usd(cost.low_usd_per_unit)}–{high}"


def _where(cost: Cost | None) -> str:
    return "no list price" if cost is None else f"{_usd(cost.usd_per_hour)}/h {_place(cost)}"


def _place(cost: Cost) -> str:
    """Provider and site."""
    return "/".join(cost.offer.split("/")[:2])


def _close(sizes: Sizes) -> list[str]:
    if not sizes.sizes or not sizes.sizes[0].close:
        return []
    first, *others = sizes.sizes
    close = [row for row in others if row.close]
    shown = [
        f"{row.accelerator} may cost no more than {first.accelerator} (≈): what would tell is {row.measure}"
        for row in close[:_MOST_CLOSE]
    ]
    more = len(close) - len(shown)
    return [*shown, f"and {more:,} more: write them all with --format json or csv"] if more else shown


def _nothing(sizes: Sizes) -> str:
    """Which would come closest."""
    if not sizes.missed:
        return "No accelerator does this."
    nearest = sizes.missed[0]
    short = f", short by {nearest.margin:,.1f} {nearest.unit}" if nearest.margin is not None else ""
    return f"No accelerator does this. {nearest.accelerator} comes closest{short}: {nearest.reason}."


def _missed(sizes: Sizes) -> list[str]:
    """Reasons, with those of which they hold; the nearest first."""
    names: dict[str, list[str]] = {}
    for one in sizes.missed:
        names.setdefault(one.reason, []).append(one.accelerator)
    return [f"{', '.join(of)}: {reason}" for reason, of in names.items()]


def _grounds(sizes: Sizes) -> list[str]:
    names: dict[str, list[str]] = {}
    for row in sizes.sizes:
        names.setdefault(f"{row.evidence} [{row.source_id}]" if row.source_id else row.evidence, []).append(
            row.accelerator
        )
    return [
        f"{evidence}: {plural(len(of), 'accelerator') if len(of) > 9 else ', '.join(of)}"
        for evidence, of in names.items()
    ]
