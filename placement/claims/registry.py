"""Experiments by name.

To add one: write its function, add it here and to `catalog.claims.EXPERIMENTS`, describe it in `docs/claims.md` and
give it a case by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from placement.catalog.claims import Claim
from placement.claims.bench import Bench
from placement.claims.bill import no_bill, own_bill
from placement.claims.gravity import data_gravity
from placement.claims.memory import model_memory
from placement.claims.model import Found
from placement.claims.owning import all_in_rate, fleet, fleet_saving, own_saving, steady, sustained_saving
from placement.claims.power import card_power, cluster_power, cooling, site_power
from placement.claims.prices import discounts, list_prices, lowest_price
from placement.claims.reach import round_trips
from placement.claims.renting import break_even, committed_or_not, job, own_or_rent, own_training

Measure = Callable[[Bench, Claim], Found]
Make = Callable[[Bench, Claim], list[dict[str, Any]]]


class Experiment(NamedTuple):
    """How a claim is judged."""

    name: str
    catalog: Measure
    """By the catalog alone."""
    yours: Measure | None
    """By an inventory; None where it has nothing to say."""
    probes: Make | None = None
    """The workloads it makes up, if any."""


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment("list-prices", list_prices, list_prices),
    Experiment("lowest-price", lowest_price, lowest_price),
    Experiment("discounts", discounts, discounts),
    Experiment("all-in-rate", all_in_rate, all_in_rate, steady),
    Experiment("sustained-saving", sustained_saving, own_saving, steady),
    Experiment("fleet-saving", fleet_saving, fleet_saving, fleet),
    Experiment("bill-saving", no_bill, own_bill),
    Experiment("own-or-rent", own_or_rent, own_training, job),
    Experiment("committed-or-not", committed_or_not, committed_or_not, job),
    Experiment("break-even", break_even, break_even, steady),
    Experiment("data-gravity", data_gravity, data_gravity, steady),
    Experiment("round-trips", round_trips, round_trips),
    Experiment("card-power", card_power, None),
    Experiment("cluster-power", cluster_power, None),
    Experiment("cooling", cooling, cooling),
    Experiment("site-power", site_power, site_power),
    Experiment("model-memory", model_memory, None),
)

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
