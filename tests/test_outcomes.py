"""`placement check` as people and machines see it: every form, exit codes, and names that mean harm.

`tests/checks/` holds an inventory and every form of its result; `PLACEMENT_UPDATE=1 pytest tests/test_outcomes.py`
rewrites them.
"""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len
from rich.text import Text
from typer.testing import CliRunner, Result

from placement.checks.outcome import Breach, Outcome, listed
from placement.cli.app import CheckFormat, app
from placement.diagnostics import Where, visible
from placement.inventory.starter import STARTER
from placement.report.numbers import figure
from placement.report.outcome_words import Checked, Entry
from placement.report.outcomes import OUTCOME_RENDERERS, render_outcomes

ROOT = Path(__file__).parent.parent
CHECKS = ROOT / "tests" / "checks"
INVENTORY = "tests/checks/inventory.yaml"
SMALL = ["--no-shipped-catalog", "--catalog", "tests/cases/catalog"]
FORMS = {
    "check80.txt": ("table", 80),
    "check160.txt": ("table", 160),
    "check.json": ("json", 80),
    "check.md": ("markdown", 80),
    "check.xml": ("junit", 80),
    "check.github.txt": ("github", 80),
    "check.gitlab.json": ("gitlab", 80),
}

HOSTILE = [
    "[red]alarm[/red]", "<script>&amp;</script>", "]]>", 'a"b\'c', "a|b`c`", "**b**", "100 %0A::error::x", "%25",
    "::add-mask::x", "::error file=x::y", "a,line=1,title=b::c", "##[error]x", "x\n::stop-commands::t",
    "x\r\n::error::y", "\x1b[31mred", "\x00", "\ufffe", "\ud800", "\u202eright", "=1+1", "@all", "{{7*7}}", "-->",
    "\\", "é 漢 🙂",
]  # fmt: skip


def check(*arguments: str, width: int = 80) -> Result:
    return CliRunner().invoke(app, ["check", *arguments], env={"COLUMNS": str(width), "PLACEMENT_NO_CACHE": "1"})


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def outcome(name: str = "x", ok: bool = False) -> Outcome:
    breaches = () if ok else (Breach(name, name),)
    return Outcome(name, name, name, ok, name, ("expect", 0), name, name, "", breaches, 2)


def hostile(where: str = "inventory.yaml") -> Checked:
    entries = [Entry(outcome(name, ok), Where(where, 3, 5)) for name in HOSTILE for ok in (False, True)]
    return Checked(HOSTILE[0], "expectations", tuple(entries))


def rendered(checked: Checked, form: str, width: int = 120) -> str:
    return "".join(render_outcomes(checked, form, (width, False)))


@pytest.mark.parametrize("file", FORMS)
def test_prints_what_it_printed(file: str) -> None:
    form, width = FORMS[file]
    done = check(INVENTORY, "--format", form, *SMALL, width=width)
    assert (done.exit_code, done.stderr) == (1, "")
    golden = CHECKS / file
    if os.environ.get("PLACEMENT_UPDATE"):
        golden.write_bytes(done.stdout.encode())
    assert done.stdout == golden.read_bytes().decode()


def test_every_form_is_offered_documented_and_kept() -> None:
    assert list(OUTCOME_RENDERERS) == [form.value for form in CheckFormat]
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert [form for form in OUTCOME_RENDERERS if f"| `--format {form}` |" not in text] == []
    assert {form for form, _ in FORMS.values()} == set(OUTCOME_RENDERERS)


def test_every_line_it_points_at_is_the_one_that_asks() -> None:
    lines = (ROOT / INVENTORY).read_text(encoding="utf-8").splitlines()
    document = json.loads(check(INVENTORY, "-f", "json", *SMALL).stdout)
    for entry in document["checks"]:
        assert f"{entry['rule']}: " in lines[entry["line"] - 1][: entry["column"] - 1]
        assert lines[entry["line"] - 1][: entry["column"] - 1].endswith(f"{entry['rule']}: ")
    assert (document["passed"], document["failed"]) == (
        sum(entry["status"] == "passed" for entry in document["checks"]),
        sum(entry["status"] == "failed" for entry in document["checks"]),
    )


@pytest.mark.parametrize("form", OUTCOME_RENDERERS)
@pytest.mark.parametrize(("expect", "code"), [("placed: true", 0), ("placed: false", 1)])
def test_exit_codes(form: str, expect: str, code: int, tmp_path: Path) -> None:
    """0 when everything holds, 1 when not, in every form; a file gets what stdout would get."""
    text = (ROOT / "tests/cases/rented/inventory.yaml").read_text(encoding="utf-8")
    file, target = tmp_path / "inventory.yaml", tmp_path / "out"
    file.write_text(f"{text}expect: [{{{expect}}}]\n", encoding="utf-8")
    printed = check(str(file), "-f", form, *SMALL, width=120)
    written = check(str(file), "-f", form, "-o", str(target), *SMALL)
    assert (printed.exit_code, written.exit_code, written.stdout, written.stderr) == (code, code, "", "")
    assert target.read_text(encoding="utf-8") == printed.stdout


def test_nothing_to_check_is_no_success() -> None:
    done = check("tests/cases/rented/inventory.yaml", *SMALL)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error[nothing-expected]" in done.stderr


@pytest.mark.parametrize("name", ["enterprise", "starter"])
def test_what_we_ship_holds(name: str, tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    shipped = (ROOT / "examples" / "enterprise.yaml").read_text(encoding="utf-8")
    file.write_text(STARTER if name == "starter" else shipped, encoding="utf-8")
    done = check(str(file))
    assert done.exit_code == 0, done.output
    assert ", 0 failed" in done.stdout


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [40, 80, 119, 120, 160])
def test_tables_keep_the_width(width: int, color: bool) -> None:
    text = "".join(render_outcomes(hostile(), "table", (width, color)))
    plain = [Text.from_ansi(line).plain for line in text.splitlines()]
    assert max(map(cell_len, plain)) <= width
    assert ("\x1b[32m" in text) is color
    assert sum("✓ passed" in line for line in plain) == sum("✗ failed" in line for line in plain) == len(HOSTILE)
    assert plain[-1] == f"{len(HOSTILE)} passed, {len(HOSTILE)} failed"


@pytest.mark.parametrize("form", OUTCOME_RENDERERS)
def test_hostile_names_do_nothing(form: str) -> None:
    text = rendered(hostile("in\x1bventory.yaml"), form)
    assert not set(text) & set("\x1b\x00\r")
    assert form == "json" or not set(text) & set("\u202e\ud800\ufffe")


def test_hostile_names_in_xml() -> None:
    """The text parses, and says what the names are, with what XML cannot hold made visible."""
    root = ElementTree.fromstring(rendered(hostile(), "junit"))
    cases = root.findall("./testsuite/testcase")
    assert [case.get("name") for case in cases] == [
        f"{visible(name)}: {visible(name)}" for name in HOSTILE for _ in (0, 1)
    ]
    assert {(case.get("file"), case.get("line")) for case in cases} == {("inventory.yaml", "3")}
    assert root.attrib == {"name": HOSTILE[0], "tests": "50", "failures": "25", "errors": "0"}
    assert len(root.findall(".//failure")) == len(root.findall(".//system-out")) == len(HOSTILE)
    assert {child.tag for case in cases for child in case} == {"failure", "system-out"}


COMMAND = re.compile(r"::(error|notice) file=([^,:]*),line=(\d+),col=(\d+),title=([^,:]*)::(.*)")


def unescaped(text: str) -> str:
    """As the GitHub runner reads it."""
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_hostile_names_in_workflow_commands() -> None:
    """One command per line, each of ours; a name cannot end a property, a command or a line, nor begin one."""
    *lines, last = rendered(hostile("a,b::c.yaml"), "github").splitlines()
    assert last == "25 passed, 25 failed"
    assert len(lines) == 2 * len(HOSTILE)
    for number, line in enumerate(lines):
        match = COMMAND.fullmatch(line)
        assert match, line
        name = visible(HOSTILE[number // 2])
        assert match[1] == ("notice" if number % 2 else "error")
        assert (unescaped(match[2]), match[3], match[4], unescaped(match[5])) == ("a,b::c.yaml", "3", "5", name)
        assert name in unescaped(match[6])


@pytest.mark.parametrize("form", ["json", "gitlab"])
def test_hostile_names_in_json(form: str) -> None:
    document = json.loads(rendered(hostile(), form))
    if form == "json":
        assert [entry["title"] for entry in document["checks"]] == [name for name in HOSTILE for _ in (0, 1)]
    else:
        assert [entry["check_name"] for entry in document] == [visible(name) for name in HOSTILE for _ in (0, 1)]
        assert {entry["severity"] for entry in document} == {"major", "info"}


def test_hostile_names_in_markdown() -> None:
    text = rendered(hostile(), "markdown")
    assert "<script" not in text
    assert not re.search(r"(?<!\\)[`@|]", re.sub(r"^\|.*?(?<!\\)\||(?<!\\)\|", "", text, flags=re.M))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {8}
    assert len(rows) == 2 * len(HOSTILE) + 2


def test_a_finding_keeps_its_fingerprint_and_has_its_own() -> None:
    """Lines and figures may change; the same check twice is two findings."""
    one = outcome("x")
    moved = one._replace(measured="3", breaches=(Breach("y", "z"),), path=("expect", 9))

    def prints(*entries: tuple[Outcome, int]) -> list[str]:
        checked = Checked("n", "expectations", tuple(Entry(entry, Where("f", line)) for entry, line in entries))
        return [finding["fingerprint"] for finding in json.loads(rendered(checked, "gitlab"))]

    assert prints((one, 3)) == prints((moved, 30))
    assert len(set(prints((one, 3), (moved, 3)))) == 2
    assert (
        len(
            {
                *prints((one, 3)),
                *(prints((one._replace(**{key: "other"}), 3))[0] for key in ("rule", "title", "subject")),
            }
        )
        == 4
    )


def test_what_passed_without_a_remark_is_no_annotation() -> None:
    quiet = Checked("n", "s", (Entry(outcome("x", ok=True)._replace(detail=""), Where("f", 1)),))
    assert rendered(quiet, "github") == "1 passed, 0 failed\n"
    assert json.loads(rendered(quiet, "gitlab")) == []
    assert "system-out" not in rendered(quiet, "junit")


def test_a_file_as_a_whole_is_its_first_line() -> None:
    checked = Checked("n", "s", (Entry(outcome("x"), Where("f")),))
    assert json.loads(rendered(checked, "gitlab"))[0]["location"]["lines"]["begin"] == 1
    assert ",line=1,col=1," in rendered(checked, "github")


def test_six_names_and_how_many_more() -> None:
    assert listed(list("abcdef")) == "a, b, c, d, e, f"
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"
    many = outcome("x")._replace(breaches=tuple(Breach(name, "1") for name in "abcdefgh"), unit="USD")
    checked = Checked("n", "s", (Entry(many, Where("f", 1)),))
    assert "f ($1.00) and 2 more" in rendered(checked, "markdown").replace("\\", "")
    assert len(json.loads(rendered(checked, "json"))["checks"][0]["breaches"]) == 8


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("1234.5", "USD", "$1,234.50"), ("-5", "USD", "-$5.00"), ("0.005", "USD", "$0.005"), ("40", "ms", "40 ms"),
        ("10000.25", "ms", "10,000.25 ms"), ("0.5114", "fraction", "51.14 %"), ("1", "fraction", "100 %"),
        ("-0.005", "fraction", "-0.5 %"), ("0", "fraction", "0 %"), ("unknown", "ms", "unknown"), ("12", "", "12"),
        ("DE, FR", "USD", "DE, FR"),
    ],
)  # fmt: skip
def test_figures(value: str, unit: str, text: str) -> None:
    assert figure(value, unit) == text
