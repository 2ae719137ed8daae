"""The commands as a person runs them: whole processes, exit codes, files, streams."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from placement import __version__
from placement.cli.environment import PIPE_WIDTH, terminal

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests/cases"
SHOWN_LINES = 58
"""Lines of output the README shows."""

SMALL = ["--no-shipped-catalog", "--catalog", str(CASES / "catalog")]


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "placement", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_readme_names_every_command_and_nothing_else() -> None:
    """The table of commands in the README is the one of `--help`."""
    helped = set(re.findall(r"^  (\w+)  ", run("--help").stdout.split("Commands:")[1], re.M))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `placement (\w+)", readme, re.M)) == helped
    assert run("--version").stdout == f"placement {__version__}\n"


def test_readme_has_exactly_two_set_up_commands() -> None:
    """One line ends in the recommendation, one in the tests, and CI runs the second."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)\n```", readme, re.S)
    assert [command.split(" && ")[-1] for command in commands] == [
        ".venv/bin/placement advise examples/enterprise.yaml",
        ".venv/bin/python -m pytest",
    ]
    assert all("\n" not in command and command.startswith("python3 -m venv .venv") for command in commands)
    assert "sed -n 's/^\\(python3 -m venv .*pytest.*\\)$/\\1/p' README.md" in (ROOT / ".ci/run").read_text()


def test_readme_shows_what_is_printed() -> None:
    """The block of output in the README is the real one, from its first line on (`PLACEMENT_UPDATE=1` rewrites it)."""
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    block, *_ = re.findall(r"```text\n(\$ placement.*?)\n```", readme, re.S)
    command, *shown = block.split("\n")
    assert command == "$ placement advise examples/enterprise.yaml"
    printed = run("advise", "examples/enterprise.yaml", COLUMNS="100").stdout.split("\n")
    if os.environ.get("PLACEMENT_UPDATE"):
        shown = [*printed[:SHOWN_LINES], "…"]
        path.write_text(readme.replace(block, "\n".join([command, *shown])), encoding="utf-8")
    assert shown == [*printed[:SHOWN_LINES], "…"]


def test_readme_shows_parts_of_what_is_printed() -> None:
    """Between lines with an ellipsis, the other blocks of output in the README are what is printed, in its order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, *blocks = re.findall(r"```text\n\$ placement (.*?)\n```", readme, re.S)
    assert [block.split(" ", 1)[0] for block in blocks] == ["size", "explain", "advise"]
    for block in blocks:
        command, parts = block.split("\n…\n", 1)
        printed, end = run(*command.split(" "), COLUMNS="110").stdout, 0
        for part in parts.removesuffix("\n…").split("\n…\n"):
            assert f"\n{part}\n" in printed[end:], (command, part)
            end = printed.index(part, end) + len(part)


def test_streams_and_exit_codes(tmp_path: Path) -> None:
    """Data on stdout, talk on stderr; 0 done, 1 a check failed, 2 bad input or usage."""
    inventory = str(CASES / "rules/inventory.yaml")
    done = run("advise", inventory, "-f", "json", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["summary"]["workloads"] == 5
    assert run("advise", inventory, "--require-placed", *SMALL).returncode == 1
    assert run("advise", str(CASES / "rented/inventory.yaml"), "--require-placed", *SMALL).returncode == 0
    missing = run("advise", str(tmp_path / "none.yaml"))
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "error[file-unreadable]" in missing.stderr
    usage = run("advise", inventory, "--format", "pdf")
    assert (usage.returncode, usage.stdout) == (2, "")
    assert "Traceback" not in usage.stderr


def test_output_is_a_file_and_stdout_stays_empty(tmp_path: Path) -> None:
    """`--output` writes what stdout would get, byte for byte, and leaves no other file behind."""
    inventory = str(CASES / "bought/inventory.yaml")
    for form in ("json", "csv", "markdown"):
        target = tmp_path / f"plan.{form}"
        done = run("advise", inventory, "-f", form, "-o", str(target), *SMALL)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        command = [sys.executable, "-m", "placement", "advise", inventory, "-f", form, *SMALL]
        piped = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        assert target.read_bytes() == piped.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.csv", "plan.json", "plan.markdown"]


def test_init_validate_advise(tmp_path: Path) -> None:
    """A new user's first minute: write the starter, check it, get a plan; a second `init` does not overwrite."""
    assert run("init", cwd=tmp_path).returncode == 0
    assert "no errors" in run("validate", "inventory.yaml", cwd=tmp_path).stdout
    plan = json.loads(run("advise", "inventory.yaml", "-f", "json", cwd=tmp_path).stdout)
    assert plan["summary"]["placed"] == plan["summary"]["workloads"] > 0
    again = run("init", cwd=tmp_path)
    assert (again.returncode, "error[file-exists]" in again.stderr) == (2, True)
    assert run("init", "--force", cwd=tmp_path).returncode == 0


def test_explain_tells_costs_rules_and_sources() -> None:
    """Demand, cost lines, every tier's best or obstacle, rejections, sources; unknown ids get a hint."""
    told = run("explain", str(CASES / "bought/inventory.yaml"), "twin", *SMALL, COLUMNS="120").stdout
    wanted = ("8 × Big", "$10,075.00", "hardware, owned", "needed more by others", "nimbus/berlin/big8", "made up")
    assert [words for words in wanted if words not in told] == []
    told = run("explain", str(CASES / "rules/inventory.yaml"), "impossible", *SMALL).stdout
    assert "breaks rtt (round-trip time to users) by" in told
    assert "raise `slo.rtt_ms` to 20.2" in told
    unknown = run("explain", str(CASES / "rules/inventory.yaml"), "chatt", *SMALL)
    assert (unknown.returncode, "did you mean `chat`?" in unknown.stderr) == (2, True)


def test_an_overlay_changes_prices_sites_and_nodes(tmp_path: Path) -> None:
    """A layer with one negotiated price and a new site wins over what lies below."""
    (tmp_path / "sources.csv").write_text("source_id,source,licence\nus,our contract of 2026,internal\n")
    (tmp_path / "hyperscaler").mkdir()
    header = (CASES / "catalog/hyperscaler/nimbus.offers.csv").read_text().splitlines()[0]
    row = "berlin,big8,Big,8,8,on_demand,4,secure,listed,list,2026-11,us,negotiated"
    (tmp_path / "hyperscaler/nimbus.offers.csv").write_text(f"{header}\n{row}\n")
    done = run("advise", str(CASES / "bought/inventory.yaml"), "-f", "json", *SMALL, "--catalog", str(tmp_path))
    placements = {entry["workload"]: entry for entry in json.loads(done.stdout)["placements"]}
    # 730 h × $4 = $2,920 beats the $5,876 of the own node.
    assert placements["steady"]["layers"][0]["offer"] == "nimbus/berlin/big8/on_demand"
    assert placements["steady"]["monthly_cost_usd"] == "2920.00"
    assert placements["steady"]["lines"][0]["source_id"] == "us"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_decided_in_one_place(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR wins, FORCE_COLOR=0 does not force, a pipe has none, a file never has any."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal(False, None)[1] is expected
    assert terminal(True, None)[1] is False
    assert terminal(False, Path("plan.txt")) == (PIPE_WIDTH, False)
