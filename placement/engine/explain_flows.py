"""What a workload moves where it is placed: every flow with its tariff and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from placement.catalog.tables import Tariff
from placement.engine.devices import JOB
from placement.engine.flows import Flows, words_of
from placement.engine.placements import Placed
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Extra
from placement.engine.tariffs import FREE
from placement.engine.terms.base import FlowKey
from placement.engine.ways import NO_WAY
from placement.plan.model import Line
from placement.units import MICRO, MILLI, micro_text, milli_text

WITHIN = "within one place"


class FlowRow(NamedTuple):
    """One flow of a placed workload."""

    what: str
    source: str
    target: str
    gb: str
    """A month, or once."""
    once: bool
    sender: str
    """Who charges for it."""
    tariff: str
    source_id: str
    as_of: str
    monthly_cost_cents: int


class Moving(NamedTuple):
    """What of a workload's flows is of one site."""

    offer: int
    share_micro: int
    """Of what comes and goes every month, in millionths."""
    paid: dict[FlowKey, list[Line]]


def moving_of(placed: Placed, row: int, offer: int) -> list[Moving]:
    """The sites of a row of what was placed, the offer of which is the first."""
    mixed = placed.mixed.get(row)
    if mixed is None:
        return [] if offer == NONE else [Moving(offer, MICRO, placed.billing.flows(row))]
    shares = {one.part: one.share_micro for one in mixed.layers}
    return [Moving(one, shares[part], mixed.flows[part]) for part, one in enumerate(mixed.offers)]


def flow_rows(problem: Problem, w: int, placed: Placed, row: int, offer: int) -> tuple[FlowRow, ...]:
    """The flows of workload *w*, which is row *row* of what was placed, and what it bears of copies."""
    ways = [
        told
        for moving in moving_of(placed, row, offer)
        for direction in ("flows_in", "flows_out", "flows_once")
        for told in _rows(problem, direction, w, moving)
    ]
    mixed = placed.mixed.get(row)
    extras = placed.billing.extras(row) if mixed is None else mixed.extras
    return (*ways, *_copies(problem, extras if ways else []))


def _rows(problem: Problem, direction: str, w: int, moving: Moving) -> Iterator[FlowRow]:
    flows: Flows = getattr(problem, direction)
    site, paid = int(problem.supply.site_o[moving.offer]), moving.paid
    here = problem.supply.sites[site].id
    slots = zip(flows.endpoint_wk[w].tolist(), flows.volume_milli_wk[w], flows.what_wk[w], strict=True)
    for slot, (end, milli, what) in enumerate(slots):
        if not milli:
            continue
        part = round(milli * moving.share_micro / MICRO) if direction != "flows_once" else int(milli)
        mine, number = paid.get(FlowKey(direction, slot), []), _tariff(problem, flows, end, site)
        other = _read_from(problem, flows, end, site)
        source, target = (here, other) if direction == "flows_out" else (other, here)
        tariff = problem.tariffs.values[number]
        line = next((line for line in mine if line.unit == "GB"), None)
        payee = here if any(line.unit == JOB and not line.sender for line in mine) else source
        yield FlowRow(
            words_of(int(what)),
            source,
            target,
            milli_text(part),
            direction == "flows_once",
            payee,
            WITHIN if number == FREE else _way(mine, payee) or tariff_words(tariff),
            line.source_id if line else tariff.source_id,
            line.as_of if line else tariff.as_of,
            sum(line.cost_cents for line in mine),
        )


def _read_from(problem: Problem, flows: Flows, end: int, site: int) -> str:
    """The other end of a flow of work at *site*: the first copy of a dataset that is kept there, if one is."""
    copying = problem.copying
    if copying is not None and flows.datasets[end]:
        for (dataset, where), near_s in zip(copying.copies, copying.near_cs, strict=True):
            if copying.names[dataset] == flows.datasets[end] and near_s[site]:
                return f"copy of {flows.datasets[end]} at {problem.supply.sites[where].id}"
    return flows.labels[end]


def _copies(problem: Problem, extras: Sequence[tuple[Extra, Line]]) -> Iterator[FlowRow]:
    """What is brought to the copies that the workload reads: of what changes, and of the whole, the part it bears."""
    copying = problem.copying
    if copying is None:
        return
    kinds = dict.fromkeys((one.copy, one.term) for one, _ in extras if one.term != "storage")
    for (dataset, site), term in kinds:
        mine = [(one, line) for one, line in extras if (one.copy, one.term) == ((dataset, site), term)]
        volume = sum(one.quantity_milli if one.once_milli is None else one.once_milli for one, _ in mine)
        tariff = problem.tariffs.values[int(copying.tariff_ds[dataset, site])]
        what, name = "changes" if term == "egress" else "copy", copying.names[dataset]
        yield FlowRow(
            f"{what} of {name}, its part",
            copying.home_d[dataset],
            problem.supply.sites[site].id,
            milli_text(volume),
            mine[0][0].once_milli is not None,
            copying.home_d[dataset],
            tariff_words(tariff),
            tariff.source_id,
            tariff.as_of,
            sum(line.cost_cents for _, line in mine),
        )


def _tariff(problem: Problem, flows: Flows, end: int, site: int) -> int:
    """The internet's tariff of a flow, also where a private way is possible."""
    for mine, doors in (
        (problem.flows_in, problem.links.arriving),
        (problem.flows_out, problem.links.leaving),
        (problem.flows_once, problem.devices.doors),
    ):
        if flows is mine and doors.way_es[end, site] != NO_WAY:
            return int(doors.tariff_es[end, site])
    return int(flows.tariff_es[end, site])


def _way(lines: Sequence[Line], payee: str) -> str:
    """`private port: $0.02 per GB and $0.3 per port-hour`, or a `device of` whom is paid; empty for the internet."""
    carrier = next((line for line in lines if line.unit != "GB"), None)
    if carrier is None:
        return ""
    prices = dict.fromkeys(f"${line.unit_price_usd} per {line.unit}" for line in lines)
    by = f"device of {payee.partition('/')[0]}" if carrier.unit == JOB else "private port"
    return f"{by}: {' and '.join(prices)}"


def tariff_words(tariff: Tariff) -> str:
    """`$0.09 to 10,240 GB, $0.085 above`."""
    parts = []
    for number, (_, price) in enumerate(tariff.tiers):
        last = number + 1 == len(tariff.tiers)
        end = f" to {tariff.tiers[number + 1][0] // MILLI:,} GB" if not last else " above" if number else ""
        parts.append(f"${micro_text(price)}{end}")
    return ", ".join(parts) + (" (assumed)" if tariff.assumed else "")
