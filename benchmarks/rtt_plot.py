"""Estimated against measured round-trip times as an SVG picture, drawn with nothing but text."""

from __future__ import annotations

import math

from placement.engine.arrays import Floats

SIZE, MARGIN = 480, 48
LOW_MS, HIGH_MS = 1.0, 1000.0
TICKS_MS = (1, 3, 10, 30, 100, 300, 1000)
COLOURS = {"proxy": "#1f77b4", "continent": "#d62728", "pooled": "#7f7f7f"}


def plot(measured_ms: Floats, estimated_ms: Floats, step_m: list[str]) -> str:
    """A point for every pair; on the line the estimate is right, between the dashed lines within a quarter."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" font-family="sans-serif" font-size="11">',
        f'<rect width="{SIZE}" height="{SIZE}" fill="white"/>',
    ]
    for tick in TICKS_MS:
        at = _x(tick)
        parts.append(f'<path d="M{at} {MARGIN}V{SIZE - MARGIN}M{MARGIN} {SIZE - at}H{SIZE - MARGIN}" stroke="#ddd"/>')
        parts.append(f'<text x="{at}" y="{SIZE - MARGIN + 16}" text-anchor="middle">{tick}</text>')
        parts.append(f'<text x="{MARGIN - 6}" y="{SIZE - at + 4}" text-anchor="end">{tick}</text>')
    for factor, dash in ((1.0, "none"), (1.25, "4 4"), (0.8, "4 4")):
        start, end = max(LOW_MS, LOW_MS / factor), min(HIGH_MS, HIGH_MS / factor)
        line = f"M{_x(start)} {_y(start * factor)}L{_x(end)} {_y(end * factor)}"
        parts.append(f'<path d="{line}" stroke="#555" stroke-dasharray="{dash}" fill="none"/>')
    for number, (step, colour) in enumerate(COLOURS.items()):
        rows = zip(measured_ms.tolist(), estimated_ms.tolist(), step_m, strict=True)
        dots = "".join(f"M{_x(true)} {_y(guess)}h0" for true, guess, taken in rows if taken == step)
        pen = f'stroke="{colour}" stroke-width="3.5" stroke-linecap="round" stroke-opacity="0.5"'
        parts.append(f'<path d="{dots}" {pen}/>')
        top = MARGIN + 16 + 16 * number
        parts.append(f'<path d="M{MARGIN + 12} {top - 4}h0" {pen}/><text x="{MARGIN + 20}" y="{top}">{step}</text>')
    middle = SIZE / 2
    parts.append(f'<text x="{middle}" y="{SIZE - 10}" text-anchor="middle">measured RTT, ms</text>')
    parts.append(f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">estimated RTT, ms</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(value_ms: float) -> float:
    share = math.log(min(max(value_ms, LOW_MS), HIGH_MS) / LOW_MS) / math.log(HIGH_MS / LOW_MS)
    return round(MARGIN + share * (SIZE - 2 * MARGIN), 1)


def _y(value_ms: float) -> float:
    return round(SIZE - _x(value_ms), 1)
