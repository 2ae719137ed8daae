"""Claims held against a catalog, for people: all of them in a table, or one in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.catalog.claims import Claim
from placement.claims.model import Found, Judged, Judgement, Side, Verdict
from placement.report import Terminal
from placement.report.claims_data import claims_csv, claims_json
from placement.report.claims_words import (
    UNKNOWN,
    claimed_text,
    figure_text,
    flips_text,
    found_text,
    hinge_text,
    lever_text,
    moved_text,
    settings_text,
    sides_text,
    verdict_text,
)
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.markdown import escaped, markdown_table
from placement.report.numbers import money, plural
from placement.units import cents

WIDE = 150
"""Columns from which a claim fits one row."""

_STYLES: dict[Verdict, str] = {"holds": GOOD, "holds partly": "yellow", "does not hold": BAD, "unknown": QUIET}


def render_claims(judgement: Judgement, form: str, terminal: tuple[int, bool], in_full: bool = False) -> Iterator[str]:
    """The claims as `table`, `markdown`, `json` or `csv`, in pieces; *in_full*: the table with all that there is."""
    if form == "json":
        yield claims_json(judgement)
    elif form == "csv":
        yield from claims_csv(judgement)
    elif form == "markdown":
        yield from _markdown(judgement)
    else:
        parts = _full(judgement) if in_full else _parts(judgement, terminal[0])
        yield drawn(parts, Terminal(*terminal))


def _parts(judgement: Judgement, width: int) -> list[RenderableType]:
    wide, yours = width >= WIDE, bool(judgement.inventory)
    parts: list[RenderableType] = [*_head(judgement), _counts(judgement), text("")]
    parts.append(_wide(judgement, yours) if wide else _narrow(judgement))
    parts += bullets("Notes", [*judgement.notes, *_missing(judgement)])
    return parts + bullets("How to read it", _READING, QUIET)


def _head(judgement: Judgement) -> list[RenderableType]:
    caption = f"{plural(len(judgement.judged), 'claim')} · catalog of {judgement.catalog_as_of}"
    if judgement.inventory:
        caption += f" · yours: {judgement.inventory}"
    return [text(caption, QUIET), text("")]


_READING = [
    "the first figure is what a plan would choose, or the median; in brackets from the best to the 90th percentile of "
    "sites, or from the 10th to the 90th percentile of prices",
    "a claim holds where all of the range in brackets lies in the claim's, and partly where some of it does",
    "what it hinges on: the assumption that moves the figure most when it alone is set to the low and to the high "
    "figure of a source; where it holds: at what use of what is bought, or at what volume",
    "all of a claim, with its sources and the inventories it was computed with: placement claims --claim ID",
]


def _counts(judgement: Judgement) -> Text:
    line = Text()
    verdicts = [one.verdict for one in judgement.judged]
    for number, (verdict, style) in enumerate(_STYLES.items()):
        line.append("    " if number else "")
        line.append(f"{verdicts.count(verdict)}", style=f"bold {style}" if style != QUIET else QUIET)
        line.append(f" {verdict}")
    return line


def _verdict(verdict: Verdict | None, lies: Side | None) -> Text:
    return text(verdict_text(verdict, lies), _STYLES[verdict]) if verdict is not None else text(UNKNOWN, QUIET)


def _wide(judgement: Judgement, yours: bool) -> Table:
    """A row a claim, the range of a figure below it."""
    heads = [("claim", "left"), ("it says", "left"), ("today's catalog", "left"), ("verdict", "left")]
    mine = [("yours", "left"), ("verdict", "left")] if yours else []
    table = plain_table([*heads, *mine, ("what it hinges on, where it holds", "left")])
    for place, column in enumerate(table.columns):
        column.no_wrap = 0 < place < len(table.columns) - 1
        column.ratio = 1 if not column.no_wrap else None
    for one in judgement.judged:
        unit = one.claim.unit
        cells = [
            Text("\n").join([text(one.claim.id, ACCENT), text(one.claim.says, QUIET)]),
            text(claimed_text(one)),
            _figure(one.catalog, unit),
            _below(_verdict(one.verdict, one.lies)),
        ]
        if yours:
            figure = _figure(one.yours, unit) if one.yours is not None else text(UNKNOWN)
            cells += [figure, _below(_verdict(one.your_verdict, one.yours_lies))]
        table.add_row(*cells, Text("\n").join(_turning(one.catalog, unit)))
    return table


def _figure(found: Found, unit: str) -> Text:
    return _below(text(found_text(found.figure, unit)))


def _below(cell: Text) -> Text:
    """What stands in brackets on a line of its own."""
    before, bracket, _ = cell.plain.partition(" (")
    if not bracket:
        return cell
    return Text("\n").join([cell[: len(before)], cell[len(before) + 1 :]])


def _turning(found: Found, unit: str) -> Iterator[Text]:
    """What the figure hinges on, and where it lies in the claim's range."""
    if found.hinge is not None:
        yield text(hinge_text(found, unit), QUIET)
    if found.flips:
        yield text(f"holds {flips_text(found.flips)}", QUIET)


def _narrow(judgement: Judgement) -> Table:
    """A few lines a claim."""
    table = plain_table([("claim", "left"), ("today's catalog", "left")])
    table.columns[0].ratio, table.columns[1].ratio = 2, 3
    for one in judgement.judged:
        lines = [text(one.claim.id, ACCENT), text(one.claim.says, QUIET), text(f"claimed {claimed_text(one)}", QUIET)]
        name = Text("\n").join(lines)
        table.add_row(name, Text("\n").join(_told(one)))
    return table


def _told(one: Judged) -> Iterator[Text]:
    unit = one.claim.unit
    yield _line(found_text(one.catalog.figure, unit), one.verdict, one.lies)
    if one.yours is not None and one.your_verdict is not None:
        yield _line(f"yours {found_text(one.yours.figure, unit)}", one.your_verdict, one.yours_lies)
    yield from _turning(one.catalog, unit)


def _line(figure: str, verdict: Verdict, lies: Side | None) -> Text:
    return text(f"{figure}: ").append_text(_verdict(verdict, lies))


def _missing(judgement: Judgement) -> Iterator[str]:
    """Why there is no verdict."""
    for one in judgement.judged:
        if one.catalog.figure is None:
            yield f"{one.claim.id}: {one.catalog.why}"
        if one.yours is not None and one.yours.figure is None:
            yield f"{one.claim.id}, yours: {one.yours.why}"


def _full(judgement: Judgement) -> list[RenderableType]:
    """Everything there is to say of each claim."""
    parts: list[RenderableType] = _head(judgement)
    for one in judgement.judged:
        claim = one.claim
        parts += [text(claim.id, ACCENT), text(claim.says)]
        stated = f"{claimed_text(one)}, {judgement.sources.get(claim.source_id, claim.source_id)} ({claim.as_of})"
        parts += [text(f"claimed: {stated}"), text(claim.note, QUIET)] if claim.note else [text(f"claimed: {stated}")]
        parts += _of_found("Today's catalog", one.catalog, one, one.verdict, one.lies)
        if one.yours is not None and one.your_verdict is not None:
            parts += _of_found(f"Yours: {judgement.inventory}", one.yours, one, one.your_verdict, one.yours_lies)
    parts += bullets("Notes", list(judgement.notes))
    return parts + bullets("Sources", [f"{name}: {about}" for name, about in judgement.sources.items()], QUIET)


def _of_found(heading: str, found: Found, one: Judged, verdict: Verdict, lies: Side | None) -> Iterator[RenderableType]:
    unit = one.claim.unit
    yield text("")
    yield text(heading, ACCENT)
    yield _line(found_text(found.figure, unit), verdict, lies)
    if found.figure is None:
        yield text(found.why)
        return
    yield text(f"{found.figure.spread}, {found.figure.sample:,} in all", QUIET)
    if found.flips:
        yield text(f"holds {flips_text(found.flips)}")
    for note in found.notes:
        yield text(note)
    for rows, table in ((found.numbers, _numbers(found)), (found.swings, _swings(found, one.claim))):
        if rows:
            yield text("")
            yield table
    yield from _cases(found)


def _numbers(found: Found) -> Table:
    table = plain_table([("figure", "left"), ("", "right"), ("source", "left"), ("as of", "left")])
    for number in found.numbers:
        value = figure_text(number.value, number.unit)
        table.add_row(text(number.label), value, text(number.source_id), text(number.as_of))
    return table


def _swings(found: Found, claim: Claim) -> Table:
    """What moves the figure most comes first."""
    heads = [("alone set to", "left"), ("low → high", "left"), ("then it is", "left"), ("of the claim", "left")]
    table = plain_table([*heads, ("source", "left"), ("as of", "left")])
    for swing in sorted(found.swings, key=lambda swing: -swing.width):
        cells = (lever_text(swing), settings_text(swing), moved_text(swing, claim.unit), sides_text(swing, claim))
        table.add_row(*map(text, (*cells, swing.source_id, swing.as_of)))
    return table


def _cases(found: Found) -> Iterator[RenderableType]:
    """What was priced, and how to do it again."""
    for case in found.cases:
        yield text("")
        yield text(f"{case.label}: {money(cents(case.cost_micro))} a month, {case.offer}")
        if case.inventory:
            yield text("as `placement advise` says of", QUIET)
            for line in yaml_text(case.inventory).splitlines():
                yield text(f"  {line}", QUIET)


def yaml_text(inventory: dict[str, Any]) -> str:
    """An inventory as YAML."""
    return yaml.safe_dump(inventory, sort_keys=False, default_flow_style=None, allow_unicode=True, width=76)


def _markdown(judgement: Judgement) -> Iterator[str]:
    yours = bool(judgement.inventory)
    heads = ("claim", "it says", "today's catalog says", "verdict", *(("yours", "verdict") if yours else ()))
    rows = []
    for one in judgement.judged:
        unit = one.claim.unit
        told = [one.claim.says, claimed_text(one), found_text(one.catalog.figure, unit)]
        told.append(verdict_text(one.verdict, one.lies))
        if yours:
            figure = one.yours.figure if one.yours is not None else None
            mine = verdict_text(one.your_verdict, one.yours_lies) if one.your_verdict is not None else UNKNOWN
            told += [found_text(figure, unit), mine]
        rows.append(tuple(map(escaped, (*told, hinge_text(one.catalog, unit), flips_text(one.catalog.flips)))))
    heads = (*heads, "hinges on", "holds")
    yield markdown_table(heads, "l" * len(heads), rows)
    notes = [*judgement.notes, *_missing(judgement)]
    if notes:
        yield "\n" + "".join(f"- {escaped(note)}\n" for note in notes)
