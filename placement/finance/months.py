"""Months of the horizon as calendar months. Month 1 is the first."""

from __future__ import annotations

import re
from typing import NamedTuple

_MONTH = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])\Z", re.ASCII)
_DATE = re.compile(r"((?:19|20|21)[0-9]{2})(?:-(0[1-9]|1[0-2])(?:-[0-9]{2})?)?\Z", re.ASCII)


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def later(self, months: int) -> Month:
        """The month that comes *months* after this one."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def months_to(self, other: Month) -> int:
        """How many months after this one *other* comes; less than 0 where it comes before."""
        return (other.year - self.year) * 12 + other.month - self.month

    def begin(self) -> str:
        """Its first moment, as FOCUS writes it."""
        return f"{self}-01T00:00:00Z"


def month_of(text: str) -> Month | None:
    """The month `YYYY-MM`; None when *text* is not one of 1900 to 2199."""
    match = _MONTH.match(text)
    return Month(int(match[1]), int(match[2])) if match else None


def month_after(date: str) -> Month | None:
    """The month after `YYYY-MM-DD`, `YYYY-MM` or (its December) `YYYY`; None when *date* is none of them."""
    match = _DATE.match(date)
    return Month(int(match[1]), int(match[2] or 12)).later(1) if match else None
