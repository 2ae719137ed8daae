"""Old plan + new plan → what is different, workload by workload, without holding either of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from placement.diff.causes import causes_between, changed_inputs, summed
from placement.diff.model import ADDED, CAUSES, CHANGED, MOVED, REMOVED, Cause, Change, Home, PlanDiff, Side
from placement.plan.model import Inputs, Placement, countries_of

Attribution = Callable[[Placement, Placement], tuple[Cause, ...] | None]
"""The causes of the difference between a workload's two placements, where they are known better than from lines."""


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
            self._workloads += 1
            if placement.monthly_cost_cents is not None:
                self._placed += 1
                self._cost_cents += placement.monthly_cost_cents
                self._providers.add(placement.provider)
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

    *attribution* replaces the reading of causes from cost lines for workloads of which it knows more.
    """
    changes = []
    for before, after in _pairs(old, new):
        change = _change(before, after, old.inputs, new.inputs, attribution)
        if change is not None:
            changes.append(change)
    method = "recomputed" if attribution is not None else "lines"
    return PlanDiff(
        old.side(), new.side(), tuple(changes), total_causes(changes), method, _notes(old.inputs, new.inputs)
    )


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


def _change(
    old: Placement | None,
    new: Placement | None,
    before: Inputs | None,
    after: Inputs | None,
    attribution: Attribution | None,
) -> Change | None:
    if old is None or new is None:
        one = new or old
        if one is None:
            raise AssertionError("a pair has at least one side")
        kind = "added" if old is None else "removed"
        cost = one.monthly_cost_cents or 0
        cause = Cause(kind, one.workload, cost if old is None else -cost)
        return _written(ADDED if old is None else REMOVED, old, new, (cause,))
    if old == new:
        return None
    moved = _address(old) != _address(new)
    if not moved and _figures(old) == _figures(new):
        return None
    causes = attribution(old, new) if attribution else None
    if causes is None:
        changed = changed_inputs(old, new, before, after) if before and after else frozenset[str]()
        causes = causes_between(old, new, changed, moved)
    return _written(MOVED if moved else CHANGED, old, new, causes)


def _address(placement: Placement) -> tuple[str, ...]:
    """What must be the same for a workload to have stayed at home."""
    return (placement.site, *(layer.offer for layer in placement.layers))


def _figures(placement: Placement) -> list[tuple[str, str, str, str]]:
    return [(line.term, line.label, line.quantity, line.unit_price_usd) for line in placement.lines]


def _written(sign: str, old: Placement | None, new: Placement | None, causes: tuple[Cause, ...]) -> Change:
    one = new or old
    return Change(
        workload=one.workload if one else "",
        sign=sign,
        old=home_of(old) if old else None,
        new=home_of(new) if new else None,
        old_cost_cents=old.monthly_cost_cents if old else None,
        new_cost_cents=new.monthly_cost_cents if new else None,
        causes=causes,
        reason=new.reason if new else "",
        member_of=one.member.of if one and one.member else "",
    )


def home_of(placement: Placement) -> Home | None:
    """Where a placement is and how it is bought; None for an unplaced workload."""
    if not placement.layers:
        return None
    layers = placement.layers
    return Home(
        placement.tier,
        placement.provider,
        placement.site,
        placement.country,
        " + ".join(layer.offer for layer in layers),
        " + ".join(layer.purchase for layer in layers),
        " + ".join(f"{layer.accelerators:,} × {layer.accelerator}" for layer in layers),
    )
