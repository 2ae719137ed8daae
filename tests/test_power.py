"""Power: the third article's arithmetic of 1,000 accelerators, the two kinds of limit, and what a plan states of it.

The article reckons with 700–1,000 W for each of 1,000 GPUs, 700 kW–1 MW in all, and × 1.2–1.5 with cooling. Its unit is
the card. A node holds eight of them and draws more than they do: at most 1,275 W per H100 and 1,788 W per B200.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from placement.catalog.tables import Catalog
from placement.cli.commands import load
from placement.engine.advise import advise
from placement.engine.explain import explain
from placement.inventory.inventory import Inventory
from placement.plan.model import Placement
from placement.report.explain import render_explanation

ROOT = Path(__file__).resolve().parents[1]


@cache
def shipped() -> Catalog:
    return load(ROOT / "examples" / "minimal.yaml", [], shipped=True)[1]


def hall(model: str, count: int, workloads: int = 1, tier: str = "on_prem", **site: Any) -> Inventory:
    """A hall of one's own, and workloads of so many accelerators that may go nowhere else."""
    demand = {"accelerators": {"model": model, "count": count, "hours_per_month": 730}}
    return Inventory.model_validate(
        {
            "schema_version": 1,
            "name": "power",
            "locations": {"hall": {"city": "Frankfurt"}},
            "sites": {"hall": {"tier": tier, "location": "hall", **site}},
            "policies": {"allowed_providers": []},
            "workloads": [{"id": f"w{number}", "kind": "training", "demand": demand} for number in range(workloads)],
        }
    )


def place(model: str, count: int, **site: Any) -> Placement:
    return advise(shipped(), hall(model, count, **site), "0" * 64).placements[0]


@pytest.mark.parametrize(
    ("model", "contracted", "used", "grid"),
    [("H100-SXM", "1275", "956.25", "1811"), ("B200", "1787.5", "1340.625", "2538")],
)
def test_a_thousand_accelerators(model: str, contracted: str, used: str, grid: str) -> None:
    """Claim: 700 kW–1 MW on compute. 125 nodes of eight draw 1,275 or 1,788 kW at most, 956 or 1,341 at work.

    At work that is the article's figure for B200 × 1.34 and for H100 × 1.37: processors, memory and fans of the nodes.
    """
    layer = place(model, 1000, power_kw=5000, pue=1.42).layers[0]
    assert (layer.nodes, layer.power_kw, layer.used_kw) == (125, contracted, used)
    assert float(layer.grid_kw) == pytest.approx(float(grid), abs=1)
    claimed = {"H100-SXM": 700, "B200": 1000}[model]
    assert 1.3 < float(used) / claimed < 1.4


def test_cooling_takes_a_fifth_to_a_half_more() -> None:
    """Claim: × 1.2–1.5. The node's power in, at the PUE of 1.2 and of 1.5 a thousand H100 take 1,530 and 1,912.5 kW."""
    grid = [place("H100-SXM", 1000, power_kw=5000, pue=pue).layers[0].grid_kw for pue in (1.2, 1.5)]
    assert grid == ["1530", "1912.5"]


def test_a_megawatt_does_not_feed_a_thousand() -> None:
    """The article's 1 MW of compute feed 98 nodes, 784 H100: one more is not placed, and what is missing is said."""
    assert place("H100-SXM", 784, power_kw=1000).layers[0].power_kw == "999.6"
    beyond = place("H100-SXM", 785, power_kw=1000)
    assert beyond.status == "unplaced"
    assert "raise the site's `power_kw` to 1009.8" in {one.change for one in beyond.relaxations}


def test_a_feed_is_shared_with_the_cooling() -> None:
    """1,500 kW from the grid at a PUE of 1.5 are 1,000 kW for nodes: the same 98, and the feed is what has to grow."""
    assert place("H100-SXM", 784, grid_power_kw=1500, pue=1.5).layers[0].grid_kw == "1499.4"
    beyond = place("H100-SXM", 785, grid_power_kw=1500, pue=1.5)
    assert "raise the site's `grid_power_kw` to 1514.7" in {one.change for one in beyond.relaxations}
    assert place("H100-SXM", 785, grid_power_kw=1514.7, pue=1.5).status == "placed"
    # Without a PUE of its own the catalog's 1.56 holds: 1,500 ÷ 1.56 = 961.5 kW feed 94 nodes.
    assert place("H100-SXM", 752, grid_power_kw=1500).status == "placed"
    assert place("H100-SXM", 753, grid_power_kw=1500).status == "unplaced"


def test_colocation_contracts_the_most_and_uses_less() -> None:
    """Rent is paid for the contracted 102 kW of ten nodes, energy for the 76.5 kW they use × 1.56 × 730 h."""
    placement = place("H100-SXM", 80, tier="colo", power_kw=200, usd_per_kw_month=190)
    layer, lines = placement.layers[0], {line.label: line for line in placement.lines}
    assert (layer.power_kw, layer.used_kw, layer.grid_kw) == ("102", "76.5", "159.12")
    assert lines["space and cooling, contracted power"].quantity == "102"
    assert float(lines["electricity"].quantity) == pytest.approx(76.5 * 1.56 * 730, abs=0.1)


def test_explain_shows_the_sum() -> None:
    """Step by step, with the limit and what others draw."""
    explanation = explain(shipped(), hall("H100-SXM", 80, workloads=2, grid_power_kw=330, pue=1.5), "w0")
    steps = dict(explanation.power)
    assert steps["contracted"] == "10 nodes × 10.2 kW = 102 kW, the most they draw"
    assert steps["used"] == "× 0.75 = 76.5 kW while they work"
    assert steps["from the grid"] == "102 kW × 1.5 (PUE) = 153 kW with cooling"
    assert steps["limit"] == (
        "the site (330 kW of grid power) feeds nodes with 220 kW: this workload 102 kW, others 102 kW"
    )
    assert "from the grid" in "".join(render_explanation(explanation, (100, False)))


def test_rented_nodes_have_no_power() -> None:
    inventory = hall("H100-SXM", 8, power_kw=1)
    policies = inventory.policies.model_copy(update={"allowed_providers": ["crusoe"]})
    explanation = explain(shipped(), inventory.model_copy(update={"policies": policies}), "w0")
    assert explanation.placement.provider == "crusoe"
    assert (explanation.placement.layers[0].power_kw, explanation.placement.layers[0].grid_kw) == ("", "")
    assert explanation.power == ()
