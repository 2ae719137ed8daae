"""How many hours an interrupted job pays for one hour of work.

Daly's model: with mean time to interruption M, checkpoint time δ and restart time R, checkpointing every
τ = √(2δM) − δ makes the expected wall time M·e^(R/M)·(e^((τ+δ)/M) − 1)/τ per hour of work.
J. T. Daly, "A higher order estimate of the optimum checkpoint interval for restart dumps", FGCS 22 (2006).
"""

from decimal import Decimal, localcontext
from typing import NamedTuple

from placement.catalog.tables import Catalog
from placement.units import MICRO, MILLI


class SpotTerms(NamedTuple):
    """Paid hours per hour of work, in thousandths: for one node, and for several that must all be up."""

    single_milli: int
    gang_milli: int


def spot_terms(catalog: Catalog) -> SpotTerms:
    """The multipliers from the catalog's interruption figures."""
    checkpoint = catalog.assumption("spot_checkpoint_hours").micro
    restart = catalog.assumption("spot_restart_hours").micro
    return SpotTerms(
        paid_hours_milli(catalog.assumption("spot_mean_up_hours").micro, checkpoint, restart),
        paid_hours_milli(catalog.assumption("spot_gang_mean_up_hours").micro, checkpoint, restart),
    )


def paid_hours_milli(mean_up_micro: int, checkpoint_micro: int, restart_micro: int) -> int:
    """M·e^(R/M)·(e^((τ+δ)/M) − 1)/τ in thousandths, rounded up; all times in millionths of an hour.

    Decimal arithmetic, so that every machine gets the same digits.
    """
    with localcontext() as context:
        context.prec = 40
        mean, checkpoint, restart = (
            Decimal(value) / MICRO for value in (mean_up_micro, checkpoint_micro, restart_micro)
        )
        interval = (2 * checkpoint * mean).sqrt() - checkpoint
        work = mean * (restart / mean).exp() * (((interval + checkpoint) / mean).exp() - 1) / interval
        return int((work * MILLI).to_integral_value(rounding="ROUND_CEILING"))
