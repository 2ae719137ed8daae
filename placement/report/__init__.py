"""Plans become text here, and only here. The forms are registered by name in one table."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from placement.plan.dump import BETWEEN_PLACEMENTS
from placement.plan.model import Placement, Plan

Text = str | bytes
"""Text, or the same encoded: of a fleet it is long, so that whoever makes a piece of it encodes it."""


class Terminal(NamedTuple):
    """What to write for."""

    width: int
    color: bool


class Form(NamedTuple):
    """A way to write a plan: what every placement adds to it, and the document around that."""

    piece: Callable[[Placement], str] | None
    """None for a form that shows only some placements: those that stand in the plan it is given."""
    between: str
    """What stands between two pieces."""
    document: Callable[[Plan, Iterable[Text], Terminal], Iterator[Text]]
    """The whole text in parts, from the plan and the text of all pieces, in order of their workloads."""


def _table(plan: Plan, _body: Iterable[Text], terminal: Terminal) -> Iterator[Text]:
    from placement.report.terminal import render_terminal  # noqa: PLC0415 - rich only when needed

    return render_terminal(plan, terminal)


def _markdown(plan: Plan, _body: Iterable[Text], _terminal: Terminal) -> Iterator[Text]:
    from placement.report.markdown import render_markdown  # noqa: PLC0415

    return render_markdown(plan)


def _json(plan: Plan, body: Iterable[Text], _terminal: Terminal) -> Iterator[Text]:
    from placement.plan.dump import document_json  # noqa: PLC0415

    return document_json(plan, body)


def _json_piece(placement: Placement) -> str:
    from placement.plan.dump import placement_text  # noqa: PLC0415

    return placement_text(placement)


def _jsonl(plan: Plan, body: Iterable[Text], _terminal: Terminal) -> Iterator[Text]:
    from placement.report.json_lines import document_lines  # noqa: PLC0415

    return document_lines(plan, body)


def _jsonl_piece(placement: Placement) -> str:
    from placement.report.json_lines import placement_line  # noqa: PLC0415

    return placement_line(placement)


def _csv(_plan: Plan, body: Iterable[Text], _terminal: Terminal) -> Iterator[Text]:
    from placement.report.csv import document_csv  # noqa: PLC0415

    return document_csv(body)


def _csv_piece(placement: Placement) -> str:
    from placement.report.csv import placement_rows  # noqa: PLC0415

    return placement_rows(placement)


RENDERERS: dict[str, Form] = {
    "table": Form(None, "", _table),
    "json": Form(_json_piece, BETWEEN_PLACEMENTS, _json),
    "jsonl": Form(_jsonl_piece, "", _jsonl),
    "csv": Form(_csv_piece, "", _csv),
    "markdown": Form(None, "", _markdown),
}


def render(plan: Plan, form: str, terminal: tuple[int, bool]) -> Iterator[Text]:
    """A plan that holds all its placements in one of the forms of `RENDERERS`, in parts."""
    from placement.plan.dump import in_order  # noqa: PLC0415

    chosen = RENDERERS[form]
    body = joined((chosen.piece(placement) for placement in in_order(plan)), chosen.between) if chosen.piece else ()
    return chosen.document(plan, body, Terminal(*terminal))


def joined(pieces: Iterable[str], between: str) -> Iterator[str]:
    """The pieces with *between* between them."""
    for number, piece in enumerate(pieces):
        yield between + piece if number else piece


def encoded(text: str) -> bytes:
    """The text as `cli.output` writes it to files; what UTF-8 does not know is escaped."""
    return text.encode("utf-8", "backslashreplace")
