"""What is known of work: accelerators, models, and what share of their peaks is reached, as fitted to measurements."""

from __future__ import annotations

from typing import Any, NamedTuple

PRECISIONS = ("fp16", "bf16", "fp8", "fp4", "int8")
"""What an accelerator may calculate in natively."""

KINDS = ("llm", "image", "speech", "encoder", "vision")
"""Kinds of model; only of an `llm` lengths in tokens are known."""

MFU_KINDS = ("dense", "moe", "lora")
"""What models an MFU is of, or that only adapters were trained."""

ANY = "*"
"""All accelerators of a vendor."""

WEIGHT_BYTES = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625}
"""Of a parameter. FP4 comes with a scale of 8 bits for every 16 values."""

KV_BYTES = {"fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 1.0}
"""Of an element of the cache of keys and values."""


class Accelerator(NamedTuple):
    """An accelerator model; `None` is unknown."""

    name: str
    memory_gib: float | None
    as_of: str
    source_id: str
    vendor: str = ""
    bandwidth_gb_per_s: float | None = None
    """Of its memory."""
    tflops: dict[str, float] = {}
    """Dense peak by precision, as far as it is known; of `int8` in TOPS."""
    link_gb_per_s: float | None = None
    """One way, to the others of its node."""
    precisions: tuple[str, ...] = ()
    """What it calculates in natively; empty is unknown."""
    max_per_node: int | None = None
    tdp_w: float | None = None
    form: str = ""
    year: str = ""
    unverified: str = ""


class Model(NamedTuple):
    """A model; `None` is unknown, or does not apply."""

    id: str
    name: str
    kind: str
    throughput_class: str
    """Empty: no class rates it."""
    parameters_billion: float
    active_parameters_billion: float
    """Used for one token."""
    shared_parameters_billion: float
    """Read for every token, whoever asks; the others are experts. All of them where there are no experts."""
    layers: int | None
    hidden: int | None
    kv_heads: int | None
    head_dim: int | None
    mla_width: int | None
    """Elements a layer caches for a token where attention is latent."""
    experts: int | None
    experts_per_token: int | None
    precision: str
    """What it is served in unless something else is asked for."""
    context_tokens: int | None
    aliases: tuple[str, ...]
    as_of: str
    source_id: str
    note: str

    def weight_bytes(self, precision: str = "") -> float:
        """Of all parameters, at a precision of `WEIGHT_BYTES`."""
        return self.parameters_billion * 1e9 * WEIGHT_BYTES[precision or self.precision]

    def kv_elements_per_token(self) -> int | None:
        """Elements cached for a token in all layers: 2·L·n_kv·d_head, or L·mla_width where attention is latent."""
        if self.layers is None:
            return None
        if self.mla_width is not None:
            return self.layers * self.mla_width
        if self.kv_heads is None or self.head_dim is None:
            return None
        return 2 * self.layers * self.kv_heads * self.head_dim

    def kv_bytes_per_token(self, precision: str = "") -> float | None:
        """Cached for a token, at a precision of `KV_BYTES`."""
        elements = self.kv_elements_per_token()
        return None if elements is None else elements * KV_BYTES[precision or self.precision]


class Roofline(NamedTuple):
    """How much of its peaks an accelerator reaches when it serves language models, and what is lost beside them."""

    vendor: str
    accelerator: str
    """Or `*`."""
    precision: str
    read_fraction: float
    """Of memory bandwidth."""
    compute_fraction: float
    """Of the dense peak."""
    link_fraction: float
    layer_us: float
    reduce_us: float
    speed: float
    """Of the maker's software, relative to that of the fit."""
    low_ratio: float
    """10th percentile of measured ÷ predicted, on measurements that were left out."""
    high_ratio: float
    rows: int
    as_of: str
    source_id: str
    note: str


class Mfu(NamedTuple):
    """How much of its dense BF16 peak an accelerator reaches when it trains."""

    accelerator: str
    precision: str
    kind: str
    mfu_fraction: float
    low_ratio: float
    """10th percentile of measured ÷ predicted."""
    high_ratio: float
    rows: int
    as_of: str
    source_id: str
    note: str


def accelerators_of(rows: list[list[Any]]) -> dict[str, Accelerator]:
    """The accelerators of a payload, by name."""
    place = Accelerator._fields.index("precisions")
    return {row[0]: Accelerator._make(_with_tuple(row, place)) for row in rows}


def models_of(rows: list[list[Any]]) -> dict[str, Model]:
    """The models of a payload, by key."""
    place = Model._fields.index("aliases")
    return {row[0]: Model._make(_with_tuple(row, place)) for row in rows}


def _with_tuple(row: list[Any], place: int) -> list[Any]:
    return [*row[:place], tuple(row[place]), *row[place + 1 :]]


def rooflines_of(rows: list[list[Any]]) -> dict[tuple[str, str, str], Roofline]:
    """Those of a payload by vendor, accelerator or `*`, and precision."""
    return {(row[0], row[1], row[2]): Roofline(*row) for row in rows}


def mfus_of(rows: list[list[Any]]) -> dict[tuple[str, str, str], Mfu]:
    """Those of a payload by accelerator, precision and kind."""
    return {(row[0], row[1], row[2]): Mfu(*row) for row in rows}
