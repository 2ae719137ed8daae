"""What a purchase costs per month, and what a term of commitment costs per month of the plan."""

from __future__ import annotations

from decimal import Decimal, localcontext

from placement.units import HOURS_PER_MONTH, MICRO, MICRO_PER_CENT, MILLI


def monthly_payment_micro(capex_micro: int, yearly_rate_micro: int, months: int, residual_micro: int = 0) -> int:
    """Level monthly payment [micro-USD, whole cents] that repays *capex* less the present value of the *residual*.

    A(r, n) = r / (1 − (1 + r)^−n) with r the monthly rate (1 + yearly)^(1/12) − 1; 1/n when r is zero.
    The rate is in millionths; the residual is what it is worth when the months are over [micro-USD].
    """
    with localcontext() as context:
        context.prec = 40
        yearly = Decimal(yearly_rate_micro) / MICRO
        growth = (1 + yearly) ** (Decimal(1) / 12)
        rate = growth - 1
        factor = rate / (1 - growth**-months) if yearly else Decimal(1) / months
        payment = (capex_micro - residual_micro * growth**-months) * factor
        return int((payment / MICRO_PER_CENT).to_integral_value()) * MICRO_PER_CENT


def remaining_micro(payment_micro: int, yearly_rate_micro: int, months: int) -> int:
    """What is still owed when *months* level payments are left [micro-USD]: P · (1 − (1 + r)^−n) / r."""
    with localcontext() as context:
        context.prec = 40
        yearly = Decimal(yearly_rate_micro) / MICRO
        growth = (1 + yearly) ** (Decimal(1) / 12)
        factor = (1 - growth**-months) / (growth - 1) if yearly else Decimal(months)
        return int((payment_micro * factor).to_integral_value())


def charged_hours_milli(term_months: int, horizon_months: int) -> int:
    """Hours charged per month of the plan [thousandths]: every hour of every term that begins within the horizon."""
    terms = -(-horizon_months // term_months)
    return round(terms * term_months * HOURS_PER_MONTH * MILLI / horizon_months)
