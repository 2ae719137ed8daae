"""Proofs and rules as rows of text, for the terminal, Markdown and `explain`."""

from __future__ import annotations

from typing import NamedTuple

from placement.plan.model import Placement, Plan
from placement.plan.proof import Proof
from placement.report.shown import shown_rows

MARKS = {
    "kept": "✓ kept",
    "kept if signed": "✎ if signed",
    "not applicable": "– n/a",
    "unknown": "? unknown",
    "broken": "✗ broken",
}
"""Words beside the marks, for those who see no colours, or hear them read."""


class RuleRow(NamedTuple):
    """How the rules of one workload stand."""

    workload: str
    copies: str
    kept: str
    signed: str
    unknown: str


def rule_rows(plan: Plan) -> list[RuleRow]:
    """The workloads of the main table that have proofs: how many copies, and verdicts of each kind."""
    shown, _ = shown_rows(plan)
    return [_row(placement) for placement in shown if placement.proofs]


def _row(placement: Placement) -> RuleRow:
    verdicts = [proof.verdict for proof in placement.proofs]
    copies = len({(proof.copy, proof.place) for proof in placement.proofs})
    counts = [verdicts.count("kept"), verdicts.count("kept if signed"), verdicts.count("unknown")]
    return RuleRow(placement.workload, str(copies), *(str(count) if count else "–" for count in counts))


def proofs_of(plan: Plan) -> list[tuple[str, Proof]]:
    """Every proof of the workloads of the main table."""
    shown, _ = shown_rows(plan)
    return [(placement.workload, proof) for placement in shown for proof in placement.proofs]


def authority(proof: Proof) -> str:
    """The law, the source, its date and how sure it is."""
    confidence = f"{proof.confidence} confidence" if proof.confidence else ""
    source = " ".join(part for part in (proof.source_id, proof.as_of) if part)
    return ", ".join(part for part in (proof.instrument, source, confidence) if part)


def signing(proof: Proof) -> str:
    """The verdict, and what must be signed for it."""
    return MARKS[proof.verdict] + (f": {proof.sign}" if proof.sign else "")
