"""What every inventory model shares: strict, closed, finite, and safe to print."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from placement.diagnostics import has_unprintable

Tier = Literal["hyperscaler", "gpu_cloud", "colo", "on_prem", "edge"]
PurchaseModel = Literal["on_demand", "spot", "capacity_block", "reserved_1y", "reserved_3y", "lease", "owned"]
AccessKind = Literal["fibre", "5g", "wifi", "leased_line", "same_building"]
Access = Literal["general", "government", "china", "dedicated", "air_gapped"]

MAX_NAME = 120


class Model(BaseModel):
    """Base of all inventory models: unknown keys, numbers in strings, NaN and infinity are errors."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        validate_default=False,
        defer_build=True,
    )


def _name(text: str) -> str:
    if text.isprintable() and text == text.strip():
        return text
    if has_unprintable(text):
        raise PydanticCustomError("control-character", "control characters and line breaks are not allowed here")
    if text != text.strip():
        raise PydanticCustomError("name-spaces", "a name must not begin or end with a space")
    return text


class _Printable:
    """So many characters that pass `_name`: the schema as it is, which takes pydantic long to derive from its parts."""

    def __init__(self, shortest: int, longest: int) -> None:
        self._length = (shortest or None, longest)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        shortest, longest = self._length
        text = core_schema.str_schema(min_length=shortest, max_length=longest)
        return core_schema.no_info_after_validator_function(_name, text)


Name = Annotated[str, _Printable(1, MAX_NAME)]
"""An identifier people choose; any printable text up to 120 characters."""

Names = Annotated[list[Name], Field(min_length=1, max_length=1000)]
"""Some of them."""

Text = Annotated[str, _Printable(0, 1000)]
"""A free remark."""

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])]
"""An ISO 3166-1 alpha-2 code."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Usd = Annotated[float, Field(ge=0, le=1e9)]
Gigabytes = Annotated[float, Field(ge=0, le=1e9)]


def _empty_list() -> list[Any]:
    return []


def _empty_mapping() -> dict[str, Any]:
    return {}


# A default would be copied in depth for every workload that is read; factories only make another. Python works out
# what arguments `list` and `dict` themselves would take from their documentation, which is slow.
EMPTY_LIST: dict[str, Any] = {"default_factory": _empty_list, "json_schema_extra": {"default": []}}
EMPTY_MAPPING: dict[str, Any] = {"default_factory": _empty_mapping, "json_schema_extra": {"default": {}}}
"""Arguments of a `Field` that is empty when it is left out."""
