"""What may stand in each cell of the catalog's CSV files; `docs/catalog.md` describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from placement.catalog.network import STATISTICS
from placement.catalog.tables import AVAILABILITIES, BASES, HOSTINGS, RENTED
from placement.csv_tables import CsvTable
from placement.diagnostics import Diagnostic, brief, has_unprintable

Check = Callable[[str], str]
"""What is wrong with a cell, empty when nothing is."""

Cells = dict[str, Check]
"""The columns of a file, in order."""

_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?\Z")
_WHOLE = re.compile(r"[0-9]{1,7}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_DATE = re.compile(r"(undated|[0-9]{4}(-[0-9]{2}){0,2})\Z")
_LONGEST = 2000


def _text(cell: str) -> str:
    if has_unprintable(cell):
        return "must not hold control characters"
    return f"must have at most {_LONGEST:,} characters" if len(cell) > _LONGEST else ""


def _name(cell: str) -> str:
    if cell != cell.strip():
        return "must not begin or end with a space"
    return _text(cell) if cell else "must not be empty"


def _number(low: float, high: float, optional: bool = False) -> Check:
    words = f"must be a plain decimal number from {low:,} to {high:,} with at most 6 decimals"

    def check(cell: str) -> str:
        if optional and not cell:
            return ""
        return "" if _DECIMAL.match(cell) and low <= float(cell) <= high else words + (" or empty" if optional else "")

    return check


def _whole(optional: bool = False) -> Check:
    words = "must be a whole number from 1 to 1,000,000" + (" or empty" if optional else "")

    def check(cell: str) -> str:
        if optional and not cell:
            return ""
        return "" if _WHOLE.match(cell) and 1 <= int(cell) <= 1_000_000 else words

    return check


def _choice(choices: tuple[str, ...]) -> Check:
    return lambda cell: "" if cell in choices else f"must be one of {', '.join(choices)}"


def _country(cell: str) -> str:
    return "" if _COUNTRY.match(cell) else "must be an ISO 3166-1 alpha-2 code like DE"


def date_problem(text: str) -> str:
    """What is wrong with an `as_of` date."""
    known = _DATE.match(text) is not None
    if known and text != "undated":
        try:
            date.fromisoformat(text + "0000-01-01"[len(text) :])
        except ValueError:
            known = False
    return "" if known else "must be a date (YYYY, YYYY-MM or YYYY-MM-DD) or `undated`"


SOURCE_CELLS: Cells = {"source_id": _name, "source": _text, "licence": _text}

OFFER_CELLS: Cells = {
    "site": _name,
    "sku": _name,
    "accelerator": _name,
    "accelerators": _whole(),
    "node_accelerators": _whole(),
    "purchase": _choice(tuple(sorted(RENTED))),
    "usd_per_hour": _number(0, 1_000_000, optional=True),
    "hosting": _choice(HOSTINGS),
    "availability": _choice(AVAILABILITIES),
    "basis": _choice(BASES),
    "as_of": date_problem,
    "source_id": _name,
    "note": _text,
}

_PEAK = _number(0, 10_000_000, optional=True)

ACCELERATOR_CELLS: Cells = {
    "accelerator": _name,
    "vendor": _text,
    "memory_gib": _number(0.1, 1_000_000, optional=True),
    "memory_bandwidth_gb_per_s": _PEAK,
    "bf16_dense_tflops": _PEAK,
    "fp8_dense_tflops": _PEAK,
    "fp4_dense_tflops": _PEAK,
    "int8_dense_tops": _PEAK,
    "link_gb_per_s": _PEAK,
    "tdp_w": _number(0, 1_000_000, optional=True),
    "max_per_node": _whole(optional=True),
    "form": _text,
    "year": _text,
    "aliases": _text,
    "unverified": _text,
    "as_of": date_problem,
    "source_id": _name,
}

_RATIO = _number(0.001, 1_000_000)

THROUGHPUT_CELLS: Cells = {
    "throughput_class": _name,
    "accelerator": _name,
    "ratio_to_h100_sxm": _RATIO,
    "ratio_p10": _RATIO,
    "ratio_p90": _RATIO,
    "n_sources": _whole(optional=True),
    "as_of": date_problem,
    "source_id": _name,
}

CITY_CELLS: Cells = {
    "city": _name,
    "country": _country,
    "latitude": _number(-90, 90),
    "longitude": _number(-180, 180),
    "source_id": _name,
    "as_of": date_problem,
}

POINT_CELLS: Cells = {
    "point": _name,
    "country": _country,
    "latitude": _number(-90, 90),
    "longitude": _number(-180, 180),
    "as_of": date_problem,
    "source_id": _name,
}

CONTINENT_CELLS: Cells = {"country": _country, "continent": _name, "as_of": date_problem, "source_id": _name}

_MS = (0.001, 10_000)

PAIR_CELLS: Cells = {
    "point_a": _name,
    "point_b": _name,
    "rtt_ms": _number(*_MS),
    "p95_ms": _number(*_MS, optional=True),
    "statistic": _choice(STATISTICS),
    "as_of": date_problem,
    "source_id": _name,
}

LINE_CELLS: Cells = {
    "continent_a": _name,
    "continent_b": _name,
    "intercept_ms": _number(0, 1000),
    "ms_per_km": _number(0, 10),
    "ratio_q10": _number(0.001, 1),
    "ratio_q90": _number(1, 1000),
    "p95_over_p50": _number(1, 1000, optional=True),
    "pairs": _whole(),
    "as_of": date_problem,
    "source_id": _name,
}


def wrong_cells(table: CsvTable, cells: Cells) -> Iterator[Diagnostic]:
    """Every cell that does not hold what it may hold; equal cells of a column are checked once."""
    for column, check in cells.items():
        verdicts: dict[str, str] = {}
        for line, row in table.rows:
            cell = row[column]
            problem = verdicts.get(cell)
            if problem is None:
                problem = verdicts[cell] = check(cell)
            if problem:
                shown = f"not `{brief(cell)}`" if cell else "and is empty"
                message = f"`{column}` {problem}, {shown}"
                yield table.diagnostic("catalog-value", message, line, column)
