"""Power: of cards, of clusters, of cooling, and what a site feeds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from placement.catalog.claims import Claim
from placement.catalog.tables import Catalog, Fact, Node, Site
from placement.claims.bench import Bench
from placement.claims.model import Figure, Found, Number
from placement.claims.parts import between, distribution, grouped, nothing, swing_of
from placement.claims.spread import median
from placement.engine.supply import own_site, pue_fact
from placement.units import MICRO


def card_power(bench: Bench, claim: Claim) -> Found:
    """The most that cards draw."""
    known = [bench.catalog.accelerators[name] for name in claim.among]
    drawn = [(one, Fraction(str(one.tdp_w))) for one in known if one.tdp_w is not None]
    if not drawn:
        return nothing(bench, "power of these accelerators")
    values = [watts for _, watts in drawn]
    numbers = tuple(Number(one.name, watts, "W", one.source_id, one.as_of) for one, watts in drawn)
    figure = Figure(median(values), min(values), max(values), "median of the models; lowest to highest", len(values))
    return Found(figure, numbers=numbers, swings=tuple(between("accelerator", {one.name: [w] for one, w in drawn})))


def cluster_power(bench: Bench, claim: Claim) -> Found:
    """What nodes draw that hold so many accelerators: while they work, and at most."""
    nodes = [node for node in bench.catalog.nodes.values() if node.accelerator in claim.among and node.max_power_kw]
    if not nodes:
        return nothing(bench, "node with these accelerators and a known power")
    load = bench.catalog.assumption("power_load_fraction")
    most = [(node, _kw_each(node) * claim.number) for node in nodes]

    def at(micro: int) -> list[Fraction]:
        return [kw * Fraction(micro, MICRO) for _, kw in most]

    busy = at(load.micro)
    numbers = [
        *(_of_node(node, f"{node.name}, at most", kw) for node, kw in most),
        *(_of_node(node, f"{node.name}, working", kw) for (node, _), kw in zip(most, busy, strict=True)),
    ]
    figure = Figure(
        median(busy),
        min(busy),
        max(kw for _, kw in most),
        "median of the nodes while they work; lowest of these to the highest at most",
        len(nodes),
    )
    swings = [
        *(
            swing_of(lever, median(at(lever.low_micro)), median(at(lever.high_micro)))
            for lever in bench.catalog.levers
            if lever.name == "power_load_fraction"
        ),
        *between("node", {node.name: [kw] for (node, _), kw in zip(most, busy, strict=True)}),
    ]
    return Found(figure, numbers=tuple(numbers), swings=() if bench.framed else tuple(swings))


def cooling(bench: Bench, claim: Claim) -> Found:
    """Power usage effectiveness of a tier's sites; of an inventory's own, where it has some."""
    sites = list(_own_sites(bench)) if bench.framed else [one for one in bench.catalog.sites if one.tier == claim.tier]
    if not sites:
        return Found(None, "no site of one's own") if bench.framed else nothing(bench, f"site of the tier {claim.tier}")
    facts = [(site, pue_fact(bench.catalog, site)) for site in sites]
    values = [Fraction(fact.micro, MICRO) for _, fact in facts]
    told = {(fact.micro, fact.source_id, fact.as_of, fact.assumed) for _, fact in facts}
    numbers = [
        Number("assumed" if assumed else "stated", Fraction(micro, MICRO), "ratio", source, as_of)
        for micro, source, as_of, assumed in sorted(told)
    ]
    providers = grouped((site.provider, Fraction(fact.micro, MICRO)) for site, fact in facts)
    return Found(distribution(values, "sites"), numbers=tuple(numbers), swings=tuple(between("provider", providers)))


def site_power(bench: Bench, claim: Claim) -> Found:
    """How many accelerators the power of a colocation site feeds, or that of an inventory's own sites."""
    nodes = [one for one in bench.catalog.nodes.values() if one.accelerator == claim.accelerator and one.max_power_kw]
    sites = list(_fed(bench))
    if not nodes or not sites:
        return nothing(bench, f"site and node of {claim.accelerator} with a known power")
    node = min(nodes, key=_kw_each)
    values = [_fits(node, fact.micro) for _, fact in sites]
    told = {(fact.micro, fact.source_id, fact.as_of) for _, fact in sites}
    numbers = [_of_node(node, f"{node.name}, at most", _kw_each(node) * node.accelerators)]
    numbers += [
        Number("power of a site", Fraction(micro, MICRO), "kW", source, as_of) for micro, source, as_of in sorted(told)
    ]
    swings = [
        swing_of(lever, _fits(node, lever.low_micro), _fits(node, lever.high_micro))
        for lever in bench.catalog.levers
        if lever.name == "max_power_kw" and not bench.framed
    ]
    return Found(distribution(values, "sites"), numbers=tuple(numbers), swings=tuple(swings))


def _kw_each(node: Node) -> Fraction:
    """Most power by accelerator, with what is around it in the node."""
    assert node.max_power_kw is not None
    return Fraction(node.max_power_kw.micro, MICRO * node.accelerators)


def _of_node(node: Node, label: str, kw: Fraction) -> Number:
    assert node.max_power_kw is not None
    return Number(label, kw, "kW", node.max_power_kw.source_id, node.max_power_kw.as_of)


def _fits(node: Node, power_micro: int) -> Fraction:
    """Accelerators in as many nodes as the power feeds."""
    assert node.max_power_kw is not None
    return Fraction(power_micro // node.max_power_kw.micro * node.accelerators)


def _fed(bench: Bench) -> Iterator[tuple[Site, Fact]]:
    """Sites and their power."""
    if bench.framed:
        for site in _own_sites(bench):
            if site.power_kw_micro:
                yield site, Fact(site.power_kw_micro, "kW", "", "inventory", "")
        return
    for site in bench.catalog.sites:
        if site.tier == "colo":
            yield site, site.facility.get("max_power_kw") or _assumed_power(bench.catalog)


def _assumed_power(catalog: Catalog) -> Fact:
    return catalog.assumption("max_power_kw", "colo")


def _own_sites(bench: Bench) -> Iterator[Site]:
    if bench.inventory is not None:
        for name in sorted(bench.inventory.sites):
            yield own_site(bench.catalog, bench.inventory, name)
