"""What came of one check, whatever it checked. Plain data: reports write it down in many forms."""

from typing import NamedTuple

from placement.documents import KeyPath


class Breach(NamedTuple):
    """One of those that break a check."""

    subject: str
    """A workload, or a provider."""
    measured: str
    """Its own figure in the unit of the check, or words."""


class Outcome(NamedTuple):
    """One check and its result. Figures are decimal text in `unit`; words stand as they are."""

    rule: str
    """The key that asks for it in the inventory."""
    title: str
    """What people call it; several outcomes may share one."""
    subject: str
    """What it is about: a workload, what selects several, the plan."""
    ok: bool
    detail: str
    """What else there is to say, of a passed check what to keep an eye on; often empty."""
    path: KeyPath
    """Its place in the inventory."""
    measured: str = ""
    limit: str = ""
    unit: str = ""
    """`USD`, `ms`, `fraction`, or nothing where the figures are words."""
    breaches: tuple[Breach, ...] = ()
    """All that break it, the worst first; none of a passed check."""
    workloads: int = 0
    """How many it looked at, unless the subject names one."""


SHOWN = 6
"""How many names a sentence lists."""


def listed(names: list[str]) -> str:
    """`a, b`; of more than six the first and how many more."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
