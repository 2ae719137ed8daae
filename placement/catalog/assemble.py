"""Validated entries → the plain payload and offer columns that `Catalog.from_payload` and the cache share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from placement.catalog.assemble_claims import claims_payload
from placement.catalog.assemble_network import network_payload
from placement.catalog.assemble_work import accelerator_row, work_payload
from placement.catalog.contracts import Prices, contract_for, contracted, state_of, words_of
from placement.catalog.model import (
    FACILITY_ITEMS,
    DeviceEntry,
    DiscountEntry,
    EgressEntry,
    NodeEntry,
    NodeFabric,
    ProviderFile,
    RuleEntry,
    Sourced,
    StorageEntry,
)
from placement.catalog.offers import Offers
from placement.catalog.read import Entries, Provider
from placement.catalog.routes import is_plain, routes_of
from placement.catalog.tables import AVAILABILITIES, BASES, HOSTINGS, UNKNOWN, Columns
from placement.csv_tables import Row
from placement.dates import latest_day
from placement.units import to_micro, to_milli
from placement.words import PAYMENTS, PURCHASES


class Pool:
    """Values numbered in order of first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._index: dict[Any, int] = {}

    def add(self, value: Any, key: Any = None) -> int:
        """The number of *value* (or of *key*, where the value itself cannot be hashed)."""
        key = value if key is None else key
        if key not in self._index:
            self._index[key] = len(self.values)
            self.values.append(value)
        return self._index[key]


class Pools(NamedTuple):
    """What many sites or offers share; the names are keys of the payload."""

    tariffs: Pool
    certifications: Pool
    facilities: Pool
    routes: Pool
    devices: Pool
    shapes: Pool
    strings: Pool


def assemble(entries: Entries) -> tuple[dict[str, Any], Columns]:
    """Flatten *entries*: sites ordered by id, offers by (site, sku, purchase)."""
    network, pairs = network_payload(entries)
    work, measured = work_payload(entries)
    placed, offers = _places(entries)
    payload = {
        "name": entries.name,
        "as_of": entries.as_of,
        "sources": [[row["source_id"], row["source"], row["licence"]] for row in entries.sources.values()],
        "providers": {provider.id: provider.name for provider in entries.providers.values()},
        "ports": {provider.id: found for provider in entries.providers.values() if (found := _ports(provider))},
        "operators": _operators(entries),
        "nodes": [_node_row(node) for node in entries.nodes.values()],
        "assumptions": _assumptions(entries),
        "network": network,
        "contracts": [_contract_row(entries, entry) for entry in entries.discounts],
        "rules": [_rule_row(entries, entries.rules[name]) for name in sorted(entries.rules)],
        "classes": {name: _implied(entries, name) for name in sorted(entries.classes)},
    }
    payload |= claims_payload(entries)
    return payload | _hardware(entries) | work | _geography(entries) | placed, Columns(offers, pairs, measured)


def _places(entries: Entries) -> tuple[dict[str, Any], Offers]:
    """Every provider's sites with what many of them share, and the offers there."""
    pools = Pools(*(Pool() for _ in Pools._fields))
    sites: list[list[Any]] = []
    rows: list[tuple[Any, ...]] = []
    agreed: dict[str, list[tuple[int, DiscountEntry]]] = {}
    for number, entry in enumerate(entries.discounts):
        if not state_of(entry, latest_day(entries.as_of)):
            agreed.setdefault(entry.provider, []).append((number, entry))
    located = sorted(
        (f"{provider.id}/{name}", provider, name) for provider in entries.providers.values() for name in provider.sites
    )
    for identity, provider, name in located:
        for offer in _offers_at(provider, name):
            contract = contract_for(agreed.get(provider.id, ()), name, offer)
            rows.append((len(sites), *_offer_row(offer, provider, pools, entries.discounts, contract)))
        sites.append(_site_row(identity, provider, name, pools))
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), len(Offers._fields)).T
    shared = {name: pool.values for name, pool in pools._asdict().items()}
    return shared | {"sites": sites}, Offers(*(np.ascontiguousarray(column) for column in columns))


def _hardware(entries: Entries) -> dict[str, Any]:
    """Accelerators, their other names, and what work they do."""
    rows = entries.accelerators.values()
    return {
        "accelerators": [accelerator_row(row) for row in rows],
        "aliases": {alias: row["accelerator"] for row in rows for alias in row["aliases"].split(";") if alias},
        "ratios": _ratios(entries),
    }


def _geography(entries: Entries) -> dict[str, Any]:
    """Cities, groups of countries, and what is known by country."""
    return {
        "cities": _cities(entries),
        "groups": {group.group: sorted(group.countries) for group in entries.groups.values()},
        "electricity": {
            f"{country}-{part}" if part else country: _fact(to_micro(entry.usd_per_kwh), "kWh", entry)
            for (country, part), entry in entries.electricity.items()
        },
        "continents": {
            country: entry.continent for entry in entries.continents.values() for country in entry.countries
        },
    }


def _fact(micro: int, unit: str, entry: Sourced, name: str = "", tier: str = "", assumed: bool = False) -> list[Any]:
    return [micro, unit, entry.as_of, entry.source_id, entry.note or "", name, tier, assumed]


def _latest(files: list[ProviderFile], attribute: str, site: str, **match: str) -> Any:
    """The winning entry of a provider's list for *site*: the site's own before `*`, later layers before earlier."""
    for wanted in (site, "*"):
        for read in reversed(files):
            for entry in reversed(getattr(read, attribute)):
                matches = all(getattr(entry, key) == value for key, value in match.items())
                if wanted in entry.sites and matches and is_plain(entry):
                    return entry
    return None


def _site_row(identity: str, provider: Provider, name: str, pools: Pools) -> list[Any]:
    site, files, tariffs = provider.sites[name], provider.files, pools.tariffs
    facility = {}
    for item in FACILITY_ITEMS:
        entry = _latest(files, "facility", name, item=item)
        if entry is not None:
            facility[item] = _fact(to_micro(entry.value), item, entry, item, provider.tier)
    held = _held(files, name)
    routes = [[*route.key, _egress(route.entry, tariffs)] for route in routes_of(provider.id, files, name)]
    devices = _devices(provider, name, tariffs)
    return [
        identity,
        provider.id,
        site.tier or provider.tier,
        site.name,
        site.country,
        site.subdivision,
        site.latitude,
        site.longitude,
        site.access,
        pools.certifications.add(held, repr(held)),
        _egress(_latest(files, "egress", name, to="internet"), tariffs),
        _egress(_latest(files, "egress", name, to="same_provider"), tariffs),
        _storage(_latest(files, "storage", name), tariffs),
        pools.facilities.add(facility, repr(facility)),
        _egress(_latest(files, "egress", name, to="between_zones"), tariffs),
        _egress(_latest(files, "egress", name, to="interconnect"), tariffs),
        pools.routes.add(routes, repr(routes)),
        pools.devices.add(devices, repr(devices)),
    ]


def _held(files: list[ProviderFile], site: str) -> dict[str, list[str]]:
    """Evidence, source and date of each certification that somebody says something of at *site*.

    The site's own entry wins over one for all sites, and of two of a kind the later one.
    """
    found: dict[str, list[str]] = {}
    for wanted in ("*", site):
        for read in files:
            for entry in read.certifications:
                if wanted in entry.sites:
                    found[entry.certification] = [entry.evidence, entry.source_id, entry.as_of]
    return dict(sorted(found.items()))


def _ports(provider: Provider) -> list[list[Any]]:
    """The provider's ports, the slowest first; a later layer wins by product and speed."""
    found = {(entry.gbit_per_s, entry.product): entry for read in provider.files for entry in read.interconnect}
    return [
        [product, to_milli(speed * 1000), _fact(to_micro(entry.usd_per_hour), "hour", entry, "port")]
        for (speed, product), entry in sorted(found.items())
    ]


def _devices(provider: Provider, site: str, tariffs: Pool) -> list[list[Any]]:
    """The devices for data of a site, by product; its own entries win over those for all sites, then later layers."""
    found: dict[str, DeviceEntry] = {}
    for wanted in ("*", site):
        for read in provider.files:
            found |= {entry.product: entry for entry in read.transfer_devices if wanted in entry.sites}
    return [
        [
            product,
            to_milli(entry.usable_gb),
            _fact(to_micro(entry.usd_per_job), "job", entry, "transfer device"),
            *(
                _tariff([(0, price)], entry, tariffs) if price is not None else UNKNOWN
                for price in (entry.usd_per_gb_out, entry.usd_per_gb_in)
            ),
            entry.only_for or "",
        ]
        for product, entry in sorted(found.items())
    ]


def _egress(entry: EgressEntry | None, tariffs: Pool) -> int:
    if entry is None:
        return UNKNOWN
    return _tariff([(tier.from_gb, tier.usd_per_gb) for tier in entry.tiers], entry, tariffs)


def _storage(entry: StorageEntry | None, tariffs: Pool) -> int:
    if entry is None:
        return UNKNOWN
    return _tariff([(tier.from_gb, tier.usd_per_gb_month) for tier in entry.tiers], entry, tariffs)


def _tariff(tiers: list[tuple[float, float]], entry: Sourced, tariffs: Pool) -> int:
    steps = [[to_milli(start), to_micro(price)] for start, price in sorted(tiers)]
    steps[0][0] = 0
    value = [steps, entry.as_of, entry.source_id, entry.note or ""]
    return tariffs.add(value, repr(value))


def _offers_at(provider: Provider, site: str) -> list[Row]:
    """The offers valid at *site*, by (sku, purchase, payment, term); a row for the site wins over one for all sites."""
    found: dict[tuple[str, ...], Row] = {}
    for (where, *key), row in provider.offers.items():
        everywhere = where == "*" and provider.sites[site].access == "general"
        if where == site or (everywhere and tuple(key) not in found):
            found[tuple(key)] = row
    return [found[key] for key in sorted(found, key=_rank)]


def _rank(key: tuple[str, ...]) -> tuple[str, int, int, int]:
    sku, purchase, payment, months = key
    return sku, PURCHASES.index(purchase), PAYMENTS.index(payment), int(months or 0)


def _contract_row(entries: Entries, entry: DiscountEntry) -> list[Any]:
    state = state_of(entry, latest_day(entries.as_of))
    until, own = entry.valid_until or "", entry.usd_per_hour is not None
    return [words_of(entry), entry.source_id, entry.as_of, until, state, own]


def _offer_row(
    row: Row, provider: Provider, pools: Pools, discounts: list[DiscountEntry], contract: int
) -> tuple[int, ...]:
    listed = Prices(
        to_micro(row["usd_per_hour"]) if row["usd_per_hour"] and _upfront_known(row) else UNKNOWN,
        to_micro(row["upfront_usd"] or "0"),
    )
    price = listed if contract == UNKNOWN else contracted(discounts[contract], listed)
    shapes, strings = pools.shapes, pools.strings
    fabric = ""
    for read in provider.files:
        for entry in read.fabric:
            if row["sku"] in entry.skus:
                fabric = entry.name
    shared = row["hosting"] == "serverless"
    shape = [row["accelerator"], int(row["accelerators"]), int(row["node_accelerators"]), fabric, shared]
    return (
        shapes.add(shape, tuple(shape)),
        strings.add(row["sku"]),
        PURCHASES.index(row["purchase"]),
        price.hour_micro,
        HOSTINGS.index(row["hosting"]),
        AVAILABILITIES.index(row["availability"]),
        BASES.index(row["basis"]),
        strings.add(row["as_of"]),
        strings.add(row["source_id"]),
        strings.add(row["note"]),
        PAYMENTS.index(row["payment"]),
        int(row["term_months"] or 0),
        price.upfront_micro,
        contract,
        *listed,
    )


def _upfront_known(row: Row) -> bool:
    """Whether it is known what is paid at the begin of a term."""
    return bool(row["upfront_usd"]) or not row["payment"]


def _ratios(entries: Entries) -> dict[str, dict[str, list[Any]]]:
    groups: dict[str, dict[str, list[Any]]] = {}
    for (group, name), row in entries.throughput.items():
        groups.setdefault(group, {})[name] = [
            to_milli(row["ratio_to_h100_sxm"]),
            to_milli(row["ratio_p10"]),
            to_milli(row["ratio_p90"]),
            int(row["n_sources"] or 1),
            row["as_of"],
            row["source_id"],
        ]
    return groups


def _node_row(node: NodeEntry) -> list[Any]:
    facts = {fact.item: _fact(to_micro(fact.value), fact.item, fact, fact.item) for fact in node.facts}
    return [
        node.node,
        node.name,
        node.accelerator,
        node.accelerators,
        node.tiers,
        facts.get("capex_usd"),
        facts.get("max_power_kw"),
        facts.get("replacement_usd"),
        _speed(node.fabric),
        facts.get("claimed_low_usd_per_hour"),
        facts.get("claimed_high_usd_per_hour"),
        node.fabric.name if node.fabric else "",
    ]


def _speed(fabric: NodeFabric | None) -> list[Any] | None:
    if fabric is None or fabric.gbit_per_s_per_node is None:
        return None
    return _fact(to_micro(fabric.gbit_per_s_per_node), "Gbit/s", fabric, "gbit_per_s_per_node")


def _assumptions(entries: Entries) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {}
    for (name, tier), entry in entries.assumptions.items():
        found.setdefault(name, {})[tier] = _fact(to_micro(entry.value), entry.unit, entry, name, tier, assumed=True)
    return found


def _cities(entries: Entries) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    for (city, country), row in entries.cities.items():
        found.setdefault(city, []).append([city, country, float(row["latitude"]), float(row["longitude"])])
    return found


def _rule_row(entries: Entries, rule: RuleEntry) -> list[Any]:
    return [
        rule.rule,
        _territories(entries, rule.jurisdictions),
        rule.instrument,
        sorted(rule.classes),
        rule.effect,
        _territories(entries, rule.allowed),
        [[_territories(entries, one.countries), one.sign, one.own_sites] for one in rule.conditions],
        sorted(rule.certifications),
        sorted(rule.access),
        rule.confidence,
        rule.as_of,
        rule.source_id,
        rule.note or "",
    ]


def _territories(entries: Entries, names: list[str]) -> list[str]:
    """Countries and parts of countries, with groups spelled out."""
    groups = entries.groups
    return sorted({one for name in names for one in (groups[name].countries if name in groups else [name])})


def _implied(entries: Entries, name: str) -> list[str]:
    """The classes that data of a class also is, directly or through others."""
    found: set[str] = set()
    waiting = list(entries.classes[name].implies)
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += entries.classes[other].implies
    return sorted(found - {name})


def _operators(entries: Entries) -> dict[str, list[Any]]:
    """The country of each provider's operator, as the last layer has it."""
    known = {
        provider.id: read.operator
        for provider in entries.providers.values()
        for read in provider.files
        if read.operator is not None
    }
    return {name: _fact(0, entry.country, entry, "operator") for name, entry in sorted(known.items())}
