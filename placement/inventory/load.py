"""An inventory file → `Inventory`, or every error in it with its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from placement.diagnostics import Diagnostic, InputError
from placement.documents import Document, load_yaml
from placement.inventory.inventory import Inventory
from placement.validation import MAX_REPORTED, validated


def load_inventory(path: Path, shown: str | None = None) -> tuple[Inventory, Document]:
    """Read and validate one inventory; raises `InputError` with all errors of its form and values."""
    document = load_yaml(path, shown)
    inventory = validated(document, Inventory)
    repeated = list(_repeated_ids(inventory, document))
    if repeated:
        raise InputError(repeated[:MAX_REPORTED])
    return inventory, document


def _repeated_ids(inventory: Inventory, document: Document) -> Iterable[Diagnostic]:
    first: dict[str, int] = {}
    for index, workload in enumerate(inventory.workloads):
        earlier = first.setdefault(workload.id, index)
        if earlier != index:
            where = document.where(("workloads", earlier, "id"))
            message = f"workload `{workload.id}` is there already, at line {where.line}"
            yield document.diagnostic("repeated-workload", message, ("workloads", index, "id"), "give it another id")
