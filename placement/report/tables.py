"""A plan as rows of text: what the terminal, Markdown and any later renderer show, chosen and ordered once."""

from typing import NamedTuple

from placement.plan.dump import saving_cents
from placement.plan.model import Assumption, Layer, Placement, Plan, Share
from placement.report.numbers import change, money, plural, share, whole_money
from placement.report.shown import shown_rows, shown_unplaced

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
    """The total by tier, provider and purchase model."""
    total = plan.summary.monthly_cost_cents

    def rows(group: str, shares: tuple[Share, ...]) -> list[ShareRow]:
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

    summary = plan.summary
    return [
        *rows("tier", summary.by_tier),
        *rows("provider", summary.by_provider[:8]),
        *rows("purchase", summary.by_purchase),
    ]


def placement_rows(plan: Plan) -> tuple[list[PlacementRow], int]:
    """Rows in the inventory's order, and how many were left out; large plans keep the most expensive."""
    shown, hidden = shown_rows(plan)
    return [_row(placement) for placement in shown], hidden


def _row(placement: Placement) -> PlacementRow:
    cost = placement.monthly_cost_cents
    if cost is None:
        return PlacementRow(placement.workload, "unplaced", "", "", "–", "–", placement.reason, False)
    layer = placement.layers[0]
    return PlacementRow(
        placement.workload,
        placement.site,
        hardware(layer),
        purchase_words(layer.purchase),
        money(cost),
        change(cost, placement.baseline_cents),
        placement.reason,
        True,
    )


def hardware(layer: Layer) -> str:
    """`16 × H100-SXM`; more than needed is said."""
    spare = layer.accelerators - layer.accelerators_needed
    return f"{layer.accelerators:,} × {layer.accelerator}" + (f" ({spare:,} spare)" if spare > 0 else "")


def purchase_words(purchase: str) -> str:
    """`on demand`, `reserved 3y`."""
    return purchase.replace("_", " ")


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
