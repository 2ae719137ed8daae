"""Ratios of accelerators to an H100 SXM within groups of measurements that differ in nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from sizing_data import Facts, Row

ANCHOR = "H100-SXM"

SCENARIOS = ("offline", "server")

STRICTER = "99.9"
"""How names of MLPerf's stricter accuracy classes end: they may need another precision, and count only if asked for."""


class Pair(NamedTuple):
    """An accelerator in a group that the anchor is in too, in units per second and accelerator."""

    group: tuple[str, ...]
    accelerator: str
    each: float
    anchor: float


def pairs(facts: Facts, classes: tuple[str, ...], stricter: bool = False) -> list[Pair]:
    """Every accelerator that a group of these workload classes has beside the anchor.

    A group is a model, a benchmark with its version, a scenario and, where they are stated, the lengths. Several rows
    of one precision and count are one by their median; of several precisions and counts the best counts.
    """
    cells: dict[tuple[str, ...], dict[str, dict[tuple[str, int], list[float]]]] = defaultdict(dict)
    for row in facts.rows:
        if (
            facts.models[row.model].throughput_class in classes
            and row.scenario in SCENARIOS
            and (stricter or _usual(row))
        ):
            group = cells[_group(row)].setdefault(row.accelerator, defaultdict(list))
            group[row.precision, row.accelerators].append(row.each)
    return [
        Pair(group, accelerator, _best(rows), _best(found[ANCHOR]))
        for group, found in cells.items()
        if ANCHOR in found
        for accelerator, rows in found.items()
        if accelerator != ANCHOR
    ]


def left_out(every: list[Pair]) -> tuple[list[Pair], list[float]]:
    """The pairs whose accelerator is in another group too, and its anchor times the median ratio of those groups."""
    kept, predicted = [], []
    for pair in every:
        others = [one.each / one.anchor for one in every if one.accelerator == pair.accelerator and one[0] != pair[0]]
        if others:
            kept.append(pair)
            predicted.append(pair.anchor * float(np.median(others)))
    return kept, predicted


def _usual(row: Row) -> bool:
    return not row.benchmark.endswith(STRICTER)


def _group(row: Row) -> tuple[str, ...]:
    # MLPerf's requests are those of its data set, of about the same length whoever runs them.
    lengths = () if row.benchmark.startswith("MLPerf") else (str(row.input_tokens), str(row.output_tokens))
    return (row.model, row.benchmark, row.scenario, *lengths)


def _best(rows: dict[tuple[str, int], list[float]]) -> float:
    return max(float(np.median(values)) for values in rows.values())
