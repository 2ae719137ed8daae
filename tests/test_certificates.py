"""What a provider's entries say of one certification at one site: the winning entry, its evidence and its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import SHIPPED

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog
from placement.cli.commands import load
from placement.engine.advise import advise
from placement.plan.proof import Proof

SMALL = Path(__file__).parent / "cases/catalog"
HEAD = """\
provider: forge
name: Forge
tier: gpu_cloud
sites:
  - {site: lyon, name: Lyon, country: FR, latitude: 45.8, longitude: 4.8, as_of: "2026", source_id: t1}
certifications:
"""
OWN = '  - {certification: HDS, evidence: audited, sites: [paris], as_of: "2026-10", source_id: x1}\n'
ALL = '  - {certification: HDS, evidence: claimed, sites: ["*"], as_of: "2026-09", source_id: x2}\n'
LATER = '  - {certification: HDS, evidence: not_held, sites: ["*"], as_of: "2026-11", source_id: x2}\n'
SOURCES = "source_id,source,licence\nx1,a report on one site,own\nx2,a questionnaire for all,own\n"
ASKED = """\
schema_version: 1
name: t
policies: {certification_evidence: claimed, allowed_providers: [forge]}
workloads:
  - id: w
    kind: batch
    certifications: [HDS]
    demand: {accelerators: {model: Big, count: 1, hours_per_month: 730}}
"""


def layer(folder: Path, *entries: str) -> Path:
    (folder / "gpu_cloud").mkdir(parents=True)
    (folder / "gpu_cloud/forge.yaml").write_text(HEAD + "".join(entries), encoding="utf-8")
    (folder / "sources.csv").write_text(SOURCES, encoding="utf-8")
    return folder


def held(catalog: Catalog) -> dict[str, tuple[str, str, str]]:
    """Evidence, source and date by site."""
    return {
        site.name: (site.certifications["HDS"], *catalog.certificates[site.id]["HDS"])
        for site in catalog.sites
        if site.provider == "forge"
    }


@pytest.mark.parametrize("entries", [(OWN, ALL), (ALL, OWN), (OWN, LATER, ALL)])
def test_the_entry_of_the_site_wins(entries: tuple[str, ...], tmp_path: Path) -> None:
    """In any order; and each site has the source and the date of the entry that holds there."""
    expected = {"Paris": ("audited", "x1", "2026-10"), "Lyon": ("claimed", "x2", "2026-09")}
    assert held(load_catalog([SMALL, layer(tmp_path / "one", *entries)], None)) == expected
    for number, text in enumerate(entries):  # and in layers of their own
        layer(tmp_path / f"own{number}", text)
    layers = [SMALL, *(tmp_path / f"own{number}" for number in range(len(entries)))]
    assert held(load_catalog(layers, None)) == expected


def test_kept_columns_say_the_same(tmp_path: Path) -> None:
    """What comes out of the cache has each site's own source."""
    layers = [SMALL, layer(tmp_path / "ours", OWN, ALL)]
    first, again = (load_catalog(layers, tmp_path / "cache") for _ in range(2))
    assert first.certificates == again.certificates
    assert held(first) == held(again)


def test_proofs_cite_the_certificate_of_the_site(tmp_path: Path) -> None:
    """The offers are for all sites at one price, so that `lyon` comes first; a rule moves the workload to `paris`."""
    path, ours = tmp_path / "inventory.yaml", layer(tmp_path / "ours", ALL, OWN)

    def proof(text: str) -> Proof:
        path.write_text(text, encoding="utf-8")
        loaded = load(path, [SMALL, ours], False)
        (placement,) = advise(loaded.catalog, loaded.inventory, "0" * 64).placements
        (found,) = [one for one in placement.proofs if one.rule == "certification"]
        return found

    claimed = proof(ASKED)
    assert (claimed.place, claimed.asks, claimed.source_id, claimed.as_of) == (
        *("forge/lyon", "HDS (claimed)", "x2", "2026-09"),
    )
    audited = proof(ASKED.replace("evidence: claimed", "evidence: audited"))
    assert (audited.place, audited.asks, audited.source_id, audited.as_of) == (
        *("forge/paris", "HDS (audited)", "x1", "2026-10"),
    )


def test_a_providers_own_word_is_a_claim() -> None:
    """Of the shipped catalog's entries none is `audited` whose scope or source is what the provider says of itself."""
    catalog = load_catalog([SHIPPED], None)
    crusoe = next(site for site in catalog.sites if site.provider == "crusoe")
    said = {name: crusoe.certifications[name] for name in ("SOC 2", "ISO 27001", "ISO 42001", "GDPR DPA")}
    assert set(said.values()) == {"claimed"}
    for site in catalog.sites:
        for name, evidence in site.certifications.items():
            if evidence == "audited":
                source = catalog.sources[catalog.certificates[site.id][name][0]][0]
                assert "llms.txt" not in source, (site.id, name)
