"""Markdown for pull requests and documents: the same tables as the terminal, nothing of the input acts as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from placement.diagnostics import visible
from placement.plan.model import Plan
from placement.report.commitments import commitment_items
from placement.report.layers import on_one_line
from placement.report.places import crossover_items
from placement.report.rules import authority, proofs_of, signing
from placement.report.tables import (
    POINTER,
    assumption_text,
    caption,
    headline,
    placement_rows,
    share_rows,
    unplaced,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")


def render_markdown(plan: Plan) -> Iterator[str]:
    """The plan as GitHub-flavoured Markdown, in pieces."""
    yield f"# {escaped(plan.inputs.inventory_name)}\n\n{escaped(caption(plan))}\n\n"
    yield "**" + "** · **".join(f"{figure} {escaped(label)}" for label, figure in headline(plan)) + "**\n\n"
    yield markdown_table(
        ("", "", "workloads", "USD/month", "share"),
        "llrrr",
        [(row.group, escaped(row.name), row.workloads, row.cost, row.share) for row in share_rows(plan)],
    )
    rows, hidden = placement_rows(plan)
    works = any(row.work for row in rows)
    yield "\n" + markdown_table(
        ("workload", "where", "what", "how", "USD/month", "vs today", *(["per unit, use"] if works else []), "why"),
        "llllrrll" if works else "llllrrl",
        [tuple(map(escaped, map(on_one_line, (*row[:6], *([row.work] if works else []), row.why)))) for row in rows],
    )
    if hidden:
        yield f"\nand {hidden:,} more: {POINTER}\n"
    items = [f"**{escaped(name)}**: {escaped(why)}" for name, why in unplaced(plan)]
    yield from _section("Unplaced", items)
    compared = [f"**{escaped(name)}**: {escaped(words)}" for name, words in crossover_items(plan)]
    yield from _section("Edge or region", compared)
    yield from _section("Signed already, in no total", [*map(escaped, commitment_items(plan.commitments))])
    yield from _section("Notes", [escaped(note) for note in plan.notes])
    yield from _proofs(plan)
    yield from _section("Assumptions", [escaped(assumption_text(assumption)) for assumption in plan.assumptions])


def _proofs(plan: Plan) -> Iterator[str]:
    """Every copy × every rule of the workloads in the table above."""
    rows = [
        (name, f"{one.copy} at {one.place} ({one.country or '?'})", one.rule, one.asks, signing(one), authority(one))
        for name, one in proofs_of(plan)
    ]
    if rows:
        yield "\n## Proofs\n\n"
        heads = ("workload", "copy", "rule", "asks", "verdict", "on whose authority")
        yield markdown_table(heads, "llllll", [tuple(map(escaped, row)) for row in rows])


def escaped(value: str) -> str:
    """Text that Markdown and HTML show as it is."""
    return _SPECIAL.sub(r"\\\1", visible(value)).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def markdown_table(heads: tuple[str, ...], alignment: str, rows: Sequence[tuple[str, ...]]) -> str:
    """A table of cells that are escaped already; *alignment* has an `l` or `r` for each column."""
    rule = tuple("---:" if mark == "r" else "---" for mark in alignment)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, rule, *rows))


def _section(heading: str, items: list[str]) -> Iterator[str]:
    if items:
        yield f"\n## {heading}\n\n" + "".join(f"- {item}\n" for item in items)
