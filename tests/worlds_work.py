"""Random worlds in which workloads say what work they do: those of `worlds`, with models and what is known of them."""

from random import Random
from typing import Any

from worlds import Draft, fact, model, some, world

from placement.catalog.measured import Measured, Measurements
from placement.catalog.tables import Catalog, Ratio
from placement.catalog.work import Accelerator, Mfu, Roofline
from placement.inventory.curves import REQUESTS, load_duration
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload

REFERENCE = "H100-SXM"
FAST = {"bf16": 311.7, "fp16": 311.7, "fp8": 623.1}
SILICON: dict[str, dict[str, Any]] = {
    "A": {"vendor": "NVIDIA", "bandwidth_gb_per_s": 2039.3, "tflops": FAST, "link_gb_per_s": 300.7,
          "precisions": ("fp16", "bf16", "int8", "fp8")},
    "B": {"vendor": "AMD", "bandwidth_gb_per_s": 1228.1, "tflops": {"bf16": 121.9}, "link_gb_per_s": None,
          "precisions": ("bf16", "fp16")},
    "C": {"vendor": "NVIDIA", "bandwidth_gb_per_s": 4915.7, "tflops": {**FAST, "fp4": 1999.3}, "link_gb_per_s": 449.9,
          "precisions": ("fp16", "bf16", "fp8", "fp4")},
    "D": {"vendor": "NVIDIA", "bandwidth_gb_per_s": 901.3, "tflops": FAST, "precisions": ("bf16", "fp8")},
    "E": {"vendor": "Other", "precisions": ("bf16",), "tflops": {"bf16": 91.7}},
    REFERENCE: {"vendor": "NVIDIA", "bandwidth_gb_per_s": 3352.9, "link_gb_per_s": 450.3,
                "tflops": {"bf16": 989.3, "fp16": 989.3, "fp8": 1979.1},
                "precisions": ("fp16", "bf16", "fp8", "int8")},
}  # fmt: skip
"""Odd figures, so that nothing comes out at a whole number by chance."""

MEMORY = {"A": 80.0, "B": 48.0, "C": 141.0, "D": None, "E": 24.0, REFERENCE: 80.0}
DENSE, EXPERTS, LORA, TRAIN = "inference-llm-dense", "inference-llm-moe", "finetune-lora", "training-llm"
CLASSES = {
    DENSE: {REFERENCE: 1000, "A": 411, "E": 103}, EXPERTS: {REFERENCE: 1000, "E": 77},
    LORA: {REFERENCE: 1000, "A": 517, "B": 219}, TRAIN: {REFERENCE: 1000, "A": 311, "E": 59},
    "images": {REFERENCE: 1000, "A": 523, "B": 317, "E": 41},
}  # fmt: skip
MODELS = (
    model("small", throughput_class=DENSE, aliases=("little",)),
    model("large", throughput_class=DENSE, parameters_billion=70.6, active_parameters_billion=70.6,
          shared_parameters_billion=70.6, layers=80, hidden=8192, precision="bf16"),
    model("experts", throughput_class=EXPERTS, parameters_billion=46.7, active_parameters_billion=12.9,
          shared_parameters_billion=1.63, layers=32, experts=8, experts_per_token=2),
    model("latent", throughput_class=EXPERTS, parameters_billion=671.0, active_parameters_billion=37.6,
          shared_parameters_billion=17.1, layers=61, hidden=7168, kv_heads=None, head_dim=None, mla_width=576,
          experts=256, experts_per_token=8),
    model("eye", kind="vision", throughput_class="images", parameters_billion=0.0367, active_parameters_billion=0.0367,
          shared_parameters_billion=0.0367, layers=None, hidden=None, kv_heads=None, head_dim=None, precision="fp16"),
    model("blind", kind="image", throughput_class="", parameters_billion=3.1, active_parameters_billion=3.1,
          shared_parameters_billion=3.1, layers=None, hidden=None, kv_heads=None, head_dim=None, precision="fp16"),
)  # fmt: skip
OWN = {
    "house": {"parameters": 1.31e10, "layers": 40, "hidden": 5120, "kv_heads": 10, "head_dim": 128, "precision": "fp8"},
    "tuned": {"like": "large", "parameters": 6.9e10},
    "mixed": {"parameters": 1.4e11, "active_parameters": 3.9e10, "experts": 16, "experts_per_token": 4, "layers": 56,
              "hidden": 6144, "kv_heads": 8, "head_dim": 128},
}  # fmt: skip
LANGUAGE = ("small", "small", "little", "large", "experts", "latent", "house", "tuned", "mixed")


def work_world(seed: int) -> tuple[Catalog, Inventory]:
    """The world of a seed, in which most workloads say what work they do."""
    catalog, plain = world(seed)
    random = Random(f"work {seed}")
    catalog = with_work(random, catalog)
    document = plain.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    wanted = Inventory.model_validate(document | {"models": OWN, "loads": random_loads(random)})
    workloads = [asked(random, one, seed) for one in plain.workloads]
    wanted = wanted.model_copy(update={"workloads": workloads})
    return catalog, wanted.with_curves(wanted.curves | {"traced": traced(random)})


def with_work(random: Random, catalog: Catalog) -> Catalog:
    """With models, measurements and fits; what was `C` is the reference of ratios on some shapes."""
    draft = Draft(models=list(MODELS), roofline=rooflines(random), training=mfus(random), measured=measurements(random))
    shapes = [
        shape._replace(
            accelerator=REFERENCE if shape.accelerator == "E" and number % 2 else shape.accelerator,
            units=shape.units
            - shape.units % min(shape.units, shape.per_node),  # of parts of nodes nobody sells several
        )
        for number, shape in enumerate(catalog.shapes)
    ]
    classes = {
        group: {name: Ratio(milli, milli * 9 // 10, milli * 6 // 5, 3, "2026", "s1") for name, milli in rows.items()}
        for group, rows in CLASSES.items()
    }
    figures = {"serving_utilization_fraction": 700_000, "serving_requests_at_once": 9_000_000,
               "tight_memory_fraction": 60_000,
               "serving_measured_low_ratio": 800_000,
               "serving_measured_high_ratio": 1_200_000}  # fmt: skip
    return catalog._replace(
        shapes=distinct(shapes),
        accelerators={name: Accelerator(name, gib, "2026", "s1", **SILICON[name]) for name, gib in MEMORY.items()},
        ratios=catalog.ratios | classes,
        assumptions=catalog.assumptions | {name: {"": fact(micro)} for name, micro in figures.items()},
        models={one.id: one for one in draft.models},
        model_aliases={alias: one.id for one in draft.models for alias in one.aliases},
        measured=Measurements.made_of(draft.measured),
        roofline={(row.vendor, row.accelerator, row.precision): row for row in draft.roofline},
        training={(row.accelerator, row.precision, row.kind): row for row in draft.training},
    )


def distinct(shapes: list[Any]) -> list[Any]:
    """The same shapes; where two have come to be one, the later stays what it was told apart by: its fabric's name."""
    seen: set[Any] = set()
    found = []
    for shape in shapes:
        one = shape
        while one in seen:
            one = one._replace(fabric=one.fabric + "'") if one.fabric else one._replace(units=one.per_node)
            if one in seen and not one.fabric:
                one = one._replace(fabric="'")
        seen.add(one)
        found.append(one)
    return found


def rooflines(random: Random) -> list[Roofline]:
    rows = []
    for vendor, name, precision in (
        ("NVIDIA", "*", "fp16"), ("NVIDIA", "*", "fp8"), ("NVIDIA", "C", "fp4"), ("NVIDIA", "C", "bf16"),
        ("AMD", "*", "bf16"),
    ):  # fmt: skip
        fractions = (random.uniform(0.5, 0.9), random.uniform(0.3, 0.7), random.uniform(0.3, 0.8))
        micro = (random.choice((0.0, 3.1, 17.3)), random.choice((0.0, 9.7, 23.9)))
        rows.append(Roofline(vendor, name, precision, *fractions, *micro, random.choice((1.0, 0.83, 1.27)), 0.7, 1.4, 9,
                             "2026", "s1", ""))  # fmt: skip
    return rows


def mfus(random: Random) -> list[Mfu]:
    rows = (("A", "bf16", "dense"), ("A", "bf16", "moe"), ("C", "bf16", "dense"), ("C", "fp8", "dense"),
            (REFERENCE, "bf16", "dense"), (REFERENCE, "bf16", "moe"), ("B", "bf16", "dense"), ("A", "fp8", "lora"),
            (REFERENCE, "bf16", "lora"))  # fmt: skip
    return [
        Mfu(*row, random.uniform(0.2, 0.55), 0.8, 1.2, 5, "2026", "s1", "") for row in rows if random.random() < 0.8
    ]


def measurements(random: Random) -> list[Measured]:
    found = []
    for number in range(random.randint(0, 12)):
        scenario = random.choice(("offline", "offline", "closed_loop", "server"))
        found.append(Measured(
            random.choice(("small", "large", "experts", "latent")), scenario, random.choice(("A", "C", REFERENCE, "B")),
            random.choice((1, 2, 8)), random.choice(("fp8", "bf16", "fp16")), random.choice((128.0, 1000.0, 4000.0)),
            random.choice((100.0, 256.0, 1000.0)), random.choice((16, 64, 256)) if scenario == "closed_loop" else None,
            random.uniform(300, 20_000), "tokens", f"bench {number}", "v1", random.choice(("2025", "2026")), "s1",
            random.choice((0, 0, 0, 1)),
        ))  # fmt: skip
    for number in range(random.randint(0, 8)):
        found.append(Measured(
            "eye", random.choice(("server", "offline", "closed_loop")), random.choice(("A", "B", REFERENCE)),
            random.choice((1, 4)), random.choice(("fp16", "int8")), None, None, None, random.uniform(500, 9000),
            "items", f"bench {number}", "v1", random.choice(("2025", "2026")), "s1", random.choice((0, 0, 1)),
        ))  # fmt: skip
    return found


def random_loads(random: Random) -> dict[str, Any]:
    return {
        "day": {"hourly": [random.choice((0, 0, 17.3, 40.1, 61.7, random.uniform(1, 99))) for _ in range(23)] + [77.7]},
        "week": {"hourly": [random.uniform(1, 50) for _ in range(168)]},
        "flat": {"hourly": [12.5] * 24},
    }


def traced(random: Random) -> Any:
    """What a log of requests is reduced to."""
    curve = load_duration((random.choice((0.0, 1.25, 2.5, random.uniform(0.1, 9))), 1) for _ in range(40))
    return curve._replace(input_tokens=731.5, output_tokens=203.25, counts=REQUESTS)


def asked(random: Random, plain: Workload, seed: int) -> Workload:
    """The same workload; in most cases work stands for its accelerators."""
    if random.random() < 0.15:
        return plain
    form = random.choice((serving, serving, serving, video, batch, training))
    document = plain.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    document["demand"] = form(random)
    if random.random() < 0.5:
        document.pop("slo", None)
    return Workload.model_validate(document)


def rate(random: Random, scale: float) -> Any:
    mean = scale * random.uniform(0.2, 5)
    return random.choice((
        mean, {"mean": mean}, {"mean": mean, "peak": mean * random.choice((1, 1.31, 2.6, 5.17))},
        {"load": random.choice(("day", "week", "flat"))}, {"load": "day", "mean": mean}, {"load": "week", "peak": mean},
    ))  # fmt: skip


def serving(random: Random) -> dict[str, Any]:
    pick = random.choice
    key, scale = pick((("tokens_per_second", 3000), ("requests_per_second", 11), ("concurrency", 90)))
    if random.random() < 0.2:
        items = {"model": pick(("eye", "eye", "blind")), "requests_per_second": rate(random, 900)}
        return {"serving": items | some(random, 0.3, precision=pick(("fp16", "int8"))) | common(random, 3000)}
    found = {"model": pick(LANGUAGE), key: rate(random, scale)}
    lengths = {"input_tokens": random.uniform(50, 5000), "output_tokens": random.uniform(20, 1200)}
    if key != "concurrency" and random.random() < 0.15:
        found[key], lengths = {"load": "traced"} | some(random, 0.5, peak=scale * 1.7), {}
    found |= lengths | common(random, 3000) | some(random, 0.4, precision=pick(("bf16", "fp8", "fp16", "fp4")))
    found |= some(random, 0.3, ttft_ms=pick((90, 400, 3000)), tpot_ms=pick((5, 15, 40, 90)))
    if key == "concurrency":
        found.pop("throughput", None)
    return {"serving": found | some(random, 0.2, max_concurrency=pick((1, 7, 64)))}


def common(random: Random, scale: float) -> dict[str, Any]:
    pick = random.choice
    measured = [{"accelerator": pick(("A", "A-alias", "C", "E")), "accelerators": pick((1, 2, 3, 8)),
                 "units_per_second": random.uniform(0.3, 2) * scale}]  # fmt: skip
    if measured[0]["accelerator"] != "A" and random.random() < 0.5:
        measured.append({"accelerator": measured[0]["accelerator"], "accelerators": 5, "units_per_second": scale * 3.3})
    return some(random, 0.2, target_utilization_fraction=pick((0.7, 0.55, 1)), spare_replicas=pick((1, 2)),
                accelerators_per_replica=pick((1, 2, 3, 4, 8, 16)), growth_fraction_per_month=pick((0.02, 0.1, -0.07)),
                throughput=measured)  # fmt: skip


def video(random: Random) -> dict[str, Any]:
    found = {"model": "eye", "cameras": random.randint(1, 3000), "frames_per_second": random.choice((1, 5, 29.97))}
    return {"video": found | some(random, 0.4, load=random.choice(("day", "week"))) | common(random, 4000)}


def batch(random: Random) -> dict[str, Any]:
    pick = random.choice
    shared = {key: value for key, value in common(random, 3000).items()
              if key not in ("target_utilization_fraction", "spare_replicas")}  # fmt: skip
    shared |= some(random, 0.5, window_hours_per_month=pick((8, 240, 700.5)))
    if random.random() < 0.25:
        return {"batch": {"model": pick(("eye", "blind")), "items_per_month": random.uniform(1e5, 1e10)} | shared}
    key, scale = pick((("tokens_per_month", 1e9), ("items_per_month", 4e6)))
    lengths = {"input_tokens": random.uniform(50, 5000), "output_tokens": random.uniform(20, 1200)}
    found = {"model": pick(LANGUAGE), key: scale * random.uniform(0.1, 9)} | lengths | shared
    return {"batch": found | some(random, 0.3, precision=pick(("bf16", "fp8")))}


def training(random: Random) -> dict[str, Any]:
    pick = random.choice
    method = pick(("pretraining", "full", "lora", "lora", "qlora"))
    found: dict[str, Any] = {"model": pick(LANGUAGE), "method": method, "runs_per_month": pick((0.5, 1, 4, 9.5))}
    if random.random() < 0.3:
        found |= {"accelerator_hours": random.uniform(10, 9000), "reference": pick(("A", "A-alias", REFERENCE))}
    else:
        found["tokens"] = 10 ** random.uniform(7.5, 10.5 if method == "full" else 11)
        found |= some(random, 0.2, throughput=[{"accelerator": "A", "accelerators": 8, "units_per_second": 60_123.4}])
    if method in ("lora", "qlora"):
        found |= some(random, 0.3, trainable_fraction=0.004)
    found |= some(random, 0.3, precision=pick(("bf16", "bf16", "fp8")), failed_run_fraction=0.13,
                  deadline_hours=pick((1, 30, 300)), growth_fraction_per_month=0.03)  # fmt: skip
    return {"training": found}
