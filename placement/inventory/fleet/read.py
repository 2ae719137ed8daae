"""One pass over a fleet file: every row's form, values and names, its id, and the digest of what it says."""

from __future__ import annotations

from array import array
from hashlib import sha256
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, brief
from placement.documents import Finding, decoded
from placement.inventory.asks import BATCH, Asks
from placement.inventory.fleet.csv_rows import header_of
from placement.inventory.fleet.fine import Fine
from placement.inventory.fleet.fleet import Fleet, Index
from placement.inventory.fleet.form import Form, RowError
from placement.inventory.fleet.json_lines import JsonLines
from placement.inventory.fleet.rows import Row, canonical
from placement.inventory.fleet.source import CSV, Line, Source, other_line_end
from placement.inventory.inventory import MAX_WORKLOADS
from placement.inventory.members import Redundant, taken_id, taken_ids
from placement.inventory.names import Names, repeated, repeated_id
from placement.inventory.workload import Workload
from placement.validation import findings_of

_DIGEST_BYTES = 32


def read_fleet(path: Path, name: str, names: Names | None) -> Fleet:
    """Every row of *path*, which messages call *name*; raises `InputError` with all errors (at most 50).

    Without *names*, only the rows' form and values are checked.
    """
    reading = _Reading(Source(path, name), names)
    try:
        for line in reading.source.lines():
            reading.take(line)
    except InputError as error:
        reading.found += error.diagnostics
    except _EnoughError:
        pass
    else:
        reading.finish()
    if reading.found:
        found = sorted(reading.found, key=lambda one: (one.where.line, one.where.column))
        raise InputError(found[:MAX_REPORTED], more=len(found) > MAX_REPORTED)
    return reading.fleet()


class _EnoughError(Exception):
    """There is more than will be shown."""


class _Reading:
    """What has been read so far."""

    def __init__(self, source: Source, names: Names | None) -> None:
        self.source = source
        self.names = names
        self.found: list[Diagnostic] = []
        self.form: Form | None = None if source.name.lower().endswith(CSV) else JsonLines()
        self.start, self.line, self.end = array("q"), array("q"), 0
        self.ids: list[str] = []
        self.digests = bytearray()
        self.fine = Fine(names.bounds.bound) if names is not None else Fine()
        self.whole = True
        self.asks: Asks | None = Asks() if names is not None else None
        self.batch: list[Row] = []
        """Rows that `asks` does not know yet."""

    def take(self, line: Line) -> None:
        """Check a line and remember where it is."""
        number, start, data, self.whole = line
        if self.form is None:
            self._begin(line)
            return
        try:
            row = self.form.row(data)
        except ValueError as error:
            self._add(self._wrong(self.form, line, error))
            return
        if self.names is not None and not self.fine.knows(row):
            self._judge(self.form, self.names, line, row)
        self.ids.append(row["id"])
        self.start.append(start)
        self.line.append(number)
        self.end = start + len(data)
        self.digests += sha256(canonical(row)).digest()
        self.batch.append(row)
        if len(self.batch) == BATCH:
            self._read_off()
        if len(self.ids) > MAX_WORKLOADS:
            message = f"more than {MAX_WORKLOADS:,} workloads"
            raise InputError([Diagnostic("wrong-length", message, Where(self.source.name, number, 1))])

    def _read_off(self) -> None:
        if self.asks is not None and not self.found:
            self.asks.add(self.batch)
        self.batch = []

    def finish(self) -> None:
        """Add what can only be known at the end."""
        self._read_off()
        if not self.ids and not self.found:
            message = "there is no workload in this file"
            hint = "each line below the names of the columns is one" if self.form else ""
            hint = "each line is one" if isinstance(self.form, JsonLines) else hint
            self.found.append(Diagnostic("empty-file", message, Where(self.source.name), hint))
        if self.asks is not None and self.asks.redundant.terms and not self.found:
            self._taken(self.asks.redundant)
        twice = list(islice(repeated(self.ids), MAX_REPORTED + 1))
        if twice:
            fleet = self.fleet()
            for earlier, number in twice:
                where, text = fleet.place(number, ("id",))
                finding = repeated_id(self.ids[number], self.line[earlier], ())
                self.found.append(Diagnostic(finding.code, finding.message, where, finding.hint, text))

    def _taken(self, redundant: Redundant) -> None:
        """Add the workloads that have the id of another one's member."""
        sites = zip(redundant.numbers, (terms.min_sites for terms in redundant.terms), strict=True)
        fleet = self.fleet()
        for number, base, name in islice(taken_ids(self.ids, sites), MAX_REPORTED + 1):
            where, text = fleet.place(number, ("id",))
            finding = taken_id(name, self.ids[base], ())
            self.found.append(Diagnostic(finding.code, finding.message, where, finding.hint, text))

    def fleet(self) -> Fleet:
        """What has been read."""
        assert self.form is not None
        size = _DIGEST_BYTES
        each = sorted(bytes(self.digests[at : at + size]) for at in range(0, len(self.digests), size))
        whole = self.whole or isinstance(self.form, JsonLines)
        index = Index(array("q", (*self.start, self.end)), self.line, self.ids, b"".join(each), whole, self.asks)
        return Fleet(self.source.name, self.form, self.source, index)

    def _begin(self, line: Line) -> None:
        """Take the line that names the columns."""
        number, _, data, _ = line
        other = other_line_end(data, self.source.name, number)
        if other is not None:
            raise InputError([other])
        self.form, wrong = header_of(decoded(data, self.source.name, number), self.source.name, number)
        if wrong:
            raise InputError(wrong)

    def _add(self, found: list[Diagnostic]) -> None:
        self.found += found
        if len(self.found) > MAX_REPORTED:
            raise _EnoughError

    def _judge(self, form: Form, names: Names, line: Line, row: Row) -> None:
        """Check the names of a row that has something new in it, and remember what is fine."""
        number, _, data, _ = line
        findings = list(names.workload(form.workload(data), ()))
        if findings:
            self._add(self._placed(form, number, data.decode(), findings))
        else:
            self.fine.learn(row)

    def _wrong(self, form: Form, line: Line, refusal: ValueError) -> list[Diagnostic]:
        """Why a row cannot be read, in our words."""
        number, _, data, whole = line
        name = self.source.name
        other = other_line_end(data, name, number)
        if other is not None:
            return [other]
        try:
            text = decoded(data, name, number)
        except InputError as error:
            return list(error.diagnostics)
        try:
            value = form.value(text)
            Workload.model_validate(value)
        except RowError as error:
            hint = error.hint if whole else "the file ends in the middle of this row: is it complete?"
            return [Diagnostic(error.code, error.message, Where(name, number, error.column), hint, text)]
        except ValidationError as error:
            return self._placed(form, number, text, list(findings_of(error, value, Workload)))
        reason = brief(str(refusal).partition("\n")[0])
        return [Diagnostic("wrong-form", f"this row cannot be read: {reason}", Where(name, number, 1), excerpt=text)]

    def _placed(self, form: Form, number: int, text: str, findings: list[Finding]) -> list[Diagnostic]:
        columns = form.columns(text, [finding.path for finding in findings])
        return [
            Diagnostic(finding.code, finding.message, Where(self.source.name, number, column), finding.hint, text)
            for finding, column in zip(findings, columns, strict=True)
        ]
