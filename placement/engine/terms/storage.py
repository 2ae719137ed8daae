"""Data kept beside the accelerators: GB-months of standard object storage at the site's tariff."""

from __future__ import annotations

import numpy as np

from placement.engine.chunk import Chunk
from placement.engine.problem import Problem
from placement.engine.terms.base import Rate, Term, nothing_fixed
from placement.engine.terms.slots import rates_alone, slots_of
from placement.engine.terms.tiered import Volume, met, tier_rates


def _rates(problem: Problem, chunk: Chunk) -> list[Rate]:
    return [*_stated(problem, chunk), *_copied(problem, chunk)]


def _stated(problem: Problem, chunk: Chunk) -> list[Rate]:
    volume_w = problem.storage_milli_gb_w[chunk.w]
    if not volume_w.any():
        return []
    tariff_k = problem.storage_tariff_s[problem.charging.first_k]
    everyone_w = np.zeros(len(chunk.w), dtype=np.int64)
    volume = Volume("storage", "storage", "GB-month", volume_w, met(tariff_k[None, :]), everyone_w, lambda _row: "")
    return tier_rates(problem, volume)


def _copied(problem: Problem, chunk: Chunk) -> list[Rate]:
    """Datasets that are kept beside the accelerators, too; nothing where they are at home."""
    named = ("storage", "storage, copy", "GB-month")
    return [
        rate
        for slot in slots_of(problem, chunk.w, "copies")
        for rate in rates_alone(problem, slot, named, lambda slot, row: f"of {slot.label(row)}")
    ]


STORAGE = Term("storage", "data kept beside the accelerators", nothing_fixed, _rates)
