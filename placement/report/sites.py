"""The sites of one workload for a person at a terminal: where, what each costs, and how far they are apart."""

from __future__ import annotations

from rich.console import RenderableType

from placement.engine.explain_sites import SeveralSites
from placement.report.console import ACCENT, QUIET, plain_table, text
from placement.report.numbers import change, money, thousands


def sites_of(several: SeveralSites) -> list[RenderableType]:
    """A table of the sites, what redundancy costs, and the next best sites."""
    parts: list[RenderableType] = [text(""), text("Sites", ACCENT)]
    if several.sites:
        table = plain_table(
            [("", "left"), ("role", "left"), ("offer", "left"), ("country", "left"), ("USD/month", "right")]
            + [(f"km to {number}", "right") for number in range(1, len(several.sites) + 1)]
        )
        for number, site in enumerate(several.sites):
            distances = [
                "–" if other == number else thousands(km) if km else "unknown" for other, km in enumerate(site.km)
            ]
            table.add_row(
                text(site.member, ACCENT),
                text(site.role),
                text(site.offer),
                text(site.country or "unknown"),
                money(site.monthly_cost_cents),
                *distances,
            )
        parts.append(table)
    return [*parts, *[text(line, QUIET) for line in _beyond(several)]]


def _beyond(several: SeveralSites) -> list[str]:
    total = several.monthly_cost_cents
    against = change(total, several.baseline_cents)
    versus = f" ({against} against today)" if several.baseline_cents is not None else ""
    if not several.single_offer:
        lines = ["no single site could take it"]
    else:
        lines = [f"one site alone: {several.single_offer} at {money(several.single_cost_cents)} a month"]
        if several.sites:
            difference = money(total - several.single_cost_cents)
            lines.append(f"all sites: {money(total)} a month{versus}, of it for redundancy {difference}")
    if several.next_offers:
        offers = " + ".join(several.next_offers)
        lines.append(f"the next best sites: {offers} for {money(several.next_more_cents)} a month more")
    elif several.sites:
        lines.append("there are no other sites that go together")
    return lines
