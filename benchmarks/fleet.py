"""A generated fleet for the shipped catalog, the same for the same seed: in YAML, JSON lines or CSV."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CITIES = ("Berlin", "Paris", "London", "Dallas", "Tokyo", "Singapore", "Mumbai", "Frankfurt")
MODELS = ("H100-SXM", "L4", "A100-SXM-80GB", "L40S", "H200-SXM", "B200", "T4")
RATED = ("H100-SXM", "A100-SXM-80GB", "L40S", "H200-SXM", "B200")


def rows(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """*count* workloads: mixed hardware, latencies, residency, data, interruptibility."""
    draw = random.Random(seed)
    return (_workload(draw, number) for number in range(count))


def fleet_yaml(count: int, seed: int = 1) -> str:
    """An inventory with *count* workloads in it."""
    lines = [_head(), "workloads:"]
    for row in rows(count, seed):
        plain = [f"{key}: {_flow(value)}" for key, value in row.items()]
        lines += [f"  - {plain[0]}", *(f"    {line}" for line in plain[1:])]
    return "\n".join(lines) + "\n"


def write_fleet(folder: Path, count: int, ending: str, seed: int = 1) -> Path:
    """An inventory in *folder* whose *count* workloads stand in a file beside it that ends in `.jsonl` or `.csv`."""
    from placement.inventory.convert import fleet_text  # noqa: PLC0415 - most callers need no models
    from placement.inventory.workload import Workload  # noqa: PLC0415

    file = folder / f"fleet{ending}"
    with file.open("w", encoding="utf-8") as out:
        if ending == ".jsonl":
            out.writelines(f"{json.dumps(row)}\n" for row in rows(count, seed))
        else:
            out.writelines(fleet_text([Workload.model_validate(row) for row in rows(count, seed)], ending))
    inventory = folder / f"fleet{ending}.yaml"
    inventory.write_text(f"{_head()}\nworkloads: {{file: {file.name}}}\n", encoding="utf-8")
    return inventory


def _head() -> str:
    lines = ["schema_version: 1", "name: fleet", "locations:"]
    lines += [f"  {city.lower()}: {{city: {city}}}" for city in CITIES]
    lines += ["sites:", "  hq: {tier: on_prem, location: frankfurt, power_kw: 400,"]
    lines += ["       hardware: [{node: dgx-h100, nodes: 10}]}"]
    return "\n".join(lines)


def _flow(value: Any) -> str:
    """A value on one line, as one writes it by hand."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _workload(draw: random.Random, number: int) -> dict[str, Any]:
    model, accelerators = draw.choice(MODELS), draw.choice((1, 1, 2, 4, 8, 16, 64))
    city = draw.choice(CITIES).lower()
    demand: dict[str, Any] = {
        "model": model,
        "count": accelerators,
        "accelerators_per_replica": draw.choice((1, 1, accelerators)),
        "hours_per_month": draw.randint(20, 730),
    }
    if model in RATED and draw.random() < 0.5:
        demand["throughput_class"] = "inference-llm-dense"
    row: dict[str, Any] = {
        "id": f"w{number}",
        "kind": "inference",
        "demand": {"accelerators": demand},
        "users": [{"location": city}],
        "slo": {"rtt_ms": draw.choice((20, 40, 80, 150))},
    }
    if draw.random() < 0.3:
        row["residency"] = ["EU"]
    if draw.random() < 0.3:
        row["interruptible"] = True
    if draw.random() < 0.5:
        row["data_in"] = [{"from": "aws/us-east-1", "gb_per_month": draw.randint(1, 90_000)}]
        row["storage_gb"] = draw.randint(0, 5000)
    if draw.random() < 0.5:
        row["data_out"] = [{"to": city, "gb_per_month": draw.randint(1, 20_000)}]
    return row
