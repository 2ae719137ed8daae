"""What a workload moves where it is placed: every flow with its tariff and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from placement.catalog.tables import Tariff
from placement.engine.flows import Flows, words_of
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.tariffs import FREE
from placement.engine.ways import NO_WAY
from placement.plan.model import Line
from placement.units import MILLI, micro_text, milli_text

_CARRIED = "(?:, private port|, device)?"
"""What is said of lines about what carries bytes another way."""

_MORE = r"(, private port|, device of |, [\d,]+–|, over [\d,]+ GB|, \d+ × )|\)$"
"""What follows the end of a flow in a line's name."""


_DEVICE = re.compile(r", device of ([^,()]+)\)$")
"""Whose device a line is about."""


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


def flow_rows(problem: Problem, w: int, offer: int, lines: Sequence[Line]) -> tuple[FlowRow, ...]:
    """The flows of workload *w* on an offer, of whose *lines* those about bytes say what they cost."""
    if offer == NONE:
        return ()
    site = int(problem.supply.site_o[offer])
    return (
        *_rows(problem, problem.flows_in, w, site, lines, "egress, data in", arrives=True),
        *_rows(problem, problem.flows_out, w, site, lines, "egress, data out", arrives=False),
        *_rows(problem, problem.flows_once, w, site, lines, "move, data in", arrives=True),
    )


def _rows(
    problem: Problem, flows: Flows, w: int, site: int, lines: Sequence[Line], label: str, *, arrives: bool
) -> Iterator[FlowRow]:
    here = problem.supply.sites[site].id
    for end, milli, what in zip(flows.endpoint_wk[w], flows.volume_milli_wk[w], flows.what_wk[w], strict=True):
        if not milli:
            continue
        other, number = flows.labels[int(end)], _tariff(problem, flows, int(end), site)
        words = words_of(int(what))
        begin = re.escape(f" ({words} {'from' if arrives else 'to'} {other}")
        mine = [line for line in lines if re.match(rf"{re.escape(label)}{_CARRIED}{begin}(?:{_MORE})", line.label)]
        tariff = problem.tariffs.values[number]
        paid = next((line for line in mine if line.unit == "GB"), None)
        source, target = (other, here) if arrives else (here, other)
        yield FlowRow(
            words,
            source,
            target,
            milli_text(int(milli)),
            flows is problem.flows_once,
            _payee(mine, (source, target)) or source,
            "within one place" if number == FREE else _way(mine) or tariff_words(tariff),
            paid.source_id if paid else tariff.source_id,
            paid.as_of if paid else tariff.as_of,
            sum(line.cost_cents for line in mine),
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


def _way(lines: Sequence[Line]) -> str:
    """`private port: $0.02 per GB and $0.3 per port-hour`; empty for the internet."""
    carrier = next((line for line in lines if line.unit != "GB"), None)
    if carrier is None:
        return ""
    prices = dict.fromkeys(f"${line.unit_price_usd} per {line.unit}" for line in lines)
    by = f"device of {found[1]}" if (found := _DEVICE.search(carrier.label)) else "private port"
    return f"{by}: {' and '.join(prices)}"


def _payee(lines: Sequence[Line], ends: tuple[str, str]) -> str:
    """The end at whose provider devices are ordered; empty where none are."""
    providers = {found[1] for line in lines if (found := _DEVICE.search(line.label))}
    return next((end for end in ends if end.partition("/")[0] in providers), "")


def tariff_words(tariff: Tariff) -> str:
    """`$0.09 to 10,240 GB, $0.085 above`."""
    parts = []
    for number, (_, price) in enumerate(tariff.tiers):
        last = number + 1 == len(tariff.tiers)
        end = f" to {tariff.tiers[number + 1][0] // MILLI:,} GB" if not last else " above" if number else ""
        parts.append(f"${micro_text(price)}{end}")
    return ", ".join(parts) + (" (assumed)" if tariff.assumed else "")
