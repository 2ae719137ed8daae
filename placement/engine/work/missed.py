"""Why an accelerator does not do some work, and by how much it falls short."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Shape
from placement.catalog.work import Accelerator
from placement.engine.arrays import Ints
from placement.engine.work.capability import OVERHEAD_MILLI_GIB
from placement.engine.work.groups import NO_GROUP, roofline_of
from placement.engine.work.recipes import TRAINING, Block
from placement.engine.work.training import MOST_ACCELERATORS
from placement.engine.work.wanted import Hardware, Needs, Works
from placement.units import MILLI, from_milli
from placement.words import LORA

RULES = ("token_latency", "deadline", "memory", "precision", "rated")
"""What work may break, as the constraints of that name have it; what could be mended most easily first."""


class Missed(NamedTuple):
    """An accelerator that does not do it."""

    accelerator: str
    rule: str
    """One of `RULES`."""
    margin: float | None
    """By how much it is missed; None where nothing says how much."""
    unit: str
    reason: str
    instead: str = ""
    """Precisions in which it would be rated."""


class Asking(NamedTuple):
    """One recipe and what it needs, `wh` with a single row."""

    catalog: Catalog
    shapes: list[Shape]
    works: Works
    hardware: Hardware
    needs: Needs
    recipe: int

    @property
    def block(self) -> Block:
        """What is to be done."""
        return self.works.recipes.blocks[int(self.works.recipes.block_r[self.recipe])]

    @property
    def memory_milli_gib(self) -> float:
        """Of a replica, or of a training job, without what every accelerator keeps for the program."""
        return float(self.works.recipes.memory_milli_gib_r[self.recipe])


_TOO_LITTLE = "what it does a second is less than a millionth"


def missed_of(asking: Asking, accelerators: list[int]) -> list[Missed]:
    """Why each of these, by number among the groups' names, does not do it; the nearest first."""
    found = [_missed(asking, a) for a in accelerators]
    return sorted(found, key=lambda one: (_rank(one), one.margin or 0.0, one.accelerator))


def _rank(one: Missed) -> float:
    """To ask for another precision is less than to use another accelerator's."""
    return RULES.index("precision") - 0.5 if one.instead else RULES.index(one.rule)


def _missed(asking: Asking, a: int) -> Missed:
    needs, groups, block = asking.needs, asking.works.known.groups, asking.block
    known = asking.catalog.accelerators[groups.names[a]]
    h = np.flatnonzero(asking.hardware.accelerator_h == a)
    if known.precisions and not needs.native_wh[0, h].any():
        had = ", ".join(known.precisions)
        return Missed(known.name, "precision", None, "", f"it calculates in {had}, not in {block.precision}")
    if not (needs.rated_wh[0, h] & needs.native_wh[0, h]).any():
        words, instead = _unrated(asking, known)
        return Missed(known.name, "rated", None, "", f"unrated: {words or _TOO_LITTLE}", instead)
    room_h = needs.room_milli_gib_wh[0, h]
    fits = h[room_h >= asking.memory_milli_gib]
    if not len(fits):
        return _short(asking, known, h)
    if block.form == TRAINING:
        hours = needs.late_hours_wh[0, fits]
        late = float(hours.min(where=hours > 0, initial=math.inf))
        if not math.isfinite(late):
            return Missed(known.name, "deadline", None, "", "no number of accelerators finishes a run")
        return Missed(known.name, "deadline", late, "h", f"the largest job there may be is late by {late:,.1f} h")
    late = float(needs.late_ms_wh[0, fits].min())
    words = f"a request alone is late by {late:,.0f} ms"
    return Missed(known.name, "token_latency", late, "ms", words)


def _short(asking: Asking, known: Accelerator, h: Ints) -> Missed:
    """Too little memory, or none that is known, or no replica as it is asked for."""
    asked = int(asking.works.recipes.replica_r[asking.recipe])
    if known.memory_gib is None:
        return Missed(known.name, "memory", None, "", "its memory is unknown")
    count, has_milli = max((_largest(asking, shape) for shape in h.tolist()), key=lambda pair: (pair[1], -pair[0]))
    if not count:
        nodes = ", ".join(str(count) for count in sorted({asking.shapes[shape].per_node for shape in h.tolist()}))
        return Missed(known.name, "memory", None, "", f"nodes of {nodes} make no replica of {asked:,}")
    needed_milli = asking.memory_milli_gib + count * OVERHEAD_MILLI_GIB
    margin = float(from_milli(math.ceil(needed_milli - has_milli)))
    kind = "training" if asking.block.form == TRAINING else "a replica"
    has = f"{count:,} × {known.name} {'has' if count == 1 else 'have'}"
    reason = f"{kind} needs {_gib(needed_milli)} GiB; {has} {_gib(has_milli)} usable"
    return Missed(known.name, "memory", margin, "GiB", reason)


def _gib(milli: float) -> str:
    return f"{milli / MILLI:,.1f}"


def _largest(asking: Asking, shape: int) -> tuple[int, float]:
    """The most accelerators of a shape that may work as one, and their usable memory; 0 where none may."""
    groups, sold = asking.works.known.groups, asking.shapes[shape]
    usable = float(groups.usable_milli_gib_a[asking.hardware.accelerator_h[shape]])
    if asking.block.form == TRAINING:
        count = float(MOST_ACCELERATORS if sold.fabric else sold.per_node)
    else:
        asked = float(asking.works.recipes.replica_r[asking.recipe])
        counts = [float(groups.count_g[g]) for g in asking.hardware.option_hk[shape].tolist() if g != NO_GROUP]
        count = max((count for count in counts if not asked or count == asked), default=0.0)
    return int(count), count * usable


def _unrated(asking: Asking, known: Accelerator) -> tuple[str, str]:
    """What would have to be known, and the precisions of which it is."""
    block, catalog = asking.block, asking.catalog
    if not known.precisions and (block.asked or block.model.is_llm):
        return "nobody says in which precisions it calculates", ""
    if block.form == TRAINING:
        return _untrained(catalog, block, known)
    if not block.model.is_llm:
        return _unmeasured(catalog, block), ""
    return "; ".join(_of_roofline(catalog, block.precision, known)), ""


def _unmeasured(catalog: Catalog, block: Block) -> str:
    group = block.model.throughput_class
    same = f" in {block.precision}" if block.asked else ""
    words = f"nobody measured {block.unit} of {block.model.name}{same} on it"
    units = {row.unit for row in catalog.measured.of(block.model.measured)} - {"", block.unit}
    others = f", only {' and '.join(sorted(units))}" if units else ""
    return words + (f", nor on others of class {group}" if group else "") + others


def _untrained(catalog: Catalog, block: Block, known: Accelerator) -> tuple[str, str]:
    if block.reference:
        return f"no ratio to {block.reference} is known", ""
    kind = "lora" if block.method in LORA else "moe" if block.model.idle_fraction else "dense"
    others = ", ".join(sorted(of for name, of, what in catalog.training if (name, what) == (known.name, kind)))
    words = f"no MFU of {_TRAINED[kind]} in {block.precision} is known"
    return words + (f", only in {others}" if others else ""), others


_TRAINED = {"lora": "adapters", "moe": "mixtures of experts", "dense": "dense models"}


def _of_roofline(catalog: Catalog, precision: str, known: Accelerator) -> Iterator[str]:
    if roofline_of(catalog, known, precision) is None:
        yield f"no roofline was fitted to {known.vendor or 'it'} in {precision}"
    figures = ((known.bandwidth_gb_per_s, "memory bandwidth"), (known.tflops.get(precision), f"peak in {precision}"))
    unknown = [what for figure, what in figures if figure is None]
    if unknown:
        yield f"its {' and '.join(unknown)} {'are' if len(unknown) > 1 else 'is'} unknown"
