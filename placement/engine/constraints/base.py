"""What a rule declares."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from placement.engine.arrays import Floats
from placement.engine.chunk import Chunk
from placement.engine.problem import Problem

Axes = Literal["s", "h", "p", "o", "ws", "wh", "wp", "limit"]

BROKEN = -1.0
"""Slack of a yes-or-no rule that is broken; 0 when it is kept."""

UNKNOWN_SLACK = float("-inf")
"""Slack where a figure the rule needs is unknown: it fails, and no relaxation is known to help."""


class Constraint(NamedTuple):
    """A rule: slack on the smallest axes it depends on, feasible where slack ≥ 0.

    Axes `limit` is the exception: `slack` returns the largest number of nodes per offer (infinity without a limit),
    and the slack of a workload is that limit less its nodes.
    """

    name: str
    title: str
    """What the rule protects, in a few words."""
    unit: str
    """Unit of the slack; empty for a yes-or-no rule."""
    axes: Axes
    slack: Callable[[Problem, Chunk], Floats]
    relaxation: str
    """What would have to change in the inventory; `{needed}` is the value that would just do."""
    needed: Callable[[Problem, int, int, float], str] | None = None
    """That value for a workload and an offer, given the slack; None when the sentence needs none."""
    applies: Callable[[Problem], bool] | None = None
    """Whether it can forbid any workload anything, so that it need not be asked where it cannot; None: it always can.
    """
    shared: bool = False
    """Whether it is about something of which others may leave less."""
    detail: Callable[[Problem, int, float], str] | None = None
    """What meets what at a shape that is missed by a slack, for axes `wh`; None where margin and unit say it."""
