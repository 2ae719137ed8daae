"""What the rules say of a placement."""

from typing import Literal, NamedTuple


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
