"""An inventory file → `Inventory`, or every error in it with its place."""

from __future__ import annotations

from pathlib import Path

from placement.documents import Document, load_yaml
from placement.inventory.inventory import Inventory
from placement.validation import validated


def load_inventory(path: Path, shown: str | None = None) -> tuple[Inventory, Document]:
    """Read one inventory; raises `InputError` with all errors of its form and values.

    Whether its names exist and are used once is left to `check.check_names`.
    """
    document = load_yaml(path, shown)
    return validated(document, Inventory), document
