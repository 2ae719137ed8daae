"""Claims of three articles on hybrid AI infrastructure, held against what the shipped catalog and the engine say.

Where the two differ the test asserts what the catalog says, and its docstring gives both numbers. All money is USD.
"""

import csv
import statistics
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from placement.catalog.tables import Catalog
from placement.cli.commands import load
from placement.engine.advise import advise
from placement.plan.model import Placement

ROOT = Path(__file__).resolve().parents[1]
ON_DEMAND_H100 = 6.88
"""The lowest hyperscaler list price of an H100-hour on demand: p5.48xlarge in us-east-1, 55.04 for eight."""

ISO = {"certifications": ["ISO 27001"]}
CLAIMED = {**ISO, "certification_evidence": "claimed"}
"""GPU clouds say so themselves; of none has the catalog more than that."""


@cache
def enterprise() -> dict[str, Placement]:
    inventory, catalog, digest, _ = load(ROOT / "examples" / "enterprise.yaml", [], shipped=True)
    return {placement.workload: placement for placement in advise(catalog, inventory, digest).placements}


@cache
def shipped() -> Catalog:
    return load(ROOT / "examples" / "minimal.yaml", [], shipped=True)[1]


@pytest.fixture
def place(tmp_path: Path) -> Any:
    """Advise on one workload and return its placement."""

    def placed(accelerators: dict[str, Any], policies: dict[str, Any] | None = None, **more: Any) -> Placement:
        workload = {"id": "w", "kind": "inference", "demand": {"accelerators": accelerators}, **more}
        document = {
            "schema_version": 1,
            "name": "claims",
            "locations": {"plant": {"city": "Hamburg"}},
            "sites": {
                "plant-site": {
                    "tier": "edge",
                    "location": "plant",
                    "power_kw": 16,
                    "certifications": ["ISO 27001"],
                }
            },
            "policies": policies or {},
            "workloads": [workload],
        }
        file = tmp_path / "inventory.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        inventory, catalog, digest, _ = load(file, [], shipped=True)
        return advise(catalog, inventory, digest).placements[0]

    return placed


def h100(count: int, hours: float = 730, **more: Any) -> dict[str, Any]:
    return {"model": "H100-SXM", "count": count, "hours_per_month": hours, **more}


def dollars(placement: Placement) -> float:
    assert placement.monthly_cost_cents is not None
    return placement.monthly_cost_cents / 100


def best_of(placement: Placement, tier: str) -> float:
    """Monthly cost of the tier's best offer that was not chosen."""
    return min(other.monthly_cost_cents / 100 for other in placement.alternatives if other.tier == tier)


@cache
def price_rows(provider: str) -> dict[tuple[str, str, str], tuple[str, float]]:
    with (ROOT / "catalogs" / "hyperscaler" / f"{provider}.offers.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["site"], row["sku"], row["purchase"]): (row["accelerator"], float(row["usd_per_hour"]))
            for row in csv.DictReader(file)
            if row["usd_per_hour"]
        }


def discounts(provider: str, purchase: str, accelerator: str | None = None) -> list[float]:
    """1 − price ÷ on-demand price, for every offer of the purchase model that has an on-demand twin."""
    rows = price_rows(provider)
    found = []
    for (site, sku, kind), (model, price) in rows.items():
        twin = rows.get((site, sku, "on_demand"))
        if kind == purchase and twin and accelerator in (None, model):
            found.append(1 - price / twin[1])
    return found


# --- where each kind of workload goes ---------------------------------------------------------------------------------

ROWS = [
    # Large model training: "hyperscaler". 160,781 in a capacity block; the best colocation costs 261,393.
    ("foundation-training", "hyperscaler", "capacity_block"),
    # Experimentation: "hyperscaler (spot)". 3,038 (18.576 for eight). A GPU cloud whose certificate is its own claim
    # has it for 2,846, egress of 900 included.
    ("experiments", "hyperscaler", "spot"),
    # Recurring production training: "hyperscaler reserved or dedicated GPU cloud", "baseline and predictable workloads
    # often justify dedicated on-prem GPU clusters". 19,726 on four nodes already paid for; bought anew 38,377 in the
    # company's cage (B200); 56,485 on demand (B200). No GPU cloud shows ISO 27001 with evidence.
    ("perception-retraining", "on_prem", "owned"),
    # Sustained inference, high volume: "colocation or dedicated GPU cloud".
    ("service-chat-eu", "colo", "owned"),
    ("service-chat-us", "colo", "owned"),
    # Low-latency inference (< 10 ms): "on-prem or edge node".
    ("power-trading-desk", "on_prem", "owned"),
    ("press-line-inspection", "edge", "owned"),
    # Fine-tuning on sensitive data: "colocated", "proprietary model training … local infrastructure". The row
    # "fine-tuning: hyperscaler (spot)" does not hold where data may not leave the country: a B200 node bought for the
    # own data centre (others need the H100 there more) costs 18,109, the best hyperscaler in Germany 21,387.
    ("cad-fine-tuning", "on_prem", "owned"),
    # Robotics and vehicles: "edge hardware (NVIDIA Orin)".
    ("robots-hamburg", "edge", "owned"),
    ("yard-vehicles-detroit", "edge", "owned"),
    # Video that must go on without a network: "offline operation required".
    ("safety-video-detroit", "edge", "owned"),
    # Regulated data: "sensitive workloads remain on-prem". No own site, colocation site or GPU cloud shows HDS or a
    # HIPAA agreement with evidence (CoreWeave and RunPod claim HIPAA), and the nearest misses cost more than the
    # hyperscalers' 2,213 and 3,463. Nodes follow the clinics' day: a base is committed to (in the US three years of two
    # L40S all upfront, at the discount that one article gives for them), and the rest is on demand.
    ("imaging-eu", "hyperscaler", "reserved_1y + on_demand"),
    ("imaging-us", "hyperscaler", "reserved_3y + on_demand"),
    # Data gravity: "if the answer … is the same cloud region, stay in the cloud".
    ("archive-embeddings", "hyperscaler", "spot"),
]


@pytest.mark.parametrize(("workload", "tier", "purchase"), ROWS, ids=[row[0] for row in ROWS])
def test_default_location(workload: str, tier: str, purchase: str) -> None:
    placement = enterprise()[workload]
    assert (placement.tier, " + ".join(layer.purchase for layer in placement.layers)) == (tier, purchase)


def test_experiments_in_a_gpu_cloud_whose_word_suffices() -> None:
    """3,038 at a hyperscaler; 2,846 in a GPU cloud where claims are accepted, 6 % less; both on spot."""
    placement = enterprise()["experiments"]
    assert dollars(placement) == pytest.approx(3_038, rel=0.01)
    inventory, catalog, digest, _ = load(ROOT / "examples" / "enterprise.yaml", [], shipped=True)
    trusting = inventory.model_copy(
        update={"policies": inventory.policies.model_copy(update={"certification_evidence": "claimed"})}
    )
    plan = advise(catalog, trusting, digest)
    (cloud,) = [one for one in plan.placements if one.workload == "experiments"]
    assert (cloud.tier, cloud.layers[0].purchase) == ("gpu_cloud", "spot")
    assert dollars(cloud) == pytest.approx(2_846, rel=0.01)


def test_recurring_training_on_nodes_already_paid_for() -> None:
    placement = enterprise()["perception-retraining"]
    costs = [dollars(placement), best_of(placement, "colo"), best_of(placement, "hyperscaler")]
    # 56,485 on demand; a capacity block, which has to be reserved ahead, takes 30 % off.
    assert costs == pytest.approx([19_726, 38_377, 39_946], rel=0.01)
    assert "gpu_cloud" in {tier.tier for tier in placement.rejected_tiers}


def test_fine_tuning_that_stays_in_germany() -> None:
    placement = enterprise()["cad-fine-tuning"]
    assert placement.country == "DE"
    costs = [dollars(placement), best_of(placement, "hyperscaler"), best_of(placement, "colo")]
    assert costs == pytest.approx([18_109, 21_387, 23_645], rel=0.01)


def test_ten_milliseconds_leave_only_the_city() -> None:
    """8 H100 within 10 ms of Munich: 4,932 on a node already paid for, 16,156 in colocation there, no cloud at all."""
    placement = enterprise()["power-trading-desk"]
    assert [dollars(placement), best_of(placement, "colo")] == pytest.approx([4_932, 16_156], rel=0.01)
    rejected = {tier.tier: tier.constraint for tier in placement.rejected_tiers}
    assert (rejected["hyperscaler"], rejected["gpu_cloud"]) == ("rtt", "rtt")


@pytest.mark.parametrize(("workload", "cost"), [("imaging-eu", 2_213), ("imaging-us", 3_463)])
def test_only_hyperscalers_are_certified_for_patients_data(workload: str, cost: int) -> None:
    placement = enterprise()[workload]
    assert dollars(placement) == pytest.approx(cost, rel=0.01)
    rejected = {tier.tier: tier.constraint for tier in placement.rejected_tiers}
    assert (rejected["colo"], rejected["gpu_cloud"]) == ("certification", "certification")
    assert {"on_prem", "edge"} <= set(rejected)


def test_archive_is_embedded_where_it_lives() -> None:
    assert enterprise()["archive-embeddings"].site == "aws/us-east-1"


def test_robots_run_on_orin() -> None:
    layers = [layer for name in ("robots-hamburg", "yard-vehicles-detroit") for layer in enterprise()[name].layers]
    assert {layer.accelerator for layer in layers} == {"Jetson-AGX-Orin-64GB"}


def test_data_residency_keeps_european_data_in_europe() -> None:
    """Customer data from Germany must not be processed in Virginia: a rule, not a price, keeps it out."""
    assert enterprise()["service-chat-eu"].country in shipped().groups["EU"]
    assert enterprise()["imaging-eu"].country in shipped().groups["EU"]
    assert enterprise()["imaging-us"].country == "US"
    rules = {rejected.constraint: rejected.offers for rejected in enterprise()["service-chat-eu"].rejected}
    assert rules["residency"] > 1000


# --- training: burst against steady ---------------------------------------------------------------------------------


def test_bursty_training_is_rented_and_steady_training_is_owned(place: Any) -> None:
    """64 H100 as one job, not interruptible: on demand below about 243 h a month, owned above.

    Owned in colocation costs 106,987 a month whatever the hours, on demand 8 × 55.04 an hour: they meet at 243 h.
    """
    little = place(h100(64, 100, accelerators_per_replica=64), ISO)
    much = place(h100(64, 400, accelerators_per_replica=64), ISO)
    assert (little.tier, little.layers[0].purchase) == ("hyperscaler", "on_demand")
    assert (much.tier, much.layers[0].purchase) == ("colo", "owned")
    assert dollars(much) / (8 * 55.04) == pytest.approx(243.0, abs=1)


def test_recurring_training_is_owned_rather_than_reserved(place: Any) -> None:
    """Claim: reserved instances or a dedicated GPU cloud. 32 H100 as one job, 300 h a month: 53,655 owned in
    colocation, 66,048 on demand; reserved for three years 113,484, since a commitment is paid for all 730 hours.
    """
    job = h100(32, 300, accelerators_per_replica=32)
    reserved = ["reserved_1y", "reserved_3y"]
    best = place(job, ISO)
    committed = place(job, {**ISO, "allowed_tiers": ["hyperscaler"], "allowed_purchase_models": reserved})
    assert (best.tier, best.layers[0].purchase) == ("colo", "owned")
    assert committed.layers[0].purchase == "reserved_3y"
    costs = [dollars(best), best_of(best, "hyperscaler"), dollars(committed)]
    assert costs == pytest.approx([53_655, 66_048, 113_484], rel=0.01)


def test_buying_for_bursts_is_a_bad_investment(place: Any) -> None:
    """256 H100 for 160 h a month: owned 426,983 a month, on demand 281,805, spot 146,278 in Europe and the US."""
    job, where = h100(256, 160, accelerators_per_replica=256), {**ISO, "allowed_countries": ["EEA", "CH", "GB", "US"]}
    spot, lasting = place(job, where, interruptible=True), place(job, where)
    costs = [dollars(spot), dollars(lasting), best_of(lasting, "colo")]
    assert costs == pytest.approx([146_278, 281_805, 426_983], rel=0.01)


def test_a_run_of_a_week_is_rented_whatever_it_runs_on() -> None:
    """1.2 trillion tokens of 13 billion parameters: 184 H200 in a capacity block 160,781, a reported price; 29 nodes of
    H100 on demand 266,239; 104 B200 in colocation 261,393, owned. On spot a gang that is in time would be larger than
    anybody has measured.
    """
    placement = enterprise()["foundation-training"]
    assert placement.baseline_cents is not None
    costs = [dollars(placement), placement.baseline_cents / 100, best_of(placement, "colo")]
    assert costs == pytest.approx([160_781, 266_239, 261_393], rel=0.01)


# --- sustained inference ----------------------------------------------------------------------------------------------


def test_dedicated_gpu_cloud_saves_40_to_60_percent(place: Any) -> None:
    """Claim: 40–60 % below hyperscaler on demand. A GPU cloud that claims ISO 27001: 3.90 per H100-hour, 43 % below
    6.88. None shows it with evidence.
    """
    asked = {"allowed_tiers": ["gpu_cloud"], "allowed_purchase_models": ["on_demand"]}
    cloud = place(h100(64), {**CLAIMED, **asked})
    assert 1 - dollars(cloud) / (64 * 730 * ON_DEMAND_H100) == pytest.approx(0.433, abs=0.005)
    assert place(h100(64), {**ISO, **asked}).status == "unplaced"


def test_without_an_audit_a_gpu_cloud_is_cheapest(place: Any) -> None:
    """Claim: sustained inference goes to colocation or a dedicated GPU cloud. Where no certificate is asked for, 8 H100
    day and night cost 11,213 in the cheapest GPU cloud (1.92 an hour, its regions unverified), 13,655 in colocation.
    """
    best = place(h100(8))
    assert (best.tier, best.layers[0].purchase) == ("gpu_cloud", "on_demand")
    assert [dollars(best), best_of(best, "colo")] == pytest.approx([11_213, 13_655], rel=0.01)


def test_owned_in_colocation_saves_as_claimed_or_more(place: Any) -> None:
    """Claim: 40–60 %. Catalog: 67 % owned over five years, 57 % over three, 56 % leased, 60 % in Frankfurt.

    The plan counts hardware, switches, spares, support, hands, people, space, cooling, energy and a cross connect; it
    counts no spare capacity, which has to fit into the difference.
    """
    base = 64 * 730 * ON_DEMAND_H100
    ways: dict[str, dict[str, Any]] = {
        "owned": {},
        "three years": {"hardware_life_months": 36, "allowed_purchase_models": ["owned"]},
        "leased": {"allowed_purchase_models": ["lease"]},
        "Frankfurt": {"allowed_countries": ["DE"], "allowed_providers": ["equinix"]},
    }
    saved = {name: 1 - dollars(place(h100(64), {**ISO, "allowed_tiers": ["colo"], **way})) / base
             for name, way in ways.items()}  # fmt: skip
    expected = {"owned": 0.667, "three years": 0.569, "leased": 0.561, "Frankfurt": 0.605}
    assert saved == pytest.approx(expected, abs=0.01)


def test_all_in_price_of_an_h100_hour_in_colocation(place: Any) -> None:
    """Claim: 2.50–3.50 all-in. Holds but for five years in the cheapest place; `placement tco` says why.

    Catalog: 2.29 in Seattle over five years, 2.96 over three, 3.02 leased; Frankfurt 2.72 over five, 3.39 over three.
    """
    ways: dict[str, dict[str, Any]] = {
        "five": {},
        "three": {"hardware_life_months": 36},
        "leased": {"allowed_purchase_models": ["lease"]},
        "German, five": {"allowed_countries": ["DE"]},
        "German, three": {"allowed_countries": ["DE"], "hardware_life_months": 36},
    }
    prices = {name: dollars(place(h100(64), {**ISO, "allowed_tiers": ["colo"], **way})) / 64 / 730
              for name, way in ways.items()}  # fmt: skip
    expected = {"five": 2.29, "three": 2.96, "leased": 3.02, "German, five": 2.72, "German, three": 3.39}
    assert prices == pytest.approx(expected, abs=0.02)
    assert {name for name, price in prices.items() if 2.50 <= price <= 3.50} == {*prices} - {"five"}


def test_a_million_a_month_of_inference_saves_400_thousand(place: Any) -> None:
    """Claim: 1M a month on demand, 400–500 K saved. 200 H100 on demand are 1,004,480 a month.

    A dedicated GPU cloud saves 435 K if its own word for ISO 27001 suffices; colocation saves 565 K leased and 671 K
    owned, more than claimed.
    """
    today = 200 * 730 * ON_DEMAND_H100
    best = place(h100(200), CLAIMED)
    leased = place(h100(200), {**CLAIMED, "allowed_purchase_models": ["lease"]})
    assert today == pytest.approx(1_004_480)
    assert today - best_of(best, "gpu_cloud") == pytest.approx(435_080, rel=0.01)
    assert today - dollars(leased) == pytest.approx(564_653, rel=0.01)
    assert today - dollars(best) == pytest.approx(670_829, rel=0.01)


def test_enterprise_inference_in_colocation_saves_most() -> None:
    """service-chat-eu 88 % and service-chat-us 86 % below hyperscaler H100 on demand that are kept up for the peak.

    More than the claimed 40–60 %, because B200 (3.3 times an H100 on this work) replace the H100 as well. The best
    hyperscaler offers, H200 and B200 on demand that are given back at night, cost 2.38 and 3.52 times as much.
    """
    expected = {"service-chat-eu": (0.881, 2.382), "service-chat-us": (0.863, 3.518)}
    for name, (saved, ratio) in expected.items():
        placement = enterprise()[name]
        assert placement.baseline_cents is not None
        assert 1 - dollars(placement) * 100 / placement.baseline_cents == pytest.approx(saved, abs=0.005)
        assert best_of(placement, "hyperscaler") / dollars(placement) == pytest.approx(ratio, abs=0.03)


# --- prices -------------------------------------------------------------------------------------------------------


def test_hyperscaler_h100_list_prices() -> None:
    """Claim: 8–12 on demand and 5–7 spot per H100-hour. Catalog, nodes of eight: AWS from 6.88, median 8.26; GCP median
    12.83; Azure median 15.98. Spot is lower than claimed: median 3.31 at AWS and 4.66 at GCP.
    """
    skus = {"aws": {"p5.48xlarge"}, "gcp": {"a3-highgpu-8g", "a3-megagpu-8g"}, "azure": {"Standard_ND96isr_H100_v5"}}

    def per_hour(provider: str, purchase: str) -> list[float]:
        rows = price_rows(provider).items()
        return [price / 8 for (_, sku, kind), (_, price) in rows if kind == purchase and sku in skus[provider]]

    middle = {provider: statistics.median(per_hour(provider, "on_demand")) for provider in skus}
    assert min(per_hour("aws", "on_demand")) == pytest.approx(ON_DEMAND_H100)
    assert middle == pytest.approx({"aws": 8.256, "gcp": 12.83, "azure": 15.98}, abs=0.05)
    assert statistics.median(per_hour("aws", "spot")) == pytest.approx(3.31, abs=0.05)
    assert statistics.median(per_hour("gcp", "spot")) == pytest.approx(4.66, abs=0.05)


def test_spot_is_60_to_80_percent_off() -> None:
    """Claim: 60–80 % off. Holds for the median of all accelerators at AWS (68 %) and of the H100 at GCP (61 %).

    It does not for the H100 at AWS (median 52 %), nor for all accelerators at GCP (56 %).
    """
    assert statistics.median(discounts("aws", "spot")) == pytest.approx(0.68, abs=0.01)
    assert statistics.median(discounts("gcp", "spot", "H100-SXM")) == pytest.approx(0.609, abs=0.005)
    assert statistics.median(discounts("aws", "spot", "H100-SXM")) == pytest.approx(0.52, abs=0.01)
    assert statistics.median(discounts("gcp", "spot")) == pytest.approx(0.559, abs=0.01)


@pytest.mark.parametrize("provider", ["aws", "gcp"])
def test_one_year_commitments_cut_30_to_40_percent(provider: str) -> None:
    """Claim: 30–40 %. Holds: median 37 % at both, 99 % of the offers inside the band. The H100 is at its lower end,
    31 % at GCP; AWS lists none for it.
    """
    found = discounts(provider, "reserved_1y")
    assert statistics.median(found) == pytest.approx(0.37, abs=0.005)
    assert sum(0.30 <= value <= 0.40 for value in found) > 0.99 * len(found)
    middle = statistics.median(discounts(provider, "reserved_1y", "H100-SXM") or [0])
    assert middle == pytest.approx({"aws": 0, "gcp": 0.306}[provider], abs=0.005)


def test_owning_beats_reserving_for_steady_load(place: Any) -> None:
    """Claim: recurring work goes to reserved instances. 8 H100 day and night: 44,810 a month reserved for a year at the
    lowest (GCP; above AWS on demand, 40,179), 28,371 for three, 13,655 owned in colocation.
    """
    hyperscaler = {**ISO, "allowed_tiers": ["hyperscaler"]}
    one = place(h100(8), {**hyperscaler, "allowed_purchase_models": ["reserved_1y"]})
    best = place(h100(8), hyperscaler)
    assert best.layers[0].purchase == "reserved_3y"
    costs = [dollars(one), 8 * 730 * ON_DEMAND_H100, dollars(best), dollars(place(h100(8), ISO))]
    assert costs == pytest.approx([44_810, 40_179, 28_371, 13_655], rel=0.01)


# --- power ------------------------------------------------------------------------------------------------------------


def test_a_thousand_accelerators_draw_700_kw_to_a_megawatt() -> None:
    """Claim: 700–1,000 W each, 0.7–1 MW for 1,000. Holds for the cards: H100 and H200 700 W, B200 1,000 W.

    The nodes around them draw more at most: 125 DGX H100 of 10.2 kW are 1,275 kW, 125 DGX B200 of 14.3 kW 1,788 kW.
    """
    with (ROOT / "catalogs" / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        watts = {row["accelerator"]: row["tdp_w"] for row in csv.DictReader(file)}
    assert (watts["H100-SXM"], watts["H200-SXM"], watts["B200"]) == ("700", "700", "1000")
    draws = {}
    for name in ("dgx-h100", "dgx-b200"):
        power = shipped().nodes[name].max_power_kw
        assert power is not None
        draws[name] = 125 * float(power.text)
    assert draws == pytest.approx({"dgx-h100": 1275, "dgx-b200": 1787.5})


def test_cooling_overhead_is_about_half() -> None:
    """Claim: × 1.2–1.5. Equinix reports 1.42 on average, inside; the surveyed average used elsewhere is 1.56, above."""
    sites = [site for site in shipped().sites if site.provider == "equinix"]
    assert {site.facility["pue"].text for site in sites} == {"1.42"}
    assert shipped().assumption("pue", "colo").text == "1.56"


def test_a_customer_rarely_gets_more_than_5_megawatts(place: Any) -> None:
    """Claim: only the largest operators can power clusters above 1,000. The 5 MW a colocation site is taken to feed
    are 490 DGX H100, that is 3,920 H100; 3,928 find no single site there.
    """
    colo = {**ISO, "allowed_tiers": ["colo"], "allowed_accelerators": ["H100-SXM"]}
    assert place(h100(3920), colo).status == "placed"
    above = place(h100(3928), colo)
    assert above.status == "unplaced"
    assert {rule for way in above.relaxations for rule in way.constraints} & {"power"}


# --- edge -------------------------------------------------------------------------------------------------------------


def orin(gib: float) -> dict[str, Any]:
    return {"model": "Jetson-AGX-Orin-64GB", "count": 1, "utilization_fraction": 0.5, "memory_gib": gib}


def test_a_70b_model_does_not_fit_an_orin(place: Any) -> None:
    """Claim: 70B and larger exceed the device. 16 bits are 130 GiB and 8 bits 65 GiB of weights; 54.9 GiB are usable.

    At 4 bits they are 33 GiB and do fit: the claim holds for 8 bits and more.
    """
    floor = {"users": [{"location": "plant"}], "offline": True}
    assert place(orin(130), **floor).status == "unplaced"
    assert place(orin(65), **floor).status == "unplaced"
    assert place(orin(40), **floor).layers[0].accelerator == "Jetson-AGX-Orin-64GB"


def test_below_5_ms_the_network_is_out(place: Any) -> None:
    """Claim: edge is right where the round trip alone exceeds 5 ms. No site but the plant's own is estimated nearer."""
    placement = place({"model": "L40S", "count": 8, "hours_per_month": 730}, users=[{"location": "plant"}],
                      slo={"rtt_ms": 5})  # fmt: skip
    assert placement.site == "own/plant-site"
    assert {tier.tier for tier in placement.rejected_tiers if tier.constraint == "rtt"} == {
        "hyperscaler",
        "gpu_cloud",
        "colo",
    }


def test_where_200_ms_will_do_the_edge_is_not_needed(place: Any) -> None:
    """Claim: edge is wrong where 50–200 ms are tolerated. 8 L40S for 200 h: 2,400 in a GPU cloud, 2,978 at a
    hyperscaler, 4,557 at the plant. (For 730 h the plant's own node would win on price alone.) The GPU cloud's
    certificate is its own claim.
    """
    placement = place({"model": "L40S", "count": 8, "hours_per_month": 200}, CLAIMED, users=[{"location": "plant"}],
                      slo={"rtt_ms": 200})  # fmt: skip
    assert placement.tier == "gpu_cloud"
    costs = [dollars(placement), best_of(placement, "hyperscaler"), best_of(placement, "edge")]
    assert costs == pytest.approx([2_400, 2_978, 4_557], rel=0.01)


def test_video_on_site_costs_less_than_in_the_cloud() -> None:
    """Claim: edge is right for video streams. 220 cameras: 1,592 a month at the plant, 19,492 on cloud L4 on demand.

    25 Jetson do it; a server with 8 L40S would be 3,775. The uplink is taken as flat rate, so the plan counts nothing
    for the 289 TB a month; compute alone decides.
    """
    placement = enterprise()["safety-video-detroit"]
    assert placement.baseline_cents is not None
    assert [dollars(placement), placement.baseline_cents / 100] == pytest.approx([1_592, 19_492], rel=0.01)
