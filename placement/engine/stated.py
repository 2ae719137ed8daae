"""What a plan's assumptions and notes are made of, counted placement by placement: placements may be forgotten."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from placement.engine.annuity import remaining_micro
from placement.engine.problem import Problem
from placement.engine.rating import reference_of
from placement.engine.supply import Purchase, resolve_location
from placement.engine.terms.hardware import life_months, owned_payment_micro
from placement.plan.model import Line, Placement, Rating
from placement.units import cents

NAMED = 6
"""Things a sentence names before it says how many more there are."""


class Model(NamedTuple):
    """A model constant, the lines it shapes, and how to say it."""

    name: str
    applies: Callable[[Placement, Line], bool]
    text: str


def _term(*terms: str) -> Callable[[Placement, Line], bool]:
    return lambda _placement, line: line.term in terms


def _bought(purchase: str) -> Callable[[Placement, Line], bool]:
    return lambda placement, line: line.term == "hardware" and placement.layers[0].purchase == purchase


def _spot(placement: Placement, line: Line) -> bool:
    return line.term == "usage" and placement.layers[0].purchase == "spot"


MODELS = (
    Model(
        "owned_life_months",
        _bought("owned"),
        "bought nodes are written off over {value} months unless stated otherwise",
    ),
    Model(
        "owned_residual_fraction",
        _bought("owned"),
        "bought nodes are worth {value} of their price at the end of that life",
    ),
    Model("discount_rate_fraction_per_year", _bought("owned"), "capital costs {value} a year (fraction)"),
    Model("lease_rate_fraction_per_year", _bought("lease"), "leases cost {value} a year (fraction)"),
    Model("lease_term_months", _bought("lease"), "leases run {value} months and are paid in full"),
    Model(
        "accelerator_failures_per_year",
        _term("spares"),
        "{value} failures per accelerator and year, none under warranty",
    ),
    Model("power_load_fraction", _term("energy"), "bought nodes draw {value} of their maximum power around the clock"),
    Model(
        "spot_mean_up_hours",
        lambda placement, line: _spot(placement, line) and placement.layers[0].nodes == 1,
        "a single spot node runs {value} h between interruptions",
    ),
    Model(
        "spot_gang_mean_up_hours",
        lambda placement, line: _spot(placement, line) and placement.layers[0].nodes > 1,
        "several spot nodes together run {value} h between interruptions; that so many "
        "are to be had at once is not assured",
    ),
)


@dataclass
class Cost:
    """Dollars and workloads."""

    cents: int = 0
    workloads: int = 0

    def add(self, cents: int, workloads: int = 1) -> None:
        """Count more of them."""
        self.cents += cents
        self.workloads += workloads


@dataclass
class Names:
    """How many there are, and the first few of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, names: Iterable[str], count: int | None = None) -> None:
        """Count more, none of which was counted before; *count* where only the first of them are *names*."""
        listed = list(names)
        self.count += len(listed) if count is None else count
        self.first = heapq.nsmallest(NAMED, [*self.first, *listed])

    def __str__(self) -> str:
        more = f" and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        return ", ".join(self.first) + more


@dataclass
class Stated:
    """Sums and names, by what is said of them."""

    costs: dict[tuple[str, ...], Cost] = field(default_factory=dict)
    """By model constant (`model`, name), kind of estimate (`rtt`; `ratio`) and assumed price (`price`, label, what the
    catalog says of it, source, date)."""
    names: dict[str, Names] = field(default_factory=dict)
    """By note."""
    ratios: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Accelerators with their ratios and bands, by class and reference."""
    words: dict[str, set[str]] = field(default_factory=dict)
    """Sources of ratios and lines, dates of old prices, locations without coordinates, kinds of placements."""
    left_micro: int = 0
    """Of bought nodes' prices, what is still to be written off at the horizon's end."""

    def merge(self, other: Stated) -> None:
        """Count what another has counted of other workloads."""
        for key, cost in other.costs.items():
            self.costs.setdefault(key, Cost()).add(cost.cents, cost.workloads)
        for note, names in other.names.items():
            self.names.setdefault(note, Names()).add(names.first, names.count)
        for ratio, found in other.ratios.items():
            self.ratios.setdefault(ratio, set()).update(found)
        for word, values in other.words.items():
            self.words.setdefault(word, set()).update(values)
        self.left_micro += other.left_micro

    def add_cost(self, key: tuple[str, ...], cents: int) -> None:
        """One more workload of which so much hangs on *key*."""
        self.costs.setdefault(key, Cost()).add(cents)

    def name(self, note: str, name: str) -> None:
        """One more workload of which *note* is to be said."""
        self.names.setdefault(note, Names()).add([name])

    def word(self, about: str, value: str) -> None:
        """One more of a set of words."""
        self.words.setdefault(about, set()).add(value)


class Counting(NamedTuple):
    """What counting needs to know of the problem, found once."""

    problem: Problem
    nowhere: frozenset[str]
    """Locations without coordinates."""
    left_micro: dict[Purchase, int]
    is_old: Callable[[str], bool | None]
    """Whether a price of this date is old; None where the date is unknown."""


def counting(problem: Problem, is_old: Callable[[str], bool | None]) -> Counting:
    """Get ready to count the placements of *problem*."""
    nowhere = frozenset(
        name
        for name, location in problem.inventory.locations.items()
        if None in resolve_location(problem.catalog, location)[1:]
    )
    return Counting(problem, nowhere, {}, is_old)


def count(stated: Stated, about: Counting, w: int, offer: int, placement: Placement) -> None:
    """Count the placement of workload *w* of the problem on *offer*."""
    _count_workload(stated, about, w)
    if not placement.layers:
        return
    for line in placement.lines:
        stated.word("sources", line.source_id)
    _count_models(stated, placement)
    _count_prices(stated, about, placement)
    if placement.rtt_ms:
        stated.add_cost(("rtt",), 0)
    if placement.rating is not None and placement.rating.basis == "ratio":
        _count_rating(stated, about.problem, w, placement, placement.rating)
    if placement.availability == "unverified":
        stated.name("unverified", placement.workload)
    if placement.rtt_at_risk:
        stated.name("at risk", placement.workload)
    if placement.close_call:
        stated.name("close", f"{placement.workload} ({placement.close_call})")
    if any(line.term == "egress" for line in placement.lines):
        stated.word("met", "egress")
    if placement.kind == "inference":
        stated.word("met", "inference")
    if placement.layers[0].purchase == "owned":
        stated.word("met", "owned")
        _count_outliving(stated, about, offer, placement)


def _count_workload(stated: Stated, about: Counting, w: int) -> None:
    """An SLO that hangs on a location whose round-trip times cannot be estimated."""
    workload = about.problem.workloads[w]
    if not workload.slo or not about.nowhere:
        return
    places = {user.location for user in workload.users} & about.nowhere
    if places:
        stated.name("nowhere", workload.id)
        for place in places:
            stated.word("nowhere", place)


def _count_models(stated: Stated, placement: Placement) -> None:
    for model in MODELS:
        shaped = [line.cost_cents for line in placement.lines if model.applies(placement, line)]
        if shaped:
            stated.add_cost(("model", model.name), sum(shaped))


def _count_prices(stated: Stated, about: Counting, placement: Placement) -> None:
    """Assumed, old and undated prices."""
    assumed: dict[tuple[str, ...], int] = {}
    old, undated = False, False
    for line in placement.lines:
        if line.assumed:
            key = ("price", *_assumed(placement, line), line.source_id, line.as_of)
            assumed[key] = assumed.get(key, 0) + line.cost_cents
        if line.source_id in ("inventory", "") or line.cost_cents == 0:
            continue
        aged = about.is_old(line.as_of)
        undated |= aged is None
        if aged:
            old = True
            stated.word("old dates", line.as_of)
    for what, hanging_cents in assumed.items():
        stated.add_cost(what, hanging_cents)
    if old:
        stated.name("old", placement.workload)
    if undated:
        stated.name("undated", placement.workload)


def _assumed(placement: Placement, line: Line) -> tuple[str, str]:
    """The label of an assumed price, and what the catalog says of the figure."""
    stable = line.label.split(" (")[0]
    if line.term in ("usage", "commitment"):
        return f"{stable}, {placement.provider}", "an estimate: nobody lists this price"
    return stable, line.note


def _count_rating(stated: Stated, problem: Problem, w: int, placement: Placement, rating: Rating) -> None:
    """Each ratio used, under the class it was measured for and the accelerator it is relative to."""
    key = (problem.workloads[w].demand.accelerators.throughput_class or "", reference_of(problem, w))
    stated.ratios.setdefault(key, set()).add(f"{placement.layers[0].accelerator} × {_band(rating)}")
    stated.word("ratio sources", rating.source_id)
    stated.add_cost(("ratio",), placement.monthly_cost_cents or 0)


def _band(rating: Rating) -> str:
    """`1.5 (1.2–1.8)`; a spread that rests on one measurement is said to."""
    once = "one measurement" if rating.one_measurement else ""
    spread = f"{rating.low}–{rating.high}" if rating.low != rating.high else ""
    words = ", ".join(part for part in (spread, once) if part)
    return f"{rating.ratio} ({words})" if words else rating.ratio


def _count_outliving(stated: Stated, about: Counting, offer: int, placement: Placement) -> None:
    """What is still to be written off at the horizon's end, and who would rather rent if it were charged."""
    problem = about.problem
    purchase = problem.supply.purchases[int(problem.supply.bought_o[offer])]
    if purchase not in about.left_micro:
        about.left_micro[purchase] = _left_micro(problem, purchase)
    left = placement.layers[0].nodes * about.left_micro[purchase]
    stated.left_micro += left
    rented = [other.monthly_cost_cents for other in placement.alternatives if other.purchase != "owned"]
    charged = (placement.monthly_cost_cents or 0) + cents(left // problem.horizon_months)
    if not purchase.existing and rented and charged > min(rented):
        stated.name("dearer", placement.workload)


def _left_micro(problem: Problem, purchase: Purchase) -> int:
    """What of one node's price is still to be paid off at the horizon's end [micro-USD]."""
    months = life_months(problem, purchase) - problem.horizon_months
    payment = owned_payment_micro(problem, purchase)
    return remaining_micro(payment, problem.discount_rate_micro, months) if months > 0 else 0
