"""Plans become text here, and only here. Renderers are registered by name in one table."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from placement.plan.model import Plan


class Terminal(NamedTuple):
    """What to write for."""

    width: int
    color: bool


Renderer = Callable[[Plan, Terminal], Iterator[str]]


def _table(plan: Plan, terminal: Terminal) -> Iterator[str]:
    from placement.report.terminal import render_terminal  # noqa: PLC0415 - rich only when needed

    return render_terminal(plan, terminal)


def _json(plan: Plan, terminal: Terminal) -> Iterator[str]:
    del terminal
    from placement.plan.dump import canonical_json  # noqa: PLC0415

    return canonical_json(plan)


def _csv(plan: Plan, terminal: Terminal) -> Iterator[str]:
    del terminal
    from placement.report.csv import render_csv  # noqa: PLC0415

    return render_csv(plan)


def _markdown(plan: Plan, terminal: Terminal) -> Iterator[str]:
    del terminal
    from placement.report.markdown import render_markdown  # noqa: PLC0415

    return render_markdown(plan)


RENDERERS: dict[str, Renderer] = {"table": _table, "json": _json, "csv": _csv, "markdown": _markdown}


def render(plan: Plan, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The plan in one of the forms of `RENDERERS`, in pieces."""
    return RENDERERS[form](plan, Terminal(*terminal))
