"""What everybody who searches is asked for, and that it is the same."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1
"""Offer and cost of a workload that no offer may have."""


class Answer(NamedTuple):
    """The cheapest offer of every workload, the first of equally cheap ones, and its monthly cost [micro-USD]."""

    offer_w: NDArray[np.int64]
    cost_micro_w: NDArray[np.int64]


def answer_of(count: int, w: NDArray[np.int64], offer: NDArray[np.int64], cost: NDArray[np.int64]) -> Answer:
    """The answer for *count* workloads from that of those which can be placed, *w*, in any order."""
    offer_w, cost_w = np.full(count, NOWHERE, dtype=np.int64), np.full(count, NOWHERE, dtype=np.int64)
    offer_w[w], cost_w[w] = offer, cost
    return Answer(offer_w, cost_w)


class WrongAnswerError(Exception):
    """Two that should agree do not."""


def expect_equal(contenders: dict[str, Callable[[], Answer]]) -> None:
    """Let everyone answer once; raises `WrongAnswerError` where one differs from the first."""
    reference: Answer | None = None
    for name, contender in contenders.items():
        answer = contender()
        reference = reference or answer
        wrong = np.flatnonzero((answer.offer_w != reference.offer_w) | (answer.cost_micro_w != reference.cost_micro_w))
        if len(wrong):
            w = int(wrong[0])
            raise WrongAnswerError(
                f"{name}, workload {w} ({len(wrong)} in all): offer {answer.offer_w[w]} at {answer.cost_micro_w[w]}, "
                f"expected {reference.offer_w[w]} at {reference.cost_micro_w[w]}"
            )
