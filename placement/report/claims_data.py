"""Claims held against a catalog, for machines: as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from placement.catalog.claims import Claim
from placement.claims.model import Case, Figure, Flip, Found, Judged, Judgement, Number, Side, Swing, Verdict
from placement.claims.verdict import side
from placement.finance.cells import csv_row, guarded
from placement.report.claims_words import exact
from placement.units import MICRO, cents, dollars

Value = str | int | None


def claims_json(judgement: Judgement) -> str:
    """Everything; figures are decimal text with at most six decimals, what is unknown is null."""
    found = {
        "catalog_as_of": judgement.catalog_as_of,
        "catalog_sha256": judgement.catalog_sha256,
        "inventory_name": judgement.inventory or None,
        "inventory_sha256": judgement.inventory_sha256 or None,
        "claims": [_judged(one) for one in judgement.judged],
        "notes": list(judgement.notes),
        "sources": judgement.sources,
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def claims_csv(judgement: Judgement) -> Iterator[str]:
    """A line per claim; what is unknown is an empty cell."""
    yield csv_row(COLUMNS)
    for one in judgement.judged:
        row = {**_claim(one.claim), **_row("", one.catalog, one.verdict, one.lies)}
        if one.yours is not None:
            row |= _row("your_", one.yours, one.your_verdict, one.yours_lies)
        yield csv_row(_cell(row.get(name)) for name in COLUMNS)


def _cell(value: Value) -> str:
    return "" if value is None else guarded(value) if isinstance(value, str) and not _is_figure(value) else str(value)


def _is_figure(value: str) -> bool:
    """Whether a text is a number, which is never touched."""
    return value.removeprefix("-").replace(".", "", 1).isdecimal()


def _figure(value: Fraction | None) -> str | None:
    return None if value is None else exact(value)


def _claim(claim: Claim) -> dict[str, Value]:
    low, high = (None if one is None else Fraction(one, MICRO) for one in (claim.low_micro, claim.high_micro))
    return {
        "claim": claim.id,
        "says": claim.says,
        "experiment": claim.experiment,
        "unit": claim.unit,
        "claimed_low": _figure(low),
        "claimed_high": _figure(high),
        "source_id": claim.source_id,
        "as_of": claim.as_of,
        "note": claim.note or None,
    }


def _row(prefix: str, found: Found, verdict: Verdict | None, lies: Side | None) -> dict[str, Value]:
    figure, hinge = found.figure, found.hinge
    row: dict[str, Value] = {
        "verdict": verdict,
        "lies": lies,
        "value": _figure(figure.value) if figure else None,
        "low": _figure(figure.low) if figure else None,
        "high": _figure(figure.high) if figure else None,
        "spread": figure.spread if figure else None,
        "sample": figure.sample if figure else None,
        "why_unknown": found.why or None,
        "hinges_on": hinge.lever if hinge else None,
        "hinge_low": _setting(hinge.low) if hinge else None,
        "hinge_high": _setting(hinge.high) if hinge else None,
        "hinge_unit": (hinge.unit or None) if hinge else None,
        "value_at_low": _figure(hinge.at_low) if hinge else None,
        "value_at_high": _figure(hinge.at_high) if hinge else None,
        "hinge_source_id": (hinge.source_id or None) if hinge else None,
        "flips": ";".join(f"{exact(one.at)} {one.unit} {one.before} to {one.after}" for one in found.flips) or None,
    }
    return {f"{prefix}{name}": value for name, value in row.items()}


def _setting(setting: Fraction | str) -> str:
    return setting if isinstance(setting, str) else exact(setting)


_NONE = Found(None)
COLUMNS = (
    *_claim(Claim("", "", "", None, None, "", "", "", "", "", "", "", "", "", (), 0, 0, 0, 0)),
    *_row("", _NONE, None, None),
    *_row("your_", _NONE, None, None),
)
"""Of the CSV."""


def _judged(one: Judged) -> dict[str, Any]:
    return {
        **_claim(one.claim),
        "catalog": _found(one.claim, one.catalog, one.verdict, one.lies),
        "yours": _found(one.claim, one.yours, one.your_verdict, one.yours_lies) if one.yours is not None else None,
    }


def _found(claim: Claim, found: Found, verdict: Verdict | None, lies: Side | None) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "lies": lies,
        "figure": _spread(found.figure) if found.figure is not None else None,
        "why_unknown": found.why or None,
        "hinges_on": found.hinge.lever if found.hinge is not None else None,
        "flips": [_flip(one) for one in found.flips],
        "numbers": [_number(one) for one in found.numbers],
        "sensitivities": [_swing(one, claim) for one in found.swings],
        "cases": [_case(one) for one in found.cases],
        "notes": list(found.notes),
        "source_ids": list(found.source_ids),
    }


def _spread(figure: Figure) -> dict[str, Value]:
    return {
        "value": _figure(figure.value),
        "low": _figure(figure.low),
        "high": _figure(figure.high),
        "spread": figure.spread,
        "sample": figure.sample,
    }


def _flip(flip: Flip) -> dict[str, Value]:
    return {"at": exact(flip.at), "unit": flip.unit, "before": flip.before, "after": flip.after}


def _number(number: Number) -> dict[str, Value]:
    return {
        "label": number.label,
        "value": exact(number.value),
        "unit": number.unit,
        "source_id": number.source_id or None,
        "as_of": number.as_of or None,
    }


def _swing(swing: Swing, claim: Claim) -> dict[str, Value]:
    return {
        "assumption": swing.lever,
        "unit": swing.unit or None,
        "low": _setting(swing.low),
        "high": _setting(swing.high),
        "value_at_low": exact(swing.at_low),
        "value_at_high": exact(swing.at_high),
        "side_at_low": side(claim, swing.at_low),
        "side_at_high": side(claim, swing.at_high),
        "source_id": swing.source_id or None,
        "as_of": swing.as_of or None,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "label": case.label,
        "offer": case.offer,
        "monthly_cost_usd": dollars(cents(case.cost_micro)),
        "source_id": case.source_id,
        "as_of": case.as_of,
        "inventory": case.inventory or None,
    }
