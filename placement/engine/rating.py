"""How accelerators compare: the ratio of measured throughput and its spread."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from placement.catalog.tables import Ratio
from placement.engine.problem import Problem
from placement.engine.sizing import canonical
from placement.plan.model import Rating
from placement.units import MILLI


def reference_of(problem: Problem, w: int) -> str:
    """The accelerator a workload's need is stated in."""
    return canonical(problem.catalog, problem.workloads[w].demand.accelerators.model)


def _measured(problem: Problem, w: int, accelerator: str) -> tuple[Ratio, Ratio] | None:
    """The rows of *accelerator* and of the reference; None where they are the same."""
    reference = reference_of(problem, w)
    if accelerator == reference:
        return None
    rows = problem.catalog.ratios[problem.workloads[w].demand.accelerators.throughput_class or ""]
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


def low_milli(problem: Problem, w: int, accelerator: str) -> int | None:
    """The low end of the ratio in thousandths, rounded down; None where *accelerator* is the reference itself."""
    measured = _measured(problem, w, accelerator)
    if measured is None:
        return None
    other, base = measured
    return max(other.p10_milli * MILLI // base.p90_milli, 1)
