"""Dates as sources give them: a year, a month or a day."""

import re
from calendar import monthrange
from datetime import date

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")


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
