"""A log of requests, or of their rate, reduced to levels as it is read: memory does not grow with its length.

What is kept is how many buckets are at each level. Requests are counted, so that levels are few; means of rates are
rounded to few digits, so that they are.

Time is cut into buckets of one length from the first time stamp on; the last one, which is not complete, does not
count. A bucket without a request is idle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from placement.inventory.curves import REQUESTS, Curve, load_duration

GAP_S = 3600.0
"""A longer silence is told, since it may be one of the log."""

_DIGITS = 4
"""Significant ones of a mean of rates: at most 9,000 levels from one power of ten to the next."""

_STEPS = 3
"""So many times the usual time from one rate to the next is a silence, if it is longer than `GAP_S`, too."""


class Buckets:
    """Levels of the complete buckets so far, and the silences between."""

    def __init__(self, bucket_s: float) -> None:
        self.bucket_s = bucket_s
        self.spent: dict[float, int] = {}
        """Complete buckets at each level."""
        self.complete = 0
        self.first: float | None = None
        self.last = 0.0
        self.gaps = 0
        self.gap_s = 0.0

    def _full(self, level: float, count: int = 1) -> None:
        self.spent[level] = self.spent.get(level, 0) + count
        self.complete += count

    def _silent(self, seconds: float) -> None:
        self.gaps += 1
        self.gap_s += seconds


class Requests(Buckets):
    """Levels are requests per second."""

    def __init__(self, bucket_s: float) -> None:
        super().__init__(bucket_s)
        self._count = 0

    def add(self, at: float) -> None:
        """A request at *at* [s], not before the last one."""
        if self.first is None:
            self.first = at
        elif at - self.last > GAP_S:
            self._silent(at - self.last)
        number = int((at - self.first) // self.bucket_s)
        if number != self.complete:
            self._full(self._count / self.bucket_s)
            if number != self.complete:
                self._full(0.0, number - self.complete)
            self._count = 0
        self._count += 1
        self.last = at


class Rates(Buckets):
    """Levels are means of a rate over a bucket, to `_DIGITS` digits; each rate holds until the next one."""

    def __init__(self, bucket_s: float) -> None:
        super().__init__(bucket_s)
        self._rate = 0.0
        self._step = 0.0
        self._filled = 0.0
        """Seconds of the bucket that is not complete."""
        self._mass = 0.0
        self._rates: set[float] = set()
        """Of that bucket."""

    def add(self, at: float, rate: float) -> None:
        """A *rate* from *at* [s] on, which is later than the last one."""
        if self.first is None:
            self.first = at
        else:
            self._hold(at - self.last)
        self._rate, self.last = rate, at

    def end(self) -> None:
        """The last rate holds as long as the first one did."""
        self._fill(self._step, self._rate)

    def _full(self, level: float, count: int = 1) -> None:
        super()._full(float(f"{level:.{_DIGITS - 1}e}"), count)

    def _hold(self, seconds: float) -> None:
        self._step = self._step or seconds
        silent = seconds > max(GAP_S, _STEPS * self._step)
        self._fill(self._step if silent else seconds, self._rate)
        if silent:
            self._silent(seconds - self._step)
            self._fill(seconds - self._step, 0.0)

    def _fill(self, seconds: float, rate: float) -> None:
        left = seconds
        if self._filled:
            part = min(left, self.bucket_s - self._filled)
            self._part(part, rate)
            left -= part
            if self._filled < self.bucket_s:
                return
            self._full(self._rates.pop() if len(self._rates) == 1 else self._mass / self.bucket_s)
            self._filled, self._mass, self._rates = 0.0, 0.0, set()
        whole = int(left // self.bucket_s)
        if whole:
            self._full(rate, whole)
        if left > whole * self.bucket_s:
            self._part(left - whole * self.bucket_s, rate)

    def _part(self, seconds: float, rate: float) -> None:
        self._filled += seconds
        self._mass += seconds * rate
        self._rates.add(rate)


class Lengths(NamedTuple):
    """Tokens of a request on average; 0 where the trace does not say."""

    input_tokens: float = 0.0
    output_tokens: float = 0.0


def level_within(spent: Mapping[float, float], percentile: float) -> float:
    """The lowest of the levels that is not exceeded in *percentile* per cent of the time."""
    total, below = sum(spent.values()), 0.0
    for level in sorted(spent):
        below += spent[level]
        if below * 100 >= percentile * total:
            return level
    return max(spent)


def trace_curve(buckets: Buckets, percentile: float, lengths: Lengths) -> Curve:
    """What a trace is reduced to; what is above the *percentile* is cut to it."""
    peak, most = level_within(buckets.spent, percentile), max(buckets.spent)
    curve = load_duration((min(level, peak), time) for level, time in buckets.spent.items())
    minutes = buckets.bucket_s / 60
    parts = [
        f"a trace over {_time(buckets.complete * buckets.bucket_s)} in buckets of {minutes:.4g} "
        f"minute{'' if minutes == 1 else 's'}, taken for every month"
    ]
    if peak < most:
        share = 100 - percentile
        parts.append(f"the busiest {share:.4g} % of them are cut to {peak:.4g} a second (the busiest has {most:.4g})")
    if buckets.gaps:
        gaps = f"{buckets.gaps:,} gaps" if buckets.gaps > 1 else "a gap"
        parts.append(f"{gaps} of more than an hour, {_time(buckets.gap_s)} in all, assumed to be idle")
    return curve._replace(
        input_tokens=lengths.input_tokens,
        output_tokens=lengths.output_tokens,
        note="; ".join(parts),
        counts=REQUESTS,
    )


def _time(seconds: float) -> str:
    for name, unit in (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} seconds"
