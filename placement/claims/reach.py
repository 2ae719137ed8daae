"""How far cloud regions are from where people live, or from an inventory's locations."""

from __future__ import annotations

from fractions import Fraction

from placement.catalog.claims import Claim
from placement.catalog.tables import Catalog
from placement.claims.bench import Bench
from placement.claims.model import Found, Number, Swing
from placement.claims.parts import between, distribution, grouped, nothing
from placement.claims.spread import median
from placement.engine.quotes import Nearest
from placement.units import MICRO, MILLI

_ACCESS = ("leased_line", "fibre", "5g")
"""From the quickest to the slowest; fibre is what users have where nothing else is said."""


def round_trips(bench: Bench, claim: Claim) -> Found:
    """P95 of the round trip to the nearest site of a tier that rents accelerators, access included."""
    near = bench.nearest(claim.tier)
    if not near:
        return nothing(bench, f"place with a known round trip to a site of the tier {claim.tier}")
    values = [Fraction(one.us, MILLI) for one in near]
    ordered = sorted(near, key=lambda one: (one.us, one.location))
    ends = (("nearest", ordered[0]), ("farthest", ordered[-1]))
    numbers = [
        Number(f"{label}: {one.location} to {one.site}", Fraction(one.us, MILLI), "ms", "", "") for label, one in ends
    ]
    figure = distribution(values, "places")
    countries = grouped((_country(one), Fraction(one.us, MILLI)) for one in near)
    usual = bench.catalog.assumption("last_mile_fibre_p95_ms")
    numbers.append(Number("of it, access by fibre", Fraction(usual.micro, MICRO), "ms", usual.source_id, usual.as_of))
    swings = [] if bench.framed else [*_access(bench.catalog, values), *between("country", countries)]
    return Found(figure, numbers=tuple(numbers), swings=tuple(swings))


def _country(one: Nearest) -> str:
    return one.location[-3:-1]


def _access(catalog: Catalog, values: list[Fraction]) -> list[Swing]:
    """With the quickest and the slowest access instead of fibre; it adds the same everywhere."""
    quick, usual, slow = (catalog.assumption(f"last_mile_{kind}_p95_ms") for kind in _ACCESS)
    middle = median(values)
    low, high = (middle + Fraction(fact.micro - usual.micro, MICRO) for fact in (quick, slow))
    return [Swing("access", "", _ACCESS[0], _ACCESS[-1], low, high, quick.source_id, quick.as_of)]
