"""What a copy of a dataset costs, and who bears it: those who read it, by what they read.

A copy is stored in full, gets what changes every month, and is brought there once; that is borne evenly over the
horizon. Tiers count each copy alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Ints
from placement.engine.ledger import exact_micro
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.solution import Extra
from placement.engine.tariffs import FREE, within
from placement.engine.terms.base import Provenance
from placement.engine.terms.tiered import tier_name


class Extras(NamedTuple):
    """What readers bear."""

    readers: dict[tuple[int, int], list[int]]
    """By dataset and site of the copy."""
    by_workload: dict[int, tuple[Extra, ...]]


def copy_micro(problem: Problem, dataset: int, site: int) -> int:
    """What a copy of the dataset at a site costs a month [micro-USD]."""
    return sum(exact_micro(one.quantity_milli, one.price_micro) for one in _charges(problem, dataset, site))


def _charges(problem: Problem, dataset: int, site: int) -> Iterator[Extra]:
    copying = problem.copying
    assert copying is not None
    where, home = problem.supply.sites[site].id, copying.sender_d[dataset]
    size, changes = int(copying.size_milli_d[dataset]), int(copying.changes_milli_d[dataset])
    bring, months = int(copying.tariff_ds[dataset, site]), problem.horizon_months
    of = f"copy of {copying.names[dataset]} at {where}"
    stored = _Charged("storage", f"storage, {of}", "GB-month", (dataset, site))
    changed = _Charged("egress", f"egress, changes for the {of}", "GB", (dataset, site), home)
    moved = _Charged("moves", f"move, {of}", "GB", (dataset, site), home)
    yield from _tiers(problem, stored, int(problem.storage_tariff_s[site]), size)
    yield from _tiers(problem, changed, bring, changes)
    for one in _tiers(problem, moved, bring, size):
        yield one._replace(quantity_milli=-(-one.quantity_milli // months), once_milli=one.quantity_milli)


class _Charged(NamedTuple):
    """What a volume is charged for."""

    term: str
    label: str
    unit: str
    copy: tuple[int, int]
    sender: str = ""


def _tiers(problem: Problem, what: _Charged, tariff: int, volume: int) -> Iterator[Extra]:
    """The part of a volume in each tier."""
    tariffs = problem.tariffs
    if tariff == FREE:
        return
    source = Provenance.of(tariffs.values[tariff])
    parts = within(np.array(float(volume)), tariffs.start_milli_tk[tariff], tariffs.width_milli_tk[tariff])
    for tier in np.flatnonzero(parts).tolist():
        name = tier_name(tariffs, tariff, tier)
        said, price = f"{what.label} ({name})" if name else what.label, int(tariffs.price_micro_tk[tariff, tier])
        yield Extra(what.term, said, what.unit, int(parts[tier]), price, source, what.copy, what.sender)


def copy_extras(problem: Problem, offer_w: Ints) -> Extras:
    """What every reader of a copy bears of it: by what it reads, in whole thousandths that add up to the whole.

    Whoever could read from several reads from the first; a copy that nobody reads is borne by nobody.
    """
    copying, flows = problem.copying, problem.flows_in
    assert copying is not None
    found: dict[int, list[Extra]] = {}
    readers: dict[tuple[int, int], list[int]] = {}
    placed = np.flatnonzero(offer_w != NONE)
    site_w = problem.supply.site_o[offer_w[placed]]
    taken: set[tuple[int, int]] = set()
    for (dataset, site), near_s in zip(copying.copies, copying.near_cs, strict=True):
        endpoints = [e for e, name in enumerate(flows.datasets) if name == copying.names[dataset]]
        reads_wk = np.isin(flows.endpoint_wk[placed], endpoints)
        volume_w = np.where(reads_wk, flows.volume_milli_wk[placed], 0.0).sum(axis=1)
        mine = np.flatnonzero((volume_w > 0) & near_s[site_w])
        here = sorted(
            ((problem.ids[int(placed[x])], int(placed[x]), int(volume_w[x])) for x in mine.tolist()),
        )
        here = [one for one in here if (dataset, one[1]) not in taken]
        taken |= {(dataset, w) for _, w, _ in here}
        readers[dataset, site] = [w for _, w, _ in here]
        for charge in _charges(problem, dataset, site):
            for w, part in _shared(charge, [(w, volume) for _, w, volume in here]):
                found.setdefault(w, []).append(part)
    return Extras(readers, {w: tuple(parts) for w, parts in found.items()})


def _shared(charge: Extra, reads: list[tuple[int, int]]) -> Iterator[tuple[int, Extra]]:
    """The part of a charge that each reader bears."""
    whole, before = sum(volume for _, volume in reads), 0
    for w, volume in reads:
        after = before + volume
        quantity = charge.quantity_milli * after // whole - charge.quantity_milli * before // whole
        once = charge.once_milli
        if once is not None:
            once = once * after // whole - once * before // whole
        if quantity:
            yield w, charge._replace(quantity_milli=quantity, once_milli=once)
        before = after
