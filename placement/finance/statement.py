"""The cash-flow statement of a plan: every line's money added up by month, and held against what is paid today."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import accumulate
from typing import NamedTuple

from placement.finance.cash import Flow, Months, flow_of
from placement.finance.months import Month
from placement.plan.commitment import Commitment
from placement.plan.model import Inputs, Placement

_PRECISION = 50


class Sums(NamedTuple):
    """Money of several lines over the horizon, in cents by month."""

    capex: Months
    """Paid for what is bought, less what it fetches at the end of its life."""
    opex: Months
    """Paid for everything else."""
    accrual: Months
    capital: Months
    at_begin: Months
    """The part of the payments that is due at the first moment of a month."""
    opening: int
    """Book value before month 1."""
    book: int
    """Book value after the horizon of what was bought."""
    owed: int
    """What is borne and still to be paid after the horizon; less than 0: paid and still to be borne."""

    @property
    def paid(self) -> Months:
        """All payments."""
        return _plus(self.capex, self.opex)

    @property
    def cost(self) -> Months:
        """The plan's levelised cost."""
        return _plus(self.accrual, self.capital)

    @property
    def closing(self) -> int:
        """Book value less what is owed: opening + Σ paid − Σ accrual."""
        return self.book - self.owed


class Comparison(NamedTuple):
    """The workloads that state what they cost today, in the plan and without it. Cents."""

    workloads: int
    baseline: Months
    sums: Sums
    """Of those workloads alone."""
    saving: Months
    """Baseline less payments."""
    cumulative: Months
    payback_month: int | None
    """First month from whose end on the cumulative saving is never below 0; None when it ends below."""
    trough: int
    """Lowest cumulative saving at the end of a month; 0 when it is never below."""
    trough_month: int | None
    present_value: int
    """Of the savings within the horizon."""
    present_value_with_book: int
    """With the closing book value less what is owed as income at the end, and the opening one as outlay."""


class Statement(NamedTuple):
    """A plan's money over its horizon."""

    inputs: Inputs
    start: Month
    workloads: int
    placed: int
    sums: Sums
    present_cost: int
    """Present value of all payments within the horizon [cents]."""
    comparison: Comparison | None
    """None when no placed workload states what it costs today."""
    commitments: tuple[Commitment, ...] = ()
    """What was signed before the plan, and is in no other figure."""

    @property
    def signed(self) -> Months:
        """What is paid anyway for what was signed before the plan."""
        months = range(1, self.horizon + 1)
        return tuple(sum(one.paid_cents for one in self.commitments if month <= one.months) for month in months)

    @property
    def horizon(self) -> int:
        """Months."""
        return self.inputs.horizon_months


class Adder:
    """Adds up flows; lines that are paid as they are used only count their cost."""

    def __init__(self, horizon: int, first: int = 1) -> None:
        """Of *horizon* months; everything that is added begins in month *first*."""
        self.horizon, self.first = horizon, first
        self._even = self._opening = self._book = self._owed = 0
        self._capex, self._opex, self._accrual, self._capital, self._begin = ([0] * horizon for _ in range(5))

    def add(self, placement: Placement) -> None:
        """Count one more placement."""
        for line in placement.lines:
            if line.schedule is None:
                self._even += line.cost_cents
            else:
                self._flow(flow_of(line, self.horizon, self.first))

    def _flow(self, flow: Flow) -> None:
        bought = flow.charge_class == "capex"
        _into(self._capex if bought else self._opex, flow.paid)
        _into(self._accrual, flow.accrual)
        _into(self._capital, flow.capital)
        _into(self._begin, flow.paid_at_begin)
        self._opening += flow.opening
        if bought:
            self._book += flow.closing
        else:
            self._owed -= flow.closing

    def sums(self) -> Sums:
        """What has been counted."""
        even = (0,) * (self.first - 1) + (self._even,) * (self.horizon - self.first + 1)
        return Sums(
            tuple(self._capex),
            _plus(tuple(self._opex), even),
            _plus(tuple(self._accrual), even),
            tuple(self._capital),
            tuple(self._begin),
            self._opening,
            self._book,
            self._owed,
        )


def statement(inputs: Inputs, placements: Iterable[Placement], start: Month) -> Statement:
    """The statement of a plan whose placements may come one by one; month 1 is *start*."""
    everything, compared = Adder(inputs.horizon_months), Adder(inputs.horizon_months)
    workloads = placed = baselines = baseline = 0
    for placement in placements:
        counted = 0 if placement.is_further else 1
        workloads += counted
        if placement.monthly_cost_cents is None:
            continue
        placed += counted
        everything.add(placement)
        if placement.baseline_cents is not None:
            compared.add(placement)
            baselines += counted
            baseline += placement.baseline_cents
    sums = everything.sums()
    rate = inputs.discount_rate_fraction
    return Statement(
        inputs,
        start,
        workloads,
        placed,
        sums,
        present_value(rate, sums.paid, sums.at_begin),
        _compare(baselines, baseline, compared.sums(), rate) if baselines else None,
    )


def _compare(workloads: int, baseline_cents: int, sums: Sums, rate: str) -> Comparison:
    baseline = (baseline_cents,) * len(sums.capex)
    saving = tuple(today - paid for today, paid in zip(baseline, sums.paid, strict=True))
    cumulative = tuple(accumulate(saving))
    trough = min(0, *cumulative)
    outlay = tuple(-paid for paid in sums.at_begin)
    return Comparison(
        workloads,
        baseline,
        sums,
        saving,
        cumulative,
        payback_month(cumulative),
        trough,
        cumulative.index(trough) + 1 if trough else None,
        present_value(rate, saving, outlay),
        present_value(rate, saving, outlay, -sums.opening, sums.closing),
    )


def payback_month(cumulative: Months) -> int | None:
    """First month from which on nothing is below 0; None when the last is."""
    below = [month for month, cents in enumerate(cumulative, 1) if cents < 0]
    first = below[-1] + 1 if below else 1
    return first if first <= len(cumulative) else None


def present_value(rate: str, amounts: Months, at_begin: Months, before: int = 0, after: int = 0) -> int:
    """Present value [cents, half up] at the yearly *rate*; the monthly one is (1 + rate)^(1/12) − 1.

    The part *at_begin* of *amounts* counts at the first moment of its month, the rest at the last. *before* is an
    amount at the first moment of the horizon, *after* one at the last.
    """
    with localcontext() as context:
        context.prec = _PRECISION
        month = 1 / (1 + Decimal(rate)) ** (Decimal(1) / 12) if Decimal(rate) else Decimal(1)
        total, factor = Decimal(before), Decimal(1)
        for amount, begin in zip(amounts, at_begin, strict=True):
            total += begin * factor
            factor *= month
            total += (amount - begin) * factor
        total += after * factor
        return int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _plus(left: Months, right: Months) -> Months:
    return tuple(one + other for one, other in zip(left, right, strict=True))


def _into(total: list[int], amounts: Months) -> None:
    for month, amount in enumerate(amounts):
        total[month] += amount
