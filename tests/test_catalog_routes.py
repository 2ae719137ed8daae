"""Tariffs by destination: which of several entries holds, over layers of a catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worlds import SHIPPED

from placement.catalog.load import load_catalog
from placement.catalog.model import EgressEntry, ProviderFile
from placement.catalog.routes import is_plain, routes_of


def entry(price: float, sites: list[str], to: str = "same_provider", **more: Any) -> EgressEntry:
    tiers = [{"from_gb": 0.0, "usd_per_gb": price}]
    return EgressEntry.model_validate(
        {"sites": sites, "to": to, "tiers": tiers, "as_of": "2026", "source_id": "s", **more}
    )


def file_of(*entries: EgressEntry) -> ProviderFile:
    site = {"site": "a", "name": "A", "as_of": "2026", "source_id": "s"}
    read = ProviderFile.model_validate({"provider": "p", "name": "P", "tier": "hyperscaler", "sites": [site]})
    return read.model_copy(update={"egress": list(entries)})


def prices(*files: ProviderFile) -> list[tuple[str, float]]:
    """How destinations are named and what they cost, in the order in which they are asked."""
    found = routes_of("p", list(files), "a")
    return [(route.key[0], route.entry.tiers[0].usd_per_gb) for route in found]


def test_the_more_particular_destination_is_asked_first() -> None:
    """Sites before countries before continents, in whatever order they are written."""
    read = file_of(
        entry(3, ["a"], to_continent="same"),
        entry(2, ["*"], to_countries=["DE"]),
        entry(1, ["*"], to_sites=["b"]),
        entry(9, ["a"]),
        entry(8, ["other"], to_sites=["b"]),
    )
    assert [price for _, price in prices(read)] == [1, 2, 3]
    assert routes_of("p", [read], "a")[0].key == ("same_provider", ("p/b",), (), "")


def test_the_sites_own_entry_wins_over_that_for_all() -> None:
    assert prices(file_of(entry(1, ["*"], to_sites=["b"]), entry(2, ["a"], to_sites=["b"]))) == [("same_provider", 2)]
    assert prices(file_of(entry(2, ["a"], to_sites=["b"]), entry(1, ["*"], to_sites=["b"]))) == [("same_provider", 2)]


def test_a_later_layer_wins() -> None:
    first, second = file_of(entry(1, ["a"], to_sites=["b"])), file_of(entry(2, ["a"], to_sites=["b"]))
    assert prices(first, second) == [("same_provider", 2)]


def test_entries_without_a_destination_are_plain() -> None:
    assert is_plain(entry(1, ["a"]))
    assert not is_plain(entry(1, ["a"], to_continent="other"))


def test_a_layer_states_its_own_ports_and_pairs(tmp_path: Path) -> None:
    """A negotiated port and pair replace those of the same product, speed and destination; the others stay."""
    (tmp_path / "sources.csv").write_text("source_id,source,licence\nus,our contract of 2026,internal\n")
    (tmp_path / "hyperscaler").mkdir()
    (tmp_path / "hyperscaler/aws.yaml").write_text(
        "provider: aws\nname: Amazon Web Services\ntier: hyperscaler\n"
        'sites:\n  - {site: us-east-1, name: N. Virginia, country: US, as_of: "2026", source_id: us}\n'
        "egress:\n  - {sites: [us-east-1], to: same_provider, to_sites: [us-east-2],\n"
        '     tiers: [{from_gb: 0, usd_per_gb: 0.005}], as_of: "2026", source_id: us}\n'
        "interconnect:\n"
        '  - {product: Direct Connect dedicated port, gbit_per_s: 10, usd_per_hour: 2, as_of: "2026", source_id: us}\n'
    )
    catalog = load_catalog([SHIPPED, tmp_path], None)
    ports = [(port.mbit_per_s_milli // 1_000_000, port.price.micro) for port in catalog.ports["aws"]]
    assert ports == [(1, 300_000), (10, 2_000_000), (100, 22_500_000)]
    virginia = next(site for site in catalog.sites if site.id == "aws/us-east-1")
    assert [(route.sites, route.tariff.tiers) for route in virginia.routes] == [(("aws/us-east-2",), ((0, 5_000),))]
