"""What the column cache made is forgotten when the files, or the code that reads them, change."""

import ast
import shutil
from pathlib import Path

import pytest

from placement.catalog import cache
from placement.catalog.cache import CODE, key_of

PACKAGE = Path(cache.__file__).parents[1]


def copied(folder: Path) -> Path:
    for name in CODE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / name, folder / name)
    return folder


@pytest.mark.parametrize("name", CODE)
def test_other_code_is_another_key(name: str, tmp_path: Path) -> None:
    """One more line in any of the modules, and what they made is made again."""
    package = copied(tmp_path)
    assert key_of("a", package) == key_of("a")
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert key_of("a", package) != key_of("a")


def test_other_files_are_another_key() -> None:
    assert key_of("a") != key_of("b")


def used_by(name: str) -> set[str]:
    """Modules of the package that a module imports, as paths."""
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    paths = {
        module.removeprefix("placement.").replace(".", "/") + ".py" for module in modules if "placement." in module
    }
    return {path for path in paths if (PACKAGE / path).exists()}


def test_all_code_that_makes_columns_counts() -> None:
    """What assembling and checking use, but for messages and the inventory's shared types."""
    seen, left = set(), {"catalog/assemble.py", "catalog/check.py"}
    while left:
        name = left.pop()
        seen.add(name)
        left |= used_by(name) - seen - {"diagnostics.py", "inventory/base.py"}
    assert seen == set(CODE)
