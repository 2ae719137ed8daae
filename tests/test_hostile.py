"""Files that mean harm, and machines that fail: always a message and exit 2, or a plan; never a traceback."""

from __future__ import annotations

import codecs
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from placement.cli.app import app
from placement.cli.output import write
from placement.diagnostics import did_you_mean, visible
from placement.documents import parse_yaml

OK = Path(__file__).parent / "errors" / "ok"
SMALL = ("--no-shipped-catalog", "--catalog", "catalog")
GOOD = (OK / "inventory.yaml").read_text(encoding="utf-8")
BOUND_S = 10
"""Generous: every case takes well under a second."""

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a valid inventory and a small catalog."""
    shutil.copytree(OK, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACEMENT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def invoke(*args: str) -> Result:
    """Run in this process; an exception that is no exit is a failure."""
    result = CliRunner().invoke(app, [*args, *SMALL] if args[0] != "schema" else list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def run(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run as its own process, so that a crash of the parser or a hang is seen."""
    command = [sys.executable, "-m", "placement", *args, *SMALL]
    options = {"capture_output": True, "timeout": BOUND_S, "text": True, "encoding": "utf-8", **options}
    done = subprocess.run(command, check=False, **options)  # type: ignore[call-overload]
    assert "Traceback" not in (done.stderr or "")
    return done


def refused(content: str | bytes) -> str:
    """What is said about an inventory of *content*, which must not pass."""
    Path("bad.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("advise", "bad.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bad.yaml")
    assert len(done.stderr) < 30_000
    return done.stderr


BOMBS = {
    "aliases": ("a: &a [x]\n" + "".join(f"{n}: &{n} [{','.join(['*a'] * 9)}]\n" for n in "bcdefgh"), "yaml-alias"),
    "merge keys": ("a: {x: 1}\n" + "<<: {y: 1}\n" * 5000, "yaml-merge-key"),
    "[": ("[" * 30_000, "yaml-too-deep"),
    "{a:": ("{a: " * 30_000, "yaml-too-deep"),
    "{": ("{" * 30_000, "yaml-too-deep|yaml-complex-key"),  # as the library has a limit of its own or not
    "?": ("? " * 30_000, "yaml-complex-key"),
    "-": ("- " * 30_000, "yaml-too-deep"),
    "keys twice": ("a: 1\n" * 100_000, "duplicate-key"),
    "no end of a text": ('a: "' + "x" * 1_000_000, "yaml-syntax"),
    "long key": ("k" * 1_000_000 + ": 1", "yaml-syntax"),
    "long odd key": ("? " + "k" * 1_000_000 + "\n: 1", "unknown-key"),
    "colons": ("a:" * 100_000, "yaml-syntax"),
    "commas": ("[" + "," * 100_000, "yaml-syntax"),
    "tag": ("!!python/object/apply:os.system [echo]", "yaml-tag"),
    "directive": ("%FOO 1\n---\na: 1", "yaml-syntax"),
    "50 MB": ("a: b\n" * 10_000_000, "file-too-large"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs(bomb: str) -> None:
    content, code = BOMBS[bomb]
    assert re.search(rf"error\[({code})\]", refused(content))


ENCODINGS = {
    "utf-16": (GOOD.encode("utf-16"), "not-utf8"),
    "utf-16 without a mark": (GOOD.encode("utf-16-le"), "not as UTF-16"),
    "utf-16 big-endian": (codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), "not as UTF-16"),
    "latin-1": ("name: Büro".encode("latin-1"), "not-utf8"),
    "two marks": (codecs.BOM_UTF8 * 2 + GOOD.encode(), "U+FEFF"),
    "nul": (b"name: \0", "U+0000"),
    "c1": ("name: \x9b31m".encode(), "U+009B"),
    "escape": (b"name: \x1b[31m", "U+001B"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "not-utf8"),
    "half a surrogate": (b'name: "\\ud800"', "yaml-syntax"),
    "nothing": (b"", "empty-file"),
    "remark": (b"# nothing\n", "empty-file"),
    "null": (b"null\n", "empty-file"),
    "marks of a document": (b"---\n...\n", "empty-file"),
    "text": (b"hello\n", "not-a-mapping"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings(encoding: str) -> None:
    content, part = ENCODINGS[encoding]
    assert part in refused(content)


@pytest.mark.parametrize(
    "text", [GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\r"), "\ufeff" + GOOD, f"---\n{GOOD}...\n"]
)
def test_other_forms_of_the_same_text_are_fine(text: str) -> None:
    Path("other.yaml").write_text(text, encoding="utf-8", newline="")
    assert invoke("validate", "other.yaml").exit_code == 0


def test_places_are_right_whatever_ends_a_line() -> None:
    for end in ("\n", "\r\n", "\r", "\x85", "\u2028"):
        error = refused(f"schema_version: 1{end}name: x{end}bad: 2{end}workloads: []{end}")
        assert "bad.yaml:3:1: error[unknown-key]" in error
        assert "  3 | bad: 2\n" in error


VALUES = {
    "count: 8": ["count: 1e18", f"count: {10**30}", "count: 0", "count: -1", "count: true", 'count: "8"', "count: 8.5",
                 "count: 0x10", "count: 1_0", "count:", "count: []", "count: {}", "count: .inf",
                 "count: " + "9" * 5000],
    "hours_per_month: 730": ["hours_per_month: .nan", "hours_per_month: .inf", "hours_per_month: -.inf",
                             "hours_per_month: 1e400", "hours_per_month: 1e-300", "hours_per_month: 0",
                             "hours_per_month: 730:00", "hours_per_month: 730.0001", "hours_per_month: '730'",
                             "hours_per_month: 730h", "hours_per_month: 730, utilization_fraction: 1"],
    "id: chat": ["id: 5", "id: null", "id: yes please ", "id: [chat]", 'id: ""', 'id: " chat"', f"id: {'x' * 10_000}",
                 f"id: {'x' * 1_000_000}", '"id": "a\\e[31m"', 'id: "a\\nb"', 'id: "a\\u202eb"', 'id: "a\\u200bb"'],
    "H100-SXM": ["H100SXM5-", "[H100-SXM]", "true", "*H100-SXM"],
    "kind: inference": ["kind: Inference", "kind: 1", "kid: inference", "kind: inference\n    kind: batch"],
    "city: Berlin": ["city: Atlantis", "city: Berlin, country: Germany", "city: Berlin, latitude: 91, longitude: 0",
                     "country: NO, latitude: 1", "latitude: 1, longitude: 1"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old, news in VALUES.items() for new in news if new[-7:] != "please "]
)
def test_bad_values(old: str, new: str) -> None:
    assert old in GOOD
    Path("bad.yaml").write_text(GOOD.replace(old, new), encoding="utf-8")
    result = invoke("validate", "bad.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("bad.yaml:")
    assert len(result.stderr) < 2_000
    assert visible(result.stderr.replace("\n", "")) == result.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [("NO", "NO"), ("yes", "yes"), ("730:00", "730:00"), ("01234", 1234), ("1e3", 1000.0), ("1_000", "1_000"),
     ("0x10", "0x10"), ("~", None), ("True", True), ("tRUE", "tRUE"), ("2026-11-01", "2026-11-01"), ("=", "="),
     ("+12", 12), ("-.5", -0.5), ("1.", 1.0), (".", "."), ("9" * 30, int("9" * 30)), ("-.INF", float("-inf"))],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    read = parse_yaml(f"a: {text}", "a.yaml").value["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "name", ["[red]x[/red]", "[link=http://example.com]x[/link]", "=1+1", "a|b", "<b>", "😀 日本", "NO"]
)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_odd_names_are_only_names(name: str, form: str) -> None:
    Path("odd.yaml").write_text(GOOD.replace("id: chat", f'id: "{name}"'), encoding="utf-8")
    result = invoke("advise", "odd.yaml", "--format", form)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    if form == "table":
        assert name in result.stdout
    if form == "json":
        assert json.loads(result.stdout)["placements"][0]["workload"] == name


def test_the_same_error_a_hundred_thousand_times() -> None:
    head, _, workload = GOOD.partition("workloads:\n")
    error = refused(
        head + "workloads:\n" + workload.replace("count: 8", "count: 0").replace("    users", "    user") * 50_000
    )
    assert error.endswith("50 errors shown, there are more\n")
    error = refused(head + "workloads:\n" + workload * 50_000)
    assert error.count("error[repeated-workload]") == 50


def test_many_names_are_compared_quickly() -> None:
    names = [f"place-{number}" for number in range(200_000)]
    assert did_you_mean("place-77x", names).startswith("did you mean `place-77")
    assert "and 199,992 more" in did_you_mean("?", names)


def test_more_flows_than_there_may_be() -> None:
    flows = ", ".join(["{to: office, gb_per_month: 1}"] * 65)
    assert "at most 64 entries, not 65" in refused(f"{GOOD}    data_out: [{flows}]\n")


def test_files_that_are_none(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    for name in ("catalog", "missing.yaml", "loop", "x" * 5000, "inventory.yaml/x", "\x1b[31m"):
        result = invoke("validate", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "\x1b" not in result.stderr


@pytest.mark.skipif(as_root, reason="root may read and write everything")
def test_no_permission(folder: Path) -> None:
    (folder / "inventory.yaml").chmod(0)
    assert "permission denied" in invoke("validate", "inventory.yaml").stderr
    (folder / "catalog" / "sources.csv").chmod(0)
    (folder / "inventory.yaml").chmod(0o600)
    assert "permission denied" in invoke("validate", "inventory.yaml").stderr
    (folder / "catalog").chmod(0)
    assert "error[catalog-missing]" in invoke("validate", "inventory.yaml").stderr
    (folder / "catalog").chmod(0o700)


@pytest.mark.parametrize("name", ["catalog.yaml", "sources.csv", "nodes.yaml", "gpu_cloud/nimbus.yaml",
                                  "gpu_cloud/nimbus.offers.csv", "assumptions.yaml", "cities.csv"])  # fmt: skip
def test_broken_catalog_files(folder: Path, name: str) -> None:
    path = folder / "catalog" / name
    whole = path.read_bytes()
    for content in (b"", b"\0", b"\xff", b"[" * 30_000, b'"', whole[: len(whole) // 2], whole * 2, None):
        path.unlink()
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
        result = invoke("advise", "inventory.yaml", "--format", "json")
        assert result.exit_code == 2, content
        assert result.stdout == ""


def test_a_damaged_cache_is_rebuilt_in_silence(folder: Path) -> None:
    whole = invoke("advise", "inventory.yaml", "--format", "json").stdout
    stored = next((folder / "cache").glob("*.bin"))
    kept = stored.read_bytes()
    for content in (b"", b"x", kept[:-1], kept[: len(kept) // 2], b"\0" * len(kept), kept[::-1], kept + b"x"):
        stored.write_bytes(content)
        result = invoke("advise", "inventory.yaml", "--format", "json")
        assert (result.exit_code, result.stderr, result.stdout) == (0, "", whole)
        assert stored.read_bytes() == kept


def test_places_that_cannot_hold_a_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    (folder / "readonly").mkdir(mode=0o500)
    for place in ("file", "file/below", "readonly", "readonly/below", "x" * 5000, os.devnull):
        monkeypatch.setenv("PLACEMENT_CACHE_DIR", place)
        result = invoke("validate", "inventory.yaml")
        assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("target", ["missing/plan.json", "catalog", "inventory.yaml/plan.json", "loop", "x" * 5000])
def test_outputs_that_cannot_be(folder: Path, target: str) -> None:
    (folder / "loop").symlink_to("loop")
    before = sorted(folder.rglob("*"))
    result = invoke("advise", "inventory.yaml", "--format", "json", "--output", target)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error[output-unwritable]" in result.stderr
    assert [path for path in sorted(folder.rglob("*")) if "cache" not in path.parts] == before


def test_a_file_is_replaced_as_a_whole_or_not_at_all(folder: Path) -> None:
    target = folder / "plan.json"
    target.write_text("old")
    target.chmod(0o640)

    def failing():  # type: ignore[no-untyped-def]
        yield "half"
        raise RuntimeError("rendering failed")

    with pytest.raises(Exception, match="rendering failed"):
        write(failing(), target)
    assert target.read_text() == "old"
    write(["new"], target)
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    (folder / "link").symlink_to("plan.json")
    write(["through a link"], folder / "link")
    assert target.read_text() == "through a link"
    assert (folder / "link").is_symlink()
    assert not list(folder.glob(".placement-*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_devices_are_written_to_and_never_replaced() -> None:
    assert run("advise", "inventory.yaml", "--output", "/dev/null").returncode == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert "no space left" in run("advise", "inventory.yaml", "--output", "/dev/full").stderr
    with Path("/dev/full").open("w") as full:
        done = run("advise", "inventory.yaml", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == "<stdout>: error[output-unwritable]: cannot write this file: no space left on device\n"


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_has_gone(form: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(
        "advise", "inventory.yaml", "--format", form, capture_output=False, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("closed", "file", "code"), [(">&-", "inventory", 0), ("2>&-", "missing", 2), (">&- 2>&-", "missing", 2)]
)
def test_closed_streams(closed: str, file: str, code: int) -> None:
    command = f"{sys.executable} -m placement validate {file}.yaml {' '.join(SMALL)} {closed}"
    assert subprocess.run(command, shell=True, timeout=BOUND_S, check=False).returncode == code


PIECES = ["[", "{", "}", "]", ":", "- ", "\n", "\t", "&a ", "*a", "!x ", "? ", "|", ">", '"', "'", "#", "%", "---\n",
          "\0", "\x1b", "\ufeff", "\u2028", "<<: ", "1e999", "-1", "null", "true", "[red]", "é", "9" * 400]  # fmt: skip


def mutated(text: str, chance: random.Random) -> bytes:
    """*text* with a few accidents."""
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randrange(len(data)), chance.randrange(5)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at:at] = chance.choice(PIECES).encode()
        elif kind == 2:
            lines = data.splitlines(keepends=True)
            del lines[chance.randrange(len(lines))]
            data = bytearray(b"".join(lines)) or bytearray(b" ")
        elif kind == 3:
            data[at:at] = data[at : at + chance.randint(1, 80)]
        else:
            del data[at : at + chance.randint(1, 20)]
            data = data or bytearray(b" ")
    return bytes(data)


RICH = GOOD.replace(
    "workloads:\n",
    "sites:\n  cellar: {tier: on_prem, location: office, power_kw: 50, hardware: [{node: dgx-h100, nodes: 2}]}\n"
    "datasets:\n  logs: {size_gb: 900, home: office}\n"
    "policies: {denied_tiers: [edge], certifications: [SOC 2], discount_rate_fraction: 0.07}\n"
    "workloads:\n",
) + (
    "    slo: {rtt_ms: 40, percentile: 99}\n    data_in: [{from: logs}]\n    residency: [EU]\n"
    "    current: {monthly_cost_usd: 58000, purchase: on_demand}\n"
)


@pytest.mark.parametrize("seed", range(300))
def test_accidents(seed: int) -> None:
    Path("odd.yaml").write_bytes(mutated(RICH, random.Random(seed)))
    result = invoke("advise", "odd.yaml")
    assert result.exit_code in (0, 2)
    assert (result.exit_code == 2) == result.stderr.startswith("odd.yaml")


@pytest.mark.parametrize("seed", range(60))
def test_accidents_in_a_catalog(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(sorted(path for path in (folder / "catalog").rglob("*.*")))
    path.write_bytes(mutated(path.read_text(encoding="utf-8"), chance))
    assert invoke("advise", "inventory.yaml", "--format", "json").exit_code in (0, 2)
