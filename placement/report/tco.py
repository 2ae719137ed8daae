"""What owning a node costs, for a person at a terminal: by line, against renting, and against what is claimed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.engine.tco.model import Claim, Compared, Owned, OwnLine, Rental, Tco, Versus, hourly_micro
from placement.engine.terms.base import Provenance
from placement.report import Terminal
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.numbers import money, plural
from placement.report.tco_data import hourly, percent, tco_csv, tco_json
from placement.words import OWN

ROOMY = 100
"""Columns from which there is room between the columns of tables."""

MOST_LEVERS = 6
"""Figures that are named as reasons."""


def render_tco(tco: Tco, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The answer as `table`, `json` or `csv`, in pieces."""
    if form == "json":
        yield tco_json(tco)
    elif form == "csv":
        yield from tco_csv(tco)
    else:
        yield drawn(_parts(tco, int(terminal[0] >= ROOMY)), Terminal(*terminal))


def _parts(tco: Tco, padding: int) -> list[RenderableType]:
    node = tco.node
    caption = [
        f"{node.id}",
        f"{node.accelerators} × {node.accelerator}",
        f"capital at {percent(tco.rate_micro)} a year",
        f"{plural(tco.nodes, 'node')} to a cross connect",
        f"catalog of {tco.catalog_as_of}",
    ]
    parts: list[RenderableType] = [text(node.name, ACCENT), text(" · ".join(caption), QUIET)]
    if not tco.places:
        parts += [text(""), text("no site of this catalog can hold it")]
    for place in tco.places:
        parts += [text(""), text(_where(place.owned), ACCENT), text(""), _by_line(tco, place.owned, padding)]
        parts += [text(""), _rentals(place, padding)]
        if place.claim is not None:
            parts += _claim(tco, place.owned, place.claim)
    parts += bullets("Assumed", _assumed(tco), QUIET)
    parts += bullets("How to read it", _REMARKS, QUIET)
    return parts + bullets("Sources", _sources(tco), QUIET)


def _where(owned: Owned) -> str:
    site = owned.site
    name = "one's own" if site.provider == OWN else site.name
    return f"{site.id} ({name}, {site.country or 'country unknown'}, {site.tier})"


def _by_line(tco: Tco, owned: Owned, padding: int) -> Table:
    """A row a line, a column a book life."""
    lives = [(f"{at.life_months} months", "right") for at in owned.at]
    table = plain_table([("USD per node and month", "left"), *lives, ("source", "left")], padding)
    for line in owned.counts.lines:
        amounts = [next(other.cents for other in at.lines if _same(other, line)) for at in owned.at]
        told = Text("\n").join([text(line.label), text(_quantity(line), QUIET)])
        table.add_row(told, *(money(cents) for cents in amounts), text(_source(line.source), QUIET))
    table.add_section()
    table.add_row(text("total", ACCENT), *(text(money(at.cents), ACCENT) for at in owned.at), "")
    hours = [text(f"${hourly(hourly_micro(tco.node, at.cents))}", ACCENT) for at in owned.at]
    table.add_row(text("an accelerator-hour, in use all month", ACCENT), *hours, "")
    return table


def _same(one: OwnLine, other: OwnLine) -> bool:
    return (one.term, one.label) == (other.term, other.label)


def _quantity(line: OwnLine) -> str:
    """`10.2 kW-month × $275`; nothing where it is one month of a node."""
    quantity, price = line.quantity_milli, f"${_plain(line.price_micro, 6)}"
    if line.unit == "node-month":
        return "a month's part" if line.term in ("hardware", "network") else "a month"
    return f"{_plain(quantity, 3)} {line.unit} × {price}"


def _plain(count: int, places: int) -> str:
    whole, rest = divmod(count, 10**places)
    return f"{whole:,}.{rest:0{places}d}".rstrip("0").rstrip(".")


def _source(source: Provenance) -> str:
    return f"{source.source_id}, {source.as_of}{' *' if source.assumed else ''}"


def _rentals(place: Compared, padding: int) -> Table:
    """Where owning pays, against each way to rent."""
    owned = place.owned
    heads = [(f"against, at {owned.counts.life_months} months", "left"), ("USD/h", "right"),
             ("break-even use", "right"), ("pays back in", "right"), ("source", "left")]  # fmt: skip
    table = plain_table(heads, padding)
    for one in place.versus:
        rental, style = one.rental, GOOD if one.owning_is_cheaper else BAD
        name = text(f"{rental.tier}, {rental.purchase.replace('_', ' ')}")
        table.add_row(
            Text("\n").join([name, text(rental.offer, QUIET)]),
            f"${hourly(rental.micro_per_hour)}",
            text(_break_even(one), style),
            text(_payback(one, owned.counts.life_months)),
            text(_source(rental.source), QUIET),
        )
    return table


def _break_even(one: Versus) -> str:
    if one.break_even_micro is None:
        return "any use" if one.owning_is_cheaper else "never"
    return percent(one.break_even_micro) if one.owning_is_cheaper else "never"


def _payback(one: Versus, life_months: int) -> str:
    if one.payback_months is None:
        return "never"
    return plural(one.payback_months, "month") if one.payback_months <= life_months else "not in its life"


def _claim(tco: Tco, owned: Owned, claim: Claim) -> list[RenderableType]:
    """What is claimed, how far the figure is from it, and what alone would change that."""
    base = hourly_micro(tco.node, owned.counts.cents)
    low, high = claim.low.micro, claim.high.micro
    said = f"${hourly(low)}–{hourly(high)} an hour are claimed [{claim.low.source_id}, {claim.low.as_of}]"
    if low <= base <= high:
        verdict = f"${hourly(base)} is within; each of these alone leads out of it"
    else:
        apart = f"${hourly(low - base)} below" if base < low else f"${hourly(base - high)} above"
        verdict = f"${hourly(base)} is {apart}; each of these alone leads towards it"
    uses = [(claim.use_at_low_micro, low), (claim.use_at_high_micro, high)]
    reached = [f"${hourly(end)} at {percent(use)}" for use, end in uses if use <= 1_000_000]
    items = [f"{lever.name}, {lever.value}: ${hourly(lever.micro_per_hour)} {_reach(lever.micro_per_hour, base, claim)}"
             for lever in claim.levers[:MOST_LEVERS]]  # fmt: skip
    if reached:
        items.append(f"an hour in use costs {' and '.join(reached)} of the month in use")
    return bullets(f"{said}: {verdict}", items or ["none of those that are known"])


def _reach(micro: int, base: int, claim: Claim) -> str:
    change = f"{'+' if micro > base else '−'}${hourly(abs(micro - base))}"
    inside = claim.low.micro <= micro <= claim.high.micro
    return f"({change}, {'within' if inside else 'below' if micro < claim.low.micro else 'above'})"


def _assumed(tco: Tco) -> list[str]:
    """Each assumed figure once."""
    lines = {line.label: line for place in tco.places for line in place.owned.counts.lines if line.source.assumed}
    return [f"{label}: {line.source.note}" for label, line in lines.items()]


_REMARKS = [
    "lines are those of `placement advise`, for one node; * marks figures that stand in for unknown ones",
    "break-even use is the share of the month in use at which owning costs the same; commitments and leases are paid "
    "for all month, so that use does not matter; spot counts what restarts take",
    "it pays back when the node and its switches have come back from what renting at full use costs more than running "
    "it; interest is not in it, and nothing is sold at the end",
    "the building is in no figure of one's own site",
]


def _sources(tco: Tco) -> list[str]:
    used: dict[str, None] = {}
    for place in tco.places:
        rentals: list[Rental] = [one.rental for one in place.versus]
        sources = [*(line.source for line in place.owned.counts.lines), *(one.source for one in rentals)]
        used |= dict.fromkeys(source.source_id for source in sources)
        used |= {place.claim.low.source_id: None} if place.claim is not None else {}
    return [f"{key}: {tco.sources[key]}" for key in sorted(used) if key in tco.sources]
