"""The work of placed workloads, put into the words and figures of the plan."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import numpy as np

from placement.engine.arrays import Bools, Ints
from placement.engine.blocks import block_terms, charged_hours_milli
from placement.engine.chunk import Chunk, hours_milli
from placement.engine.problem import Problem
from placement.engine.search import NONE
from placement.engine.spot import checkpoint_milli
from placement.engine.spot_runs import course_of, mean_hours, p90_hours
from placement.engine.work.build import NO_WORK
from placement.engine.work.loads import growth_factors
from placement.engine.work.rated import Placed, Told, told_of
from placement.engine.work.recipes import AT_ONCE, TRAINING
from placement.engine.work.wanted import Wanted
from placement.inventory.members import base_of
from placement.inventory.recipe import Recipe
from placement.inventory.workload import Workload
from placement.plan.model import Layer, Rating, Work
from placement.units import HOURS_PER_MONTH, MILLI
from placement.words import BY_THE_HOUR, PURCHASES

_DIGITS = 6
_SIX = Decimal(1).scaleb(-_DIGITS)
_THREE = Decimal("0.001")


class Held(NamedTuple):
    """What layers are to the work."""

    able: float
    """Units a second they could do in the time that is paid for."""
    replicas: int
    """At the peak."""


class PlacedWork:
    """What is to be said of rows of a chunk that say what work they do."""

    def __init__(self, problem: Problem, chunk: Chunk, offer_w: Ints) -> None:
        self._problem = problem
        self._chunk = chunk
        self._told: dict[int, Told] = {}
        self._group: dict[int, int] = {}
        rows = np.flatnonzero((problem.sizing.recipe_w[chunk.w] != NO_WORK) & (offer_w != NONE))
        self._clock: dict[int, tuple[float, float]] = {}
        if len(rows):
            told, placed = _told(problem, chunk, rows, problem.supply.shape_o[offer_w[rows]])
            self._told = dict(zip(rows.tolist(), told, strict=True))
            self._group = dict(zip(rows.tolist(), placed.group_x.astype(np.int64).tolist(), strict=True))
            self._clock = self._on_spot(rows, offer_w)

    def __contains__(self, row: int) -> bool:
        return row in self._told

    def rating(self, row: int) -> Rating:
        """On what grounds the accelerator is rated, and the ends of its band."""
        told = self._told[row]
        low, high = (digits(told.per_second * part) for part in (told.band.low, told.band.high))
        return Rating(
            basis=told.band.basis,
            low=low,
            high=high,
            source_id=told.band.source_id,
            throughput=digits(told.per_second),
            unit=told.throughput_unit,
            evidence=told.band.evidence,
        )

    def able(self, row: int, layer: Layer) -> float:
        """Units a second that a layer could do in the time that is paid for."""
        return self._told[row].per_second / self.group(row) * layer.accelerators * self._paid(layer)

    def group(self, row: int) -> int:
        """Accelerators of a replica."""
        if not self._group[row]:
            raise AssertionError(f"row {row} is placed where it takes no accelerator")
        return self._group[row]

    def replicas(self, row: int, layer: Layer) -> int:
        """How many a layer is, at the peak."""
        return layer.accelerators_needed // self._group[row]

    def work(
        self, row: int, workload: Workload, layers: tuple[Layer, ...], held: Held, cost_cents: int, is_close: bool
    ) -> Work:
        """What it costs by its own unit, and how well it uses what is paid for."""
        told, group, layer = self._told[row], self.group(row), layers[0]
        recipe = self._recipe(row)
        served = _served_part(workload)
        units = told.units_per_month * served
        if workload.demand.video is not None:
            units = workload.demand.video.cameras * self._grown(recipe) * self._part(row) * served
        runs = told.units_per_month if recipe.form == TRAINING else 0.0
        took = self._took(row, layer, runs) if runs else ("", "")
        return Work(
            unit="camera-month" if workload.demand.video is not None else told.unit,
            units_per_month=digits(units),
            usd_per_unit=_ratio(Decimal(cost_cents) / 100, units),
            replicas=held.replicas,
            replica_accelerators=group,
            utilization_fraction=str(
                Decimal(min(told.done_per_second * served / held.able, 1.0) if held.able else 0).quantize(_THREE)
            ),
            run_hours=took[0],
            run_p90_hours=took[1],
            measure=self._measure(row, recipe, layer) if is_close else "",
        )

    def held(self, row: int, layer: Layer) -> Held:
        """What one layer is to the work."""
        return Held(self.able(row, layer), self.replicas(row, layer))

    def _paid(self, layer: Layer) -> float:
        """The part of the month for which its nodes are paid."""
        hours = float(layer.hours_per_month)
        if layer.purchase == "capacity_block":
            milli = charged_hours_milli(block_terms(self._problem.catalog), np.array(hours * MILLI))
            return float(milli) / (HOURS_PER_MONTH * MILLI)
        return hours / HOURS_PER_MONTH if layer.purchase in BY_THE_HOUR else 1.0

    def _grown(self, recipe: Recipe) -> float:
        """What the work has grown to on average over the horizon."""
        factors = growth_factors(recipe.growth_fraction_per_month, self._problem.horizon_months)
        return sum(factor * share for factor, share in factors)

    def _part(self, row: int) -> float:
        """Of all the workload's work, what this row is about."""
        return float(self._problem.sizing.fraction_w[self._chunk.w[row]])

    def _took(self, row: int, layer: Layer, runs: float) -> tuple[str, str]:
        """Hours on the clock of a run, expected and of nine in ten; on demand after spot it is done by its deadline."""
        if row in self._clock:
            mean, late = (digits(round(hours, 3)) for hours in self._clock[row])
            return mean, late
        hours = _ratio(Decimal(layer.hours_per_month), runs, _THREE)
        return hours, hours

    def _on_spot(self, rows: Ints, offer_w: Ints) -> dict[int, tuple[float, float]]:
        """The same of all rows that train on spot: hours alone there, expected and of nine in ten."""
        problem, chunk, inputs = self._problem, self._chunk, self._problem.sizing
        rows = np.array(
            [row for row in rows[_spot(problem, offer_w[rows])].tolist() if self._recipe(row).form == TRAINING],
            dtype=np.int64,
        )
        if not len(rows):
            return {}
        shapes = problem.supply.shape_o[offer_w[rows]]
        hours_wh = hours_milli(problem, chunk)
        runs = np.array([self._told[row].units_per_month for row in rows.tolist()])
        # Hours of a month are rounded up; of a run no more is said than is sure to be in time.
        work = np.maximum(hours_wh[rows, shapes] - 1, 0.0) / MILLI / np.maximum(runs, 1e-9)
        nodes = np.maximum(np.ceil(chunk.sizing.accelerators_wh[rows, shapes] / inputs.per_node_h[shapes]), 1.0)
        written = checkpoint_milli(inputs.checkpoint_milli_gb_w[chunk.w[rows]], nodes, problem.spot.write_micro)
        course = course_of(problem.spot, nodes, written)
        found = zip(mean_hours(course, work).tolist(), p90_hours(course, work).tolist(), strict=True)
        return dict(zip(rows.tolist(), found, strict=True))

    def _recipe(self, row: int) -> Recipe:
        works = self._problem.sizing.works
        if works is None:
            raise AssertionError("no workload says its work")
        return works.recipes.said[int(self._problem.sizing.recipe_w[row])]

    def _measure(self, row: int, recipe: Recipe, layer: Layer) -> str:
        """What measurement would tell more."""
        precision = f" in {recipe.precision}" if recipe.precision else ""
        lengths = (
            f", {recipe.input_tokens:g} tokens in and {recipe.output_tokens:g} out" if recipe.output_tokens else ""
        )
        many = f"{self._group[row]} × {layer.accelerator}"
        unit = "tokens" if recipe.unit == AT_ONCE else self._told[row].throughput_unit
        return f"{unit} per second of {recipe.model}{precision} on {many}{lengths}"


def _spot(problem: Problem, offers: Ints) -> Bools:
    return np.asarray(problem.supply.purchase_o[offers] == PURCHASES.index("spot"))


def told_on(problem: Problem, chunk: Chunk, shape: int) -> Told | None:
    """What is to be said of the first row of a chunk on a shape that can do it; None where it says accelerators."""
    if problem.sizing.recipe_w[chunk.w[0]] == NO_WORK:
        return None
    return _told(problem, chunk, np.zeros(1, dtype=np.int64), np.array([shape]))[0][0]


def _told(problem: Problem, chunk: Chunk, rows: Ints, shape_x: Ints) -> tuple[list[Told], Placed]:
    """Of rows of a chunk on a shape each."""
    inputs, w = problem.sizing, chunk.w[rows]
    if inputs.works is None or inputs.hardware is None:
        raise AssertionError("no workload says its work")
    placed = Placed(
        Wanted(inputs.recipe_w[w], inputs.load_w[w], inputs.fraction_w[w]),
        inputs.hardware.accelerator_h[shape_x],
        inputs.hardware.option_hk[shape_x],
        chunk.sizing.group_wh[rows, shape_x],
        chunk.sizing.accelerators_wh[rows, shape_x],
    )
    return told_of(inputs.works, placed), placed


def _served_part(workload: Workload) -> float:
    """Of the work that a site is there for, what it does while all are well: of `n` active sites each does an `n`th."""
    terms, number = workload.redundancy, base_of(workload)[1]
    if terms is None or number == 0:
        return 1.0
    if terms.mode == "active_active":
        return (terms.min_sites - 1) / terms.min_sites
    return 1.0 if number == 1 else 0.0


def digits(value: float) -> str:
    """Plain decimals to six significant digits."""
    if not value:
        return "0"
    decimal = Decimal(repr(value))
    kept = decimal.quantize(Decimal(1).scaleb(min(decimal.adjusted() - _DIGITS + 1, 0)), rounding=ROUND_HALF_EVEN)
    text = f"{kept:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ratio(amount: Decimal, units: float, step: Decimal = _SIX) -> str:
    """Empty where there are no units; of small amounts six significant digits at least."""
    if units <= 0:
        return ""
    each = amount / Decimal(repr(units))
    if step == _SIX and each:
        step = Decimal(1).scaleb(min(each.adjusted() - _DIGITS + 1, -_DIGITS))
    return f"{each.quantize(step, rounding=ROUND_HALF_EVEN):f}"
