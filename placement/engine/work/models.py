"""What sizing knows of a model, whether the catalog describes it or the inventory."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from placement.catalog.tables import Catalog
from placement.catalog.work import KV_BYTES, WEIGHT_BYTES, Model
from placement.inventory.inventory import Inventory
from placement.inventory.work import OwnModel

LLM = "llm"
MOE_CLASS = "inference-llm-moe"
DENSE_CLASS = "inference-llm-dense"

_BILLION = 1e9


class Architecture(NamedTuple):
    """A model in the units sizing works in."""

    name: str
    kind: str
    """`llm`, or what else it is."""
    throughput_class: str
    """Empty: no class of ratios is known to hold for it."""
    parameters: float
    active_parameters: float
    """Of them those that one token uses."""
    shared_parameters: float
    """Of them those that every token uses: all but the experts."""
    layers: float
    width: float
    """Of the hidden state."""
    cache_elements: float
    """Kept of every token, over all layers; NaN where it is unknown."""
    idle_fraction: float
    """Share of the experts that one token leaves alone; 0 without experts."""
    precision: str
    """Unless another is asked for."""
    like: str = ""
    """The model whose layers, width and cache stand in for those that nobody stated."""

    @property
    def is_llm(self) -> bool:
        """Whether it makes tokens."""
        return self.kind == LLM

    def weight_bytes(self, precision: str) -> float:
        """Of all parameters."""
        return self.parameters * WEIGHT_BYTES[precision]

    def cache_bytes_per_token(self, precision: str) -> float:
        """Of keys and values."""
        return self.cache_elements * KV_BYTES[precision]


def architecture_of(catalog: Catalog, inventory: Inventory, name: str) -> Architecture:
    """The model of that *name*: the inventory's own, else the catalog's. Raises `KeyError` when neither knows it."""
    own = inventory.models.get(name)
    return _catalogued(named(catalog, name)) if own is None else _own(catalog, name, own)


def named(catalog: Catalog, name: str) -> Model:
    """The catalog's model of that name or alias; raises `KeyError`."""
    return catalog.models[catalog.model_aliases.get(name, name)]


def named(catalog: Catalog, name: str) -> Model:
    """The catalog's model of that name or alias; raises `KeyError`."""
    return catalog.models[catalog.model_aliases.get(name, name)]


def is_llm(catalog: Catalog, inventory: Inventory, name: str) -> bool:
    """Whether a model makes tokens; those of the inventory do."""
    return name in inventory.models or named(catalog, name).kind == LLM


def _catalogued(model: Model) -> Architecture:
    elements = model.kv_elements_per_token()
    experts = model.experts or 0
    return Architecture(
        name=model.id,
        kind=model.kind,
        throughput_class=model.throughput_class,
        parameters=model.parameters_billion * _BILLION,
        active_parameters=model.active_parameters_billion * _BILLION,
        shared_parameters=model.shared_parameters_billion * _BILLION,
        layers=float(model.layers or 0),
        width=float(model.hidden or 0),
        cache_elements=float("nan") if elements is None else float(elements),
        idle_fraction=1 - (model.experts_per_token or 0) / experts if experts else 0.0,
        precision=model.precision,
    )


def _own(catalog: Catalog, name: str, own: OwnModel) -> Architecture:
    """A model of the inventory; what it does not state of its build is that of the catalog's model nearest in size."""
    like = _catalogued(named(catalog, own.like)) if own.like else _nearest(catalog, own.parameters)
    experts = own.experts or 0
    active = own.active_parameters or own.parameters
    heads = (own.kv_heads, own.head_dim)
    layers = float(own.layers or like.layers)
    elements = 2 * layers * heads[0] * heads[1] if heads[0] and heads[1] else like.cache_elements
    shared = own.parameters
    idle = 0.0
    if active < own.parameters:
        idle = 1 - (own.experts_per_token or 1) / experts if experts else 1 - active / own.parameters
        # total = shared + experts, active = shared + (1 − idle) · experts
        shared = own.parameters - (own.parameters - active) / idle
    stated = own.layers and own.hidden and heads[0] and heads[1]
    return Architecture(
        name=name,
        kind=LLM,
        throughput_class=MOE_CLASS if idle else DENSE_CLASS,
        parameters=own.parameters,
        active_parameters=active,
        shared_parameters=max(shared, 0.0),
        layers=layers,
        width=float(own.hidden or like.width),
        cache_elements=elements,
        idle_fraction=idle,
        precision=own.precision or like.precision,
        like="" if stated else like.name,
    )


def _nearest(catalog: Catalog, parameters: float) -> Architecture:
    """The catalog's language model without experts that is nearest in size, by ratio; of two the first by name."""
    dense = [one for one in _llms(catalog) if not one.idle_fraction]
    return min(dense, key=lambda one: (max(one.parameters / parameters, parameters / one.parameters), one.name))


@lru_cache(4)
def _llms_of(models: tuple[Model, ...]) -> tuple[Architecture, ...]:
    return tuple(_catalogued(model) for model in models if model.kind == LLM and model.kv_elements_per_token())


def _llms(catalog: Catalog) -> tuple[Architecture, ...]:
    return _llms_of(tuple(catalog.models[name] for name in sorted(catalog.models)))
