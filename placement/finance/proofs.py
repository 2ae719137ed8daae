"""The proofs of a plan as CSV: one row per copy and rule, for whoever has to sign for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from placement.finance.cells import csv_row, guarded, tags_text
from placement.plan.model import Placement

COLUMNS = (
    *("workload", "copy", "place", "country", "rule", "asks", "verdict", "sign", "instrument", "confidence"),
    *("source_id", "source", "as_of", "cost_centre", "tags"),
)


def export_proofs(sources: Mapping[str, str], placements: Iterable[Placement]) -> Iterator[str]:
    """Every proof with its source in full; workloads without rules have none."""
    yield csv_row(COLUMNS)
    for placement in placements:
        yield "".join(
            csv_row(
                map(
                    guarded,
                    (
                        *(placement.workload, proof.copy, proof.place, proof.country, proof.rule, proof.asks),
                        *(proof.verdict, proof.sign, proof.instrument, proof.confidence),
                        *(proof.source_id, sources.get(proof.source_id, ""), proof.as_of),
                        *(placement.cost_centre, tags_text(placement.tags)),
                    ),
                )
            )
            for proof in placement.proofs
        )
