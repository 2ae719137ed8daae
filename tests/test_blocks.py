"""Capacity blocks: whole days and steps by hand, and against the oracle where nothing else may be bought."""

from collections import Counter

import numpy as np
import pytest
from test_oracle import agree
from worlds_work import work_world

from placement.engine.blocks import BlockTerms, charged_hours_milli


def test_hours_are_paid_by_whole_days_then_in_steps() -> None:
    """Up to 14 days one by one, beyond them by the week; of a whole month its 730 hours."""
    hours = (0, 0.001, 24, 24.001, 335.999, 336, 336.001, 504, 504.001, 672, 672.001, 730)
    paid = charged_hours_milli(BlockTerms(14, 7), np.round(np.array(hours) * 1000)) / 1000
    assert paid.tolist() == [0, 24, 24, 48, 336, 336, 504, 504, 672, 672, 730, 730]
    assert charged_hours_milli(BlockTerms(3, 5), np.array([72_000, 72_001, 120_001])).tolist() == [
        72_000, 120_000, 240_000,
    ]  # fmt: skip


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_training_on_blocks_alone(first: int) -> None:
    """With no other way to buy: the same offers, costs and rejections; only training has a place."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + 12):
        catalog, wanted = work_world(seed)
        policies = wanted.policies.model_copy(update={"allowed_purchase_models": ["capacity_block"]})
        seen.update(agree(catalog, wanted.model_copy(update={"policies": policies})))
    assert {"capacity_block", "block", "in_one_go"} <= set(seen)
