"""What `placement catalog` does."""

from __future__ import annotations

from pathlib import Path

from placement.cli.commands import catalog_of, layer_files
from placement.cli.environment import terminal
from placement.cli.output import keep, write


def run_catalog(of: str, form: str, output: Path | None, layers: list[Path], shipped: bool, no_color: bool) -> None:
    """Write what the catalog knows of accelerators or of models."""
    from placement.catalog.listing import accelerator_facts, model_facts  # noqa: PLC0415
    from placement.report.catalog import Listing, render_listing  # noqa: PLC0415

    keep(output, layer_files(layers))
    catalog = catalog_of(layers, shipped)
    facts = accelerator_facts(catalog) if of == "accelerators" else model_facts(catalog)
    listing = Listing(of, facts, catalog.as_of, catalog.digest)
    write(render_listing(listing, form, terminal(no_color, output)), output)
