"""The work of an inventory as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Shape
from placement.engine.arrays import Bools, Floats, Ints
from placement.engine.spot import spot_terms
from placement.engine.work.capability import Known, staffing_beta
from placement.engine.work.groups import Groups, groups_of
from placement.engine.work.loads import loads_of
from placement.engine.work.models import architecture_of
from placement.engine.work.recipes import TRAINING, recipes_of
from placement.engine.work.training import pace_of
from placement.engine.work.wanted import Hardware, Works
from placement.inventory.asks import Asks
from placement.inventory.curves import with_trace
from placement.inventory.inventory import Inventory
from placement.inventory.recipe import Amount, Recipe
from placement.units import MICRO, MILLI

NO_WORK = -1


class Asked(NamedTuple):
    """The work of all workloads, and whose is which; `NO_WORK` for those that say accelerators."""

    works: Works
    recipe_w: Ints
    load_w: Ints


def works_of(
    catalog: Catalog, inventory: Inventory, asks: Asks, shapes: list[Shape], usable_milli_gib_h: Floats
) -> Asked | None:
    """None where all workloads say accelerators."""
    said, amounts = list(asks.recipes.number), list(asks.amounts.number)
    if all(recipe is None for recipe in said):
        return None
    pairs: dict[tuple[int, int], int] = {}
    pair_w = [
        NO_WORK if said[pair[0]] is None else pairs.setdefault(pair, len(pairs))
        for pair in zip(asks.recipes.row, asks.amounts.row, strict=True)
    ]
    telling = _Telling(catalog, inventory)
    told = [telling.told(said[recipe], amounts[amount]) for recipe, amount in pairs]
    number: dict[Recipe, int] = {}
    recipe_p = [number.setdefault(recipe, len(number)) for recipe, _ in told]
    loads, load_p = loads_of(inventory, told)
    groups = groups_of(catalog, shapes, usable_milli_gib_h, _counts(list(number)))
    wait = catalog.assumption("serving_wait_fraction").micro * MILLI // MICRO
    recipes = recipes_of(catalog, inventory, list(number))
    works = Works(
        recipes,
        loads,
        Known(catalog, groups),
        pace_of(catalog),
        staffing_beta(wait),
        spot_terms(catalog),
    )
    row_w = np.array(pair_w, dtype=np.int64)
    recipe_w, load_w = (np.append(np.array(of, dtype=np.int64), NO_WORK)[row_w] for of in (recipe_p, load_p))
    return Asked(works, recipe_w, load_w)


def trains_w(asks: Asks) -> Bools:
    """Whose work is training, `w`."""
    said_r = np.array(
        [recipe is not None and recipe.form == TRAINING for recipe in asks.recipes.number], dtype=np.bool_
    )
    return np.asarray(said_r[np.array(asks.recipes.row, dtype=np.int64)])


def trains(asks: Asks) -> bool:
    """Whether any workload says that it trains: on spot its runs take longer, and so more accelerators."""
    return any(recipe is not None and recipe.form == TRAINING for recipe in asks.recipes.number)


def _counts(recipes: list[Recipe]) -> frozenset[int]:
    """Numbers of accelerators that workloads name."""
    asked = {recipe.accelerators_per_replica for recipe in recipes if recipe.accelerators_per_replica}
    return frozenset(asked | {count for recipe in recipes for _, count, _ in recipe.throughput})


class _Telling:
    """What pairs of recipe and amount mean, with what is the same for many of them found once."""

    def __init__(self, catalog: Catalog, inventory: Inventory) -> None:
        self._catalog = catalog
        self._inventory = inventory
        self._curves = inventory.curves
        self._llm: dict[str, bool] = {}

    def told(self, recipe: Recipe | None, amount: Amount) -> tuple[Recipe, Amount]:
        """With the names the catalog has, and of language models with lengths from the trace of a load."""
        if recipe is None:
            raise AssertionError("accelerators are no work")
        if recipe.throughput:
            names = self._catalog.aliases
            measured = tuple((names.get(name, name), count, rate) for name, count, rate in recipe.throughput)
            recipe = recipe._replace(throughput=measured)
        if not amount.load:
            return recipe, amount
        if recipe.model not in self._llm:
            self._llm[recipe.model] = architecture_of(self._catalog, self._inventory, recipe.model).is_llm
        return with_trace(recipe, amount, self._curves) if self._llm[recipe.model] else (recipe, amount)


def hardware_of(groups: Groups, shapes: list[Shape], units_h: Floats, per_node_h: Floats) -> Hardware:
    """The shapes of a supply, of which those are one that differ in what work does not see."""
    number = {name: a for a, name in enumerate(groups.names)}
    classes: dict[tuple[str, int, int, bool, bool], int] = {}
    first: list[int] = []
    class_h = []
    for h, shape in enumerate(shapes):
        key = (shape.accelerator, shape.units, shape.per_node, bool(shape.fabric), shape.spot)
        if key not in classes:
            classes[key] = len(first)
            first.append(h)
        class_h.append(classes[key])
    return Hardware(
        np.array(class_h, dtype=np.int64),
        units_h[first],
        per_node_h[first],
        np.array([fabric for *_, fabric, _ in classes], dtype=np.bool_),
        groups.option_hk[first],
        np.array([number[name] for name, *_ in classes], dtype=np.int64),
        np.array([spot for *_, spot in classes], dtype=np.bool_),
    )
