"""One pass over a fleet file: every row's form, values and names, its id, and the digest of what it says."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Hashable
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where
from placement.documents import Finding, decoded
from placement.inventory.fleet.csv_rows import header_of
from placement.inventory.fleet.fleet import Fleet, Index
from placement.inventory.fleet.form import Form, RowError
from placement.inventory.fleet.json_lines import JsonLines
from placement.inventory.fleet.rows import Row, canonical
from placement.inventory.fleet.source import Line, Source
from placement.inventory.inventory import MAX_WORKLOADS
from placement.inventory.names import Names, repeated, repeated_id
from placement.inventory.workload import Workload
from placement.validation import findings_of

_DIGEST_BYTES = 32
_MOST_PARTS = 2**17
"""How many parts of rows that were found fine are remembered."""

ENDINGS = (".jsonl", ".csv")


def read_fleet(path: Path, name: str, names: Names | None) -> Fleet:
    """Every row of *path*, which messages call *name*; raises `InputError` with all errors (at most 50).

    Without *names*, only the rows' form and values are checked.
    """
    reading = _Reading(Source(path, name), names)
    try:
        for line in reading.source.lines():
            reading.take(line)
            if len(reading.found) > MAX_REPORTED:
                break
    except InputError as error:
        reading.found += error.diagnostics
    reading.finish()
    if reading.found:
        found = sorted(reading.found, key=lambda one: (one.where.line, one.where.column))
        raise InputError(found[:MAX_REPORTED], more=len(found) > MAX_REPORTED)
    return reading.fleet()


class _Reading:
    """What has been read so far."""

    def __init__(self, source: Source, names: Names | None) -> None:
        self.source = source
        self.names = names
        self.found: list[Diagnostic] = []
        self.form: Form | None = None if source.name.lower().endswith(".csv") else JsonLines()
        self.start, self.line, self.end = array("q"), array("q"), 0
        self.ids: list[str] = []
        self.digests = bytearray()
        self.fine: set[Hashable] = set()

    def take(self, line: Line) -> None:
        """Check a line and remember where it is."""
        if self.form is None:
            self.form, wrong = header_of(*_header(line, self.source.name))
            if self.form is None:
                raise InputError(wrong)
            return
        try:
            row = self.form.row(line.text)
        except ValueError:
            self.found += self._wrong(self.form, line)
            return
        parts = _judged(row)
        if self.names is not None and not self.fine.issuperset(parts):
            self._judge(self.form, self.names, line, parts)
        self.ids.append(row["id"])
        self.start.append(line.start)
        self.line.append(line.number)
        self.end = line.start + len(line.text)
        self.digests += hashlib.sha256(canonical(row)).digest()
        if len(self.ids) > MAX_WORKLOADS:
            message = f"more than {MAX_WORKLOADS:,} workloads"
            raise InputError([Diagnostic("wrong-length", message, Where(self.source.name, line.number, 1))])

    def finish(self) -> None:
        """Add what can only be known at the end."""
        if not self.ids and not self.found:
            message = "there is no workload in this file"
            self.found.append(Diagnostic("empty-file", message, Where(self.source.name)))
        if self.form is None or len(self.found) > MAX_REPORTED:
            return
        twice = list(islice(repeated(self.ids), MAX_REPORTED + 1))
        if twice:
            fleet = self.fleet()
            for earlier, number in twice:
                where, text = fleet.place(number, ("id",))
                finding = repeated_id(self.ids[number], self.line[earlier], ())
                self.found.append(Diagnostic(finding.code, finding.message, where, finding.hint, text))

    def fleet(self) -> Fleet:
        """What has been read."""
        assert self.form is not None
        size = _DIGEST_BYTES
        each = sorted(bytes(self.digests[at : at + size]) for at in range(0, len(self.digests), size))
        index = Index(array("q", (*self.start, self.end)), self.line, self.ids, b"".join(each))
        return Fleet(self.source.name, self.form, self.source, index)

    def _judge(self, form: Form, names: Names, line: Line, parts: list[Hashable]) -> None:
        """Check the names of a row that has something new in it, and remember what is fine."""
        findings = list(names.workload(form.workload(line.text), ()))
        if findings:
            self.found += self._placed(form, line, line.text.decode(), findings)
        else:
            if len(self.fine) > _MOST_PARTS:
                self.fine.clear()
            self.fine.update(parts)

    def _wrong(self, form: Form, line: Line) -> list[Diagnostic]:
        """Why a row cannot be read."""
        name = self.source.name
        try:
            text = decoded(line.text, name, line.number)
        except InputError as error:
            return list(error.diagnostics)
        try:
            value = form.value(text)
            workload = Workload.model_validate(value)
        except RowError as error:
            hint = error.hint if line.whole else "the file ends in the middle of this row: is it complete?"
            return [Diagnostic(error.code, error.message, Where(name, line.number, error.column), hint, text)]
        except ValidationError as error:
            return self._placed(form, line, text, list(findings_of(error, value, Workload)))
        raise AssertionError(f"{name}:{line.number}: `{workload.id}` is fine and is not")

    def _placed(self, form: Form, line: Line, text: str, findings: list[Finding]) -> list[Diagnostic]:
        columns = form.columns(text, [finding.path for finding in findings])
        return [
            Diagnostic(finding.code, finding.message, Where(self.source.name, line.number, column), finding.hint, text)
            for finding, column in zip(findings, columns, strict=True)
        ]


def _header(line: Line, name: str) -> tuple[str, str, int]:
    return decoded(line.text, name, line.number), name, line.number


def _judged(row: Row) -> list[Hashable]:
    """The parts of a row that are checked for themselves: rows of the same parts are all fine, or none of them is."""
    demand = row["demand"]["accelerators"]
    parts: list[Hashable] = [(demand.model, demand.throughput_class)]
    if (demand.hours_per_month or 1) < 1 or (demand.utilization_fraction or 1) < 0.01:
        parts.append(demand.hours)
    get = row.get
    users = get("users")
    if users or get("slo") or get("offline"):
        shares = tuple([(user["location"], user.get("share_fraction")) for user in users or ()])
        parts.append((shares, not get("slo"), not get("offline")))
    for flow in get("data_in", ()):
        parts.append(("data_in", flow["source"], flow.get("gb_per_month") is None))
    for flow in get("data_out", ()):
        parts.append(("data_out", flow["target"]))
    for name in get("residency", ()):
        parts.append(("residency", name))
    for name in get("certifications", ()):
        parts.append(("certifications", name))
    return parts
