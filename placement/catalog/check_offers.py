"""What the cells of an offer say about each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from placement.csv_tables import CsvTable, Row
from placement.diagnostics import Diagnostic

_COMMITTED = ("reserved_1y", "reserved_3y")
_TERM = "a lease runs for `term_months`; how long a reservation runs is in its name"
_AHEAD = "what is paid at the begin of a term goes into `upfront_usd`, what is paid for its hours into `usd_per_hour`"


def wrong_offers(table: CsvTable) -> Iterator[Diagnostic]:
    """Payments that do not fit the purchase model, or the amounts; the cells themselves have been checked."""
    for line, row in table.rows:
        for column, message in _payment(row):
            yield table.diagnostic("catalog-offer", message, line, column, _AHEAD)
        if (row["purchase"] == "lease") != bool(row["term_months"]):
            message = "a lease needs `term_months`" if not row["term_months"] else "`term_months` is for leases alone"
            column = "term_months" if row["term_months"] else "purchase"
            yield table.diagnostic("catalog-offer", message, line, column, _TERM)


def _payment(row: Row) -> Iterator[tuple[str, str]]:
    payment, upfront = row["payment"], row["upfront_usd"]
    if not payment:
        if upfront:
            yield "upfront_usd", "`upfront_usd` needs a `payment`: partial_upfront or all_upfront"
        return
    if row["purchase"] not in _COMMITTED:
        yield "payment", f"`{row['purchase']}` has no term at whose begin something could be paid"
    if upfront and not Decimal(upfront):
        yield "upfront_usd", f"`{payment}` means that something is paid at the begin of the term, not 0"
    if payment == "all_upfront" and row["usd_per_hour"] and Decimal(row["usd_per_hour"]):
        hourly = row["usd_per_hour"]
        yield "usd_per_hour", f"`all_upfront` leaves nothing to pay by the hour: must be 0 or empty, not {hourly}"
