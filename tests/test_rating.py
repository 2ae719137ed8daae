"""Ratios of measured throughput: their spread, how they are stated, and the choices they leave close."""

import pytest
from worlds import Draft, inventory, node, site, workload

from placement.catalog.tables import Ratio, Shape
from placement.engine.advise import advise
from placement.plan.model import Plan

SHA = "0" * 64
A, B = Shape("A", 1, 1, ""), Shape("B", 1, 1, "")
BASE, TWICE = (1000, 900, 1250), (2000, 1500, 2400)


def row(milli: int, p10: int, p90: int) -> Ratio:
    return Ratio(milli, p10, p90, 1, "2026", "s1")


def advised(
    base: tuple[int, int, int] = BASE,
    other: tuple[int, int, int] = TWICE,
    price: int = 12_000_000,
    count: int = 8,
    classes: int = 1,
) -> Plan:
    """`A` for $10 an hour, `B`, twice as fast, for less than twice as much."""
    draft = Draft(sites=[site("lam/1"), site("aws/1", "hyperscaler")])
    draft.offer("lam/1", "a", "on_demand", A, price=10_000_000)
    draft.offer("lam/1", "b", "on_demand", B, price=price)
    names = [f"class{number}" for number in range(classes)]
    ratios = {name: {"A": row(*base), "B": row(*other)} for name in names}
    demand = {"count": count, "memory_gib": 10}
    asked = [workload(f"w-{name}", demand=demand | {"throughput_class": name}) for name in names]
    return advise(draft.catalog()._replace(ratios=ratios), inventory(asked), SHA)


def test_both_measurements_vary() -> None:
    """2.0 of 1.0: at worst 1.5 of 1.25 = 1.2, at best 2.4 of 0.9 = 2.667."""
    rating = advised().placements[0].rating
    assert rating is not None
    assert (rating.ratio, rating.low, rating.high, rating.one_measurement) == ("2.000", "1.200", "2.667", False)


@pytest.mark.parametrize(
    ("base", "other", "text"),
    [
        (BASE, TWICE, "class0 relative to A: B × 2.000 (1.200–2.667)"),
        # The unit of all ratios is 1 by definition; `B` was measured once.
        ((1000, 1000, 1000), (2000, 2000, 2000), "class0 relative to A: B × 2.000 (one measurement)"),
        ((1000, 1000, 1000), TWICE, "class0 relative to A: B × 2.000 (1.500–2.400)"),
        # `A` was measured once: the spread is only that of `B`.
        ((500, 500, 500), (1000, 900, 1100), "class0 relative to A: B × 2.000 (1.800–2.200, one measurement)"),
    ],
)
def test_a_ratio_is_stated_with_class_and_reference(base, other, text: str) -> None:
    """Against what, for which work, how far it spreads, and whether that means anything."""
    (stated,) = [one for one in advised(base, other).assumptions if one.name == "throughput_ratio"]
    assert stated.text == f"work per accelerator, with p10–p90 of the measurements: {text}"


def test_ratios_that_are_not_stated_are_counted() -> None:
    """Six are named, the others counted."""
    (stated,) = [one for one in advised(classes=8).assumptions if one.name == "throughput_ratio"]
    assert stated.text.count("B × 2.000") == 6
    assert stated.text.endswith(" and 2 more")


@pytest.mark.parametrize(
    ("price", "count", "runner_up"),
    [
        # 8 A = 80 an hour, 4 B = 48. At 1.2: 7 B = 84 at $12, 77 at $11
        (12_000_000, 8, "lam/1/a/on_demand"),
        (11_000_000, 8, ""),
        # 12 A = 120, 6 B = 72; at 1.2 10 B = 120: as cheap is close
        (12_000_000, 12, "lam/1/a/on_demand"),
    ],
)
def test_close_calls(price: int, count: int, runner_up: str) -> None:
    """What would cost no more if the chosen accelerator did only the work of its low end."""
    plan = advised(price=price, count=count)
    assert plan.placements[0].layers[0].accelerator == "B"
    assert plan.placements[0].close_call == runner_up
    named = [note for note in plan.notes if note.startswith("close calls")]
    assert [note.partition(": ")[2] for note in named] == ([f"w-class0 ({runner_up})"] if runner_up else [])


def test_what_others_hold_is_no_runner_up() -> None:
    """One B for $8,760 against two own nodes for about $12,400; at its low end two B for $17,520."""
    draft = Draft(sites=[site("lam/1")], nodes=[node("n1", count=1, accelerator="A")])
    draft.offer("lam/1", "b", "on_demand", B, price=12_000_000)
    own = {"tier": "on_prem", "location": "berlin", "power_kw": 1000, "may_buy": False}
    own |= {"hardware": [{"node": "n1", "nodes": 2, "capex_usd": 150_000}]}
    first = workload("first", offline=True, users=[{"location": "berlin"}])
    second = workload("second", demand={"count": 2, "memory_gib": 10, "throughput_class": "c"})
    catalog = draft.catalog()._replace(ratios={"c": {"A": row(*BASE), "B": row(*TWICE)}})
    for asked, runner_up in (([second], "own/hq/existing-n1/owned"), ([first, second], "")):
        plan = advise(catalog, inventory(asked, sites={"hq": own}), SHA)
        assert plan.placements[-1].layers[0].accelerator == "B"
        assert plan.placements[-1].close_call == runner_up
