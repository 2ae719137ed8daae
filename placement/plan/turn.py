"""Where rental prices would turn a decision."""

from typing import NamedTuple


class PriceTurn(NamedTuple):
    """Which of the alternatives would cost no more than bought nodes, and how rental prices have to change for that."""

    offer: str
    change_fraction_per_year: str
    """From this change a year on downwards, to the thousandth."""
