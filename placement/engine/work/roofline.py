"""How much a replica serves of a language model, from memory bandwidth, arithmetic and links.

Times add up (reading, arithmetic, communication and launching do not overlap): the sum predicts better than the largest
of them. Only + − × ÷ and floor are used, so that every machine gets the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats

MOST_BATCH = 512
"""Requests at once in a stage of a replica, at most: beyond, no measurement was fitted."""

OVERHEAD_BYTES = 2 * 2**30
"""Of each accelerator's memory, what the serving program itself takes."""

_BITS = MOST_BATCH.bit_length()


class Served(NamedTuple):
    """A language model at a precision, and the requests it gets; arrays of one shape."""

    weight_bytes: Floats
    shared_bytes: Floats
    """What is read of them for every token, whoever asks; all of them where there are no experts."""
    idle_fraction: Floats
    """Share of the experts that one token leaves alone; 0 where there are none."""
    kv_bytes_per_token: Floats
    active_parameters: Floats
    layers: Floats
    width: Floats
    """Of the hidden state."""
    input_tokens: Floats
    output_tokens: Floats


class Silicon(NamedTuple):
    """An accelerator at a precision, as fast as it was fitted to be; arrays of one shape."""

    memory_bytes: Floats
    """Open to weights, cache and the program."""
    read_bytes_per_s: Floats
    flops: Floats
    link_bytes_per_s: Floats
    """One way, between accelerators of a node; NaN where it is unknown."""
    layer_s: Floats
    """Launching a layer."""
    reduce_s: Floats
    """Beginning to exchange its results, where several accelerators work as one."""
    speed: Floats
    """Of the maker's software, relative to that of the fit."""


class Replica(NamedTuple):
    """What accelerators that work as one take for the requests; arrays of one shape. Seconds at speed 1."""

    fixed_s: Floats
    """Of a step, whatever the batch."""
    request_s: Floats
    """Of a step, per request in the batch."""
    experts_s: Floats
    """Of a step that reads all experts."""
    prefill_s: Floats
    most_batch: Floats
    """Requests of a stage's batch that fit into memory, at most `MOST_BATCH`; below 1 none does."""
    most_busy: Floats
    """Stages that have a batch at a time, where memory holds fewer requests than there are stages."""


def replica_of(model: Served, silicon: Silicon, count: Floats, stages: Floats | float = 1.0) -> Replica:
    """A replica of *count* accelerators in each of some *stages*, nodes or single cards, which are a pipeline.

    While a stage works on its layers for one batch, the others do so for other batches: every step takes what it would
    on one stage, and *stages* batches are under way.
    """
    isl, osl = model.input_tokens, model.output_tokens
    read = count * silicon.read_bytes_per_s
    flops = count * silicon.flops
    several = count > 1
    # Two all-reduces a layer, each twice (n−1)/n of two bytes per element of the hidden state.
    exchanged_s = np.where(
        several, 4 * model.layers * (count - 1) / count * model.width * 2 / silicon.link_bytes_per_s, 0.0
    )
    launch_s = model.layers * (silicon.layer_s + np.where(several, silicon.reduce_s, 0.0))
    attention = 2 * model.layers * model.width * isl
    room = count * stages * (silicon.memory_bytes - OVERHEAD_BYTES) - model.weight_bytes
    fit = np.floor(room / ((isl + osl) * model.kv_bytes_per_token))
    return Replica(
        fixed_s=model.shared_bytes / read + launch_s,
        request_s=(isl + osl / 2) * model.kv_bytes_per_token / read + 2 * model.active_parameters / flops + exchanged_s,
        experts_s=(model.weight_bytes - model.shared_bytes) / read,
        prefill_s=(2 * model.active_parameters + attention) * isl / flops + exchanged_s * isl,
        most_batch=np.minimum(np.maximum(np.floor(fit / stages), np.minimum(fit, 1.0)), MOST_BATCH),
        most_busy=np.minimum(fit, stages),
    )


def step_s(replica: Replica, idle_fraction: Floats, batch: Floats) -> Floats:
    """A step that gives each of *batch* requests (whole numbers) a token, at speed 1 [s]."""
    read_share = 1 - _power(idle_fraction, batch)
    return np.asarray(replica.fixed_s + batch * replica.request_s + read_share * replica.experts_s)


def tokens_per_s(model: Served, replica: Replica, speed: Floats, batch: Floats) -> Floats:
    """Generated tokens per second while *batch* requests are in a replica; 0 where none is."""
    step = step_s(replica, model.idle_fraction, batch)
    busy = batch * replica.prefill_s + model.output_tokens * step
    return np.asarray(np.where(batch >= 1, speed * batch * model.output_tokens / busy, 0.0))


def batch_within(model: Served, replica: Replica, speed: Floats, ttft_s: Floats, tpot_s: Floats) -> Floats:
    """The most requests at once that keep the time to the first token and the time per token; 0 where none does.

    *ttft_s*, *tpot_s*: infinite where nothing is asked. A request waits for the step under way and its own prefill;
    each token waits for its step and its share of the prefills of others. Both grow with the batch, so bits are tried
    from the highest.
    """
    most = np.maximum(replica.most_batch, 0.0)
    bound = bool(np.isfinite(ttft_s).any() or np.isfinite(tpot_s).any())
    if not bound:
        return most
    found = np.zeros(np.broadcast(most, ttft_s, tpot_s).shape)
    for bit in reversed(range(_BITS)):
        tried = found + 2**bit
        step = step_s(replica, model.idle_fraction, tried)
        kept: Bools = (
            (tried <= most)
            & (replica.prefill_s + step <= ttft_s * speed)
            & (step + tried * replica.prefill_s / model.output_tokens <= tpot_s * speed)
        )
        found = np.where(kept, tried, found)
    return found


def _power(base: Floats, exponent: Floats) -> Floats:
    """*base* to whole exponents up to `MOST_BATCH`, by squaring: the same bits everywhere."""
    if not np.any(base):
        return np.zeros(np.broadcast(base, exponent).shape)
    whole = np.nan_to_num(exponent).astype(np.int64)  # where it is unknown, so is all that it is needed for
    result = np.ones(np.broadcast(base, exponent).shape)
    square = np.asarray(base, dtype=np.float64)
    for bit in range(_BITS):
        result = np.where(whole >> bit & 1, result * square, result)
        square = square * square
    return result
