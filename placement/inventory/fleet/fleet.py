"""The workloads of a fleet file: a sequence that parses a row when somebody asks for it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, overload

from placement.diagnostics import Where
from placement.documents import KeyPath
from placement.inventory.asks import BATCH, Asks
from placement.inventory.fleet.form import Form
from placement.inventory.fleet.source import Bytes, Held, trimmed
from placement.inventory.workload import Workload

_RUN_BYTES = 2**22
"""How much is read at once where rows follow each other."""


class Index(NamedTuple):
    """Where the rows of a file are, in its order."""

    start: array[int]
    """Offset of each row in bytes, and where the last one ends."""
    line: array[int]
    """Line of each row."""
    ids: list[str]
    digests: bytes = b""
    """SHA-256 of what each row says, sorted, one after the other."""
    whole: bool = True
    """Whether the file cannot have been cut off within its last row."""
    asks: Asks | None = None
    """What the workloads ask for, where that has been read off."""


class Fleet(Sequence[Workload]):
    """Valid rows, each parsed anew whenever it is asked for: a workload takes many times the memory of its row.

    A pickled fleet carries its rows; `rows` makes a small one of some of them, to be handed to another process.
    """

    def __init__(self, name: str, form: Form, source: Bytes, index: Index) -> None:
        self.name = name
        self._form = form
        self._source = source
        self._index = index

    @property
    def ids(self) -> list[str]:
        """The id of each workload, in the order of rows."""
        return self._index.ids

    @property
    def digests(self) -> bytes:
        """SHA-256 of each workload, sorted; empty for a part of a fleet."""
        return self._index.digests

    @property
    def is_whole(self) -> bool:
        """Whether the file cannot have been cut off within its last row: a number of a CSV may go on."""
        return self._index.whole

    @property
    def asks(self) -> Asks | None:
        """What the workloads ask for; None for a part of a fleet, and where names were not checked."""
        return self._index.asks

    def __len__(self) -> int:
        return len(self._index.ids)

    @overload
    def __getitem__(self, key: int) -> Workload: ...
    @overload
    def __getitem__(self, key: slice) -> list[Workload]: ...
    def __getitem__(self, key: int | slice) -> Workload | list[Workload]:
        numbers = range(len(self))[key]
        return self._parsed(numbers) if isinstance(numbers, int) else self.batch(numbers)

    def __iter__(self) -> Iterator[Workload]:
        for begin in range(0, len(self), BATCH):
            yield from self.batch(range(begin, min(begin + BATCH, len(self))))

    def __reduce__(self) -> tuple[Any, ...]:
        packed = self if isinstance(self._source, Held) else self.rows(range(len(self)))
        return Fleet, (packed.name, packed._form, packed._source, packed._index._replace(digests=self.digests))

    def batch(self, numbers: Iterable[int]) -> list[Workload]:
        """The workloads of these *numbers*, in their order."""
        return [self._form.workload(text) for text in self._texts(numbers)]

    def rows(self, numbers: Sequence[int]) -> Fleet:
        """A fleet of the rows of these *numbers* alone, held in memory."""
        texts = list(self._texts(numbers))
        start = array("q", [0])
        for text in texts:
            start.append(start[-1] + len(text) + 1)
        ids, lines = self._index.ids, self._index.line
        index = Index(start, array("q", (lines[number] for number in numbers)), [ids[number] for number in numbers])
        return Fleet(self.name, self._form, Held(b"\n".join([*texts, b""])), index)

    def place(self, number: int, path: KeyPath = ()) -> tuple[Where, str]:
        """Where the value at *path* of a workload stands, and its line."""
        text = next(iter(self._texts([number]))).decode()
        (column,) = self._form.columns(text, [path])
        return Where(self.name, self._index.line[number], column), text

    def _parsed(self, number: int) -> Workload:
        return self._form.workload(next(iter(self._texts([number]))))

    def _texts(self, numbers: Iterable[int]) -> Iterator[bytes]:
        """The lines of these *numbers*; those that follow each other are read at once."""
        start = self._index.start
        for first, last in _runs(numbers, start):
            data = self._source.read(start[first], start[last + 1])
            for number in range(first, last + 1):
                piece = data[start[number] - start[first] : start[number + 1] - start[first]]
                yield trimmed(piece.partition(b"\n")[0])


def ids_of(workloads: Sequence[Workload]) -> list[str]:
    """The id of each workload; a fleet knows them without parsing a row."""
    return workloads.ids if isinstance(workloads, Fleet) else [workload.id for workload in workloads]


def asks_of(workloads: Sequence[Workload]) -> Asks:
    """What the workloads ask for; a fleet that was checked knows it without parsing a row again."""
    if isinstance(workloads, Fleet) and workloads.asks is not None:
        return workloads.asks
    asks = Asks()
    asks.add([workload.model_dump(exclude_defaults=True) for workload in workloads])
    return asks


def _runs(numbers: Iterable[int], start: array[int]) -> Iterator[tuple[int, int]]:
    """First and last of the numbers that follow each other, a few MiB of rows at most."""
    first = last = -1
    for number in numbers:
        if number == last + 1 and first >= 0 and start[number] - start[first] < _RUN_BYTES:
            last = number
            continue
        if first >= 0:
            yield first, last
        first = last = number
    if first >= 0:
        yield first, last
