"""Old plan + new plan → what is different, workload by workload, without holding either of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from placement.diff.causes import causes_between, changed_inputs, summed
from placement.diff.model import ADDED, CAUSES, CHANGED, MOVED, REMOVED, Cause, Change, Home, PlanDiff, Side, Stayed
from placement.plan.model import Inputs, Placement, countries_of
from placement.plan.stands import TOGETHER, joined_stand, stands

Attribution = Callable[[Change], tuple[Cause, ...] | None]
"""The causes of a change, where they are known better than from lines."""


class Reading:
    """One side: placements that come in order of their workload, counted as they pass."""

    def __init__(self, name: str, inputs: Inputs | None, placements: Iterable[Placement]) -> None:
        self.name = name
        self.inputs = inputs
        self._placements = iter(placements)
        self._workloads = self._placed = self._cost_cents = 0
        self._providers: set[str] = set()
        self._countries: set[str] = set()
        self._price_dates: dict[str, str] = {}

    def next(self) -> Placement | None:
        """The next placement; None at the end."""
        placement = next(self._placements, None)
        if placement is not None:
            counted = 0 if placement.is_further else 1
            self._workloads += counted
            if placement.monthly_cost_cents is not None:
                self._placed += counted
                self._cost_cents += placement.monthly_cost_cents
                self._providers.update(stand.provider for stand in stands(placement))
                self._countries.update(countries_of(placement.country))
                for line in placement.lines:
                    if line.cost_cents and line.source_id not in ("", "inventory"):
                        self._price_dates.setdefault(line.as_of, placement.workload)
        return placement

    def side(self) -> Side:
        """What passed; to be asked at the end."""
        return Side(
            self.name,
            self.inputs,
            self._workloads,
            self._placed,
            self._cost_cents,
            frozenset(self._providers),
            frozenset(self._countries),
            self._price_dates,
        )


def compare(old: Reading, new: Reading, attribution: Attribution | None = None) -> PlanDiff:
    """The differences of two plans.

    *attribution* replaces the reading of causes from cost lines for changes of which it knows more.
    """
    found, unmoved, unattributed = list[Change](), Unmoved(), set[str]()
    for before, after in _pairs(old, new):
        change = _change(before, after)
        unmoved.see(before, after, change)
        if change is None:
            continue
        if before is not None and after is not None:
            causes = attribution(change) if attribution else None
            if causes is None:
                causes = _from_lines(before, after, old.inputs, new.inputs, change.sign == MOVED)
                if attribution and causes and before.status == after.status:
                    unattributed.add(change.whole)
            change = change._replace(causes=causes)
        found.append(change)
    stayed = unmoved.stayed()
    changes = tuple(_came_or_went(found, stayed, attribution))
    method = "recomputed" if attribution is not None else "lines"
    notes = (*_notes(old.inputs, new.inputs), *_unattributed(len(unattributed)))
    return PlanDiff(old.side(), new.side(), changes, total_causes(changes), method, notes, stayed)


def _from_lines(
    old: Placement, new: Placement, before: Inputs | None, after: Inputs | None, moved: bool
) -> tuple[Cause, ...]:
    changed = changed_inputs(old, new, before, after) if before and after else frozenset[str]()
    return causes_between(old, new, changed, moved)


class Unmoved:
    """The sites that stayed what they were, of workloads of which others did not; all others are forgotten."""

    def __init__(self) -> None:
        self._open: dict[str, list[Stayed]] = {}
        self._changed: set[str] = set()
        self._kept: list[Stayed] = []

    def see(self, old: Placement | None, new: Placement | None, change: Change | None) -> None:
        """The next of the placements, which come in order of their workload's id."""
        one = new or old
        if one is None:
            return
        for name in [name for name in self._open if name + _AFTER_SITES <= one.workload]:
            self._close(name)
        if one.member is None:
            return
        sites = self._open.setdefault(one.member.of, [])
        if change is None:
            sites.append(Stayed(one.workload, one.member.of, home_of(one), one.monthly_cost_cents))
        else:
            self._changed.add(one.member.of)

    def stayed(self) -> tuple[Stayed, ...]:
        """All of them; to be asked at the end."""
        for name in list(self._open):
            self._close(name)
        return tuple(sorted(self._kept, key=lambda site: site.workload))

    def _close(self, name: str) -> None:
        sites = self._open.pop(name)
        if name in self._changed:
            self._changed.discard(name)
            self._kept += sites


_AFTER_SITES = "0"
"""What comes after `/`: ids of the sites of `chat`, `chat/1` and on, are before `chat0`."""


def _came_or_went(
    changes: Iterable[Change], stayed: Iterable[Stayed], attribution: Attribution | None
) -> Iterator[Change]:
    """The changes, with causes for what came or went: a workload by itself, a site by what asks for several of them."""
    changes = list(changes)
    before = {change.whole for change in changes if change.sign != ADDED} | {site.member_of for site in stayed}
    after = {change.whole for change in changes if change.sign != REMOVED} | {site.member_of for site in stayed}
    for change in changes:
        if change.sign not in (ADDED, REMOVED):
            yield change
        elif change.whole not in before or change.whole not in after:
            kind = "added" if change.sign == ADDED else "removed"
            yield change._replace(causes=(Cause(kind, change.whole, change.difference_cents),))
        else:
            causes = attribution(change) if attribution else None
            asked = (Cause("policy", change.whole, change.difference_cents),) if change.difference_cents else ()
            yield change._replace(causes=asked if causes is None else causes)


def _unattributed(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    who = "one workload" if count == 1 else f"{count:,} workloads"
    return (f"causes of {who} are read from cost lines: with only some of the changes there would be no place",)


def _notes(old: Inputs | None, new: Inputs | None) -> tuple[str, ...]:
    if old is None or new is None or old.horizon_months == new.horizon_months:
        return ()
    return (
        f"the horizons differ, {old.horizon_months} and {new.horizon_months} months: commitments are spread over them",
    )


def total_causes(changes: Iterable[Change]) -> tuple[Cause, ...]:
    """The causes of all changes, summed; the kinds in their order, within a kind the largest first."""
    order = list(CAUSES)
    found = summed(cause for change in changes for cause in change.causes)
    found.sort(key=lambda cause: (order.index(cause.kind), -abs(cause.monthly_cost_cents), cause.subject))
    return tuple(cause for cause in found if cause.monthly_cost_cents)


def _pairs(old: Reading, new: Reading) -> Iterator[tuple[Placement | None, Placement | None]]:
    """The two placements of every workload; both sides are in order of the workload's id."""
    before, after = old.next(), new.next()
    while before is not None or after is not None:
        if after is None or (before is not None and before.workload < after.workload):
            yield before, None
            before = old.next()
        elif before is None or after.workload < before.workload:
            yield None, after
            after = new.next()
        else:
            yield before, after
            before, after = old.next(), new.next()


def _change(old: Placement | None, new: Placement | None) -> Change | None:
    """What is different, without its causes; None for what is the same."""
    if old is None or new is None:
        return _written(ADDED if old is None else REMOVED, old, new)
    if old == new:
        return None
    moved = _address(old) != _address(new)
    if not moved and _figures(old) == _figures(new):
        return None
    return _written(MOVED if moved else CHANGED, old, new)


def _address(placement: Placement) -> tuple[str, ...]:
    """What must be the same for a workload to have stayed at home."""
    return (placement.site, *(layer.offer for layer in placement.layers))


def _figures(placement: Placement) -> list[tuple[str, str, str, str]]:
    return [(line.term, line.label, line.quantity, line.unit_price_usd) for line in placement.lines]


def _written(sign: str, old: Placement | None, new: Placement | None) -> Change:
    one = new or old
    return Change(
        workload=one.workload if one else "",
        sign=sign,
        old=home_of(old) if old else None,
        new=home_of(new) if new else None,
        old_cost_cents=old.monthly_cost_cents if old else None,
        new_cost_cents=new.monthly_cost_cents if new else None,
        causes=(),
        reason=new.reason if new else "",
        member_of=one.member.of if one and one.member else "",
    )


def home_of(placement: Placement) -> Home | None:
    """Where a placement is and how it is bought; None for an unplaced workload."""
    if not placement.layers:
        return None
    layers, stand = placement.layers, joined_stand(placement)
    return Home(
        stand.tier,
        stand.provider,
        stand.site,
        placement.country,
        TOGETHER.join(layer.offer for layer in layers),
        TOGETHER.join(layer.purchase for layer in layers),
        TOGETHER.join(f"{layer.accelerators:,} × {layer.accelerator}" for layer in layers),
    )
