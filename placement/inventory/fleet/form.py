"""What every form of fleet file can do with a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from placement.documents import KeyPath
from placement.inventory.workload import Workload

if TYPE_CHECKING:
    from placement.inventory.fleet.rows import Row  # not needed where there are no rows


class RowError(ValueError):
    """A row that cannot be read at all: what is wrong, and in which column."""

    def __init__(self, code: str, message: str, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column
        self.hint = hint


class Form(ABC):
    """Rows as they are written. What is fine is read fast; what is not is read again by `value`, to say why."""

    @abstractmethod
    def row(self, line: bytes) -> Row:
        """The row of a *line*; raises `ValueError`."""

    @abstractmethod
    def workload(self, line: bytes) -> Workload:
        """The workload of a *line* that `row` has accepted."""

    @abstractmethod
    def value(self, text: str) -> Any:
        """The plain value of a line, not validated; raises `RowError`."""

    @abstractmethod
    def columns(self, text: str, paths: Iterable[KeyPath]) -> list[int]:
        """Where the values at *paths* stand in the line, counted from 1."""

    @abstractmethod
    def line(self, workload: Workload) -> str:
        """The line that says *workload*."""
