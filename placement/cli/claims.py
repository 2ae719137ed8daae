"""What `placement claims` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from placement.cli.choices import ClaimsFormat, format_of
from placement.cli.commands import catalog_of, countable, layer_files, load, progress_bar
from placement.cli.environment import terminal
from placement.cli.output import keep, write
from placement.diagnostics import Diagnostic, InputError, Where, did_you_mean

if TYPE_CHECKING:
    from placement.catalog.claims import Claim
    from placement.catalog.tables import Catalog


class Asked(NamedTuple):
    """What the command line says."""

    inventory: Path | None
    claim: str | None
    layers: list[Path]
    shipped: bool


def run_claims(asked: Asked, form: str | None, output: Path | None, no_color: bool) -> None:
    """Write the claims of the catalog, judged by it and by the inventory, if there is one."""
    from placement.claims.judge import judge  # noqa: PLC0415
    from placement.report.claims import render_claims  # noqa: PLC0415

    if asked.inventory is None:
        keep(output, layer_files(asked.layers))
        catalog = catalog_of(asked.layers, asked.shipped)
        claims = _asked_for(catalog, asked.claim)
        with progress_bar("judging") as progress:
            judgement = judge(catalog, claims, progress=progress)
    else:
        loaded = load(asked.inventory, asked.layers, asked.shipped, output=output)
        claims = _asked_for(loaded.catalog, asked.claim)
        with progress_bar("judging") as progress, countable(loaded):
            judgement = judge(loaded.catalog, claims, loaded.inventory, loaded.digest, progress)
    ending = format_of(output).value
    form = form or (ending if ending in set(ClaimsFormat) else ClaimsFormat.TABLE.value)
    write(render_claims(judgement, form, terminal(no_color, output), asked.claim is not None), output)


def _asked_for(catalog: Catalog, name: str | None) -> tuple[Claim, ...]:
    """All claims, or the one of that name; raises `InputError`."""
    if not catalog.claims:
        hint = "`docs/catalog.md` describes `claims.yaml`; the shipped catalog has one"
        raise InputError([Diagnostic("no-claims", "this catalog has no claims", Where("claims"), hint)])
    found = tuple(one for one in catalog.claims if name in (None, one.id))
    if not found and name is not None:
        hint = did_you_mean(name, [one.id for one in catalog.claims])
        raise InputError([Diagnostic("unknown-claim", f"there is no claim `{name}`", Where("--claim"), hint)])
    return found
