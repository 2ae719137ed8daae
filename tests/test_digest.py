"""One inventory, one plan: byte for byte, however and wherever it is computed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import SHIPPED, shipped_world

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog
from placement.engine import search
from placement.engine.advise import advise, plan_of
from placement.engine.joint import solve_jointly
from placement.engine.problem import build_problem
from placement.engine.solution import prepare
from placement.inventory.inventory import Inventory
from placement.plan.model import Plan
from placement.report import render

ROOT = SHIPPED.parent
WORKLOADS = 300
SHA = "0" * 64

SCRIPT = """
import sys
from pathlib import Path
from test_digest import digest, fixed
from placement.engine.advise import advise
catalog, inventory = fixed(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
print(digest(advise(catalog, inventory, "0" * 64)))
"""


def fixed(cache: Path | None = None) -> tuple[Catalog, Inventory]:
    """The shipped catalog under a generated inventory."""
    catalog, inventory = shipped_world(300, WORKLOADS)
    return (load_catalog([SHIPPED], cache) if cache else catalog), inventory


def digest(plan: Plan) -> str:
    return hashlib.sha256("".join(render(plan, "json", (80, False))).encode()).hexdigest()


@pytest.fixture(scope="module")
def expected() -> str:
    plan = advise(*fixed(), SHA)
    assert plan.summary.placed > WORKLOADS // 3
    return digest(plan)


def elsewhere(*arguments: str, **environment: str) -> str:
    """The digest as another process computes it."""
    plain = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "VIRTUAL_ENV", "SYSTEMROOT")}
    plain |= {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))), **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], env=plain, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def vector_features() -> list[str]:
    """What NumPy can be told not to use on this machine."""
    core: Any = getattr(np, "_core", None) or np.core
    umath = core._multiarray_umath
    return [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]


@pytest.mark.parametrize("size", [1, 7, 100, 512, 4096])
def test_chunk_size_does_not_matter(expected: str, size: int) -> None:
    """Workloads computed one by one, in hundreds, or all at once."""
    prepared = prepare(build_problem(*fixed()))
    assert digest(plan_of(prepared, solve_jointly(prepared, size=size), SHA, size=size)) == expected


@pytest.mark.parametrize("block", [1, 1000, 1 << 22])
def test_block_size_does_not_matter(expected: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells computed one row at a time, or millions at once."""
    monkeypatch.setattr(search, "BLOCK", block)
    assert digest(advise(*fixed(), SHA)) == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"NPY_DISABLE_CPU_FEATURES": " ".join(vector_features())},
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
        {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONOPTIMIZE": "2"},
    ],
    ids=["no-simd", "seed-1", "seed-2", "one-thread", "two-threads"],
)
def test_environment_does_not_matter(expected: str, environment: dict[str, str]) -> None:
    """Without vector instructions, with other hash seeds, time zones, locales and numbers of threads."""
    assert elsewhere(**environment) == expected


def test_disabled_features_are_disabled() -> None:
    """The run without vector instructions is one: NumPy reports none of those it dispatches to."""
    features = vector_features()
    if not features:
        pytest.skip("this machine has none of the features NumPy dispatches to")
    asks = "import json, test_digest; print(json.dumps(test_digest.vector_features()))"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "NPY_DISABLE_CPU_FEATURES": " ".join(features),
    }
    done = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_cache_does_not_matter(expected: str, tmp_path: Path) -> None:
    """A cold cache, a warm one, and one full of rubbish."""
    cache = tmp_path / "cache"
    assert elsewhere(str(cache)) == expected
    (stored,) = cache.glob("*.bin")
    assert elsewhere(str(cache)) == expected
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")
    assert elsewhere(str(cache)) == expected


def test_the_digest_notices_a_change(expected: str) -> None:
    """One micro-dollar on the prices gives another plan: the comparison above is not empty."""
    catalog, inventory = fixed()
    price = catalog.offers.price_micro_o
    dearer = catalog._replace(offers=catalog.offers._replace(price_micro_o=np.where(price < 0, price, price + 1)))
    assert digest(advise(dearer, inventory, SHA)) != expected


@pytest.mark.skipif(os.environ.get("PLACEMENT_TEST_NUMPY_MINIMUM") != "1", reason="builds a virtual environment")
def test_numpy_version_does_not_matter(expected: str, tmp_path: Path) -> None:
    """The oldest NumPy that is allowed gives the same plan as this one."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "numpy==1.26.4", str(ROOT), "pytest"], check=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    version = subprocess.run([str(python), "-c", "import numpy; print(numpy.__version__)"], env=environment,
                             capture_output=True, text=True, check=True)  # fmt: skip
    assert version.stdout.strip() == "1.26.4"
    done = subprocess.run([str(python), "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == expected
