"""The work of an inventory as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog, Shape
from placement.engine.arrays import Floats, Ints
from placement.engine.work.capability import Known, staffing_beta
from placement.engine.work.groups import Groups, groups_of
from placement.engine.work.loads import loads_of
from placement.engine.work.models import is_llm
from placement.engine.work.recipes import recipes_of
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
    told = [told_of(catalog, inventory, said[recipe], amounts[amount]) for recipe, amount in pairs]
    number: dict[Recipe, int] = {}
    recipe_p = [number.setdefault(recipe, len(number)) for recipe, _ in told]
    loads, load_p = loads_of(inventory, told)
    groups = groups_of(shapes, usable_milli_gib_h, _counts(list(number)))
    wait = catalog.assumption("serving_wait_fraction").micro * MILLI // MICRO
    recipes = recipes_of(catalog, inventory, list(number))
    works = Works(recipes, loads, Known(catalog, groups), pace_of(catalog), staffing_beta(wait))
    row_w = np.array(pair_w, dtype=np.int64)
    recipe_w, load_w = (np.append(np.array(of, dtype=np.int64), NO_WORK)[row_w] for of in (recipe_p, load_p))
    return Asked(works, recipe_w, load_w)


def _counts(recipes: list[Recipe]) -> frozenset[int]:
    """Numbers of accelerators that workloads name."""
    asked = {recipe.accelerators_per_replica for recipe in recipes if recipe.accelerators_per_replica}
    return frozenset(asked | {count for recipe in recipes for _, count, _ in recipe.throughput})


def told_of(catalog: Catalog, inventory: Inventory, recipe: Recipe | None, amount: Amount) -> tuple[Recipe, Amount]:
    """With the names the catalog has, and of language models with lengths from the trace of a load."""
    if recipe is None:
        raise AssertionError("accelerators are no work")
    measured = tuple((catalog.aliases.get(name, name), count, rate) for name, count, rate in recipe.throughput)
    recipe = recipe._replace(throughput=measured)
    return (
        with_trace(recipe, amount, inventory.curves) if is_llm(catalog, inventory, recipe.model) else (recipe, amount)
    )


def hardware_of(groups: Groups, shapes: list[Shape], units_h: Floats, per_node_h: Floats) -> Hardware:
    """The shapes of a supply."""
    number = {name: a for a, name in enumerate(groups.names)}
    return Hardware(
        units_h,
        per_node_h,
        np.array([bool(shape.fabric) for shape in shapes]),
        groups.option_hk,
        np.array([number[shape.accelerator] for shape in shapes], dtype=np.int64),
    )
