"""Units of commitments that end within the horizon: paid for already until then, and by the hour from then on."""

from __future__ import annotations

import numpy as np

from placement.engine.arrays import Floats
from placement.engine.stack.mix import Bought, Fixed, Hourly, Stretch, joined
from placement.units import MILLI


def mix_with_ended(stack: list[Stretch], fixed: list[Fixed], hourly: Hourly | None) -> list[Bought]:
    """The cheapest mix where an hour of some units by the month costs something, but less than one of `hourly`.

    In the cheapest mix, who costs more by the hour holds units that are needed less: first those by the month alone,
    the cheapest first, then those of ended commitments, then those by the hour. Only how many the first are is open,
    and all numbers are tried.
    """
    plain = [one for one in fixed if not one.hour_micro]
    ended = [one for one in fixed if one.hour_micro and (hourly is None or one.hour_micro < hourly.micro)]
    ended = sorted(ended, key=lambda one: (one.hour_micro, one.offer))
    hours_u = np.repeat([one.hours_milli for one in stack], [one.units for one in stack])
    count = len(hours_u)
    until_u = np.concatenate([[0.0], np.cumsum(hours_u)])
    end_n = np.arange(count + 1)
    cost_n, ends = _by_the_month(plain, count), [end_n]
    for one in ended:
        until_n = np.minimum(end_n + int(min(one.limit, count)), count)
        cost_n = cost_n + one.micro * (until_n - end_n) + one.hour_micro * (until_u[until_n] - until_u[end_n]) / MILLI
        ends.append(until_n)
        end_n = until_n
    rest_n = until_u[-1] - until_u[end_n]
    cost_n = cost_n + (hourly.micro * rest_n / MILLI if hourly else np.where(end_n < count, np.inf, 0.0))
    best = int(cost_n.argmin())
    if not np.isfinite(cost_n[best]):
        return []
    runs = _runs(plain, best)
    runs += [(one.offer, int(end[best] - begin[best])) for one, begin, end in zip(ended, ends, ends[1:], strict=False)]
    if hourly:
        runs.append((hourly.offer, count - int(end_n[best])))
    return _bought(runs, hours_u)


def _by_the_month(plain: list[Fixed], count: int) -> Floats:
    """What the first units cost if they are by the month alone, by their number."""
    cost_n = np.full(count + 1, np.inf)
    prices = [price for one in plain for price in [one.micro] * int(min(one.limit, count))][:count]
    cost_n[: len(prices) + 1] = np.concatenate([[0.0], np.cumsum(prices)])
    return cost_n


def _runs(plain: list[Fixed], count: int) -> list[tuple[int, int]]:
    runs = []
    for one in plain:
        taken = int(min(one.limit, count))
        runs.append((one.offer, taken))
        count -= taken
    return runs


def _bought(runs: list[tuple[int, int]], hours_u: Floats) -> list[Bought]:
    found, begin = [], 0
    for offer, units in runs:
        if units:
            mine = hours_u[begin : begin + units]
            found.append(Bought(offer, units, float(mine.sum()), float(mine[-1]), float(mine[0])))
            begin += units
    return joined(found)
