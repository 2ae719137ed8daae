"""Flows: what they add up to, and that workloads and sites which differ in them alone are not taken for alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import Draft, fact, inventory, site, workload

from placement.catalog.tables import Catalog, Port, Shape, Tariff
from placement.engine.advise import advise
from placement.engine.flows import words_of
from placement.engine.problem import build_problem
from placement.words import MOVES

SHA = "0" * 64
CENT = Tariff(((0, 10_000),), "2026", "s1", "")
DIME = Tariff(((0, 100_000),), "2026", "s1", "")


def market(*names: str, **changed: Any) -> Catalog:
    """Sites of one offer each, at a dollar an hour; bytes cost a dime."""
    draft = Draft(sites=[site(name, egress_internet=DIME, egress_same_provider=CENT, **changed) for name in names])
    for name in names:
        draft.offer(name, "a", "on_demand", Shape("A", 1, 1, ""))
    return draft.catalog()


PLAIN = {"data_in": [{"from": "lam/2", "gb_per_month": 10}], "current": {"monthly_cost_usd": 1, "site": "lam/2"}}


@pytest.mark.parametrize(
    ("changed", "dearer_cents"),
    [
        # 3,600 GB ÷ 36 × $0.01
        ({"current": {"monthly_cost_usd": 1, "site": "lam/2", "data_gb": 3600}}, 100),
        # … and 3,600 GB-months × $0.09 for the copy
        ({"data_in": [*PLAIN["data_in"], {"from": "archive", "copy": True}]}, 100 + 32_400),
        # the same bytes twice
        ({"data_in": [*PLAIN["data_in"], {"from": "lam/2", "gb_per_month": 10, "what": "logs"}]}, 10),
    ],
)
def test_workloads_that_differ_in_bytes_are_not_alike(changed: dict[str, Any], dearer_cents: int) -> None:
    """Twins are searched once: what moves once, and what is kept as a copy, parts them."""
    asked = [workload("a", **PLAIN), workload("b", **(PLAIN | changed)), workload("c", **PLAIN)]
    wanted = inventory(
        asked, datasets={"archive": {"size_gb": 3600, "home": "lam/2"}}, policies={"denied_countries": ["US"]}
    )
    catalog = market("lam/1", "lam/2")
    catalog = catalog._replace(sites=[catalog.sites[0], catalog.sites[1]._replace(country="US")])
    first, second, third = advise(catalog, wanted, SHA).placements
    assert first.monthly_cost_cents == third.monthly_cost_cents
    assert (second.monthly_cost_cents or 0) - (first.monthly_cost_cents or 0) == dearer_cents


def test_sites_that_differ_in_ports_alone_are_not_alike() -> None:
    """Of two sites with the same tariffs, only the second has a private way: there 1,000 GB cost 10 + 7.30, not 100."""
    catalog = market("lam/1", "lam/2")
    sites = [catalog.sites[0], catalog.sites[1]._replace(egress_interconnect=CENT)]
    catalog = catalog._replace(sites=sites, ports={"lam": (Port("line", 1_000_000, fact(10_000, "hour")),)})
    wanted = inventory(
        [workload(data_out=[{"to": "paris", "gb_per_month": 1000}])],
        locations={"paris": {"city": "paris", "interconnect": ["lam"]}},
    )
    (placed,) = advise(catalog, wanted, SHA).placements
    assert placed.site == "lam/2"
    assert placed.monthly_cost_cents == 73_000 + 1_000 + 730


def test_results_to_users_go_where_they_are() -> None:
    """By share, and added to what goes there anyway."""
    users = [{"location": "berlin", "share_fraction": 0.75}, {"location": "tokyo", "share_fraction": 0.25}]
    out = [{"to": "users", "gb_per_month": 100}, {"to": "tokyo", "gb_per_day": 12, "what": "logs"}]
    problem = build_problem(market("lam/1"), inventory([workload(users=users, data_out=out)]))
    flows = problem.flows_out
    found = {
        flows.labels[int(end)]: (milli, words_of(int(what)))
        for end, milli, what in zip(flows.endpoint_wk[0], flows.volume_milli_wk[0], flows.what_wk[0], strict=True)
    }
    assert found == {"berlin": (75_000, "results"), "tokyo": (25_000 + 365_000, "results, logs")}


def test_flows_between_zones_stand_apart() -> None:
    """The same end, once within the region's zone and once across: two flows, two prices."""
    catalog = market("lam/1", egress_between_zones=CENT)
    flow = {"from": "lam/1", "gb_per_month": 1000}
    asked = [workload("a", data_in=[flow, flow | {"between_zones": True}], data_out=[
        {"to": "lam/1", "gb_per_month": 500, "between_zones": True, "what": "replication"},
    ])]  # fmt: skip
    (placed,) = advise(catalog, inventory(asked), SHA).placements
    lines = [(line.label, line.cost_cents) for line in placed.lines if line.term == "egress"]
    assert lines == [
        ("egress, data in (ingest from lam/1)", 1000),
        ("egress, data out (replication to lam/1)", 500),
    ]


def test_empty_flows_are_none() -> None:
    """A volume of zero moves nothing, whatever else is said of it."""
    nothing = [{"from": "berlin", "gb_per_day": 0, "what": "logs"}, {"from": "berlin", "gb_per_month": 0}]
    problem = build_problem(market("lam/1"), inventory([workload(data_in=nothing)]))
    assert problem.flows_in.labels == []
    assert not np.any(problem.flows_in.volume_milli_wk)


def test_words_of_a_flow() -> None:
    """A bit each, in the order of the words."""
    assert words_of((1 << len(MOVES)) - 1) == ", ".join(MOVES)
    assert words_of(0) == ""


@pytest.mark.parametrize(
    ("changed", "egress_cents"),
    [({"site": "lam/2"}, 1_000), ({"site": "lam/2", "uplink_usd_per_gb": 0.5}, 50_000), ({"city": "paris"}, 0)],
)
def test_a_location_inside_a_site_pays_as_the_site(changed: dict[str, Any], egress_cents: int) -> None:
    """1,000 GB from another region of the provider at a cent, at the price stated, or from an own flat-rate line."""
    catalog = market("lam/1", "lam/2")
    catalog = catalog._replace(sites=[catalog.sites[0], catalog.sites[1]._replace(country="US")])
    asked = workload(data_in=[{"from": "services", "gb_per_month": 1000}])
    wanted = inventory([asked], locations={"services": changed}, policies={"denied_countries": ["US"]})
    (placed,) = advise(catalog, wanted, SHA).placements
    assert sum(line.cost_cents for line in placed.lines if line.term == "egress") == egress_cents
