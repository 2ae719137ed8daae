"""What some workloads have in one slot of one direction of flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Floats, Ints
from placement.engine.flows import NOWHERE, Flows, words_of
from placement.engine.problem import Problem
from placement.engine.terms.base import FlowKey, Rate
from placement.engine.terms.tiered import Volume, met, tier_rates


class Slot(NamedTuple):
    """The flows of a chunk in one slot of one direction."""

    key: FlowKey
    flows: Flows
    endpoint_w: Ints
    volume_milli_w: Floats
    what_w: Ints

    def label(self, row: int) -> str:
        """The other end of the flow of a row of the chunk."""
        return self.flows.labels[int(self.endpoint_w[row])]

    def about(self, row: int) -> str:
        """`reads from berlin`."""
        word = "to" if self.key.direction == "flows_out" else "from"
        return f"{words_of(int(self.what_w[row]))} {word} {self.label(row)}"

    def sender(self, row: int, _offer: int) -> str:
        """Where bytes that come in are charged."""
        return self.flows.senders[int(self.endpoint_w[row])] if self.flows.senders else ""

    def tariff_wk(self, problem: Problem, rows: Ints) -> Ints:
        """The tariff by kind of site of some rows of the chunk, `NOWHERE` where there is no flow or no pool."""
        tariff_ek = self.flows.tariff_es[:, problem.charging.first_k]
        tariff_rk = tariff_ek[self.endpoint_w[rows]]
        is_there = (self.endpoint_w[rows] != NOWHERE)[:, None] & problem.tariffs.pooled_t[tariff_rk]
        return np.where(is_there, tariff_rk, NOWHERE)


def slots_of(problem: Problem, w: Ints, direction: str) -> Iterator[Slot]:
    """The slots of a direction (a field of the problem) in which any of the workloads *w* has a flow."""
    flows: Flows = getattr(problem, direction)
    for number in range(flows.endpoint_wk.shape[1]):
        volume_w = flows.volume_milli_wk[w, number]
        if volume_w.any():
            key = FlowKey(direction, number)
            yield Slot(key, flows, flows.endpoint_wk[w, number], volume_w, flows.what_wk[w, number])


def rates_alone(
    problem: Problem, slot: Slot, named: tuple[str, str, str], about: Callable[[Slot, int], str] = Slot.about
) -> list[Rate]:
    """The rates of flows that tiers count one by one; *named*: term, label and unit, *about*: what a row's is."""
    met_ek = met(slot.flows.tariff_es[:, problem.charging.first_k])
    said = partial(about, slot)
    volume = Volume(*named, slot.volume_milli_w, met_ek, slot.endpoint_w, said, flow=slot.key, sender=slot.sender)
    return tier_rates(problem, volume)
