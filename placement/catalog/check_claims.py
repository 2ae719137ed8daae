"""What claims and levers name must be there, and an experiment must be told what it needs, no more and no less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from placement.catalog.claims import EXPERIMENTS, OWN_LEVERS, PARAMETERS
from placement.catalog.model import ClaimEntry, ClaimsFile
from placement.catalog.read import Entries
from placement.diagnostics import did_you_mean, has_unprintable
from placement.documents import Finding, KeyPath

Bounds = Mapping[str, tuple[float, float]]
"""Of figures that a lever may set."""


def wrong_claims(entries: Entries, read: ClaimsFile, bounds: Bounds) -> Iterator[Finding]:
    """Everything that is wrong in one file; *bounds* are those of the catalog's assumptions."""
    for index, claim in enumerate(read.claims):
        path: KeyPath = ("claims", index)
        yield from _experiment(claim, path)
        yield from _range(claim.low, claim.high, path)
        yield from _names(entries, claim, path)
        if has_unprintable(claim.says):
            yield Finding("catalog-value", "`says` must not hold control characters", (*path, "says"))
    known = {**bounds, **OWN_LEVERS}
    for index, lever in enumerate(read.levers):
        path = ("levers", index)
        if lever.lever not in known:
            hint = did_you_mean(lever.lever, known)
            yield Finding("catalog-claim", f"unknown lever `{lever.lever}`", (*path, "lever"), hint)
            continue
        yield from _range(lever.low, lever.high, path)
        least, most = known[lever.lever]
        for key in ("low", "high"):
            value = getattr(lever, key)
            if not least <= value <= most:
                message = f"`{lever.lever}` must be from {least:,} to {most:,}, not {value!r}"
                yield Finding("catalog-value", message, (*path, key))


def _experiment(claim: ClaimEntry, path: KeyPath) -> Iterator[Finding]:
    """The experiment, and what it is told."""
    needs = EXPERIMENTS.get(claim.experiment)
    if needs is None:
        hint = did_you_mean(claim.experiment, EXPERIMENTS)
        yield Finding("catalog-claim", f"unknown experiment `{claim.experiment}`", (*path, "experiment"), hint)
        return
    if claim.unit != needs.unit:
        message = f"figures for `{claim.experiment}` are in {needs.unit}, not in `{claim.unit}`"
        yield Finding("catalog-claim", message, (*path, "unit"))
    given = {key for key in PARAMETERS if getattr(claim, key) is not None}
    for key in PARAMETERS:
        if key in needs.keys and key not in given:
            yield Finding("catalog-claim", f"`{claim.experiment}` needs `{key}`", path)
        elif key in given and key not in needs.keys:
            yield Finding("catalog-claim", f"`{claim.experiment}` has no use for `{key}`", (*path, key), "leave it out")


def _range(low: float | None, high: float | None, path: KeyPath) -> Iterator[Finding]:
    if low is None and high is None:
        hint = "give `low`, `high` or both; what has no figure cannot be judged"
        yield Finding("catalog-claim", "a claim needs a figure", path, hint)
    elif low is not None and high is not None and low > high:
        yield Finding("catalog-value", f"`low` must not be above `high`, {high!r}", (*path, "low"))


def _names(entries: Entries, claim: ClaimEntry, path: KeyPath) -> Iterator[Finding]:
    """Accelerators, models and providers nobody knows."""
    named: list[tuple[str, KeyPath]] = [(name, (*path, "among", n)) for n, name in enumerate(claim.among or ())]
    if claim.accelerator is not None:
        named.append((claim.accelerator, (*path, "accelerator")))
    for name, where in named:
        if name not in entries.accelerators:
            hint = did_you_mean(name, entries.accelerators)
            yield Finding("catalog-accelerator", f"unknown accelerator `{name}`", where, hint)
    others = (("model", claim.model, entries.models), ("provider", claim.provider, entries.providers))
    for key, given, known in others:
        if given is not None and given not in known:
            yield Finding("catalog-claim", f"unknown {key} `{given}`", (*path, key), did_you_mean(given, known))
