"""Workloads of every kind, and inventories that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from placement.diagnostics import has_unprintable

HEAD: dict[str, Any] = {
    "schema_version": 1,
    "name": "Example",
    "locations": {"berlin": {"city": "Berlin"}, "paris": {"country": "DE"}},
    "datasets": {"tickets": {"size_gb": 10, "home": "berlin"}},
}

NAMES = st.text(
    st.one_of(st.sampled_from(";=\\'\"+-@, {}[]:#ab1"), st.characters(exclude_categories=["Cs", "Cc"])),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip() and not has_unprintable(text))
TEXTS = st.one_of(st.just(""), NAMES)
NUMBERS = st.one_of(st.floats(0, 1e9), st.integers(0, 10**9))


POSITIVE = st.one_of(st.floats(1e-3, 1e8), st.integers(1, 10**8))
WHOLE = st.one_of(st.floats(1, 1e8), st.integers(1, 10**8))
"""Of what there is no part of: tokens, items."""
COUNTS = st.integers(1, 10**6)


def _rate() -> st.SearchStrategy[Any]:
    """A number, or a mapping that says how demand changes."""
    scaled = st.fixed_dictionaries(
        {"load": NAMES}, optional={"mean": st.none(), "peak": st.one_of(st.none(), POSITIVE)}
    )
    mean = st.fixed_dictionaries({"mean": st.floats(0.001, 1e5)}, optional={"peak": st.floats(1e5, 1e12)})
    return st.one_of(POSITIVE, scaled, mean, st.fixed_dictionaries({"mean": POSITIVE, "load": NAMES}))


def _measured() -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({"accelerator": NAMES, "units_per_second": POSITIVE}, optional={"accelerators": COUNTS})
    return st.lists(one, max_size=3)


def _work() -> st.SearchStrategy[dict[str, Any]]:
    """A form of demand that says what work is done."""
    any_form = {
        "precision": st.sampled_from([None, "fp8", "bf16"]),
        "growth_fraction_per_month": st.floats(-0.5, 0.5),
        "throughput": _measured(),
    }
    replicas = {"accelerators_per_replica": st.one_of(st.none(), COUNTS)}
    ready = {"target_utilization_fraction": st.floats(0.01, 1), "spare_replicas": st.integers(0, 5), **replicas}
    lengths = {"input_tokens": WHOLE, "output_tokens": WHOLE}
    slos = {"ttft_ms": st.floats(0.1, 1e7), "tpot_ms": st.floats(0.1, 1e6), "max_concurrency": COUNTS}
    hours = {"window_hours_per_month": st.floats(0.1, 730)}
    runs = {
        "runs_per_month": st.floats(0.01, 1e6),
        "deadline_hours": st.one_of(st.none(), st.floats(0.1, 1e6)),
        "failed_run_fraction": st.floats(0, 0.9),
    }

    def form(name: str, needed: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        said = st.fixed_dictionaries({"model": NAMES, **needed}, optional={**any_form, **optional})
        return said.map(lambda values: {name: values})

    rates = ("tokens_per_second", "requests_per_second")
    cameras = {"cameras": COUNTS, "frames_per_second": st.floats(0.01, 1000)}
    whole = {"method": st.sampled_from(["pretraining", "full"]), "tokens": WHOLE}
    adapters = {"method": st.sampled_from(["lora", "qlora"]), "tokens": WHOLE}
    reference = {"method": st.sampled_from(["full", "lora"]), "accelerator_hours": POSITIVE, "reference": NAMES}
    return st.one_of(
        *(form("serving", {rate: _rate()}, {**ready, **lengths, **slos}) for rate in rates),
        form("serving", {"concurrency": _rate()}, {**ready, **lengths, **slos, "throughput": st.just([])}),
        form("video", cameras, {**ready, "load": st.one_of(st.none(), NAMES)}),
        *(
            form("batch", {key: WHOLE}, {**replicas, **lengths, **hours})
            for key in ("tokens_per_month", "items_per_month")
        ),
        form("training", whole, runs),
        form("training", adapters, {**runs, "trainable_fraction": st.floats(0.001, 1)}),
        form("training", reference, {**runs, "throughput": st.just([])}),
    )


def _demand() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(_accelerators(), _accelerators(), _work())


def _accelerators() -> st.SearchStrategy[dict[str, Any]]:
    hours = st.one_of(
        st.fixed_dictionaries({"hours_per_month": st.floats(0.01, 730)}),
        st.fixed_dictionaries({"utilization_fraction": st.floats(0.001, 1)}),
        st.fixed_dictionaries({"hours_per_month": st.integers(1, 730), "utilization_fraction": st.none()}),
    )
    rest = st.fixed_dictionaries(
        {"model": NAMES, "count": st.integers(5, 10**6)},
        optional={
            "accelerators_per_replica": st.integers(1, 5),
            "memory_gib": st.floats(0.5, 1e6),
            "checkpoint_gb": st.floats(0.5, 1e6),
            "throughput_class": NAMES,
        },
    )
    return st.tuples(hours, rest).map(lambda parts: {"accelerators": {**parts[0], **parts[1]}})


def _flows(key: str, needed: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    more = {
        "what": st.sampled_from(["reads", "updates", "logs", "other"]),
        "each": st.booleans(),
        "between_zones": st.booleans(),
        **({} if needed else {"copy": st.booleans()}),
    }
    monthly, daily = ({key: NAMES, volume: NUMBERS} for volume in ("gb_per_month", "gb_per_day"))
    forms = [monthly, daily] if needed else [{key: NAMES}, monthly, daily]
    return st.lists(st.one_of([st.fixed_dictionaries(form, optional=more) for form in forms]), max_size=3)


def _data() -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(NAMES, min_size=1, max_size=3)
    return st.fixed_dictionaries({"classes": names, "jurisdictions": names})


def _operators() -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(NAMES, min_size=1, max_size=3)
    denied = st.fixed_dictionaries({"denied": names}, optional={"allowed": st.one_of(st.none(), names)})
    return st.one_of(denied, st.fixed_dictionaries({"allowed": names}, optional={"denied": st.just([])}))


def workloads() -> st.SearchStrategy[dict[str, Any]]:
    """A workload as plain values; its names need not exist."""
    user = st.fixed_dictionaries({"location": NAMES}, optional={"share_fraction": st.floats(0.01, 1)})
    percentile = {"percentile": st.sampled_from([50, 95, 99.5])}
    rtt, service = st.floats(0.1, 1e4), st.floats(0, 1e4)
    budget = {"end_to_end_ms": st.floats(1.1e4, 1e5), "service_ms": service}
    slo = st.one_of(
        st.fixed_dictionaries({"rtt_ms": rtt}, optional=percentile),
        st.fixed_dictionaries(budget, optional={"rtt_ms": st.one_of(rtt, st.none()), **percentile}),
    )
    today = {"site": NAMES, "data_gb": NUMBERS, "migration_usd": NUMBERS, "dual_running_months": st.integers(0, 24)}
    end = st.sampled_from(["2027-03", "1999-12", None])
    bound = {"monthly_cost_usd": st.just(7), "committed_until": st.just("2101-01")}
    current = st.one_of(
        st.fixed_dictionaries(
            {"monthly_cost_usd": NUMBERS},
            optional={**today, "purchase": st.sampled_from(["spot", "owned", None]), "committed_until": end},
        ),
        st.fixed_dictionaries(bound, optional={"committed_usd_per_month": st.sampled_from([0, 0.25, 7, None])}),
        st.fixed_dictionaries({"monthly_cost_usd": NUMBERS, "purchase": st.just("owned"), "resale_usd": NUMBERS}),
    )
    redundancy = st.fixed_dictionaries(
        {"mode": st.sampled_from(["active_active", "standby"])},
        optional={
            "min_sites": st.integers(2, 5),
            "min_providers": st.integers(1, 5),
            "apart_km": st.floats(0, 20_037),
            "standby_fraction": st.one_of(st.just(1), st.floats(0, 1)),
            "replication_gb_per_month": NUMBERS,
        },
    )
    return st.fixed_dictionaries(
        {"id": NAMES, "kind": st.sampled_from(["training", "inference", "batch"]), "demand": _demand()},
        optional={
            "users": st.lists(user, max_size=3),
            "slo": st.one_of(st.none(), slo),
            "data_in": _flows("from", needed=False),
            "data_out": _flows("to", needed=True),
            "storage_gb": NUMBERS,
            "residency": st.lists(NAMES, max_size=3),
            "certifications": st.lists(NAMES, max_size=3),
            "data": st.one_of(st.none(), _data()),
            "operators": st.one_of(st.none(), _operators()),
            "isolation": st.sampled_from(["shared", "dedicated", "air_gapped"]),
            "interruptible": st.booleans(),
            "offline": st.booleans(),
            "per_location": st.booleans(),
            "spares_fraction": st.sampled_from([0, 0.05, 1]),
            "hands_on_updates_per_year": st.sampled_from([0, 0.5, 12]),
            "redundancy": st.one_of(st.none(), redundancy),
            "current": current,
            "cost_centre": NAMES,
            "tags": st.dictionaries(NAMES, TEXTS, max_size=3),
            "note": TEXTS,
        },
    )


def row(name: str, **more: Any) -> dict[str, Any]:
    """A small workload."""
    demand = {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}}
    return {"id": name, "kind": "inference", "demand": demand, "users": [{"location": "berlin"}], **more}


def written(folder: Path, file: str, content: str | bytes) -> Path:
    """An inventory in *folder* that names *file*, which holds *content*."""
    (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    path = folder / "inventory.yaml"
    path.write_text(
        "schema_version: 1\nname: Example\nlocations: {berlin: {city: Berlin}, paris: {country: DE}}\n"
        f"datasets: {{tickets: {{size_gb: 10, home: berlin}}}}\nworkloads: {{file: {file}}}\n"
    )
    return path
