"""Constants of the model that shape cost lines, and how a plan says so."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Model(NamedTuple):
    """A model constant, the lines it shapes, and how to say it."""

    name: str
    text: str
    term: str
    """Of the lines."""
    purchase: str = ""
    """Of the placements; empty for any."""
    several: bool | None = None
    """Only of several nodes together, or only of one; None for any number."""


MODELS = (
    Model(
        "owned_life_months",
        "bought nodes are written off over {value} months unless stated otherwise",
        "hardware",
        "owned",
    ),
    Model(
        "owned_residual_fraction",
        "bought nodes are worth {value} of their price at the end of that life",
        "hardware",
        "owned",
    ),
    Model("discount_rate_fraction_per_year", "capital costs {value} a year (fraction)", "hardware", "owned"),
    Model(
        "rental_price_change_fraction_per_year",
        "rental prices change by {value} a year (fraction); lines have today's price, and its average change",
        "price_change",
    ),
    Model("discount_rate_fraction_per_year", "capital costs {value} a year (fraction)", "upfront"),
    Model("lease_rate_fraction_per_year", "leases cost {value} a year (fraction)", "hardware", "lease"),
    Model("lease_term_months", "leases run {value} months and are paid in full", "hardware", "lease"),
    Model(
        "accelerator_failures_per_year",
        "{value} failures per accelerator and year, none under warranty",
        "spares",
    ),
    Model("power_load_fraction", "bought nodes draw {value} of their maximum power around the clock", "energy"),
    Model(
        "spot_mean_up_hours",
        "a single spot node runs {value} h between interruptions",
        "usage",
        "spot",
        several=False,
    ),
    Model(
        "spot_gang_mean_up_hours",
        "{gang} spot nodes together run {value} h between interruptions; other numbers run for a power of their number "
        "through this and that of one node",
        "usage",
        "spot",
        several=True,
    ),
    Model(
        "spot_available_fraction",
        "a single spot node is to be had {value} of the time; waiting for it takes time and is not paid",
        "usage",
        "spot",
        several=False,
    ),
    Model(
        "spot_gang_available_fraction",
        "{gang} spot nodes are to be had at once {value} of the time, other numbers in the same way; waiting for them "
        "takes time and is not paid",
        "usage",
        "spot",
        several=True,
    ),
)


@cache
def models_of(term: str, purchase: str, several: bool) -> tuple[tuple[str, ...], ...]:
    """The keys of the constants that shape such lines."""
    return tuple(
        ("model", model.name)
        for model in MODELS
        if model.term == term and model.purchase in ("", purchase) and model.several in (None, several)
    )
