"""Requirements that many workloads share, kept once: a table of requirement × site, and each workload's row in it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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


def residency_profile(catalog: Catalog, asks: Asks, supply: Supply) -> Profile:
    """Whether a site's country is allowed; an unknown country only where nothing is required."""
    countries = [site.countries for site in supply.sites]

    def evaluate(names: tuple[str, ...]) -> NDArray[Any]:
        allowed = allowed_countries(catalog, list(names))
        return np.array([allowed is None or mine <= allowed for mine in countries], dtype=np.bool_)

    return profile(asks.residency, evaluate)


def certification_profile(inventory: Inventory, asks: Asks, supply: Supply) -> Profile:
    """How many certifications, asked for here or for all workloads, a site does not hold on accepted evidence."""
    accepted = {"audited", "claimed"} if inventory.policies.claimed_certifications else {"audited"}

    def evaluate(needed: tuple[str, ...]) -> NDArray[Any]:
        every = sorted({*needed, *inventory.policies.certifications})
        return np.array(
            [sum(site.certifications.get(name) not in accepted for name in every) for site in supply.sites],
            dtype=np.int64,
        )

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
