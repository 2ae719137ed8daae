"""Columns of blocks above and below a line: how a figure goes over time, in a few rows of text."""

from __future__ import annotations

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def plot(values: list[int], width: int, height: int) -> list[str]:
    """Rows of text, the highest first, with a rule at zero; at most *width* columns and about *height* rows.

    More values than columns: each column shows the last of its values. Fewer: columns are repeated.
    """
    bars = _spread(values, width)
    top, bottom = max(0, *bars), max(0, *(-bar for bar in bars))
    above, below = _share(height, top, bottom)
    scale = max(-(-top // above) if above else 0, -(-bottom // below) if below else 0, 1)
    rows = [
        "".join(_EIGHTHS[_eighths(bar, scale, row)] if bar > 0 else " " for bar in bars)
        for row in reversed(range(above))
    ]
    rows.append("─" * len(bars))
    rows += ["".join(_hanging(-bar, scale, row) for bar in bars) for row in range(below)]
    return [row.rstrip() for row in rows]


def _spread(values: list[int], width: int) -> list[int]:
    if len(values) > width:
        return [values[(column + 1) * len(values) // width - 1] for column in range(width)]
    times = max(1, min(4, width // len(values)))
    return [value for value in values for _ in range(times)]


def _share(height: int, top: int, bottom: int) -> tuple[int, int]:
    """Rows above and below the rule, in proportion; at least one for what is there."""
    if not top or not bottom:
        return (height if top else 0), (height if bottom else 0)
    below = min(max(1, (2 * height * bottom + top + bottom) // (2 * (top + bottom))), height - 1)
    return height - below, below


def _eighths(bar: int, scale: int, row: int) -> int:
    """How much of the cell in *row* above the rule is filled; something is never nothing."""
    filled = max(1, (16 * bar + scale) // (2 * scale))
    return max(0, min(8, filled - 8 * row))


def _hanging(depth: int, scale: int, row: int) -> str:
    """Below the rule there are only halves."""
    if depth <= 0:
        return " "
    halves = max(1, (4 * depth + scale) // (2 * scale)) - 2 * row
    return "█" if halves >= 2 else "▀" if halves == 1 else " "
