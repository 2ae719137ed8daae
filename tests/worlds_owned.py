"""Nodes of one's own for random worlds: support, switches, people, residual values, and hardware of some age."""

from __future__ import annotations

from random import Random
from typing import Any

from placement.catalog.tables import Catalog, Fact
from placement.inventory.inventory import Inventory
from placement.inventory.place import OwnHardware, OwnSite

FIGURES = {
    "maintenance_fraction_per_year": (0, 100_000, 123_457),
    "fabric_usd_per_gbit_per_s": (0, 12_260_000, 7_777_777),
    "fabric_gbit_per_s_per_accelerator": (400_000_000, 100_500_000),
    "staff_usd_per_engineer_year": (0, 135_520_000_000, 99_999_990_001),
}
RUNS = {"colo": (256_000_000, 7_500_000), "on_prem": (256_000_000, 3_000_000), "edge": (4_000_000_000, 1_000_000)}
STATED = {
    "staff_usd_per_node_month": (0, 250, 333.333333),
    "maintenance_fraction_per_year": (0, 0.08, 0.123457),
    "network_usd_per_node": (0, 12_000, 777.77),
    "visit_usd": (0, 180.5),
}


def _fact(micro: int, name: str) -> Fact:
    return Fact(micro, name, "2026-01", "s1", "", name, "", assumed=True)


def with_owning(random: Random, catalog: Catalog, inventory: Inventory) -> tuple[Catalog, Inventory]:
    """Both with what nodes of one's own cost beyond their price; nothing of either is taken away."""
    pick = random.choice
    figures = {name: {"": _fact(pick(values), name)} for name, values in FIGURES.items()}
    runs = {tier: _fact(pick(values), "runs") for tier, values in RUNS.items()}
    speeds = (None, _fact(3_200_000_000, "Gbit/s"), _fact(33_300_001, "Gbit/s"))
    cheap = _fact(1_234_567_890, "USD")
    nodes = {
        name: node._replace(link=pick(speeds) if node.fabric else None, replacement=pick((node.replacement, cheap)))
        for name, node in catalog.nodes.items()
    }
    catalog = catalog._replace(
        nodes=nodes, assumptions=catalog.assumptions | figures | {"staff_accelerators_per_engineer": runs}
    )
    policies: dict[str, Any] = {}
    if random.random() < 0.4:
        policies["hardware_residual_fraction"] = pick((0, 0.1, 0.333333))
    sites = {name: _own_site(random, site) for name, site in inventory.sites.items()}
    changed = {"policies": inventory.policies.model_copy(update=policies), "sites": sites}
    return catalog, inventory.model_copy(update=changed)


def _own_site(random: Random, site: OwnSite) -> OwnSite:
    stated: dict[str, Any] = {key: random.choice(values) for key, values in STATED.items() if random.random() < 0.3}
    stated = {key: value for key, value in stated.items() if getattr(site, key) is None}
    return site.model_copy(update={**stated, "hardware": [_aged(random, one) for one in site.hardware]})


def _aged(random: Random, hardware: OwnHardware) -> OwnHardware:
    if hardware.life_months is not None or random.random() < 0.5:
        return hardware
    return hardware.model_copy(update={"age_months": random.choice((0, 1, 17, 47))})
