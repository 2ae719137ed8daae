"""What a plan rests on, in words: assumptions with the dollars that hang on them, and notes."""

from collections.abc import Callable
from typing import NamedTuple

from placement.catalog.tables import Fact
from placement.dates import latest_day
from placement.engine.owning import owning_notes
from placement.engine.problem import Problem
from placement.engine.rating import reference_of
from placement.engine.solution import Solution
from placement.engine.supply import resolve_location
from placement.plan.model import Assumption, Line, Placement, Rating
from placement.units import MICRO

Placements = tuple[Placement, ...]

_NAMED = 6
"""Things a sentence names before it says how many more there are."""


class _Model(NamedTuple):
    """A model constant, the lines it shapes, and how to say it."""

    name: str
    applies: Callable[[Placement, Line], bool]
    text: str


def _term(*terms: str) -> Callable[[Placement, Line], bool]:
    return lambda _placement, line: line.term in terms


def _bought(purchase: str) -> Callable[[Placement, Line], bool]:
    return lambda placement, line: line.term == "hardware" and placement.layers[0].purchase == purchase


_MODELS = (
    _Model(
        "owned_life_months",
        _bought("owned"),
        "bought nodes are written off over {value} months unless stated otherwise",
    ),
    _Model(
        "owned_residual_fraction",
        _bought("owned"),
        "bought nodes are worth {value} of their price at the end of that life",
    ),
    _Model("discount_rate_fraction_per_year", _bought("owned"), "capital costs {value} a year (fraction)"),
    _Model("lease_rate_fraction_per_year", _bought("lease"), "leases cost {value} a year (fraction)"),
    _Model("lease_term_months", _bought("lease"), "leases run {value} months and are paid in full"),
    _Model(
        "accelerator_failures_per_year",
        _term("spares"),
        "{value} failures per accelerator and year, none under warranty",
    ),
    _Model("power_load_fraction", _term("energy"), "bought nodes draw {value} of their maximum power around the clock"),
    _Model(
        "spot_mean_up_hours",
        lambda p, line: line.term == "usage" and p.layers[0].purchase == "spot" and p.layers[0].nodes == 1,
        "a single spot node runs {value} h between interruptions",
    ),
    _Model(
        "spot_gang_mean_up_hours",
        lambda p, line: line.term == "usage" and p.layers[0].purchase == "spot" and p.layers[0].nodes > 1,
        "several spot nodes together run {value} h between interruptions; that so many "
        "are to be had at once is not assured",
    ),
)


def assumptions(problem: Problem, placements: Placements) -> tuple[Assumption, ...]:
    """Model constants that shape a reported line, and prices that stand in for unknown ones."""
    catalog = problem.catalog
    found = []
    for model in _MODELS:
        lines = [
            (placement, line) for placement in placements for line in placement.lines if model.applies(placement, line)
        ]
        if lines:
            fact = _in_force(problem, model.name, catalog.assumption(model.name))
            found.append(_assumption(model.name, model.text.format(value=fact.text), fact, lines))
    found += _latency(problem, placements)
    found += _throughput(problem, placements)
    found += _assumed_prices(placements)
    return tuple(found)


def _in_force(problem: Problem, name: str, fact: Fact) -> Fact:
    """The figure in force: the inventory's policies may have set their own."""
    policies = problem.inventory.policies
    if name == "owned_life_months" and policies.hardware_life_months is not None:
        return fact._replace(micro=problem.life_months * MICRO, source_id="inventory", as_of="")
    if name == "discount_rate_fraction_per_year" and policies.discount_rate_fraction is not None:
        return fact._replace(micro=problem.discount_rate_micro, source_id="inventory", as_of="")
    return fact


def _assumption(name: str, text: str, fact: Fact, lines: list[tuple[Placement, Line]]) -> Assumption:
    return Assumption(
        name,
        text,
        fact.source_id,
        fact.as_of,
        sum(line.cost_cents for _, line in lines),
        len({placement.workload for placement, _ in lines}),
    )


def _latency(problem: Problem, placements: Placements) -> list[Assumption]:
    estimated = [placement for placement in placements if placement.rtt_ms]
    if not estimated:
        return []
    catalog = problem.catalog
    slope, error = catalog.assumption("rtt_ms_per_km"), catalog.assumption("rtt_error_fraction")
    intercept, same = catalog.assumption("rtt_intercept_ms"), catalog.assumption("rtt_same_place_ms")
    text = (
        f"round-trip times are estimated as {intercept.text} ms + {slope.text} ms/km (90 % of measured pairs lie "
        f"within ±{error.micro * 100 // MICRO} %); at the users' own location {same.text} ms"
    )
    return [Assumption("rtt_line", text, slope.source_id, slope.as_of, None, len(estimated))]


def _throughput(problem: Problem, placements: Placements) -> list[Assumption]:
    """Each ratio used, under the class it was measured for and the accelerator it is relative to."""
    found: dict[tuple[str, str], set[str]] = {}
    rated = []
    for w, placement in enumerate(placements):
        if placement.rating is None or placement.rating.basis != "ratio":
            continue
        rated.append(placement)
        key = (problem.workloads[w].demand.accelerators.throughput_class or "", reference_of(problem, w))
        found.setdefault(key, set()).add(f"{placement.layers[0].accelerator} × {_band(placement.rating)}")
    if not rated:
        return []
    named = [(key, name) for key in sorted(found) for name in sorted(found[key])]
    parts = [
        f"{group} relative to {base}: {', '.join(name for key, name in named[:_NAMED] if key == (group, base))}"
        for group, base in dict.fromkeys(key for key, _ in named[:_NAMED])
    ]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    text = f"work per accelerator, with p10–p90 of the measurements: {'; '.join(parts)}{more}"
    source = min(placement.rating.source_id for placement in rated if placement.rating)
    cost = sum(placement.monthly_cost_cents or 0 for placement in rated)
    return [Assumption("throughput_ratio", text, source, "", cost, len(rated))]


def _band(rating: Rating) -> str:
    """`1.5 (1.2–1.8)`; a spread that rests on one measurement is said to."""
    once = "one measurement" if rating.one_measurement else ""
    spread = f"{rating.low}–{rating.high}" if rating.low != rating.high else ""
    words = ", ".join(part for part in (spread, once) if part)
    return f"{rating.ratio} ({words})" if words else rating.ratio


def _assumed_prices(placements: Placements) -> list[Assumption]:
    """Lines whose price is an assumption or an estimate, by label and what the catalog says of the figure."""
    groups: dict[tuple[str, str, str, str], list[tuple[Placement, Line]]] = {}
    for placement in placements:
        for line in placement.lines:
            if line.assumed:
                stable, says = line.label.split(" (")[0], line.note
                if line.term in ("usage", "commitment"):
                    stable, says = f"{stable}, {placement.provider}", "an estimate: nobody lists this price"
                groups.setdefault((stable, says, line.source_id, line.as_of), []).append((placement, line))
    return [
        Assumption(
            "assumed_price",
            f"{label}: {says}" if says else label,
            source,
            as_of,
            sum(line.cost_cents for _, line in lines),
            len({placement.workload for placement, _ in lines}),
        )
        for (label, says, source, as_of), lines in sorted(groups.items())
    ]


def notes(problem: Problem, solution: Solution, placements: Placements) -> tuple[str, ...]:
    """What a reader should know before signing."""
    found = owning_notes(problem, solution, placements)
    owned = [placement for placement in placements if placement.layers and placement.layers[0].purchase == "owned"]
    unverified = [placement.workload for placement in placements if placement.availability == "unverified"]
    if unverified:
        found.append(f"availability is not verified (a list price for all regions): {_listed(unverified)}")
    risky = [placement.workload for placement in placements if placement.rtt_at_risk]
    if risky:
        found.append(f"the RTT estimate keeps the SLO, but not at its error bound; measure it: {_listed(risky)}")
    found += _without_coordinates(problem)
    close = [f"{placement.workload} ({placement.close_call})" for placement in placements if placement.close_call]
    if close:
        text = "close calls, where another offer costs no more at the low end of the measured throughput"
        found.append(f"{text}: {_listed(close)}")
    found += _stale(problem, placements)
    if any(line.term == "egress" for placement in placements for line in placement.lines):
        found.append("egress tiers start at zero for every flow: volumes that share a provider may cost less")
    if owned:
        found.append("staff, switches and the building of own sites are not in the costs of bought nodes")
    if any(placement.kind == "inference" and placement.layers for placement in placements):
        found.append("no redundancy is counted: a site or node that fails takes its workloads with it")
    return tuple(found)


def _without_coordinates(problem: Problem) -> list[str]:
    """SLOs that hang on a location whose round-trip times cannot be estimated."""
    inventory = problem.inventory
    unknown = {
        name
        for name, location in inventory.locations.items()
        if None in resolve_location(problem.catalog, location)[1:]
    }
    judged = [workload for workload in problem.workloads if workload.slo]
    hit = [workload.id for workload in judged if any(user.location in unknown for user in workload.users)]
    if not hit:
        return []
    places = {user.location for workload in judged for user in workload.users} & unknown
    return [
        f"{_listed(sorted(places))}: no coordinates are known, so no RTT to other places is; "
        f"give `latitude` and `longitude`, the SLO may hang on it: {_listed(hit)}"
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more


def _stale(problem: Problem, placements: Placements) -> list[str]:
    """Old and undated prices, by source date, relative to the catalog's own date."""
    limit = problem.catalog.assumption("stale_price_days").micro // MICRO
    today = latest_day(problem.catalog.as_of)
    old: dict[str, set[str]] = {}
    undated: set[str] = set()
    if today is None:
        return []
    for placement in placements:
        for line in placement.lines:
            if line.source_id in ("inventory", "") or line.cost_cents == 0:
                continue
            day = latest_day(line.as_of)
            if day is None:
                undated.add(placement.workload)
            elif (today - day).days > limit:
                old.setdefault(line.as_of, set()).add(placement.workload)
    found = []
    if old:
        workloads = sorted(set().union(*old.values()))
        dates = sorted(old)
        span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        found.append(f"prices older than {limit} days ({span}) are part of: {_listed(workloads)}")
    if undated:
        found.append(f"prices whose source gives no date are part of: {_listed(sorted(undated))}")
    return found
