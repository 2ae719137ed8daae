"""A plan file → `Plan`, or what is wrong with it. Everything a file claims is recomputed: lines, totals, order.

Files as `advise` writes them are read placement by placement, so that a fleet's plan need not fit into memory; the
same JSON in another layout is read as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from pydantic import ValidationError

from placement.diagnostics import Diagnostic, InputError, brief
from placement.documents import KeyPath, place_in_json
from placement.plan.chunks import REWRITE, Pieces, broken, pieces_of
from placement.plan.commitment import Commitment
from placement.plan.dump import BETWEEN_PLACEMENTS, closing, derived_summary, opening, placement_text
from placement.plan.model import SCHEMA_VERSION, Assumption, Inputs, Line, Placement, Summary
from placement.plan.schema import reader_of
from placement.plan.summary import Tally
from placement.units import cents_of, dollars, scaled

T = TypeVar("T")

_SURE = 0.499
"""How near a cost must be to its product in floating point for the exact one to round to it [cents]."""

_EXACT = 10**12
"""Costs up to which a product in floating point is right to a thousandth of a cent."""


class Head(NamedTuple):
    """What a plan says before its placements."""

    schema_version: int
    inputs: Inputs
    summary: Summary


class Tail(NamedTuple):
    """What a plan says after its placements."""

    assumptions: tuple[Assumption, ...] = ()
    notes: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    commitments: tuple[Commitment, ...] = ()


class OpenPlan(NamedTuple):
    """A plan that is being read: the head is known, the placements come one by one, verified."""

    head: Head
    placements: Iterator[Placement]
    """By workload id. At its end the totals are checked; raises `InputError`."""
    tail: list[Tail]
    """Filled when the placements have ended."""


def canonical_text(path: Path) -> Iterator[str]:
    """The plan in a file as `advise` would write it, in pieces; raises `InputError` as `open_plan` does."""
    reading = open_plan(path)
    yield opening(reading.head.inputs, reading.head.summary)
    for number, placement in enumerate(reading.placements):
        yield BETWEEN_PLACEMENTS + placement_text(placement) if number else placement_text(placement)
    (tail,) = reading.tail
    yield closing(*tail)


def open_plan(path: Path, skim: bool = False) -> OpenPlan:
    """Begin to read a plan; raises `InputError`. With *skim*, what a placement was preferred to is left unread."""
    pieces = pieces_of(path, skim)
    head = _head(path, pieces)
    tail: list[Tail] = []
    return OpenPlan(head, _placements(path, pieces, head, tail), tail)


def _head(path: Path, pieces: Pieces) -> Head:
    document = pieces.head
    version = document.get("schema_version")
    if type(version) is not int or not {"inputs", "summary"} <= document.keys():
        message = "this is not a plan: `schema_version`, `inputs` and `summary` are expected"
        _fail("not-a-plan", path, message, hint="write one with `placement advise … --output plan.json`")
    if version != SCHEMA_VERSION:
        message = f"this plan is of version {version}, this release reads version {SCHEMA_VERSION}"
        _fail("plan-version", path, message, ("schema_version",), "write it again with `placement advise`")
    derived = {key: document["summary"].pop(key, None) for key in ("saving_usd", "saving_fraction")}
    head = _read(path, Head, document)
    if derived != derived_summary(head.summary):
        _fail("plan-total", path, "the saving does not follow from the totals", ("summary", "saving_usd"))
    return head


def _placements(path: Path, pieces: Pieces, head: Head, tail: list[Tail]) -> Iterator[Placement]:
    tally = Tally()
    last = ""
    for number, (offset, chunk) in enumerate(pieces.placements):
        try:
            placement = _placement(chunk)
        except ValidationError as error:
            _refuse(path, error, ("placements", number), offset)
        if placement.workload <= last and number:
            _misplaced(path, placement.workload, last, number)
        last = placement.workload
        _verify(path, placement, number)
        tally.add(placement)
        yield placement
    tail.append(_read(path, Tail, pieces.tail))
    _verify_summary(path, head.summary, tally.summary(head.summary.offers))


@lru_cache(maxsize=2)
def _placement(chunk: bytes) -> Placement:
    """One placement; when two plans are read side by side, what they share is read once."""
    placement: Placement = reader_of(Placement)(chunk)
    return placement


def _misplaced(path: Path, name: str, last: str, number: int) -> NoReturn:
    where = ("placements", number, "workload")
    if name == last:
        _fail("plan-repeated", path, f"workload `{name}` is there twice", where)
    _fail("plan-order", path, f"`{name}` stands after `{last}`: placements are in order of their workload", where)


def _verify(path: Path, placement: Placement, number: int) -> None:
    """A placement's lines are quantity × unit price, and add up to its cost."""
    total = 0
    for index, line in enumerate(placement.lines):
        total += line.cost_cents
        if not _is_product(line):
            message = f"{line.quantity} × {line.unit_price_usd} is not {dollars(line.cost_cents)}"
            _fail("plan-total", path, message, ("placements", number, "lines", index, "cost_usd"))
    cost = placement.monthly_cost_cents
    key = ("placements", number, "monthly_cost_usd")
    if (cost is not None) != (placement.status == "placed") or (cost is not None) != bool(placement.layers):
        _fail("plan-form", path, "a placed workload has a cost and layers, an unplaced one has neither", key)
    if cost is not None and total != cost:
        _fail("plan-total", path, f"the lines add up to {dollars(total)}, not to {dollars(cost)}", key)


def _is_product(line: Line) -> bool:
    """Whether the cost is quantity × unit price, as the ledger rounds it; exact only where a float cannot tell."""
    cost = line.cost_cents
    if abs(float(line.quantity) * float(line.unit_price_usd) * 100 - cost) < _SURE and cost < _EXACT:
        return True
    return cost == cents_of(scaled(line.unit_price_usd, 6), scaled(line.quantity, 3))


def _verify_summary(path: Path, stated: Summary, counted: Summary) -> None:
    if stated == counted:
        return
    for name, said, found in zip(Summary._fields, stated, counted, strict=True):
        if said != found:
            message = "this does not follow from the placements"
            if isinstance(found, int) and isinstance(said, int):
                words = (dollars(found), dollars(said)) if name.endswith("_cents") else (found, said)
                message = f"the placements add up to {words[0]}, not to {words[1]}"
            _fail("plan-total", path, message, ("summary", name.replace("_cents", "_usd")))


def _read(path: Path, model: Callable[..., T], document: dict[str, Any]) -> T:
    try:
        value: T = reader_of(model)(json.dumps(document))
    except ValidationError as error:
        _refuse(path, error, ())
    return value


def _refuse(path: Path, error: ValidationError, base: KeyPath, offset: int = 0) -> NoReturn:
    """The first thing that is wrong with the form; a file that nobody edits by hand needs no list."""
    problem = error.errors(include_url=False, include_input=False)[0]
    location = (*base, *problem["loc"])
    last = location[-1] if location else ""
    if problem["type"] == "json_invalid":
        broken(path, problem["msg"].removeprefix("Invalid JSON: "), offset)
    if problem["type"] == "missing":
        _fail("plan-form", path, f"`{last}` is missing", location[:-1])
    if problem["type"] == "extra_forbidden":
        _fail("plan-form", path, f"unknown key `{brief(str(last))}`", location)
    if problem["type"] == "string_pattern_mismatch":
        _fail("plan-number", path, f"`{last}`: must be a decimal number in a text, like `1234.5`", location)
    message = problem["msg"][:1].lower() + problem["msg"][1:]
    _fail("plan-form", path, f"`{brief(str(last))}`: {message}", location)


def _fail(code: str, path: Path, message: str, key: KeyPath = (), hint: str = "") -> NoReturn:
    where, excerpt = place_in_json(path, key)
    raise InputError([Diagnostic(code, message, where, hint or REWRITE, excerpt)])
