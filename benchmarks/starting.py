"""Rows about what a user waits for before any work is done: start, imports, the catalog."""

import sys
from pathlib import Path

from measure import Bar, Row, command, interleaved

from placement.catalog.load import load_catalog
from placement.cli.environment import cache_folder, shipped_catalog

ONCE = Path(__file__).parent / "used_once.py"
ENTERPRISE = Path(__file__).parent.parent / "examples" / "enterprise.yaml"
LIBRARIES = "numpy, pydantic, rich, typer, yaml"


def starting(small: bool, repeat: int) -> list[Row]:
    """Whole processes, medians, taken in turn."""
    bare = command(sys.executable, "-c", "pass")
    imports = command(sys.executable, "-c", f"import {LIBRARIES}")
    once = command(sys.executable, str(ONCE))
    numpy = command(sys.executable, "-c", "import numpy")
    usage = command(sys.executable, "-m", "placement", "--help")
    advise = command(sys.executable, "-m", "placement", "advise", str(ENTERPRISE))
    shipped, cache = [shipped_catalog()], cache_folder()
    calls = {
        "bare": bare,
        "imports": imports,
        "once": once,
        "numpy": numpy,
        "usage": usage,
        "advise": advise,
        "warm": lambda: load_catalog(shipped, cache),
        "cold": lambda: load_catalog(shipped, None),
    }
    interleaved(calls, 1)
    seconds = interleaved(calls, repeat if small else 3 * repeat)
    only_numpy = seconds["numpy"] - seconds["bare"]
    return [
        Row("placement --help", seconds["usage"], "s", "python -c pass", seconds["bare"], Bar("within", 4)),
        Row(
            "placement advise examples/enterprise.yaml",
            seconds["advise"],
            "s",
            f"import {LIBRARIES}",
            seconds["imports"],
            Bar("within", 1.7),
        ),
        Row(
            "placement advise examples/enterprise.yaml",
            seconds["advise"],
            "s",
            "the same, each used once",
            seconds["once"],
        ),
        Row("the whole catalog, from its cache", seconds["warm"], "s", "import numpy", only_numpy),
        Row("the whole catalog, from its files", seconds["cold"], "s", "import numpy", only_numpy),
    ]
