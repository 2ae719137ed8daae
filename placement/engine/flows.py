"""Bytes moved between places and sites: every month, and once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from placement.engine.alike import alike
from placement.engine.arrays import Bools, Floats, Ints, part_of, to_milli_x
from placement.engine.senders import Senders
from placement.engine.spread import Mixes
from placement.engine.tariffs import FREE
from placement.inventory.asks import Asks, End, Volumes
from placement.inventory.data import Dataset
from placement.units import MICRO, to_micro
from placement.words import MOVES

_DAYS = (365, 12)
"""Days of a month of 730 hours, as a fraction."""

NOWHERE = -1
"""In place of the tariff of a flow that is in no pool."""

ANYWHERE = -2
"""In place of the tariff of a flow of which it is not known yet where it will stand: any pool is taken to hold it."""


class Flows(NamedTuple):
    """Flows of every workload, in slots; slot k holds each workload's k-th flow or none."""

    endpoint_wk: Ints
    """Row of `tariff_es`, −1 where the slot is empty."""
    volume_milli_wk: Floats
    what_wk: Ints
    """A bit for each of `words.MOVES` that is part of the flow."""
    tariff_es: Ints
    labels: list[str]
    """Endpoint names as the inventory writes them."""
    datasets: list[str]
    """Of each endpoint, the dataset whose copies may be read instead; empty for most."""
    each: list[bool]
    """Of each endpoint, whether every place of a workload moves as much there as any other."""
    stands_wk: Ints
    """Tariff under which the flow stands in its pool (see `engine.pools`), `NOWHERE` where it is in none."""
    begin_milli_wk: Floats
    """How much of that pool comes before it where the plan is written down; NaN where it is still looked for."""
    senders: Sequence[str] = ()
    """Of each endpoint, where bytes come from (`Senders.sender`); empty for flows that leave."""


class Moved(NamedTuple):
    """Everything that moves."""

    flows_in: Flows
    """Every month towards the accelerators, priced by where the data is."""
    flows_out: Flows
    """Every month away from them, priced by where they run."""
    flows_once: Flows
    """Once: copies of datasets, and data that moves along from today's place."""
    copies: Flows
    """Datasets kept a second time; tariffs are those of storage."""


Copies = Mapping[str, Sequence[str]]
"""Sites by dataset where it is read from a copy."""


def flows(
    asks: Asks,
    datasets: Mapping[str, Dataset],
    senders: Senders,
    storage_tariff_s: Ints,
    mixes: Mixes,
    copies: Copies,
) -> Moved:
    """The flows of all workloads; *mixes* says at how many places they live. Datasets are read from *copies*, too."""
    sites, count = len(storage_tariff_s), len(mixes.row_w)

    def stored(key: _Key) -> Ints:
        return np.where(senders.near(senders.place(datasets[key.name].home)), FREE, storage_tariff_s)

    def towards(key: _Key) -> Ints:
        tariff_s = senders.towards(senders.place(key.name), key.between_zones)
        for site in copies.get(key.dataset, ()):
            tariff_s = np.where(senders.near(senders.place(site)), FREE, tariff_s)
        return tariff_s

    def once(key: _Key) -> Ints:
        return senders.alone(towards(key))

    def away(key: _Key) -> Ints:
        return senders.away(senders.place(key.name), key.between_zones)

    def sent(flows: Flows) -> Flows:
        return flows._replace(senders=[senders.sender(senders.place(label)) for label in flows.labels])

    arriving = _listed(asks.arriving, datasets, "ingest", mixes)
    seeding = [_copying(arriving, asks.arriving, datasets), _listed(asks.exits, {}, "exit", mixes)]
    kept = seeding[0]._replace(keys=[_Key(end.name) for end in asks.arriving.ends])
    return Moved(
        sent(_tabulated(_summed(arriving), count, towards, sites)),
        _tabulated(_summed(_listed(asks.leaving, {}, "results", mixes)), count, away, sites),
        sent(_tabulated(_summed(*seeding), count, once, sites)),
        _tabulated(_summed(kept), count, stored, sites),
    )


class _Key(NamedTuple):
    """What flows are added up by, beside the workload."""

    name: str
    between_zones: bool = False
    dataset: str = ""
    """That may be read from copies."""
    each: bool = False


class _Listed(NamedTuple):
    """Flows one by one. Axis `f`: flows; `n`: different ends of them."""

    workload_f: Ints
    end_f: Ints
    milli_gb_f: Floats
    keys: list[_Key]
    what_n: Ints
    """A bit of `words.MOVES`."""


class _Summed(NamedTuple):
    """Flows, summed by workload and key, in the order of workloads and of their flows; none is empty."""

    keys: list[_Key]
    workload: Ints
    endpoint: Ints
    milli_gb: Floats
    what: Ints


def _listed(volumes: Volumes, datasets: Mapping[str, Dataset], otherwise: str, mixes: Mixes) -> _Listed:
    """The flows by where they come from or go to: datasets are where they live."""
    ends = list(volumes.ends)
    read = [datasets.get(end.name) for end in ends]
    size_n = to_milli_x([one.size_gb if one and not end.copied else 0.0 for one, end in zip(read, ends, strict=True)])
    end_f, milli_f = np.array(volumes.end, dtype=np.int64), to_milli_x(volumes.gb)
    daily_n = np.array([end.daily for end in ends], dtype=np.bool_)
    share_n = np.array([to_micro(end.share_fraction) for end in ends], dtype=np.int64)
    if daily_n.any():
        milli_f = np.where(daily_n[end_f], np.rint(milli_f * _DAYS[0] / _DAYS[1]), milli_f)
    if (share_n != MICRO).any():
        milli_f = np.rint(part_of(milli_f, share_n[end_f]))
    workload_f = np.array(volumes.workload, dtype=np.int64)
    milli_f = np.where(np.isnan(milli_f), size_n[end_f], milli_f) if ends else milli_f
    each_n = np.array([end.each for end in ends], dtype=np.bool_)
    if each_n.any():
        location_n = np.array([mixes.number.get(end.name, -1) for end in ends], dtype=np.int64)
        milli_f = np.where(each_n[end_f], milli_f * mixes.places_at(workload_f, location_n[end_f]), milli_f)
    return _Listed(
        workload_f,
        end_f,
        milli_f,
        [_key(one, end) for one, end in zip(read, ends, strict=True)],
        _bits([_what(end, one is not None, otherwise) for one, end in zip(read, ends, strict=True)]),
    )


def _key(dataset: Dataset | None, end: End) -> _Key:
    if dataset is None:
        return _Key(end.name, end.between_zones, each=end.each)
    copied = dataset.changes_gb_per_month is not None and not end.copied
    return _Key(dataset.home, end.between_zones, end.name if copied else "", end.each)


def _what(end: End, dataset: bool, otherwise: str) -> str:
    """What a flow is for: as stated, or by its end."""
    return end.what or ("replication" if end.copied else "reads" if dataset else otherwise)


def _bits(words: Sequence[str]) -> Ints:
    return np.array([1 << MOVES.index(word) for word in words], dtype=np.int64)


def _copying(arriving: _Listed, volumes: Volumes, datasets: Mapping[str, Dataset]) -> _Listed:
    """The datasets that are copied, whole, among the flows that arrive."""
    ends = list(volumes.ends)
    copied_n: Bools = np.array([end.copied for end in ends], dtype=np.bool_)
    size_n = to_milli_x([datasets[end.name].size_gb if end.copied else 0.0 for end in ends])
    rows = np.flatnonzero(copied_n[arriving.end_f]) if ends else np.zeros(0, dtype=np.int64)
    end_f = arriving.end_f[rows]
    keys = [_Key(key.name) for key in arriving.keys]
    return _Listed(arriving.workload_f[rows], end_f, size_n[end_f], keys, _bits(["copy"] * len(ends)))


def _summed(*parts: _Listed) -> _Summed:
    keys = [key for part in parts for key in part.keys]
    number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    endpoint_n = np.array([number[key] for key in keys], dtype=np.int64)
    offset = np.cumsum([0, *(len(part.keys) for part in parts)])
    end_f = np.concatenate([part.end_f + begin for part, begin in zip(parts, offset.tolist()[:-1], strict=True)])
    workload_f = np.concatenate([part.workload_f for part in parts])
    milli_f = np.concatenate([part.milli_gb_f for part in parts])
    what_n = np.concatenate([part.what_n for part in parts])
    if len(parts) > 1:
        order = np.argsort(workload_f, kind="stable")
        workload_f, end_f, milli_f = workload_f[order], end_f[order], milli_f[order]
    endpoint_f = endpoint_n[end_f]
    same = alike(len(workload_f), [workload_f, endpoint_f])
    total = np.bincount(same.class_x, weights=milli_f, minlength=len(same.first_k)).astype(np.float64)
    what = np.zeros(len(same.first_k), dtype=np.int64)
    moving = milli_f > 0
    np.bitwise_or.at(what, same.class_x[moving], what_n[end_f][moving])
    kept = same.first_k[total > 0]
    return _Summed(list(number), workload_f[kept], endpoint_f[kept], total[total > 0], what[total > 0])


def _tabulated(found: _Summed, count: int, tariff: Callable[[_Key], Ints], sites: int) -> Flows:
    """The flows of *count* workloads, laid out in slots; only ends that something moves to or from are kept."""
    used, endpoint = np.unique(found.endpoint, return_inverse=True)
    keys = [found.keys[number] for number in used.tolist()]
    row = found.workload
    slot = np.arange(len(row)) - np.searchsorted(row, row)
    shape = (count, int(slot.max(initial=-1)) + 1)
    endpoint_wk, what_wk = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    volume_milli_wk = np.zeros(shape)
    endpoint_wk[row, slot], volume_milli_wk[row, slot], what_wk[row, slot] = endpoint, found.milli_gb, found.what
    tariff_es = np.array([tariff(key) for key in keys], dtype=np.int64).reshape(len(keys), sites)
    nowhere_wk = np.full(shape, NOWHERE, dtype=np.int64)
    ends = [key.name for key in keys], [key.dataset for key in keys], [key.each for key in keys]
    unwritten_wk = np.full(shape, np.nan)
    return Flows(endpoint_wk, volume_milli_wk, what_wk, tariff_es, *ends, nowhere_wk, unwritten_wk)


@cache
def words_of(what: int) -> str:
    """`reads, logs` for the bits of a flow."""
    return ", ".join(word for number, word in enumerate(MOVES) if what >> number & 1)
