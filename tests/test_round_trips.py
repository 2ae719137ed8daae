"""Round-trip times: each step where it is the first that knows, by hand, and what holds of all of them."""

from random import Random

import numpy as np
import pytest
from oracle_arithmetic import great_circle_km
from test_properties import alone
from worlds import POINTS, SHIPPED, Draft, site, world
from worlds_network import network

from placement.catalog.load import load_catalog
from placement.catalog.network import Line, Point
from placement.catalog.tables import Catalog, Stand
from placement.engine.round_trips import MEDIAN, P95, End, RoundTrips, round_trips
from placement.inventory.workload import Slo

ONE = {"sites": [site("lam/1", place="paris"), site("aws/tokyo", place="tokyo")]}
PARIS, BERLIN, TOKYO = POINTS["paris"], POINTS["berlin"], POINTS["tokyo"]
LINE = Line(3_000_000, 19_000, 850_000, 1_300_000, 1_130_000, 20, "2026", "s1")
NEAR_BERLIN = Point("x/potsdam", "DE", 52.4, 13.06)


def end(name: str, place: tuple[str, float, float], **changed: str) -> End:
    return End(name, *place, **changed)


def known(*pairs: tuple[str, str, int, int, str], lines: bool = False, points: tuple[Point, ...] = ()) -> Catalog:
    """Two sites, in Paris and Tokyo, and what is measured between them and *points*."""
    catalog = Draft(**ONE).catalog()
    ends = [Point(one.id, one.country, one.latitude, one.longitude) for one in catalog.sites]
    continents = {"DE": "EU", "FR": "EU"}
    return catalog._replace(network=network([*ends, *points], list(pairs), {("EU", "EU"): LINE} if lines else {},
                                            continents))  # fmt: skip


def trip(catalog: Catalog, user: End, to: str = "lam/1") -> tuple[str, float, float]:
    """Step, median and P95 [ms] to one site."""
    trips = round_trips(catalog, [user], catalog.sites)
    s = [one.id for one in catalog.sites].index(to)
    median, p95 = (float(trips.rtt_us_als[a, 0, s]) / 1000 for a in (MEDIAN, P95))
    return trips.bands[trips.band_ls[0, s]].step, median, p95


def test_by_the_line_for_all_pairs() -> None:
    """Berlin–Paris 877.5 km: 5.15 + 0.01576 × 877.5 = 18.9794 → 18.979 ms, × 1.191 = 22.604; fibre 3 and 6.001 ms."""
    assert trip(known(), end("u", BERLIN)) == ("pooled", 21.979, 28.605)


def test_by_the_line_between_continents() -> None:
    """3 + 0.019 × 877.5 = 19.6725 → half-even 19.672 ms, × 1.13 = 22.229 ms; Tokyo's continent is unknown."""
    assert trip(known(lines=True), end("u", BERLIN)) == ("continent", 22.672, 28.23)
    assert trip(known(lines=True), end("u", BERLIN), "aws/tokyo")[0] == "pooled"


def test_by_a_measured_pair_nearby() -> None:
    """Potsdam–Paris measured at 15 ms: Berlin is 27.0 km off. Distances are 877.5 and 852.7 km."""
    pair = ("lam/1", "x/potsdam", 15_000, 18_000, "2026")
    own = float(great_circle_km(PARIS[1:], (52.4, 13.06)))
    # 15 + 0.01576 × (877.5 − own), and the pair's own P95 ÷ P50 of 1.2
    median = round(15 + 0.01576 * (877.5 - own), 3)
    found = trip(known(pair, lines=True, points=(NEAR_BERLIN,)), end("u", BERLIN))
    assert found[0] == "proxy" and found[1] == pytest.approx(median + 3)
    assert found[2] == pytest.approx(round(median * 1.2, 3) + 6.001)


def test_a_pair_that_is_too_far_off_does_not_stand_in() -> None:
    """Zurich is 671 km from Berlin: more than a tenth of the way to Paris, and more than 500 km at all."""
    zurich = Point("x/zurich", *POINTS["zurich"])
    pairs = [("lam/1", "x/zurich", 12_000, -1, "2026"), ("aws/tokyo", "x/zurich", 220_000, -1, "2026")]
    catalog = known(*pairs, points=(zurich,))
    assert [trip(catalog, end("u", BERLIN), to)[0] for to in ("lam/1", "aws/tokyo")] == ["pooled", "pooled"]


def test_measured_beats_everything() -> None:
    """Services inside a site, no access: what was measured, also when a nearer or newer pair could stand in."""
    pairs = [("lam/1", "aws/tokyo", 230_500, 251_000, "2022"), ("lam/1", "x/near-tokyo", 90_000, -1, "2026")]
    near = Point("x/near-tokyo", "JP", 35.68, 139.65)
    catalog = known(*pairs, lines=True, points=(near,))
    assert trip(catalog, end("u", TOKYO, site="aws/tokyo")) == ("measured", 230.5, 251.0)
    assert trip(catalog, end("u", TOKYO))[0] == "proxy"


def test_the_newest_pair_stands_in_within_one_provider_first() -> None:
    """Of pairs equally near: one that ends at the site itself, then within a provider, then the newest."""
    twin = Point("aws/paris", *PARIS)
    old, new = Point("x/a", *BERLIN), Point("y/b", *BERLIN)
    other_end = ("aws/paris", "x/a", 11_000, -1, "2026")
    earlier, later = ("lam/1", "x/a", 20_000, -1, "2022-04"), ("lam/1", "y/b", 21_000, -1, "2022-11")
    catalog = known(other_end, earlier, later, points=(twin, old, new))
    assert trip(catalog, end("u", BERLIN))[:2] == ("proxy", 24.0)
    within = Point("lam/berlin", *BERLIN)
    catalog = known(other_end, earlier, later, ("lam/1", "lam/berlin", 22_000, -1, "2020"),
                    points=(twin, old, new, within))  # fmt: skip
    assert trip(catalog, end("u", BERLIN))[:2] == ("proxy", 25.0)


def test_never_below_light_nor_below_the_same_place() -> None:
    """A pair of 9 ms over 852.7 km, moved to 877.5: light takes 8.775 ms; next door nothing takes less than 0.5 ms."""
    pair = ("lam/1", "x/potsdam", 8_600, -1, "2026")
    assert trip(known(pair, points=(NEAR_BERLIN,)), end("u", BERLIN))[1] >= 8.775 + 3
    here = Point("x/here", "FR", PARIS[1] + 0.3, PARIS[2])
    assert trip(known(("lam/1", "x/here", 400, -1, "2026"), points=(here,)), end("u", PARIS))[1] == 3.5


@pytest.mark.parametrize(
    ("access", "there", "away"),
    [(None, 0.5, 21.979), ("same_building", 0.5, 21.979), ("5g", 20.5, 38.979), ("wifi", 8.5, 26.979),
     ("leased_line", 1.5, 19.979), ("fibre", 3.5, 21.979)],
)  # fmt: skip
def test_access(access: str | None, there: float, away: float) -> None:
    """At an own site in the same place only stated access is added; `same_building` is fibre to everywhere else."""
    catalog = known()
    own = catalog.sites[0]._replace(id="own/hq", provider="own", location="u", latitude=None, longitude=None)
    own = own._replace(stands=(Stand("u", "DE", 1),))
    user = End("u", *BERLIN, access=access)
    trips = round_trips(catalog, [user], [own, *catalog.sites])
    assert (trips.rtt_us_als[MEDIAN, 0, [0, 2]] / 1000).tolist() == [there, away]
    assert trips.bands[trips.band_ls[0, 0]].step == "same_place"


def test_nowhere_and_unknown_stay_unknown() -> None:
    trips = round_trips(known(lines=True), [End("u", "DE", None, None)], known().sites)
    assert np.isnan(trips.rtt_us_als).all()


def shipped_trips(count: int) -> RoundTrips:
    """From cities to all sites of the shipped catalog."""
    catalog = load_catalog([SHIPPED], None)
    cities = [city for cities in catalog.cities.values() for city in cities]
    chosen = Random(7).sample(cities, count)
    ends = [End(city.name, city.country, city.latitude, city.longitude) for city in chosen]
    return round_trips(catalog, ends, catalog.sites)


def test_nothing_is_faster_than_light() -> None:
    """With the shipped catalog: every time and every low end of a band is at least 0.01 ms/km, and P95 ≥ median."""
    trips = shipped_trips(40)
    known_ls = ~np.isnan(trips.rtt_us_als[MEDIAN, :-1])
    light_ls = np.maximum(trips.km_tenths_ls[:-1], 0) * 1.0
    for a in (MEDIAN, P95):
        assert (trips.rtt_us_als[a, :-1][known_ls] >= np.rint(light_ls[known_ls])).all()
        x, s = np.nonzero(known_ls)
        low, high = trips.range_us(np.full(len(x), a), x, s)
        rtt = trips.rtt_us_als[a, x, s]
        assert ((np.rint(light_ls[x, s]) <= low) & (low <= rtt) & (rtt <= high)).all()
    assert (trips.rtt_us_als[P95, :-1][known_ls] >= trips.rtt_us_als[MEDIAN, :-1][known_ls]).all()
    steps = {trips.bands[k].step for k in trips.band_ls[:-1][known_ls].tolist()}
    assert steps == {"proxy", "continent", "pooled"}


def test_there_and_back_take_the_same() -> None:
    """Of measured pairs exactly, and of lines; a proxy looks at the site first, and may differ."""
    catalog = load_catalog([SHIPPED], None)
    points = {point.id for point in catalog.network.points}
    sites = [one for one in catalog.sites if one.id in points][::5]
    ends = [End(f"in {one.id}", one.country, one.latitude, one.longitude, site=one.id) for one in sites]
    trips = round_trips(catalog, ends, sites)
    measured_ls = np.array([[trips.bands[k].step == "measured" for k in row] for row in trips.band_ls[:-1].tolist()])
    assert measured_ls.sum() > 100 and (measured_ls == measured_ls.T).all()
    for times in trips.rtt_us_als[:, :-1]:
        assert (times[measured_ls] == times.T[measured_ls]).all()
    bare = catalog._replace(network=catalog.network._replace(pairs=known().network.pairs))
    lines = round_trips(bare, ends, sites).rtt_us_als[:, :-1]
    assert (lines == np.swapaxes(lines, 1, 2)).all()


def raised(slo: Slo | None, name: str, factor: float) -> Slo | None:
    value = slo and getattr(slo, name)
    return slo.model_copy(update={name: value * factor}) if slo and value else slo


@pytest.mark.parametrize("name", ["rtt_ms", "end_to_end_ms"])
def test_a_looser_objective_never_costs_more(name: str) -> None:
    """Either figure of an SLO, raised a little or much: no best cost rises, and some fall."""
    lower = 0
    for seed in range(7000, 7060):
        catalog, wanted = world(seed)
        before = alone(catalog, wanted)
        for factor in (1.2, 10.0):
            looser = [one.model_copy(update={"slo": raised(one.slo, name, factor)}) for one in wanted.workloads]
            after = alone(catalog, wanted.model_copy(update={"workloads": looser}))
            assert all(after[one] <= cost for one, cost in before.items())
            lower += sum(after[one] < cost for one, cost in before.items())
    assert lower
