"""What a replica does of a language model: the roofline's limits, its batches, and what may never make it worse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.engine.work.roofline import (
    MOST_BATCH,
    OVERHEAD_BYTES,
    Replica,
    Served,
    Silicon,
    batch_within,
    replica_of,
    step_s,
    tokens_per_s,
)

GB, GIB = 1e9, 2**30
NEVER = np.array(np.inf)


def served(**changed: float) -> Served:
    """8 GB of dense weights at a byte each, 100 kB of cache a token, 1,000 tokens in and 500 out."""
    plain = {
        "weight_bytes": 8 * GB, "shared_bytes": 8 * GB, "idle_fraction": 0.0, "kv_bytes_per_token": 1e5,
        "active_parameters": 8e9, "layers": 50, "width": 4000, "input_tokens": 1000, "output_tokens": 500,
    } | changed  # fmt: skip
    return Served(**{name: np.array(float(value)) for name, value in plain.items()})


def silicon(**changed: float) -> Silicon:
    """80 GiB, 1 TB/s, 500 TFLOPS, links of 100 GB/s, 10 µs a layer and 5 to begin an exchange."""
    plain = {
        "memory_bytes": 80 * GIB, "read_bytes_per_s": 1e12, "flops": 5e14, "link_bytes_per_s": 1e11, "layer_s": 1e-5,
        "reduce_s": 5e-6, "speed": 1.0,
    } | changed  # fmt: skip
    return Silicon(**{name: np.array(float(value)) for name, value in plain.items()})


def made(model: Served, chip: Silicon, count: float = 1, nodes: float = 1) -> Replica:
    return replica_of(model, chip, np.array(float(count)), np.array(float(nodes)))


def rate(model: Served, chip: Silicon, batch: float, count: float = 1, nodes: float = 1) -> float:
    return float(tokens_per_s(model, made(model, chip, count, nodes), chip.speed, np.array(float(batch))))


def test_a_single_request_is_bound_by_memory() -> None:
    """With endless arithmetic and nothing to launch, a token takes as long as reading the weights: 8 GB at 1 TB/s."""
    chip = silicon(flops=np.inf, layer_s=0)
    assert rate(served(kv_bytes_per_token=1e-9), chip, 1) == pytest.approx(1 / 0.008, rel=1e-12)


def test_many_requests_are_bound_by_arithmetic() -> None:
    """With endless bandwidth a token takes 2 FLOP a parameter, and those of its share of the prompt."""
    model = served(input_tokens=500, width=1e-9)
    chip = silicon(read_bytes_per_s=np.inf, layer_s=0)
    flop = 2 * 8e9 * (1 + 500 / 500)
    for batch in (1, 100, 512):
        assert rate(model, chip, batch) == pytest.approx(5e14 / flop, rel=1e-12)


def test_links_carry_two_exchanges_a_layer() -> None:
    """Only links count: 4·L·(n−1)/n·d·2 bytes a token, of which a prompt has 1,000 and an answer 500."""
    chip = silicon(read_bytes_per_s=np.inf, flops=np.inf, layer_s=0, reduce_s=0)
    seconds = 4 * 50 * 3 / 4 * 4000 * 2 / 1e11
    assert rate(served(), chip, 1, count=4) == pytest.approx(500 / (seconds * 1000 + 500 * seconds), rel=1e-12)
    assert not np.isfinite(rate(served(), silicon(link_bytes_per_s=np.nan), 1, count=2))


def test_one_accelerator_exchanges_nothing() -> None:
    """Of unknown links a single one needs none."""
    assert rate(served(), silicon(link_bytes_per_s=np.nan, reduce_s=np.nan), 8) == rate(served(), silicon(), 8)


@pytest.mark.parametrize(("per_token", "experts"), [(2, 8), (8, 256), (1, 16)])
def test_experts_are_read_as_often_as_a_batch_meets_them(per_token: int, experts: int) -> None:
    """Of a token's k of E experts, B tokens meet 1 − (1 − k/E)^B: simulated by the sum over how many meet none."""
    model = served(shared_bytes=1 * GB, idle_fraction=1 - per_token / experts)
    replica = made(model, silicon())
    for batch in (1, 2, 7, 64, 512):
        untouched = 1.0
        for _ in range(batch):
            untouched *= 1 - per_token / experts
        read = 1 * GB + 7 * GB * (1 - untouched)
        other = float(replica.fixed_s - 1 * GB / 1e12 + batch * replica.request_s)
        step = float(step_s(replica, model.idle_fraction, np.array(float(batch))))
        assert step == pytest.approx(read / 1e12 + other, rel=1e-12)


def test_a_pipeline_holds_more_and_steps_as_one_node_does() -> None:
    """Two nodes of two: twice the memory, twice the batches under way, each as fast as on one node."""
    one, two = made(served(), silicon(), 2), made(served(), silicon(), 2, nodes=2)
    assert (two.fixed_s, two.request_s, two.prefill_s) == (one.fixed_s, one.request_s, one.prefill_s)
    weights, request = 8 * GB, 1500 * 1e5
    assert one.most_batch == min((2 * (80 * GIB - OVERHEAD_BYTES) - weights) // request, MOST_BATCH)
    large = served(kv_bytes_per_token=1e7)
    assert made(large, silicon(), 2, 2).most_batch == (4 * (80 * GIB - OVERHEAD_BYTES) - weights) // (1500 * 1e7 * 2)


figures = st.floats(0.05, 20)
counts = st.sampled_from([1, 2, 4, 8])


@settings(deadline=None, derandomize=True)
@given(figures, figures, figures, counts, st.floats(0, 0.99), st.integers(1, MOST_BATCH - 1))
def test_more_at_once_is_never_less(
    read: float, flops: float, link: float, count: int, idle: float, batch: int
) -> None:
    """Tokens per second never fall as the batch grows, of experts neither."""
    model = served(shared_bytes=1 * GB, idle_fraction=idle)
    chip = silicon(read_bytes_per_s=read * 1e12, flops=flops * 1e14, link_bytes_per_s=link * 1e10)
    assert rate(model, chip, batch + 1, count) >= rate(model, chip, batch, count) * (1 - 1e-12)


@settings(deadline=None, derandomize=True)
@given(figures, figures, counts, st.floats(0.001, 3), st.floats(0.001, 0.2), st.floats(0, 0.99), st.floats(0.5, 2))
def test_the_batch_is_the_largest_that_keeps_what_is_asked(
    read: float, flops: float, count: int, ttft: float, tpot: float, idle: float, speed: float
) -> None:
    """By trying all of them; 0 where even one request alone is too slow."""
    model = served(shared_bytes=2 * GB, idle_fraction=idle)
    chip = silicon(read_bytes_per_s=read * 1e12, flops=flops * 1e14)
    replica = made(model, chip, count)
    kept = [0]
    for batch in range(1, int(replica.most_batch) + 1):
        step = float(step_s(replica, model.idle_fraction, np.array(float(batch))))
        first, each = float(replica.prefill_s) + step, step + batch * float(replica.prefill_s) / 500
        if first <= ttft * speed and each <= tpot * speed:
            kept.append(batch)
    assert kept == list(range(len(kept))), "a larger batch is slower for everybody"
    found = batch_within(model, replica, np.array(speed), np.array(ttft), np.array(tpot))
    assert int(found) == kept[-1]


def test_without_slos_memory_decides() -> None:
    """And at most so many as were measured."""
    for cache, count in ((1e4, 512), (1e7, 5), (1e8, 0)):
        replica = made(served(kv_bytes_per_token=cache), silicon())
        assert int(batch_within(served(), replica, np.array(1.0), NEVER, NEVER)) == count


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(["read_bytes_per_s", "flops", "link_bytes_per_s", "memory_bytes", "speed"]), counts, figures)
def test_better_silicon_never_does_less(name: str, count: int, times: float) -> None:
    """Of what every accelerator has more of."""
    more = 1 + times
    plain, better = silicon(), silicon(**{name: float(getattr(silicon(), name)) * more})

    def most(chip: Silicon) -> float:
        replica: Any = made(served(kv_bytes_per_token=3e6), chip, count)
        batch = batch_within(served(kv_bytes_per_token=3e6), replica, chip.speed, np.array(2.0), np.array(0.1))
        return rate(served(kv_bytes_per_token=3e6), chip, float(batch), count)

    assert most(better) >= most(plain) * (1 - 1e-12)
