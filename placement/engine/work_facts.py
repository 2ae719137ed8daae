"""What a table of sizes rests on: the model, the demand in words, and what nobody said and is therefore assumed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from placement.catalog.tables import Catalog
from placement.engine.work.caveats import of_the_work
from placement.engine.work.missed import Asking
from placement.engine.work.models import Architecture
from placement.engine.work.recipes import AT_ONCE, BATCH, SERVING, TRAINING
from placement.inventory.curves import ASSUMED
from placement.inventory.inventory import Inventory
from placement.inventory.work_words import work_words
from placement.units import micro_text, plain_text
from placement.words import LORA

_GIB = 2**30


class Facts(NamedTuple):
    """Of one piece of work, for people and machines."""

    model: str
    title: str
    """The model's name as its maker writes it."""
    kind: str
    parameters: float
    active_parameters: float
    """Of them those that one token uses."""
    precision: str
    memory_gib: float
    """Of all weights at the precision; of training, of all that is kept of them."""
    memory_of: str
    cache_bytes_per_token: float | None
    source_id: str
    """Of the model; empty of one's own."""
    source: str
    form: str
    demand: tuple[tuple[str, str], ...]
    """What is said, with labels."""
    lengths: str
    assumptions: tuple[str, ...]
    catalog_as_of: str
    catalog_sha256: str


def facts_of(catalog: Catalog, inventory: Inventory, asking: Asking, assumed: tuple[str, ...]) -> Facts:
    """Of the only workload of *inventory*."""
    block, recipes, r = asking.block, asking.works.recipes, asking.recipe
    model, said = block.model, recipes.said[r]
    listed = None if said.model in inventory.models else catalog.models.get(model.name)
    work = inventory.workloads[0].demand.work
    cache = model.cache_bytes_per_token(block.precision)
    source = listed.source_id if listed else ""
    caveats = of_the_work(catalog, inventory, asking.works, r)
    return Facts(
        model=model.name,
        title=listed.name if listed else model.name,
        kind=model.kind,
        parameters=model.parameters,
        active_parameters=model.active_parameters,
        precision=block.precision,
        memory_gib=float(recipes.weight_bytes_r[r]) / _GIB,
        memory_of=_kept(block.form, block.method),
        cache_bytes_per_token=None if block.form == TRAINING or math.isnan(cache) else cache,
        source_id=source,
        source=catalog.sources[source][0] if source else "",
        form=block.form,
        demand=tuple(pair for pair in work_words(work) if pair[1] and pair[0] != "model") if work else (),
        lengths=f"{said.input_tokens:,g} tokens in and {said.output_tokens:,g} out" if said.output_tokens else "",
        assumptions=(*assumed, *_assumed(catalog, asking, model), *caveats),
        catalog_as_of=catalog.as_of,
        catalog_sha256=catalog.digest,
    )


def _kept(form: str, method: str) -> str:
    if form != TRAINING:
        return "weights"
    return "frozen weights and adapters in training" if method in LORA else "weights in training"


def _assumed(catalog: Catalog, asking: Asking, model: Architecture) -> Iterator[str]:
    """What nobody said."""
    block, works, r = asking.block, asking.works, asking.recipe
    said = works.recipes.said[r]
    if not block.asked and not model.is_llm and block.form != TRAINING:
        yield f"precision: whatever each accelerator was measured in; weights in {block.precision}"
    elif not block.asked:
        own = "code that trains in fewer bits is not taken for granted" if block.form == TRAINING else "the model's own"
        yield f"precision {block.precision}: {own}"
    if model.like:
        yield f"layers, width and cache are those of {model.like}, the dense model of the catalog nearest in size"
    if bool(works.loads.shaped_l[0]):
        yield ASSUMED
    elif block.form == SERVING:
        yield "the load is the same all month: state a peak where it is not"
    if block.form == SERVING and not said.target_utilization_fraction and said.unit != AT_ONCE:
        yield _headroom(catalog, math.isnan(float(works.recipes.utilization_r[r])))
    if block.form == BATCH:
        yield f"it may take all of the {plain_text(said.window_hours)} h: nobody waits for it"
    if block.form == TRAINING and not said.deadline_hours:
        yield "runs follow one another and fill the month at most: state a deadline where one must be done sooner"
    yield "the cheapest offer on demand that no policy has to allow, at its list price; idle nodes are given back"


def _headroom(catalog: Catalog, waiting: bool) -> str:
    if waiting:
        share = micro_text(catalog.assumption("serving_wait_fraction").micro * 100)
        return f"headroom at the peak: {share} % of the requests find all replicas full (Erlang C, square-root rule)"
    share = micro_text(catalog.assumption("serving_utilization_fraction").micro * 100)
    return f"headroom at the peak: replicas are {share} % busy"
