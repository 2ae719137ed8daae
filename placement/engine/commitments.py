"""What a plan says of commitments that are signed already: who stands on them, what is idle, what they cost anyway."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from placement.engine.problem import Problem
from placement.engine.resources import Resource
from placement.engine.signed import Signed
from placement.engine.solution import Solution
from placement.plan.commitment import Commitment
from placement.units import cents


def commitments_of(problem: Problem, solution: Solution) -> tuple[Commitment, ...]:
    """By the month in which they end: a calendar."""
    supply = problem.supply
    found = []
    for offer in np.flatnonzero(supply.signed_o >= 0).tolist():
        signed = supply.signed[int(supply.signed_o[offer])]
        claimed = solution.claims.get(Resource("nodes", offer), {})
        found.append(
            Commitment(
                offer=supply.offer_id(offer),
                signed=signed.offer,
                nodes=signed.nodes,
                used=int(sum(claimed.values())),
                ends=signed.ends,
                months=signed.months,
                paid_cents=cents(signed.paid_micro),
                beyond_months=signed.beyond_months,
                then=_then(problem, signed),
                workloads=tuple(sorted(problem.ids[number] for number in claimed)),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.ends, one.offer)))


def _then(problem: Problem, signed: Signed) -> str:
    if signed.months == problem.horizon_months:
        return ""
    if not signed.priced:
        return "unknown"
    return "renewed" if signed.then_months else "on demand"


def commitment_notes(problem: Problem, solution: Solution) -> Iterator[str]:
    """What is paid anyway, and ends behind the horizon."""
    found = commitments_of(problem, solution)
    if not found:
        return
    paid, idle = sum(one.paid_cents for one in found), sum(one.nodes - one.used for one in found)
    yield (
        f"what is signed already costs ${paid / 100:,.2f} a month until it ends, used or not, and is in no total: "
        "leave it out of what workloads cost today, too"
        + (f"; {idle:,} of {sum(one.nodes for one in found):,} nodes stay unused" if idle else "")
    )
    longer = [one for one in found if one.beyond_months]
    if longer:
        left = sum(one.paid_cents * one.beyond_months for one in longer)
        names = ", ".join(dict.fromkeys(one.signed for one in longer))
        yield (
            f"commitments outlive the {problem.horizon_months}-month horizon, with ${left / 100:,.2f} still to be paid "
            f"at its end: {names}"
        )
