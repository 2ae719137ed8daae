"""The plan's named tuples read back from JSON: the mirror of `dump.plain`, derived from the same declarations."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from placement.plan.dump import CENTS, USD

_DOLLARS = r"^-?(?:0|[1-9][0-9]{0,15})\.[0-9]{2}$"
_DECIMAL = r"^(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,%d})?$"
_FIGURE = r"(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?"
_PATTERNS = {
    **dict.fromkeys(("quantity", "hours_per_month", "gb_per_month", "factor"), _DECIMAL % 3),
    **dict.fromkeys(("in_use_fraction", "at_fraction", "utilization_fraction"), _DECIMAL % 3),
    **dict.fromkeys(("list_unit_price_usd", "contracted_unit_price_usd"), _DECIMAL % 6),
    **dict.fromkeys(("published_unit_price_usd", "discount_rate_fraction"), _DECIMAL % 6),
    "change_fraction_per_year": f"^-?{(_DECIMAL % 3)[1:]}",
    "unit_price_usd": f"^-?{(_DECIMAL % 6)[1:]}",
    **dict.fromkeys(("ratio", "low", "high", "throughput", "units_per_month"), f"^{_FIGURE}$"),
    **dict.fromkeys(("run_hours", "run_p90_hours"), f"^{_FIGURE}$"),
    "usd_per_unit": f"^(?:{_FIGURE})?$",
}
"""Texts that are numbers: quantities in thousandths, unit prices in millionths; figures of work have as many digits as
they need, and what a unit costs is empty where there are no units."""

_COUNTS = {
    **dict.fromkeys(("months", "places"), core_schema.int_schema(ge=1)),
    "after": core_schema.int_schema(ge=0),
    "horizon_months": core_schema.int_schema(ge=1, le=1200),
}
"""Numbers that something is divided or repeated by."""

_PLAIN: dict[Any, CoreSchema] = {
    str: core_schema.str_schema(),
    int: core_schema.int_schema(),
    bool: core_schema.bool_schema(),
}

Build = Callable[[Any], Any]


@cache
def reader_of(kind: Any) -> Callable[[bytes | str], Any]:
    """What turns JSON text into a *kind*; raises pydantic's `ValidationError` for anything that is not exactly that."""
    validate = SchemaValidator(_schema(kind)).validate_json
    build = _builder(kind)

    def read(text: bytes | str) -> Any:
        return build(validate(text, strict=True))

    return read


def _schema(kind: Any) -> CoreSchema:
    if kind in _PLAIN:
        return _PLAIN[kind]
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return core_schema.literal_schema(list(arguments))
    if get_origin(kind) is UnionType:
        (some,) = (argument for argument in arguments if argument is not NoneType)
        return core_schema.nullable_schema(_schema(some))
    if get_origin(kind) is tuple:
        return core_schema.list_schema(_schema(arguments[0]))
    if get_origin(kind) is dict:
        return core_schema.dict_schema(_schema(arguments[0]), _schema(arguments[1]))
    fields = {
        _key(name): core_schema.typed_dict_field(_field_schema(name, hint), required=name not in kind._field_defaults)
        for name, hint in get_type_hints(kind).items()
    }
    return core_schema.typed_dict_schema(fields, extra_behavior="forbid")


def _field_schema(name: str, hint: Any) -> CoreSchema:
    if name.endswith(CENTS):
        text = core_schema.str_schema(pattern=_DOLLARS)
        return core_schema.nullable_schema(text) if NoneType in get_args(hint) else text
    if name in _COUNTS:
        return _COUNTS[name]
    if name in _PATTERNS:
        return core_schema.str_schema(pattern=_PATTERNS[name])
    return _schema(hint)


def _key(name: str) -> str:
    return name.removesuffix(CENTS) + USD if name.endswith(CENTS) else name


def _builder(kind: Any) -> Build:
    """A function from the validated document to the named tuple."""
    steps = [
        (_key(name), name, convert)
        for name, hint in get_type_hints(kind).items()
        if (convert := _conversion(name, hint)) is not None
    ]

    def build(document: dict[str, Any]) -> Any:
        for key, name, convert in steps:
            if key in document:
                document[name] = convert(document.pop(key))
        return kind(**document)

    return build


def _conversion(name: str, hint: Any) -> Build | None:
    """How a value becomes the field's; None where it already is."""
    if name.endswith(CENTS):
        return _cents
    arguments = get_args(hint)
    if get_origin(hint) is UnionType:
        (some,) = (argument for argument in arguments if argument is not NoneType)
        build = _conversion(name, some)
        return (lambda value: None if value is None else build(value)) if build else None
    if get_origin(hint) is tuple:
        inner = _conversion(name, arguments[0])
        return (lambda values: tuple([inner(value) for value in values])) if inner else tuple
    return _builder(hint) if hasattr(hint, "_fields") else None


def _cents(text: str | None) -> int | None:
    return None if text is None else int(text.replace(".", ""))
