"""The organisation's lists of what it allows and denies, one rule per list."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from placement.catalog.tables import AVAILABILITIES, HOSTINGS, Site
from placement.engine.arrays import Floats, Ints
from placement.engine.chunk import Chunk
from placement.engine.constraints.base import BROKEN, Constraint
from placement.engine.problem import Problem
from placement.engine.profiles import allowed_countries
from placement.engine.sizing import canonical
from placement.words import OWN, PURCHASES


def _kept(flags: list[bool]) -> Floats:
    return np.where(np.array(flags, dtype=np.bool_), 0.0, BROKEN)


def _allows(allowed: Collection[str] | None, denied: Collection[str], name: str | None) -> bool:
    return (allowed is None or name in allowed) and name not in denied


def _on_sites(rule_for: Callable[[Problem], Callable[[Site], bool]]) -> Callable[[Problem, Chunk], Floats]:
    def slack(problem: Problem, _chunk: Chunk) -> Floats:
        rule = rule_for(problem)
        return _kept([rule(site) for site in problem.supply.sites])

    return slack


def _provider(problem: Problem) -> Callable[[Site], bool]:
    """Own sites are not subject to the list of providers allowed."""
    allowed, denied = problem.inventory.policies.allowed_providers, problem.inventory.policies.denied_providers
    return lambda site: _allows(allowed if site.provider != OWN else None, denied, site.provider)


def _tier(problem: Problem) -> Callable[[Site], bool]:
    policies = problem.inventory.policies
    return lambda site: _allows(policies.allowed_tiers, policies.denied_tiers, site.tier)


def _country(problem: Problem) -> Callable[[Site], bool]:
    """An unknown country passes only where the policies name none."""
    named, denied = problem.inventory.policies.allowed_countries, problem.inventory.policies.denied_countries
    allowed = None if named is None else allowed_countries(problem.catalog, named) or frozenset()
    unknown = allowed is None and not denied
    return lambda site: all(unknown if one is None else _allows(allowed, denied, one) for one in site.countries)


def _access(problem: Problem) -> Callable[[Site], bool]:
    allowed = problem.inventory.policies.allowed_access
    return lambda site: site.access in allowed


def _accelerator(problem: Problem, _chunk: Chunk) -> Floats:
    policies, catalog = problem.inventory.policies, problem.catalog
    allowed = policies.allowed_accelerators
    allowed_names = None if allowed is None else {canonical(catalog, name) for name in allowed}
    denied_names = {canonical(catalog, name) for name in policies.denied_accelerators}
    return _kept([_allows(allowed_names, denied_names, shape.accelerator) for shape in problem.supply.shapes])


def _purchase(problem: Problem, _chunk: Chunk) -> Floats:
    return _kept([_allows(problem.inventory.policies.allowed_purchase_models, (), model) for model in PURCHASES])


def _of_rented(problem: Problem, column: Ints) -> Ints:
    """A column of the catalog's offers, `o`; −1 for bought nodes."""
    return np.append(column, -1)[problem.supply.catalog_row_o]


def _hosting(problem: Problem, _chunk: Chunk) -> Floats:
    """−1 on other people's machines and open marketplaces unless the policies accept them, `o`."""
    hosting_o = _of_rented(problem, problem.catalog.offers.hosting_o)
    open_o = (hosting_o == HOSTINGS.index("community")) | (hosting_o == HOSTINGS.index("marketplace"))
    return np.where(open_o & (not problem.inventory.policies.community_hosts), BROKEN, 0.0)


def _availability(problem: Problem, _chunk: Chunk) -> Floats:
    """−1 on offers the catalog marks `limited`, unless the policies accept them, `o`."""
    limited_o = _of_rented(problem, problem.catalog.offers.availability_o) == AVAILABILITIES.index("limited")
    return np.where(limited_o & (not problem.inventory.policies.limited_offers), BROKEN, 0.0)


PROVIDER_POLICY = Constraint(
    "provider", "providers allowed", "", "s", _on_sites(_provider), "allow its provider in `policies`"
)
TIER_POLICY = Constraint("tier", "tiers allowed", "", "s", _on_sites(_tier), "allow its tier in `policies`")
COUNTRY_POLICY = Constraint(
    "country", "countries allowed", "", "s", _on_sites(_country), "allow its country in `policies`"
)
ACCESS_POLICY = Constraint(
    "access", "region open to you", "", "s", _on_sites(_access), "add its kind of region to `policies.allowed_access`"
)
ACCELERATOR_POLICY = Constraint(
    "accelerator", "accelerators allowed", "", "h", _accelerator, "allow its accelerator in `policies`"
)
PURCHASE_POLICY = Constraint(
    "purchase_model", "purchase models allowed", "", "p", _purchase, "allow its purchase model in `policies`"
)
HOSTING_POLICY = Constraint(
    "hosting", "professional hosting", "", "o", _hosting, "set `policies.community_hosts: true`"
)
AVAILABILITY_POLICY = Constraint(
    "availability", "to be had", "", "o", _availability, "set `policies.limited_offers: true`"
)
