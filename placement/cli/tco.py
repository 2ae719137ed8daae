"""What `placement tco` does: options → a question that can be answered → what owning costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from placement.cli.commands import catalog_of, layer_files
from placement.cli.environment import terminal
from placement.cli.output import keep, write
from placement.diagnostics import Diagnostic, InputError, Where

if TYPE_CHECKING:
    from placement.catalog.tables import Catalog
    from placement.engine.tco.question import Asked


def run_tco(asked: Asked, form: str, output: Path | None, layers: list[Path], shipped: bool, no_color: bool) -> None:
    """Write what owning a node costs, or raise with everything that is wrong with the question."""
    from placement.engine.tco.answer import tco  # noqa: PLC0415
    from placement.report.tco import render_tco  # noqa: PLC0415

    keep(output, layer_files(layers))
    catalog = catalog_of(layers, shipped)
    _refuse(catalog, asked)
    write(render_tco(tco(catalog, asked), form, terminal(no_color, output)), output)


def _refuse(catalog: Catalog, asked: Asked) -> None:
    """Raise `InputError` for what cannot be answered."""
    from placement.engine.tco.question import colo_sites  # noqa: PLC0415
    from placement.inventory.known import known  # noqa: PLC0415

    found = [*known("unknown-node", asked.node, catalog.nodes, ())]
    ids = {site.id for site in catalog.sites}
    places = [site.id for site in colo_sites(catalog)]
    site = Where("--site")
    if asked.site is not None:
        found += known("unknown-site", asked.site, places if asked.site not in ids else ids, ("site",))
    wrong = [Diagnostic(one.code, one.message, site if one.path else Where("NODE"), one.hint) for one in found]
    if asked.site in ids and asked.site not in places:
        message = f"`{asked.site}` is no colocation site: nodes of one's own cannot stand there"
        hint = f"name a colocation site, such as {places[0]}" if places else ""
        wrong.append(Diagnostic("site-not-colo", message, site, hint))
    node = catalog.nodes.get(asked.node)
    if node is not None:
        hint = "add it to `nodes.yaml` of a `--catalog` layer"
        if node.capex is None:
            message = f"the catalog knows no price of `{node.id}`"
            wrong.append(Diagnostic("capex-needed", message, Where("NODE"), hint))
        if node.max_power_kw is None:
            message = f"the catalog does not know the power of `{node.id}`"
            wrong.append(Diagnostic("power-needed", message, Where("NODE"), hint))
    if wrong:
        raise InputError(wrong)
