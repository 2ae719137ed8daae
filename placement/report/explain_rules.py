"""The part of a workload's story that is about rules: rule by site, every proof, and rules that exclude each other."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table

from placement.engine.rule_matrix import Matrix
from placement.plan.model import Placement
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, plain_table, text
from placement.report.rules import MARKS, authority, signing

_STYLES = {"kept": GOOD, "broken": BAD, "not applicable": QUIET}


def rules_by_site(matrix: Matrix) -> list[RenderableType]:
    """The best site of each tier against every rule, with words beside the colours."""
    table = plain_table([("rule", "left"), *((tier, "left") for tier in matrix.tiers)])
    table.columns[0].no_wrap = True
    for row in matrix.rows:
        table.add_row(text(row.rule), *(text(MARKS[answer], _STYLES.get(answer, "")) for answer in row.answers))
    sites = ", ".join(f"{tier}: {site}" for tier, site in zip(matrix.tiers, matrix.sites, strict=True))
    return [text(""), text("Rules by site", ACCENT), text(f"the best site of each tier ({sites})", QUIET), table]


def proofs(placement: Placement) -> list[RenderableType]:
    """Every copy × every rule × verdict × source; nothing for a workload without rules."""
    if not placement.proofs:
        return []
    return [text(""), text("Proofs", ACCENT), _proof_table(placement)]


def _proof_table(placement: Placement) -> Table:
    table = plain_table([("copy", "left"), ("rule", "left"), ("verdict", "left"), ("on whose authority", "left")])
    last = ""
    for proof in placement.proofs:
        place = f"{proof.copy} at {proof.place} ({proof.country or 'country unknown'})"
        rule = text(proof.rule)
        rule.append("\n")
        rule.append_text(text(proof.asks, QUIET))
        table.add_row(
            text(place if place != last else ""),
            rule,
            text(signing(proof), _STYLES.get(proof.verdict, "")),
            text(authority(proof), QUIET),
        )
        last = place
    return table


def conflict(placement: Placement) -> list[RenderableType]:
    """The rules that exclude each other, if any do."""
    heading = "These exclude each other; without any one of them there is an offer for the rest"
    if len(placement.conflict) == 1:
        heading = "This alone forbids every offer"
    return bullets(heading, [f"{one.rule}: {one.words}" for one in placement.conflict], BAD)
