"""Outcomes of checks become text here: for a terminal, for people in a pull request, and for the machines of CI.

Whatever produced the outcomes, each is reported with the line of the inventory that asked for it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from placement.diagnostics import Where, visible
from placement.plan.dump import plain
from placement.report import Terminal
from placement.report.markdown import escaped, markdown_table
from placement.report.outcome_words import Checked, about, asked, limit, measured, reasons, sentence, status, tally

OutcomeRenderer = Callable[[Checked, Terminal], Iterator[str]]


def render_outcomes(checked: Checked, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The outcomes in one of the forms of `OUTCOME_RENDERERS`, in pieces."""
    return OUTCOME_RENDERERS[form](checked, Terminal(*terminal))


def _table(checked: Checked, terminal: Terminal) -> Iterator[str]:
    from placement.report.outcome_table import render_table  # noqa: PLC0415 - rich only when needed

    return render_table(checked, terminal)


def _json(checked: Checked, _terminal: Terminal) -> Iterator[str]:
    yield _dumped({"schema_version": 1, "name": checked.name, "suite": checked.suite, **counts_and_checks(checked)})


def counts_and_checks(checked: Checked) -> dict[str, Any]:
    """The outcomes as plain values."""
    return {
        "passed": len(checked.entries) - checked.failed,
        "failed": checked.failed,
        "checks": [
            {
                "status": status(outcome),
                **{key: value for key, value in plain(outcome).items() if key != "ok"},
                **_place(where),
            }
            for outcome, where in checked.entries
        ],
    }


def _markdown(checked: Checked, _terminal: Terminal) -> Iterator[str]:
    return markdown_checks(checked)


def markdown_checks(checked: Checked) -> Iterator[str]:
    """A table of the outcomes, and a list of what there is to say of them."""
    yield f"## {escaped(checked.name)}: {tally(checked)}\n\n"
    yield markdown_table(
        ("", "check", "about", "rule", "limit", "found", "line"),
        "llllllr",
        [
            (
                "✓ passed" if outcome.ok else "✗ **failed**",
                *map(escaped, (outcome.title, about(outcome), outcome.rule, limit(outcome), measured(outcome))),
                str(where.line),
            )
            for outcome, where in checked.entries
        ],
    )
    said = [
        f"- {'Passed' if outcome.ok else '**Failed**'}: {escaped(outcome.title)}: {escaped(reasons(outcome))}\n"
        for outcome, _ in checked.entries
        if reasons(outcome)
    ]
    if said:
        yield "\n" + "".join(said)


def junit(checked: Checked, _terminal: Terminal) -> Iterator[str]:
    """JUnit's XML, as CI systems read it."""
    from xml.etree import ElementTree  # noqa: PLC0415 - only this form needs it

    def element(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
        made = ElementTree.SubElement(parent, tag, {key: visible(value) for key, value in attributes.items()})
        made.text = visible(text) or None
        return made

    counts = {"tests": str(len(checked.entries)), "failures": str(checked.failed), "errors": "0"}
    suites = ElementTree.Element("testsuites", {"name": visible(checked.name), **counts})
    suite = element(suites, "testsuite", name=checked.suite, **counts, skipped="0")
    for outcome, where in checked.entries:
        place = _place(where)
        case = element(
            suite,
            "testcase",
            name=f"{outcome.title}: {outcome.subject}",
            classname=outcome.rule,
            file=place["file"],
            line=str(place["line"]),
        )
        if not outcome.ok:
            said = f"{where}: {sentence(outcome)}"
            element(case, "failure", said, message=asked(outcome), type=outcome.rule)
        elif outcome.detail:
            element(case, "system-out", outcome.detail)
    ElementTree.indent(suites)
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


_GITHUB_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_GITHUB_VALUE = {**_GITHUB_TEXT, **str.maketrans({":": "%3A", ",": "%2C"})}
"""What a workflow command would take for its own: in the text, and in the value of a property."""


def _github(checked: Checked, _terminal: Terminal) -> Iterator[str]:
    """Workflow commands; a line that is none begins with a figure, so it cannot be taken for one."""
    yield from github_commands(checked)
    yield f"{tally(checked)}\n"


def github_commands(checked: Checked) -> Iterator[str]:
    """One workflow command for each outcome that there is something to say of."""
    for outcome, where in checked.entries:
        if not outcome.ok or outcome.detail:
            yield github_command("notice" if outcome.ok else "error", where, outcome.title, sentence(outcome))


def github_command(level: str, where: Where, title: str, text: str) -> str:
    """A remark at a line of a file, as GitHub's runners read it; nothing in it can begin another command."""
    place = _place(where)
    values = {"file": place["file"], "line": str(place["line"]), "col": str(place["column"]), "title": title}
    known = ",".join(f"{key}={_replaced(value, _GITHUB_VALUE)}" for key, value in values.items())
    return f"::{level} {known}::{_replaced(text, _GITHUB_TEXT)}\n"


def _replaced(text: str, table: dict[int, str]) -> str:
    return visible(text).translate(table)


def _gitlab(checked: Checked, _terminal: Terminal) -> Iterator[str]:
    """Code quality: what failed, and what passed with a remark, as information."""
    yield _dumped(gitlab_findings(checked))


def gitlab_findings(checked: Checked) -> list[dict[str, Any]]:
    """One finding for each outcome that there is something to say of."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for outcome, where in checked.entries:
        identity = (outcome.rule, outcome.title, outcome.subject)
        seen[identity] += 1
        if not outcome.ok or outcome.detail:
            text = f"{outcome.title}: {sentence(outcome)}"
            known = (checked.suite, *identity, seen[identity])
            found.append(gitlab_finding("info" if outcome.ok else "major", where, outcome.rule, text, known))
    return found


def gitlab_finding(
    severity: str, where: Where, check: str, text: str, identity: tuple[str | int, ...]
) -> dict[str, Any]:
    """A code quality finding; the same *identity* is the same finding, wherever it has moved to in the file."""
    place = _place(where)
    return {
        "description": visible(text),
        "check_name": visible(check),
        "fingerprint": hashlib.sha256(json.dumps(identity).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": place["file"], "lines": {"begin": place["line"]}},
    }


def _place(where: Where) -> dict[str, Any]:
    """The place as machines want it: forward slashes, and a first line where the file as a whole is meant."""
    return {
        "file": visible(PurePath(where.file).as_posix()),
        "line": max(1, where.line),
        "column": max(1, where.column),
    }


def _dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


OUTCOME_RENDERERS: dict[str, OutcomeRenderer] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
    "junit": junit,
    "github": _github,
    "gitlab": _gitlab,
}
