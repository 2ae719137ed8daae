"""What a plan rests on, in words: assumptions with the dollars that hang on them, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from placement.catalog.tables import Catalog, Fact
from placement.dates import latest_day
from placement.engine.commitments import commitment_notes
from placement.engine.model_constants import MODELS
from placement.engine.move_notes import move_notes
from placement.engine.negotiated import negotiated_notes
from placement.engine.owning import outliving_note, split_notes, trap_notes, unused_notes
from placement.engine.problem import Problem
from placement.engine.solution import Joint, Solution
from placement.engine.stated import NAMED, ORDERED, TO_SIGN, UNCHECKED, Cost, Names, Stated
from placement.engine.stated_work import work_assumptions
from placement.engine.stating_rtt import latency_assumptions
from placement.plan.model import Assumption
from placement.units import MICRO, cents, to_micro


def assumptions(problem: Problem, stated: Stated) -> tuple[Assumption, ...]:
    """Model constants that shape a reported line, and prices that stand in for unknown ones."""
    found = []
    for model in {model.name: model for model in MODELS}.values():
        cost = stated.costs.get(("model", model.name))
        if cost is not None:
            fact = _in_force(problem, model.name, problem.catalog.assumption(model.name))
            text = model.text.format(value=fact.text, gang=problem.catalog.assumption("spot_gang_nodes").text)
            found.append(Assumption(model.name, text, fact.source_id, fact.as_of, cost.cents, cost.workloads))
    return (
        *found,
        *latency_assumptions(problem.catalog, stated),
        *_throughput(stated),
        *work_assumptions(problem, stated),
        *_assumed_prices(stated),
    )


def _in_force(problem: Problem, name: str, fact: Fact) -> Fact:
    """The figure in force: the inventory's policies may have set their own."""
    policies = problem.inventory.policies
    if name == "owned_life_months" and policies.hardware_life_months is not None:
        return fact._replace(micro=problem.life_months * MICRO, source_id="inventory", as_of="")
    if name == "discount_rate_fraction_per_year" and policies.discount_rate_fraction is not None:
        return fact._replace(micro=problem.discount_rate_micro, source_id="inventory", as_of="")
    if name == "owned_residual_fraction" and policies.hardware_residual_fraction is not None:
        return fact._replace(micro=to_micro(policies.hardware_residual_fraction), source_id="inventory", as_of="")
    change = policies.rental_price_change_fraction_per_year
    if name == "rental_price_change_fraction_per_year" and change is not None:
        return fact._replace(micro=problem.path.change_micro, source_id="inventory", as_of="")
    return fact


def _throughput(stated: Stated) -> list[Assumption]:
    """Each ratio used, under the class it was measured for and the accelerator it is relative to."""
    rated = stated.costs.get(("ratio",))
    if rated is None:
        return []
    named = [(key, name) for key in sorted(stated.ratios) for name in sorted(stated.ratios[key])]
    parts = [
        f"{group} relative to {base}: {', '.join(name for key, name in named[:NAMED] if key == (group, base))}"
        for group, base in dict.fromkeys(key for key, _ in named[:NAMED])
    ]
    more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
    text = f"work per accelerator, with p10–p90 of the measurements: {'; '.join(parts)}{more}"
    source = min(stated.words["ratio sources"])
    return [Assumption("throughput_ratio", text, source, "", rated.cents, rated.workloads)]


def _assumed_prices(stated: Stated) -> list[Assumption]:
    """Prices that are assumptions or estimates, by label and what the catalog says of the figure."""
    found = []
    for key, cost in sorted(_keyed(stated, "price").items()):
        label, says, source, as_of = key
        text = f"{label}: {says}" if says else label
        found.append(Assumption("assumed_price", text, source, as_of, cost.cents, cost.workloads))
    return found


def _keyed(stated: Stated, kind: str) -> dict[tuple[str, ...], Cost]:
    return {key[1:]: cost for key, cost in stated.costs.items() if key[0] == kind}


_NOTES = {
    "unverified": "availability is not verified (a list price for all regions): {}",
    "blocks": "capacity blocks are reserved ahead, and that one is to be had is not assured; the hours of a month are "
    "taken in one go, in whole days: {}",
    "at risk": "the RTT estimate keeps the SLO, but not at the high end of its band; measure it: {}",
    "nowhere": "{places}: no coordinates are known, so no RTT to other places is; give `latitude` and `longitude`, "
    "the SLO may hang on it: {}",
    "together": "sites in one place, or nobody knows how far apart: what happens there may take several of them; "
    "give `apart_km`: {}",
    "data only": "data stands by without nodes; that there are any on demand when they are needed is not assured: {}",
    "price turn": "bought nodes that an alternative shown would undercut if rental prices changed by so much a year or "
    "less: {}",
    "no fallback": "trained on spot alone, as the same cannot be rented on demand: one run in ten may be late: {}",
    "down": "served on spot alone, as the same cannot be rented on demand: down while there is no capacity, which "
    "even a single node has {up} of the time only: {}",
    "large gang": "on spot with more nodes at once than the {gang} of which it is known how long they last together; "
    "what is charged and promised for them is extrapolated: {}",
    "close": "close calls, where another offer costs no more at the low end of the throughput: {}",
    "old": "prices older than {days} days ({dates}) are part of: {}",
    "undated": "prices whose source gives no date are part of: {}",
}
"""Notes that name workloads, in the order of the plan."""

_CAVEATS = {
    "owned": "the building of own sites is not in the costs of bought nodes",
    "inference": "no redundancy is counted{but}: a site or node that fails takes {whom} with it",
}
"""What is to be said once of a kind of placement."""


def notes(problem: Problem, solution: Solution, stated: Stated) -> tuple[str, ...]:
    """What a reader should know before signing."""
    dates = sorted(stated.words.get("old dates", ()))
    places = Names()
    for place in stated.words.get("nowhere", ()):
        places.add(place)
    details = {
        "places": str(places),
        "gang": problem.catalog.assumption("spot_gang_nodes").text,
        "up": problem.catalog.assumption("spot_available_fraction").text,
        "days": str(_stale_days(problem.catalog)),
        "dates": " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "",
    }
    listed = [text.format(stated.names[note], **details) for note, text in _NOTES.items() if note in stated.names]
    met = stated.words.get("met", ())
    but, whom = (" but for workloads at several sites", "the others") if "members" in met else ("", "its workloads")
    caveats = [text.format(but=but, whom=whom) for kind, text in _CAVEATS.items() if kind in met]
    return (
        *outliving_note(problem, stated),
        *_lead_times(problem.catalog, stated),
        *unused_notes(problem, solution),
        *commitment_notes(problem, solution),
        *split_notes(problem, solution),
        *trap_notes(problem, solution),
        *negotiated_notes(problem.catalog, stated),
        *_rules(stated),
        *move_notes(problem, solution),
        *pool_notes(problem, solution),
        *copy_notes(problem, solution),
        *listed,
        *caveats,
    )


def _rules(stated: Stated) -> list[str]:
    """What must be signed, and what no rule of the catalog speaks of, with the workloads it concerns."""
    keys = [key for begin in (TO_SIGN, UNCHECKED) for key in sorted(stated.names) if key.startswith(begin)]
    return [f"{key}: {stated.names[key]}" for key in keys]


def _lead_times(catalog: Catalog, stated: Stated) -> Iterator[str]:
    """How long after their order bought and leased nodes are there, and who waits for them."""
    for key in sorted(key for key in stated.names if key.startswith(ORDERED)):
        tier = key.removeprefix(ORDERED)
        fact = catalog.assumption("procurement_lead_time_weeks", tier)
        if fact.micro:
            yield (
                f"bought and leased nodes arrive about {fact.text} weeks after they are ordered ({tier}; an "
                f"assumption, source {fact.source_id}); until then these run where they do today, or on rented ones: "
                f"{stated.names[key]}"
            )


def copy_notes(problem: Problem, solution: Solution) -> Iterator[str]:
    """Copies of datasets: where, for whom, what each costs and by how much the whole is cheaper with it."""
    for copy in solution.copied.copies if solution.copied is not None else ():
        readers = Names()
        for w in copy.readers:
            readers.add(problem.ids[w])
        cost, saved = f"${cents(copy.cost_micro) / 100:,.2f}", f"${cents(copy.saved_micro) / 100:,.2f}"
        yield (
            f"a copy of `{copy.dataset}` at {copy.site} costs {cost} a month, which those who read it there share "
            f"({readers}); with it the whole costs {saved} a month less than without"
        )


def pool_notes(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """How volume tiers were counted, and how far the plan may be from the best one."""
    joint = solution.joint
    if joint is None:
        return ()
    found = "nobody saves by moving alone" if joint.settled else f"still improving after {joint.rounds} rounds"
    if joint.gap_micro is None:
        found += " to another single offer"
    return (
        "volume tiers of egress count what all workloads send under a provider's tariff, in the order of their ids; "
        f"{found}, and {_gap(problem, solution, joint)}",
    )


def _gap(problem: Problem, solution: Solution, joint: Joint) -> str:
    """How much another plan could save at most."""
    if joint.gap_micro is None:
        return "mixes of offers are chosen after that; how much another plan could save is not known"
    if cents(joint.gap_micro) == 0:
        return "no plan is cheaper"
    per_mille = -(-joint.gap_micro * 1000 // joint.total_micro)
    least = cents(joint.total_micro - joint.gap_micro)
    kept = ["shares capacity"] if solution.barred else []
    kept += ["keeps copies"] if problem.copying is not None else []
    shared = f" that {' and '.join(kept)} like this one" if kept else ""
    shared += " and" if shared and solution.told is not None else ""
    shared += " with the same places for workloads at several sites" if solution.told is not None else ""
    return f"no plan{shared} costs less than ${least / 100:,.2f} a month (at most {per_mille / 10:.1f} % below)"


def _stale_days(catalog: Catalog) -> int:
    return catalog.assumption("stale_price_days").micro // MICRO


def aging(catalog: Catalog) -> Callable[[str], bool | None]:
    """Whether a price's date is old relative to the catalog's own; None where the date is unknown.

    Nothing is said where the catalog itself has no date.
    """
    limit, today = _stale_days(catalog), latest_day(catalog.as_of)
    known: dict[str, bool | None] = {}

    def is_old(as_of: str) -> bool | None:
        if today is None:
            return False
        if as_of not in known:
            day = latest_day(as_of)
            known[as_of] = None if day is None else (today - day).days > limit
        return known[as_of]

    return is_old
