"""What is loaded before anything is done: by the first page of help nothing, by a command no more than it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from placement.cli.app import app, narrowed
from placement.cli.overview import PAGE, WIDTH

ROOT = Path(__file__).parent.parent
COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "PLACEMENT_CACHE_DIR")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
        env={**plain, "PYTHONPATH": str(ROOT), **environment},
    )


def called(name: str, *arguments: str, **environment: str) -> str:
    """What the program prints when the file that runs is called *name*."""
    code = f"import sys; sys.argv = {[name, *arguments]}; from placement.cli import main; main()"
    return run("-c", code, **environment).stdout


def by_typer(name: str, *arguments: str, **environment: str) -> str:
    """The same as typer writes it."""
    code = f"import sys; sys.argv = {[name, *arguments]}; from placement.cli.app import app; app()"
    return run("-c", code, **environment).stdout


def loaded(*arguments: str, **environment: str) -> set[str]:
    """The modules that a command line loads."""
    lines = run("-X", "importtime", "-m", "placement", *arguments, **environment).stderr.splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


def test_the_page_is_what_typer_writes() -> None:
    """The page that is kept is typer's (`PLACEMENT_UPDATE=1` rewrites it)."""
    page = by_typer("placement", "--help", COLUMNS=str(WIDTH))
    if os.environ.get("PLACEMENT_UPDATE"):
        Path(PAGE).write_text(page, encoding="utf-8")
    assert Path(PAGE).read_text(encoding="utf-8") == page
    assert all(f"\n  {name} " in page for name in COMMANDS)


@pytest.mark.parametrize("columns", ["30", "79", "80", "81", "200"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_typers_at_any_width(option: str, columns: str) -> None:
    assert called("/usr/bin/placement", option, COLUMNS=columns) == by_typer("placement", option, COLUMNS=columns)


def test_help_names_the_program() -> None:
    """As it was called: by its own name, as a module, or by another name."""
    helped = Path(PAGE).read_text(encoding="utf-8")
    assert run("-m", "placement", "--help").stdout == helped.replace("placement", "python -m placement", 1)
    assert called("planner", "--help") == helped.replace("placement", "planner", 1)


def test_help_loads_next_to_nothing() -> None:
    """Not even typer, which takes longer to load than Python itself."""
    modules = loaded("--help")
    assert "placement.cli.overview" in modules
    assert modules & {"typer", "click", "typing", "inspect", "rich", "numpy", "pydantic", "yaml"} == set()


def test_version_loads_no_more_than_typer() -> None:
    assert loaded("--version") & {"numpy", "pydantic", "yaml", "placement.diagnostics"} == set()


def test_help_of_a_command_loads_nothing_of_the_command() -> None:
    """Only typer, and whatever typer needs to read options."""
    modules = loaded("check", "--help")
    assert "typer" in modules
    assert (
        modules & {"numpy", "yaml", "placement.report.console", "placement.cli.checks", "placement.diagnostics"}
        == set()
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_is_the_same_command(name: str) -> None:
    """Its help, its exit code on a wrong option and its hint do not depend on what else the app has."""
    for arguments in ([name, "--help"], [name, "--nonsense"]):
        alone, among_all = (CliRunner().invoke(each, arguments) for each in (narrowed(arguments), app))
        assert (alone.exit_code, alone.output) == (among_all.exit_code, among_all.output)
        assert name in alone.output


@pytest.mark.parametrize("arguments", [[], ["advize"], ["--version"], ["--", "advise"], ["Advise"]])
def test_everything_else_is_answered_by_the_whole_app(arguments: list[str]) -> None:
    """So that a misspelt command is met with the right one, and all are listed."""
    assert narrowed(arguments) is app


def test_narrowing_leaves_the_app_alone() -> None:
    assert len(narrowed(["diff"]).registered_commands) == 1
    assert [command.callback.__name__ for command in app.registered_commands if command.callback] == COMMANDS


def test_advice_loads_what_it_needs(tmp_path: Path) -> None:
    """With the columns kept, nothing that reads catalogs; in a pipe no progress bar; no git, no masked arrays."""
    command = ("advise", "examples/enterprise.yaml")
    readers = {f"placement.catalog.{name}" for name in ("assemble", "check", "model", "read")}
    assert readers <= loaded(*command, PLACEMENT_CACHE_DIR=str(tmp_path))
    modules = loaded(*command, PLACEMENT_CACHE_DIR=str(tmp_path))
    unneeded = {"rich.progress", "rich.live", "numpy.ma", "placement.cli.git", "placement.diff.compare", "xlsxwriter"}
    assert "placement.engine.advise" in modules
    assert modules & (readers | unneeded) == set()
    assert {name for name in modules if name.startswith(("pydantic.v1", "placement.finance"))} == set()


@pytest.mark.parametrize("module", ["typer", "placement.diagnostics", "yaml"])
def test_an_interrupt_while_modules_load_is_no_traceback(module: str) -> None:
    """Ctrl-C right after the start ends as it does later: with 130, and without a word."""
    code = f"""
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
sys.argv = ["placement", "validate", "examples/enterprise.yaml"]
from placement.cli import main
main()
"""
    plain = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=plain)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
