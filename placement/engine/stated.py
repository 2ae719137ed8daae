"""What a plan's assumptions and notes are made of, counted placement by placement: placements may be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from placement.engine.annuity import remaining_micro
from placement.engine.arrays import Ints
from placement.engine.model_constants import models_of
from placement.engine.problem import Problem
from placement.engine.rating import class_of, reference_of
from placement.engine.supply import Purchase
from placement.engine.terms.hardware import life_months, owned_payment_micro
from placement.engine.terms.network import network_of
from placement.engine.terms.usage import twins
from placement.inventory.located import resolve_location
from placement.plan.model import Layer, Line, Placement, Rating
from placement.plan.stands import layer_of, stand_of
from placement.units import cents
from placement.words import TIERS

NAMED = 6
"""Things a sentence names before it says how many more there are."""


TO_SIGN, UNCHECKED = "to sign: ", "not checked: "
"""How notes about rules begin; what is to be signed, or what is not known, is part of their key."""

ORDERED = "ordered: "
"""How the key of who waits for nodes that are ordered begins; the tier is part of it."""


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
    twin_o: Ints
    """Of spot offers what the rest of a run is done on (`terms.usage.twins`)."""


def counting(problem: Problem, is_old: Callable[[str], bool | None]) -> Counting:
    """Get ready to count the placements of *problem*."""
    nowhere = frozenset(
        name
        for name, location in problem.inventory.locations.items()
        if None in resolve_location(problem.catalog, location)[1:]
    )
    guessed_w = problem.traffic.guessed_r[problem.traffic.row_w].tolist()
    return Counting(problem, nowhere, {}, is_old, guessed_w, twins(problem))


def count(stated: Stated, about: Counting, w: int, offers: Sequence[int], placement: Placement) -> None:
    """Count the placement of workload *w* of the problem on *offers*, one for each layer."""
    _count_workload(stated, about, w)
    if not placement.layers:
        return
    for line in placement.lines:
        stated.word("sources", line.source_id)
    _count_proofs(stated, placement)
    _count_price_turn(stated, placement)
    _count_models(stated, placement, _nodes(about.problem, offers[0], placement) > 1)
    _count_prices(stated, about, placement)
    if placement.rtt_ms:
        stated.add_cost(("rtt", placement.rtt_step), 0)
        if about.guessed_access_w[w] and placement.rtt_step != "same_place":
            stated.add_cost(("access",), 0)
    if placement.rating is not None and placement.rating.basis == "ratio" and placement.work is None:
        _count_rating(stated, about.problem, w, placement, placement.rating)
    if placement.availability == "unverified":
        stated.name("unverified", placement.workload)
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
    _count_bought(stated, about, offers, placement)
    _count_purchases(stated, about, w, offers, placement)


def _count_purchases(stated: Stated, about: Counting, w: int, offers: Sequence[int], placement: Placement) -> None:
    """What is not assured of the ways to buy."""
    for offer, layer in zip(offers, placement.layers, strict=True):
        if layer.purchase == "capacity_block":
            stated.name("blocks", placement.workload)
        if layer.purchase == "spot":
            _count_spot(stated, about, w, offer, placement)


def _count_bought(stated: Stated, about: Counting, offers: Sequence[int], placement: Placement) -> None:
    """Nodes that have to be ordered, and what is left of those that are owned."""
    for offer in offers:
        purchase = about.problem.supply.bought(offer)
        if purchase is not None and not purchase.existing:
            tier = TIERS[int(about.problem.tier_o[offer])]
            stated.name(f"{ORDERED}{tier}", placement.workload)
    owned = [pair for pair in zip(offers, placement.layers, strict=True) if pair[1].purchase == "owned"]
    if owned:
        stated.word("met", "owned")
        _count_outliving(stated, about, owned, placement)


def _count_price_turn(stated: Stated, placement: Placement) -> None:
    turn = placement.price_turn
    if turn is not None:
        stated.name("price turn", f"{placement.workload} ({_per_cent(turn.change_fraction_per_year)}: {turn.offer})")


def _per_cent(fraction: str) -> str:
    """`−12.3 %` of a fraction."""
    return f"{Decimal(fraction) * 100:.1f} %".replace("-", "−")


def _count_spot(stated: Stated, about: Counting, w: int, offer: int, placement: Placement) -> None:
    """Runs that nothing saves from being late, and gangs of which nobody knows how long they last."""
    if placement.work is not None and about.twin_o[offer] == offer:
        if placement.work.run_hours:
            stated.name("no fallback", placement.workload)
        elif _waited_for(about.problem, w):
            stated.name("down", placement.workload)
    if _nodes(about.problem, offer, placement) > about.problem.spot.gang_nodes:
        stated.name("large gang", placement.workload)


def _waited_for(problem: Problem, w: int) -> bool:
    """Whether users wait for the work of a workload."""
    return problem.workloads[w].demand.form in ("serving", "video")


def _nodes(problem: Problem, offer: int, placement: Placement) -> float:
    """Nodes that have to be up at once, if all have to."""
    shape, layer = problem.supply.shapes[int(problem.supply.shape_o[offer])], placement.layers[0]
    together = layer.accelerators if placement.work is None else placement.work.replica_accelerators
    return together / shape.per_node


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


def _count_models(stated: Stated, placement: Placement, several: bool) -> None:
    shaped: dict[tuple[str, ...], int] = {}
    for line in placement.lines:
        layer = layer_of(placement, line) or placement.layers[0]
        for key in models_of(line.term, layer.purchase, several):
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
        provider = stand_of(placement, layer_of(placement, line)).provider
        return f"{stable}, {provider}", "an estimate: nobody lists this price"
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


def _count_outliving(stated: Stated, about: Counting, owned: Sequence[tuple[int, Layer]], placement: Placement) -> None:
    """What is still to be written off at the horizon's end, and who would rather rent if it were charged."""
    problem, left, bought = about.problem, 0, False
    for offer, layer in owned:
        purchase = problem.supply.purchases[int(problem.supply.bought_o[offer])]
        parts = (purchase, network_of(problem, offer))
        for part in parts:
            if part not in about.left_micro:
                about.left_micro[part] = _left_micro(problem, part)
        left += layer.nodes * sum(about.left_micro[part] for part in parts)
        bought |= not purchase.existing
    stated.left_micro += left
    rented = [other.monthly_cost_cents for other in placement.alternatives if other.purchase != "owned"]
    charged = (placement.monthly_cost_cents or 0) + cents(left // problem.horizon_months)
    if bought and rented and charged > min(rented):
        stated.name("dearer", placement.workload)


def _left_micro(problem: Problem, purchase: Purchase) -> int:
    """What of one node's price is still to be paid off at the horizon's end [micro-USD]."""
    months = life_months(problem, purchase) - problem.horizon_months
    payment = owned_payment_micro(problem, purchase)
    return remaining_micro(payment, problem.discount_rate_micro, months) if months > 0 else 0
