"""What is said of fleet files that are not right: where, in which words, with which way out."""

from __future__ import annotations

import json
import os
import shlex
import threading
from pathlib import Path
from typing import Any

import pytest
from fleets import row, written
from typer.testing import CliRunner

from placement.cli.app import app
from placement.cli.commands import load
from placement.csv_tables import cell_begin
from placement.diagnostics import MAX_REPORTED
from placement.inventory.data import Inflow
from placement.inventory.fleet import csv_rows, source
from placement.inventory.fleet.flow_cells import read_flows

OK = Path(__file__).resolve().parent / "errors" / "ok" / "catalog"
SMALL = f"--no-shipped-catalog --catalog {OK}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(line: str) -> Any:
    return CliRunner().invoke(app, shlex.split(line), env={"PLACEMENT_NO_CACHE": "1"})


def validated(content: str | bytes, file: str = "fleet.jsonl") -> Any:
    """What `validate` says of an inventory whose fleet holds *content*."""
    written(Path.cwd(), file, content)
    return run(f"validate inventory.yaml {SMALL}")


def test_more_than_fifty_errors_are_told_as_such() -> None:
    said = validated("{}\n" * 60)
    assert said.exit_code == 2
    assert said.stderr.endswith("50 errors shown, there are more\n")
    Path("other.yaml").write_text("schema_version: 1\n")
    assert run(f"validate inventory.yaml other.yaml {SMALL}").stderr.endswith(" errors shown, there are more\n")


def test_many_workloads_are_counted_with_separators() -> None:
    said = validated("".join(f"{json.dumps(row(f'w{number}'))}\n" for number in range(1200)))
    assert "inventory.yaml: 1,200 workloads, no errors" in said.stdout


HEAD = "id,kind,model,count,hours_per_month,note\n"


def said_of(content: str | bytes, file: str) -> str:
    """What is printed of a fleet that is refused, once."""
    said = validated(content, file)
    assert (said.exit_code, said.stdout, said.stderr.count("error[")) == (2, "", 1), said.stderr
    return str(said.stderr)


def test_a_long_cell_is_too_long_where_it_stands() -> None:
    said = said_of(f'{HEAD}a,batch,H100-SXM,8,1,"{"x," * 70_000}"\n', "fleet.csv")
    assert said.startswith("fleet.csv:2:22: error[wrong-length]: `note`: must have at most 1,000 characters")


@pytest.mark.parametrize(
    ("line", "column", "hint"),
    [
        ('"a"b,batch,H100-SXM,8,1,', 1, "is written twice"),
        ('a,"ba""tch",H100-SXM,8,1,"x"y', 26, "is written twice"),
        ('a,batch,H100-SXM,8,1,"x', 22, "must end in its line"),
    ],
)
def test_quotes_that_do_not_match(line: str, column: int, hint: str) -> None:
    said = said_of(f"{HEAD}{line}\n", "fleet.csv")
    assert said.startswith(f"fleet.csv:2:{column}: error[csv-row]")
    assert hint in said


@pytest.mark.parametrize("rows", [2, 20_000])
def test_lines_that_end_in_cr(rows: int) -> None:
    line = json.dumps(row("a"))
    assert f"fleet.jsonl:1:{len(line) + 1}: error[line-end]" in said_of(f"{line}\r" * rows, "fleet.jsonl")
    csv = HEAD.replace("\n", "\r") + "a,batch,H100-SXM,8,1,\r" * rows
    assert f"fleet.csv:1:{len(HEAD)}: error[line-end]" in said_of(csv, "fleet.csv")
    assert "fleet.csv:2:5: error[line-end]" in said_of(f"{HEAD}a,ba\rtch,H100-SXM,8,1,\n", "fleet.csv")


def test_half_of_a_character_is_pointed_at() -> None:
    said = said_of(json.dumps(row("a", note="\ud800")), "fleet.jsonl")
    column = json.dumps(row("a", note="\ud800")).index('"\\ud800') + 1
    assert said.startswith(f"fleet.jsonl:1:{column}: error[control-character]: `note`: half of a character")
    assert "hint: write the character itself" in said
    other = json.dumps({**row("a", note="\U0001f600"), "kind": "x"})
    column = other.index('"x"') + 1
    assert said_of(other, "fleet.jsonl").startswith(f"fleet.jsonl:1:{column}: error[unknown-choice]")


def test_a_fleet_that_cannot_be_read_is_shown_where_it_is_named() -> None:
    written(Path.cwd(), "fleet.jsonl", "")
    Path("fleet.jsonl").unlink()
    for line in (f"validate inventory.yaml {SMALL}", "convert inventory.yaml new.csv"):
        assert run(line).stderr.endswith("  hint: inventory.yaml:5:19 names it\n")
    Path("fleet.jsonl").mkdir()
    assert "not-a-file" in (said := run(f"validate inventory.yaml {SMALL}").stderr)
    assert said.endswith("  hint: inventory.yaml:5:19 names it\n")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that opens and cannot be read")
def test_reading_that_fails_is_about_the_fleet() -> None:
    written(Path.cwd(), "fleet.jsonl", "")
    Path("fleet.jsonl").unlink()
    Path("fleet.jsonl").symlink_to("/proc/self/mem")
    assert run(f"validate inventory.yaml {SMALL}").stderr.startswith("fleet.jsonl: error[file-unreadable]: cannot read")


@pytest.mark.skipif(not hasattr(os, "mkfifo") or not Path("/dev/full").exists(), reason="no pipes or no full device")
def test_a_pipe_and_no_room_for_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    written(Path.cwd(), "fleet.jsonl", "")
    Path("fleet.jsonl").unlink()
    os.mkfifo("fleet.jsonl")
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed with the fleet
    monkeypatch.setattr(source.tempfile, "TemporaryFile", lambda: full)
    writer = threading.Thread(target=Path("fleet.jsonl").write_text, args=[json.dumps(row("a"))])
    writer.start()
    said = run(f"validate inventory.yaml {SMALL}").stderr
    writer.join()
    assert said.startswith("fleet.jsonl: error[output-unwritable]: cannot keep this file in a temporary one: no space")
    assert "hint: set TMPDIR" in said


@pytest.mark.parametrize("command", ["advise", "validate", "check", "explain"])
def test_a_fleet_in_place_of_its_inventory(command: str) -> None:
    written(Path.cwd(), "fleet.jsonl", json.dumps(row("a")))
    said = run(f"{command} fleet.jsonl {'a' if command == 'explain' else ''} {SMALL}")
    assert said.exit_code == 2
    assert "hint: give the inventory that names it: `workloads: {file: fleet.jsonl}`" in said.stderr


def test_a_plan_as_json_lines_is_recognised() -> None:
    written(Path.cwd(), "fleet.jsonl", json.dumps(row("a")))
    assert run(f"advise inventory.yaml {SMALL} -o plan.jsonl -f jsonl").exit_code == 0
    for line in ("cash plan.jsonl", "export plan.jsonl", "diff plan.jsonl plan.jsonl"):
        said = run(line)
        assert (said.exit_code, "--format json\n" in said.stderr) == (2, True), line
        assert said.stderr.startswith("plan.jsonl: error[not-a-plan]: this is a plan as JSON lines")
    assert "this is a plan, not an inventory" in run(f"advise plan.jsonl {SMALL}").stderr
    assert "this is a fleet file" in run(f"diff fleet.jsonl inventory.yaml {SMALL}").stderr


def test_files_without_rows_say_what_a_row_is() -> None:
    assert "hint: each line below the names of the columns is one" in said_of(HEAD, "fleet.csv")
    assert "hint: each line is one" in said_of("\n", "fleet.jsonl")


def test_spaces_and_fractions_of_zero() -> None:
    """As people align columns, and as programs write whole numbers that they hold as others."""
    csv = " id,kind , model ,count, hours_per_month,accelerators_per_replica,offline\n"
    assert validated(f"{csv}a,batch,H100-SXM,8,730,2,false\n", "fleet.csv").exit_code == 0
    plain = load(Path("inventory.yaml"), [OK], shipped=False).digest
    assert validated(f"{csv}a,batch,H100-SXM, 8.0 ,730.0 , 2.0, false \n", "fleet.csv").exit_code == 0
    assert load(Path("inventory.yaml"), [OK], shipped=False).digest == plain
    assert ":2:18: error[wrong-type]" in said_of(f"{csv}a,batch,H100-SXM,8.5,730,2,\n", "fleet.csv")
    assert "error[out-of-range]" in said_of(f"{csv}a,batch,H100-SXM,1e7,730,2,\n", "fleet.csv")


def test_a_csv_without_a_last_line_end_may_be_cut_off() -> None:
    whole = f"{HEAD.replace(',note', '')}a,batch,H100-SXM,8,730\n"
    assert validated(whole, "fleet.csv").stderr == ""
    for line in (f"validate inventory.yaml {SMALL}", "convert fleet.csv new.jsonl"):
        Path("fleet.csv").write_text(whole[:-3])
        said = run(line)
        assert said.exit_code == 0
        assert "warning: fleet.csv: no line break ends the last line" in said.stderr
    assert validated(json.dumps(row("a"))).stderr == ""


def test_a_header_of_very_many_wrong_names_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only as many columns are looked for as are shown, and one more that says that there are more."""
    looked: list[int] = []

    def counted(text: str, cell: int) -> int:
        looked.append(cell)
        return cell_begin(text, cell)

    monkeypatch.setattr(csv_rows, "cell_begin", counted)
    form, wrong = csv_rows.header_of("1," * 20_000, "fleet.csv", 1)
    assert form is None
    assert len(wrong) == len(looked) == MAX_REPORTED + 1


@pytest.mark.parametrize("said", ["100 reads logs", "40 daily daily", "40 each each"])
def test_what_is_said_twice_of_a_flow_is_refused(said: str) -> None:
    """The last word would win in silence."""
    (flow,) = read_flows("from", f"office={said}")
    with pytest.raises(ValueError, match="number"):
        Inflow.model_validate(flow)
