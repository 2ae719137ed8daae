"""Second copies of datasets: kept where that costs less than the egress it saves, and borne by those who read them."""

from collections.abc import Iterator
from itertools import product

import pytest
from oracle import Oracle
from oracle_pools import PoolOracle
from worlds import Draft, inventory, site, workload, world

from placement.catalog.tables import Catalog, Shape, Tariff
from placement.engine.advise import advise
from placement.engine.explain import explain
from placement.inventory.inventory import Inventory
from placement.plan.model import Line, Plan

SHA = "0" * 64
FLAT = Tariff(((0, 100_000),), "2026", "s1", "")
STORED = Tariff(((0, 20_000),), "2026", "s1", "")


def market() -> Catalog:
    """The dataset's home sells nothing; two clouds sell the same, `lam/2` a little dearer."""
    draft = Draft()
    draft.sites = [
        site("aws/1", "hyperscaler", "ashburn", egress_internet=FLAT, storage=STORED),
        site("lam/1", "gpu_cloud", "berlin", egress_internet=FLAT, storage=STORED),
        site("vol/2", "gpu_cloud", "paris", egress_internet=FLAT, storage=STORED),
    ]
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), 1_000_000)
    draft.offer("vol/2", "a", "on_demand", Shape("A", 1, 1, ""), 1_100_000)
    return draft.catalog()


def wanted(reads: dict[str, float], **dataset: object) -> Inventory:
    images = {"size_gb": 1_000, "home": "aws/1", "changes_gb_per_month": 100} | dataset
    asks = [workload(name, data_in=[{"from": "images", "gb_per_month": gb}]) for name, gb in reads.items()]
    return inventory(asks, datasets={"images": images}, horizon_months=12)


def lines_of(plan: Plan, term: str) -> Iterator[tuple[str, Line]]:
    for one in plan.placements:
        for line in one.lines:
            if line.term == term:
                yield one.workload, line


def test_a_copy_that_pays_is_kept() -> None:
    """By hand: 6,000 GB read at 10 cents are 600; the copy takes 20 + 10 + 8.33, three quarters of it borne by `a`."""
    plan = advise(market(), wanted({"a": 4_500, "b": 1_500}), SHA)
    stored = {name: (line.quantity, line.cost_cents) for name, line in lines_of(plan, "storage")}
    assert stored == {"a": ("750", 1_500), "b": ("250", 500)}
    changes = {name: (line.quantity, line.cost_cents) for name, line in lines_of(plan, "egress")}
    assert changes == {"a": ("75", 750), "b": ("25", 250)}
    moved = dict(lines_of(plan, "moves"))
    # 1,000 GB over 12 months, rounded up: 83.334, of which three quarters are 62.5005.
    assert {name: line.quantity for name, line in moved.items()} == {"a": "62.5", "b": "20.834"}
    once = [(one.kind, one.months, one.amount_cents) for line in moved.values() if (one := line.schedule)]
    assert once == [("once", 12, 7_500), ("once", 12, 2_500)]
    assert plan.summary.monthly_cost_cents == 2 * 73_000 + 2_000 + 1_000 + 625 + 208
    assert any("copy of `images` at lam/1 costs $38.33 a month" in note and "(a, b)" in note for note in plan.notes)
    assert any("the whole costs $561.67 a month less" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("reads", "dataset"),
    [
        ({"a": 380}, {}),  # 38 of egress, 38.33 for the copy
        ({"a": 4_500}, {"changes_gb_per_month": 4_500}),
        ({"a": 4_500}, {"changes_gb_per_month": None}),
        ({"a": 4_500}, {"size_gb": 10_000_000}),
    ],
)
def test_a_copy_that_does_not_pay_is_not_kept(reads: dict[str, float], dataset: dict[str, object]) -> None:
    """Read too little, changed too much, too large; or nobody says how much of it changes."""
    plan = advise(market(), wanted(reads, **dataset), SHA)
    assert not list(lines_of(plan, "moves"))
    assert not any("copy of" in note for note in plan.notes)


def test_a_copy_is_where_its_rules_allow_it() -> None:
    """In France alone: the copy draws its readers there, whose nodes cost 73 more, and all of them bear it."""
    catalog = market()
    draft = wanted({"a": 4_500, "b": 1_500}, residency=["FR", "US"])
    plan = advise(catalog, draft, SHA)
    assert {one.site for one in plan.placements} == {"vol/2"}
    assert any("copy of `images` at vol/2" in note for note in plan.notes)
    copies = {proof.copy: proof.place for proof in plan.placements[0].proofs}
    assert copies == {"compute": "vol/2", "home of images": "aws/1", "copy of images": "vol/2"}


def test_a_copy_may_draw_readers_to_it() -> None:
    """A reader that some other site would suit better goes where the copy is, if that saves."""
    draft = Draft()
    draft.sites = [
        site("aws/1", "hyperscaler", "ashburn", egress_internet=FLAT, storage=STORED),
        site("lam/1", "gpu_cloud", "berlin", egress_internet=FLAT),  # storage is assumed, at 9 cents
        site("vol/2", "gpu_cloud", "paris", egress_internet=FLAT, storage=STORED),
    ]
    draft.offer("lam/1", "a", "on_demand", Shape("A", 1, 1, ""), 1_000_000)
    draft.offer("vol/2", "a", "on_demand", Shape("A", 1, 1, ""), 1_050_000)
    plan = advise(draft.catalog(), wanted({"a": 4_500}), SHA)
    # At lam/1: 730 + 90 + 18.33; at vol/2: 766.50 + 20 + 18.33.
    assert [one.site for one in plan.placements] == ["vol/2"]


def test_plans_with_copies_are_the_cheapest_of_all() -> None:
    """Every set of copies and every choice of places, priced as a whole: none costs less than the plan."""
    catalog = market()
    for reads in ({"a": 4_500, "b": 1_500}, {"a": 900, "b": 90, "c": 9}, {"a": 10, "b": 20}, {"a": 300, "b": 300}):
        asked = wanted(reads)
        total = advise(catalog, asked, SHA).summary.monthly_cost_cents
        oracle = PoolOracle(Oracle(catalog, asked))
        least = min(
            sum(
                part.micro - (int(reads[name] * 100_000) if part.offer.rpartition("/a/")[0] in copies else 0)
                for name, part in zip(reads, plan, strict=True)
            )
            + len(copies) * (20_000_000 + 10_000_000 + 8_333_400)
            for plan in product(*oracle.choices)
            for copies in ((), ("lam/1",), ("vol/2",), ("lam/1", "vol/2"))
        )
        assert abs(total * 10_000 - least) <= 10_000 * (len(reads) * 4), reads


def test_explain_tells_the_same() -> None:
    """The placement of a reader is that of the plan, with its part of the copy."""
    catalog, asked = market(), wanted({"a": 4_500, "b": 1_500})
    plan = advise(catalog, asked, SHA)
    for one in plan.placements:
        assert explain(catalog, asked, one.workload).placement == one


def test_random_worlds_never_lose_by_copies() -> None:
    """Every line verifies, and a plan that may keep copies costs no more than one that may not."""
    kept = 0
    for seed in range(60):
        catalog, plain = world(seed)
        datasets = {
            name: one.model_copy(update={"changes_gb_per_month": (0.0, 10.5, 3_000.0)[seed % 3]})
            for name, one in plain.datasets.items()
        }
        without, plan = (
            advise(catalog, plain.model_copy(update={"datasets": one}), SHA) for one in (plain.datasets, datasets)
        )
        assert plan.summary.placed == without.summary.placed
        assert plan.summary.monthly_cost_cents <= without.summary.monthly_cost_cents + len(plan.placements)
        kept += any(note.startswith("a copy of") for note in plan.notes)
    assert kept > 3
