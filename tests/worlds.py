"""Small random worlds: a catalog and an inventory that together hold everything that can go wrong.

One seed, one world, on every machine. Values come from short lists, so that ties are common.
"""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from worlds_flows import with_devices, with_flows, with_tariffs
from worlds_network import RTT_FIGURES, with_network
from worlds_owned import with_owning
from worlds_rules import CLASSES, RULES, with_bindings, with_rules

from placement.catalog.load import load_catalog
from placement.catalog.measured import Measured, Measurements
from placement.catalog.network import NO_NETWORK, Network
from placement.catalog.offers import Offers
from placement.catalog.tables import (
    AVAILABILITIES,
    BASES,
    HOSTINGS,
    Catalog,
    City,
    Fact,
    Node,
    Ratio,
    Shape,
    Site,
    Tariff,
)
from placement.catalog.work import Accelerator, Mfu, Model, Roofline
from placement.inventory.inventory import Inventory
from placement.inventory.names import Names
from placement.inventory.redundancy import Redundancy
from placement.words import PAYMENTS, PURCHASES

SHIPPED = Path(__file__).resolve().parents[1] / "catalogs"

POINTS = {
    "berlin": ("DE", 52.52, 13.405),
    "paris": ("FR", 48.8566, 2.3522),
    "zurich": ("CH", 47.3769, 8.5417),
    "ashburn": ("US", 39.0438, -77.4874),
    "tokyo": ("JP", 35.6762, 139.6503),
}
GROUPS = {"EU": ["DE", "FR"], "ADEQUATE": ["CH", "JP"]}
MEMORY = {"A": 80.0, "B": 48.0, "C": 141.0, "D": None, "E": 24.0}
ALIASES = {"A-alias": "A", "B-alias": "B"}
RATIOS = {"train": {"A": 1000, "B": 1000, "C": 1733, "D": 1000}, "serve": {"A": 800, "B": 413, "C": 2100, "E": 97}}
CERTIFICATIONS = ("SOC 2", "ISO 27001")
PRICES = (0, 1_000_000, 1_000_000, 2_000_000, 2_499_999, 3_333_333, 98_320_001)
VOLUMES = (0, 0.001, 12.345, 500, 10_240, 12_000.5, 61_440.123, 400_000)
TIERED = (((0, 90_000), (10_240_000, 85_000), (51_200_000, 50_001)), ((0, 0), (100_000_000, 7)), ((0, 120_001),))
STORED = (((0, 23_000), (51_200_000, 22_000)), ((0, 20_001),), ((0, 0),))


def fact(micro: int, unit: str = "", source: str = "s1", assumed: bool = False) -> Fact:
    return Fact(micro, unit, "2026-01", source, "", "", "", assumed)


@dataclass
class Draft:
    """A catalog under construction."""

    sites: list[Site] = field(default_factory=list)
    rows: list[tuple[str, str, str, Shape, int, str, str, str, int, int]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    assumptions: dict[str, dict[str, Fact]] = field(default_factory=dict)
    electricity: dict[str, Fact] = field(default_factory=dict)
    network: Network = NO_NETWORK
    silicon: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By accelerator what else is known of it."""
    models: list[Model] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    roofline: list[Roofline] = field(default_factory=list)
    training: list[Mfu] = field(default_factory=list)

    def offer(self, site: str, sku: str, purchase: str, shape: Shape, price: int = 1_000_000,
              hosting: str = "secure", availability: str = "listed", payment: str = "",
              upfront: int = 0, months: int = 0) -> None:  # fmt: skip
        shape = shape._replace(shared=hosting == "serverless")
        self.rows.append((site, sku, purchase, shape, price, hosting, availability, payment, upfront, months))

    @staticmethod
    def _rank(order: dict[str, int]):
        return lambda row: (order[row[0]], row[1], PURCHASES.index(row[2]), PAYMENTS.index(row[7]), row[9])

    def catalog(self) -> Catalog:
        sites = sorted(self.sites, key=lambda site: site.id)
        order = {site.id: number for number, site in enumerate(sites)}
        rows = sorted(self.rows, key=self._rank(order))
        strings = sorted({"", "s1", "2026-01", *(row[1] for row in rows)})
        shapes = list(dict.fromkeys(row[3] for row in rows))
        listed = BASES.index("list")
        stated = (listed, *(strings.index(text) for text in ("2026-01", "s1", "")))
        numbers = [
            (order[site], shapes.index(shape), strings.index(sku), PURCHASES.index(purchase), price,
             HOSTINGS.index(hosting), AVAILABILITIES.index(available), *stated, PAYMENTS.index(payment), months,
             upfront, -1, price, upfront)
            for site, sku, purchase, shape, price, hosting, available, payment, upfront, months in rows
        ]  # fmt: skip
        columns = np.array(numbers, dtype=np.int64).reshape(len(rows), len(Offers._fields))
        return Catalog(
            name="random",
            as_of="2026-01",
            digest="0" * 64,
            sources={"s1": ("a source", "CC0")},
            providers={site.provider: site.provider for site in sites},
            accelerators={
                name: Accelerator(name, gib, "2026", "s1", **self.silicon.get(name, {})) for name, gib in MEMORY.items()
            },
            aliases=dict(ALIASES),
            ratios={
                group: {name: Ratio(milli, milli, milli, 1, "2026", "s1") for name, milli in rows.items()}
                for group, rows in RATIOS.items()
            },
            nodes={node.id: node for node in self.nodes},
            assumptions=self.assumptions or assumed(),
            cities={name: [City(name, *point)] for name, point in POINTS.items()},
            groups=GROUPS,
            electricity=self.electricity,
            sites=sites,
            shapes=shapes,
            strings=strings,
            offers=Offers(*(np.ascontiguousarray(column) for column in columns.T)),
            network=self.network,
            rules=RULES,
            classes=CLASSES,
            models={model.id: model for model in self.models},
            model_aliases={alias: model.id for model in self.models for alias in model.aliases},
            measured=Measurements.made_of(self.measured),
            roofline={(row.vendor, row.accelerator, row.precision): row for row in self.roofline},
            training={(row.accelerator, row.precision, row.kind): row for row in self.training},
        )


def assumed(**changed: int) -> dict[str, dict[str, Fact]]:
    """Every figure the engine may ask for, in millionths; *changed* overrides those for all tiers."""
    plain = {
        "discount_rate_fraction_per_year": 80_000, "owned_life_months": 60_000_000, "owned_residual_fraction": 0,
        "lease_term_months": 36_000_000, "lease_rate_fraction_per_year": 100_000,
        "accelerator_failures_per_year": 90_800, "power_load_fraction": 750_000, "energy_usd_per_kwh": 352_800,
        "visit_usd": 400_000_000, "procurement_lead_time_weeks": 12_000_000, "dual_running_months": 1_000_000,
        "maintenance_fraction_per_year": 0, "fabric_usd_per_gbit_per_s": 0,
        "fabric_gbit_per_s_per_accelerator": 400_000_000, "staff_usd_per_engineer_year": 0,
        "staff_accelerators_per_engineer": 256_000_000,
        "spot_mean_up_hours": 4_080_000, "spot_gang_mean_up_hours": 1_700_000, "spot_restart_hours": 200_000,
        "spot_checkpoint_hours": 50_000, "spot_gang_nodes": 16_000_000,
        "rental_price_change_fraction_per_year": 0, "spot_available_fraction": 720_000,
        "spot_gang_available_fraction": 410_000, "checkpoint_gb_per_s": 970_000,
        "block_daily_days": 3_000_000, "block_step_days": 5_000_000,
        "memory_usable_fraction": 900_000, "rtt_intercept_ms": 5_150_000,
        "rtt_ms_per_km": 15_760, "rtt_floor_ms_per_km": 10_000, "rtt_same_place_ms": 500_000,
        "rtt_p95_over_p50_ratio": 1_191_000, "stale_price_days": 180_000_000, "link_usable_fraction": 700_000,
        "slow_move_days": 7_000_000, "serving_wait_fraction": 50_000, "roofline_moe_low_ratio": 500_000,
        "roofline_moe_high_ratio": 2_000_000, "scaling_fraction_per_doubling": 962_000,
        "mtbf_accelerator_hours": 50_677_000_000,
        "training_restart_hours": 200_000, "lora_trainable_fraction": 10_000,
        "serving_utilization_fraction": 700_000, "serving_requests_at_once": 32_000_000,
        "tight_memory_fraction": 60_000,
        "serving_measured_low_ratio": 800_000,
        "serving_measured_high_ratio": 1_200_000, "serving_measured_moe_low_ratio": 700_000,
        "serving_measured_moe_high_ratio": 1_400_000,
    } | RTT_FIGURES | changed  # fmt: skip
    tiers = ("hyperscaler", "gpu_cloud", "colo", "on_prem", "edge")
    by_tier = {
        "pue": (1_200_000, 1_200_000, 1_350_000, 1_560_000, 1_560_000),
        "egress_usd_per_gb": (190_000, 60_000, 60_001, 0, 50_000),
        "egress_same_provider_usd_per_gb": (181_000, 60_000, 60_000, 0, 50_000),
        "storage_usd_per_gb_month": (35_000, 90_000, 90_000, 90_000, 90_000),
        "facility_usd_per_kw_month": (0, 0, 450_000_000, 0, 0),
        "cross_connect_usd_per_month": (0, 0, 322_000_000, 0, 0),
        "max_power_kw": (0, 0, 60_000_000, 0, 0),
    }
    found = {name: {"": fact(micro, name, assumed=True)} for name, micro in plain.items()}
    for name, values in by_tier.items():
        found[name] = {tier: fact(micro, name, assumed=True) for tier, micro in zip(tiers, values, strict=True)}
    return found


def site(identity: str, tier: str = "gpu_cloud", place: str | None = "berlin", **changed: Any) -> Site:
    """A catalog site with everything known and nothing special."""
    country, latitude, longitude = POINTS[place] if place else (None, None, None)
    plain = Site(identity, identity.partition("/")[0], tier, identity, country, None, latitude, longitude, "general",
                 {}, None, None, None, {})  # fmt: skip
    return plain._replace(**changed)


def node(identity: str, accelerator: str = "A", count: int = 8, **changed: Any) -> Node:
    """A node with everything known."""
    plain = Node(identity, identity, accelerator, count, ("on_prem", "colo", "edge"), fact(100_000_000_000),
                 fact(10_200_000), fact(9_000_000_000), "fabric")  # fmt: skip
    return plain._replace(**changed)


def model(identity: str = "m", **changed: Any) -> Model:
    """A dense language model of 8 bn parameters with everything known."""
    plain = Model(identity, identity, "llm", "", 8.0, 8.0, 8.0, 32, 4096, 8, 128, None, None, None, "fp8", 131_072, (),
                  "2026", "s1", "")  # fmt: skip
    return plain._replace(**changed)


def workload(identity: str = "w", **changed: Any) -> dict[str, Any]:
    """A workload of one accelerator `A`, always on."""
    demand = {"model": "A", "count": 1, "hours_per_month": 730} | changed.pop("demand", {})
    return {"id": identity, "kind": "batch", "demand": {"accelerators": demand}, **changed}


def inventory(workloads: list[dict[str, Any]], **changed: Any) -> Inventory:
    """An inventory around *workloads*, with a location per known point and one nobody can find."""
    locations = {name: {"city": name} for name in POINTS} | {"nowhere": {"country": "BR"}}
    plain = {"schema_version": 1, "name": "random", "locations": locations, "workloads": workloads}
    return Inventory.model_validate(plain | changed)


def world(seed: int) -> tuple[Catalog, Inventory]:
    """The world of one seed."""
    random, rules, moving = Random(seed), Random(f"rules {seed}"), Random(f"flows {seed}")
    catalog = with_rules(rules, random_catalog(random))
    wanted = with_bindings(rules, catalog, random_inventory(random, catalog, list(MEMORY), list(RATIOS)))
    catalog = with_tariffs(moving, catalog)
    catalog, wanted = with_network(Random(f"network {seed}"), catalog, with_flows(moving, catalog, wanted))
    catalog, wanted = with_devices(Random(f"devices {seed}"), catalog, wanted)
    catalog, wanted = with_owning(Random(f"owning {seed}"), catalog, wanted)
    return catalog, _unbroken(catalog, wanted)


def _unbroken(catalog: Catalog, wanted: Inventory) -> Inventory:
    """Without rules of datasets whose homes have come to break them: such an inventory is refused."""
    if not any(True for _ in Names(wanted, catalog).bounds.of_datasets()):
        return wanted
    free: dict[str, list[str]] = {"classes": [], "jurisdictions": [], "residency": []}
    datasets = {name: one.model_copy(update=free) for name, one in wanted.datasets.items()}
    return wanted.model_copy(update={"datasets": datasets})


def shipped_world(seed: int, workloads: int) -> tuple[Catalog, Inventory]:
    """The shipped catalog under a random inventory."""
    catalog = load_catalog([SHIPPED], None)
    models = ["H100-SXM", "A100-SXM-80GB", "H200-SXM", "L4", "L40S", "B200", "MI300X"]
    inventory = random_inventory(Random(seed), catalog, models, list(catalog.ratios), workloads)
    return catalog, with_flows(Random(f"flows {seed}"), catalog, inventory)


def random_catalog(random: Random) -> Catalog:
    draft = Draft(assumptions=assumed(
        owned_residual_fraction=random.choice((0, 100_000)),
        lease_rate_fraction_per_year=random.choice((0, 100_000)),
        rtt_ms_per_km=random.choice((15_760, 4_000)),
    ))  # fmt: skip
    draft.electricity = {"DE": fact(269_500), "US-VA": fact(89_200), "US": fact(86_800)}
    for name, count in (("n-a8", 8), ("n-a4", 4), ("n-b2", 2), ("n-d8", 8)):
        draft.nodes.append(node(
            name, {"a": "A", "b": "B", "d": "D"}[name[2]], count,
            tiers=random.choice((("on_prem", "colo"), ("colo",), ("on_prem", "edge", "colo"))),
            capex=random.choice((None, fact(317_000_000_000), fact(20_000_000_000), fact(1_000_000_007))),
            max_power_kw=random.choice((None, fact(10_200_000), fact(1_337_000), fact(60_000))),
            replacement=random.choice((None, fact(30_000_000_000))),
            fabric=random.choice(("", "fabric")),
        ))  # fmt: skip
    for provider, tier, count in (("aws", "hyperscaler", 3), ("lam", "gpu_cloud", 2), ("eqx", "colo", 2)):
        for number in range(random.randint(1, count)):
            random_site(random, draft, f"{provider}/{number}", tier)
    return draft.catalog()


def random_site(random: Random, draft: Draft, identity: str, tier: str) -> None:
    place = random.choice([*POINTS, None])
    pick = random.choice
    facility = {
        "usd_per_kw_month": fact(280_000_000), "pue": fact(1_290_000), "usd_per_kwh": fact(123_457),
        "cross_connect_usd_per_month": fact(250_000_000), "max_power_kw": fact(pick((25_000_000, 9_000_000))),
    }  # fmt: skip
    kept = {item: value for item, value in facility.items() if tier == "colo" and random.random() < 0.5}
    found = site(
        identity, "edge" if random.random() < 0.15 else tier, place,
        subdivision="VA" if place == "ashburn" and random.random() < 0.5 else None,
        access=pick(("general",) * 10 + ("government", "china")),
        certifications={name: pick(("audited", "claimed")) for name in CERTIFICATIONS if random.random() < 0.7},
        egress_internet=pick((None, *(Tariff(tiers, "2026", "s1", "") for tiers in TIERED))),
        egress_same_provider=pick((None, Tariff(((0, 20_000),), "2026", "s1", ""))),
        storage=pick((None, *(Tariff(tiers, "2026", "s1", "") for tiers in STORED))),
        facility=kept,
    )  # fmt: skip
    draft.sites.append(found)
    if tier == "colo" and random.random() < 0.5:
        return
    for sku in random.sample(("a", "b", "m", "z"), random.randint(1, 4)):
        per_node = pick((1, 4, 6, 8))
        shape = Shape(pick("AABBCDE"), pick((1, per_node, per_node, 16)), per_node, pick(("", "fabric")))
        ways = ("on_demand", "spot", "reserved_1y", "reserved_3y")
        for purchase in random.sample(ways, random.randint(1, 4)):
            price = -1 if random.random() < 0.08 else pick(PRICES)
            hosting = pick(("secure",) * 8 + ("community", "marketplace", "serverless"))
            available = pick(("listed",) * 8 + ("limited", "unverified"))
            draft.offer(identity, sku, purchase, shape, price, hosting, available)
            if purchase == "on_demand":
                for months in Random(f"lease {identity} {sku}").choice(((), (), (6,), (6, 24))):
                    draft.offer(identity, sku, "lease", shape, price * 6 // 10 if price > 0 else price, months=months)
            if purchase == "on_demand" and Random(f"block {identity} {sku}").random() < 0.5:
                draft.offer(identity, sku, "capacity_block", shape, price * 7 // 10 if price > 0 else price, hosting)
            if purchase.startswith("reserved"):
                ahead(
                    Random(f"ahead {identity} {sku} {purchase} {price}"), draft, identity, sku, purchase, shape, price
                )


def ahead(random: Random, draft: Draft, identity: str, sku: str, purchase: str, shape: Shape, price: int) -> None:
    """The same committed offer with something paid at the begin of its term, at times cheaper or of unknown price."""
    if price > 0 and random.random() < 0.5:
        hours = 8760 * int(purchase[-2])
        less = random.choice((price * 8 // 10, price * 9 // 10 + 1, price))
        draft.offer(identity, sku, purchase, shape, 0, payment="all_upfront", upfront=less * hours)
        if random.random() < 0.5:
            unknown = random.random() < 0.2
            draft.offer(identity, sku, purchase, shape, -1 if unknown else less // 2, payment="partial_upfront",
                        upfront=0 if unknown else less * hours // 2)  # fmt: skip


def random_inventory(
    random: Random, catalog: Catalog, models: list[str], groups: list[str], workloads: int | None = None
) -> Inventory:
    small = len(catalog.sites) < 20
    cities = list(POINTS) if small else ["Berlin", "Paris", "New York", "Tokyo", "Singapore"]
    locations = {city: {"city": city} for city in cities} | {"nowhere": {"country": "BR"}}
    sites = {f"own{number}": random_own_site(random, catalog, cities) for number in range(random.choice((0, 1, 2, 2)))}
    remote = [found.id for found in random.sample(catalog.sites, min(3, len(catalog.sites)))]
    places = [*locations, *sites, *remote]
    sizes = (0.5, 12_000.25)
    datasets = {name: {"size_gb": random.choice(sizes), "home": random.choice(places)} for name in ("d1", "d2")}
    count = workloads or random.randint(2, 12)
    made = [random_workload(random, catalog, f"w{row:03}", models, groups, cities, places) for row in range(count)]
    return inventory(
        random.sample(made, len(made)), locations=locations, sites=sites, datasets=datasets,
        horizon_months=random.choice((1, 7, 12, 24, 36, 37)), policies=random_policies(random, catalog),
    )  # fmt: skip


def some(random: Random, chance: float, **values: Any) -> dict[str, Any]:
    """Each of *values* with the same chance."""
    return {name: value for name, value in values.items() if random.random() < chance}


def random_own_site(random: Random, catalog: Catalog, cities: list[str]) -> dict[str, Any]:
    hardware = []
    for name in random.choices(list(catalog.nodes), k=random.randint(0, 3)):
        powered = catalog.nodes[name].max_power_kw is not None
        capex = some(random, 0.7, capex_usd=random.choice((18_000, 0, 999.99)))
        if powered and (capex or catalog.nodes[name].capex):
            hardware.append({"node": name, "nodes": random.randint(1, 3), **capex, **some(random, 0.3, life_months=24)})
    return {
        "tier": random.choice(("on_prem", "colo", "edge")), "location": random.choice(cities),
        "power_kw": random.choice((5, 30.6, 120)), "hardware": hardware, "may_buy": random.random() < 0.7,
        "certifications": list(CERTIFICATIONS[:random.randint(0, 2)]),
        **some(random, 0.3, usd_per_kwh=0.1234567, usd_per_kw_month=190, pue=1.35),
    }  # fmt: skip


def random_policies(random: Random, catalog: Catalog) -> dict[str, Any]:
    providers = sorted({found.provider for found in catalog.sites})
    pick = random.choice
    return some(
        random, 0.06,
        allowed_providers=random.sample(providers, max(1, len(providers) - 1)),
        denied_providers=[pick(providers)], allowed_tiers=["hyperscaler", "gpu_cloud", "on_prem"],
        denied_tiers=["edge"],
        allowed_countries=pick((["EU", "US"], ["DE"], [])), denied_countries=["US"],
        allowed_accelerators=["A-alias", "B", "C"] if "A" in catalog.accelerators else ["H100-SXM", "L4"],
        denied_accelerators=["B-alias"] if "B" in catalog.accelerators else ["A10"],
        allowed_purchase_models=pick((["on_demand", "spot", "owned"], ["lease"])), certifications=["SOC 2"],
    ) | some(
        random, 0.4, claimed_certifications=True, community_hosts=True, limited_offers=True,
        allowed_access=["general", "government"],
        discount_rate_fraction=pick((0, 0.08, 0.125)), hardware_life_months=48,
    ) | some(
        Random(random.random()), 0.3, rental_price_change_fraction_per_year=pick((-0.35, -0.1, 0.25, -0.9)),
    )  # fmt: skip


def random_workload(
    random: Random,
    catalog: Catalog,
    identity: str,
    models: list[str],
    groups: list[str],
    cities: list[str],
    places: list[str],
) -> dict[str, Any]:
    pick = random.choice
    count = pick((1, 2, 3, 5, 8, 8, 16, 24, 40))
    demand = {"count": count, "accelerators_per_replica": pick([n for n in (1, 2, 3, 8, 16, 40) if n <= count])}
    demand |= some(random, 0.4, memory_gib=pick((10, 72, 72.001, 300, 1200)))
    demand["hours_per_month"] = pick((730, 100, 0.001, 333.333))
    if random.random() < 0.3:
        demand |= {"hours_per_month": None, "utilization_fraction": pick((0.35, 1, 0.00205, 0.123456))}
    aliases = [alias for alias, name in catalog.aliases.items() if name in models]
    demand["model"] = pick([*models, *aliases, models[0], models[0]])
    group = pick([*groups, None])
    if group and catalog.aliases.get(demand["model"], demand["model"]) in catalog.ratios[group]:
        demand["throughput_class"] = group
    found = workload(identity, demand=demand, storage_gb=pick(VOLUMES), interruptible=random.random() < 0.5)
    sources = [*places, "d1", "d2"]
    found["data_in"] = [{"from": pick(sources), "gb_per_month": pick(VOLUMES)} for _ in range(random.randint(0, 3))]
    found["data_in"] += [{"from": "d1"}] if random.random() < 0.2 else []
    found["data_out"] = [{"to": pick(places), "gb_per_month": pick(VOLUMES)} for _ in range(random.randint(0, 2))]
    if random.random() < 0.5:
        found["users"] = random_users(random, cities)
        slo = {"rtt_ms": pick((8, 20, 45.5, 150, 300)), "percentile": pick((50, 90, 95, 99.9, 100))}
        found |= some(random, 0.6, slo=slo)
        found |= some(random, 0.1, offline=True)
    return found | some(random, 0.2, residency=pick((["EU"], ["DE", "US"], ["ADEQUATE" if "A" in models else "EEA"])),
                        certifications=[pick(CERTIFICATIONS)])  # fmt: skip


def redundancy(random: Random) -> Redundancy:
    """Several sites."""
    pick = random.choice
    sites = pick((2, 2, 2, 3, 4))
    values = {
        "min_sites": sites, "min_providers": pick([number for number in (1, 1, 2, 3) if number <= sites]),
        "apart_km": pick((0, 0, 300.5, 900, 6000)), "replication_gb_per_month": pick((0, 0.001, 500, 12_000.5)),
    }  # fmt: skip
    if random.random() < 0.5:
        return Redundancy(mode="active_active", **values)
    return Redundancy(mode="standby", standby_fraction=pick((0, 0, 0.001, 0.5, 1)), **values)


def random_users(random: Random, cities: list[str]) -> list[dict[str, Any]]:
    names = random.sample([*cities, "nowhere"], 3)
    shares = random.choice(((1,), (0.5, 0.5), (0.9, 0.1), (0.333, 0.333, 0.334), (0.05, 0.9, 0.05)))
    return [{"location": name, "share_fraction": share} for name, share in zip(names, shares, strict=False)]
