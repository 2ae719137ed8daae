"""One row of the solution → one `Placement`: lines, alternatives, reasons."""

from typing import Any, NamedTuple

import numpy as np

from placement.catalog.tables import AVAILABILITIES
from placement.engine.arrays import Floats, Ints
from placement.engine.constraints import CAPACITY, POWER
from placement.engine.ledger import cell_micro, cost_lines
from placement.engine.rating import rating
from placement.engine.rejecting import Rejecting, blocking, only_tier, rejected_by_rule, rejected_tiers
from placement.engine.search import KEPT, NONE, Best
from placement.engine.solution import Prepared, Worked
from placement.engine.story import relaxations
from placement.engine.taken import Draw, left_for
from placement.inventory.digests import demand_digest, rules_digest
from placement.plan.model import (
    Alternative,
    Digests,
    Layer,
    Placement,
    RejectedTier,
    Relaxation,
    Tag,
)
from placement.units import MICRO, MILLI, cents, from_micro, from_milli, to_cents
from placement.words import PURCHASES, TIERS


class Placing(NamedTuple):
    """Some workloads and what was chosen for them, ready to be written down row by row."""

    prepared: Prepared
    worked: Worked
    offer_w: Ints
    """What was chosen, and its cost."""
    cost_w: Floats
    displaced_w: Ints
    draws: list[Draw]
    best: Best
    """What the rules allow, whoever else wants it."""
    open: Best
    """What is left of it when everyone else has what was chosen for them."""
    rejecting: Rejecting
    close: dict[int, int]
    """Offers by workload that would be as cheap at the low end of a rating."""

    def placement(self, row: int) -> Placement:
        """The placement of row *row* of the chunk."""
        w = int(self.worked.chunk.w[row])
        workload = self.prepared.problem.workloads[w]
        current, inventory = workload.current, self.prepared.problem.inventory
        common: dict[str, Any] = {
            "workload": workload.id,
            "kind": workload.kind,
            "monthly_cost_cents": None,
            "digests": Digests(demand_digest(inventory, workload), rules_digest(inventory, workload)),
            "cost_centre": workload.cost_centre or "",
            "tags": tuple(Tag(key, value) for key, value in sorted(workload.tags.items())),
            "baseline_cents": to_cents(current.monthly_cost_usd) if current else None,
            "rejected": rejected_by_rule(self.rejecting, row),
            "rejected_tiers": self._rejected_tiers(row, w),
        }
        offer = int(self.offer_w[w])
        if offer == NONE:
            displaced = int(self.displaced_w[w])
            if displaced != NONE:
                more = self._more_of(row, displaced)
                return Placement(status="unplaced", reason=self._taken(displaced), relaxations=more, **common)
            changes = self._relaxations(row, w)
            reason = f"blocked by {', '.join(changes[0].constraints)}" if changes else blocking(self.rejecting, row)
            return Placement(status="unplaced", reason=reason, relaxations=changes, **common)
        return self._placed(row, w, offer, common)

    def _taken(self, offer: int) -> str:
        return f"{self.prepared.problem.supply.offer_id(offer)} is needed more by others"

    def _more_of(self, row: int, offer: int) -> tuple[Relaxation, ...]:
        """The only change that helps a workload whose one place is taken: more of it."""
        problem, chunk = self.prepared.problem, self.worked.chunk
        rule = CAPACITY if int(problem.supply.limit_nodes_o[offer]) >= 0 else POWER
        nodes = int(chunk.sizing.nodes_wh[row, problem.supply.shape_o[offer]])
        change = f"{nodes} more such node{'' if nodes == 1 else 's'}, or power for them, at the site"
        cost = cell_micro(problem, chunk, self.prepared.fixed, self.worked.costs, row, offer)
        return (Relaxation((rule.name,), change, problem.supply.offer_id(offer), cents(cost)),)

    def _placed(self, row: int, w: int, offer: int, common: dict[str, Any]) -> Placement:
        prepared = self.prepared
        problem, supply = prepared.problem, prepared.problem.supply
        chunk, costs = self.worked.chunk, self.worked.costs
        exact = cell_micro(problem, chunk, prepared.fixed, costs, row, offer)
        if exact != int(self.cost_w[w]) or not self._feasible(row, offer):
            raise AssertionError(f"{problem.workloads[w].id}: the chosen offer does not verify")
        lines = tuple(cost_lines(problem, chunk, prepared.fixed, costs, row, offer))
        cost_cents = sum(line.cost_cents for line in lines)
        site = supply.sites[int(supply.site_o[offer])]
        alternatives = self._alternatives(row, w, offer)
        catalog_row = int(supply.catalog_row_o[offer])
        rtt, at_risk = self._rtt(w, offer)
        common["monthly_cost_cents"] = cost_cents
        return Placement(
            status="placed",
            reason=self._reason(row, w, cost_cents, alternatives),
            tier=site.tier,
            provider=site.provider,
            site=site.id,
            country=site.country or "",
            availability=(
                AVAILABILITIES[int(problem.catalog.offers.availability_o[catalog_row])] if catalog_row >= 0 else ""
            ),
            layers=(self._layer(row, w, offer),),
            lines=lines,
            rtt_ms=rtt,
            rtt_at_risk=at_risk,
            rating=rating(problem, w, supply.shapes[int(supply.shape_o[offer])].accelerator),
            alternatives=alternatives,
            close_call=supply.offer_id(self.close[w]) if w in self.close else "",
            **common,
        )

    def _feasible(self, row: int, offer: int) -> bool:
        supply, allowed = self.prepared.problem.supply, self.worked.allowed
        shape, rules = int(supply.shape_o[offer]), self.prepared.rules
        return bool(
            allowed.ok_ws[row, supply.site_o[offer]]
            and allowed.ok_wh[row, shape]
            and allowed.ok_wp[row, supply.purchase_o[offer]]
            and rules.ok_o[offer]
            and self.worked.chunk.sizing.nodes_wh[row, shape] <= rules.limit_nodes_o[offer]
        )

    def _layer(self, row: int, w: int, offer: int) -> Layer:
        problem, supply = self.prepared.problem, self.prepared.problem.supply
        index = int(supply.shape_o[offer])
        shape = supply.shapes[index]
        nodes = int(self.worked.chunk.sizing.nodes_wh[row, index])
        power = float(problem.node_power_kw_micro_o[offer])
        return Layer(
            offer=supply.offer_id(offer),
            accelerator=shape.accelerator,
            purchase=PURCHASES[int(supply.purchase_o[offer])],
            nodes=nodes,
            accelerators=nodes * shape.units,
            accelerators_needed=int(self.worked.chunk.sizing.accelerators_wh[row, index]),
            hours_per_month=str(from_milli(int(problem.hours_milli_w[w]))),
            power_kw=str(from_micro(nodes * int(power))) if power else "",
        )

    def _rtt(self, w: int, offer: int) -> tuple[str, bool]:
        problem = self.prepared.problem
        site = int(problem.supply.site_o[offer])
        rtt = float(problem.rtt.table_rs[problem.rtt.row_w[w], site])
        if np.isnan(rtt):
            return "", False
        milli = round(rtt * MILLI)
        same_place = bool(problem.at_users.table_rs[problem.at_users.row_w[w], site])
        error = problem.catalog.assumption("rtt_error_fraction").micro / MICRO
        slo = float(problem.slo_ms_w[w])
        return str(from_milli(milli)), bool(not same_place and rtt * (1 + error) > slo)

    def _alternatives(self, row: int, w: int, chosen: int) -> tuple[Alternative, ...]:
        """The best of every other tier, and the next best of the chosen one, of what others leave, cheapest first."""
        supply, best = self.prepared.problem.supply, self.open
        tier_chosen = int(self.prepared.problem.tier_o[chosen])
        others = []
        for tier in range(len(TIERS)):
            for rank in range(KEPT if tier == tier_chosen else 1):
                offer = int(best.offer_wtk[w, tier, rank])
                if offer not in (NONE, chosen):
                    others.append((float(best.cost_wtk[w, tier, rank]), offer, tier))
        return tuple(
            Alternative(
                tier=TIERS[tier],
                offer=supply.offer_id(offer),
                purchase=PURCHASES[int(supply.purchase_o[offer])],
                nodes=int(self.worked.chunk.sizing.nodes_wh[row, supply.shape_o[offer]]),
                monthly_cost_cents=cents(cost),
            )
            for cost, offer, tier in sorted(others)
        )

    def _reason(self, row: int, w: int, cost_cents: int, alternatives: tuple[Alternative, ...]) -> str:
        displaced = int(self.displaced_w[w])
        if displaced != NONE:
            return self._taken(displaced)
        chosen = int(self.prepared.problem.tier_o[int(self.offer_w[w])])
        tier = TIERS[chosen]
        others = [other for other in alternatives if other.tier != tier]
        if others:
            next_best = others[0]
            saving = percent_below(cost_cents, next_best.monthly_cost_cents)
            return f"{saving} below the best {next_best.tier} offer"
        feasible_t = self.best.offer_wtk[w, :, 0] != NONE
        held = [name for other, name in enumerate(TIERS) if feasible_t[other] and other != chosen]
        if held:
            return f"only {tier} is left: other workloads hold what {' and '.join(held)} could give"
        return only_tier(self.rejecting, row, chosen)

    def _rejected_tiers(self, row: int, w: int) -> tuple[RejectedTier, ...]:
        feasible_t = (self.best.offer_wtk[w, :, 0] != NONE).tolist()
        return rejected_tiers(self.rejecting, row, feasible_t)

    def _relaxations(self, row: int, w: int) -> tuple[Relaxation, ...]:
        problem = self.prepared.problem
        changes = relaxations(self.prepared, self.worked, row, left_for(problem, self.draws, w))
        return tuple(
            Relaxation(
                tuple(rule.name for rule in change.rules),
                change.sentence,
                problem.supply.offer_id(change.offer),
                cents(change.cost_micro),
            )
            for change in changes
        )


def percent_below(cost_cents: int, other_cents: int) -> str:
    """How far one cost lies below another, in whole per cent, half up; a difference is never called 0 %."""
    difference = max(other_cents - cost_cents, 0)
    share = (2 * difference * 100 + other_cents) // (2 * other_cents) if other_cents else 0
    return "under 1 %" if difference and not share else f"{share} %"
