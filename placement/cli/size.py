"""What `placement size` does: options → the demand of an inventory of one workload → its sizes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from placement.cli.choices import CatalogFormat, format_of
from placement.cli.commands import catalog_of, layer_files
from placement.cli.environment import terminal
from placement.cli.output import keep, write
from placement.cli.size_options import AMOUNTS, FORMS
from placement.diagnostics import Diagnostic, InputError, Where

if TYPE_CHECKING:
    from pydantic import BaseModel

    from placement.catalog.tables import Catalog
    from placement.documents import Finding, KeyPath
    from placement.inventory.inventory import Inventory

LENGTHS = {"input_tokens": 1000.0, "output_tokens": 250.0}
"""Of a request to a language model, where nobody says: a chat with some context."""

METHOD = "full"

_OPTIONS = {"tokens": "--training-tokens", "model": "MODEL"}
"""Keys of a demand whose option has another name."""

_KINDS = {"serving": "inference", "batch": "batch", "training": "training"}
"""Of the workload, by form of its demand."""


class Asked(NamedTuple):
    """What the command line says."""

    model: str
    said: dict[str, Any]
    """Options about the demand that are given."""
    parameters: float | None
    accelerators: list[str]
    layers: list[Path]
    shipped: bool


def run_size(asked: Asked, form: str | None, output: Path | None, no_color: bool) -> None:
    """Write the sizes, or raise with everything that is wrong with the options."""
    kind = _form(asked.said)
    from placement.engine.work_sizes import work_sizes  # noqa: PLC0415
    from placement.report.size import render_sizes  # noqa: PLC0415

    keep(output, layer_files(asked.layers))
    catalog = catalog_of(asked.layers, asked.shipped)
    inventory, assumed = inventory_of(catalog, asked, kind)
    names = frozenset(catalog.aliases.get(name, name) for name in asked.accelerators)
    sizes = work_sizes(catalog, inventory, names, tuple(assumed))
    ending = format_of(output).value
    form = form or (ending if ending in set(CatalogFormat) else CatalogFormat.TABLE.value)
    write(render_sizes(sizes, form, terminal(no_color, output)), output)


def _form(said: dict[str, Any]) -> str:
    """The form of demand that the amount belongs to, if all options do."""
    given = [key for key in AMOUNTS if key in said]
    if len(given) != 1:
        options = ", ".join(_option(key) for key in AMOUNTS)
        message = (
            "say how much work there is, in one way" if not given else "say how much work there is in one way only"
        )
        raise InputError([Diagnostic("size-amount", message, Where("size"), f"give exactly one of {options}")])
    form = AMOUNTS[given[0]]
    wrong = [
        Diagnostic("option-unfit", _unfit(key, given[0]), Where(_option(key)), "leave one of the two out")
        for key in FORMS
        if key in said and form not in FORMS[key]
    ]
    if wrong:
        raise InputError(wrong)
    return form


def _unfit(key: str, amount: str) -> str:
    forms = " and ".join(FORMS[key])
    return f"`{_option(key)}` is about {forms}, `{_option(amount)}` about {AMOUNTS[amount]}"


def _option(key: str) -> str:
    return _OPTIONS.get(key, f"--{key.replace('_', '-')}")


def inventory_of(catalog: Catalog, asked: Asked, form: str) -> tuple[Inventory, list[str]]:
    """An inventory of that one workload, and what was assumed; raises `InputError`."""
    from placement.inventory.inventory import Inventory  # noqa: PLC0415
    from placement.inventory.known import known  # noqa: PLC0415
    from placement.inventory.work import Batch, Serving, Training  # noqa: PLC0415

    wrong: list[Diagnostic] = []
    models: dict[str, Any] = {}
    if asked.parameters is not None:
        models[asked.model], found = _own(catalog, asked.model, asked.parameters)
        wrong += found
    demand, assumed = _demand(catalog, asked, form)
    shapes: dict[str, type[BaseModel]] = {"serving": Serving, "batch": Batch, "training": Training}
    wrong += _validated(shapes[form], demand)
    accelerators = {*catalog.accelerators, *catalog.aliases}
    for name in asked.accelerators:
        wrong += _told(known("unknown-accelerator", name, accelerators, ("accelerator",)))
    if wrong:
        raise InputError(wrong)
    workload = {"id": "size", "kind": _KINDS[form], "demand": {form: demand}}
    content = {"schema_version": 1, "name": "size", "workloads": [workload]}
    inventory = Inventory.model_validate(content).model_copy(update={"models": models})
    _refuse_names(catalog, inventory, accelerators)
    return inventory, assumed


def _demand(catalog: Catalog, asked: Asked, form: str) -> tuple[dict[str, Any], list[str]]:
    """The keys of the form, with what a language model needs and nobody said."""
    demand = {"tokens" if key == "training_tokens" else key: value for key, value in asked.said.items()}
    demand["model"] = asked.model
    peak = demand.pop("peak", None)
    if peak is not None:
        rate = next(key for key in AMOUNTS if key in demand)
        demand[rate] = {"mean": demand[rate], "peak": peak}
    assumed = []
    if form == "training" and "method" not in demand:
        demand["method"] = METHOD
        assumed.append("all parameters are trained (--method full)")
    listed = catalog.models.get(catalog.model_aliases.get(asked.model, asked.model))
    if form != "training" and (asked.parameters is not None or (listed is not None and listed.kind == "llm")):
        missing = {key: tokens for key, tokens in LENGTHS.items() if key not in demand}
        demand |= missing
        words = {"input_tokens": "in", "output_tokens": "out"}
        if missing:
            tokens = " and ".join(f"{value:,.0f} {words[key]}" for key, value in missing.items())
            assumed.append(f"tokens of a request: {tokens}; state yours with {' and '.join(map(_option, missing))}")
    return demand, assumed


def _own(catalog: Catalog, name: str, parameters: float) -> tuple[Any, list[Diagnostic]]:
    """A dense language model of that size, whose layers are those of the one nearest in size."""
    from placement.inventory.own_model import OwnModel  # noqa: PLC0415

    said = {"parameters": parameters}
    wrong = _validated(OwnModel, said)
    if not any(one.kind == "llm" and not one.experts for one in catalog.models.values()):
        message = f"the catalog knows no language model without experts whose layers could stand for `{name}`'s"
        wrong.append(Diagnostic("model-shape", message, Where("--parameters")))
    return None if wrong else OwnModel.model_validate(said), wrong


def _validated(model: type[BaseModel], value: dict[str, Any]) -> list[Diagnostic]:
    """What the inventory's own forms say of values, by option."""
    from pydantic import ValidationError  # noqa: PLC0415

    from placement.validation import findings_of  # noqa: PLC0415

    try:
        model.model_validate(value)
    except ValidationError as error:
        return _told(findings_of(error, value, model))
    return []


def _refuse_names(catalog: Catalog, inventory: Inventory, accelerators: set[str]) -> None:
    """Raise `InputError` for what the model leaves open, or for one that nobody knows."""
    from placement.inventory.work_names import WorkNames  # noqa: PLC0415

    names = WorkNames(inventory, catalog, accelerators, {})
    wrong = _told(names.workload(inventory.workloads[0].demand, ()))
    if wrong:
        raise InputError(wrong)


def _told(findings: Iterable[Finding]) -> list[Diagnostic]:
    return [Diagnostic(one.code, one.message, Where(_where(one.path)), _hint(one)) for one in findings]


def _hint(finding: Finding) -> str:
    if finding.code != "unknown-model":
        return finding.hint
    asked = finding.hint.endswith("?")
    return f"{finding.hint}{' Or' if asked else '; or'} say how large it is: --parameters 70e9"


def _where(path: KeyPath) -> str:
    """The option that a path into the demand is about."""
    keys = [str(part) for part in path if isinstance(part, str)]
    named = [key for key in keys if key not in _KINDS]
    return _option(named[-1] if named and named[-1] != "mean" else named[0] if named else "model")
