"""Measurements of work, kept as columns of whole numbers so that thousands of them cost nothing to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from placement.catalog.work import PRECISIONS

SCENARIOS = ("offline", "server", "interactive", "closed_loop", "training", "lora")
"""How a measurement was made: the first four serve, the last two train."""

MEASURED_PRECISIONS = (*PRECISIONS, "int4", "fp32", "")
"""What was calculated in; empty is not said."""

UNITS = ("tokens", "items")
"""What a measurement counts; of an LLM that serves generated tokens."""


class Measured(NamedTuple):
    """Work that accelerators were measured to do; `None` was not said."""

    model: str
    scenario: str
    accelerator: str
    accelerators: int
    """How many did it together."""
    precision: str
    input_tokens: float | None
    output_tokens: float | None
    concurrency: int | None
    units_per_second: float
    """Of all of them."""
    unit: str
    benchmark: str
    software: str
    as_of: str
    source_id: str
    layer: int = 0
    """Which layer of the catalog says so, from 0: a later one is nearer to whoever asks."""


class MeasuredColumns(NamedTuple):
    """Measurements, one row each: the later layers first, then in the order of their texts."""

    model_m: NDArray[np.int64]
    scenario_m: NDArray[np.int64]
    accelerator_m: NDArray[np.int64]
    accelerators_m: NDArray[np.int64]
    precision_m: NDArray[np.int64]
    input_milli_m: NDArray[np.int64]
    output_milli_m: NDArray[np.int64]
    concurrency_m: NDArray[np.int64]
    units_per_s_micro_m: NDArray[np.int64]
    unit_m: NDArray[np.int64]
    benchmark_m: NDArray[np.int64]
    software_m: NDArray[np.int64]
    as_of_m: NDArray[np.int64]
    source_m: NDArray[np.int64]
    layer_m: NDArray[np.int64]


NOT_SAID = -1
"""Stands for `None` in columns."""

_TEXTS = frozenset(
    ("model_m", "scenario_m", "accelerator_m", "precision_m", "unit_m", "benchmark_m", "software_m", "as_of_m",
     "source_m")
)  # fmt: skip
_SCALES = {"input_milli_m": 1000, "output_milli_m": 1000, "units_per_s_micro_m": 1_000_000}


class Measurements(Sequence[Measured]):
    """The measurements of a catalog, made into named tuples one by one."""

    def __init__(self, columns: MeasuredColumns, texts: list[str]) -> None:
        self.columns = columns
        self.texts = texts

    def __len__(self) -> int:
        return len(self.columns.model_m)

    @overload
    def __getitem__(self, index: int) -> Measured: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Measured, ...]: ...
    def __getitem__(self, index: int | slice) -> Measured | tuple[Measured, ...]:
        if isinstance(index, slice):
            return self._made(np.arange(len(self))[index])
        return self._made(np.array([range(len(self))[index]]))[0]

    def __iter__(self) -> Iterator[Measured]:
        return iter(self._made(np.arange(len(self))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Measurements) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def of(self, model: str) -> tuple[Measured, ...]:
        """Those of a model, in their order; *model* is a key and no alias."""
        if model not in self._number:
            return ()
        return self._made(np.flatnonzero(self.columns.model_m == self._number[model]))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {text: number for number, text in enumerate(self.texts)}

    def _made(self, rows: NDArray[np.int64]) -> tuple[Measured, ...]:
        columns = (self._column(name, column[rows].tolist()) for name, column in self.columns._asdict().items())
        return tuple(map(Measured._make, zip(*columns, strict=True)))

    def _column(self, name: str, values: list[int]) -> list[Any]:
        if name in _TEXTS:
            return [self.texts[value] for value in values]
        if name in _SCALES:
            return [None if value == NOT_SAID else value / _SCALES[name] for value in values]
        return [None if value == NOT_SAID else value for value in values]

    @staticmethod
    def made_of(rows: Sequence[Measured]) -> Measurements:
        """Measurements in the order of `MeasuredColumns`, of rows in any."""
        named = sorted(rows, key=_order)
        texts = sorted({value for row in named for value in row if isinstance(value, str)})
        number = {text: place for place, text in enumerate(texts)}
        columns = []
        for place, name in enumerate(MeasuredColumns._fields):
            scale = _SCALES.get(name, 1)
            values = [row[place] for row in named]
            whole = [
                number[value] if isinstance(value, str) else NOT_SAID if value is None else round(value * scale)
                for value in values
            ]
            columns.append(np.array(whole, dtype=np.int64))
        return Measurements(MeasuredColumns(*columns), texts)


def _order(row: Measured) -> tuple[Any, ...]:
    return -row.layer, *(NOT_SAID if value is None else value for value in row[:-1])


NO_MEASUREMENTS = Measurements.made_of(())
