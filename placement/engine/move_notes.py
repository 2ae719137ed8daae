"""What is to be said of what moves once: devices that would carry it for less, and lines over which it takes long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Solution
from placement.engine.stated import NAMED, Names
from placement.engine.tariffs import FREE, volumes_micro
from placement.engine.ways import NO_WAY, Carrier, best_of
from placement.units import HOURS_PER_MONTH, MICRO, MILLI_GB_PER_MBIT_S, cents, from_micro, milli_text, to_micro
from placement.words import OWN

_DAY_HOURS = 24


class _Moves(NamedTuple):
    """What moves once in a plan. Axis `m`: flows of placed workloads."""

    w_m: Ints
    end_m: Ints
    site_m: Ints
    milli_gb_m: Floats


def move_notes(problem: Problem, solution: Solution) -> Iterator[str]:
    """The notes about what moves once."""
    flows, placed_w = problem.flows_once, solution.offer_w != NONE
    w, slot = np.nonzero((flows.endpoint_wk >= 0) & placed_w[:, None])
    if len(w):
        site_m = problem.supply.site_o[solution.offer_w[w]]
        moves = _Moves(w, flows.endpoint_wk[w, slot], site_m, flows.volume_milli_wk[w, slot])
        posted = dict(_posted(problem, moves))
        yield from _order_notes(problem, moves, posted)
        yield from _device_notes(problem, moves)
        yield from _slow_notes(problem, moves, posted)


def _order_notes(problem: Problem, moves: _Moves, posted: dict[int, Carrier]) -> Iterator[str]:
    """A note for each kind of device in the plan that not everybody may order."""
    found: dict[Carrier, set[str]] = {}
    for m, carrier in posted.items():
        if carrier.only_for:
            found.setdefault(carrier, set()).add(problem.ids[int(moves.w_m[m])])
    for carrier in sorted(found):
        names = Names()
        for name in found[carrier]:
            names.add(name)
        yield f"only for {carrier.only_for}, so make sure that you may order it: {carrier.words}, for {names}"


@dataclass
class _Saving:
    """What devices of one kind would carry from one place for less than the internet."""

    milli_gb: int = 0
    count: int = 0
    cost_micro: int = 0
    internet_micro: int = 0
    names: Names = field(default_factory=Names)


def _device_notes(problem: Problem, moves: _Moves) -> Iterator[str]:
    """A note for each place and kind of device that the policies do not price in, the largest savings first."""
    found: dict[tuple[str, Carrier], _Saving] = {}
    idle_m = problem.devices.idle_es[moves.end_m, moves.site_m]
    tariff_m = problem.flows_once.tariff_es[moves.end_m, moves.site_m]
    for tariff, number in _pairs(tariff_m, idle_m):
        rows = np.flatnonzero((tariff_m == tariff) & (idle_m == number))
        way = problem.devices.ways[number]
        best = best_of(way, problem.tariffs, moves.milli_gb_m[rows])
        internet_x = volumes_micro(problem.tariffs, tariff, moves.milli_gb_m[rows])
        for x in np.flatnonzero(best.cost_micro_w < internet_x).tolist():
            m = rows[x]
            label = problem.flows_once.labels[int(moves.end_m[m])]
            saving = found.setdefault((label, way[int(best.carrier_w[x])]), _Saving())
            saving.milli_gb += int(moves.milli_gb_m[m])
            saving.count += int(best.count_w[x])
            saving.cost_micro += int(best.cost_micro_w[x])
            saving.internet_micro += int(internet_x[x])
            saving.names.add(problem.ids[int(moves.w_m[m])])
    ranked = sorted(found.items(), key=lambda one: (one[1].cost_micro - one[1].internet_micro, one[0][0], one[0][1]))
    for (label, carrier), saving in ranked[:NAMED]:
        yield _device_note(label, carrier, saving)
    if len(ranked) > NAMED:
        yield f"devices would also save money on what moves once from {len(ranked) - NAMED:,} more places"


def _device_note(label: str, carrier: Carrier, saving: _Saving) -> str:
    cost, internet = (f"${cents(micro) / 100:,.2f}" for micro in (saving.cost_micro, saving.internet_micro))
    who = f", if you may order them (only for {carrier.only_for})" if carrier.only_for else ""
    return (
        f"{_gb(saving.milli_gb)} GB that move once from {label} ({saving.names}) would cost {cost} with "
        f"{saving.count:,} × {carrier.words}, instead of {internet} over the internet{who}; "
        f"`transfer_devices: [{carrier.provider}]` in `policies` prices them in"
    )


class _Line(NamedTuple):
    """The line of a location."""

    location: str
    words: str
    day_milli_gb: Fraction
    """What its end sends in a day when the line is full: through it, and evenly from its other places."""


def _slow_notes(problem: Problem, moves: _Moves, posted: dict[int, Carrier]) -> Iterator[str]:
    """A note for each move over a line that takes longer than the catalog's limit, the longest first."""
    limit = Fraction(problem.catalog.assumption("slow_move_days").micro, MICRO)
    line_e = [_line_of(problem, label) for label in problem.flows_once.labels]
    most_e = np.array([float(limit * line.day_milli_gb // 1) if line else np.inf for line in line_e])
    doors = problem.devices.doors
    away_m = (problem.flows_once.tariff_es[moves.end_m, moves.site_m] != FREE) | (
        doors.way_es[moves.end_m, moves.site_m] != NO_WAY
    )
    slow_m = np.flatnonzero((moves.milli_gb_m > most_e[moves.end_m]) & away_m)
    found = []
    for m in slow_m.tolist():
        line, milli_gb = line_e[int(moves.end_m[m])], int(moves.milli_gb_m[m])
        if line is not None and m not in posted:
            label, name = problem.flows_once.labels[int(moves.end_m[m])], problem.ids[int(moves.w_m[m])]
            found.append((-(milli_gb / line.day_milli_gb), name, label, milli_gb, line))
    for days, name, label, milli_gb, line in sorted(found)[:NAMED]:
        yield (
            f"{_gb(milli_gb)} GB that move once from {label} for {name} take "
            f"{int(-(days // 1)):,} days over the line of {line.location} ({line.words}), with nothing else on it"
        )
    if len(found) > NAMED:
        yield f"{len(found) - NAMED:,} more moves take longer than {float(limit):g} days over their lines"


def _line_of(problem: Problem, label: str) -> _Line | None:
    """The line that an end of flows fills first, of those with a stated speed; it sends evenly from all its places."""
    at = {label}
    if label in problem.inventory.sites:
        at = set(next(site.at for site in problem.supply.sites if site.id == f"{OWN}/{label}"))
    places = {name: place for name, place in problem.inventory.locations.items() if name in at}
    whole = sum(place.count for place in places.values())
    lines = [_line_at(problem, name, whole) for name, place in sorted(places.items()) if place.uplink_mbit_s]
    return min(lines, key=lambda line: line.day_milli_gb, default=None)


def _line_at(problem: Problem, name: str, whole: int) -> _Line:
    """The line of a location, for an end with so many places in all."""
    place, usable = problem.inventory.locations[name], problem.catalog.assumption("link_usable_fraction")
    micro = to_micro(place.uplink_mbit_s or 0)
    hourly = Fraction(micro * whole * MILLI_GB_PER_MBIT_S, HOURS_PER_MONTH * MICRO)
    places = f" × {place.count:,} places" if place.count > 1 else ""
    part = f", of {whole:,} places in all" if place.count < whole else ""
    words = f"{from_micro(micro):,} Mbit/s{places} × {usable.text}{part}"
    return _Line(name, words, hourly * _DAY_HOURS * usable.micro / MICRO)


def _posted(problem: Problem, moves: _Moves) -> Iterator[tuple[int, Carrier]]:
    """The moves that go by post, and in what."""
    doors, ways = problem.devices.doors, problem.devices.ways
    tariff_m, way_m = (table_es[moves.end_m, moves.site_m] for table_es in (doors.tariff_es, doors.way_es))
    for tariff, number in _pairs(tariff_m, way_m):
        rows = np.flatnonzero((tariff_m == tariff) & (way_m == number))
        volume_x = moves.milli_gb_m[rows]
        best = best_of(ways[number], problem.tariffs, volume_x)
        for x in np.flatnonzero(best.cost_micro_w < volumes_micro(problem.tariffs, tariff, volume_x)).tolist():
            yield int(rows[x]), ways[number][int(best.carrier_w[x])]


def _pairs(tariff_m: Ints, way_m: Ints) -> Sequence[tuple[int, int]]:
    """The pairs of a tariff and a way that are met."""
    met = way_m != NO_WAY
    return sorted({*zip(tariff_m[met].tolist(), way_m[met].tolist(), strict=True)})


def _gb(milli: int) -> str:
    whole, _, rest = milli_text(milli).partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")
