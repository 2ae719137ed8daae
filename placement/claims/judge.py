"""All claims of a catalog, judged by it and by an inventory. Pure: the same arguments give the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from placement.catalog.claims import Claim
from placement.catalog.tables import Catalog
from placement.claims.bench import MOST_OWN, Bench
from placement.claims.model import Found, Judged, Judgement
from placement.claims.registry import BY_NAME, Experiment
from placement.claims.verdict import missed, verdict
from placement.inventory.inventory import Inventory

Progress = Callable[[int, int], None]
"""Told how many claims of how many are judged."""


def judge(
    catalog: Catalog,
    claims: Sequence[Claim],
    inventory: Inventory | None = None,
    inventory_sha256: str = "",
    progress: Progress | None = None,
) -> Judgement:
    """Judge *claims*. The inventory must have passed `inventory.check.check_names`."""
    at_large = _bench(catalog, claims, None)
    yours = _bench(catalog, claims, inventory) if inventory is not None else None
    judged = []
    for number, claim in enumerate(claims, 1):
        judged.append(_judged(claim, BY_NAME[claim.experiment], at_large, yours))
        if progress:
            progress(number, len(claims))
    return Judgement(
        judged=tuple(judged),
        catalog_as_of=catalog.as_of,
        catalog_sha256=catalog.digest,
        inventory=inventory.name if inventory is not None else "",
        inventory_sha256=inventory_sha256,
        notes=tuple(_notes(inventory)),
        sources={name: catalog.sources[name][0] for name in sorted(_cited(judged)) if name in catalog.sources},
    )


def _bench(catalog: Catalog, claims: Sequence[Claim], inventory: Inventory | None) -> Bench:
    """A bench on which every workload stands that some claim makes up."""
    bench = Bench(catalog, inventory)
    makers = [(claim, BY_NAME[claim.experiment].probes) for claim in claims]
    bench.add(probe for claim, make in makers if make is not None for probe in make(bench, claim))
    return bench


def _judged(claim: Claim, experiment: Experiment, at_large: Bench, yours: Bench | None) -> Judged:
    found = experiment.catalog(at_large, claim)
    judged = Judged(claim, found, verdict(claim, found.figure), missed(claim, found.figure))
    if yours is None or experiment.yours is None:
        return judged
    mine = experiment.yours(yours, claim)
    told, lies = verdict(claim, mine.figure), missed(claim, mine.figure)
    return judged._replace(yours=mine, your_verdict=told, yours_lies=lies)


def _notes(inventory: Inventory | None) -> Iterator[str]:
    if inventory is not None and len(inventory.workloads) > MOST_OWN:
        yield f"of its {len(inventory.workloads):,} workloads the first {MOST_OWN} are looked at"


def _cited(judged: Sequence[Judged]) -> set[str]:
    return {one.claim.source_id for one in judged} | {
        source for one in judged for found in (one.catalog, one.yours) if found is not None for source in _of(found)
    }


def _of(found: Found) -> Iterator[str]:
    yield from found.source_ids
    for parts in (found.cases, found.numbers, found.swings):
        for part in parts:
            yield part.source_id
