"""What was signed before a plan."""

from typing import NamedTuple


class Commitment(NamedTuple):
    """Nodes that are signed already: paid until they end, used or not, and in no total."""

    offer: str
    """As layers name it."""
    signed: str
    """The offer of the catalog that was signed."""
    nodes: int
    used: int
    ends: str
    """The last month that is paid for."""
    months: int
    """Of the horizon, for which it is paid anyway."""
    paid_cents: int
    """A month, for all nodes."""
    beyond_months: int = 0
    """After the horizon, for which it is still paid."""
    then: str = ""
    """What takes its place within the horizon: `renewed`, `on demand` or `unknown`; empty where nothing has to."""
    workloads: tuple[str, ...] = ()
    """Who stands on it."""
