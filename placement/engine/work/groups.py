"""Accelerators that may work as one, on every shape, and how fast they are by what was fitted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Shape
from placement.catalog.work import ANY, Accelerator, Roofline
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.work.roofline import Silicon

MOST_NODES = 8
"""A replica is spread over so many nodes at most."""

QUICK_LINK = 100.0
"""GB/s one way, from which on accelerators share layers.

Over slower links, PCIe, and over unknown ones they are a pipeline: what was measured on PCIe cards is predicted far
better so (`docs/accuracy.md`), and each token takes longer.
"""

NO_GROUP = -1

_GIB = 2**30
_SAME_ARITHMETIC = {"bf16": "fp16"}
"""Formats of one speed, of which one was fitted."""


class Groups(NamedTuple):
    """Axis `g`: ways to join accelerators of one model, by its number and then by their count; `a`: models."""

    names: tuple[str, ...]
    """Accelerators that some shape has, in order."""
    accelerator_g: Ints
    within_g: Floats
    """Accelerators that share every layer."""
    stages_g: Floats
    """How often there are so many, one after the other, as a pipeline: in nodes of their own, or over slow links."""
    nodes_g: Floats
    """It takes; several replicas may share one."""
    option_hk: Ints
    """The groups that may be on a shape, the smallest first; `NO_GROUP` where there are fewer."""
    usable_milli_gib_a: Floats
    """Memory of one accelerator open to a program; NaN where it is unknown."""
    usual_g: Bools
    """Open to all work; the others are for work that names their number."""

    @property
    def count_g(self) -> Floats:
        """Accelerators of a replica."""
        return self.within_g * self.stages_g


def groups_of(
    catalog: Catalog, shapes: list[Shape], usable_milli_gib_h: Floats, counts: frozenset[int] = frozenset()
) -> Groups:
    """Powers of two within a node, and twice to `MOST_NODES` times a node where a fabric joins nodes.

    *counts*: further numbers of accelerators that somebody asks for, in a node or in whole nodes.
    """
    quick = frozenset(name for name, one in catalog.accelerators.items() if (one.link_gb_per_s or 0) >= QUICK_LINK)
    names = tuple(sorted({shape.accelerator for shape in shapes}))
    number = {name: a for a, name in enumerate(names)}
    ways = [
        [(number[shape.accelerator], way) for way in _ways(shape, counts, shape.accelerator in quick)]
        for shape in shapes
    ]
    every = sorted({way for found in ways for way in found}, key=lambda way: (way[0], way[1].accelerators, way[1]))
    place = {way: g for g, way in enumerate(every)}
    option_hk = np.full((len(shapes), max(map(len, ways), default=0)), NO_GROUP, dtype=np.int64)
    usable_a = np.full(len(names), np.nan)
    for h, (shape, found) in enumerate(zip(shapes, ways, strict=True)):
        option_hk[h, : len(found)] = [place[way] for way in found]
        usable_a[number[shape.accelerator]] = usable_milli_gib_h[h]
    columns = np.array([(a, *way, way.accelerators) for a, way in every], dtype=np.int64).reshape(len(every), 5).T
    accelerator_g, within_g, stages_g, nodes_g, count_g = columns
    usual_g = ((count_g & (count_g - 1)) == 0) & ((within_g & (within_g - 1)) == 0)
    floats = (within_g.astype(float), stages_g.astype(float), nodes_g.astype(float))
    return Groups(names, accelerator_g, *floats, option_hk, usable_a, usual_g)


class Way(NamedTuple):
    """To join accelerators."""

    within: int
    """That share every layer."""
    stages: int
    """How often there are so many, one after the other."""
    nodes: int

    @property
    def accelerators(self) -> int:
        """In all."""
        return self.within * self.stages


def _ways(shape: Shape, counts: frozenset[int], quick: bool) -> list[Way]:
    """The fewest accelerators first."""
    per_node = shape.per_node
    within = sorted({*(2**power for power in range(per_node.bit_length())), *(n for n in counts if n <= per_node)})
    most = 1 << (per_node.bit_length() - 1)
    whole = {(per_node, n // per_node) for n in counts if n % per_node == 0 and 1 < n // per_node <= MOST_NODES}
    several = {*whole, *((most, nodes) for nodes in (2, 4, MOST_NODES))} if shape.fabric else set()
    found = [(count, 1) for count in within] + sorted(several, key=lambda way: (way[0] * way[1], way))
    return [Way(count, nodes, nodes) if quick else Way(1, count * nodes, nodes) for count, nodes in found]


def roofline_of(catalog: Catalog, accelerator: Accelerator, precision: str) -> Roofline | None:
    """The accelerator's own constants, else its vendor's, at a precision or one that is as fast."""
    for name in (precision, _SAME_ARITHMETIC.get(precision, precision)):
        for of in (accelerator.name, ANY):
            found = catalog.roofline.get((accelerator.vendor, of, name))
            if found is not None:
                return found
    return None


class Speed(NamedTuple):
    """Accelerators at a precision, axis `a`."""

    native_a: Bools
    """They calculate in it."""
    silicon: Silicon
    """NaN where a figure is unknown, or no constants were fitted."""
    constants: tuple[Roofline | None, ...]


def speed_of(catalog: Catalog, groups: Groups, precision: str) -> Speed:
    """How fast every accelerator is at a *precision*."""
    known = [catalog.accelerators[name] for name in groups.names]
    constants = tuple(roofline_of(catalog, one, precision) for one in known)
    rows = [_silicon(one, of, precision) for one, of in zip(known, constants, strict=True)]
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), 6).T
    memory = groups.usable_milli_gib_a / 1000 * _GIB
    native_a = np.array([precision in one.precisions for one in known], dtype=np.bool_)
    return Speed(native_a, Silicon(memory, *columns), constants)


def _silicon(accelerator: Accelerator, of: Roofline | None, precision: str) -> tuple[float, ...]:
    """Bytes/s, FLOP/s, bytes/s of a link, seconds a layer and an exchange take, and speed."""
    nothing = float("nan")
    if of is None:
        return (nothing,) * 6
    read, peak, link = accelerator.bandwidth_gb_per_s, accelerator.tflops.get(precision), accelerator.link_gb_per_s
    return (
        nothing if read is None else read * 1e9 * of.read_fraction,
        nothing if peak is None else peak * 1e12 * of.compute_fraction,
        nothing if link is None else link * 1e9 * of.link_fraction,
        of.layer_us / 1e6,
        of.reduce_us / 1e6,
        of.speed,
    )
