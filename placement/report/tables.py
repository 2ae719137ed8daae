"""A plan as rows of text: what the terminal, Markdown and any later renderer show, chosen and ordered once."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from placement.plan.dump import saving_cents
from placement.plan.model import Assumption, Member, Placement, Plan, Share
from placement.report.layers import bought_words, how_words, is_mixed, use_words, what_words, where_words
from placement.report.numbers import change, money, plural, share, thousands, whole_money
from placement.report.shown import shown_rows, shown_unplaced
from placement.report.work import short_words

_SIGNED = re.compile(r"/signed-[0-9]{4}-[0-9]{2}-")
POINTER = "write them all with --format json, jsonl or csv"
"""Where the rest of a fleet is."""


class PlacementRow(NamedTuple):
    """One workload's line in the main table."""

    workload: str
    where: str
    what: str
    how: str
    cost: str
    versus: str
    why: str
    placed: bool
    work: str = ""
    """What a unit of its work costs, and how well what is paid for is used."""
    bought: str = ""
    """All layers of several, in one."""


class ShareRow(NamedTuple):
    """One line of a breakdown."""

    group: str
    name: str
    workloads: str
    cost: str
    share: str


def headline(plan: Plan) -> list[tuple[str, str]]:
    """The figures at the top, with their labels."""
    summary = plan.summary
    found = [("a month", money(summary.monthly_cost_cents))] if summary.placed else [("placed", "nothing")]
    saving = saving_cents(summary)
    if saving is not None and summary.baseline_cents is not None:
        found.append(("today", money(summary.baseline_cents)))
        rate = change(summary.compared_cost_cents, summary.baseline_cents).lstrip("−+")
        found.append((f"{'saved' if saving >= 0 else 'more'} ({rate})", money(abs(saving))))
    if summary.redundancy_cents is not None:
        found.append(("of it for redundancy", money(summary.redundancy_cents)))
    return found


def caption(plan: Plan) -> str:
    """What was computed from what."""
    inputs, summary = plan.inputs, plan.summary
    unplaced = summary.workloads - summary.placed
    parts = [
        plural(summary.workloads, "workload") + (f", {unplaced:,} unplaced" if unplaced else ""),
        f"{summary.offers:,} offers",
        f"catalog of {inputs.catalog_as_of}",
        f"horizon {plural(inputs.horizon_months, 'month')}",
    ]
    if summary.baseline_cents is not None and summary.baseline_workloads < summary.placed:
        said = "states what it costs" if summary.baseline_workloads == 1 else "state what they cost"
        parts.append(f"{summary.baseline_workloads:,} of {summary.placed:,} placed workloads {said} today")
    return " · ".join(parts)


def share_rows(plan: Plan) -> list[ShareRow]:
    """The total by tier, provider and purchase model; providers of little cost are one row."""
    total, summary = plan.summary.monthly_cost_cents, plan.summary

    def rows(group: str, shares: Sequence[Share]) -> list[ShareRow]:
        return [
            ShareRow(
                group if number == 0 else "",
                entry.name,
                f"{entry.workloads:,}",
                money(entry.monthly_cost_cents),
                share(entry.monthly_cost_cents, total),
            )
            for number, entry in enumerate(shares)
        ]

    return [
        *rows("tier", summary.by_tier),
        *rows("provider", _most(summary.by_provider)),
        *rows("purchase", summary.by_purchase),
    ]


MOST_PROVIDERS = 8


def _most(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """The first, and one for all others, so that they still add up."""
    if len(shares) <= MOST_PROVIDERS + 1:
        return shares
    rest = shares[MOST_PROVIDERS:]
    return (
        *shares[:MOST_PROVIDERS],
        Share(f"{len(rest):,} others", sum(one.workloads for one in rest), sum(one.monthly_cost_cents for one in rest)),
    )


def placement_rows(plan: Plan) -> tuple[list[PlacementRow], int]:
    """Rows in the inventory's order, and how many were left out; large plans keep the most expensive.

    What redundancy costs has a row of its own below those of a workload's sites.
    """
    shown, hidden = shown_rows(plan)
    rows: list[PlacementRow] = []
    members: dict[str, list[Placement]] = {}
    for placement in shown:
        rows.append(_row(placement))
        if placement.member is not None and placement.monthly_cost_cents is not None:
            mine = members.setdefault(placement.member.of, [])
            mine.append(placement)
            if len(mine) == placement.member.sites:
                rows.append(_redundancy(placement.member, mine))
    return rows, hidden


def _redundancy(member: Member, placements: list[Placement]) -> PlacementRow:
    """What all sites of a workload cost beyond a single one."""
    parts = [placement.member for placement in placements if placement.member is not None]
    cost = sum(placement.monthly_cost_cents or 0 for placement in placements)
    baselines = [placement.baseline_cents for placement in placements if placement.baseline_cents is not None]
    return PlacementRow(
        f"{member.of}: redundancy",
        f"{member.sites} sites" + (f", {thousands(_nearest(parts))} km apart" if _nearest(parts) else ""),
        "",
        "",
        beyond_words(placements),
        change(cost, sum(baselines) if baselines else None),
        f"of {money(cost)}; {single_words(placements)}",
        True,
    )


def _nearest(members: list[Member]) -> str:
    """The shortest distance between any two sites; empty where one is unknown."""
    distances = [member.nearest_km for member in members]
    return min(distances, key=float) if all(distances) else ""


def beyond_words(placements: Sequence[Placement]) -> str:
    """What the sites of one workload cost beyond a single one."""
    beyond = [placement.member.beyond_cents for placement in placements if placement.member is not None]
    known = [cents for cents in beyond if cents is not None]
    return money(sum(known)) if len(known) == len(beyond) else "unknown"


def single_words(placements: Sequence[Placement]) -> str:
    """What a single site would cost."""
    for placement in placements:
        if placement.member is not None and placement.member.single is not None:
            single = placement.member.single
            return f"one site alone: {single.offer} at {money(single.monthly_cost_cents)}"
    return "no single site could take it"


def _row(placement: Placement) -> PlacementRow:
    cost = placement.monthly_cost_cents
    if cost is None:
        return PlacementRow(placement.workload, "unplaced", "", "", "–", "–", placement.reason, False)
    versus = "" if placement.member is not None else change(cost, placement.baseline_cents)
    return PlacementRow(
        placement.workload,
        where_words(placement),
        what_words(placement),
        how_words(placement),
        money(cost),
        versus,
        placement.reason,
        True,
        "; ".join(words for words in (short_words(placement), use_words(placement)) if words),
        bought_words(placement) if is_mixed(placement) else "",
    )


def assumption_text(assumption: Assumption) -> str:
    """The assumption, the dollars that hang on it, and its source."""
    parts = [assumption.text]
    if assumption.monthly_cost_cents is not None:
        parts.append(
            f"{whole_money(assumption.monthly_cost_cents)} a month in {plural(assumption.workloads, 'workload')}"
        )
    source = ", ".join(part for part in (assumption.source_id, assumption.as_of) if part)
    return "; ".join(parts) + (f" [{source}]" if source else "")


def unplaced(plan: Plan) -> list[tuple[str, str]]:
    """The first workloads without a place, why, and the changes that would give them one."""
    shown, hidden = shown_unplaced(plan)
    rows = [(placement.workload, f"{placement.reason}. To place it: {_ways_out(placement)}") for placement in shown]
    return [*rows, (f"and {hidden:,} more", POINTER)] if hidden else rows


def _ways_out(placement: Placement) -> str:
    changes = [
        f"{relaxation.change}: {relaxation.offer} at {whole_money(relaxation.monthly_cost_cents)} a month"
        for relaxation in placement.relaxations
    ]
    return " — or ".join(changes) or "no change of one or several rules was found to help"
