"""Dates as sources give them: a year, a month or a day."""

import re
from calendar import monthrange
from datetime import date

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")


def earliest_day(text: str) -> date | None:
    """The first day that YYYY, YYYY-MM or YYYY-MM-DD can mean; None for anything else."""
    found = _DATE.match(text)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found is not None else None
    except ValueError:
        return None


def months_between(begin: date, end: date) -> int:
    """Whole months after the month of *begin* that are over when *end* is; 0 or less where none is.

    With month 1 the one after *begin*, it is the last month of which all days are there.
    """
    whole = monthrange(end.year, end.month)[1] == end.day
    return (end.year - begin.year) * 12 + end.month - begin.month - (0 if whole else 1)


def latest_day(text: str) -> date | None:
    """The last day that YYYY, YYYY-MM or YYYY-MM-DD can mean; None for anything else."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        if day is not None:
            return date(int(year), int(month), int(day))
        last = int(month or 12)
        return date(int(year), last, monthrange(int(year), last)[1])
    except ValueError:
        return None
