"""A model of one's own, beside those of the catalog."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from placement.inventory.base import Model, Name, Text
from placement.inventory.work import MOST_CONTEXT, Precision

ModelKind = Literal["llm", "image", "speech", "encoder", "vision"]

SHAPE = ("layers", "hidden", "kv_heads", "head_dim")
"""What must be known of a language model to tell how fast it is where nobody measured it.

What is left out is that of the catalog's model without experts that is nearest in size; the plan says so.
"""

_EXPERTS = ("experts", "experts_per_token", "active_parameters")

_WHOLES = {
    "parameters": ("active_parameters", "shared_parameters"),
    "active_parameters": ("shared_parameters",),
    "experts": ("experts_per_token",),
}
"""What some keys are a part of."""

LEAST_PARAMETERS, MOST_PARAMETERS = 1e5, 1e14


class OwnModel(Model):
    """What is known of it. Of a key that is given here and in the model it is `like`, this one counts."""

    kind: Annotated[
        ModelKind | None,
        Field(
            description="What it is: `llm` generates tokens. That of the model it is `like`, else `llm`, if left out.",
            examples=["llm"],
        ),
    ] = None
    like: Annotated[
        Name | None,
        Field(
            description="A model of the catalog that has the same layers, and is measured as this one would be.",
            examples=["llama-3.3-70b"],
        ),
    ] = None
    parameters: Annotated[
        float | None,
        Field(ge=LEAST_PARAMETERS, le=MOST_PARAMETERS, description="How many it has in all.", examples=[1.3e10]),
    ] = None
    active_parameters: Annotated[
        float | None,
        Field(
            ge=LEAST_PARAMETERS,
            le=MOST_PARAMETERS,
            description="Those that one token passes, where there are experts; all of them if left out.",
            examples=[3.7e10],
        ),
    ] = None
    shared_parameters: Annotated[
        float | None,
        Field(
            ge=LEAST_PARAMETERS,
            le=MOST_PARAMETERS,
            description="Those that every token passes, where there are experts: attention, embeddings and the like.",
            examples=[1.6e10],
        ),
    ] = None
    experts: Annotated[int | None, Field(ge=2, le=100_000, description="Experts of a layer.", examples=[256])] = None
    experts_per_token: Annotated[
        int | None, Field(ge=1, le=100_000, description="Of these, those that one token passes.", examples=[8])
    ] = None
    layers: Annotated[int | None, Field(ge=1, le=10_000, description="Layers.", examples=[40])] = None
    hidden: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="Width of the hidden state.", examples=[5120])
    ] = None
    kv_heads: Annotated[
        int | None, Field(ge=1, le=100_000, description="Heads that keep keys and values, of a layer.", examples=[40])
    ] = None
    head_dim: Annotated[int | None, Field(ge=1, le=100_000, description="Width of a head.", examples=[128])] = None
    mla_width: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="With latent attention: rank of keys and values plus rotary width, of a layer, instead of "
            "`kv_heads` and `head_dim`.",
            examples=[576],
        ),
    ] = None
    precision: Annotated[
        Precision | None,
        Field(description="Of its weights: what a workload takes that names none; bf16 if left out.", examples=["fp8"]),
    ] = None
    context_tokens: Annotated[
        float | None,
        Field(ge=1, le=MOST_CONTEXT, description="Longest request with its answer, in tokens.", examples=[131072]),
    ] = None
    throughput_class: Annotated[
        Name | None,
        Field(
            description="A class of the catalog's throughput table, for models that generate no tokens.",
            examples=["inference-vision"],
        ),
    ] = None
    note: Annotated[Text | None, Field(description="A free remark.", examples=["trained in 2026"])] = None

    @model_validator(mode="after")
    def _complete(self) -> "OwnModel":
        if self.like is None:
            self._alone()
        for whole, parts in _WHOLES.items():
            most = getattr(self, whole)
            larger = [part for part in parts if most is not None and (getattr(self, part) or 0) > most]
            if larger:
                context = {"part": larger[0], "whole": whole}
                raise PydanticCustomError("model-parts", "`{part}` are more than its `{whole}`", context)
        return self

    def _alone(self) -> None:
        """What must be said of a model that is like no other."""
        if self.parameters is None:
            raise PydanticCustomError("model-shape", "give `parameters`, or the model of the catalog it is `like`")
        given = [key for key in _EXPERTS if getattr(self, key) is not None]
        if given and len(given) < len(_EXPERTS):
            raise PydanticCustomError(
                "model-shape", "`experts`, `experts_per_token` and `active_parameters` go together"
            )

    @property
    def is_shaped(self) -> bool:
        """Whether all is stated, of it or of the model it is like, that tells how fast a language model is."""
        needed = ("layers", "hidden", "mla_width") if self.mla_width is not None else SHAPE
        stated = all(getattr(self, key) is not None for key in needed)
        return stated or self.like is not None or self.kind not in (None, "llm")
