"""A workload as a plain mapping: checked like the model it is derived from, at half of its cost.

A row is what `Workload` accepts, validated but not built: mappings instead of models. There is no second description of
a workload: types are made from the models' fields, and what a model checks beyond them is asked of the same function.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin

from pydantic import ConfigDict, Field, TypeAdapter, WrapValidator
from typing_extensions import TypedDict

from placement.inventory.accelerators import AcceleratorDemand, problem_of
from placement.inventory.base import Model
from placement.inventory.current import current_problem_of
from placement.inventory.demand import Demand, demand_problem_of
from placement.inventory.problem import Problem
from placement.inventory.rate import OrNumber, Rate, checked_number, rate_problem_of
from placement.inventory.recipe import RATES
from placement.inventory.slo import slo_problem_of
from placement.inventory.work import PROBLEMS, Throughput
from placement.inventory.workload import Workload

Row = dict[str, Any]
"""A valid workload by field names; without what means the same when it is left out.

What keys of a workload itself mean when they are left out is something empty, but for those of `_SPOKEN`.
"""


@cache
def _adapter() -> TypeAdapter[Row]:
    return TypeAdapter(_mapping(Workload))


def row_of_json(line: bytes) -> tuple[Row, int]:
    """The row that a line of JSON says, and how many keys it took; raises `ValueError`.

    A key that is given twice counts once, with its last value.
    """
    row: Row = _adapter().validator.validate_json(line)
    return row, _settled(row)


def row_of(value: Any) -> Row:
    """The row that plain values say; raises `ValueError`."""
    row: Row = _adapter().validator.validate_python(value)
    _settled(row)
    return row


def canonical(row: Row) -> bytes:
    """What `Workload.model_dump_json` writes by alias and without defaults."""
    return _adapter().serializer.to_json(row, by_alias=True)


def _settled(row: Row) -> int:
    """Take defaults out of the row; how many keys it had. Raises `ValueError` for a part that is not complete."""
    keys, slo = len(row) + _settled_demand(row["demand"]), row.get("slo")
    if slo is not None:
        _refuse(slo_problem_of(slo))
    current = row.get("current")
    if current is not None:
        _refuse(current_problem_of(current))
    if not all(row.values()):
        for name in [name for name, value in row.items() if not value and value == _DEFAULTS[name]]:
            del row[name]
    for name, default in _SPOKEN:
        if name in row and row[name] == default:
            del row[name]
    for name, defaults in _NESTED:
        if name in row:
            value = row[name]
            for part in value if type(value) is list else (value,):
                keys += len(part)
                for key, default in defaults:
                    if key in part and part[key] == default:
                        del part[key]
    return keys + len(row.get("tags", ()))


def _settled_demand(forms: Row) -> int:
    """The same for its demand."""
    demand = forms.get("accelerators")
    if demand is None or len(forms) > 1:
        return _settled_forms(forms)
    _refuse(problem_of(demand))
    keys = 1 + len(demand)
    for key, default in _DEMAND_DEFAULTS:
        if key in demand and demand[key] == default:
            del demand[key]
    return keys


def _settled_forms(forms: Row) -> int:
    """The same for a demand that says what work is done, or names several forms."""
    _refuse(demand_problem_of(forms))
    keys = len(forms)
    for name in [name for name, said in forms.items() if said is None]:
        del forms[name]
    ((name, said),) = forms.items()
    problem_of_form = {"accelerators": problem_of, **PROBLEMS}.get(name)
    if problem_of_form is not None:
        _refuse(problem_of_form(said))
    return keys + _without_defaults(said, _FORM_DEFAULTS[name])


def _without_defaults(said: Row, defaults: Defaults) -> int:
    """Take defaults out of a form of demand; how many keys it and its parts had. A number for a rate has none."""
    keys = len(said)
    for key, default in defaults:
        value = said.get(key)
        if key in _RATES and value is not None:
            if type(value) is float:
                said[key] = {"mean": value}
                continue
            _refuse(rate_problem_of(value))
            keys += _without_defaults(value, _RATE_DEFAULTS)
        elif key == "throughput":
            keys += sum(_without_defaults(one, _THROUGHPUT_DEFAULTS) for one in value or ())
        if key in said and said[key] == default:
            del said[key]
    return keys


def _refuse(problem: Problem | None) -> None:
    """Raise `ValueError` for a part that is not complete."""
    if problem is not None:
        raise ValueError(problem[1])


def _number_of(value: Any, handler: Any) -> Any:
    """A rate as it is written: a number stays one until its keys are counted."""
    number = checked_number(value)
    return float(number) if type(number) in (int, float) else handler(number)


def _mapping(model: type[Model]) -> Any:
    """The `TypedDict` of a model: its names, types, limits and aliases."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        metadata = [WrapValidator(_number_of) if isinstance(one, OrNumber) else one for one in field.metadata]
        kind: Any = Annotated[(_plain(field.annotation), *metadata, Field(alias=field.alias))]
        fields[name] = kind if field.is_required() else NotRequired[kind]
    make: Any = TypedDict
    made = make(model.__name__, fields)
    strict, forbidding = model.model_config["strict"], model.model_config["extra"]
    made.__pydantic_config__ = ConfigDict(
        strict=strict, extra=forbidding, allow_inf_nan=False, hide_input_in_errors=True
    )
    return made


def _plain(annotation: Any) -> Any:
    """*annotation* with the mapping of each model in place of it."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return _mapping(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        return Annotated[_plain(arguments[0]), *arguments[1:]]
    if origin in (Union, types.UnionType):
        return Union[tuple(map(_plain, arguments))]  # noqa: UP007 - of a list
    return origin[tuple(map(_plain, arguments))]


Defaults = tuple[tuple[str, Any], ...]
"""Keys with what they are when they are left out."""


def _defaults(model: type[Model]) -> Defaults:
    return tuple(
        (name, field.get_default(call_default_factory=True, validated_data={}))
        for name, field in model.model_fields.items()
        if not field.is_required()
    )


def _part(annotation: Any) -> type[Model] | None:
    """The model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next((found for part in get_args(annotation) if (found := _part(part))), None)


_DEMAND_DEFAULTS = _defaults(AcceleratorDemand)
_FORM_DEFAULTS = {
    name: _defaults(part)
    for name, field in Demand.model_fields.items()
    if (part := _part(field.annotation)) is not None
}
_RATES = frozenset(RATES)
_RATE_DEFAULTS, _THROUGHPUT_DEFAULTS = _defaults(Rate), _defaults(Throughput)
_DEFAULTS = dict(_defaults(Workload))
_SPOKEN = tuple((name, default) for name, default in _DEFAULTS.items() if default)
"""Keys that mean a word when they are left out."""

_NESTED = tuple(
    (name, _defaults(part))
    for name, field in Workload.model_fields.items()
    if (part := _part(field.annotation)) is not None and name != "demand"
)
"""The keys whose values are mappings or lists of them, with the defaults of their own keys."""
