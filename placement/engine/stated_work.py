"""What plans say of work beyond its figures: what was taken for granted, and with what constants it was reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from placement.engine.problem import Problem
from placement.engine.stated import Cost, Stated
from placement.engine.work.bands import STATED
from placement.engine.work.caveats import left_milli_gib, of_its_memory, of_the_work
from placement.engine.work.loads import NO_CURVE
from placement.engine.work.recipes import AT_ONCE, SERVING, TRAINING, VIDEO, Block
from placement.engine.work.training import UNSCALED
from placement.engine.work.wanted import Works
from placement.inventory.curves import ASSUMED
from placement.inventory.recipe import Recipe
from placement.plan.model import Assumption, Layer, Placement, Rating, Work
from placement.units import four_digits, from_micro
from placement.words import BY_THE_HOUR, LORA, REQUESTS_AT_ONCE

NAMED = 6
"""Throughputs that are named before the others are counted."""

_LOADS = "load: "
"""How the key of what a load says of itself begins."""


class Constant(NamedTuple):
    """A figure of the catalog that shapes what work takes, and how to say it."""

    name: str
    text: str


CONSTANTS = (
    Constant(
        "serving_wait_fraction",
        "language models have as many replicas at every hour as keep the share of requests that wait for a place below "
        "{value} (Erlang-C, square-root rule)",
    ),
    Constant("serving_utilization_fraction", "replicas whose users wait work at {value} of what they can at the peak"),
    Constant(
        "serving_requests_at_once",
        "replicas of language models of which only the throughput is stated work on {value} requests at once",
    ),
    Constant("mtbf_accelerator_hours", "training is interrupted every {value} h ÷ accelerators"),
    Constant("checkpoint_gb_per_s", "checkpoints are written at {value} GB/s from each node"),
    Constant("training_restart_hours", "an interrupted run is up again after {value} h"),
    Constant(
        "scaling_fraction_per_doubling",
        f"beyond {UNSCALED} accelerators each does {{value}} of its work in a job twice as large",
    ),
    Constant("lora_trainable_fraction", "adapters are {value} of the parameters"),
)

_WORDS = {
    "shape": f"{ASSUMED} over the share u of the month",
    "constant": "demand of which only one figure is stated is taken to be the same at every hour",
    "growth": "demand grows or shrinks: nodes are of the largest month, hours and units the average of all",
    "elastic": "nodes paid by the hour follow demand hour by hour; idle ones are given back",
}
"""What is taken for granted."""


def count_work(stated: Stated, problem: Problem, w: int, placement: Placement) -> None:
    """Count what is to be said of one placement."""
    works, recipe_number = problem.sizing.works, int(problem.sizing.recipe_w[w])
    if works is None or placement.work is None or placement.rating is None:
        return
    recipe = works.recipes.said[recipe_number]
    block = works.recipes.blocks[int(works.recipes.block_r[recipe_number])]
    cost = placement.monthly_cost_cents or 0
    for name in _constants(works, recipe_number, block, placement):
        stated.add_cost(("work constant", name), cost)
    for name in _granted(works, recipe, int(problem.sizing.load_w[w]), placement):
        stated.add_cost(("work", name), cost)
    if not block.asked and not _free(block):
        stated.add_cost(("work precision", block.model.name, block.precision), cost)
    if block.model.like:
        stated.add_cost(("work like", block.model.name, block.model.like), cost)
    for caveat in _caveats(problem, works, recipe_number, placement):
        stated.add_cost(("work caveat", caveat), cost)
    load = int(works.loads.curve_l[problem.sizing.load_w[w]])
    if load != NO_CURVE and works.loads.notes[load]:
        stated.add_cost((f"{_LOADS}{works.loads.notes[load]}",), cost)
    for layer in placement.layers:
        rating = layer.rating or (placement.rating if layer is placement.layers[0] else None)
        if rating is None:
            continue
        stated.add_cost(("work rate", _rate_words(block, placement.work, layer, rating), rating.source_id), cost)
        if rating.source_id:
            stated.word("sources", rating.source_id)


def _caveats(problem: Problem, works: Works, recipe: int, placement: Placement) -> Iterator[str]:
    yield from of_the_work(problem.catalog, problem.inventory, works, recipe)
    layer, work = placement.layers[0], placement.work
    if work is not None and layer.accelerator in works.known.groups.names:
        accelerator = works.known.groups.names.index(layer.accelerator)
        tight = of_its_memory(works, recipe, accelerator, work.replica_accelerators)
        if tight:
            yield tight


def _free(block: Block) -> bool:
    """Whether the work runs in whatever precision it was measured in."""
    return not block.model.is_llm or bool(block.reference) or block.method in LORA


def _constants(works: Works, number: int, block: Block, placement: Placement) -> Iterator[str]:
    recipe = works.recipes.said[number]
    if block.form == TRAINING:
        yield from ("mtbf_accelerator_hours", "checkpoint_gb_per_s", "training_restart_hours")
        if placement.work is not None and placement.work.replica_accelerators > UNSCALED:
            yield "scaling_fraction_per_doubling"
        if block.method in LORA and not recipe.trainable_fraction:
            yield "lora_trainable_fraction"
    elif block.form in (SERVING, VIDEO) and not recipe.target_utilization_fraction and recipe.unit != AT_ONCE:
        queues = block.form == SERVING and block.model.is_llm
        yield "serving_wait_fraction" if queues else "serving_utilization_fraction"
        if queues and placement.rating is not None and placement.rating.basis == STATED:
            accelerator = works.known.groups.names.index(placement.layers[0].accelerator)
            count = placement.work.replica_accelerators if placement.work is not None else 1
            holds = left_milli_gib(works, number, accelerator, count) >= 0
            if works.known.rates(block).speed.constants[accelerator] is None or not holds:
                yield "serving_requests_at_once"


def _granted(works: Works, recipe: Recipe, load: int, placement: Placement) -> Iterator[str]:
    if recipe.form not in (SERVING, VIDEO):
        return
    loads = works.loads
    curved = int(loads.curve_l[load]) != NO_CURVE
    if bool(loads.shaped_l[load]):
        yield "shape"
    elif not curved:
        yield "constant"
    if recipe.growth_fraction_per_month:
        yield "growth"
    if any(layer.purchase in BY_THE_HOUR for layer in placement.layers) and (curved or bool(loads.shaped_l[load])):
        yield "elastic"


def _rate_words(block: Block, work: Work, layer: Layer, rating: Rating) -> str:
    replica = layer.replica_accelerators or work.replica_accelerators
    many = f"{replica} × " if replica > 1 else ""
    band = f" ({four_digits(rating.low)}–{four_digits(rating.high)})" if rating.low != rating.high else ""
    precision = f" in {block.precision}" if not _free(block) or block.asked else ""
    second = "" if rating.unit == REQUESTS_AT_ONCE else " a second"
    what = f"{four_digits(rating.throughput)} {rating.unit}{second}{band}"
    if block.reference:
        figures = [four_digits(str(Decimal(one) * 3600)) for one in (rating.throughput, rating.low, rating.high)]
        what = f"{figures[0]} hours of {block.reference} an hour ({figures[1]}–{figures[2]})"
    return f"{block.model.name}{precision} on {many}{layer.accelerator} {what}, {rating.basis}: {rating.evidence}"


def work_assumptions(problem: Problem, stated: Stated) -> Iterator[Assumption]:
    """The same as assumptions of the plan."""
    catalog = problem.catalog
    for constant in CONSTANTS:
        cost = stated.costs.get(("work constant", constant.name))
        if cost is not None:
            fact = catalog.assumption(constant.name)
            text = constant.text.format(value=from_micro(fact.micro))
            yield Assumption(constant.name, text, fact.source_id, fact.as_of, cost.cents, cost.workloads)
    for name, words in _WORDS.items():
        cost = stated.costs.get(("work", name))
        if cost is not None:
            yield Assumption(f"work_{name}", words, "", "", cost.cents, cost.workloads)
    for key, cost in sorted(stated.costs.items()):
        if key[0] == "work precision":
            text = f"no precision is asked for: {key[1]} in {key[2]}"
            yield Assumption("work_precision", text, "", "", cost.cents, cost.workloads)
        elif key[0] == "work like":
            text = f"{key[1]}: what is not stated of its layers is that of {key[2]}, the nearest in size"
            yield Assumption("work_like", text, "", "", cost.cents, cost.workloads)
        elif key[0] == "work caveat":
            yield Assumption("work_caveat", key[1], "", "", cost.cents, cost.workloads)
        elif key[0].startswith(_LOADS):
            yield Assumption("work_load", key[0], "", "", cost.cents, cost.workloads)
    yield from _rates(stated)


def _rates(stated: Stated) -> Iterator[Assumption]:
    """What accelerators do of the work, with its band; of many those that cost most."""
    found = [(key, cost) for key, cost in stated.costs.items() if key[0] == "work rate"]
    found.sort(key=lambda item: (-item[1].cents, item[0]))
    for key, cost in found[:NAMED]:
        yield Assumption("work_throughput", key[1], key[2], "", cost.cents, cost.workloads)
    if len(found) > NAMED:
        rest = Cost()
        for _, cost in found[NAMED:]:
            rest.add(cost.cents, cost.workloads)
        text = f"and {len(found) - NAMED:,} more throughputs, each at its placement"
        yield Assumption("work_throughput", text, "", "", rest.cents, rest.workloads)
