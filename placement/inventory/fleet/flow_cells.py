"""Flows in the cells of a fleet's CSV: `name=GB`, and words after it for whatever else is said of a flow."""

from __future__ import annotations

from typing import Any, get_args

from placement.documents import scalar
from placement.inventory.data import What
from placement.inventory.fleet.cells import entry_of, list_of, pair_of

DAILY = "daily"
"""The GB are of a day."""

_TRUE = {"copy": ("copy", "copied"), "each": ("each", "each"), "zones": ("between_zones", "between_zones")}
"""Words that set a key: the inventory's name of it, and the model's."""

_WHATS = frozenset(get_args(What))


def number_text(value: float) -> str:
    """A number as a cell says it."""
    text = repr(value)
    return text if text.startswith("-") else text.removesuffix(".0")


def read_flows(key: str, cell: str) -> list[dict[str, Any]]:
    """The flows of a cell, whose other end is the *key* of each."""
    entries = list_of(cell) if ";" in cell or "'" in cell else [cell.strip(" ")]
    return [_flow(key, entry) for entry in entries]


def _flow(key: str, entry: str) -> dict[str, Any]:
    name, value = pair_of(entry)
    if value is None:
        return {key: name}
    if " " not in value and value[:1] not in _LETTERS:
        return {key: name, "gb_per_month": scalar(value)}
    said: dict[str, Any] = {}
    numbers = []
    for word in filter(None, value.split(" ")):
        told = _WORDS.get(word)
        if told is None or told[0] in said:  # what is said twice is no number, and is refused as such
            numbers.append(word)
        else:
            said[told[0]] = told[1]
    volume = "gb_per_day" if said.pop(DAILY, False) else "gb_per_month"
    return {key: name, **said, **({volume: scalar(" ".join(numbers))} if numbers else {})}


_WORDS: dict[str, tuple[str, Any]] = {
    DAILY: (DAILY, True),
    **{word: (key, True) for word, (key, _) in _TRUE.items()},
    **{word: ("what", word) for word in _WHATS},
}
"""The key that each word sets, and to what."""

_LETTERS = frozenset(word[0] for word in _WORDS)


def written_flows(end: str, flows: Any) -> str:
    """The cell that says *flows*, whose other *end* is an attribute of each."""
    return ";".join(_written(entry_of(getattr(flow, end)), flow) for flow in flows)


def _written(name: str, flow: Any) -> str:
    daily, monthly = flow.gb_per_day, flow.gb_per_month
    words = [] if daily is None and monthly is None else [number_text(monthly if daily is None else daily)]
    words += [DAILY] if daily is not None else []
    words += [word for word, (_, attribute) in _TRUE.items() if getattr(flow, attribute, False)]
    words += [flow.what] if flow.what is not None else []
    return f"{name}={' '.join(words)}" if words else name
