"""The search for sites of one workload against all sets there are, on random ground."""

import itertools
from random import Random

import numpy as np
import pytest

from placement.engine.site_sets import BySite, Ground, Wanted, cheapest_sites, farthest_km, goes_with


def random_ground(random: Random, count: int) -> Ground:
    """Sites in a few places, of a few providers, with costs that tie often."""
    place = np.array([random.randrange(6) for _ in range(count)])
    apart = np.array(
        [[0 if one == other else random.choice((300, 900, 900, 4000)) for other in range(6)] for one in range(6)]
    )
    km = np.maximum(apart, apart.T).astype(float)[np.ix_(place, place)]

    def costs() -> BySite:
        values = [random.choice((1, 2, 3, 5, 8, float("inf"))) for _ in range(count)]
        return BySite(np.array(values), np.array(random.sample(range(100), count)))

    tariffs = np.array([[random.randrange(3) for _ in range(count)] for _ in range(count)])
    sent = np.array([0.0, 1.0, 4.0]) if random.random() < 0.7 else np.zeros(0)
    provider = np.array([random.randrange(3) for _ in range(count)])
    return Ground(costs(), costs(), sent, tariffs, km, provider, place)


def by_trying(ground: Ground, wanted: Wanted) -> tuple[int, ...] | None:
    """The best of all sets."""
    ok, found = goes_with(ground, wanted), []
    count = len(ground.provider_s)
    for first in range(count):
        value = [
            float(
                ground.other.cost_s[other]
                + (ground.sent_t[ground.tariff_ss[first, other]] if len(ground.sent_t) else 0)
            )
            for other in range(count)
        ]
        order = sorted(range(count), key=lambda other: (value[other], ground.other.offer_s[other]))
        for rest in itertools.combinations(order, wanted.sites - 1):
            chosen = (first, *rest)
            total = float(ground.first.cost_s[first]) + sum(value[other] for other in rest)
            if total == float("inf") or len(set(ground.provider_s[list(chosen)].tolist())) < wanted.providers:
                continue
            if all(ok[pair] for pair in itertools.combinations(chosen, 2)):
                offers = [(value[other], int(ground.other.offer_s[other])) for other in rest]
                mine = (float(ground.first.cost_s[first]), int(ground.first.offer_s[first]))
                found.append((total, [mine, *offers], chosen))
    return min(found)[2] if found else None


@pytest.mark.parametrize("sites_wanted", [2, 3, 4, 5])
def test_the_joint_search_finds_the_best_of_all_sets(sites_wanted: int) -> None:
    """Ties included; and the farthest distance is where there are sites and beyond which there are none."""
    random, placed = Random(sites_wanted), 0
    for _ in range(250):
        ground = random_ground(random, random.randint(2, 9))
        wanted = Wanted(
            sites_wanted, random.randint(1, min(3, sites_wanted)), float(random.choice((0, 300, 500, 900, 5000)))
        )
        picked = cheapest_sites(ground, wanted, goes_with(ground, wanted))
        best = by_trying(ground, wanted)
        assert (picked.sites if picked else None) == best
        placed += best is not None
        if best is None and wanted.apart_km:
            km = farthest_km(ground, wanted)
            distances = [km for km in (0.0, 300.0, 900.0, 4000.0) if by_trying(ground, wanted._replace(apart_km=km))]
            assert km == (max(distances) if distances else None)
    assert placed > 25
