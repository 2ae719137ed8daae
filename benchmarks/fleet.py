"""A generated inventory of any size, the same for the same seed."""

import random

CITIES = ("Berlin", "Paris", "London", "Dallas", "Tokyo", "Singapore", "Mumbai", "Frankfurt")
MODELS = ("H100-SXM", "L4", "A100-SXM-80GB", "L40S", "H200-SXM", "B200", "T4")
RATED = ("H100-SXM", "A100-SXM-80GB", "L40S", "H200-SXM", "B200")


def fleet_yaml(count: int, seed: int = 1) -> str:
    """An inventory of *count* workloads as YAML text: mixed hardware, latencies, residency, data, interruptibility."""
    draw = random.Random(seed)
    lines = ["schema_version: 1", "name: fleet", "locations:"]
    lines += [f"  {city.lower()}: {{city: {city}}}" for city in CITIES]
    lines += ["sites:", "  hq: {tier: on_prem, location: frankfurt, power_kw: 400,"]
    lines += ["       hardware: [{node: dgx-h100, nodes: 10}]}", "workloads:"]
    for number in range(count):
        lines += _workload(draw, number)
    return "\n".join(lines) + "\n"


def _workload(draw: random.Random, number: int) -> list[str]:
    model, accelerators = draw.choice(MODELS), draw.choice((1, 1, 2, 4, 8, 16, 64))
    city = draw.choice(CITIES).lower()
    demand = [
        f"model: {model}",
        f"count: {accelerators}",
        f"accelerators_per_replica: {draw.choice((1, 1, accelerators))}",
        f"hours_per_month: {draw.randint(20, 730)}",
    ]
    if model in RATED and draw.random() < 0.5:
        demand.append("throughput_class: inference-llm-dense")
    lines = [
        f"  - id: w{number}",
        "    kind: inference",
        f"    demand: {{accelerators: {{{', '.join(demand)}}}}}",
        f"    users: [{{location: {city}}}]",
        f"    slo: {{rtt_ms: {draw.choice((20, 40, 80, 150))}}}",
    ]
    if draw.random() < 0.3:
        lines.append("    residency: [EU]")
    if draw.random() < 0.3:
        lines.append("    interruptible: true")
    if draw.random() < 0.5:
        lines.append(f"    data_in: [{{from: aws/us-east-1, gb_per_month: {draw.randint(1, 90_000)}}}]")
        lines.append(f"    storage_gb: {draw.randint(0, 5000)}")
    if draw.random() < 0.5:
        lines.append(f"    data_out: [{{to: {city}, gb_per_month: {draw.randint(1, 20_000)}}}]")
    return lines
