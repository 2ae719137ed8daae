"""What is said of fleet files that are not right: where, in which words, with which way out."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from fleets import row, written
from typer.testing import CliRunner

from placement.cli.app import app

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
