"""Requirements that many workloads share, kept once: a table of requirement × site, and each workload's row in it."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats, Ints
from placement.engine.network import Place, median_rtt_ms, traffic_rtt_ms
from placement.engine.supply import Supply, resolve_location
from placement.inventory.inventory import Inventory
from placement.units import to_milli

K = TypeVar("K", bound=Hashable)


class Profile(NamedTuple):
    """One kind of requirement."""

    table_rs: NDArray[Any]
    row_w: Ints

    def of(self, w: Ints) -> NDArray[Any]:
        """The rows of the workloads *w*, `ws`."""
        return np.asarray(self.table_rs[self.row_w[w]])


def profile(requirements: list[K], evaluate: Callable[[K], NDArray[Any]]) -> Profile:
    """Evaluate every distinct requirement once; *evaluate* gives its row over the sites."""
    rows: dict[K, int] = {}
    row_w = np.array([rows.setdefault(requirement, len(rows)) for requirement in requirements], dtype=np.int64)
    return Profile(np.stack([evaluate(requirement) for requirement in rows]), row_w)


def residency_profile(catalog: Catalog, inventory: Inventory, supply: Supply) -> Profile:
    """Whether a site's country is allowed; an unknown country only where nothing is required."""
    countries = [site.country for site in supply.sites]

    def evaluate(names: tuple[str, ...]) -> NDArray[Any]:
        allowed = allowed_countries(catalog, list(names))
        return np.array([allowed is None or country in allowed for country in countries], dtype=np.bool_)

    return profile([tuple(workload.residency) for workload in inventory.workloads], evaluate)


def certification_profile(inventory: Inventory, supply: Supply) -> Profile:
    """How many of the certifications asked for a site does not hold on accepted evidence."""
    policies = inventory.policies
    accepted = {"audited", "claimed"} if policies.claimed_certifications else {"audited"}

    def evaluate(needed: tuple[str, ...]) -> NDArray[Any]:
        return np.array(
            [sum(site.certifications.get(name) not in accepted for name in needed) for site in supply.sites],
            dtype=np.int64,
        )

    asked = [tuple(sorted({*workload.certifications, *policies.certifications})) for workload in inventory.workloads]
    return profile(asked, evaluate)


def rtt_profile(catalog: Catalog, inventory: Inventory, supply: Supply) -> Profile:
    """RTT [ms] at the workload's users and percentile; NaN where unknown or without users."""
    places: list[Place] = [
        (name, *resolve_location(catalog, location)[1:]) for name, location in inventory.locations.items()
    ]
    rtt_ls = median_rtt_ms(catalog, places, supply.sites)
    number = {name: index for index, name in enumerate(inventory.locations)}

    def evaluate(requirement: tuple[tuple[tuple[int, int], ...], float]) -> Floats:
        mix, percentile = requirement
        if not mix:
            return np.full(len(supply.sites), np.nan)
        return traffic_rtt_ms(catalog, rtt_ls, [place for place, _ in mix], [share for _, share in mix], percentile)

    return profile(
        [
            (
                tuple((number[user.location], to_milli(user.share_fraction)) for user in workload.users),
                float(workload.slo.percentile) if workload.slo else 50.0,
            )
            for workload in inventory.workloads
        ],
        evaluate,
    )


def at_users_profile(inventory: Inventory, supply: Supply) -> Profile:
    """Whether a site stands at the one location of all users."""
    here = [site.location for site in supply.sites]

    def evaluate(names: tuple[str, ...]) -> NDArray[Any]:
        return np.array([len(names) == 1 and location == names[0] for location in here], dtype=np.bool_)

    users = [tuple(sorted({user.location for user in workload.users})) for workload in inventory.workloads]
    return profile(users, evaluate)


def allowed_countries(catalog: Catalog, names: list[str]) -> frozenset[str] | None:
    """Country codes meant by a list of countries and groups; None when nothing is required."""
    if not names:
        return None
    return frozenset(country for name in names for country in catalog.groups.get(name, [name]))
