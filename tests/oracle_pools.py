"""Tiers that count what all workloads send together, the slow way: every plan there is, priced as a whole.

Written from `docs/costs.md`, "Tiers count everything".
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from oracle import Oracle
from oracle_arithmetic import tiered

from placement.inventory.workload import Workload

Pool = tuple[str, tuple[tuple[int, int], ...]]
"""Who is paid, and by which tiers."""


class Part(NamedTuple):
    """An offer for a workload: what it costs but for pools [micro-USD], and what it sends into them [milli-GB]."""

    offer: str
    micro: int
    sent: tuple[tuple[Pool, int], ...]


def pools_micro(sent: Iterable[tuple[Pool, int]]) -> int:
    """What is to be paid for everything that is sent."""
    pools: dict[Pool, int] = {}
    for pool, milli in sent:
        pools[pool] = pools.get(pool, 0) + milli
    return sum(tiered(list(tiers), milli) for (_, tiers), milli in pools.items())


class PoolOracle:
    """An inventory whose workloads share no capacity, but the tiers of providers."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.choices = [list(self.parts(workload)) for workload in oracle.inventory.workloads]

    def parts(self, workload: Workload) -> Iterator[Part]:
        for offer in self.oracle.offers:
            cost = self.oracle.verdict(workload, offer).cost
            if cost is not None:
                sent = [((payee, tiers), milli) for payee, tiers, milli in self.oracle.paid(workload, offer.site)]
                pooled = tuple((pool, milli) for pool, milli in sent if len(pool[1]) > 1 and milli)
                yield Part(offer.id, cost - pools_micro(pooled), pooled)

    def total(self, plan: list[Part]) -> int:
        """What a whole plan costs."""
        return sum(part.micro for part in plan) + pools_micro(one for part in plan for one in part.sent)

    def plan(self, offers: list[str]) -> list[Part]:
        return [
            next(part for part in choices if part.offer == offer)
            for choices, offer in zip(self.choices, offers, strict=True)
        ]

    def best(self) -> int:
        """The cheapest of all plans."""
        return min(self.total(list(plan)) for plan in product(*self.choices))

    def moves(self, plan: list[Part]) -> Iterator[int]:
        """What plans cost in which one workload is elsewhere."""
        for number, choices in enumerate(self.choices):
            for part in choices:
                yield self.total([*plan[:number], part, *plan[number + 1 :]])

    def rounding(self, plan: list[Part]) -> int:
        """How many micro-dollars the roundings of a plan's lines may come to: one for each tier of each flow."""
        return sum(len(pool[1]) for part in plan for pool, _ in part.sent)
