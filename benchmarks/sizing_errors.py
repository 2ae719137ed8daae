"""What the models of sizes make of measurements that they were not fitted to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sizing_data import Facts, Row
from sizing_fit import (
    LOOPS,
    MOST_CONCURRENCY,
    TABLES,
    Constants,
    Runs,
    as_planned,
    fit_runs,
    fitted,
    measured,
    pipelined,
    runs_of,
    tokens,
)
from sizing_ratios import left_out, pairs
from sizing_tables import (
    Held,
    joined,
    raced,
    share_of_peak,
    training_groups,
    without_each_accelerator,
    without_each_run,
    without_each_setting,
)

from placement.engine.arrays import Floats
from placement.engine.work.evidence import LIKE

VLLM = "ROCm vLLM"

EXPERTS_SPREAD = "qwen3-235b-a22b"
"""A mixture of experts that was run with each expert on one accelerator alone."""


class Part(NamedTuple):
    """A model of sizes on a split; arrays in units per second and accelerator."""

    key: str
    words: str
    group: str
    """What it is drawn as; empty if it is not drawn."""
    bar: tuple[float, float] | None
    """Median and P90 error [%] of the study that the models come from."""
    predicted: Floats
    measured: Floats

    def errors(self) -> tuple[float, float]:
        """Median and P90 of |predicted ÷ measured − 1| [%]."""
        off = np.abs(self.predicted / self.measured - 1)
        return 100 * float(np.median(off)), 100 * float(np.quantile(off, 0.9))

    def within(self) -> bool:
        """Whether both errors, as printed, are no greater than the bar."""
        return self.bar is None or all(round(mine, 1) <= bar for mine, bar in zip(self.errors(), self.bar, strict=True))


def all_parts(facts: Facts, runs: Runs) -> list[Part]:
    """Every split, in the order of the page."""
    fit = fit_runs(facts, runs)
    return [*serving(facts, runs, fit), *ratios(facts), *training(facts)]


def serving(facts: Facts, runs: Runs, fit: Runs) -> list[Part]:
    """Splits of the roofline."""
    offline, loops = _of(fit, TABLES), _of(fit, LOOPS)
    vllm = runs.of(lambda row: row.benchmark.startswith(VLLM) and 0 < row.concurrency <= MOST_CONCURRENCY)
    constants = fitted(fit)
    shared = runs.of(lambda row: facts.experts(row) and row.model != EXPERTS_SPREAD and not pipelined(row))
    spread = runs.of(lambda row: row.model == EXPERTS_SPREAD)
    crowded = runs.of(lambda row: row.concurrency > MOST_CONCURRENCY)
    return [
        _part("accelerator", "roofline, one accelerator left out", "LLM serving", (9.6, 31.0),
              without_each_accelerator(fit, fit)),
        _part("planned", "roofline, the same with 90 % of the memory, as in a plan", "", (9.6, 31.0),
              without_each_accelerator(fit, as_planned(facts, fit))),
        _part("framework", "roofline, fitted to TensorRT-LLM (offline and NIM's loops): vLLM's loops on MI300X",
              "LLM serving", (9.0, 29.0), _held(vllm, constants)),
        _part("loops", "roofline, fitted to offline runs alone: closed loops of NIM", "", (9.0, 29.0),
              _held(loops, fitted(offline))),
        _part("nearest", "roofline, set right by the most similar other run of the model on as many of the accelerator",
              "LLM serving", None, nearest(runs, constants)),
        _part("speed", "roofline, AMD's runs by the speed that other evidence gives", "", None,
              without_each_setting(facts, runs, constants)),
        _part("crowded", f"roofline, known bad: closed loops of more than {MOST_CONCURRENCY} requests", "", None,
              _held(crowded, constants)),
        _part("experts", "roofline, mixtures of experts, split like other layers", "LLM serving", None,
              _held(shared, constants)),
        _part("spread", "roofline, known bad: mixtures of experts with expert parallelism", "", (41.0, 148.0),
              _held(spread, constants)),
        _part("pipeline", "roofline, cards without links, run as a pipeline", "", None,
              _held(runs.of(lambda row: pipelined(row) and not facts.experts(row)), constants)),
    ]  # fmt: skip


def nearest(runs: Runs, constants: Constants) -> Held:
    """Runs predicted as the engine does with measurements: times measured ÷ predicted of the most similar other one.

    Of the same model, precision, and number of the same accelerator; lengths within `LIKE`, both together.
    """
    every = runs.of(lambda row: row.concurrency <= MOST_CONCURRENCY)
    predicted, truth = tokens(every, constants), measured(every)
    alike: dict[tuple[str, str, str, int], list[int]] = {}
    for at, row in enumerate(every.rows):
        alike.setdefault((row.model, row.accelerator, row.precision, row.accelerators), []).append(at)
    kept, found = [], []
    for members in alike.values():
        for at in members:
            others = sorted((_apart(every.rows[at], every.rows[other]), other) for other in members if other != at)
            if others and others[0][0] < LIKE:
                kept.append(at)
                found.append(predicted[at] * truth[others[0][1]] / predicted[others[0][1]])
    return Held([every.rows[at] for at in kept], np.array(found), truth[kept])


def _apart(one: Row, other: Row) -> float:
    """How many times the lengths differ, both together."""
    pairs = ((one.input_tokens, other.input_tokens), (one.output_tokens, other.output_tokens))
    return float(np.prod([max(a / b, b / a) for a, b in pairs]))


def _of(runs: Runs, benchmark: str) -> Runs:
    return runs.of(lambda row: row.benchmark.startswith(benchmark))


def _held(runs: Runs, constants: Constants) -> Held:
    return Held(runs.rows, tokens(runs, constants), measured(runs))


def _part(key: str, words: str, group: str, bar: tuple[float, float] | None, held: Held) -> Part:
    count = np.array([float(row.accelerators) for row in held.rows])
    return Part(key, words, group, bar, held.predicted / count, held.measured / count)


CLASSES = (
    ("llm", "language models", ("inference-llm-dense", "inference-llm-moe"), (15.0, 37.0)),
    ("encoder", "encoders (BERT)", ("inference-encoder",), (10.0, 22.0)),
    ("stricter", "encoders, with MLPerf's stricter accuracy class", ("inference-encoder",), None),
    ("image", "images (SDXL)", ("inference-image",), (9.0, 14.0)),
    ("vision", "vision (ResNet, RetinaNet, 3D U-Net)", ("inference-vision",), (6.0, 24.0)),
    ("speech", "speech (RNN-T, Whisper)", ("inference-speech",), None),
)


def ratios(facts: Facts) -> list[Part]:
    """A group's figure for an H100 SXM, times the ratio of the other groups."""
    found = []
    for key, words, classes, bar in CLASSES:
        kept, predicted = left_out(pairs(facts, classes, key == "stricter"))
        truth = np.array([pair.each for pair in kept])
        drawn, split = "" if key == "stricter" else "ratios", f"ratio to an H100 SXM, {words}: one group left out"
        found.append(Part(key, split, drawn, bar, np.array(predicted), truth))
    return found


def outside_catalog(facts: Facts) -> tuple[int, int]:
    """How many ratios of `throughput.csv` can be formed anew from the rows here, and how many of them lie outside its
    P10 to P90 by more than a tenth."""
    known, off = 0, 0
    for group in sorted({group for group, _ in facts.ratios if group.startswith("inference")}):
        every = pairs(facts, (group,))
        for name in sorted({pair.accelerator for pair in every} & {one for of, one in facts.ratios if of == group}):
            ratio = float(np.median([pair.each / pair.anchor for pair in every if pair.accelerator == name]))
            _, low, high = facts.ratios[group, name]
            known, off = known + 1, off + (not low / 1.1 <= ratio <= high * 1.1)
    return known, off


def training(facts: Facts) -> list[Part]:
    """A run by the median share of the peak of other runs on the accelerator at the precision."""

    def part(key: str, words: str, group: str, bar: tuple[float, float] | None, kind: str) -> Part:
        groups = [rows for (_, _, its), rows in training_groups(facts, key == "races").items() if its == kind]
        held = joined([without_each_run(rows, key == "benchmark") for rows in groups])
        return Part(key, words, group, bar, held.predicted, held.measured)

    return [
        part("training", "training, share of the peak: one run left out", "training", (8.7, 43.0), "dense"),
        part("benchmark", "training, share of the peak: one benchmark left out", "", (8.7, 43.0), "dense"),
        part("races", "training, one run left out, those with too small a batch counted too", "", (8.7, 43.0), "dense"),
        _raced(facts),
        part("moe", "training, mixtures of experts: one run left out", "", None, "moe"),
        part("lora", "LoRA: one run left out", "training", None, "lora"),
    ]


def _raced(facts: Facts) -> Part:
    """Runs that were left out because their batch is too small for so many accelerators, by what all others reach."""
    groups, rows, predicted = training_groups(facts), [], []
    for row in facts.rows:
        group = groups.get((row.accelerator, row.precision, "dense"))
        if row.scenario == "training" and group and raced(facts, row) and not facts.experts(row):
            rows.append(row)
            share = float(np.median([value for _, value in group]))
            predicted.append(row.each * share / share_of_peak(facts, row))
    words = "training, known bad: more accelerators than the batch keeps busy"
    return Part("raced", words, "", None, np.array(predicted), np.array([row.each for row in rows]))


class Memory(NamedTuple):
    """What the rule of memory says of the cells of a published table."""

    cells: int
    ran: int
    ran_said_no: int
    said_no: int
    absent_said_no: int
    others_ran: int
    """Runs of other tables."""
    others_said_no: int


def memory(facts: Facts, runs: Runs) -> Memory:
    """TensorRT-LLM 0.14, Llama 3.1 70B: every precision and accelerator on 1, 2, 4 and 8 of them, at every length."""
    table = runs.of(lambda row: row.benchmark == f"{TABLES} v0.14" and row.model == "llama-3.1-70b")
    ran = {_cell(row) for row in table.rows}
    grid = [
        row._replace(accelerators=count, input_tokens=isl, output_tokens=osl)
        for row in {(row.accelerator, row.precision): row for row in table.rows}.values()
        for count in (1, 2, 4, 8)
        for isl, osl in sorted({(row.input_tokens, row.output_tokens) for row in table.rows})
    ]
    fits = dict(zip(map(_cell, grid), fitting(facts, grid), strict=True))
    others = _of(runs, TABLES).of(lambda row: _cell(row) not in ran)
    no = {cell for cell, room in fits.items() if not room}
    return Memory(
        len(fits), len(ran), len(ran & no), len(no), len(no - ran), len(others.rows), int((others.batch_m < 1).sum())
    )


def _cell(row: Row) -> tuple[str, str, str, int, float, float]:
    return (row.model, row.accelerator, row.precision, row.accelerators, row.input_tokens, row.output_tokens)


def fitting(facts: Facts, rows: list[Row]) -> list[bool]:
    """Whether at least one request fits beside the weights, as plans count memory."""
    planned = [row._replace(benchmark="") for row in rows]
    return [bool(batch >= 1) for batch in runs_of(facts, planned).batch_m]
