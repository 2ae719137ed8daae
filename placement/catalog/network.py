"""Measured round-trip times and the lines that stand in for them, as the engine uses them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NOT_MEASURED = -1
"""Stands for an unknown P95 in `Pairs.p95_us_m`."""

STATISTICS = ("p50", "mean")
"""What a measurement states; a mean stands for the median."""


class Point(NamedTuple):
    """An end of measurements: a site of the catalog, or a place where nothing is sold; `None` is unknown."""

    id: str
    country: str | None
    latitude: float | None
    longitude: float | None


class Line(NamedTuple):
    """RTT over great-circle distance between two continents."""

    intercept_micro: int
    """Millionths of a ms."""
    slope_micro: int
    """Millionths of a ms per km."""
    low_micro: int
    """What 10 % of the measured pairs stay below and, next, 90 %, in millionths of the line's RTT."""
    high_micro: int
    p95_micro: int
    """P95 in millionths of the median; 0 where no P95 was measured."""
    pairs: int
    as_of: str
    source_id: str


class Pairs(NamedTuple):
    """Measured pairs of points, axis `m`: within one provider first, then the newest, then by name; each pair once."""

    a_m: NDArray[np.int64]
    """Index of a point; `a_m` < `b_m`."""
    b_m: NDArray[np.int64]
    rtt_us_m: NDArray[np.int64]
    """Microseconds."""
    p95_us_m: NDArray[np.int64]
    statistic_m: NDArray[np.int64]
    as_of_m: NDArray[np.int64]
    """Index of a text, as is the source."""
    source_m: NDArray[np.int64]


class Network(NamedTuple):
    """What is known of round-trip times."""

    points: list[Point]
    """By id."""
    continents: dict[str, str]
    """Of countries; one that is not here is on none, and only the line for all pairs holds for it."""
    lines: dict[tuple[str, str], Line]
    """By continents in order of their names."""
    texts: list[str]
    pairs: Pairs

    @staticmethod
    def from_payload(payload: dict[str, Any], pairs: Pairs) -> "Network":
        """Build the tables from plain lists (see `assemble`) and the pairs' columns."""
        return Network(
            points=[Point(*row) for row in payload["points"]],
            continents=payload["continents"],
            lines={(one, other): Line(*row) for one, other, *row in payload["lines"]},
            texts=payload["texts"],
            pairs=pairs,
        )


_NONE = np.zeros(0, dtype=np.int64)
NO_NETWORK = Network([], {}, {}, [], Pairs(*[_NONE] * len(Pairs._fields)))
"""Of a catalog without measurements."""
