"""How accelerators compare: the ratio of measured throughput and its spread."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from placement.catalog.tables import Ratio
from placement.engine.problem import Problem
from placement.engine.sizing import canonical
from placement.engine.work.bands import band_of
from placement.engine.work.build import NO_WORK
from placement.plan.model import Rating
from placement.units import MILLI


def reference_of(problem: Problem, w: int) -> str:
    """The accelerator a workload's need is stated in; empty for work, which is stated in none."""
    demand = problem.workloads[w].demand.accelerators
    return canonical(problem.catalog, demand.model) if demand is not None else ""


def class_of(problem: Problem, w: int) -> str:
    """The class of ratios that a workload names; empty where it names none."""
    demand = problem.workloads[w].demand.accelerators
    return (demand.throughput_class or "") if demand is not None else ""


def _measured(problem: Problem, w: int, accelerator: str) -> tuple[Ratio, Ratio] | None:
    """The rows of *accelerator* and of the reference; None where they are the same."""
    reference = reference_of(problem, w)
    if accelerator == reference:
        return None
    rows = problem.catalog.ratios[class_of(problem, w)]
    return rows[accelerator], rows[reference]


def rating(problem: Problem, w: int, accelerator: str) -> Rating:
    """The ratio to the reference; both measurements vary, so its low end is p10 ÷ p90 and its high end p90 ÷ p10."""
    measured = _measured(problem, w, accelerator)
    return Rating("same") if measured is None else _compared(*measured)


@lru_cache(1024)
def _compared(other: Ratio, base: Ratio) -> Rating:
    return Rating(
        "ratio",
        _text(other.milli, base.milli),
        _text(other.p10_milli, base.p90_milli),
        _text(other.p90_milli, base.p10_milli),
        other.source_id,
        # The unit of all rows is 1 by definition, so only other rows without a spread are single measurements.
        any(row.p10_milli == row.p90_milli != MILLI for row in (other, base)),
    )


def _text(milli: int, base: int) -> str:
    return str((Decimal(milli) / Decimal(base)).quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN))


def low_milli(problem: Problem, w: int, accelerator: str, group: int) -> int | None:
    """The low end of the ratio in thousandths, rounded down, or of work as a part of what is known of it.

    *group*: accelerators of it that work as one. None where there is no band: *accelerator* is the reference itself,
    or the inventory states what it does.
    """
    works, recipe = problem.sizing.works, int(problem.sizing.recipe_w[w])
    if works is not None and recipe != NO_WORK:
        block = works.recipes.blocks[int(works.recipes.block_r[recipe])]
        number = works.known.groups.names.index(accelerator)
        low = band_of(works.known, block, works.recipes.said[recipe], number, group).low
        return max(int(low * MILLI), 1) if low < 1 else None
    measured = _measured(problem, w, accelerator)
    if measured is None:
        return None
    other, base = measured
    return max(other.p10_milli * MILLI // base.p90_milli, 1)
