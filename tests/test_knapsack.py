"""Who keeps what does not suffice for all: proven against trying every set."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from worlds import Draft, inventory, node, site, workload

from placement.catalog.tables import Shape
from placement.engine import shared
from placement.engine.advise import advise
from placement.engine.knapsack import most_valuable
from placement.engine.shared import keepers

SHA = "0" * 64


def best_value(sizes: list[int], values: list[int], room: int) -> int:
    """The most that fits, by trying all sets."""
    sets = product([0, 1], repeat=len(sizes))
    worth = [
        sum(value for value, one in zip(values, chosen, strict=True) if one)
        for chosen in sets
        if sum(size for size, one in zip(sizes, chosen, strict=True) if one) <= room
    ]
    return max(worth)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Small and large numbers, ties, things without size or value, values in proportion to sizes."""
    draw = np.random.default_rng(seed)
    count = int(draw.integers(1, 11))
    sizes = draw.integers(0, int(draw.choice([3, 10, 1000, 10**9])) + 1, count)
    values = draw.integers(0, int(draw.choice([2, 5, 10**12])), count)
    if draw.random() < 0.3:
        values = sizes * int(draw.integers(1, 5)) + int(draw.integers(0, 2))
    return sizes, values, int(draw.integers(0, sizes.sum() + 2))


@pytest.mark.parametrize("seed", range(300))
def test_the_set_is_the_best(seed: int) -> None:
    """It fits, no other is worth more, and the same question has the same answer."""
    sizes, values, room = drawn(seed)
    found = most_valuable(sizes, values, room)
    assert sizes[found.kept_x].sum() <= room
    assert (values[found.kept_x].sum(), found.gap) == (best_value(sizes.tolist(), values.tolist(), room), 0)


@pytest.mark.parametrize("seed", range(300))
def test_where_sums_are_too_many_the_gap_is_honest(seed: int) -> None:
    """Cut off at once, the set still fits, is worth at least half the best, and no more is lost than is said."""
    sizes, values, room = drawn(seed)
    found = most_valuable(sizes, values, room, max_sums=0)
    value, best = int(values[found.kept_x].sum()), best_value(sizes.tolist(), values.tolist(), room)
    assert sizes[found.kept_x].sum() <= room
    assert value <= best <= value + found.gap
    assert 2 * value >= best


def test_a_large_problem_of_much_the_same_things_is_still_proven() -> None:
    """5,000 things, whatever they are measured in: the unit does not matter."""
    draw = np.random.default_rng(1)
    sizes, values = draw.integers(1, 200, 5000) * 102_000, draw.integers(1, 10**10, 5000)
    room = int(sizes.sum()) // 3
    found = most_valuable(sizes, values, room)
    again = most_valuable(sizes // 102_000, values, room // 102_000)
    assert found.gap == again.gap == 0
    assert values[found.kept_x].sum() == values[again.kept_x].sum()


def test_whoever_has_nowhere_else_to_go_comes_first() -> None:
    """One such workload outweighs any losses of the others; of several as many as fit."""
    claims = {0: 2.0, 1: 2.0, 2: 1.0, 3: 1.0}
    huge = {0: 9e15, 1: 8e15, 2: float("inf"), 3: float("inf")}
    assert keepers(claims, huge, 3.0, list("abcd")) == ({2, 3}, None)
    # Four nodes: the two, and nobody of two more; five: the dearer of the others as well.
    assert keepers(claims, huge, 3.9, list("abcd")) == ({2, 3}, None)
    assert keepers(claims, huge, 4.0, list("abcd")) == ({0, 2, 3}, None)
    assert keepers(claims, huge, 1.0, list("abcd")) == ({2}, None)


def test_sums_too_large_to_count_are_not_called_proven() -> None:
    """300 workloads that must stay and two of $9 bn a month each: together beyond what is counted by micro-dollars."""
    claims, ids = dict.fromkeys(range(302), 1.0), [f"{number:03}" for number in range(302)]
    losses = {number: 9e15 if number < 2 else float("inf") for number in claims}
    kept, gap = keepers(claims, losses, 301.0, ids)
    assert kept == {0, *range(2, 302)}
    assert gap is not None
    assert 302 <= gap.micro < 302 * 1000
    assert not gap.places


def test_a_split_that_is_not_proven_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four nodes for workloads that need 3, 2 and 2 and lose in proportion: cut off, the first keeps its three."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1)])
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), price=1_000_000)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False, "usd_per_kwh": 0.0}
    own |= {"hardware": [{"node": "n1", "nodes": 4, "capex_usd": 0}]}
    asks = [workload(name, demand={"count": count}) for name, count in (("a", 3), ("b", 2), ("c", 2))]
    wanted = inventory(asks, sites={"hq": own})
    best = advise(draft.catalog(), wanted, SHA)
    assert [one.tier for one in best.placements] == ["gpu_cloud", "on_prem", "on_prem"]
    assert not [note for note in best.notes if "prove" in note]
    monkeypatch.setattr(shared, "most_valuable", partial(most_valuable, max_sums=0))
    cut = advise(draft.catalog(), wanted, SHA)
    assert [one.tier for one in cut.placements] == ["on_prem", "gpu_cloud", "gpu_cloud"]
    (note,) = [note for note in cut.notes if "prove" in note]
    sums = [sum(one.monthly_cost_cents or 0 for one in plan.placements) for plan in (best, cut)]
    assert note == (
        "too many workloads want own/hq/existing-n1/owned to prove who should have it: "
        f"another split might save up to ${(sums[1] - sums[0]) // 100} a month"
    )
