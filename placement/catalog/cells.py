"""What may stand in each cell of the catalog's CSV files; `docs/catalog.md` describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from placement.catalog.measured import MEASURED_PRECISIONS, SCENARIOS, UNITS
from placement.catalog.network import STATISTICS
from placement.catalog.tables import AVAILABILITIES, BASES, HOSTINGS, RENTED
from placement.catalog.work import KINDS, MFU_KINDS, PRECISIONS
from placement.csv_tables import CsvTable
from placement.diagnostics import Diagnostic, brief, has_unprintable
from placement.words import PAYMENTS

Check = Callable[[str], str]
"""What is wrong with a cell, empty when nothing is."""

Cells = dict[str, Check]
"""The columns of a file, in order."""

_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?\Z")
_WHOLE = re.compile(r"[0-9]{1,10}\Z")
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


def _whole(optional: bool = False, most: int = 1_000_000) -> Check:
    words = f"must be a whole number from 1 to {most:,}" + (" or empty" if optional else "")

    def check(cell: str) -> str:
        if optional and not cell:
            return ""
        return "" if _WHOLE.match(cell) and 1 <= int(cell) <= most else words

    return check


def _choice(choices: tuple[str, ...]) -> Check:
    words = f"must be one of {', '.join(filter(None, choices))}" + (" or empty" if "" in choices else "")
    return lambda cell: "" if cell in choices else words


def _several(choices: tuple[str, ...]) -> Check:
    words = f"must be some of {', '.join(choices)}, separated by `;`, or empty"

    def check(cell: str) -> str:
        parts = cell.split(";") if cell else []
        return "" if len(set(parts)) == len(parts) and set(parts) <= set(choices) else words

    return check


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
    "payment": _choice(PAYMENTS),
    "upfront_usd": _number(0, 100_000_000, optional=True),
    "term_months": _whole(optional=True, most=120),
}

OFFER_OPTIONAL = frozenset({"payment", "upfront_usd", "term_months"})
"""Columns that may be missing: then they are empty."""

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
    "precisions": _several(PRECISIONS),
    "tdp_w": _number(0, 1_000_000, optional=True),
    "max_per_node": _whole(optional=True),
    "form": _text,
    "year": _text,
    "aliases": _text,
    "unverified": _text,
    "as_of": date_problem,
    "source_id": _name,
}

ACCELERATOR_OPTIONAL = frozenset({"link_gb_per_s", "precisions"})
"""Columns that may be missing: then they are empty."""

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


_BILLION = (0.0001, 1_000_000)
_LOW, _HIGH = _number(0.001, 1), _number(1, 1000)
_STATED: Cells = {"as_of": date_problem, "source_id": _name, "note": _text}

MODEL_CELLS: Cells = {
    "model": _name,
    "name": _name,
    "kind": _choice(KINDS),
    "throughput_class": _text,
    "parameters_billion": _number(*_BILLION),
    "active_parameters_billion": _number(*_BILLION, optional=True),
    "shared_parameters_billion": _number(*_BILLION, optional=True),
    "layers": _whole(optional=True),
    "hidden": _whole(optional=True),
    "kv_heads": _whole(optional=True),
    "head_dim": _whole(optional=True),
    "mla_width": _whole(optional=True),
    "experts": _whole(optional=True),
    "experts_per_token": _whole(optional=True),
    "precision": _choice(PRECISIONS),
    "context_tokens": _whole(optional=True, most=1_000_000_000),
    "aliases": _text,
    **_STATED,
}

MEASURED_CELLS: Cells = {
    "model": _name,
    "scenario": _choice(SCENARIOS),
    "accelerator": _name,
    "accelerators": _whole(),
    "precision": _choice(MEASURED_PRECISIONS),
    "input_tokens": _number(0.001, 100_000_000, optional=True),
    "output_tokens": _number(0.001, 100_000_000, optional=True),
    "concurrency": _whole(optional=True),
    "units_per_second": _number(0.0001, 999_999_999),
    "unit": _choice(UNITS),
    "benchmark": _text,
    "software": _text,
    "as_of": date_problem,
    "source_id": _name,
}

ROOFLINE_CELLS: Cells = {
    "vendor": _name,
    "accelerator": _name,
    "precision": _choice(PRECISIONS),
    "read_fraction": _number(0.001, 1),
    "compute_fraction": _number(0.001, 1),
    "link_fraction": _number(0.001, 1),
    "layer_us": _number(0, 1_000_000),
    "reduce_us": _number(0, 1_000_000),
    "speed": _number(0.001, 1000),
    "low_ratio": _LOW,
    "high_ratio": _HIGH,
    "rows": _whole(),
    **_STATED,
}

TRAINING_CELLS: Cells = {
    "accelerator": _name,
    "precision": _choice(PRECISIONS),
    "kind": _choice(MFU_KINDS),
    "mfu_fraction": _number(0.0001, 1.5),
    "low_ratio": _LOW,
    "high_ratio": _HIGH,
    "rows": _whole(),
    **_STATED,
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
