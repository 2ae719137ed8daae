"""The shipped catalog says what it may say: sourced, dated, unique, and within what is possible.

The files are read here with nothing but `csv` and `yaml`, so that a loader which repairs or drops rows hides nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_arithmetic import tiered
from worlds import SHIPPED, shipped_world

from placement.catalog.load import load_catalog
from placement.catalog.measured import SCENARIOS, UNITS
from placement.catalog.read import MEASURED_KEY
from placement.catalog.routes import BY
from placement.catalog.tables import AVAILABILITIES, BASES, HOSTINGS, RENTED, Catalog
from placement.catalog.work import KINDS, MFU_KINDS, PRECISIONS
from placement.engine.advise import advise
from placement.words import PAYMENTS, PURCHASES, TIERS

DATE = re.compile(r"undated|\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
PROVIDERS = {"aws", "azure", "gcp", "oci", "coreweave", "lambda", "crusoe", "nebius", "runpod", "equinix",
             "digital_realty", "databank"}  # fmt: skip
CSV_FILES = sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.csv"))
YAML_FILES = sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.yaml"))
KEYS = {
    "sources.csv": ("source_id",), "accelerators.csv": ("accelerator",), "cities.csv": ("city", "country"),
    "throughput.csv": ("throughput_class", "accelerator"), ".offers.csv": ("site", "sku", "purchase", "payment"),
    "points.csv": ("point",), "continents.csv": ("country",), "lines.csv": ("continent_a", "continent_b"),
    "earlier_pairs.csv": ("point_a", "point_b", "as_of"), "pairs.csv": ("point_a", "point_b"), "models.csv": ("model",),
    "measured.csv": MEASURED_KEY, "roofline.csv": ("vendor", "accelerator", "precision"),
    "training.csv": ("accelerator", "precision", "kind"),
}  # fmt: skip

MARGIN_DEGREES = 2.5
BOXES = {
    "CN": (18, 54, 73, 135), "TR": (36, 42.2, 26, 45), "GR": (34.8, 41.8, 19.3, 28.3), "PT": (32, 42.2, -31.3, -6.2),
    "CZ": (48.5, 51.1, 12, 18.9), "RO": (43.6, 48.3, 20.2, 29.8), "IS": (63.3, 66.6, -24.6, -13.4),
}  # fmt: skip
"""South, north, west, east of countries of which `cities.csv` has too few cities to span them."""


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (SHIPPED / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@cache
def document(name: str) -> Any:
    return yaml.load((SHIPPED / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def sources() -> dict[str, dict[str, str]]:
    return {row["source_id"]: row for row in rows("sources.csv")}


@cache
def shipped() -> Catalog:
    return load_catalog([SHIPPED], None)


def providers() -> list[dict[str, Any]]:
    return [document(name) for name in YAML_FILES if "/" in name]


def offer_files() -> list[str]:
    return [name for name in CSV_FILES if name.endswith(".offers.csv")]


def stated(value: Any) -> Iterator[dict[str, Any]]:
    """Every entry of a document that names a source, or should: a mapping without mappings in lists below it."""
    if isinstance(value, list):
        for inner in value:
            yield from stated(inner)
    elif isinstance(value, dict):
        if "source_id" in value or "as_of" in value:
            yield value
        for inner in value.values():
            yield from stated(inner)


@pytest.mark.parametrize("name", [name for name in CSV_FILES if name != "sources.csv"])
def test_every_row_is_sourced_and_dated(name: str) -> None:
    """Each row names a known source and a date."""
    for row in rows(name):
        assert row["source_id"] in sources(), row
        assert DATE.fullmatch(row["as_of"]), row
        assert None not in row and None not in row.values(), row


@pytest.mark.parametrize("name", YAML_FILES)
def test_every_entry_is_sourced_and_dated(name: str) -> None:
    """Each entry names a known source and a date; lists of facts hold nothing else."""
    content = document(name)
    for entry in stated(content):
        assert DATE.fullmatch(str(entry["as_of"])), entry
        assert name == "catalog.yaml" or entry["source_id"] in sources(), entry
    listed = [entry for values in content.values() if isinstance(values, list) for entry in values]
    facts = [fact for entry in listed for fact in entry.get("facts", [entry])]
    assert all("source_id" in fact for fact in facts)


@pytest.mark.parametrize("name", CSV_FILES)
def test_no_key_stands_twice(name: str) -> None:
    """One row per key."""
    key = next(columns for end, columns in KEYS.items() if name.endswith(end))
    counted = Counter(tuple(row.get(column, "") for column in key) for row in rows(name))
    assert [found for found, count in counted.items() if count > 1] == []


def test_no_yaml_key_stands_twice() -> None:
    """One entry per site, per node, per assumption and tier, per certification and site, per tariff and site."""
    for one in providers():
        keys = [("site", entry["site"]) for entry in one["sites"]]
        for part, name in (
            ("certifications", "certification"),
            ("egress", "to"),
            ("storage", None),
            ("facility", "item"),
            ("transfer_devices", "product"),
        ):
            keys += [(part, entry.get(name), site, *(str(entry.get(by)) for by in BY))
                     for entry in one.get(part, []) for site in entry.get("sites", ["*"])]  # fmt: skip
        keys += [("fabric", sku) for entry in one.get("fabric", []) for sku in entry["skus"]]
        assert [key for key, count in Counter(keys).items() if count > 1] == [], one["provider"]
    assumptions = document("assumptions.yaml")["assumptions"]
    assert max(Counter((entry["name"], entry.get("tier")) for entry in assumptions).values()) == 1
    assert max(Counter(entry["node"] for entry in document("nodes.yaml")["nodes"]).values()) == 1


def test_sources_have_licences() -> None:
    """Each source says what it is and what its licence allows."""
    for row in sources().values():
        assert row["source"].strip(), row
        assert row["licence"].strip(), row


def test_there_is_enough_to_choose_from() -> None:
    """Thousands of offers, of the providers people ask for."""
    assert len(shipped().offers.site_o) >= 3_000
    assert set(shipped().providers) >= PROVIDERS
    assert {site.tier for site in shipped().sites} >= {"hyperscaler", "gpu_cloud", "colo", "edge"}


@pytest.mark.parametrize("name", offer_files())
def test_offers_say_what_the_columns_mean(name: str) -> None:
    """Known accelerators, sites and words; whole counts; prices of at most six decimals, in sane bounds."""
    provider = document(name.replace(".offers.csv", ".yaml"))
    sites = {entry["site"] for entry in provider["sites"]} | {"*"}
    accelerators = {row["accelerator"] for row in rows("accelerators.csv")}
    for row in rows(name):
        assert row["site"] in sites and row["accelerator"] in accelerators, row
        assert row["purchase"] in RENTED and row["hosting"] in HOSTINGS, row
        assert row["availability"] in AVAILABILITIES and row["basis"] in BASES, row
        assert int(row["accelerators"]) >= 1 and int(row["node_accelerators"]) >= 1, row
        if row.get("payment"):
            years, hourly = int(row["purchase"][-2]), float(row["usd_per_hour"])
            assert row["payment"] in PAYMENTS[1:] and row["purchase"].startswith("reserved"), row
            assert (hourly == 0) == (row["payment"] == "all_upfront"), row
            whole = hourly + float(row["upfront_usd"]) / (8760 * years)
            assert 0.01 <= whole / int(row["accelerators"]) <= 150, row
        elif row["usd_per_hour"]:
            assert re.fullmatch(r"\d+(\.\d{1,6})?", row["usd_per_hour"]), row
            assert 0.01 <= float(row["usd_per_hour"]) / int(row["accelerators"]) <= 150, row


def test_spot_is_not_dearer_than_on_demand() -> None:
    """At one site and sku spot costs at most the on-demand price, unless it is marked as hardly to be had."""
    catalog, offers = shipped(), shipped().offers
    price, keys = offers.price_micro_o.tolist(), (offers.site_o, offers.sku_o, offers.purchase_o)
    where = {key: row for row, key in enumerate(zip(*(key.tolist() for key in keys), strict=True))}
    spot, on_demand, compared = PURCHASES.index("spot"), PURCHASES.index("on_demand"), 0
    for (site, sku, purchase), row in where.items():
        full = where.get((site, sku, on_demand))
        if purchase != spot or full is None or price[full] < 0:
            continue
        compared += 1
        limited = AVAILABILITIES[int(offers.availability_o[row])] == "limited"
        assert limited or price[row] <= price[full], (catalog.sites[site].id, catalog.strings[sku])
    assert compared > 100


def test_coordinates_are_in_the_country() -> None:
    """Each site lies in the box around its country's cities (plus a margin), or in the country's own box."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for cities in shipped().cities.values():
        for city in cities:
            spans.setdefault(city.country, []).append((city.latitude, city.longitude))
    checked = 0
    for site in shipped().sites:
        if site.latitude is None or site.longitude is None or site.country is None:
            assert site.latitude is None or site.country is not None, site.id
            continue
        south, north, west, east = BOXES.get(site.country) or around(spans[site.country])
        assert south <= site.latitude <= north and west <= site.longitude <= east, site[:8]
        checked += 1
    assert checked > 200


def around(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    latitudes, longitudes = [point[0] for point in points], [point[1] for point in points]
    return (min(latitudes) - MARGIN_DEGREES, max(latitudes) + MARGIN_DEGREES,
            min(longitudes) - MARGIN_DEGREES, max(longitudes) + MARGIN_DEGREES)  # fmt: skip


def test_tariffs_begin_at_zero_and_rise_in_steps() -> None:
    """Tiers start at 0 GB, each above the one before, at prices a GB can have."""
    for one in providers():
        for part, price in (("egress", "usd_per_gb"), ("storage", "usd_per_gb_month")):
            for entry in one.get(part, []):
                starts = [tier["from_gb"] for tier in entry["tiers"]]
                assert starts[0] == 0 and starts == sorted(set(starts)), (one["provider"], entry)
                assert all(0 <= tier[price] <= 1 for tier in entry["tiers"]), (one["provider"], entry)


@given(st.integers(0, 2_000_000_000), st.integers(0, 2_000_000_000))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_more_bytes_never_cost_less(first: int, second: int) -> None:
    """Every shipped tariff: cost is zero at zero and monotone in volume."""
    less, more = sorted((first, second))
    sites = shipped().sites
    tariffs = {tariff for site in sites for tariff in (site.egress_internet, site.egress_same_provider, site.storage)}
    tariffs |= {tariff for site in sites for tariff in (site.egress_between_zones, site.egress_interconnect)}
    tariffs |= {route.tariff for site in sites for route in site.routes}
    for tariff in tariffs - {None}:
        steps = list(tariff.tiers)
        assert tiered(steps, 0) == 0
        assert tiered(steps, less) <= tiered(steps, more)


def test_devices_are_plausible() -> None:
    """They hold 1 TB to 1 PB, cost less than $10,000 a job, and less per GB than any internet tariff's highest tier."""
    found = {device for site in shipped().sites for device in site.devices}
    assert {(device.product, device.only_for) for device in found} == {
        ("Snowball Edge Storage Optimized", "existing customers")
    }
    for device in found:
        assert 1_000_000 <= device.usable_milli_gb <= 1_000_000_000, device
        assert 0 < device.price.micro < 10_000_000_000, device
        priced = [tariff for tariff in (device.outwards, device.inwards) if tariff is not None]
        assert priced and all(tariff.tiers[0][1] < 90_000 for tariff in priced), device


def test_certifications_have_evidence() -> None:
    """Of a known strength, for sites that exist; what is unknown, and what is not held, is said as such."""
    for one in providers():
        sites = {entry["site"] for entry in one["sites"]} | {"*"}
        for entry in one.get("certifications", []):
            assert entry["evidence"] in ("audited", "claimed", "unknown", "not_held"), entry
            assert set(entry.get("sites", ["*"])) <= sites, entry
    assert any("audited" in site.certifications.values() for site in shipped().sites)


def test_nodes_are_plausible() -> None:
    """Known accelerators; a price between its low and high; between 30 W and 3 kW and 500 and 100,000 USD each."""
    accelerators = {row["accelerator"] for row in rows("accelerators.csv")}
    bounds = {"capex_usd": (500, 100_000), "max_power_kw": (0.03, 3)}
    for one in document("nodes.yaml")["nodes"]:
        assert one["accelerator"] in accelerators and set(one["tiers"]) <= set(TIERS), one["node"]
        facts = {fact["item"]: fact for fact in one.get("facts", [])}
        assert len(facts) == len(one.get("facts", []))
        for fact in facts.values():
            value = fact["value"]
            assert fact.get("low", value) <= value <= fact.get("high", value), (one["node"], fact)
        for item, (low, high) in bounds.items():
            each = facts[item]["value"] / one["accelerators"] if item in facts else low
            assert low <= each <= high, (one["node"], item)
    assert any(node.capex and node.max_power_kw for node in shipped().nodes.values())


def test_throughput_is_plausible() -> None:
    """The reference is 1, the spread encloses the ratio, and nothing is a hundred times faster."""
    for row in rows("throughput.csv"):
        low, middle, high = (float(row[name]) for name in ("ratio_p10", "ratio_to_h100_sxm", "ratio_p90"))
        assert 0 < low <= middle <= high < 100, row
        assert row["accelerator"] != "H100-SXM" or middle == 1, row


def test_accelerators_say_what_they_calculate_in() -> None:
    """Where peaks are known: FP16 or BF16 at least, FP4 where its peak is known; parts without FP8 have none."""
    native = {row["accelerator"]: set(row["precisions"].split(";")) for row in rows("accelerators.csv")}
    for row in rows("accelerators.csv"):
        precisions = native[row["accelerator"]]
        if not row["bf16_dense_tflops"]:
            continue
        assert precisions & {"fp16", "bf16"} and precisions <= set(PRECISIONS), row
        assert ("fp4" in precisions) == bool(row["fp4_dense_tflops"]), row
        assert "fp4" not in precisions or "fp8" in precisions, row
    for name in ("A100-SXM-80GB", "T4", "V100-SXM-16GB", "TPU-v5e", "TPU-v5p", "TPU-v6e", "Inferentia2", "Trainium1",
                 "Arc-Pro-B60", "Jetson-AGX-Orin-64GB", "A10G"):  # fmt: skip
        assert "fp8" not in native[name], name
    assert native["T4"] == {"fp16", "int8"} and native["V100-SXM-16GB"] == {"fp16"}
    assert {name for name, found in native.items() if "fp4" in found} >= {"B200", "B300", "GB200", "MI355X"}
    for name in ("Inferentia2", "Trainium1"):
        assert "cFP8" in shipped().accelerators[name].unverified


def test_links_are_plausible() -> None:
    """One way, between those of PCIe 3 and of NVLink 5; never faster than memory."""
    links = {row["accelerator"]: row for row in rows("accelerators.csv") if row["link_gb_per_s"]}
    assert len(links) > 25
    for row in links.values():
        link = float(row["link_gb_per_s"])
        assert 10 <= link <= 1000 and link < float(row["memory_bandwidth_gb_per_s"]), row


def test_models_are_plausible() -> None:
    """A known kind and class; a mixture's active parameters are the shared ones and its share of the experts'."""
    classes = {row["throughput_class"] for row in rows("throughput.csv")}
    assert len(rows("models.csv")) >= 35
    for row in rows("models.csv"):
        assert row["kind"] in KINDS and row["throughput_class"] in classes | {""}, row
        assert row["precision"] in PRECISIONS and re.fullmatch(r"[a-z0-9.-]+", row["model"]), row
        assert bool(row["layers"] and row["hidden"]) or row["kind"] != "llm", row
        if row["experts"]:
            total, active, shared = (float(row[f"{name}parameters_billion"]) for name in ("", "active_", "shared_"))
            used = shared + (total - shared) * int(row["experts_per_token"]) / int(row["experts"])
            assert used == pytest.approx(active, rel=0.03), row
            assert shared < active < total / 2, row


def test_parameters_are_about_what_layers_hold() -> None:
    """12·L·d² of dense language models: within a factor of 2.4 for all, within 35 % for most.

    Those with more have a wide inner layer or a large vocabulary.
    """
    ratios = {
        row["model"]: float(row["parameters_billion"]) * 1e9 / (12 * int(row["layers"]) * int(row["hidden"]) ** 2)
        for row in rows("models.csv")
        if row["kind"] == "llm" and not row["experts"]
    }
    assert all(1 / 1.35 <= ratio <= 2.4 for ratio in ratios.values()), ratios
    close = [ratio for ratio in ratios.values() if ratio <= 1.35]
    assert len(close) >= 0.75 * len(ratios)


def test_known_models_are_as_their_makers_say() -> None:
    """Sizes people know by heart."""
    models = shipped().models
    for name, billion, active in (
        ("llama-3.1-8b", 8.03, 8.03), ("llama-3.1-405b", 405.9, 405.9), ("mixtral-8x7b", 46.7, 12.9),
        ("qwen3-235b-a22b", 235, 22), ("deepseek-v3", 671, 37), ("gpt-oss-120b", 116.8, 5.1),
        ("gpt-oss-20b", 20.9, 3.6),
    ):  # fmt: skip
        assert models[name].parameters_billion == pytest.approx(billion, rel=0.01)
        assert models[name].active_parameters_billion == pytest.approx(active, rel=0.02)
    assert models["deepseek-v3"].kv_elements_per_token() == 61 * 576
    assert models["llama-3.3-70b"].kv_bytes_per_token("fp16") == 2 * 80 * 8 * 128 * 2


def test_measurements_are_plausible() -> None:
    """Of known models on known accelerators, in known units; language models count tokens when they serve."""
    kinds = {row["model"]: row["kind"] for row in rows("models.csv")}
    accelerators = {row["accelerator"] for row in rows("accelerators.csv")}
    for row in rows("measured.csv"):
        assert row["model"] in kinds and row["accelerator"] in accelerators, row
        assert row["scenario"] in SCENARIOS and row["unit"] in UNITS, row
        assert float(row["units_per_second"]) > 0 and int(row["accelerators"]) >= 1, row
        assert row["unit"] == "tokens" or kinds[row["model"]] != "llm", row
    assert len(shipped().measured) == len(rows("measured.csv"))


def test_fitted_figures_are_plausible() -> None:
    """Shares of peaks below the peak, bands around the prediction, accelerators with a peak to take a share of."""
    vendors = {row["vendor"] for row in rows("accelerators.csv")}
    accelerators = {row["accelerator"]: row for row in rows("accelerators.csv")}
    for row in rows("roofline.csv"):
        assert row["vendor"] in vendors and row["precision"] in PRECISIONS, row
        assert row["accelerator"] == "*" or accelerators[row["accelerator"]]["vendor"] == row["vendor"], row
        assert all(0 < float(row[name]) <= 1 for name in ("read_fraction", "compute_fraction", "link_fraction")), row
        assert 0 < float(row["low_ratio"]) <= 1 <= float(row["high_ratio"]), row
    for row in rows("training.csv"):
        assert row["kind"] in MFU_KINDS and accelerators[row["accelerator"]]["bf16_dense_tflops"], row
        assert 0 < float(row["mfu_fraction"]) <= 1.5, row
        assert 0 < float(row["low_ratio"]) <= 1 <= float(row["high_ratio"]), row


def test_assumptions_are_those_the_engine_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure the engine asks for exists, and every figure there is, is asked for by name."""
    given_names = {entry["name"] for entry in document("assumptions.yaml")["assumptions"]}
    asked: set[tuple[str, str]] = set()
    plain = Catalog.assumption

    def recorded(catalog: Catalog, name: str, tier: str = "") -> Any:
        asked.add((name, tier))
        return plain(catalog, name, tier)

    monkeypatch.setattr(Catalog, "assumption", recorded)
    for seed in range(4):
        advise(*shipped_world(seed, 20), "0" * 64)
    engine = "".join(path.read_text(encoding="utf-8") for path in sorted((SHIPPED.parent / "placement").rglob("*.py")))
    assert {name for name, _ in asked} <= given_names
    assert {name for name in given_names if f'"{name}"' not in engine} == set()


@pytest.mark.parametrize("tier", TIERS)
def test_assumptions_cover_every_tier(tier: str) -> None:
    """Whatever the tier of a site, an unknown tariff has its stand-in; places for nodes of one's own have a PUE."""
    for name in ("egress_usd_per_gb", "egress_same_provider_usd_per_gb", "storage_usd_per_gb_month"):
        assert shipped().assumption(name, tier).micro >= 0
    if tier in ("colo", "on_prem", "edge"):
        assert 1_000_000 <= shipped().assumption("pue", tier).micro <= 2_500_000
    for name in ("facility_usd_per_kw_month", "cross_connect_usd_per_month", "max_power_kw"):
        assert shipped().assumption(name, "colo").micro > 0


def test_groups_are_of_countries_once_each() -> None:
    """A group lists ISO codes, none twice; the EU has 27 members, the EEA three more."""
    groups = {entry["group"]: entry["countries"] for entry in document("countries.yaml")["groups"]}
    for countries in groups.values():
        assert len(set(countries)) == len(countries)
        assert all(re.fullmatch("[A-Z]{2}", code) for code in countries)
    assert len(groups["EU"]) == 27
    assert set(groups["EEA"]) == {*groups["EU"], "IS", "LI", "NO"}


def test_every_provider_has_its_file_names() -> None:
    """Provider, tier and file agree; offers belong to a provider."""
    for name in YAML_FILES:
        if "/" in name:
            assert (document(name)["tier"], document(name)["provider"]) == (Path(name).parent.name, Path(name).stem)
    assert {name.removesuffix(".offers.csv") + ".yaml" for name in offer_files()} <= set(YAML_FILES)


COUNTRIES = tuple(
    re.findall(
        "[A-Z]{2}",
        """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
        CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
        FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
        JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
        MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
        PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
        TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """,
    )
)
"""ISO 3166-1 alpha-2."""


def test_rules_name_what_exists() -> None:
    """Countries, groups, classes and certifications; every rule has a law, a source, a date and a confidence."""
    read = document("rules.yaml")
    groups = {entry["group"] for entry in document("countries.yaml")["groups"]}
    classes = {entry["class"] for entry in read["classes"]}
    certified = {entry["certification"] for one in providers() for entry in one.get("certifications", [])}
    assert {name for entry in read["classes"] for name in entry.get("implies", [])} <= classes
    for rule in read["rules"]:
        places = [*rule["jurisdictions"], *rule.get("allowed", [])]
        places += [name for one in rule.get("conditions", []) for name in one["countries"]]
        for name in places:
            assert name in groups or name.partition("-")[0] in COUNTRIES or name == "*", (rule["rule"], name)
        assert set(rule["classes"]) <= classes | {"*"}
        assert set(rule.get("certifications", [])) <= certified
        assert rule["instrument"] and rule["confidence"] in ("high", "medium", "low")
        assert rule["effect"] != "soft" or rule.get("allowed") == ["*"] or rule["conditions"][-1]["countries"] == ["*"]
    for entry in document("countries.yaml")["groups"]:
        assert set(entry["countries"]) <= set(COUNTRIES), entry["group"]


def test_rules_are_documented() -> None:
    """`docs/rules.md` has a row for every rule, with its law, effect and confidence, and names every class."""
    text = (SHIPPED.parent / "docs/rules.md").read_text(encoding="utf-8")
    for rule in document("rules.yaml")["rules"]:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{rule['rule']}` ")]
        assert (
            rule["instrument"] in row and f"| {rule['effect']} |" in row and row.endswith(f"| {rule['confidence']} |")
        )
    assert all(f"`{entry['class']}`" in text for entry in document("rules.yaml")["classes"])


def test_operators_are_of_countries_and_some_are_unknown() -> None:
    """The nationality of the largest providers is known, and none is made up for the others."""
    known = {name: fact.unit for name, fact in shipped().operators.items()}
    assert {known[name] for name in ("aws", "azure", "gcp", "oci")} == {"US"}
    assert set(known.values()) <= set(COUNTRIES)
    assert set(shipped().providers) - set(known)
