"""Rows about files: YAML and fleet files against PyYAML's C loader, and the whole command on a large fleet."""

import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from fleet import fleet_yaml, rows, write_fleet
from measure import Bar, Row, interleaved, process

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog
from placement.cli.environment import cache_folder, shipped_catalog
from placement.documents import parse_yaml
from placement.inventory.inventory import Inventory
from placement.inventory.load import completed, load_draft
from placement.inventory.workload import Workload
from placement.validation import validated

PYYAML = "yaml.load, CSafeLoader"
FORMS = {".jsonl": "JSON lines", ".csv": "CSV"}


def yaml_files(small: bool, repeat: int) -> list[Row]:
    """An inventory with all workloads in it, against PyYAML's C loader on the same text."""
    count = 500 if small else 10_000
    text = fleet_yaml(count)
    if parse_yaml(text, "fleet.yaml").value != yaml.load(text, yaml.CSafeLoader):
        raise AssertionError("the two readers disagree")
    calls = {
        PYYAML: lambda: yaml.load(text, yaml.CSafeLoader),
        "to values": lambda: parse_yaml(text, "fleet.yaml"),
        "read and validated": lambda: validated(parse_yaml(text, "fleet.yaml"), Inventory),
    }
    seconds = interleaved(calls, min(repeat, 3))
    peer = seconds.pop(PYYAML)
    return [Row(f"{count:,} workloads in YAML, {what}", taken, "s", PYYAML, peer) for what, taken in seconds.items()]


def fleets(small: bool, repeat: int) -> list[Row]:
    """The whole command on a fleet file; and fleet files read and checked."""
    count = 500 if small else 100_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines = write_fleet(folder, count, ".jsonl")
        # First, while this process is small: see `process`.
        commands = _commands(lines, count, small)
        return commands + _read({".jsonl": lines, ".csv": write_fleet(folder, count, ".csv")}, count, repeat)


def _read(paths: dict[str, Path], count: int, repeat: int) -> list[Row]:
    catalog = load_catalog([shipped_catalog()], cache_folder())
    written = [Workload.model_validate(row) for row in rows(count)]
    calls = {ending: partial(_checked, path, catalog) for ending, path in paths.items()}
    for ending, call in calls.items():
        if list(call().workloads) != written:
            raise AssertionError(f"the file in {FORMS[ending]} does not say what was written")
    del written
    text = fleet_yaml(count)
    before = time.perf_counter()
    loaded = yaml.load(text, yaml.CSafeLoader)
    peer = time.perf_counter() - before
    if loaded["workloads"] != list(rows(count)):
        raise AssertionError("the YAML does not say what was written")
    del loaded
    seconds = interleaved(calls, min(repeat, 3))
    bar = Bar("times", 20) if count >= 100_000 else None
    return [
        Row(f"{count:,} workloads in {form}, read and checked", seconds[ending], "s", PYYAML, peer, bar)
        for ending, form in FORMS.items()
    ]


def _checked(path: Path, catalog: Catalog) -> Inventory:
    """The inventory and its fleet file: form, values, names, and each id once."""
    return completed(load_draft(path), catalog)[0]


def _commands(inventory: Path, count: int, small: bool) -> list[Row]:
    """`placement advise` from a file of JSON lines to a plan in JSON, by as many processes as pay, and by one."""
    listed = []
    for options in ((), ("--workers", "1")):
        plan = str(inventory.with_suffix(".json"))
        used = process(sys.executable, "-m", "placement", "advise", str(inventory), "-f", "json", "-o", plan, *options)
        bars = (None, None) if options or small else (Bar("below", 20), Bar("below", 1000))
        what = " ".join(("placement advise", f"{count:,} workloads", *options))
        listed.append(Row(what, used.seconds, "s", bar=bars[0]))
        listed.append(Row(f"{what}, largest process", used.megabytes, "MB", bar=bars[1]))
    return listed
