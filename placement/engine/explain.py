"""The whole story of one workload, as plain data."""

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Ints
from placement.engine.constraints import CONSTRAINTS
from placement.engine.copies import solve_with_copies
from placement.engine.explain_flows import FlowRow, flow_rows
from placement.engine.explain_sites import SeveralSites, members_of, number_of, several_sites
from placement.engine.explain_sizes import SizeRow, size_rows
from placement.engine.latency_story import LatencyStory, latency_story
from placement.engine.placements import place_some
from placement.engine.power_story import power_story
from placement.engine.problem import Problem
from placement.engine.rule_matrix import LAWS, Matrix, forbidding, matrix
from placement.engine.search import NONE
from placement.engine.shared import holders
from placement.engine.slo import slo_words
from placement.engine.solution import Solution, Worked, work
from placement.engine.solve import Progress
from placement.engine.story import Story, best_by_tier, tell
from placement.engine.taken import draws_of, left_for
from placement.inventory.data import Inflow, Outflow
from placement.inventory.demand import Demand
from placement.inventory.inventory import Inventory
from placement.inventory.redundancy import redundancy_words
from placement.inventory.work_words import work_words
from placement.inventory.workload import Workload
from placement.plan.model import Placement
from placement.units import MILLI, cents, from_milli, percent_text, plain_text
from placement.words import TIERS


class Obstacle(NamedTuple):
    """A rule an offer breaks; the margin is empty for yes-or-no rules."""

    rule: str
    title: str
    margin: str
    unit: str
    detail: str = ""
    """What meets what, where the rule has words for it."""


class TierStory(NamedTuple):
    """A tier's best offer: feasible with its cost, or the one that breaks the fewest rules, with those rules."""

    tier: str
    offers: int
    feasible: int
    offer: str
    accelerators: str
    monthly_cost_cents: int | None
    obstacles: tuple[Obstacle, ...]
    held_by: tuple[str, ...] = ()
    """Workloads that draw on what the offer lacks."""


class Explanation(NamedTuple):
    """Everything there is to say about one workload."""

    demand: tuple[tuple[str, str], ...]
    placement: Placement
    sizes: tuple[SizeRow, ...]
    tiers: tuple[TierStory, ...]
    sources: dict[str, str]
    """Titles of the sources its lines cite."""
    offer_note: str
    rules: Matrix
    """Every rule at the best site of each tier."""
    power: tuple[tuple[str, str], ...]
    """What its bought nodes draw, step by step; empty for rented ones."""
    latency: LatencyStory | None = None
    """None for a workload without users."""
    flows: tuple[FlowRow, ...] = ()
    several: SeveralSites | None = None
    """Of a workload at several sites, whose first one the rest is about, or that it is about a site of."""


def explain(catalog: Catalog, inventory: Inventory, workload: str, progress: Progress | None = None) -> Explanation:
    """Solve for the whole inventory (capacity is shared), then tell the story of *workload*, or of one of its sites."""
    alone, solution = solve_with_copies(catalog, inventory, progress=_whole(progress))
    prepared = solution.as_chosen(alone)
    if solution.joint is not None:
        prepared = prepared._replace(problem=solution.joint.priced)
    w = number_of(prepared.problem, workload)
    worked = work(prepared, np.array([w]))
    draws = draws_of(prepared.problem, solution.claims)
    story = tell(prepared, worked, 0, left_for(prepared.problem, draws, w))
    story = story._replace(cost_o=story.cost_o + solution.shift_w(np.array([w]))[0])
    rows = members_of(alone.problem, w)
    placed = place_some(prepared, solution, np.array(rows))
    placement = placed.placements[rows.index(w)]
    mixed = placed.mixed.get(rows.index(w))
    offers = (int(solution.offer_w[w]),) if mixed is None else mixed.offers
    picked = _picked(prepared.problem, story)
    used, known = {line.source_id for line in placement.lines}, catalog.sources
    used |= {proof.source_id for proof in placement.proofs}
    return Explanation(
        demand=demand_words(prepared.problem.workloads[w]),
        placement=placement,
        sizes=size_rows(prepared.problem, worked, story),
        tiers=tuple(_tiers(prepared.problem, solution, worked, story, picked)),
        sources={key: known[key][0] for key in sorted(used) if key in known},
        offer_note=_note(prepared.problem, int(solution.offer_w[w])),
        several=several_sites(alone, solution, w, placed.placements),
        latency=latency_story(prepared.problem, w, offers),
        rules=matrix(prepared.problem, prepared.problem.workloads[w], w, story, list(picked.values())),
        flows=flow_rows(prepared.problem, w, placed, rows.index(w), int(solution.offer_w[w])),
        power=power_story(prepared.problem, solution, w),
    )


def _whole(progress: Progress | None) -> Progress | None:
    """For those to whom solving is all there is: to others it is the first half."""
    return (lambda done, total: progress(2 * done, total)) if progress else None


def _amount_words(asked: Demand) -> list[tuple[str, str]]:
    """How much work there is, and what may do it."""
    if asked.work is not None:
        return work_words(asked.work)
    demand = asked.accelerators
    if demand is None:
        return []
    together = f"{demand.accelerators_per_replica:,} accelerators work as one"
    replica = "every accelerator works alone" if demand.accelerators_per_replica == 1 else together
    return [
        ("demand", f"{demand.count:,} × {demand.model}, {plain_text(demand.hours)} of 730 h a month"),
        ("replica", f"{replica}, {plain_text(demand.memory_gib)} GiB" if demand.memory_gib else replica),
        ("comparable", demand.throughput_class or "only the same accelerator (no `throughput_class`)"),
    ]


def demand_words(workload: Workload) -> tuple[tuple[str, str], ...]:
    """The workload's needs, as (label, text)."""
    rows = [
        ("kind", workload.kind.replace("_", " ")),
        *_amount_words(workload.demand),
        ("users", ", ".join(f"{user.location} {percent_text(user.share_fraction)} %" for user in workload.users)),
        ("latency", slo_words(workload.slo) if workload.slo else ""),
        ("data in", ", ".join(f"{_volume(flow)} from {flow.source}" for flow in workload.data_in if _moves(flow))),
        ("data out", ", ".join(f"{_volume(flow)} to {flow.target}" for flow in workload.data_out if _moves(flow))),
        ("moves along", _exit(workload)),
        ("storage", f"{plain_text(workload.storage_gb)} GB" if workload.storage_gb else ""),
        ("must stay in", ", ".join(workload.residency)),
        ("data", _data_words(workload)),
        ("operators", _operator_words(workload)),
        ("isolation", workload.isolation.replace("_", "-") if workload.isolation != "shared" else ""),
        ("certified", ", ".join(workload.certifications)),
        ("may be interrupted", "yes" if workload.interruptible else "no"),
        ("offline", "yes" if workload.offline else ""),
        ("lives", _everywhere(workload)),
        ("redundancy", redundancy_words(workload.redundancy) if workload.redundancy else ""),
    ]
    return tuple((label, words) for label, words in rows if words)


def _data_words(workload: Workload) -> str:
    data = workload.data
    if data is None or not data.classes:
        return ""
    return f"{', '.join(data.classes)}, under the law of {', '.join(data.jurisdictions)}"


def _operator_words(workload: Workload) -> str:
    operators = workload.operators
    if operators is None:
        return ""
    allowed = [f"only of {', '.join(operators.allowed)}"] if operators.allowed is not None else []
    return ", ".join(allowed + ([f"not of {', '.join(operators.denied)}"] if operators.denied else []))


def _moves(flow: Inflow | Outflow) -> bool:
    """Whether anything moves: at a site that stands by what others read does not."""
    return 0 not in (flow.gb_per_month, flow.gb_per_day) or (isinstance(flow, Inflow) and flow.copied)


def _volume(flow: Inflow | Outflow) -> str:
    """`600 GB a day`; of a dataset without a volume all of it."""
    if flow.gb_per_day is not None:
        return f"{plain_text(flow.gb_per_day)} GB a day"
    copied = isinstance(flow, Inflow) and flow.copied
    changes = "a copy" + (f" and {plain_text(flow.gb_per_month)} GB of changes" if flow.gb_per_month else "")
    if copied:
        return changes
    return "once a month in full" if flow.gb_per_month is None else f"{plain_text(flow.gb_per_month)} GB"


def _exit(workload: Workload) -> str:
    current = workload.current
    return f"{plain_text(current.data_gb)} GB from {current.site}, once" if current and current.data_gb else ""


def _everywhere(workload: Workload) -> str:
    """Of a workload that lives at every place of its users: how, and what that takes."""
    updates = workload.hands_on_updates_per_year
    parts = [
        "at every place of its users" if workload.per_location else "",
        f"{workload.spares_fraction:g} spare nodes for each in use" if workload.spares_fraction else "",
        f"{plain_text(updates)} update{'' if updates == 1 else 's'} by hands a year" if updates else "",
    ]
    return ", ".join(part for part in parts if part)


def _picked(problem: Problem, story: Story) -> dict[int, int]:
    """The best offer of each tier that has any, else the one that breaks the fewest rules."""
    found = {}
    for tier, offer in enumerate(best_by_tier(problem, story)):
        members = np.flatnonzero(problem.tier_o == tier)
        if len(members):
            found[tier] = offer if offer != NONE else _least_broken(story, members)
    return found


def _tiers(
    problem: Problem, solution: Solution, worked: Worked, story: Story, picked: dict[int, int]
) -> list[TierStory]:
    found = []
    for tier, chosen in picked.items():
        members = np.flatnonzero(problem.tier_o == tier)
        shape = int(problem.supply.shape_o[chosen])
        nodes = int(worked.chunk.sizing.nodes_wh[0, shape])
        hardware = problem.supply.shapes[shape]
        cost = float(story.cost_o[chosen])
        obstacles = _obstacles(problem, story, int(worked.chunk.w[0]), chosen)
        limited = {rule.name for rule in CONSTRAINTS if rule.shared} & {obstacle.rule for obstacle in obstacles}
        others = holders(problem, solution.claims, int(worked.chunk.w[0]), chosen) if limited else []
        found.append(
            TierStory(
                TIERS[tier],
                len(members),
                int(story.feasible_o[members].sum()),
                problem.supply.offer_id(chosen),
                f"{nodes * hardware.units:,} × {hardware.accelerator}" if nodes else hardware.accelerator,
                None if np.isnan(cost) else cents(cost),
                obstacles,
                tuple(sorted(problem.ids[other] for other in others)),
            )
        )
    return found


def _least_broken(story: Story, members: Ints) -> int:
    """The offer that breaks the fewest rules, of those with a known cost if there are any; then the cheapest."""
    broken = (story.slack_co[:, members] < 0).sum(axis=0)
    cost = np.where(np.isnan(story.cost_o[members]), np.inf, story.cost_o[members])
    return int(members[np.lexsort((members, cost, broken, np.isinf(cost)))[0]])


def _obstacles(problem: Problem, story: Story, row: int, offer: int) -> tuple[Obstacle, ...]:
    found = []
    for number, rule in enumerate(CONSTRAINTS):
        slack = float(story.slack_co[number, offer])
        if slack < 0 and rule.name == LAWS:
            found.append(Obstacle(rule.name, rule.title, "", "", forbidding(problem, row, offer)))
        elif slack < 0:
            margin = "unknown" if np.isneginf(slack) else str(from_milli(round(-slack * MILLI))) if rule.unit else ""
            shape = int(problem.supply.shape_o[offer])
            words = rule.detail(problem, shape, slack) if rule.detail and margin != "unknown" else ""
            found.append(Obstacle(rule.name, rule.title, margin, rule.unit, words))
    return tuple(found)


def _note(problem: Problem, offer: int) -> str:
    """The catalog's remark on a rented offer."""
    row = int(problem.supply.catalog_row_o[offer]) if offer != NONE else -1
    return problem.catalog.strings[int(problem.catalog.offers.note_o[row])] if row >= 0 else ""
