"""What to keep of things that do not all fit: the set that is worth most (the 0/1 knapsack problem).

Exact. Bounds settle most things at once: whatever would have to go, or to stay, for any set better than one that is
known (Ingargiola and Korsh's reduction with Dantzig's bound). The rest is tried from the middle outwards, where the
densest things that fit end: things before it are taken out, things after it put in, and of the sums so reached only
those are kept that no smaller one reaches and that may still become the best (Pisinger's minimal core). Where even
these are too many, the best set that was met is taken, and how far from the best it may be.
"""

from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Floats, Ints

MAX_SUMS = 100_000
"""Sums held at once at most."""

SLACK = 1e-12
"""Relative error allowed to a bound in floating point, so that it never falls below the truth."""


class Kept(NamedTuple):
    """A set that fits. Axis `x`: the things."""

    kept_x: Bools
    gap: int
    """How much more another set may be worth at most; 0 where this one is proven to be the best."""


def most_valuable(size_x: Ints, value_x: Ints, room: int, max_sums: int = MAX_SUMS) -> Kept:
    """The set of most value within *room*. Sizes and values are whole numbers, not below 0.

    Equally good sets are decided by the order of the things, which must be one that means something.
    """
    order = _by_density(size_x, value_x)
    known_x = _known(size_x, value_x, room, order)
    least = int(value_x[known_x].sum())
    stay_x, go_x = _settled(size_x, value_x, room, order, least)
    rest = order[~(stay_x | go_x)[order]]
    left, stays = room - int(size_x[stay_x].sum()), int(value_x[stay_x].sum())
    found = _Core(size_x[rest], value_x[rest], left, least - stays).solved(max_sums)
    if found.chosen is not None:
        known_x = stay_x.copy()
        known_x[rest[found.chosen]] = True
    return Kept(known_x, found.gap)


def _by_density(size_x: Ints, value_x: Ints) -> Ints:
    """The things by value per size, the best first; what takes no room before everything else."""
    return np.argsort(-_density(size_x, value_x), kind="stable")


def _density(size_x: Ints, value_x: Ints) -> Floats:
    density_x = np.full(len(size_x), np.inf)
    np.divide(value_x, size_x, out=density_x, where=size_x > 0)
    return density_x


def _known(size_x: Ints, value_x: Ints, room: int, order: Ints) -> Bools:
    """A good set: the densest things that fit, or the most valuable one that fits with the densest beside it."""
    fits = np.flatnonzero(size_x <= room)
    dense_x = _packed(size_x, room, order)
    if not len(fits):
        return dense_x
    first = fits[np.argmax(value_x[fits])]
    single_x = _packed(size_x, room, np.concatenate([[first], order[order != first]]))
    return single_x if value_x[single_x].sum() > value_x[dense_x].sum() else dense_x


def _packed(size_x: Ints, room: int, order: Ints) -> Bools:
    """One thing after the other, if it fits."""
    kept_x = np.zeros(len(size_x), dtype=np.bool_)
    for x, size in zip(order.tolist(), size_x[order].tolist(), strict=True):
        if size <= room:
            kept_x[x] = True
            room -= size
    return kept_x


def _settled(size_x: Ints, value_x: Ints, room: int, order: Ints, least: int) -> tuple[Bools, Bools]:
    """What is in every set that is worth more, and what is in none, beside what does not fit.

    The bounds without a thing and with it are those of the whole with more and with less room: too high at worst.
    """
    size_n, value_n = (np.concatenate([[0], np.cumsum(part[order])]) for part in (size_x, value_x))

    def bound(room_x: Ints) -> Floats:
        """Dantzig's: what would be worth most if things could be cut."""
        value = np.interp(room_x, size_n, value_n.astype(np.float64)) * (1 + SLACK)
        return np.asarray(np.where(room_x < 0, -np.inf, value))

    without_x, with_x = bound(room + size_x) - value_x, bound(room - size_x) + value_x
    dense_x = np.zeros(len(size_x), dtype=np.bool_)
    dense_x[order[: np.searchsorted(size_n[1:], room, side="right")]] = True
    return dense_x & (without_x <= least), (with_x <= least) & ~dense_x | (size_x > room)


class _Sums(NamedTuple):
    """What sets add up to; none is both larger and worth less than another. Ascending."""

    size: Ints
    value: Ints


class _Found(NamedTuple):
    """What was found: things better than those that were known, if there are any."""

    chosen: Ints | None
    gap: int


class _Core:
    """Things of which it is open whether they are kept, the densest first. Axis `n`: things."""

    def __init__(self, size_n: Ints, value_n: Ints, room: int, least: int) -> None:
        """*least*: what a set that is known is worth."""
        self._size, self._value = size_n.tolist(), value_n.tolist()
        self._density = _density(size_n, value_n).tolist()
        self._room, self._least = room, least
        self._middle = int(np.searchsorted(np.cumsum(size_n), room, side="right"))
        """Things before it are in until they are taken out, the others out until they are put in."""
        self._before, self._after = self._middle - 1, self._middle
        """The next things to try."""
        self._tried: list[tuple[int, _Sums]] = []
        """Things in the order in which they were tried, and the sums before."""
        self._best: tuple[int, int, int] | None = None
        """How many things had been tried when the best sum was met, its size and value."""

    def solved(self, max_sums: int) -> _Found:
        """The best set, unless the one that was known is."""
        dense = slice(0, self._middle)
        sums = self._hopeful(_Sums(np.array([sum(self._size[dense])]), np.array([sum(self._value[dense])])))
        held = 1
        while len(sums.size):
            thing = self._next()
            self._tried.append((thing, sums))
            sums = self._hopeful(self._with(sums, thing))
            held += len(sums.size)
            if held > max_sums:
                return _Found(self._chosen(), int(self._bound(sums).max()) - self._least if len(sums.size) else 0)
        return _Found(self._chosen(), 0)

    def _next(self) -> int:
        """In turn the last thing that is in and the first that is out, while there are both."""
        outwards = self._after < len(self._size) and (self._before < 0 or len(self._tried) % 2 == 0)
        if outwards:
            self._after += 1
            return self._after - 1
        self._before -= 1
        return self._before + 1

    def _with(self, sums: _Sums, thing: int) -> _Sums:
        """The sums as they are, and with one more thing put in or taken out; without those that others dominate."""
        sign = -1 if thing < self._middle else 1
        sizes = np.concatenate([sums.size, sums.size + sign * self._size[thing]])
        values = np.concatenate([sums.value, sums.value + sign * self._value[thing]])
        order = np.argsort(sizes, kind="stable")  # two ascending runs, merged
        sizes, values = sizes[order], values[order]
        better = np.concatenate([[True], values[1:] > np.maximum.accumulate(values)[:-1]])
        sizes, values = sizes[better], values[better]
        last = np.concatenate([sizes[1:] > sizes[:-1], [True]])
        return _Sums(sizes[last], values[last])

    def _hopeful(self, sums: _Sums) -> _Sums:
        """The sums from which something better than what is known may still come; the best that fits becomes known."""
        fit = int(np.searchsorted(sums.size, self._room, side="right"))
        if fit and sums.value[fit - 1] > self._least:
            self._least = int(sums.value[fit - 1])
            self._best = len(self._tried), int(sums.size[fit - 1]), self._least
        hopeful = self._bound(sums) > self._least
        return _Sums(sums.size[hopeful], sums.value[hopeful])

    def _bound(self, sums: _Sums) -> Floats:
        """What may come of each sum: room that is left is filled by the next thing, what is over taken off the last."""
        left = self._room - sums.size
        filling = self._density[self._after] if self._after < len(self._size) else 0.0
        taking = self._density[self._before] if self._before >= 0 else np.inf
        with np.errstate(invalid="ignore"):
            change = np.where(left >= 0, left * filling * (1 + SLACK), left * taking * (1 - SLACK))
        return np.asarray(np.where(left == 0, 0.0, np.ceil(change)) + sums.value)

    def _chosen(self) -> Ints | None:
        """The things behind the best sum; None when it is not better than what was known before."""
        if self._best is None:
            return None
        tried, size, value = self._best
        within = [number < self._middle for number in range(len(self._size))]
        for thing, before in reversed(self._tried[:tried]):
            place = int(np.searchsorted(before.size, size))
            if place < len(before.size) and before.size[place] == size and before.value[place] == value:
                continue
            within[thing] = not within[thing]
            sign = 1 if thing < self._middle else -1
            size, value = size + sign * self._size[thing], value + sign * self._value[thing]
        return np.flatnonzero(within)
