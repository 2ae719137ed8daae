"""Names that must be known."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from placement.diagnostics import did_you_mean
from placement.documents import Finding, KeyPath


def known(code: str, name: str, names: Collection[str], path: KeyPath) -> Iterator[Finding]:
    """Nothing, or that *name* is not among the *names*; *code* is `unknown-` and the kind of name."""
    if name not in names:
        kind = code.removeprefix("unknown-").replace("-", " ")
        otherwise = "" if names else "the inventory has no `locations`" if kind == "location" else ""
        yield Finding(code, f"unknown {kind} `{name}`", path, did_you_mean(name, names, otherwise))
