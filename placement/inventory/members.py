"""The workloads of an inventory with those at several sites taken apart: a sequence of what is placed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, overload

from placement.documents import Finding, KeyPath
from placement.inventory.inventory import Head
from placement.inventory.redundancy import MARK, MOST_SITES, Redundancy, Terms, member_id, members_of, terms_of
from placement.inventory.workload import Workload


@dataclass
class Redundant:
    """The workloads at several sites among those whose rows were read off, in their order."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    """Number of the row of the first member of each; its others follow."""
    numbers: array[int] = field(default_factory=lambda: array("q"))
    """Its number among the workloads."""
    terms: list[Terms] = field(default_factory=list)
    extra: int = 0
    """Rows there are more than workloads."""

    def taken_apart(self, batch: Sequence[Any], first: int) -> list[Any]:
        """The rows of *batch*, of which the first is row *first*, with those of members in place of a workload's."""
        rows: list[Any] = []
        for row in batch:
            if "redundancy" not in row:
                rows.append(row)
                continue
            self.rows.append(first + len(rows))
            self.numbers.append(first + len(rows) - self.extra)
            self.terms.append(terms_of(row["redundancy"]))
            rows += members_of(row)
            self.extra += self.terms[-1].min_sites - 1
        return rows


def member(workload: Workload, number: int) -> Workload:
    """The member of a workload at its site *number*: what it costs today is the first one's, once.

    Of a workload that says what work is done, each member says all of it: what part it carries is in `Asks`.
    """
    row = workload.model_dump(exclude_none=True)
    mine = next(islice(members_of(row), number - 1, None))
    demand = workload.demand
    if demand.accelerators is not None:
        hours: dict[str, Any] = {"hours_per_month": None, "utilization_fraction": None}
        accelerators = demand.accelerators.model_copy(update={**hours, **mine["demand"]["accelerators"]})
        demand = demand.model_copy(update={"accelerators": accelerators})
    spare = workload.current.model_copy(update={"monthly_cost_usd": 0.0, "data_gb": None}) if workload.current else None
    return workload.model_copy(
        update={
            "id": member_id(workload.id, number),
            "demand": demand,
            "data_in": _with_volumes(workload.data_in, mine.get("data_in", ())),
            "data_out": _with_volumes(workload.data_out, mine.get("data_out", ())),
            "current": workload.current if number == 1 else spare,
        }
    )


def _with_volumes(flows: list[Any], rows: Iterable[dict[str, Any]]) -> list[Any]:
    return [
        flow.model_copy(update={"gb_per_month": row.get("gb_per_month"), "gb_per_day": row.get("gb_per_day")})
        for flow, row in zip(flows, rows, strict=False)
    ]


def base_of(workload: Workload) -> tuple[str, int]:
    """The id of the workload that a member belongs to, and the number of its site; the id and 0 of any other."""
    if workload.redundancy is None:
        return workload.id, 0
    name, _, number = workload.id.rpartition(MARK)
    return name, int(number)


def is_member(workloads: Sequence[Workload], ids: Sequence[str], name: str) -> bool:
    """Whether *name* is that of a member of one of the *workloads*, which have these *ids*."""
    whole, _, number = name.rpartition(MARK)
    if whole not in ids or number not in _NUMBERS:
        return False
    asked = workloads[ids.index(whole)].redundancy
    return asked is not None and int(number) <= asked.min_sites


_NUMBERS = frozenset(str(number) for number in range(1, MOST_SITES + 1))


class Members(Sequence[Workload]):
    """What is placed of *whole*: members in place of workloads at several sites, each made when it is asked for."""

    def __init__(self, whole: Sequence[Workload], number_x: Sequence[int], member_x: Sequence[int]) -> None:
        """*number_x*: the workload of each; *member_x*: the number of its site, 0 where there is one alone."""
        self.whole = whole
        self._number_x = number_x
        self._member_x = member_x

    def __len__(self) -> int:
        return len(self._number_x)

    @overload
    def __getitem__(self, key: int) -> Workload: ...
    @overload
    def __getitem__(self, key: slice) -> list[Workload]: ...
    def __getitem__(self, key: int | slice) -> Workload | list[Workload]:
        numbers = range(len(self))[key]
        if isinstance(numbers, range):
            return [self[number] for number in numbers]
        workload = self.whole[self._number_x[numbers]]
        return member(workload, self._member_x[numbers]) if self._member_x[numbers] else workload

    def __iter__(self) -> Iterator[Workload]:
        last, workload = -1, None
        for number, at in zip(self._number_x, self._member_x, strict=True):
            if number != last or workload is None:
                last, workload = number, self.whole[number]
            yield member(workload, at) if at else workload

    def number_of(self, number: int) -> int:
        """The number of the workload that what is placed under this *number* belongs to."""
        return self._number_x[number]

    def rows(self, numbers: Sequence[int]) -> Sequence[Workload]:
        """What is placed under these *numbers*, with nothing else of the whole."""
        needed = sorted({self._number_x[number] for number in numbers})
        place = {number: index for index, number in enumerate(needed)}
        rows = getattr(self.whole, "rows", None)
        some = rows(needed) if rows else [self.whole[number] for number in needed]
        return Members(
            some,
            [place[self._number_x[number]] for number in numbers],
            [self._member_x[number] for number in numbers],
        )


def parted(workloads: Sequence[Workload], redundant: Redundant, count: int) -> Sequence[Workload]:
    """What is placed of the *workloads*, *count* in all: those at several sites in their members."""
    if not redundant.terms:
        return workloads
    number_x, member_x = array("q", range(count)), array("b", bytes(count))
    extra, after = 0, 0
    for row, terms in zip(redundant.rows, redundant.terms, strict=True):
        for at in range(after, row):
            number_x[at] = at - extra
        for site in range(terms.min_sites):
            number_x[row + site], member_x[row + site] = row - extra, site + 1
        after = row + terms.min_sites
        extra += terms.min_sites - 1
    for at in range(after, count):
        number_x[at] = at - extra
    return Members(workloads, number_x, member_x)


def parted_ids(ids: list[str], redundant: Redundant) -> list[str]:
    """The ids of what is placed."""
    found, after = list[str](), 0
    for number, terms in zip(redundant.numbers, redundant.terms, strict=True):
        found += ids[after:number]
        found += [member_id(ids[number], site + 1) for site in range(terms.min_sites)]
        after = number + 1
    return found + ids[after:] if redundant.terms else ids


def taken_ids(ids: Sequence[str], sites: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Workloads (by number) that have the id of a member of another, whose number is told, too, and that id.

    *sites*: numbers of workloads at several sites, and how many there are.
    """
    asked = list(sites)
    if not asked:
        return
    number = {name: at for at, name in enumerate(ids)}
    for base, count in asked:
        for site in range(1, count + 1):
            name = member_id(ids[base], site)
            if name in number:
                yield number[name], base, name


def taken_id(name: str, base: str, path: KeyPath) -> Finding:
    """That the workload at *path* has the id of a member of *base*."""
    message = f"`{name}` is what a site of `{base}` is called, which has `redundancy`"
    return Finding("member-id", message, path, "give it another id")


def wrong_redundancy(head: Head, workload: Workload, path: KeyPath) -> Iterator[Finding]:
    """What cannot be in the `redundancy` of the workload at *path*."""
    asked = workload.redundancy
    if asked is None:
        return
    where: KeyPath = (*path, "redundancy")
    if asked.min_providers > asked.min_sites:
        message = f"{asked.min_sites} sites cannot be of {asked.min_providers} providers"
        hint = f"raise `min_sites` to {asked.min_providers}, or lower `min_providers`"
        yield Finding("redundancy-providers", message, (*where, "min_providers"), hint)
    if asked.mode == "active_active" and asked.standby_fraction != 1:
        message = "`standby_fraction` is for `mode: standby`; of `active_active`, no site waits"
        yield Finding("redundancy-fraction", message, (*where, "standby_fraction"), "leave it out")
    if workload.per_location:
        message = "a workload that lives `per_location` is at all places of its users already"
        yield Finding("redundancy-places", message, where, "leave one of the two out; `spares_fraction` adds nodes")
    elif workload.offline:
        yield from _offline(head, workload, asked, where)


def _offline(head: Head, workload: Workload, asked: Redundancy, where: KeyPath) -> Iterator[Finding]:
    """Work without a network runs at its users' one location: only own sites there can take it."""
    places = {user.location for user in workload.users}
    here = sum(set(site.stands_at) == places for site in head.sites.values()) if len(places) == 1 else 0
    if asked.apart_km == 0 and asked.min_providers == 1 and here >= asked.min_sites:
        return
    message = f"`offline` work runs where its users are: {here} own site{'' if here == 1 else 's'} there"
    message += f", and {asked.min_sites} are asked for" if here < asked.min_sites else ", none of them elsewhere"
    hint = "give up `offline` or `redundancy`, or add own sites at the same location, without `apart_km`"
    yield Finding("redundancy-offline", message, where, hint)
