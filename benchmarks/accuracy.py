"""How far estimates of round-trip times and of sizes are off, on measurements that were left out: `docs/accuracy.md`.

    python benchmarks/accuracy.py          writes docs/accuracy.md, docs/accuracy.svg and docs/sizing.svg
    python benchmarks/accuracy.py --fit    fits catalogs/network/lines.csv, roofline.csv and training.csv anew, and
                                           prints the bands that stand in assumptions.yaml, and that of
                                           mixtures of experts, which is wider there

Reads nothing but `catalogs/`. What is left out follows from names alone.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import sizing_accuracy
from rtt_errors import Errors, Farther, Split, bands_of, farther, remeasured, split
from rtt_fit import fitted_lines, measured
from rtt_plot import plot
from sizing_data import Facts, read
from sizing_errors import all_parts
from sizing_fit import language_runs
from sizing_tables import ROOFLINE, TRAINING, roofline_csv, training_csv

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog
from placement.units import MICRO, micro_text

ROOT = Path(__file__).resolve().parents[1]
LINES = ROOT / "catalogs/network/lines.csv"
DOCUMENT, PICTURE, SIZES = ROOT / "docs/accuracy.md", ROOT / "docs/accuracy.svg", ROOT / "docs/sizing.svg"

FARTHER_KM = (50, 200, 500)
"""How far from a place everything measured is taken away, to see what is left for users there."""

WORST, FEWEST = 10, 10
"""Pairs that are listed, and pairs that a group must have to be listed."""

STEPS = {
    "near": "proxy, places nearer than 4,000 km",
    "far": "proxy, places farther apart",
    "continent": "line between two continents",
    "pooled": "line for all pairs",
    "product": "**the first step that knows, as in a plan**",
}

INTRODUCTION = """# Accuracy of estimates

A plan estimates round-trip times that nobody measured, and how many accelerators work takes. This page says how far
these estimates are off.

    python benchmarks/accuracy.py     # rewrites this page and its pictures from `catalogs/`

## Round-trip times

A plan estimates the round-trip time (RTT) between users and a site in steps: a *measured* pair, the nearest measured
pair as a *proxy*, the line between the two *continents*, the line for all pairs (*pooled*). `docs/constraints.md` has
the rules.

Of the {pairs:,} measured pairs in `catalogs/network/pairs.csv` a fifth is left out, by a hash of the pair's name.
Lines, bands and proxies are made from the others alone. *Error* is |estimated ÷ measured − 1|; *in the band* is the
share of measurements inside the 80 % band that a plan would print. Times are between data centres: what the users'
access adds is a figure of its own, and none of these tables tests it.
"""

FARTHER = """Every measured point in turn is a user, and everything measured within so many km of it is taken away. A
proxy is used where its two ends are together at most 50 km off, or a tenth of the distance but no more than 500 km:
beyond that the lines are as good or better. (Lines are those of the catalog, fitted to these pairs among others.)
"""


def document(catalog: Catalog, facts: Facts) -> tuple[str, str, str]:
    """The page, and the pictures beside it: of round-trip times, and of sizes."""
    found = split(catalog)
    low, high = (catalog.assumption(f"roofline_moe_{end}_ratio").micro / MICRO for end in ("low", "high"))
    sizes, picture = sizing_accuracy.part(facts, language_runs(facts), (low, high))
    parts = [
        INTRODUCTION.format(pairs=len(catalog.network.pairs.a_m)),
        "### By step\n",
        _table(("step", "pairs", "median error", "P90 error", "in the band"), _steps(catalog, found)),
        _reading(found),
        "![Estimated against measured RTT of the pairs that were left out](accuracy.svg)\n",
        "### Where nothing is measured nearby\n",
        FARTHER,
        _table(
            (
                "nothing within",
                "pairs",
                "by a proxy",
                "median error",
                "P90 error",
                "in the band",
                "lines alone: median",
                "P90",
            ),
            (_farther(farther(catalog, km)) for km in FARTHER_KM),
        ),
        "### By providers\n",
        _table(_GROUPED, _groups(found, lambda a, b: " – ".join(sorted((a.partition("/")[0], b.partition("/")[0]))))),
        "### By continents\n",
        _table(_GROUPED, _by_continents(found)),
        f"### The {WORST} worst\n",
        _table(("pair", "step", "measured", "estimated"), _worst(found)),
        _CAVEATS,
        sizes,
    ]
    points = (found.steps["product"].measured, found.steps["product"].estimated, found.step_m)
    return "\n".join(parts), plot(*points), picture


_GROUPED = ("between", "pairs", "median error", "P90 error", "in the band", "pooled line: median", "P90")

_CAVEATS = """### What these figures do not say

- Every measurement is between data centres of AWS, Azure, Google Cloud and IBM. Users on the public internet, and GPU
  clouds with other carriers, may fare worse: measure before an SLO with little room is signed.
- Azure and IBM pairs are of 2026, all others averages of pings in 2022, which stand for the median. Of pairs measured
  twice, the first row of the first table says how much the later time differs.
- Two directions of a pair are averaged. Pairs whose directions differ by more than half were left out of the catalog.
"""


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---", *("---:",) * (len(head) - 1)), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _steps(catalog: Catalog, found: Split) -> Iterator[tuple[str, ...]]:
    earlier, later = remeasured(catalog)
    low, high = bands_of(catalog)["measured"]
    again = Errors(earlier, later, (earlier * low <= later) & (later <= earlier * high))
    yield ("measured: an earlier time of the pair", *again.row())
    for step, words in STEPS.items():
        yield (words, *found.steps[step].row())
    yield ("P95 of the same, where one was measured", *found.p95.row())


def _reading(found: Split) -> str:
    counts, words = (
        Counter(found.step_m),
        {
            "proxy": "a proxy",
            "continent": "the line between continents",
            "pooled": "the pooled line",
        },
    )
    shares = ", ".join(f"{counts[step]:,} by {word}" for step, word in words.items())
    return f"The first step that knows was taken for {shares}.\n"


def _farther(one: Farther) -> tuple[str, ...]:
    count, *figures = one.product.row()
    return (f"{one.km} km", count, f"{one.proxies:,}", *figures, *one.line.row()[1:3])


def _groups(found: Split, group: Callable[[str, str], str]) -> Iterator[tuple[str, ...]]:
    names = [point.id for point in found.known.points]
    ends = zip(found.known.pairs.a_m.tolist(), found.known.pairs.b_m.tolist(), strict=True)
    yield from _grouped(found, [group(names[a], names[b]) for a, b in ends])


def _by_continents(found: Split) -> Iterator[tuple[str, ...]]:
    yield from _grouped(found, [" – ".join(group) for group in found.known.group_m])


def _grouped(found: Split, group_m: list[str]) -> Iterator[tuple[str, ...]]:
    groups = np.array(group_m)
    for group, count in sorted(Counter(group_m).items()):
        if count >= FEWEST:
            product, pooled = (found.steps[step].of(groups == group) for step in ("product", "pooled"))
            yield (group, *product.row(), *pooled.row()[1:3])


def _worst(found: Split) -> Iterator[tuple[str, ...]]:
    product, known = found.steps["product"], found.known
    off = np.abs(np.log(product.estimated / product.measured))
    for m in np.lexsort((np.arange(len(off)), -off))[:WORST].tolist():
        one, other = known.points[known.pairs.a_m[m]].id, known.points[known.pairs.b_m[m]].id
        yield (f"{one} – {other}", found.step_m[m], f"{product.measured[m]:.1f} ms", f"{product.estimated[m]:.1f} ms")


def lines_csv(catalog: Catalog) -> str:
    """`network/lines.csv` as fitted to all pairs of the catalog."""
    text = StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(("continent_a", "continent_b", "intercept_ms", "ms_per_km", "ratio_q10", "ratio_q90", "p95_over_p50", "pairs",
           "as_of", "source_id"))  # fmt: skip
    for (one, other), line in fitted_lines(catalog, measured(catalog.network)).items():
        p95 = micro_text(line.p95_micro) if line.p95_micro else ""
        figures = (line.intercept_micro, line.slope_micro, line.low_micro, line.high_micro)
        write((one, other, *map(micro_text, figures), p95, line.pairs, line.as_of, line.source_id))
    return text.getvalue()


def main() -> None:
    catalog, facts = load_catalog([ROOT / "catalogs"], None), read()
    if sys.argv[1:] == ["--fit"]:
        LINES.write_text(lines_csv(catalog), encoding="utf-8")
        for step, (low, high) in bands_of(catalog).items():
            print(f"rtt_{step}_low_ratio {low}, rtt_{step}_high_ratio {high}")
        ROOFLINE.write_text(roofline_csv(facts), encoding="utf-8")
        TRAINING.write_text(training_csv(facts), encoding="utf-8")
        low, high = sizing_accuracy.expert_band(all_parts(facts, language_runs(facts)))
        print(f"roofline_moe_low_ratio {low:.3f}, roofline_moe_high_ratio {high:.3f}")
        return
    for path, text in zip((DOCUMENT, PICTURE, SIZES), document(catalog, facts), strict=True):
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
