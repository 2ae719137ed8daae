"""A workload as a plain mapping: checked like the model it is derived from, at half of its cost.

A row is what `Workload` accepts, validated but not built: mappings instead of models, except for models that check
more than their fields. There is no second description of a workload: the types are made from the model's fields.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin

from pydantic import ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from placement.inventory.base import Model
from placement.inventory.demand import AcceleratorDemand
from placement.inventory.workload import Workload

Row = dict[str, Any]
"""A valid workload by field names; only what is given, never an empty value where the default is meant."""

_CHECKED_AS_A_WHOLE = (AcceleratorDemand,)
_NOTHING = object()


@cache
def _adapter() -> TypeAdapter[Row]:
    return TypeAdapter(_mapping(Workload))


def row_of_json(line: bytes) -> Row:
    """The row that a line of JSON says; raises `ValueError`. A repeated key counts once, with its last value."""
    return _adapter().validator.validate_json(line)  # type: ignore[no-any-return]


def row_of(value: Any) -> Row:
    """The row that plain values say; raises `ValueError`."""
    return _adapter().validator.validate_python(value)  # type: ignore[no-any-return]


def canonical(row: Row) -> bytes:
    """What `Workload.model_dump_json` writes by alias and without defaults; takes the defaults out of *row*."""
    _drop_defaults(row, _DEFAULTS)
    for name, defaults in _NESTED.items():
        value = row.get(name)
        for part in value if type(value) is list else (value,) if value else ():
            _drop_defaults(part, defaults)
    return _adapter().serializer.to_json(row, by_alias=True, exclude_defaults=True)


def keys_in(row: Row) -> int:
    """How many keys the text of *row* has."""
    count = len(row) + 1 + len(row["demand"]["accelerators"].model_fields_set)
    for name in _WITH_KEYS:
        value = row.get(name)
        if value:
            count += sum(map(len, value)) if type(value) is list else len(value)
    return count


def _drop_defaults(row: Row, defaults: dict[str, Any]) -> None:
    given = [name for name, value in row.items() if value == defaults.get(name, _NOTHING)]
    for name in given:
        del row[name]


def _mapping(model: type[Model]) -> Any:
    """The `TypedDict` of a model: its names, types, limits and aliases."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind: Any = Annotated[(_plain(field.annotation), *field.metadata, Field(alias=field.alias))]
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
        return annotation if issubclass(annotation, _CHECKED_AS_A_WHOLE) else _mapping(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        return Annotated[_plain(arguments[0]), *arguments[1:]]
    if origin in (Union, types.UnionType):
        return Union[tuple(map(_plain, arguments))]  # noqa: UP007 - of a list
    return origin[tuple(map(_plain, arguments))]


def _defaults(model: type[Model]) -> dict[str, Any]:
    return {name: field.default for name, field in model.model_fields.items() if not field.is_required()}


def _part(annotation: Any) -> type[Model] | None:
    """The model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next((found for part in get_args(annotation) if (found := _part(part))), None)


_DEFAULTS = _defaults(Workload)
_PARTS = {name: part for name, field in Workload.model_fields.items() if (part := _part(field.annotation))}
_NESTED = {name: defaults for name, part in _PARTS.items() if (defaults := _defaults(part))}
_WITH_KEYS = (*(name for name in _PARTS if name != "demand"), "tags")
