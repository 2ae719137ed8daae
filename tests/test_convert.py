"""`placement convert`: the same workloads elsewhere, and nothing else touched."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fleets import row, workloads, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from placement.cli.app import app
from placement.cli.commands import MANY_WORKLOADS, load
from placement.documents import parse_yaml
from placement.inventory.convert import fleet_text, with_file, with_workloads
from placement.inventory.digests import inventory_digest
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.fleet.read import read_fleet
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.validation import validated

ROOT = Path(__file__).resolve().parents[1]
OK = ROOT / "tests" / "errors" / "ok"

BLOCK = """\
# first remark
schema_version: 1
"name": Example  # second remark

workloads: # third
  - id: a
    kind: batch
    demand: {accelerators: {model: A, count: 1,
       hours_per_month: 5}}
    note: "workloads:"

  # among workloads
  - {id: b, kind: batch, demand: {accelerators: {model: A, count: 1, hours_per_month: 5}}, tags: {}, users: [] } # last
# after them
note: >
  workloads:
  - none
# end
"""
FLOW = (
    '{"workloads": [{"id": "a", "kind": "batch", "demand": {"accelerators": {"model": "A", "count": 1, '
    '"hours_per_month": 5}}}], "schema_version": 1, "name": "x"}'
)
LAST = """\
schema_version: 1
name: x
workloads:
- id: a
  kind: batch
  demand:
    accelerators:
      model: A
      count: 1
      hours_per_month: 5"""
FILED = "schema_version: 1\nworkloads:\n  file:\n    fleet.jsonl # here\nname: x\n"


def run(line: str) -> Any:
    return CliRunner().invoke(app, shlex.split(line), env={"PLACEMENT_NO_CACHE": "1"})


def value_of(text: str) -> dict[str, Any]:
    value = parse_yaml(text, "x").value
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("text", [BLOCK, FLOW, LAST, FILED], ids=["block", "flow", "last", "filed"])
def test_all_else_stays_as_it_is(text: str) -> None:
    """Only what `workloads` says changes; remarks and layout around it stay."""
    before = value_of(text)
    some = [Workload.model_validate(row("new", note="a: b #"))]
    filed, listed = with_file(text, "a b: {#}.jsonl"), with_workloads(text, some)
    assert value_of(filed) == {**before, "workloads": {"file": "a b: {#}.jsonl"}}
    assert list(value_of(filed)) == list(before)
    assert value_of(listed) == {**before, "workloads": [row("new", note="a: b #")]}
    assert value_of(with_workloads(filed, some)) == value_of(listed)


def test_remarks_around_workloads_stay() -> None:
    text = with_file(BLOCK, "fleet.jsonl")
    kept = ["# first remark", "# second remark", "# after them", "# end"]
    assert [remark for remark in kept if remark in text] == kept
    assert "workloads: {file: fleet.jsonl}\n# after them\nnote: >\n" in text


@given(st.lists(workloads(), min_size=1, max_size=4, unique_by=lambda value: value["id"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_there_and_back(tmp_path: Path, values: list[dict[str, Any]]) -> None:
    """From YAML to each form of fleet file and back: equal workloads, one digest."""
    text = f"schema_version: 1\nname: x\nworkloads: {json.dumps(values, ensure_ascii=False)}\n"
    plain = validated(parse_yaml(text, "x"), Inventory)
    for ending in (".jsonl", ".csv"):
        path = tmp_path / f"fleet{ending}"
        path.write_text("".join(fleet_text(plain.workloads, ending)), encoding="utf-8", newline="")
        fleet = read_fleet(path, path.name, None)
        assert list(fleet) == list(plain.workloads)
        assert inventory_digest(plain.model_copy(update={"workloads": fleet})) == inventory_digest(plain)
        again = validated(parse_yaml(with_workloads(text, fleet), "x"), Inventory)
        assert again == plain


def test_commands_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = ROOT / "examples" / "enterprise.yaml"
    (tmp_path / "sub").mkdir()
    said = run(f"convert {source} fleet.csv --inventory sub/big.yaml")
    assert (said.exit_code, said.stdout) == (0, "")
    assert "fleet.csv written, " in said.stderr
    assert "workloads: {file: ../fleet.csv}" in Path("sub/big.yaml").read_text()
    assert run("convert sub/big.yaml fleet.jsonl --inventory other.yaml").exit_code == 0
    assert run("convert fleet.jsonl again.csv").exit_code == 0
    assert run("convert other.yaml flat.yaml").exit_code == 0
    assert Path("again.csv").read_bytes() == Path("fleet.csv").read_bytes()
    digests = {
        load(Path(path), [], shipped=True).digest for path in (source, "sub/big.yaml", "other.yaml", "flat.yaml")
    }
    assert len(digests) == 1


def test_nothing_is_overwritten_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", json.dumps(row("a")))
    before = Path("inventory.yaml").read_text()
    for line in ("convert inventory.yaml fleet.jsonl", "convert inventory.yaml new.csv --inventory inventory.yaml"):
        assert run(line).exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.jsonl", "inventory.yaml"]
    assert run("convert inventory.yaml fleet.jsonl --force").exit_code == 0
    assert run("convert inventory.yaml new.csv --inventory inventory.yaml --force").exit_code == 0
    assert Path("inventory.yaml").read_text() == before.replace("fleet.jsonl", "new.csv")


def test_both_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", json.dumps(row("a")))
    assert run("convert inventory.yaml new.csv --inventory nowhere/big.yaml").exit_code == 2
    assert not Path("new.csv").exists()


def test_unknown_names_can_be_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Form and values must be right; what names mean is a matter of the catalog."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", json.dumps(row("a", residency=["nowhere"])))
    assert run("convert inventory.yaml new.csv").exit_code == 0
    Path("fleet.jsonl").write_text("{}")
    assert run("convert inventory.yaml newer.csv").exit_code == 2


def test_long_lists_in_yaml_are_told_of_fleets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for count, told in ((MANY_WORKLOADS, False), (MANY_WORKLOADS + 1, True)):
        listed = json.dumps([row(f"w{number}") for number in range(count)])
        Path("many.yaml").write_text(
            f"schema_version: 1\nname: x\nlocations: {{berlin: {{city: Berlin}}}}\nworkloads: {listed}\n"
        )
        done = run(f"validate many.yaml --no-shipped-catalog --catalog {OK / 'catalog'}")
        assert done.exit_code == 0, done.stderr
        assert ("placement convert many.yaml fleet.jsonl" in done.stderr) is told


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


def test_a_revision_has_its_own_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`diff --against` compares with the rows as they were, and points at the rows as they are."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", f"{json.dumps(row('a'))}\n{json.dumps(row('b'))}\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    more = row("b", demand={"accelerators": {"model": "H100-SXM", "count": 16, "hours_per_month": 730}})
    Path("fleet.jsonl").write_text(f"{json.dumps(row('a'))}\n\n{json.dumps(more)}\n")
    line = f"diff --against HEAD inventory.yaml --no-shipped-catalog --catalog {OK / 'catalog'}"
    changes = json.loads(run(f"{line} --format json").stdout)["changes"]
    assert [change["workload"] for change in changes] == ["b"]
    annotated = run(f"{line} --format github --max-workload-increase-usd 1")
    assert "file=fleet.jsonl,line=3" in annotated.stdout, annotated.stdout


def test_commands_read_fleets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    loaded = load(Path("examples/fleet.yaml"), [], shipped=True)
    assert isinstance(loaded.inventory.workloads, Fleet)
    assert run("check examples/fleet.yaml").exit_code == 0
    assert "12 workloads, no errors" in run("validate examples/fleet.yaml").stdout
    assert run("explain examples/fleet.yaml kyc-vision").stdout.startswith("kyc-vision")
    assert "did you mean `kyc-vision`?" in run("explain examples/fleet.yaml kyc-visoin").stderr
    plan = tmp_path / "plan.json"
    assert run(f"advise examples/fleet.yaml -o {plan}").exit_code == 0
    assert run(f"advise examples/fleet.yaml --locked {plan} -o {tmp_path / 'other.json'}").exit_code == 0


def test_inputs_are_never_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with --force, nor through a link: a file that is read keeps its form, and two files stay two."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", json.dumps(row("a")))
    Path("link.yaml").symlink_to("fleet.jsonl")
    Path("link.csv").symlink_to("fleet.jsonl")
    Path("link.jsonl").symlink_to("inventory.yaml")
    Path("later.yaml").symlink_to("new.csv")
    Path("plain.yaml").write_text(with_workloads(Path("inventory.yaml").read_text(), [Workload(**row("a"))]))
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.exists()}
    for line in (
        "inventory.yaml fleet.jsonl --inventory fleet.jsonl",
        "inventory.yaml new.csv --inventory new.csv",
        "inventory.yaml new.csv --inventory later.yaml",
        "inventory.yaml new.csv --inventory link.yaml",
        "inventory.yaml link.yaml",
        "inventory.yaml link.csv",
        "inventory.yaml link.jsonl",
        "fleet.jsonl link.csv",
    ):
        said = run(f"convert {line} --force")
        assert (said.exit_code, said.stderr.count("error[")) == (2, 1), line
        assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.exists()} == before, line
    for line in ("inventory.yaml fleet.jsonl", "plain.yaml plain.yaml", "fleet.jsonl fleet.jsonl"):
        assert run(f"convert {line} --force").exit_code == 0


@pytest.mark.parametrize("failing", [OSError("no"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", [1, 2])
def test_a_failure_leaves_both_files_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, failing: BaseException
) -> None:
    """Whatever fails while files take their places, and whether they were there before."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fleet.jsonl", json.dumps(row("a")))
    replace = Path.replace
    for there in (False, True):
        if there:
            Path("new.csv").write_text("old rows")
            Path("big.yaml").write_text("old inventory")
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        calls: list[Path] = []

        def failing_once(self: Path, target: Path, calls: list[Path] = calls) -> Path:
            calls.append(self)
            if len(calls) == at:
                raise failing
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", failing_once)
        said = run("convert inventory.yaml new.csv --inventory big.yaml --force")
        monkeypatch.setattr(Path, "replace", replace)
        assert said.exit_code == (2 if isinstance(failing, OSError) else 130)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("key", ["? workloads\n:", '? "workloads"\n:', "?\n  # remark\n  workloads\n:"])
def test_keys_that_cannot_be_replaced_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("explicit.yaml").write_text(f"schema_version: 1\nname: x\n{key} - {json.dumps(row('a'))}\n")
    for line in ("fleet.jsonl --inventory new.yaml", "flat.yaml"):
        said = run(f"convert explicit.yaml {line}")
        assert (said.exit_code, "error[yaml-complex-key]" in said.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["explicit.yaml"]


def test_no_command_writes_over_what_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    small = f"--no-shipped-catalog --catalog {OK / 'catalog'}"
    written(tmp_path, "fleet.jsonl", json.dumps(row("a")))
    with Path("inventory.yaml").open("a") as stream:
        stream.write("expect: [{placed: true}]\n")
    assert run(f"advise inventory.yaml {small} -o plan.json").exit_code == 0
    Path("link.json").symlink_to("plan.json")
    Path("link.csv").symlink_to("fleet.jsonl")
    Path("ours").mkdir()
    Path("ours/prices.yaml").write_text("kept")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for line in (
        "advise inventory.yaml --catalog ours -o ours/prices.yaml",
        "diff inventory.yaml inventory.yaml --catalog ours -o ours/prices.yaml",
        f"diff plan.json inventory.yaml {small} -o fleet.jsonl",
        f"advise inventory.yaml {small} -o fleet.jsonl",
        f"advise inventory.yaml {small} -o link.csv",
        f"advise inventory.yaml {small} -o ./inventory.yaml",
        f"advise inventory.yaml {small} --locked plan.json -f csv -o plan.json",
        f"check inventory.yaml {small} -o fleet.jsonl",
        f"diff inventory.yaml plan.json {small} -o fleet.jsonl",
        f"diff --base-inventory inventory.yaml plan.json {small} -o inventory.yaml",
        "diff plan.json plan.json -o link.json",
        "cash plan.json -o plan.json",
        "export plan.json -o link.json",
    ):
        said = run(line)
        assert (said.exit_code, "error[output-is-input]" in said.stderr) == (2, True), line
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before, line
    assert run(f"advise inventory.yaml {small} --locked plan.json -o plan.json").exit_code == 0
    assert run(f"advise inventory.yaml {small} -o plan.json").exit_code == 0, "what is there already"
    assert run("advise inventory.yaml -o plan.json").exit_code == 0, "without a layer of one's own"
