"""What rules say in a plan: what they forbid and by how much, what would have to give, and on whose authority."""

from typing import Literal, NamedTuple


class Miss(NamedTuple):
    """The nearest offer a rule with a measure forbids, and by how much it fails."""

    what: str
    margin: str
    unit: str
    detail: str = ""
    """What meets what, where the rule has words for it."""


class Rejected(NamedTuple):
    """What one rule forbids a workload."""

    constraint: str
    offers: int
    nearest: Miss | None = None
    """None for yes-or-no rules, which have no near."""


class RejectedTier(NamedTuple):
    """A tier without a feasible offer: the rule that forbids the most of it, and the nearest miss of that rule."""

    tier: str
    offers: int
    constraint: str
    forbidden: int
    nearest: Miss | None = None


class Relaxation(NamedTuple):
    """A change of one rule (or of several together) that would make an offer feasible."""

    constraints: tuple[str, ...]
    change: str
    offer: str
    monthly_cost_cents: int


class Proof(NamedTuple):
    """What one rule says of one copy of a workload's data, and on whose authority."""

    copy: str
    """`compute`, or what other copy it is: `home of tickets`."""
    place: str
    country: str
    rule: str
    """A rule of the inventory (`residency`, `operator`, …), or the id of one of the catalog's."""
    asks: str
    verdict: Literal["kept", "kept if signed", "not applicable", "unknown"]
    """`unknown`: the catalog has no rule for such data under that law."""
    sign: str = ""
    """What must be signed or done."""
    instrument: str = ""
    """The law."""
    confidence: str = ""
    """How sure the catalog is of what the law says: `high`, `medium` or `low`."""
    source_id: str = ""
    as_of: str = ""


class Conflict(NamedTuple):
    """One of the rules that cannot be kept together; without any of them there would be an offer for the rest."""

    rule: str
    words: str
