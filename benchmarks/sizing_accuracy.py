"""How sure sizes are: the part of `docs/accuracy.md` on work, and the picture beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sizing_data import Facts
from sizing_errors import Memory, Part, all_parts, memory, outside_catalog
from sizing_fit import MOST_CONCURRENCY, PRECISIONS, Constants, Runs, fit_runs, fitted
from sizing_plot import plot
from sizing_tables import Held, joined, settings, speeds

INTRODUCTION = """## How sure sizes are

A plan sizes work by a measurement of the same model, by ratios between accelerators, by a roofline of how language
models are served, or by the share of its peak that an accelerator reaches in training. All these figures are fitted to
`catalogs/measured.csv`, {rows:,} published measurements. Here measurements are predicted by fits that did not see them.
*Error* is |predicted ÷ measured − 1|. The *bar* is what a study of the same models reached before, with rows that
cannot all be published here.
"""

READING = """Bars that are not reached:

{missed}

How to read this:

- vLLM's loops are of AMD's MI300X, and no row of that fit is of AMD: the difference in software counts as an error.
- Offline runs have large batches and do not say how long a layer takes to launch, so that loops of few requests come
  out too fast. The bar was reached on loops of frameworks whose rows are not in the catalog. The constants of the
  catalog are fitted to NIM's loops too.
- Loops of more than {most} requests queue, and are slower than predicted.
- Accelerators may serve as a pipeline, each with layers of its own. Cards without links are better so: as one they
  would be predicted at half of what was measured, or less.
- The share of the peak is that of runs that keep their accelerators busy, and holds for no others. Left out are batches
  with fewer sequences than there are copies of the model, sequences of more than 8,192 tokens (their attention costs
  more), and LoRA on more than 16 accelerators.
- Runs of TensorRT-LLM's tables count with 95 % of the memory, as they were run. Plans count with 90 %, and so do the
  bands in `roofline.csv`.
- A group of ratios is a model, a benchmark of one version, a scenario and lengths. Of several precisions and numbers of
  accelerators the best counts. Of MLPerf's accuracy classes it is the usual one: together with the
  stricter class, which may need another precision, ratios of encoders are no good.
- {known} ratios of `catalogs/throughput.csv` can be formed anew from these rows. {off} of them lie outside its P10 to
  P90 by more than a tenth.
"""

BANDS = """### Constants and bands

The roofline as fitted to all of these rows takes these shares of the peaks, and times per layer:

{constants}
AMD's accelerators take the same at a speed of their own:
{speeds}.
Their bands are wide: by vLLM's loops of few requests the MI300X has a speed of {fast:.1f}, by MLPerf {slow:.1f}. The
MI350X and MI355X rest on the ratio of their class alone. Of mixtures of experts, measured ÷ predicted is {low:.2f} to
{high:.2f} (P10 to P90). Plans take the wider {taken_low:g} to {taken_high:g} of `catalogs/assumptions.yaml`, which the
study found on further published measurements (its source `t016`) that cannot all stand here.

### Memory

TensorRT-LLM 0.14 has a table of Llama 3.1 70B with {m.cells} cells: by accelerator, precision, 1 to 8 accelerators, and
lengths. Of the {m.ran} that ran, plans would say of {m.ran_said_no} that they do not fit. They say so of {m.said_no}
cells, and {m.absent_said_no} of these are empty. They say so of {m.others_said_no} of the {m.others_ran} runs in its
other tables.
"""


def part(facts: Facts, runs: Runs, taken: tuple[float, float]) -> tuple[str, str]:
    """The part of the page, and its picture; *taken*: the band of mixtures of experts in plans."""
    parts = all_parts(facts, runs)
    missed = "\n".join(f"- {_missed(one)}" for one in parts if not one.within()) or "- none"
    known, off = outside_catalog(facts)
    text = [
        INTRODUCTION.format(rows=len(facts.rows)),
        _table(parts),
        READING.format(missed=missed, most=MOST_CONCURRENCY, known=known, off=off),
        "![Predicted against measured throughput of what was left out](sizing.svg)\n",
        _bands(facts, runs, parts, memory(facts, runs), taken),
    ]
    return "\n".join(text), plot(parts)


def _table(parts: list[Part]) -> str:
    head = ("model and split", "measurements", "median error", "P90 error", "bar: median", "P90")
    lines = [head, ("---", *("---:",) * (len(head) - 1)), *_lines(parts)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _lines(parts: list[Part]) -> Iterator[tuple[str, ...]]:
    for one in parts:
        figures = [f"{value:.1f} %" for value in one.errors()]
        bars = [f"{value:g} %" for value in one.bar] if one.bar else ["", ""]
        yield (one.words, f"{len(one.measured):,}", *figures, *bars)


def _missed(one: Part) -> str:
    return f"{one.words}: {' / '.join(f'{value:.1f}' for value in one.errors())} %"


def _bands(facts: Facts, runs: Runs, parts: list[Part], found: Memory, taken: tuple[float, float]) -> str:
    constants = fitted(fit_runs(facts, runs))
    of = settings(facts, runs, constants)["MI300X"]
    evidence = [float(np.median(kind)) for kind in of.values()]
    low, high = expert_band(parts)
    return BANDS.format(
        constants="".join(f"| {' | '.join(cells)} |\n" for cells in _constants(constants)),
        speeds=", ".join(f"{name} {speed:g}" for name, (speed, _) in speeds(facts, runs, constants).items()),
        fast=max(evidence),
        slow=min(evidence),
        low=low,
        high=high,
        taken_low=taken[0],
        taken_high=taken[1],
        m=found,
    )


def _constants(constants: Constants) -> Iterator[tuple[str, ...]]:
    yield ("precision", "memory bandwidth", "arithmetic", "links", "a layer", "exchanging its results")
    yield ("---", *("---:",) * 5)
    link, layer, reduce = constants[6:]
    for at, precision in enumerate(PRECISIONS):
        yield (
            precision,
            *(f"{value:g}" for value in (constants[at], constants[3 + at], link)),
            f"{layer:g} µs",
            f"{reduce:g} µs",
        )


def expert_band(parts: list[Part]) -> tuple[float, float]:
    """P10 and P90 of measured ÷ predicted of mixtures of experts, whichever way they were split."""
    every = [Held([], one.predicted, one.measured) for one in parts if one.key in ("experts", "spread")]
    return joined(every).band()
