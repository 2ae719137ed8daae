"""What may go wrong with work although all figures hold: told of plans and of sizes alike."""

from __future__ import annotations

from collections.abc import Iterator

from placement.catalog.tables import Catalog
from placement.engine.work.capability import OVERHEAD_MILLI_GIB
from placement.engine.work.recipes import TRAINING
from placement.engine.work.wanted import Works
from placement.inventory.inventory import Inventory
from placement.units import MICRO, MILLI


def of_the_work(catalog: Catalog, inventory: Inventory, works: Works, recipe: int) -> Iterator[str]:
    """On any accelerator."""
    said, model = works.recipes.said[recipe], works.recipes.blocks[int(works.recipes.block_r[recipe])].model
    tokens = said.input_tokens + said.output_tokens
    if model.context_tokens and tokens > model.context_tokens:
        most = f"the {model.context_tokens:,.0f} that {model.name} was made for"
        yield f"requests of {tokens:,.0f} tokens are longer than {most}"
    if said.model in inventory.models and (said.model in catalog.models or said.model in catalog.model_aliases):
        yield f"{said.model} is the model that this inventory describes, not the catalog's of that name"


def left_milli_gib(works: Works, recipe: int, accelerator: int, count: int) -> float:
    """Memory of so many accelerators beside the model, one request and the program; NaN where it is unknown."""
    room = float(works.known.groups.usable_milli_gib_a[accelerator]) - OVERHEAD_MILLI_GIB
    return count * room - float(works.recipes.memory_milli_gib_r[recipe])


def of_its_memory(works: Works, recipe: int, accelerator: int, count: int) -> str:
    """On so many accelerators that work as one; empty where a replica has room to spare, or its speed was measured."""
    groups, said = works.known.groups, works.recipes.said[recipe]
    block = works.recipes.blocks[int(works.recipes.block_r[recipe])]
    name = groups.names[accelerator]
    if block.form == TRAINING or any(stated == name for stated, _, _ in said.throughput):
        return ""
    has = count * float(groups.usable_milli_gib_a[accelerator])
    left = left_milli_gib(works, recipe, accelerator, count)
    if not left < works.known.catalog.assumption("tight_memory_fraction").micro / MICRO * has:
        return ""
    fit = f"{block.model.name} and one request leave {left / MILLI:,.1f} of {has / MILLI:,.0f} GiB"
    return f"{fit} of {count:,} × {name}: try whether it starts before anything is signed"
