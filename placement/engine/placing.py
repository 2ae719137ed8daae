"""One row of the solution → one `Placement`: lines, alternatives, reasons."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints, cents_x
from placement.engine.billing import Billing
from placement.engine.break_even import Way, break_even
from placement.engine.chunk import hours_milli
from placement.engine.conflict import Naming, sentence
from placement.engine.constraints.base import Constraint
from placement.engine.constraints.redundancy import km_text
from placement.engine.coupling import nearest_km
from placement.engine.feasibility import passes
from placement.engine.named_offer import NamedOffer, named_offer
from placement.engine.placed_work import PlacedWork
from placement.engine.power import drawn_kw
from placement.engine.price_turn import BOUGHT, Other, PriceTurns
from placement.engine.proving import Proving, joined
from placement.engine.rating import rating
from placement.engine.reached import Rtts
from placement.engine.rejecting import CELL, Rejecting, blocking, only_tier, rejected_by_rule, rejected_tiers
from placement.engine.relaxing import Change
from placement.engine.resources import Resource, name_of
from placement.engine.search import KEPT, NONE, Best
from placement.engine.solution import Prepared, Single, Unmet, Worked
from placement.engine.stack.layers import held_by, mixed_layers
from placement.engine.stack.written import Written
from placement.inventory.digests import Fingerprints
from placement.inventory.members import base_of
from placement.inventory.redundancy import role_of
from placement.inventory.workload import Workload
from placement.plan.model import BORDER, Alternative, BreakEven, Crossover, Digests, Layer, Member, Placement, Tag
from placement.plan.ruled import Relaxation
from placement.plan.turn import PriceTurn
from placement.units import MICRO_PER_CENT, cents, milli_text, to_cents
from placement.words import OWN, TIERS


class Facts(NamedTuple):
    """Some workloads, what was chosen for them and what is to be said of it."""

    prepared: Prepared
    worked: Worked
    offer_w: Ints
    """What was chosen, and its cost."""
    cost_w: Floats
    shift_w: Floats
    """What of it is more than the workload adds to the whole; whatever it is compared with is shown with it."""
    displaced_w: Ints
    best: Best
    """What the rules allow, whoever else wants it."""
    open: Best
    """What is left of it when everyone else has what was chosen for them."""
    billing: Billing
    """Of what was chosen or, for displaced workloads without a place, would have been."""
    rejecting: Rejecting
    close: dict[int, int]
    """Offers by workload that would be as cheap at the low end of a rating."""
    changes: dict[int, list[Change]]
    """What would place the workloads that have no place."""
    conflicts: dict[int, tuple[Constraint, ...]]
    """Rules that exclude each other, by workload for which no offer is feasible."""
    short: dict[int, tuple[Resource, ...]]
    """What others need more, by displaced workload."""
    crossovers: dict[int, Crossover]
    """Of workloads that may live at every place of their users; and why none may."""
    no_edges: dict[int, str]
    fingerprints: Fingerprints
    mixed: dict[int, Written]
    """What those have that are not on one offer alone."""
    single: dict[int, Single]
    """Of members: what one site would cost."""
    unmet: dict[int, Unmet]
    """Of members without sites: why."""


class Placing:
    """Workloads ready to be written down row by row: arrays are turned into lists once for all of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._problem = facts.prepared.problem
        self._offers: dict[int, NamedOffer] = {}
        self._proving, self._naming = Proving(self._problem), Naming(self._problem)
        self._offer_w, self._displaced_w = facts.offer_w.tolist(), facts.displaced_w.tolist()
        self._cost_w, self._shift_w = facts.cost_w.tolist(), facts.shift_w.tolist()
        rules, worked = facts.prepared.rules, facts.worked
        verified_w = passes(self._problem, rules, worked.allowed, worked.chunk.sizing, facts.offer_w)
        self._verified_w = verified_w.tolist()
        self._rtt = Rtts(self._problem, facts.offer_w)
        self._rtt_of_burst = self._burst_rtts()
        self._work = PlacedWork(self._problem, worked.chunk, facts.offer_w)
        self._hours_milli = hours_milli(self._problem, worked.chunk)
        self._open_wt = (facts.best.offer_wtk[:, :, 0] != NONE).tolist()
        needed_wh, shape_w = worked.chunk.sizing.accelerators_wh, self._problem.supply.shape_o[facts.offer_w]
        self._needed_w = needed_wh[np.arange(len(shape_w)), shape_w].astype(np.int64).tolist()
        self._alternatives_w = self._alternatives()
        self._turns = PriceTurns(self._problem, facts.prepared.fixed, worked.costs)

    def placement(self, row: int) -> Placement:
        """The placement of row *row* of the chunk."""
        facts, offer = self._facts, self._offer_w[row]
        workload = self._problem.workloads[row]
        common: dict[str, Any] = {
            "workload": workload.id,
            "kind": workload.kind,
            "digests": Digests(facts.fingerprints.demand(workload), facts.fingerprints.rules(workload)),
            "cost_centre": workload.cost_centre or "",
            "tags": tuple([Tag(key, value) for key, value in sorted(workload.tags.items())]),
            "baseline_cents": to_cents(workload.current.monthly_cost_usd) if workload.current else None,
            "no_edge": facts.no_edges.get(row, ""),
            "rejected": rejected_by_rule(facts.rejecting, row),
            "rejected_tiers": rejected_tiers(facts.rejecting, row, self._open_wt[row]),
        }
        if workload.redundancy is not None:
            common["member"] = self._member(row, workload)
        if offer != NONE:
            return self._placed(row, workload, self._offer(offer), common)
        displaced, changes = self._displaced_w[row], self._relaxations(row)
        common["relaxations"] = changes
        common["conflict"] = conflict = self._naming.of(row, workload, facts.conflicts.get(row, ()))
        if row in facts.unmet:
            reason = facts.unmet[row].reason
        elif displaced != NONE:
            reason = self._taken(row, displaced)
        else:
            blocked = f"blocked by {', '.join(changes[0].constraints)}" if changes else ""
            reason = sentence(conflict, CELL) or blocked or blocking(facts.rejecting, row)
        return Placement(status="unplaced", reason=reason, monthly_cost_cents=None, **common)

    def _offer(self, number: int) -> NamedOffer:
        if number not in self._offers:
            self._offers[number] = named_offer(self._problem, number)
        return self._offers[number]

    def _taken(self, row: int, offer: int) -> str:
        """What others need more: nodes, unless the site's power or a line alone is what they leave too little of."""
        lacking = self._facts.short[row]
        whole = not lacking or any(one.kind == "nodes" for one in lacking)
        names = (
            [self._offer(offer).id] if whole else list(dict.fromkeys(name_of(self._problem, one) for one in lacking))
        )
        return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} needed more by others"

    def _placed(self, row: int, workload: Workload, offer: NamedOffer, common: dict[str, Any]) -> Placement:
        facts = self._facts
        mixed = facts.mixed.get(row)
        billed = mixed.cost_micro if mixed is not None else facts.billing.cost_micro(row)
        verified = mixed.verified if mixed is not None else self._verified_w[row]
        if billed != int(self._cost_w[row]) or not verified:
            raise AssertionError(f"{workload.id}: the chosen offer does not verify")
        lines = mixed.lines if mixed is not None else facts.billing.lines(row)
        cost_cents = sum([line.cost_cents for line in lines])
        alternatives = () if self._sends_copies(row) else self._alternatives_w[row]
        if "member" in common:
            common["member"] = self._beyond(row, common["member"], cost_cents)
        sites = [offer.site] if mixed is None else [self._offer(number).site for number in mixed.offers]
        proved = joined([self._proving.of(row, workload, site) for site in sites])
        layers, close = self._layers(row, offer), row in facts.close
        if row in self._work:
            held = self._work.held(row, layers[0]) if mixed is None else held_by(mixed, layers)
            common["work"] = self._work.work(row, workload, layers, held, cost_cents, close)
        return Placement(
            status="placed",
            reason=self._reason(row, offer.tier, cost_cents, alternatives),
            monthly_cost_cents=cost_cents,
            tier=TIERS[offer.tier],
            provider=offer.site.provider,
            site=f"{OWN}/{offer.site.name}" if offer.site.spread else offer.site.id,
            places=offer.site.places if offer.site.spread else 0,
            country=BORDER.join(dict.fromkeys(site.country or "" for site in sites)),
            availability=offer.availability,
            layers=layers,
            lines=lines,
            **self._rtts(row),
            rating=self._work.rating(row) if row in self._work else rating(self._problem, row, offer.accelerator),
            break_even=None if mixed is not None else self._break_even(row, offer, cost_cents, alternatives),
            price_turn=None if mixed is not None else self._price_turn(row, offer, cost_cents, alternatives),
            to_sign=proved.to_sign,
            proofs=proved.proofs,
            crossover=facts.crossovers.get(row),
            alternatives=alternatives,
            close_call=self._offer(facts.close[row]).id if close else "",
            **common,
        )

    def _rtts(self, row: int) -> dict[str, Any]:
        """To the farther of its sites; nothing where one of them is unknown."""
        base = self._rtt.of(row)
        if row not in self._facts.mixed or self._rtt_of_burst is None:
            return base
        return max(base, self._rtt_of_burst.of(row), key=lambda one: float(one.get("rtt_ms", math.inf)))

    def _burst_rtts(self) -> Rtts | None:
        """To the last site of each; None where nobody is at two."""
        offer_w = self._facts.offer_w.copy()
        for row, mixed in self._facts.mixed.items():
            offer_w[row] = mixed.offers[-1]
        return None if (offer_w == self._facts.offer_w).all() else Rtts(self._problem, offer_w)

    def _layers(self, row: int, offer: NamedOffer) -> tuple[Layer, ...]:
        mixed = self._facts.mixed.get(row)
        if mixed is None:
            return (self._layer(row, offer),)
        offers = [self._offer(one.bought.offer) for one in mixed.layers]
        return mixed_layers(self._problem.catalog, mixed, offers, self._needed_w[row])

    def _layer(self, row: int, offer: NamedOffer) -> Layer:
        nodes = self._facts.billing.nodes[row]
        return Layer(
            offer=offer.id,
            accelerator=offer.accelerator,
            purchase=offer.purchase,
            nodes=nodes,
            accelerators=nodes * offer.units,
            accelerators_needed=self._needed_w[row],
            hours_per_month=milli_text(self._hours(row, self._facts.offer_w[row])),
        )._replace(**drawn_kw(self._problem.catalog, offer.site, nodes * offer.power_kw_micro))

    def _hours(self, row: int, offer: int) -> int:
        """Hours a month in which a node is needed [thousandths]."""
        shape = self._problem.supply.shape_o[offer] if self._hours_milli.shape[1] > 1 else 0
        return int(self._hours_milli[row, shape])

    def _break_even(
        self, row: int, chosen: NamedOffer, cost_cents: int, shown: tuple[Alternative, ...]
    ) -> BreakEven | None:
        """Against the best alternative that is paid for in another way."""
        nodes, numbers = self._facts.billing.nodes[row], self._numbers_w[row]
        mine = Way(self._offer_w[row], chosen.id, chosen.purchase, nodes, cost_cents * MICRO_PER_CENT)
        others = (
            Way(number, one.offer, one.purchase, one.nodes, one.monthly_cost_cents * MICRO_PER_CENT)
            for number, one in zip(numbers, shown, strict=bool(shown))
        )
        return break_even(self._problem, self._hours_milli, self._facts.worked.costs.usage, row, mine, others)

    def _price_turn(
        self, row: int, chosen: NamedOffer, cost_cents: int, shown: tuple[Alternative, ...]
    ) -> PriceTurn | None:
        """How rental prices would have to change for one of the alternatives to cost no more."""
        if chosen.purchase not in BOUGHT or not shown:
            return None
        numbers = self._numbers_w[row]
        others = [
            Other(number, one.offer, one.nodes, one.monthly_cost_cents * MICRO_PER_CENT)
            for number, one in zip(numbers, shown, strict=True)
        ]
        return self._turns.turn(row, cost_cents * MICRO_PER_CENT, others)

    def _alternatives(self) -> list[tuple[Alternative, ...]]:
        """The best of every other tier, and the next best of the chosen one, of what others leave, cheapest first.

        By row; none where nothing was chosen.
        """
        facts, supply = self._facts, self._problem.supply
        best, mine_w = facts.open, facts.offer_w[:, None, None]
        alone_w = np.array([row not in facts.mixed for row in range(len(mine_w))])[:, None, None]
        shown_wtk = (best.offer_wtk != NONE) & ((best.offer_wtk != mine_w) | ~alone_w) & (mine_w != NONE)
        of_tier_wt = self._problem.tier_o[facts.offer_w][:, None] == np.arange(len(TIERS))
        shown_wtk &= of_tier_wt[:, :, None] | (np.arange(KEPT) == 0)
        w, tier, rank = np.nonzero(shown_wtk)
        offer, cost = best.offer_wtk[w, tier, rank], best.cost_wtk[w, tier, rank]
        order = np.lexsort((offer, cost, w))
        w, offer, cost = w[order], offer[order], cost[order]
        nodes = facts.worked.chunk.sizing.nodes_wh[w, supply.shape_o[offer]].astype(np.int64)
        said, shown = list(map(self._offer, offer.tolist())), cents_x(cost + facts.shift_w[w])
        tiers, ids = [TIERS[one.tier] for one in said], [one.id for one in said]
        found = list(map(Alternative, tiers, ids, [one.purchase for one in said], nodes.tolist(), shown.tolist()))
        edges = np.searchsorted(w, np.arange(len(mine_w) + 1)).tolist()
        self._numbers_w = [offer[begin:end].tolist() for begin, end in pairwise(edges)]
        return [tuple(found[begin:end]) for begin, end in pairwise(edges)]

    def _sends_copies(self, row: int) -> bool:
        """Whether it is the first of several sites, from which others get copies: what that costs is theirs."""
        workload = self._problem.workloads[row]
        terms = workload.redundancy
        return terms is not None and terms.replication_gb_per_month > 0 and base_of(workload)[1] == 1

    def _reason(self, row: int, chosen: int, cost_cents: int, alternatives: tuple[Alternative, ...]) -> str:
        if self._displaced_w[row] != NONE:
            return self._taken(row, self._displaced_w[row])
        if self._problem.hours_milli_w[row] == 0:
            return "the cheapest place for its data; of the nodes there the cheapest in use"
        if self._sends_copies(row):
            return "the cheapest set of sites, with what goes from this one to the others"
        if row in self._facts.mixed and alternatives:
            return single_words(cost_cents, alternatives)
        return self._against_tiers(row, chosen, cost_cents, alternatives)

    def _against_tiers(self, row: int, chosen: int, cost_cents: int, alternatives: tuple[Alternative, ...]) -> str:
        """How far it is below the best of another tier, or why there is none."""
        tier = TIERS[chosen]
        for other in alternatives:
            if other.tier != tier:
                return f"{percent_below(cost_cents, other.monthly_cost_cents)} below the best {other.tier} offer"
        held = [name for name, is_open in zip(TIERS, self._open_wt[row], strict=True) if is_open and name != tier]
        if held:
            return f"only {tier} is left: other workloads hold what {' and '.join(held)} could give"
        return only_tier(self._facts.rejecting, row, chosen)

    def _member(self, row: int, workload: Workload) -> Member:
        """What the placement is to its workload; once it is placed, see `_beyond`."""
        name, number = base_of(workload)
        mode, sites = (workload.redundancy.mode, workload.redundancy.min_sites) if workload.redundancy else ("", 0)
        km, single = nearest_km(self._problem, row, self._offer_w[row]), self._facts.single[row]
        alternative = None
        if single.offer != NONE and number == 1:
            offer = self._offer(single.offer)
            cost = cents(single.cost_micro)
            alternative = Alternative(TIERS[offer.tier], offer.id, offer.purchase, single.nodes, cost)
        nearest = "" if math.isnan(km) else km_text(km)
        return Member(name, role_of(mode, number), sites, nearest, single=alternative)

    def _beyond(self, row: int, member: Member, cost_cents: int) -> Member:
        """The same with what of its cost goes beyond a single site."""
        if self._facts.single[row].offer == NONE:
            return member
        spared = member.single.monthly_cost_cents if member.single else 0
        return member._replace(beyond_cents=cost_cents - spared)

    def _relaxations(self, row: int) -> tuple[Relaxation, ...]:
        if row in self._facts.unmet:
            ways = self._facts.unmet[row].ways
            return tuple(
                Relaxation(way.rules, way.sentence, self._offer(way.offer).id, cents(way.cost_micro)) for way in ways
            )
        return tuple(
            Relaxation(
                tuple(rule.name for rule in change.rules),
                change.sentence,
                self._offer(change.offer).id,
                cents(change.cost_micro),
            )
            for change in self._facts.changes[row]
        )


def single_words(cost_cents: int, alternatives: tuple[Alternative, ...]) -> str:
    """How far a mix is below the best offer alone."""
    one = min(alternatives, key=lambda other: other.monthly_cost_cents)
    return f"{percent_below(cost_cents, one.monthly_cost_cents)} below the best single offer, {one.offer}"


def percent_below(cost_cents: int, other_cents: int) -> str:
    """How far one cost lies below another, in whole per cent, half up; a difference is never called 0 %."""
    difference = max(other_cents - cost_cents, 0)
    share = (2 * difference * 100 + other_cents) // (2 * other_cents) if other_cents else 0
    return "under 1 %" if difference and not share else f"{share} %"
