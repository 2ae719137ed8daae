"""Requirements that many workloads share, kept once: a table of requirement × site, and each workload's row in it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.legal import holds, spot_of
from placement.catalog.tables import Catalog
from placement.engine.arrays import Ints
from placement.engine.supply import Supply
from placement.inventory.asks import Asks, K, Shared
from placement.inventory.inventory import Inventory


class Profile(NamedTuple):
    """One kind of requirement."""

    table_rs: NDArray[Any]
    row_w: Ints

    def of(self, w: Ints) -> NDArray[Any]:
        """The rows of the workloads *w*, `ws`."""
        return np.asarray(self.table_rs[self.row_w[w]])


def profile(shared: Shared[K], evaluate: Callable[[K], NDArray[Any]]) -> Profile:
    """Evaluate every distinct requirement once; *evaluate* gives its row over the sites."""
    return Profile(np.stack([evaluate(requirement) for requirement in shared.number]), np.array(shared.row))


def certification_profile(inventory: Inventory, asks: Asks, supply: Supply) -> Profile:
    """How many certifications, asked for here or for all workloads, a site does not hold on accepted evidence."""
    weakest, spots = inventory.policies.weakest_evidence, [spot_of(site) for site in supply.sites]

    def evaluate(needed: tuple[str, ...]) -> NDArray[Any]:
        every = sorted({*needed, *inventory.policies.certifications})
        return np.array([sum(not holds(spot, name, weakest) for name in every) for spot in spots], dtype=np.int64)

    return profile(asks.certifications, evaluate)


def at_users_profile(asks: Asks, supply: Supply) -> Profile:
    """Whether a site stands at the users' locations and nowhere else: at their only one, or at all of theirs."""
    here = [site.at for site in supply.sites]

    def evaluate(names: tuple[str, ...]) -> NDArray[Any]:
        return np.array([bool(at) and at == frozenset(names) for at in here], dtype=np.bool_)

    places: Shared[tuple[str, ...]] = Shared()
    places.add(tuple(sorted({name for name, _ in mix})) for mix, _ in asks.traffic.number)
    by_mix = profile(places, evaluate)
    return Profile(by_mix.table_rs, by_mix.row_w[np.array(asks.traffic.row)])


def allowed_countries(catalog: Catalog, names: list[str]) -> frozenset[str] | None:
    """Country codes meant by a list of countries and groups; None when nothing is required."""
    if not names:
        return None
    return frozenset(country for name in names for country in catalog.groups.get(name, [name]))
