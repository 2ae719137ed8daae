"""Predicted against measured throughput as an SVG picture, drawn with nothing but text."""

from __future__ import annotations

import math

from sizing_errors import Part

SIZE, MARGIN = 480, 48
LOW, HIGH = 0.1, 1e6
COLOURS = {"LLM serving": ("#1f77b4", "#6cb4ee"), "ratios": ("#2ca02c", "#7fd67f"), "training": ("#d62728", "#ff8a80")}
"""On light and on dark ground."""

_STYLE = "".join(
    (
        "text{fill:#222}.grid{stroke:#ddd}.line{stroke:#555;fill:none}",
        *(f".c{at}{{stroke:{light}}}" for at, (light, _) in enumerate(COLOURS.values())),
        "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.line{stroke:#aaa}",
        *(f".c{at}{{stroke:{dark}}}" for at, (_, dark) in enumerate(COLOURS.values())),
        "}",
    )
)


def plot(parts: list[Part]) -> str:
    """A point for every measurement left out: right on the line, within 30 % between the dashed ones."""
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" font-family="sans-serif" font-size="11">',
        f"<style>{_STYLE}</style>",
    ]
    for power in range(round(math.log10(LOW)), round(math.log10(HIGH)) + 1):
        at, label = _x(10.0**power), f"{10.0**power:g}" if power < 4 else f"10{_raised(power)}"
        out.append(f'<path class="grid" d="M{at} {MARGIN}V{SIZE - MARGIN}M{MARGIN} {SIZE - at}H{SIZE - MARGIN}"/>')
        out.append(f'<text x="{at}" y="{SIZE - MARGIN + 16}" text-anchor="middle">{label}</text>')
        out.append(f'<text x="{MARGIN - 6}" y="{round(SIZE - at + 4, 1)}" text-anchor="end">{label}</text>')
    for factor, dash in ((1.0, "none"), (1.3, "4 4"), (1 / 1.3, "4 4")):
        start, end = max(LOW, LOW / factor), min(HIGH, HIGH / factor)
        line = f"M{_x(start)} {_y(start * factor)}L{_x(end)} {_y(end * factor)}"
        out.append(f'<path class="line" d="{line}" stroke-dasharray="{dash}"/>')
    for number, group in enumerate(COLOURS):
        chosen = [part for part in parts if part.group == group]
        pairs = [pair for part in chosen for pair in zip(part.measured.tolist(), part.predicted.tolist(), strict=True)]
        dots = "".join(f"M{_x(true)} {_y(guess)}h0" for true, guess in pairs)
        pen = f'class="c{number}" stroke-width="3.5" stroke-linecap="round" stroke-opacity="0.5"'
        out.append(f'<path d="{dots}" {pen}/>')
        top = MARGIN + 16 + 16 * number
        out.append(f'<path d="M{MARGIN + 12} {top - 4}h0" {pen}/><text x="{MARGIN + 20}" y="{top}">{group}</text>')
    middle, units = SIZE / 2, "units per second and accelerator"
    out.append(f'<text x="{middle}" y="{SIZE - 10}" text-anchor="middle">measured, {units}</text>')
    out.append(f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">predicted, {units}</text>')
    return "\n".join([*out, "</svg>", ""])


def _raised(power: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))


def _x(value: float) -> float:
    share = math.log(min(max(value, LOW), HIGH) / LOW) / math.log(HIGH / LOW)
    return round(MARGIN + share * (SIZE - 2 * MARGIN), 1)


def _y(value: float) -> float:
    return round(SIZE - _x(value), 1)
