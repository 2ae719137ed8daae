"""Dates of the catalog, which may be as coarse as a year."""

from calendar import monthrange
from datetime import date

DECEMBER = 12


def latest_day(text: str) -> date | None:
    """The last day a date of the form YYYY, YYYY-MM or YYYY-MM-DD can mean; None when undated."""
    parts = text.split("-")
    if not parts[0].isdecimal():
        return None
    year = int(parts[0])
    month = int(parts[1]) if len(parts) > 1 else DECEMBER
    day = int(parts[2]) if len(parts) > 2 else monthrange(year, month)[1]
    return date(year, month, day)
