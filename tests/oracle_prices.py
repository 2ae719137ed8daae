"""The oracle's view of rental prices over the horizon, month by month."""

from __future__ import annotations

from typing import Any

from oracle_arithmetic import exact, product


def rented_cost(oracle: Any, quantity_milli: int, price: int, term: int = 1) -> int:
    """Hours at today's price, and what it changes by on average; a price is kept for *term* months."""
    return product(quantity_milli, price) + product(quantity_milli, round(price * average_change(oracle, term)))


def average_change(oracle: Any, term: int) -> float:
    """The level price of the same present value ÷ today's, less 1: each term weighs what its first month is worth."""
    stated, rate = oracle.policies.rental_price_change_fraction_per_year, oracle.policies.discount_rate_fraction
    change = float(exact(stated) if stated is not None else oracle.figure("rental_price_change_fraction_per_year"))
    discount = float(exact(rate) if rate is not None else oracle.figure("discount_rate_fraction_per_year"))
    begins = range(0, oracle.inventory.horizon_months, term)
    worth = [(1 + discount) ** (-begin / 12) for begin in begins]
    prices = [(1 + change) ** (begin / 12) for begin in begins]
    return sum(w * p for w, p in zip(worth, prices, strict=True)) / sum(worth) - 1
