"""What sizing knows of a model, whether the catalog describes it or the inventory."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from placement.catalog.tables import Catalog
from placement.catalog.work import KV_BYTES, WEIGHT_BYTES, Model
from placement.inventory.inventory import Inventory
from placement.inventory.own_model import OwnModel

LLM = "llm"
MOE_CLASS = "inference-llm-moe"
DENSE_CLASS = "inference-llm-dense"

OWN_PRECISION = "bf16"
"""Of models of which nobody says another."""

_BILLION = 1e9


class Architecture(NamedTuple):
    """A model in the units sizing works in."""

    name: str
    measured: str
    """The model of which measurements are taken to hold for it."""
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
    context_tokens: float = 0.0
    """Longest request with its answer; 0 where nobody says."""
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


def _catalogued(model: Model) -> Architecture:
    elements = model.kv_elements_per_token()
    experts = model.experts or 0
    return Architecture(
        name=model.id,
        measured=model.id,
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
        context_tokens=float(model.context_tokens or 0),
    )


def _own(catalog: Catalog, name: str, own: OwnModel) -> Architecture:
    """A model of the inventory; what it leaves out is that of the model it is like, or of the one nearest in size."""
    like = _catalogued(named(catalog, own.like)) if own.like else None
    kind = own.kind or (like.kind if like else LLM)
    parameters = own.parameters or (like.parameters if like else 0.0)
    if kind != LLM:
        group = own.throughput_class or (like.throughput_class if like else "")
        precision = own.precision or (like.precision if like else OWN_PRECISION)
        measured = like.measured if like else ""
        return Architecture(name, measured, kind, group, *(parameters,) * 3, 0.0, 0.0, math.nan, 0.0, precision)
    stated = own.layers and own.hidden and (own.mla_width or (own.kv_heads and own.head_dim))
    base = like or _nearest(catalog, parameters)
    layers = float(own.layers or base.layers)
    parts = _parts(own, parameters, like)
    return Architecture(
        name=name,
        measured=like.measured if like else "",
        kind=LLM,
        throughput_class=own.throughput_class or (MOE_CLASS if parts.idle else DENSE_CLASS),
        parameters=parameters,
        active_parameters=parts.active,
        shared_parameters=parts.shared,
        layers=layers,
        width=float(own.hidden or base.width),
        cache_elements=_cache_elements(own, layers) or base.cache_elements,
        idle_fraction=parts.idle,
        precision=own.precision or (like.precision if like else OWN_PRECISION),
        context_tokens=own.context_tokens or (like.context_tokens if like else 0.0),
        like="" if stated or like else base.name,
    )


class _Parts(NamedTuple):
    active: float
    shared: float
    idle: float


def _parts(own: OwnModel, parameters: float, like: Architecture | None) -> _Parts:
    """Parameters one token uses, those every token uses, and the share of the experts that a token leaves alone.

    total = shared + experts, active = shared + (1 − idle) · experts.
    """
    if own.active_parameters is None:
        if like is None or not like.idle_fraction:
            return _Parts(parameters, parameters, 0.0)
        times = parameters / like.parameters
        return _Parts(like.active_parameters * times, like.shared_parameters * times, like.idle_fraction)
    active = own.active_parameters
    if active >= parameters:
        return _Parts(parameters, parameters, 0.0)
    if own.experts and own.experts_per_token:
        idle = 1 - own.experts_per_token / own.experts
    else:
        idle = like.idle_fraction if like and like.idle_fraction else 1 - active / parameters
    shared = own.shared_parameters or max(parameters - (parameters - active) / idle, 0.0) if idle else parameters
    return _Parts(active, shared, idle)


def _cache_elements(own: OwnModel, layers: float) -> float:
    if own.mla_width:
        return layers * own.mla_width
    return 2 * layers * own.kv_heads * own.head_dim if own.kv_heads and own.head_dim else 0.0


def _nearest(catalog: Catalog, parameters: float) -> Architecture:
    """The catalog's language model without experts that is nearest in size, by ratio; of two the first by name.

    Those whose heads share keys and values come first, as nearly all models of today do.
    """
    dense = [one for one in _llms(catalog) if not one.idle_fraction]
    dense = [one for one in dense if one.cache_elements < 2 * one.layers * one.width] or dense
    return min(dense, key=lambda one: (max(one.parameters / parameters, parameters / one.parameters), one.name))


@lru_cache(4)
def _llms_of(models: tuple[Model, ...]) -> tuple[Architecture, ...]:
    return tuple(_catalogued(model) for model in models if model.kind == LLM and model.kv_elements_per_token())


def _llms(catalog: Catalog) -> tuple[Architecture, ...]:
    return _llms_of(tuple(catalog.models[name] for name in sorted(catalog.models)))
