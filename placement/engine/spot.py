"""How long spot capacity lasts, how often it can be had, and what an interrupted job pays for an hour of work.

Daly's model: with mean time to interruption M, checkpoint time δ and restart time R, checkpointing every
τ = √(2δM) − δ makes the expected paid time M·e^(R/M)·(e^((τ+δ)/M) − 1)/τ per hour of work.
J. T. Daly, "A higher order estimate of the optimum checkpoint interval for restart dumps", FGCS 22 (2006).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement.catalog.tables import Catalog
from placement.engine.arrays import Floats
from placement.engine.elementary import exp, ln
from placement.units import MICRO, MILLI

MOST_MILLI = 1000 * MILLI
"""Paid hours per hour of work are counted up to here; who pays a thousand gets nowhere."""

_SECONDS = 3600


class SpotTerms(NamedTuple):
    """What the catalog says of spot capacity."""

    up_hours: float
    """Mean time to an interruption of one node, and of a gang of so many, which is interrupted when any of them is."""
    gang_up_hours: float
    available_fraction: float
    """Share of the time in which one node can be had, and in which all of a gang can."""
    gang_available_fraction: float
    gang_nodes: float
    restart_hours: float
    checkpoint_milli: float
    """To write a checkpoint of which the size is not known [thousandths of an hour]."""
    write_micro: float
    """What a node writes [millionths of GB/s]."""


def spot_terms(catalog: Catalog) -> SpotTerms:
    """The figures as the catalog has them; a gang is never up longer, or to be had more often, than one node."""

    def figure(name: str) -> int:
        return catalog.assumption(name).micro

    up, gang_up = figure("spot_mean_up_hours"), figure("spot_gang_mean_up_hours")
    there, gang_there = figure("spot_available_fraction"), figure("spot_gang_available_fraction")
    return SpotTerms(
        up / MICRO,
        min(up, gang_up) / MICRO,
        there / MICRO,
        min(there, gang_there) / MICRO,
        figure("spot_gang_nodes") / MICRO,
        figure("spot_restart_hours") / MICRO,
        float(np.ceil(figure("spot_checkpoint_hours") / MILLI)),
        float(figure("checkpoint_gb_per_s")),
    )


def checkpoint_milli(size_milli_gb: Floats, nodes: Floats, write_micro: float) -> Floats:
    """Time to write a checkpoint of such a size from so many nodes, each its part [thousandths of an hour], from 1."""
    seconds_milli = size_milli_gb * MICRO / (nodes * write_micro * _SECONDS)
    return np.maximum(np.ceil(seconds_milli), 1.0)


def mean_up_hours(terms: SpotTerms, nodes: Floats) -> Floats:
    """Mean time to an interruption of a gang: a power of its nodes, through both figures of the catalog."""
    return _between(terms.up_hours, terms.gang_up_hours, terms, nodes)


def available_fraction(terms: SpotTerms, nodes: Floats) -> Floats:
    """Share of the time in which a gang can be had: a power of its nodes, through both figures of the catalog."""
    return _between(terms.available_fraction, terms.gang_available_fraction, terms, nodes)


def _between(one: float, gang: float, terms: SpotTerms, nodes: Floats) -> Floats:
    slope = ln(np.array(gang / one)) / ln(np.array(terms.gang_nodes))
    return one * exp(slope * ln(np.maximum(nodes, 1.0)))


def interval_hours(mean_hours: Floats, checkpoint_hours: Floats) -> Floats:
    """Work between two checkpoints: √(2δM) − δ, which falls again beyond δ = M/2, where it is M/2; held there."""
    interval = np.sqrt(2 * checkpoint_hours * mean_hours) - checkpoint_hours
    return np.where(checkpoint_hours > mean_hours / 2, mean_hours / 2, interval)


def paid_hours_milli(mean_hours: Floats, checkpoint_hours: Floats, restart_hours: float) -> Floats:
    """M·e^(R/M)·(e^((τ+δ)/M) − 1)/τ in thousandths, rounded up; `MOST_MILLI` at most."""
    interval = interval_hours(mean_hours, checkpoint_hours)
    again = exp(np.asarray(restart_hours / mean_hours))
    hours = mean_hours * again * (exp((interval + checkpoint_hours) / mean_hours) - 1) / interval
    return np.minimum(np.ceil(hours * MILLI), float(MOST_MILLI))


def gang_paid_milli(terms: SpotTerms, nodes: Floats, written_milli: Floats) -> Floats:
    """The same of a gang of so many nodes whose checkpoint takes so long [thousandths of an hour]."""
    return paid_hours_milli(mean_up_hours(terms, nodes), written_milli / MILLI, terms.restart_hours)
