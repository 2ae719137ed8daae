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
from placement.report.console import (
    ACCENT,
    BAD,
    GOOD,
    QUIET,
    Filled,
    between,
    bullets,
    drawn,
    filled,
    plain_table,
    text,
)
from placement.report.numbers import plural
from placement.report.size_data import sizes_csv, sizes_json
from placement.words import REQUESTS_AT_ONCE

UNKNOWN = "–"

_ALL = 6
"""The rank of columns of a table that has everything."""

_LAYOUTS = (*((rank, 1) for rank in range(_ALL, 0, -1)), (1, 0), (0, 1), (0, 0))
"""Ranks of columns and padding, what says most first."""

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
        parts.append(_table(sizes, terminal.width))
    else:
        parts.append(text(_nothing(sizes), BAD))
    parts += bullets("Close calls", _close(sizes))
    if sizes.sizes:
        parts += bullets("How to read it", list(_reading(sizes)), QUIET)
    parts += bullets("What does not do it", _missed(sizes), QUIET)
    parts += bullets("Assumptions", list(facts.assumptions), QUIET)
    parts += bullets("Rated by", _grounds(sizes), QUIET)
    return parts + bullets("Sources", [f"{name}: {words}" for name, words in sizes.sources], QUIET)


def _model(sizes: Sizes) -> Iterator[str]:
    facts = sizes.facts
    active = f" ({_count(facts.active_parameters)} active)" if facts.active_parameters < facts.parameters else ""
    yield f"{_count(facts.parameters)} parameters{active}"
    yield f"{_short(facts.memory_gib)} GiB of {facts.memory_of} in {facts.precision}"
    if facts.cache_bytes_per_token is not None:
        yield f"{_short(facts.cache_bytes_per_token / 1024)} KiB of cache per token"
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
    return f"{value:,.{min(places, 9)}f}"


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
    under: Callable[[Size], str | None]
    """What stands below it."""
    rank: int = 0
    """Where there is no room, columns of the highest go first; those of 0 stay."""


def _table(sizes: Sizes, width: int) -> Table:
    """Two lines an accelerator: figures, and below them bands and limits."""
    shown, padding = _layout(sizes, width)
    table = plain_table([(one.heading, one.justify) for one in shown], padding)
    if shown[0].least + sum(one.width for one in shown[1:]) + between(len(shown), padding) > width:
        for column in table.columns:
            column.no_wrap = False
    for number, pairs in enumerate(zip(*(one.cells for one in shown), strict=True)):
        cells = []
        for place, (over, under) in enumerate(pairs):
            best = not number and shown[place].heading.startswith("USD per")
            style = ACCENT if not place else GOOD if best else ""
            cells.append(Text("\n").join([text(over, style), text(under, QUIET)]))
        table.add_row(*cells)
    return table


def _layout(sizes: Sizes, width: int) -> tuple[list[Filled], int]:
    """Columns that fit, and the padding between them; the last layout where none does."""
    for rank, padding in _LAYOUTS:
        shown = list(_filled(sizes, rank))
        if sum(one.width for one in shown) + between(len(shown), padding) <= width:
            break
    return shown, padding


def _filled(sizes: Sizes, rank: int) -> Iterator[Filled]:
    """The columns up to a rank of which something is known."""
    for one in _columns(sizes, rank == _ALL):
        known = [one.cell(row) for row in sizes.sizes]
        if one.rank <= rank and any(cell is not None for cell in known):
            below = [one.under(row) for row in sizes.sizes]
            yield filled(one.head, one.justify, [(a or UNKNOWN, b or "") for a, b in zip(known, below, strict=True)])


def _columns(sizes: Sizes, placed: bool) -> list[_Column]:
    """Where they are not *placed*, prices stand below accelerators."""
    training = sizes.facts.form == "training"
    unit = sizes.throughput_unit + ("" if sizes.throughput_unit == REQUESTS_AT_ONCE else "/s")
    return [
        _Column(
            "accelerator", "left", lambda row: row.accelerator, lambda row: row.basis if placed else _where(row.cost)
        ),
        _Column("job\nleast" if training else "replica\nleast", "right", _replica, lambda row: f"{row.least:,}"),
        _Column("GiB\nusable", "right", lambda row: _short(row.needed_gib), lambda row: _short(row.usable_gib), 5),
        _Column(f"{unit}\nband", "right", lambda row: _short(row.throughput), lambda row: _band(row.low, row.high)),
        _Column("at once", "right", lambda row: f"{row.at_once:,}" if row.at_once else None, _nothing_under, 4),
        _Column("TTFT ms\nTPOT ms", "right", lambda row: _ms(row.ttft_ms), lambda row: _ms(row.tpot_ms)),
        _Column("h a\nrun", "right", lambda row: _ms(row.run_hours), _nothing_under),
        _Column("takes\nbusy", "right", _takes, lambda row: f"{100 * row.utilization_fraction:.0f} %"),
        _Column("replicas", "right", lambda row: f"{row.replicas:,}", _nothing_under, 3),
        _Column("USD/h\neach", "right", lambda row: _hourly(row.cost), _nothing_under, _ALL),
        _Column("h a\nmonth", "right", lambda row: _short(row.hours_per_month), _nothing_under, 2),
        _Column("USD a\nmonth", "right", lambda row: _monthly(row.cost), _nothing_under, 1),
        _Column(f"USD per\n{sizes.unit}", "right", _unit_cost, lambda row: _cost_band(row.cost)),
        _Column("list price at\nas of", "left", lambda row: _place(row.cost), lambda row: _dated(row.cost), _ALL),
    ]


def _nothing_under(_row: Size) -> None:
    return None


def _ms(value: float | None) -> str | None:
    return None if value is None else _short(value)


def _replica(row: Size) -> str:
    """`8`, or `2 × 8` for several nodes."""
    nodes = row.replica_nodes
    return f"{nodes:,} × {row.replica // nodes:,}" if nodes > 1 else f"{row.replica:,}"


def _takes(row: Size) -> str:
    """Accelerators; more that come with them are said."""
    spare = row.paid - row.accelerators
    return f"{row.accelerators:,}" + (f" (+{spare:,})" if spare > 0 else "")


def _band(low: float, high: float) -> str:
    return f"{_short(low)}–{_short(high)}" if low < high else "one value"


def _usd(value: float) -> str:
    """Three digits at least, and cents from a dollar on, but of large amounts."""
    return f"{value:,.2f}" if 1 <= value < 100 else _short(value)


def _unit_cost(row: Size) -> str | None:
    return f"{'≈ ' if row.close else ''}{_usd(row.cost.usd_per_unit)}" if row.cost else None


def _cost_band(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    high = "?" if math.isinf(cost.high_usd_per_unit) else _usd(cost.high_usd_per_unit)
    low = _usd(cost.low_usd_per_unit)
    return low if low == high else f"{low}–{high}"


def _hourly(cost: Cost | None) -> str | None:
    return f"{cost.usd_per_hour:,.2f}" if cost else None


def _monthly(cost: Cost | None) -> str | None:
    return f"{cost.usd_per_month:,.0f}" if cost else None


def _where(cost: Cost | None) -> str:
    """`$1.99/h vultr`."""
    return f"${_hourly(cost)}/h {cost.offer.split('/')[0]}" if cost else "no list price"


def _place(cost: Cost | None) -> str | None:
    """Provider and site."""
    return "/".join(cost.offer.split("/")[:2]) if cost else None


def _dated(cost: Cost | None) -> str | None:
    return f"{cost.as_of} {cost.source_id}" if cost else None


def _close(sizes: Sizes) -> list[str]:
    if not sizes.sizes or not sizes.sizes[0].close:
        return []
    first, *others = sizes.sizes
    close = [row for row in others if row.close]
    shown = [
        f"{row.accelerator} may cost no more than {first.accelerator} (≈): measure {row.measure}"
        for row in close[:_MOST_CLOSE]
    ]
    more = len(close) - len(shown)
    return [*shown, f"and {more:,} more: write them all with --format json or csv"] if more else shown


def _reading(sizes: Sizes) -> Iterator[str]:
    training = sizes.facts.form == "training"
    what = "job" if training else "replica"
    yield f"{what}: accelerators that work as one (2 × 8: nodes of so many); below, the fewest that hold the model"
    yield "bands: the 10th to the 90th percentile of measured ÷ predicted, or all measurements; what it costs then"
    if any(row.ttft_ms is not None for row in sizes.sizes):
        yield "TTFT and TPOT, the times to the first and to each further token, are those of a full replica"
    yield (
        "takes: accelerators at the peak, (+6) if more come with them; below, how busy those paid for are on average"
        if not training
        else "takes: accelerators while a run goes on, (+6) if more come with them; below, how much of that is work"
    )


def _nothing(sizes: Sizes) -> str:
    """Which would come closest."""
    if not sizes.missed:
        return "No accelerator does this."
    nearest = sizes.missed[0]
    if nearest.rule == "rated" and not nearest.instead:
        return "No accelerator does this: none is rated for it."
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
