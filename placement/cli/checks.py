"""What `placement check` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from placement.cli.commands import Loaded, countable, load, progress_bar
from placement.cli.environment import terminal
from placement.cli.output import write
from placement.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from placement.checks.outcome import Outcome
    from placement.documents import Document
    from placement.report.outcome_words import Entry


def run_check(path: Path, form: str, output: Path | None, layers: list[Path], shipped: bool, no_color: bool) -> bool:
    """Write what came of the inventory's expectations; whether one of them failed."""
    from placement.checks.expectations import Facts, check_expectations  # noqa: PLC0415
    from placement.engine.advise import advise  # noqa: PLC0415
    from placement.report.outcome_words import Checked  # noqa: PLC0415
    from placement.report.outcomes import render_outcomes  # noqa: PLC0415

    loaded = load(path, layers, shipped, output=output)
    _expects_something(loaded)
    inventory, catalog = loaded.inventory, loaded.catalog
    with progress_bar() as progress, countable(loaded):
        plan = advise(catalog, inventory, loaded.digest, progress)
    facts = Facts(catalog.groups, catalog.aliases)
    outcomes = check_expectations(plan, inventory, facts)
    checked = Checked(inventory.name, "expectations", located(outcomes, loaded.document))
    write(render_outcomes(checked, form, terminal(no_color, output)), output)
    return checked.failed > 0


def located(outcomes: tuple[Outcome, ...], document: Document) -> tuple[Entry, ...]:
    """The outcomes with their places in the inventory's file."""
    from placement.report.outcome_words import Entry  # noqa: PLC0415

    document.locate(outcome.path for outcome in outcomes)
    return tuple(Entry(outcome, document.where(outcome.path)) for outcome in outcomes)


def _expects_something(loaded: Loaded) -> None:
    """A check of nothing must not look like one that passed."""
    if not loaded.inventory.expect:
        where = loaded.document.where(("expect",))
        hint = "say what must hold, like `expect: [{placed: true}]`; docs/checks.md lists what can be checked"
        raise InputError([Diagnostic("nothing-expected", "there is nothing to check: no `expect`", where, hint)])
