"""The house: one direction of imports, nothing unregistered, nothing undocumented, rooms of a readable size."""

import ast
import re
from pathlib import Path

import pytest

from placement.cli.app import Format
from placement.engine import constraints, terms
from placement.engine.constraints import CONSTRAINTS
from placement.engine.constraints.base import Constraint
from placement.engine.terms import TERMS
from placement.engine.terms.base import Term
from placement.report import RENDERERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "placement"
FILES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "units": set(),
    "diagnostics": set(),
    "documents": {"diagnostics"},
    "csv_tables": {"diagnostics", "documents"},
    "validation": {"diagnostics", "documents", "csv_tables"},
    "inventory": {"units", "words", "dates", "diagnostics", "documents", "csv_tables", "validation", "catalog"},
    "catalog": {"units", "words", "dates", "diagnostics", "documents", "csv_tables", "validation", "inventory"},
    "words": set(),
    "dates": set(),
    "plan": {"units", "words", "diagnostics", "documents"},
    "engine": {"units", "words", "dates", "diagnostics", "inventory", "catalog", "plan"},
    "claims": {"units", "words", "inventory", "catalog", "plan", "engine"},
    "diff": {"units", "plan", "engine", "inventory", "catalog"},
    "checks": {"units", "words", "dates", "diagnostics", "documents", "plan", "inventory", "diff"},
    "finance": {"units", "words", "diagnostics", "plan"},
    "roadmap": {"units", "words", "inventory", "catalog", "plan", "finance"},
    "report": {
        *("units", "words", "diagnostics", "catalog", "plan", "engine", "claims", "diff", "checks", "finance"),
        "roadmap",
    },
    "cli": {
        "units",
        "diagnostics",
        "documents",
        "validation",
        "inventory",
        "catalog",
        "engine",
        "claims",
        "plan",
        "diff",
        "checks",
        "finance",
        "roadmap",
        "report",
    },
}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports_of(path: Path) -> set[str]:
    """Modules of the package that a file names anywhere, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("placement"):
            found.add(node.module)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("placement")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """A room uses only the rooms below it."""
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    used = {room_of(module) for module in imports_of(path)} - {"", room}
    assert used <= MAY_IMPORT[room], f"{path.name} uses {sorted(used - MAY_IMPORT[room])}"


def test_no_room_imports_in_a_circle() -> None:
    """Every module can be read before those that use it, also where an import hides in a function."""
    modules = {f"placement.{'.'.join(path.relative_to(PACKAGE).with_suffix('').parts)}": path for path in FILES}
    used = {module: imports_of(path) & set(modules) for module, path in modules.items()}
    while ready := [module for module, needs in used.items() if not needs & set(used)]:
        used = {module: needs for module, needs in used.items() if module not in ready}
    assert sorted(used) == []


def test_names_for_arrays_and_own_sites_are_given_once() -> None:
    """A second definition is a second truth."""
    given = re.compile(r"^(OWN|Ints|Floats|Bools) = ", re.M)
    names = [name for path in FILES for name in given.findall(path.read_text(encoding="utf-8"))]
    assert sorted(names) == ["Bools", "Floats", "Ints", "OWN"]


def test_only_the_engine_knows_numpy_arrays_of_the_problem() -> None:
    """The inventory and the plan are plain data: no numpy; only the engine and the catalog's columns use it."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\s*(import|from) numpy", text, re.M):
            assert path.relative_to(PACKAGE).parts[0] in ("engine", "catalog"), path


def test_only_the_command_line_sees_the_environment() -> None:
    """`os.environ`, time zones and clocks stay out of everything that decides."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if path.relative_to(PACKAGE).parts[0] != "cli":
            assert "os.environ" not in text, path
        if path != PACKAGE / "cli" / "environment.py":
            assert not re.search(r"datetime\.now|time\.time\(|date\.today", text), path


def test_only_the_ledger_multiplies_quantity_and_price() -> None:
    """Terms declare; a product of the two names anywhere else is a second definition of cost."""
    pattern = re.compile(r"quantity\w*\s*\*\s*price|price\w*\s*\*\s*quantity")
    allowed = {"ledger.py", "product.py", "units.py"}
    guilty = [path.name for path in FILES if pattern.search(path.read_text(encoding="utf-8"))]
    assert set(guilty) <= allowed


def declared(package: object, kind: type) -> set[str]:
    """Names of all objects of *kind* in the modules of a package."""
    folder = Path(package.__file__).parent  # type: ignore[attr-defined]
    found = set()
    for path in folder.glob("*.py"):
        module = __import__(f"{package.__name__}.{path.stem}", fromlist=["x"])  # type: ignore[attr-defined]
        found |= {value.name for value in vars(module).values() if isinstance(value, kind)}
    return found


def test_every_rule_is_registered_and_documented() -> None:
    """A `Constraint` in a file is in `CONSTRAINTS`, once, and in the table of the documentation."""
    names = [rule.name for rule in CONSTRAINTS]
    assert sorted(names) == sorted(declared(constraints, Constraint))
    documented = (ROOT / "docs/constraints.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in documented] == []


def test_every_term_is_registered_and_documented() -> None:
    """A `Term` in a file is in `TERMS`, once, and in the table of the documentation."""
    names = [term.name for term in TERMS]
    assert sorted(names) == sorted(declared(terms, Term))
    documented = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
    assert [name for name in names if f"| {name} |" not in documented] == []


def test_every_form_is_offered_and_documented() -> None:
    """Renderers, the command line's choices and the README name the same forms."""
    assert list(RENDERERS) == [form.value for form in Format]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{form}`" in readme or f"--format {form}" in readme for form in RENDERERS if form != "table")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_stay_readable(path: Path) -> None:
    """No file over 400 lines, no function over 50."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name
