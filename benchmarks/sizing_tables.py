"""`catalogs/roofline.csv` and `catalogs/training.csv`, as fitted to `catalogs/measured.csv` and nothing else."""

from __future__ import annotations

import csv
from collections import defaultdict
from io import StringIO
from typing import NamedTuple

import numpy as np
from sizing_data import CATALOGS, Facts, Row
from sizing_fit import (
    PRECISIONS,
    Constants,
    Runs,
    as_planned,
    fit_runs,
    fitted,
    language_runs,
    measured,
    runs_of,
    tokens,
)

from placement.engine.arrays import Floats

ROOFLINE, TRAINING = CATALOGS / "roofline.csv", CATALOGS / "training.csv"

AS_OF, SOURCE = "2026-11", "t020"

SCALING = 0.962
"""What is left of an accelerator's training speed with every doubling beyond `SCALED`, as plans take it."""

SCALED = 512

LONGEST = 8192
"""Tokens in a training sequence, at most: attention to longer ones costs more arithmetic than parameters tell of."""

STATE_BYTES = 18
"""Of a parameter in training, at full precision of its gradients."""

FEW_ACCELERATORS = 16
"""LoRA runs on more are of a data set so small that most of the time is not spent on it."""

FEWEST = 5
"""Rows from which a band is an accelerator's own; with fewer it is that of all of its kind."""

FLOPS_PER_PARAMETER = {"training": 6, "lora": 4}

ROOFLINE_HEAD = (
    "vendor", "accelerator", "precision", "read_fraction", "compute_fraction", "link_fraction", "layer_us", "reduce_us",
    "speed", "low_ratio", "high_ratio", "rows", "as_of", "source_id", "note",
)  # fmt: skip
TRAINING_HEAD = (
    "accelerator", "precision", "kind", "mfu_fraction", "low_ratio", "high_ratio", "rows", "as_of", "source_id", "note",
)  # fmt: skip

AMD = ("MI300X", "MI325X", "MI350X", "MI355X")

_EVIDENCE = {
    "MI300X": "its runs with vLLM, and MLPerf",
    "MI325X": "MLPerf",
    "MI350X": "the ratio of its class",
    "MI355X": "the ratio of its class",
}

YARDSTICK = "H200-SXM"
"""Fits the model of MLPerf that AMD's accelerators ran on one, as they do."""

REPLY_TOKENS = {"llama-2-70b": 294.0, "mixtral-8x7b": 145.0}
"""Mean of MLPerf's data sets. The results name no input: requests are taken to be as long as replies, which hardly
changes how accelerators compare."""


class Held(NamedTuple):
    """Predictions of runs that were left out of the fit, and what was measured."""

    rows: list[Row]
    predicted: Floats
    measured: Floats

    def band(self) -> tuple[float, float]:
        """P10 and P90 of measured ÷ predicted."""
        low, high = (float(np.quantile(self.measured / self.predicted, share)) for share in (0.1, 0.9))
        return low, high


def without_each_accelerator(fit: Runs, seen: Runs) -> Held:
    """Every accelerator's runs, *seen* as they are, by constants that were fitted to all others'."""
    found = []
    for name in sorted({row.accelerator for row in fit.rows}):
        out, rest = _divided(seen, name)[0], _divided(fit, name)[1]
        found.append(Held(out.rows, tokens(out, fitted(rest)), measured(out)))
    return joined(found)


def _divided(runs: Runs, accelerator: str) -> tuple[Runs, Runs]:
    """Those of an accelerator, and all others."""
    return runs.of(lambda row: row.accelerator == accelerator), runs.of(lambda row: row.accelerator != accelerator)


def joined(parts: list[Held]) -> Held:
    """All of them, one after the other."""
    return Held(
        [row for part in parts for row in part.rows],
        np.concatenate([part.predicted for part in parts]),
        np.concatenate([part.measured for part in parts]),
    )


def settings(facts: Facts, runs: Runs, constants: Constants) -> dict[str, dict[str, Floats]]:
    """By accelerator of AMD and kind of evidence: measured ÷ what the constants of NVIDIA's give.

    A framework's own runs count as they are. MLPerf's count relative to those of the yardstick in the same round, and
    so do the class ratios of accelerators that no run is known of.
    """
    found: dict[str, dict[str, Floats]] = {name: {} for name in AMD}
    own = runs.of(lambda row: row.accelerator in AMD)
    ratios = measured(own) / tokens(own, constants)
    kinds = [(row.accelerator, f"{row.model} {row.scenario}") for row in own.rows]
    for name, words in sorted(set(kinds)):
        found[name][words] = ratios[np.array([kind == (name, words) for kind in kinds])]
    for name, words, ratio in _rounds(facts, constants):
        found[name][words] = np.array([ratio])
    for name in AMD:
        if not found[name]:
            found[name]["ratio of its class"] = np.array([_by_class(facts, constants, name)])
    return found


def _rounds(facts: Facts, constants: Constants) -> list[tuple[str, str, float]]:
    each: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.rows:
        mine = row.model in REPLY_TOKENS and row.precision == "fp8" and row.accelerator in (*AMD, YARDSTICK)
        if mine and row.benchmark.startswith("MLPerf Inference v5.1") and row.scenario in ("offline", "server"):
            each[row.model, row.scenario, row.benchmark][row.accelerator].append(row.each)
    found = []
    for (model, scenario, _), group in sorted(each.items()):
        yardstick = float(np.median(group[YARDSTICK])) / _alone(facts, constants, model, YARDSTICK, "fp8")
        for name in sorted(set(group) & set(AMD)):
            ratio = float(np.median(group[name])) / _alone(facts, constants, model, name, "fp8")
            found.append((name, f"MLPerf {model} {scenario}", ratio / yardstick))
    return found


def _by_class(facts: Facts, constants: Constants, name: str) -> float:
    """Of an accelerator with fp4, as MLPerf's open division ran it."""
    ratio = facts.ratios["inference-llm-dense", name][0] / facts.ratios["inference-llm-dense", YARDSTICK][0]
    mine, other = (
        _alone(facts, constants, "llama-2-70b", one, precision)
        for one, precision in ((name, "fp4"), (YARDSTICK, "fp8"))
    )
    return ratio * other / mine


def _alone(facts: Facts, constants: Constants, model: str, accelerator: str, precision: str) -> float:
    """Tokens per second of one accelerator with as many requests of MLPerf's data set as fit."""
    length = REPLY_TOKENS[model]
    row = Row(model, "offline", accelerator, 1, precision, length, length, 0.0, 1.0, "")
    return float(tokens(runs_of(facts, [row]), constants)[0])


def speeds(facts: Facts, runs: Runs, constants: Constants) -> dict[str, tuple[float, int]]:
    """The median over kinds of evidence of AMD's speed, relative to the constants of NVIDIA's; and rows it rests on."""
    found = settings(facts, runs, constants)
    return {
        name: (
            round(float(np.median([np.median(kind) for kind in kinds.values()])), 3),
            sum(len(kind) for kind in kinds.values()),
        )
        for name, kinds in found.items()
    }


def without_each_setting(facts: Facts, runs: Runs, constants: Constants) -> Held:
    """Every run on AMD's accelerators by the speed that all other kinds of evidence give."""
    own = runs.of(lambda row: row.accelerator in AMD)
    found = settings(facts, runs, constants)
    speed = [_rest(found[row.accelerator], f"{row.model} {row.scenario}") for row in own.rows]
    return Held(own.rows, tokens(own, constants) * speed, measured(own))


def band_of_settings(facts: Facts, runs: Runs, constants: Constants) -> tuple[float, float]:
    """P10 and P90 of AMD's speed by one kind of evidence ÷ that by all others of the accelerator: each counts once."""
    found = [kinds for kinds in settings(facts, runs, constants).values() if len(kinds) > 1]
    ratios = [float(np.median(kind)) / _rest(kinds, words) for kinds in found for words, kind in kinds.items()]
    return float(np.quantile(ratios, 0.1)), float(np.quantile(ratios, 0.9))


def _rest(kinds: dict[str, Floats], left_out: str) -> float:
    return float(np.median([np.median(kind) for words, kind in kinds.items() if words != left_out]))


def roofline_csv(facts: Facts) -> str:
    """The constants of NVIDIA's accelerators by precision, and AMD's with a speed of its own."""
    every = language_runs(facts)
    runs = fit_runs(facts, every)
    constants = fitted(runs)
    held, amd = without_each_accelerator(runs, as_planned(facts, runs)), band_of_settings(facts, every, constants)
    lines = []
    for at, precision in enumerate(PRECISIONS):
        of = np.array([row.precision == precision for row in held.rows])
        band = Held([], held.predicted[of], held.measured[of]).band()
        note = "band: accelerators that were left out of the fit"
        lines.append(("NVIDIA", "*", precision, *_figures(constants, at), 1, *_bounds(band), int(of.sum()), note))
    for name, (speed, count) in speeds(facts, every, constants).items():
        for at, precision in enumerate(PRECISIONS):
            if not np.isnan(facts.chips[name].flops[precision]):
                note = (
                    f"NVIDIA's constants at a speed of its own: {_EVIDENCE[name]}; band: one kind of evidence by others"
                )
                lines.append(("AMD", name, precision, *_figures(constants, at), speed, *_bounds(amd), count, note))
    return _csv(ROOFLINE_HEAD, [(*line[:-1], AS_OF, SOURCE, line[-1]) for line in lines])


def _figures(constants: Constants, at: int) -> tuple[float, ...]:
    return tuple(float(constants[place]) for place in (at, 3 + at, 6, 7, 8))


def _bounds(band: tuple[float, float]) -> tuple[float, float]:
    """To 0.001, and never on one side of 1."""
    return min(round(band[0], 3), 1.0), max(round(band[1], 3), 1.0)


Group = tuple[str, str, str]
"""Accelerator, precision and kind (dense, moe, lora)."""


def training_groups(facts: Facts, races: bool = False) -> dict[Group, list[tuple[Row, float]]]:
    """Training runs with the share of the bf16 peak each made use of, as if on no more than `SCALED` accelerators.

    Races count only if asked for. Runs that do not name their precision count where none of the accelerator's does, as
    of fp8 if it has that.
    """
    found: dict[Group, list[tuple[Row, float]]] = defaultdict(list)
    unnamed: dict[Group, list[tuple[Row, float]]] = defaultdict(list)
    for row in facts.rows:
        if row.scenario not in FLOPS_PER_PARAMETER or np.isnan(_peak(facts, row)) or row.input_tokens > LONGEST:
            continue
        lora = row.scenario == "lora"
        if row.accelerators > FEW_ACCELERATORS if lora else raced(facts, row) and not races:
            continue
        kind = "lora" if lora else "moe" if facts.experts(row) else "dense"
        taken = row.precision or ("bf16" if np.isnan(facts.chips[row.accelerator].flops["fp8"]) else "fp8")
        (found if row.precision else unnamed)[row.accelerator, taken, kind].append((row, share_of_peak(facts, row)))
    named = {(accelerator, kind) for accelerator, _, kind in found}
    found.update({key: rows for key, rows in unnamed.items() if (key[0], key[2]) not in named})
    return dict(sorted(found.items()))


def share_of_peak(facts: Facts, row: Row) -> float:
    """Of an accelerator's bf16 peak, what a training run made use of."""
    flops = FLOPS_PER_PARAMETER[row.scenario] * facts.models[row.model].active * row.each
    return flops / _peak(facts, row) / scaled(row.accelerators)


def _peak(facts: Facts, row: Row) -> float:
    return facts.chips[row.accelerator].flops["bf16"]


def raced(facts: Facts, row: Row) -> bool:
    """Whether a batch has fewer sequences than the accelerators hold copies of the model: the rest have nothing to do.

    So it is in benchmarks that are won by the time to train. Batches that are not stated count as large enough.
    """
    memory = row.accelerators * facts.chips[row.accelerator].memory_bytes
    return 0 < row.concurrency < memory / (STATE_BYTES * facts.models[row.model].parameters)


def scaled(accelerators: int) -> float:
    """What is left of an accelerator's speed in a job of so many."""
    return float(SCALING ** max(0.0, np.log2(accelerators / SCALED)))


def without_each_run(group: list[tuple[Row, float]], benchmark: bool = False) -> Held:
    """Every run of a group by the median of the others; of other benchmarks alone, if asked."""
    rows, predicted, truth = [], [], []
    for at, (row, share) in enumerate(group):
        others = [
            value
            for place, (other, value) in enumerate(group)
            if (_work(other) != _work(row) if benchmark else place != at)
        ]
        if others:
            rows.append(row)
            predicted.append(row.each / share * float(np.median(others)))
            truth.append(row.each)
    return Held(rows, np.array(predicted), np.array(truth))


def _work(row: Row) -> tuple[str, str]:
    """A benchmark of any version."""
    return row.benchmark.partition(" v")[0], row.model


def training_csv(facts: Facts) -> str:
    """The median share of the bf16 peak by accelerator, precision and kind."""
    groups = training_groups(facts)
    lines = []
    for (accelerator, precision, kind), group in groups.items():
        same = [other for (_, _, its), other in groups.items() if its == kind]
        own = len(group) >= FEWEST
        held = without_each_run(group) if own else joined([without_each_run(other) for other in same])
        share = round(float(np.median([value for _, value in group])), 3)
        note = ", ".join(sorted({row.model for row, _ in group}))
        note += "" if group[0][0].precision else "; precision taken, not stated"
        note += "" if own else "; band of all of its kind"
        lines.append((accelerator, precision, kind, share, *_bounds(held.band()), len(group), AS_OF, SOURCE, note))
    return _csv(TRAINING_HEAD, lines)


def _csv(head: tuple[str, ...], lines: list[tuple[object, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[f"{cell:g}" if isinstance(cell, float) else cell for cell in line] for line in lines])
    return text.getvalue()
