"""`placement diff` and `advise --locked`: two sides, each a plan file or an inventory, and what lies between."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from placement.cli.commands import Loaded, advised, layer_files
from placement.cli.environment import terminal
from placement.cli.git import at_revision
from placement.cli.output import keep, write
from placement.cli.plan_file import is_plan
from placement.diagnostics import Diagnostic, InputError, Where, visible

if TYPE_CHECKING:
    from placement.diff.compare import Attribution, Reading
    from placement.diff.model import PlanDiff
    from placement.diff.recompute import Attributed
    from placement.documents import KeyPath
    from placement.plan.model import Plan
    from placement.report.outcome_words import Checked


class Source(NamedTuple):
    """One side: a plan file or an inventory, and the catalog an inventory is checked against."""

    path: Path
    layers: list[Path]
    shipped: bool
    name: str
    """What people call it."""
    shown: str | None = None
    """The file name in messages, where it is not the path."""


class Opened(NamedTuple):
    """A side that is ready to be compared."""

    reading: Reading
    loaded: Loaded | None
    plan: Plan | None


class Asked(NamedTuple):
    """What the command line says about the two sides, and what it limits."""

    files: list[Path]
    base_inventory: Path | None
    against: str | None
    layers: list[Path]
    base_layers: list[Path]
    shipped: bool
    limits: dict[str, Any]
    """Guardrails by name; None where nothing is said."""
    today: date


class Judged(NamedTuple):
    """What came of a comparison."""

    changed: bool
    broken: bool
    """Whether a guardrail was."""


def run_diff(asked: Asked, form: str, output: Path | None, no_color: bool) -> Judged:
    """Write what is different and what the guardrails say of it."""
    from placement.report.diff import DiffReport, render_diff  # noqa: PLC0415

    keep(output, _inputs(asked))
    with ExitStack() as stack:
        old, new = sides(asked, stack)
        before = opened(old, output, ahead=True) if old is not None else None
        after = opened(new, output)
        diff = difference(before, after)
    checked = _judged(asked, diff, after)
    report = DiffReport(diff, checked, _places(diff, after), str(new.path))
    write(render_diff(report, form, terminal(no_color, output)), output)
    return Judged(bool(diff.changes), checked.failed > 0)


def _inputs(asked: Asked) -> Iterator[Path]:
    """The files of both sides, with the fleet files they name, and those of catalog layers."""
    from placement.inventory.load import fleet_file_of  # noqa: PLC0415

    for path in (*asked.files, *([asked.base_inventory] if asked.base_inventory else [])):
        yield path
        file = None if is_plan(path) else fleet_file_of(path)
        if file is not None:
            yield path.parent / file
    yield from layer_files([*asked.layers, *asked.base_layers])


def _judged(asked: Asked, diff: PlanDiff, after: Opened) -> Checked:
    """The guardrails of the new inventory and of the command line, which goes first."""
    from placement.checks.guardrails import Facts, check_guardrails  # noqa: PLC0415
    from placement.cli.checks import located  # noqa: PLC0415
    from placement.inventory.guardrails import Guardrails  # noqa: PLC0415
    from placement.report.outcome_words import Checked, Entry  # noqa: PLC0415

    given = {name: value for name, value in asked.limits.items() if value not in (None, False)}
    loaded = after.loaded
    stated = loaded.inventory.policies.guardrails if loaded else Guardrails()
    guardrails = stated.model_copy(update=given)
    facts = Facts(asked.today, loaded.catalog.groups if loaded else {})
    outcomes = check_guardrails(diff, guardrails, facts)
    if loaded is not None:
        entries = located(outcomes, loaded.document)
    else:
        entries = tuple(Entry(outcome, Where(str(asked.files[-1]))) for outcome in outcomes)
    return Checked("Guardrails", "guardrails", entries)


def _places(diff: PlanDiff, after: Opened) -> dict[str, Where]:
    """The lines of the workloads that changed, by what changed: a workload, or a site of one."""
    from placement.inventory.fleet.fleet import ids_of  # noqa: PLC0415

    if after.loaded is None:
        return {}
    document, inventory = after.loaded.document, after.loaded.inventory
    numbers = {name: number for number, name in enumerate(ids_of(inventory.workloads))}
    paths: dict[str, KeyPath] = {
        change.workload: ("workloads", numbers[change.whole], "id")
        for change in diff.changes
        if change.whole in numbers
    }
    document.locate(paths.values())
    return {name: document.where(path) for name, path in paths.items()}


def is_out_of_date(locked: Path, fresh: Iterable[str | bytes], inventory: Path, no_color: bool) -> bool:
    """Whether the text *fresh* is another plan than the one in *locked*; if so, print what is different, and say so."""
    from placement.diff.compare import Reading, compare  # noqa: PLC0415
    from placement.plan.load import canonical_text, open_plan  # noqa: PLC0415
    from placement.report.diff import DiffReport, render_diff  # noqa: PLC0415
    from placement.report.outcome_words import Checked  # noqa: PLC0415

    with TemporaryDirectory(prefix="placement-") as folder:
        made = Path(folder) / "plan.json"
        write(fresh, made)
        if _digest(canonical_text(locked)) == _digest(canonical_text(made)):
            return False
        before, after = open_plan(locked, skim=True), open_plan(made, skim=True)
        old = Reading(str(locked), before.head.inputs, before.placements)
        diff = compare(old, Reading(str(inventory), after.head.inputs, after.placements))
    report = DiffReport(diff, Checked("Guardrails", "guardrails", ()), {}, str(inventory))
    write(render_diff(report, "table", terminal(no_color, None)), None)
    why = "" if diff.changes else " (no cost changes, but its inputs, reasons or notes do)"
    name = visible(str(locked))
    sys.stderr.write(f"{name} needs to be updated{why}: placement advise … --output {name}\n")
    return True


def _digest(pieces: Iterable[str]) -> bytes:
    total = sha256()
    for piece in pieces:
        total.update(piece.encode("utf-8", "surrogatepass"))
    return total.digest()


def sides(asked: Asked, stack: ExitStack) -> tuple[Source | None, Source]:
    """The two sides; None where the file was not there at the revision. Raises `InputError`.

    Copies of earlier files last as long as *stack*.
    """
    given = [*asked.files[:-1], *([asked.base_inventory] if asked.base_inventory else [])]
    if len(given) + (asked.against is not None) != 1:
        message = "two sides are needed: OLD and NEW, or NEW with --base-inventory or --against"
        raise InputError([Diagnostic("diff-sides", message, Where("diff"))])
    path = asked.files[-1]
    new = Source(path, asked.layers, asked.shipped, str(path))
    base_layers = asked.base_layers or asked.layers
    if asked.against is None:
        return Source(given[0], base_layers, asked.shipped, str(given[0])), new
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="placement-")))
    earlier = at_revision(path, asked.against, folder / "inventory")
    if earlier is None:
        return None, new
    _earlier_fleet(path, earlier, asked.against, folder / "inventory")
    layers = asked.base_layers or [
        layer
        for number, each in enumerate(asked.layers)
        if (layer := _earlier_layer(each, asked.against, folder / f"layer{number}")) is not None
    ]
    name = f"{path} at {asked.against}"
    return Source(earlier, layers, asked.shipped, name, f"{asked.against}:{path}"), new


def _earlier_fleet(path: Path, earlier: Path, revision: str, folder: Path) -> None:
    """Lay the fleet file that the *earlier* inventory names beside it; without it, reading says that it is missing."""
    from placement.inventory.load import fleet_file_of  # noqa: PLC0415

    file = fleet_file_of(earlier)
    if file is not None and not Path(file).is_absolute():
        with suppress(InputError):
            at_revision(path.parent / file, revision, folder)


def _earlier_layer(layer: Path, revision: str, folder: Path) -> Path | None:
    """A catalog layer as it was; itself where it is not in the repository, None where it was not there."""
    try:
        return at_revision(layer, revision, folder)
    except InputError:
        return layer


def difference(old: Opened | None, new: Opened) -> PlanDiff:
    """The comparison of two sides; raises `InputError` for a plan file that turns out to be damaged."""
    from placement.diff.compare import Reading, compare  # noqa: PLC0415

    if old is None:
        return compare(Reading("nothing", None, ()), new.reading)
    attribution: Attribution | None = None
    note, notes = "", []
    if old.loaded and old.plan and new.loaded and new.plan:
        attribution, note = _recomputed(old.loaded, old.plan, new.loaded, new.plan)
        if old.loaded.inventory.policies.guardrails != new.loaded.inventory.policies.guardrails:
            notes.append("the guardrails themselves change; the new ones are applied")
    diff = compare(old.reading, new.reading, attribution)
    notes += [note] if note and diff.changes else []
    return diff._replace(notes=(*diff.notes, *notes))


def _recomputed(old: Loaded, before: Plan, new: Loaded, after: Plan) -> Attributed:
    from placement.diff.recompute import World, shapley_attribution  # noqa: PLC0415

    one, other = (World(loaded.inventory, loaded.catalog) for loaded in (old, new))
    return shapley_attribution(one, other, _costs(before), _costs(after))


def _costs(plan: Plan) -> dict[str, int | None]:
    return {placement.workload: placement.monthly_cost_cents for placement in plan.placements}


def opened(source: Source, output: Path | None, ahead: bool = False) -> Opened:
    """Read a plan, or compute one; *ahead* of being asked, for one of two.

    Raises `InputError`, also where the *output* to come is what is read.
    """
    from placement.diff.compare import Reading  # noqa: PLC0415

    if is_plan(source.path):
        from placement.plan.ahead import open_ahead  # noqa: PLC0415
        from placement.plan.load import open_plan  # noqa: PLC0415

        plan = open_ahead(source.path) if ahead else open_plan(source.path, skim=True)
        return Opened(Reading(source.name, plan.head.inputs, plan.placements), None, None)
    from placement.plan.dump import in_order  # noqa: PLC0415

    loaded, made = advised(source.path, source.layers, source.shipped, source.shown, output)
    return Opened(Reading(source.name, made.inputs, in_order(made)), loaded, made)
