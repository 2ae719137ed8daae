"""Everything that can be had: the catalog's rented offers, and nodes to buy or lease at every place that can host them.

The inventory's own sites join the catalog's here, so that the rest of the engine knows one kind of site and offer.
"""

from collections.abc import Collection
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import UNKNOWN, Catalog, Fact, Node, Shape, Site, Stand, Tariff
from placement.engine.arrays import Ints, different
from placement.engine.borders import border_text, parts_of
from placement.engine.signed import Signed, signed_of, sku_of
from placement.engine.stock import stock_of
from placement.inventory.inventory import Inventory
from placement.inventory.located import resolve_location
from placement.inventory.place import OwnSite
from placement.inventory.policy import Policies
from placement.units import MICRO, to_micro
from placement.words import OWN, PAYMENTS, PURCHASES, way_to_buy

EXISTING = "existing-"
"""Prefix of the sku of hardware that is already there."""


STATED = (
    *("usd_per_kwh", "usd_per_kw_month", "pue", "visit_usd", "backhaul_usd_per_month"),
    *("staff_usd_per_node_month", "maintenance_fraction_per_year", "network_usd_per_node"),
)
"""Figures of an own site that the inventory may state."""

_FLAT_RATE = Tariff(((0, 0),), "", "inventory", "bytes are paid for with the link")
"""What bytes cost that leave a site whose links are paid at a flat rate."""


def metered_line(inventory: Inventory, locations: Collection[str]) -> Tariff | None:
    """What bytes cost that leave some locations: the highest price that is stated; None where none is."""
    stated = [inventory.locations[name].uplink_usd_per_gb for name in locations]
    prices = [to_micro(price) for price in stated if price is not None]
    return Tariff(((0, max(prices)),), "", "inventory", "a metered line") if prices else None


Row = tuple[int, int, int, int, int, int]
"""Shape, sku, purchase model, price, purchase, limit."""

T = TypeVar("T")


class Purchase(NamedTuple):
    """Terms of a node bought or leased."""

    node: Node
    capex_micro: int
    life_months: int | None
    """None: the plan's life for bought hardware."""
    existing: bool
    new_micro: int | None = None
    """Its price when new, where that is known beside what is left of it."""


class Supply(NamedTuple):
    """Sites by id, and offers by (site, sku, purchase, payment, term): the canonical order that breaks ties."""

    sites: list[Site]
    shapes: list[Shape]
    skus: list[str]
    purchases: list[Purchase]
    site_o: Ints
    shape_o: Ints
    sku_o: Ints
    purchase_o: Ints
    price_micro_o: Ints
    """Micro-dollars per hour of a rented unit (signed already: once that has ended); 0 for nodes that are bought;
    `UNKNOWN` where no price is known."""
    bought_o: Ints
    """Index into `purchases`, −1 for rented offers."""
    limit_nodes_o: Ints
    """How many nodes there are, −1 where there is no limit."""
    catalog_row_o: Ints
    """Row of `Catalog.offers`, −1 for bought nodes."""
    payment_o: Ints
    """Number in `PAYMENTS`."""
    months_o: Ints
    """Of the term of a rented lease; 0 for all other offers."""
    upfront_micro_o: Ints
    """Micro-dollars for a unit at the begin of each term."""
    signed: list[Signed]
    """What is signed already."""
    signed_o: Ints
    """Index into `signed`, −1 for all other offers."""

    def offer_id(self, offer: int) -> str:
        """`provider/site/sku/purchase`, with the term of a rented lease, and the payment where one is made ahead."""
        site, payment, months = self.sites[int(self.site_o[offer])].id, self.payment_o[offer], self.months_o[offer]
        way = way_to_buy(PURCHASES[int(self.purchase_o[offer])], PAYMENTS[int(payment)], int(months))
        return f"{site}/{self.skus[int(self.sku_o[offer])]}/{way}"

    def bought(self, offer: int) -> Purchase | None:
        """The terms of a node that is bought, leased or there already; None for what is rented."""
        number = int(self.bought_o[offer])
        return self.purchases[number] if number >= 0 else None

    def per_purchase(self, values: list[int]) -> NDArray[np.float64]:
        """A figure of each of `purchases`, laid out over the offers; 0 for rented ones."""
        known = np.array([*values, 0], dtype=np.float64)
        return np.where(self.bought_o >= 0, known[self.bought_o], 0.0)


def build_supply(
    catalog: Catalog, inventory: Inventory, asked: Collection[frozenset[str]] = (), spot_apart: bool = False
) -> Supply:
    """Join the catalog's offers with the nodes that could be bought at colocation and own sites.

    *asked* are the sets of locations at all of whose places workloads live. *spot_apart*: whether work takes more on
    spot than on the same hardware otherwise, so that its shapes are shapes of their own.
    """
    own = [part for name in inventory.sites for part in parts_of(own_site(catalog, inventory, name), asked)]
    own.sort(key=lambda site: site.id)
    tagged = sorted(
        [(site.id, 0, index) for index, site in enumerate(catalog.sites)]
        + [(site.id, 1, index) for index, site in enumerate(own)]
    )
    sites = [own[index] if mine else catalog.sites[index] for _, mine, index in tagged]
    position = np.empty(len(catalog.sites), dtype=np.int64)
    for place, (_, mine, index) in enumerate(tagged):
        if not mine:
            position[index] = place
    bought = _Bought(list(catalog.shapes), [*catalog.strings])
    for place, site in enumerate(sites):
        if site.provider == OWN:
            bought.own(place, site, inventory.sites[site.name], catalog, inventory.policies)
        elif site.tier == "colo":
            bought.new(place, site, catalog)
    supply = _joined(catalog, sites, position, bought, signed_of(catalog, inventory))
    return _with_spot_shapes(supply) if spot_apart else supply


def own_site(catalog: Catalog, inventory: Inventory, name: str) -> Site:
    """The inventory's site *name* as the engine sees it."""
    own = inventory.sites[name]
    told = [(at, *resolve_location(catalog, inventory.locations[at])) for at in sorted(own.stands_at)]
    stands = tuple(Stand(at, country, inventory.locations[at].count) for at, country, _, _ in told)
    spread = sum(stand.places for stand in stands) > 1
    country, latitude, longitude = (border_text(stands), None, None) if spread else told[0][1:]
    facts = {item: getattr(own, item) for item in STATED}
    site = Site(
        id=f"{OWN}/{name}",
        provider=OWN,
        tier=own.tier,
        name=name,
        country=country,
        subdivision=None,
        latitude=latitude,
        longitude=longitude,
        access="general",
        certifications=dict.fromkeys(sorted(own.certifications), "audited"),
        egress_internet=metered_line(inventory, own.stands_at) if own.backhaul_usd_per_month is None else _FLAT_RATE,
        egress_same_provider=None,
        storage=None,
        facility={
            item: Fact(to_micro(value), item, "", "inventory", "", item)
            for item, value in facts.items()
            if value is not None
        },
        location=None if spread else stands[0].location,
        stands=stands,
        spread=spread,
    )
    return site._replace(power_kw_micro=power_limit_micro(catalog, own, site))


def power_limit_micro(catalog: Catalog, own: OwnSite, site: Site) -> int:
    """IT power of each place [millionths of a kW]: as stated, or what the PUE leaves of the whole feed."""
    if own.power_kw is not None:
        return to_micro(own.power_kw)
    return to_micro(own.grid_power_kw or 0) * MICRO // pue_fact(catalog, site).micro


def pue_fact(catalog: Catalog, site: Site) -> Fact:
    """Power usage effectiveness: the site's own, else the assumption for its tier."""
    return site.facility.get("pue") or catalog.assumption("pue", site.tier)


class _Bought:
    """Rows of bought and leased nodes, collected site by site."""

    def __init__(self, shapes: list[Shape], skus: list[str]) -> None:
        self.shapes = shapes
        self.skus = skus
        self.purchases: list[Purchase] = []
        self.rows: list[tuple[int, *Row]] = []
        self._shape_index = {shape: index for index, shape in enumerate(shapes)}
        self.sku_index: dict[str, int] = {}
        self._purchase_index: dict[Purchase, int] = {}
        self._for_kind: dict[tuple[str, bool], list[Row]] = {}

    def own(self, place: int, site: Site, own: OwnSite, catalog: Catalog, policies: Policies) -> None:
        """Existing hardware first, then what may be bought."""
        pooled: dict[tuple[str, int, int | None, int | None], int] = {}
        for hardware in own.hardware:
            key = (hardware.node, *stock_of(catalog, policies, hardware))
            pooled[key] = pooled.get(key, 0) + hardware.nodes
        for number, ((name, capex, life, new), nodes) in enumerate(sorted(pooled.items(), key=str)):
            suffix = f"-{number + 1}" if sum(other[0] == name for other in pooled) > 1 else ""
            purchase = Purchase(catalog.nodes[name], capex, life, existing=True, new_micro=new)
            self.rows.append((place, *self._row(f"{EXISTING}{name}{suffix}", "owned", purchase, nodes, site.spread)))
        if own.may_buy:
            self.new(place, site, catalog)

    def new(self, place: int, site: Site, catalog: Catalog) -> None:
        """Every node of the catalog that may stand at this kind of site, bought and leased."""
        kind = (site.tier, site.spread)
        if kind not in self._for_kind:
            self._for_kind[kind] = [
                self._row(node.id, model, Purchase(node, _micro(node.capex), None, existing=False), -1, site.spread)
                for node in catalog.nodes.values()
                if site.tier in node.tiers
                for model in ("lease", "owned")
            ]
        self.rows += [(place, *row) for row in self._for_kind[kind]]

    def _row(self, sku: str, model: str, purchase: Purchase, limit: int, each: bool) -> Row:
        node = purchase.node
        shape = Shape(node.accelerator, node.accelerators, node.accelerators, node.fabric, each=each)
        known = purchase.capex_micro != UNKNOWN and node.max_power_kw is not None
        return (
            _number(shape, self.shapes, self._shape_index),
            _number(sku, self.skus, self.sku_index),
            PURCHASES.index(model),
            0 if known else UNKNOWN,
            _number(purchase, self.purchases, self._purchase_index),
            limit,
        )


def _number(value: T, values: list[T], index: dict[T, int]) -> int:
    """The number of *value* among *values*, to which it is added when it is new."""
    if value not in index:
        index[value] = len(values)
        values.append(value)
    return index[value]


def _micro(fact: Fact | None) -> int:
    return fact.micro if fact is not None else UNKNOWN


def _joined(catalog: Catalog, sites: list[Site], position: Ints, bought: _Bought, signed: list[Signed]) -> Supply:
    rented = catalog.offers
    rows = bought.rows
    base = np.array([one.row for one in signed], dtype=np.int64)
    sku = np.array([_number(sku_of(one), bought.skus, bought.sku_index) for one in signed], dtype=np.int64)
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 7).T

    def same(count: int, value: int) -> Ints:
        return np.full(count, value, dtype=np.int64)

    def joined(theirs: Ints, of_signed: Ints, mine: Ints) -> Ints:
        return np.concatenate([theirs, of_signed, mine])

    count = len(rented.site_o)
    catalog_row = np.arange(count, dtype=np.int64)
    site_o = joined(position[rented.site_o], position[rented.site_o[base]], columns[0])
    sku_o = joined(rented.sku_o, sku, columns[2])
    purchase_o = joined(rented.purchase_o, rented.purchase_o[base], columns[3])
    payment_o = joined(rented.payment_o, rented.payment_o[base], same(len(rows), 0))
    rank_of = {sku: rank for rank, sku in enumerate(sorted(set(bought.skus)))}
    rank_of_sku = np.array([rank_of[sku] for sku in bought.skus], dtype=np.int64)
    months_o = joined(rented.months_o, rented.months_o[base], same(len(rows), 0))
    order = np.lexsort((months_o, payment_o, purchase_o, rank_of_sku[sku_o], site_o))
    then_micro = np.array([_then_micro(catalog, one) for one in signed], dtype=np.int64)
    nodes = np.array([one.nodes for one in signed], dtype=np.int64)
    none, other = same(count, -1), same(len(rows), -1)
    return Supply(
        sites=sites,
        shapes=bought.shapes,
        skus=bought.skus,
        purchases=bought.purchases,
        site_o=site_o[order],
        shape_o=joined(rented.shape_o, rented.shape_o[base], columns[1])[order],
        sku_o=sku_o[order],
        purchase_o=purchase_o[order],
        price_micro_o=joined(rented.price_micro_o, then_micro, columns[4])[order],
        bought_o=joined(none, same(len(signed), -1), columns[5])[order],
        limit_nodes_o=joined(none, nodes, columns[6])[order],
        catalog_row_o=joined(catalog_row, base, other)[order],
        payment_o=payment_o[order],
        months_o=months_o[order],
        upfront_micro_o=joined(rented.upfront_micro_o, same(len(signed), 0), same(len(rows), 0))[order],
        signed=signed,
        signed_o=joined(none, np.arange(len(signed), dtype=np.int64), other)[order],
    )


def _then_micro(catalog: Catalog, signed: Signed) -> int:
    """What an hour costs once it has ended; 0 where the horizon is over before, `UNKNOWN` where nobody says."""
    if signed.then_row == UNKNOWN:
        return 0 if signed.priced else UNKNOWN
    return int(catalog.offers.price_micro_o[signed.then_row])


def _with_spot_shapes(supply: Supply) -> Supply:
    """The same with shapes of their own for spot offers."""
    on_spot = supply.purchase_o == PURCHASES.index("spot")
    taken = different(supply.shape_o[on_spot])
    moved_h = np.arange(len(supply.shapes))
    moved_h[taken] = len(supply.shapes) + np.arange(len(taken))
    shapes = [*supply.shapes, *(supply.shapes[h]._replace(spot=True) for h in taken.tolist())]
    return supply._replace(shapes=shapes, shape_o=np.where(on_spot, moved_h[supply.shape_o], supply.shape_o))


def power_kw_micro(purchase: Purchase) -> int:
    """Most power one node draws [millionths of a kW], `UNKNOWN` if the catalog does not say."""
    return _micro(purchase.node.max_power_kw)
