"""What a whole plan saves."""

from __future__ import annotations

from fractions import Fraction

from placement.catalog.claims import Claim
from placement.claims.bench import Bench
from placement.claims.model import Figure, Found, Number
from placement.claims.spread import NINE_TENTHS, TENTH, quantile
from placement.engine.advise import advise
from placement.inventory.digests import inventory_digest

CENTS = 100


def no_bill(bench: Bench, claim: Claim) -> Found:
    """A catalog has no bill."""
    del bench, claim
    return Found(None, "a catalog has no bill: give an inventory that says what its workloads cost today")


def own_bill(bench: Bench, claim: Claim) -> Found:
    """The share of today's bill that the plan saves, over the placed workloads that state theirs."""
    del claim
    inventory = bench.sample()
    plan = advise(bench.catalog, inventory, inventory_digest(inventory))
    summary = plan.summary
    if not summary.baseline_cents:
        return Found(None, "no placed workload of this inventory says what it costs today")
    value = 1 - Fraction(summary.compared_cost_cents, summary.baseline_cents)
    each = [
        1 - Fraction(one.monthly_cost_cents, one.baseline_cents)
        for one in plan.placements
        if one.monthly_cost_cents is not None and one.baseline_cents
    ]
    low, high = min(quantile(each, TENTH), value), max(quantile(each, NINE_TENTHS), value)
    numbers = (
        Number("today", Fraction(summary.baseline_cents, CENTS), "USD/month", "inventory", ""),
        Number("in the plan", Fraction(summary.compared_cost_cents, CENTS), "USD/month", "", ""),
    )
    spread = "the whole bill; 10th to 90th percentile of workloads"
    return Found(Figure(value, low, high, spread, len(each)), numbers=numbers)
