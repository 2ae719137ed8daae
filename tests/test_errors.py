"""Every diagnostic has a file that provokes it, the exact words it says, and a heading in `docs/errors.md`.

`tests/errors/<code>.yaml` is an inventory, `tests/errors/<code>/` a folder with a catalog `layer/` or with the command
line to run (`args`); `<code>.<variant>` is a further case of the same code. `ok/` holds an inventory and a small
catalog without errors, and is the working directory of every case. The expected words stand in `<case>.txt`:
`PLACEMENT_UPDATE=1 pytest tests/test_errors.py` writes them.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from test_running import CODES
from typer.testing import CliRunner

from placement.cli.app import app
from placement.documents import MAX_BYTES, MAX_NODES
from placement.inventory.fleet.source import MAX_ROW_BYTES

ROOT = Path(__file__).parent.parent
ERRORS = Path(__file__).parent / "errors"
CASES = sorted(
    path.name.removesuffix(".yaml") for path in ERRORS.iterdir() if path.name != "ok" and path.suffix != ".txt"
)
SMALL = "--no-shipped-catalog --catalog catalog"


def sets_of_shops(count: int) -> str:
    """A fleet whose workloads live at as many different sets of eleven shops."""
    rows = ["id,kind,model,count,hours_per_month,per_location,users"]
    for number in range(1, count + 1):
        shops = [f"shop{bit:02}" for bit in range(11) if number >> bit & 1]
        first = 1 - 0.05 * (len(shops) - 1)
        users = ";".join(f"{shop}={first if shop == shops[0] else 0.05:.2f}" for shop in shops)
        rows.append(f"w{number},inference,H100-SXM,1,730,true,{users}")
    return "\n".join([*rows, ""])


LARGE = {
    "file-too-large": ("large.yaml", lambda: "#" * (MAX_BYTES + 1)),
    "row-too-long": ("fleet.jsonl", lambda: "{}\n" + " " * (MAX_ROW_BYTES + 1)),
    "site-parts": ("fleet.csv", lambda: sets_of_shops(1001)),
    "yaml-too-many-values": ("many.yaml", lambda: f"schema_version: 1\nnotes: [{'1,' * MAX_NODES}]\n"),
}
"""Files too large to be kept."""

RAISERS = {
    "Diagnostic",
    "Finding",
    "Wording",
    "PydanticCustomError",
    "diagnostic",
    "_refuse",
    "_stop",
    "known",
    "RowError",
    "Problem",
    "_fail",
    "RunError",
}
"""Functions whose first argument, where it is a literal, is a code."""


def code_of(case: str) -> str:
    return case.partition(".")[0]


def arrange(case: str, folder: Path) -> list[str]:
    """Lay the files of *case* out in *folder*; the command line to run there."""
    shutil.copytree(ERRORS / "ok", folder, dirs_exist_ok=True)
    if (ERRORS / f"{case}.yaml").is_file():
        shutil.copy(ERRORS / f"{case}.yaml", folder)
        return shlex.split(f"validate {case}.yaml {SMALL}")
    shutil.copytree(ERRORS / case, folder, dirs_exist_ok=True)
    if case in LARGE:
        name, text = LARGE[case]
        (folder / name).write_text(text(), encoding="utf-8")
    if code_of(case) == "git-revision":
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    stated = folder / "args"
    return shlex.split(stated.read_text() if stated.exists() else f"validate inventory.yaml {SMALL} --catalog layer")


@pytest.mark.parametrize("case", CASES)
def test_says_exactly_this(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    args = arrange(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACEMENT_NO_CACHE", "1")
    before = sorted(tmp_path.rglob("*"))

    result = CliRunner().invoke(app, args)

    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert f"error[{code_of(case)}]: " in result.stderr
    assert sorted(tmp_path.rglob("*")) == before, "a refused command leaves no file"
    expected = ERRORS / f"{case}.txt"
    if os.environ.get("PLACEMENT_UPDATE"):
        expected.write_text(result.stderr, encoding="utf-8")
    assert result.stderr == expected.read_text(encoding="utf-8")


def test_ok_is_ok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ERRORS / "ok", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, shlex.split(f"validate inventory.yaml {SMALL}"), env={"PLACEMENT_NO_CACHE": "1"})
    assert (result.exit_code, result.stderr) == (0, "")


def codes_in_source() -> set[str]:
    """Every code the package can print."""
    found = set()
    for path in sorted((ROOT / "placement").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = getattr(node, "func", None)
            name = getattr(function, "attr", getattr(function, "id", ""))
            parts = node.elts if isinstance(node, ast.Tuple) else node.args if name in RAISERS else []
            first = getattr(parts[0], "value", None) if parts else None
            if isinstance(first, str) and (name or first.startswith("unknown-")):
                found.add(first)
    return found


def test_every_code_has_a_case() -> None:
    """Those that need processes to provoke have theirs in `test_running`."""
    elsewhere = (Path(__file__).parent / "test_running.py").read_text(encoding="utf-8")
    assert [code for code in CODES if elsewhere.count(f'{code}"') + elsewhere.count(f"error[{code}]") < 2] == []
    assert codes_in_source() == {code_of(case) for case in CASES} | CODES


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `(.+)`$", text, re.MULTILINE)
    assert headings == sorted(set(headings), key=headings.index)
    assert set(headings) == codes_in_source()


def test_no_expectation_without_a_case() -> None:
    assert {path.stem for path in ERRORS.glob("*.txt")} == set(CASES)
