"""Totals of a plan, as sums of its placements' cents."""

from collections.abc import Sequence

from placement.plan.model import Member, Placement, Share, Summary
from placement.plan.stands import layer_costs, stand_of
from placement.words import TIERS

_Totals = dict[str, list[int]]
_Names = tuple[set[str], set[str], set[str]]
"""Tiers, providers and purchase models."""


class Tally:
    """Running totals: placements may come one by one and be forgotten."""

    def __init__(self) -> None:
        self.workloads = self.placed = self.cost_cents = 0
        self.baseline_cents = self.compared_cents = self.baselines = 0
        self.redundancy_cents: int | None = None
        self._by: tuple[_Totals, _Totals, _Totals] = ({}, {}, {})
        self._some: dict[str, tuple[int, _Names]] = {}
        """Of workloads at several sites of which some were added: how many, and where they were counted."""

    def add(self, placement: Placement) -> None:
        """Count one more placement."""
        counted = 0 if placement.is_further else 1
        self.workloads += counted
        cost = placement.monthly_cost_cents
        if cost is None:
            return
        self.placed += counted
        self.cost_cents += cost
        if placement.member is not None and placement.member.beyond_cents is not None:
            self.redundancy_cents = (self.redundancy_cents or 0) + placement.member.beyond_cents
        if placement.baseline_cents is not None:
            self.baselines += counted
            self.baseline_cents += placement.baseline_cents
            self.compared_cents += cost
        if len(placement.layers) > 1:
            self._add_layers(placement)
            return
        names = (placement.tier, placement.provider, placement.layers[0].purchase)
        counts = (1, 1, 1) if placement.member is None else self._first_there(placement.member, names)
        self._book(names, counts, cost)

    def _add_layers(self, placement: Placement) -> None:
        """Each layer's cost where it is; the workload counts once under every name."""
        seen: _Names = (set(), set(), set())
        for layer, cost in zip(placement.layers, layer_costs(placement), strict=True):
            stand = stand_of(placement, layer)
            names = (stand.tier, stand.provider, layer.purchase)
            self._book(names, [int(name not in there) for there, name in zip(seen, names, strict=True)], cost)
            for there, name in zip(seen, names, strict=True):
                there.add(name)

    def _book(self, names: tuple[str, str, str], counts: Sequence[int], cost: int) -> None:
        for totals, name, count in zip(self._by, names, counts, strict=True):
            entry = totals.setdefault(name, [0, 0])
            entry[0] += count
            entry[1] += cost

    def _first_there(self, member: Member, names: tuple[str, str, str]) -> list[int]:
        """1 for each of the *names* where no other site of the workload was counted before, else 0."""
        sites, seen = self._some.pop(member.of, (0, (set[str](), set[str](), set[str]())))
        counts = [int(name not in there) for there, name in zip(seen, names, strict=True)]
        for there, name in zip(seen, names, strict=True):
            there.add(name)
        if sites + 1 < member.sites:
            self._some[member.of] = (sites + 1, seen)
        return counts

    def merge(self, other: "Tally") -> None:
        """Count what another has counted of other placements."""
        self.workloads += other.workloads
        self.placed += other.placed
        self.cost_cents += other.cost_cents
        self.baseline_cents += other.baseline_cents
        self.compared_cents += other.compared_cents
        self.baselines += other.baselines
        if other.redundancy_cents is not None:
            self.redundancy_cents = (self.redundancy_cents or 0) + other.redundancy_cents
        for totals, more in zip(self._by, other._by, strict=True):
            for name, (count, cost) in more.items():
                entry = totals.setdefault(name, [0, 0])
                entry[0] += count
                entry[1] += cost
        for of, (sites, theirs) in other._some.items():
            counted, mine = self._some.get(of, (0, (set[str](), set[str](), set[str]())))
            for by, seen, names in zip(self._by, mine, theirs, strict=True):
                for name in seen & names:
                    by[name][0] -= 1  # both have counted it
                seen.update(names)
            self._some[of] = (counted + sites, mine)

    def summary(self, offers: int) -> Summary:
        """The totals; *offers* is how many the plan had to choose from."""
        by_tier, by_provider, by_purchase = self._by
        return Summary(
            workloads=self.workloads,
            placed=self.placed,
            monthly_cost_cents=self.cost_cents,
            baseline_cents=self.baseline_cents if self.baselines else None,
            compared_cost_cents=self.compared_cents,
            baseline_workloads=self.baselines,
            offers=offers,
            redundancy_cents=self.redundancy_cents,
            by_tier=tuple(Share(name, *by_tier[name]) for name in sorted(by_tier, key=_tier_rank)),
            by_provider=_most_first(by_provider),
            by_purchase=_most_first(by_purchase),
        )


def _tier_rank(name: str) -> tuple[int, str]:
    return (TIERS.index(name) if name in TIERS else len(TIERS), name)


def _most_first(totals: _Totals) -> tuple[Share, ...]:
    return tuple(Share(name, *totals[name]) for name in sorted(totals, key=lambda name: (-totals[name][1], name)))
