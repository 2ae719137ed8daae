"""The oracle's arithmetic: plain integers, fractions and decimals, written from `docs/costs.md`.

Quantities are whole thousandths, prices whole micro-dollars; other roundings are half-even, which is what `round`
does to a `Fraction`.
"""

import math
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

from placement.catalog.tables import Fact, Tariff

RADIUS_KM = 6371.0088


def exact(value: float) -> Fraction:
    return Fraction(str(value))


def thousandths(value: float) -> int:
    return round(exact(value) * 1000)


def millionths(value: float) -> int:
    return round(exact(value) * 1_000_000)


def ceil_div(left: int, right: int) -> int:
    return -(-left // right)


def product(quantity_milli: int, price_micro: int) -> int:
    return math.floor(Fraction(quantity_milli * price_micro, 1000) + Fraction(1, 2))


def power_of_two(value: int) -> int:
    result = 1
    while result < value:
        result *= 2
    return result


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> Fraction:
    """The haversine formula, to 0.1 km."""
    phi_a, phi_b = math.radians(a[0]), math.radians(b[0])
    across = math.sin((phi_b - phi_a) / 2) ** 2
    along = math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return Fraction(round(2 * RADIUS_KM * math.asin(min(1.0, math.sqrt(across + along))) * 10), 10)


def annuity_micro(capex: Fraction | int, yearly: Fraction, months: int, worth: Fraction | int) -> int:
    """Whole cents a month, half-even, in micro-dollars; *worth* is what is left at the end."""
    with localcontext() as context:
        context.prec = 60
        growth = ((1 + Decimal(yearly.numerator) / yearly.denominator).ln() / 12).exp()
        shrunk = (months * growth.ln() * -1).exp()
        share = (growth - 1) / (1 - shrunk) if yearly else 1 / Decimal(months)
        bought, left = (Decimal(Fraction(one).numerator) / Fraction(one).denominator for one in (capex, worth))
        payment = (bought - left * shrunk) * share
        return round(Fraction(payment) / 10_000) * 10_000


def restart_multiplier(up: Fraction, checkpoint: Fraction, restart: Fraction) -> int:
    """M·e^(R/M)·(e^((τ+δ)/M) − 1) ÷ τ in thousandths, rounded up."""
    with localcontext() as context:
        context.prec = 60
        m, delta, r = (Decimal(value.numerator) / value.denominator for value in (up, checkpoint, restart))
        tau = (2 * delta * m).sqrt() - delta if delta <= m / 2 else m / 2
        hours = m * (r / m).exp() * (((tau + delta) / m).exp() - 1) / tau
        return int((hours * 1000).to_integral_value(ROUND_CEILING))


def units_to_pay(total: int, group: int, units: int, per_node: int) -> int:
    """Instances or smallest orders, so that every group finds its accelerators."""
    if units < per_node:
        return ceil_div(total, units)
    groups = total // group
    nodes = ceil_div(groups, per_node // group) if group <= per_node else groups * ceil_div(group, per_node)
    return ceil_div(nodes * per_node, units)


def tariff_of(tariff: Tariff | None, otherwise: Fact) -> list[tuple[int, int]]:
    """(from, price) by tier."""
    return list(tariff.tiers) if tariff is not None else [(0, otherwise.micro)]


def tiered(tiers: list[tuple[int, int]], volume_milli: int, before_milli: int = 0) -> int:
    """Each tier's part of the volume at that tier's price, where so much comes before; nothing where nobody charges."""
    total = 0
    for number, (start, price) in enumerate(tiers):
        end = tiers[number + 1][0] if number + 1 < len(tiers) else before_milli + volume_milli
        first, last = max(before_milli, start), min(before_milli + volume_milli, end)
        total += product(max(0, last - first), price)
    return total
