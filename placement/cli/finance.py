"""What the commands for finance do: check the options, read the plan, write its views."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from placement.cli.environment import terminal
from placement.cli.output import keep, write
from placement.diagnostics import Diagnostic, InputError, Where

if TYPE_CHECKING:
    from placement.finance.months import Month
    from placement.plan.model import Inputs


class ExportOptions(NamedTuple):
    """What was asked for; None where nothing was."""

    form: str
    by: str | None
    start: str | None
    months: str | None
    version: str | None
    excel: bool
    output: Path | None


def run_export(path: Path, options: ExportOptions) -> None:
    """Write a plan in one of the forms for finance."""
    _check(options)
    keep(options.output, [path])
    write(_pieces(path, options), options.output)


def _pieces(path: Path, options: ExportOptions) -> Iterable[str] | Iterable[bytes]:
    """The export in pieces. The plan is read twice: nothing is written of one that does not add up."""
    from placement.finance.statement import statement  # noqa: PLC0415
    from placement.finance.tables import BYTE_ORDER_MARK, About, export_csv  # noqa: PLC0415
    from placement.plan.load import open_plan  # noqa: PLC0415

    first = open_plan(path, skim=True)
    inputs = first.head.inputs
    if options.form == "proofs":
        from placement.finance.proofs import export_proofs  # noqa: PLC0415

        deque(first.placements, maxlen=0)
        return export_proofs(first.tail[0].sources, open_plan(path, skim=True).placements)
    start, months = first_month(path, inputs, options.start), _months(options.months, inputs.horizon_months)
    money = statement(inputs, first.placements, start) if options.form == "xlsx" else None
    deque(first.placements, maxlen=0)
    (tail,) = first.tail
    about, placements = About(inputs, tail.sources, start), open_plan(path, skim=True).placements
    if money is not None:
        from placement.finance.xlsx import export_xlsx  # noqa: PLC0415

        return export_xlsx(about, first.head.summary, money, tail, placements)
    if options.form == "focus":
        from placement.finance.focus import export_focus  # noqa: PLC0415

        return export_focus(options.version or "1.2", months, about, placements)
    rows = export_csv(options.by or "line", about, placements)
    return _after(BYTE_ORDER_MARK, rows) if options.excel else rows


def _after(first: str, rest: Iterable[str]) -> Iterable[str]:
    yield first
    yield from rest


def run_cash(path: Path, form: str, start: str | None, output: Path | None, no_color: bool) -> None:
    """Write a plan's cash-flow statement."""
    from placement.finance.statement import statement  # noqa: PLC0415
    from placement.plan.load import open_plan  # noqa: PLC0415
    from placement.report.cash import render_cash  # noqa: PLC0415

    keep(output, [path])
    reading = open_plan(path, skim=True)
    inputs = reading.head.inputs
    money = statement(inputs, reading.placements, first_month(path, inputs, start))
    money = money._replace(commitments=reading.tail[0].commitments)
    write(render_cash(money, form, terminal(no_color, output)), output)


_ONLY_WITH = {"--by": "csv", "--excel": "csv", "--months": "focus", "--focus-version": "focus"}


def _check(options: ExportOptions) -> None:
    """Options that belong to another form are refused, not ignored."""
    given = {
        "--by": options.by,
        "--excel": options.excel,
        "--months": options.months,
        "--focus-version": options.version,
    }
    for name, form in _ONLY_WITH.items():
        if given[name] and options.form != form:
            _refuse("option-unfit", f"`{name}` goes with --format {form}, not with {options.form}", name)
    stated_month(options.start)
    if options.form == "xlsx" and options.output is None:
        _refuse("output-needed", "a workbook is no text for a terminal", "--format xlsx", "name a file with --output")


def stated_month(stated: str | None) -> Month | None:
    """The month of `--start`; None where it was not given. Raises `InputError`."""
    from placement.finance.months import month_of  # noqa: PLC0415

    if stated is None:
        return None
    found = month_of(stated)
    if found is None:
        _refuse("wrong-month", f"`{stated}` is not a month", "--start", "write it like 2027-01")
    return found


def first_month(path: Path, inputs: Inputs, stated: str | None) -> Month:
    """The first month of the horizon: as stated, else the month after the catalog. Raises `InputError`."""
    from placement.finance.months import month_after  # noqa: PLC0415

    found = stated_month(stated) or month_after(inputs.catalog_as_of)
    if found is None:
        message = f"the plan's catalog has no date (`{inputs.catalog_as_of}`), so the first month is not known"
        _refuse("start-needed", message, str(path), "name it with --start YYYY-MM")
    return found


def _months(stated: str | None, horizon: int) -> int:
    """How many months to write."""
    if stated == "all":
        return horizon
    text = stated or "1"
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= horizon:
        return int(text)
    _refuse("wrong-months", f"`{text}` is not a number of months of this plan", "--months", f"1 to {horizon}, or all")


def _refuse(code: str, message: str, where: str, hint: str = "") -> NoReturn:
    raise InputError([Diagnostic(code, message, Where(where), hint)])
