"""What a plan's assumptions and notes are made of, counted placement by placement: placements may be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from placement.engine.annuity import remaining_micro
from placement.engine.problem import Problem
from placement.engine.rating import class_of, reference_of
from placement.engine.supply import Purchase
from placement.engine.terms.hardware import life_months, owned_payment_micro
from placement.inventory.located import resolve_location
from placement.plan.model import Line, Placement, Rating
from placement.units import cents

NAMED = 6
"""Things a sentence names before it says how many more there are."""


TO_SIGN, UNCHECKED = "to sign: ", "not checked: "
"""How notes about rules begin; what is to be signed, or what is not known, is part of their key."""


class Model(NamedTuple):
    """A model constant, the lines it shapes, and how to say it."""

    name: str
    text: str
    term: str
    """Of the lines."""
    purchase: str = ""
    """Of the placements; empty for any."""
    several: bool | None = None
    """Only of several nodes together, or only of one; None for any number."""


MODELS = (
    Model(
        "owned_life_months",
        "bought nodes are written off over {value} months unless stated otherwise",
        "hardware",
        "owned",
    ),
    Model(
        "owned_residual_fraction",
        "bought nodes are worth {value} of their price at the end of that life",
        "hardware",
        "owned",
    ),
    Model("discount_rate_fraction_per_year", "capital costs {value} a year (fraction)", "hardware", "owned"),
    Model("discount_rate_fraction_per_year", "capital costs {value} a year (fraction)", "upfront"),
    Model("lease_rate_fraction_per_year", "leases cost {value} a year (fraction)", "hardware", "lease"),
    Model("lease_term_months", "leases run {value} months and are paid in full", "hardware", "lease"),
    Model(
        "accelerator_failures_per_year",
        "{value} failures per accelerator and year, none under warranty",
        "spares",
    ),
    Model("power_load_fraction", "bought nodes draw {value} of their maximum power around the clock", "energy"),
    Model(
        "spot_mean_up_hours",
        "a single spot node runs {value} h between interruptions",
        "usage",
        "spot",
        several=False,
    ),
    Model(
        "spot_gang_mean_up_hours",
        "several spot nodes together run {value} h between interruptions; that so many "
        "are to be had at once is not assured",
        "usage",
        "spot",
        several=True,
    ),
)


@cache
def _models(term: str, purchase: str, several: bool) -> tuple[tuple[str, ...], ...]:
    """The keys of the constants that shape such lines."""
    return tuple(
        ("model", model.name)
        for model in MODELS
        if model.term == term and model.purchase in ("", purchase) and model.several in (None, several)
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

    def add(self, name: str) -> None:
        """Count one more, which was not counted before."""
        self.count += 1
        if len(self.first) < NAMED or name < self.first[-1]:
            self.first = sorted([*self.first, name])[:NAMED]

    def merge(self, other: Names) -> None:
        """Count those that another has counted."""
        self.count += other.count
        self.first = sorted([*self.first, *other.first])[:NAMED]

    def __str__(self) -> str:
        more = f" and {self.count - len(self.first):,} more" if self.count > len(self.first) else ""
        return ", ".join(self.first) + more


@dataclass
class Stated:
    """Sums and names, by what is said of them."""

    costs: dict[tuple[str, ...], Cost] = field(default_factory=dict)
    """By model constant (`model`, name), kind of estimate (`rtt`, step; `access`; `ratio`) and assumed price (`price`,
    label, what the catalog says of it, source, date)."""
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
            self.names.setdefault(note, Names()).merge(names)
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
        self.names.setdefault(note, Names()).add(name)

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
    guessed_access_w: list[bool]
    """Whether some of a workload's users do not say how they are connected."""


def counting(problem: Problem, is_old: Callable[[str], bool | None]) -> Counting:
    """Get ready to count the placements of *problem*."""
    nowhere = frozenset(
        name
        for name, location in problem.inventory.locations.items()
        if None in resolve_location(problem.catalog, location)[1:]
    )
    return Counting(problem, nowhere, {}, is_old, problem.traffic.guessed_r[problem.traffic.row_w].tolist())


def count(stated: Stated, about: Counting, w: int, offer: int, placement: Placement) -> None:
    """Count the placement of workload *w* of the problem on *offer*."""
    _count_workload(stated, about, w)
    if not placement.layers:
        return
    for line in placement.lines:
        stated.word("sources", line.source_id)
    _count_proofs(stated, placement)
    _count_models(stated, placement)
    _count_prices(stated, about, placement)
    if placement.rtt_ms:
        stated.add_cost(("rtt", placement.rtt_step), 0)
        if about.guessed_access_w[w] and placement.rtt_step != "same_place":
            stated.add_cost(("access",), 0)
    if placement.rating is not None and placement.rating.basis == "ratio" and placement.work is None:
        _count_rating(stated, about.problem, w, placement, placement.rating)
    if placement.availability == "unverified":
        stated.name("unverified", placement.workload)
    if placement.layers[0].purchase == "capacity_block":
        stated.name("blocks", placement.workload)
    if placement.rtt_at_risk:
        stated.name("at risk", placement.workload)
    if placement.close_call:
        measure = f"; measure {placement.work.measure}" if placement.work is not None else ""
        stated.name("close", f"{placement.workload} ({placement.close_call}{measure})")
    stated.word("met", "members" if placement.member is not None else placement.kind)
    if placement.member is not None and placement.member.nearest_km in ("", "0"):
        stated.name("together", placement.workload)
    if placement.layers[0].hours_per_month == "0":
        stated.name("data only", placement.workload)
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


def _count_proofs(stated: Stated, placement: Placement) -> None:
    """What must be signed, and of which laws nothing is known."""
    for what in placement.to_sign:
        stated.name(f"{TO_SIGN}{what}", placement.workload)
    for proof in placement.proofs:
        if proof.verdict == "unknown":
            stated.name(f"{UNCHECKED}{proof.asks}", placement.workload)
        if proof.source_id:
            stated.word("sources", proof.source_id)


def _count_models(stated: Stated, placement: Placement) -> None:
    layer = placement.layers[0]
    shaped: dict[tuple[str, ...], int] = {}
    for line in placement.lines:
        for key in _models(line.term, layer.purchase, layer.nodes > 1):
            shaped[key] = shaped.get(key, 0) + line.cost_cents
    for key, hanging_cents in shaped.items():
        stated.add_cost(key, hanging_cents)


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
    if line.term in ("usage", "block", "commitment", "upfront"):
        return f"{stable}, {placement.provider}", "an estimate: nobody lists this price"
    return stable, line.note


def _count_rating(stated: Stated, problem: Problem, w: int, placement: Placement, rating: Rating) -> None:
    """Each ratio used, under the class it was measured for and the accelerator it is relative to."""
    key = (class_of(problem, w), reference_of(problem, w))
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
