"""Workloads that say what work they do: what the engine reads of them, and what must be known of their names."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from fleets import row
from typer.testing import CliRunner
from worlds import inventory

from placement.cli.app import app
from placement.cli.commands import Loaded, load
from placement.diagnostics import InputError
from placement.documents import Finding
from placement.engine.explain import demand_words
from placement.inventory.asks import Asks
from placement.inventory.curves import hourly_curve
from placement.inventory.digests import Fingerprints
from placement.inventory.fleet.fleet import asks_of
from placement.inventory.inventory import Head, Inventory
from placement.inventory.members import member
from placement.inventory.recipe import Amount, Recipe, work_of
from placement.inventory.work_names import WorkNames
from placement.inventory.workload import Workload

OK = Path(__file__).resolve().parent / "errors" / "ok" / "catalog"
LENGTHS = {"input_tokens": 1000, "output_tokens": 250}
SERVING = {"model": "house", **LENGTHS, "tokens_per_second": 2000}
HOUSE = {"parameters": 1.3e10, "layers": 40, "hidden": 5120, "kv_heads": 40, "head_dim": 128}
OFFICE = [0, 4] * 12


def asked(demand: dict[str, Any], **more: Any) -> Asks:
    return asks_of([Workload.model_validate(row("a", demand=demand, **more))])


def only(demand: dict[str, Any]) -> tuple[Recipe | None, Amount]:
    asks = asked(demand)
    ((recipe, _),) = asks.recipes.number.items()
    ((amount, _),) = asks.amounts.number.items()
    return recipe, amount


def recipe(form: str, unit: str, **said: Any) -> Recipe:
    return Recipe(form, "house", unit, **said)


TOKENS = {"input_tokens": 1000.0, "output_tokens": 250.0}
SPARE = {"spare_replicas": 1}
READ: dict[str, tuple[dict[str, Any], Recipe, Amount]] = {
    "tokens": ({"serving": SERVING}, recipe("serving", "tokens", **TOKENS), Amount(2000.0, stated="tokens_per_second")),
    "requests are tokens": (
        {"serving": {"model": "house", **LENGTHS, "requests_per_second": {"mean": 2, "peak": 6}}},
        recipe("serving", "tokens", **TOKENS),
        Amount(500.0, 1500.0, "", "requests_per_second"),
    ),
    "requests of no language model, as a load": (
        {"serving": {"model": "house", "requests_per_second": {"load": "office", "peak": 6}}},
        recipe("serving", "items"),
        Amount(0.0, 6.0, "office", "requests_per_second"),
    ),
    "requests at once": (
        {"serving": {**LENGTHS, "model": "house", "concurrency": 64, "ttft_ms": 500, "tpot_ms": 40, **SPARE}},
        recipe("serving", "requests", **TOKENS, ttft_ms=500.0, tpot_ms=40.0, spare_replicas=1),
        Amount(64.0, stated="concurrency"),
    ),
    "cameras": (
        {"video": {"model": "house", "cameras": 40, "frames_per_second": 5, "target_utilization_fraction": 0.7}},
        recipe("video", "items", target_utilization_fraction=0.7),
        Amount(200.0, stated="frames_per_second"),
    ),
    "cameras with a load": (
        {"video": {"model": "house", "cameras": 40, "frames_per_second": 5, "load": "office"}},
        recipe("video", "items"),
        Amount(0.0, 200.0, "office", "frames_per_second"),
    ),
    "batch": (
        {"batch": {"model": "house", "items_per_month": 10, **LENGTHS, "window_hours_per_month": 240}},
        recipe("batch", "tokens", **TOKENS, window_hours=240.0),
        Amount(2500.0, stated="items_per_month"),
    ),
    "items": (
        {"batch": {"model": "house", "items_per_month": 10, "accelerators_per_replica": 2}},
        recipe("batch", "items", window_hours=730.0, accelerators_per_replica=2),
        Amount(10.0, stated="items_per_month"),
    ),
    "training": (
        {
            "training": {
                "model": "house", "method": "lora", "tokens": 1e9, "trainable_fraction": 0.01, "deadline_hours": 48,
                "failed_run_fraction": 0.1, "growth_fraction_per_month": 0.02, "precision": "bf16",
                "throughput": [{"accelerator": "H100-SXM", "units_per_second": 9000}],
            }
        },
        recipe(
            "training", "runs", method="lora", tokens=1e9, trainable_fraction=0.01, deadline_hours=48.0,
            failed_run_fraction=0.1, growth_fraction_per_month=0.02, throughput=(("H100-SXM", 1, 9000.0),),
            precision="bf16",
        ),
        Amount(1.0, stated="runs_per_month"),
    ),
    "hours": (
        {
            "training": {
                "model": "house", "method": "full", "accelerator_hours": 5000, "reference": "H100-SXM",
                "runs_per_month": 4,
            }
        },
        recipe("training", "runs", method="full", accelerator_hours=5000.0, reference="H100-SXM"),
        Amount(4.0, stated="runs_per_month"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("demand", "how", "amount"), READ.values(), ids=READ.keys())
def test_what_the_engine_reads(demand: dict[str, Any], how: Recipe, amount: Amount) -> None:
    assert only(demand) == (how, amount)
    hash(how)


def test_rows_of_both_kinds_stand_beside_each_other() -> None:
    demands = [row("a")["demand"], {"serving": SERVING}, row("c")["demand"]]
    asks = asks_of([Workload.model_validate(row(f"w{at}", demand=demand)) for at, demand in enumerate(demands)])
    recipes = list(asks.recipes.number)
    assert [recipes[at] for at in asks.recipes.row] == [None, work_of({"serving": Plain.mean(SERVING)})[0], None]
    assert list(asks.numbers["count"]) == [8, 1, 8]
    assert list(asks.numbers["hours"]) == [730, 730, 730]
    assert list(asks.numbers["memory_gib"])[1] != list(asks.numbers["memory_gib"])[1], "not a number"
    rated = list(asks.rated.number)
    assert [rated[at] for at in asks.rated.row] == [("H100-SXM", None), ("", None), ("H100-SXM", None)]
    assert list(asks.numbers["work_fraction"]) == [1, 1, 1]


class Plain:
    """Values as rows have them."""

    @staticmethod
    def mean(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "tokens_per_second": {"mean": float(said["tokens_per_second"])}}


@pytest.mark.parametrize(
    ("terms", "fractions", "waiting"),
    [
        ({"mode": "active_active", "min_sites": 3}, [0.5, 0.5, 0.5], [0, 0, 0]),
        ({"mode": "standby"}, [1, 1], [0, 0]),
        ({"mode": "standby", "min_sites": 3, "standby_fraction": 0.25}, [1, 0.25, 0.25], [0, 0, 0]),
        ({"mode": "standby", "standby_fraction": 0}, [1, 1], [0, 1]),
    ],
)
def test_members_carry_parts_of_the_work(terms: dict[str, Any], fractions: list[float], waiting: list[int]) -> None:
    flows = {"data_out": [{"to": "berlin", "gb_per_month": 6}]}
    asks = asked({"serving": SERVING}, redundancy=terms, **flows)
    assert list(asks.numbers["work_fraction"]) == fractions
    assert list(asks.numbers["waiting"]) == waiting
    assert list(asks.numbers["hours"]) == [0 if waits else 730 for waits in waiting]
    assert len(asks.recipes.row) == len(fractions)
    assert len(asks.recipes.number) == 1
    workload = Workload.model_validate(row("a", demand={"serving": SERVING}, redundancy=terms, **flows))
    parts = [member(workload, number) for number in range(1, len(fractions) + 1)]
    assert all(part.demand == workload.demand for part in parts)
    assert [part.id for part in parts] == [f"a/{number}" for number in range(1, len(parts) + 1)]


# --- names ---


def found(
    demand: dict[str, Any], models: dict[str, Any] | None = None, known: dict[str, str] | None = None
) -> list[str]:
    """What is wrong with a workload's names, where the catalog has models of these kinds."""
    head = Head.model_validate(
        {
            "schema_version": 1,
            "name": "x",
            "models": models or {},
            "loads": {"office": {"hourly": OFFICE}, "log": {"trace": "log.csv"}, "lost": {"trace": "lost.csv"}},
        }
    )
    kinds = {name: SimpleNamespace(kind=kind, experts=None) for name, kind in (known or {}).items()}
    spoken = [SimpleNamespace(unit="tokens")]
    catalog: Any = SimpleNamespace(
        models=kinds, model_aliases={"Short": "llama"}, ratios={}, aliases={"A-alias": "A"},
        measured=SimpleNamespace(of=lambda name: spoken if name == "whisper" else []),
    )  # fmt: skip
    traced = hourly_curve(OFFICE)._replace(input_tokens=10.0, output_tokens=5.0, counts="requests")
    curves = {"office": hourly_curve(OFFICE), "log": traced}
    names = WorkNames(head, catalog, {"A", "A-alias"}, curves)
    findings: list[Finding] = list(names.models())
    findings += names.workload(Workload.model_validate(row("a", demand=demand)).demand, ())
    return [finding.code for finding in findings]


CATALOG = {"llama": "llm", "bert": "encoder", "retinanet": "vision", "whisper": "speech"}


def serving(model: str, **said: Any) -> dict[str, Any]:
    return {"serving": {"model": model, **said}}


def test_models_are_the_catalogs_or_ones_own() -> None:
    assert found(serving("llama", **LENGTHS, requests_per_second=1), known=CATALOG) == []
    assert found(serving("Short", **LENGTHS, requests_per_second=1), known=CATALOG) == []
    assert found(serving("house", **LENGTHS, requests_per_second=1), {"house": HOUSE}) == []
    assert found(serving("other", requests_per_second=1), {"house": HOUSE}) == ["unknown-model"]
    assert found(serving("mine", requests_per_second=1), {"mine": {"like": "bert"}}, CATALOG) == []
    assert found(serving("mine", requests_per_second=1), {"mine": {"like": "llama"}}, CATALOG) == ["lengths-needed"]
    assert found(serving("mine", requests_per_second=1), {"mine": {"like": "lama"}}, CATALOG) == ["unknown-model"]
    own = {"llama": {"kind": "vision", "parameters": 1e8, "throughput_class": "none"}}
    assert found(serving("llama", requests_per_second=1), own, CATALOG) == ["unknown-throughput-class"]


def test_lengths_are_said_or_come_from_the_trace() -> None:
    for name, expected in (("office", ["lengths-needed"]), ("log", []), ("lost", []), ("none", ["unknown-load"])):
        for key in ("tokens_per_second", "requests_per_second"):
            assert found(serving("llama", **{key: {"load": name}}), known=CATALOG) == expected
    assert found({"batch": {"model": "llama", "tokens_per_month": 1}}, known=CATALOG) == ["lengths-needed"]
    assert found({"batch": {"model": "bert", "items_per_month": 1}}, known=CATALOG) == []
    assert found({"batch": {"model": "bert", "tokens_per_month": 1}}, known=CATALOG) == ["model-unfit"]


def test_what_does_not_fit_the_model_or_the_load() -> None:
    slos = {"ttft_ms": 1, "tpot_ms": 1}
    assert found(serving("bert", **LENGTHS, **slos, tokens_per_second=1), known=CATALOG) == ["model-unfit"] * 5
    measured = [{"accelerator": "A", "units_per_second": 1}]
    assert found(serving("whisper", requests_per_second=1), known=CATALOG) == ["model-unfit"]
    assert found(serving("whisper", requests_per_second=1, throughput=measured), known=CATALOG) == []
    assert found(serving("whisper", tokens_per_second=1), known=CATALOG) == []
    training = {"method": "full", "tokens": 1e9}
    assert found({"training": {"model": "bert", **training}}, known=CATALOG) == ["model-unfit"]
    assert found({"training": {"model": "llama", **training}}, known=CATALOG) == []
    cameras = {"cameras": 1, "frames_per_second": 1}
    assert found({"video": {"model": "retinanet", **cameras, "load": "office"}}, known=CATALOG) == []
    assert found({"video": {"model": "llama", **cameras}}, known=CATALOG) == ["model-unfit"]
    assert found(serving("llama", concurrency={"load": "log"}), known=CATALOG) == ["load-unfit"]
    assert found(serving("llama", concurrency={"load": "log", "peak": 9}), known=CATALOG) == []
    assert found(serving("llama", **LENGTHS, concurrency={"load": "office"}), known=CATALOG) == []


def test_accelerators_that_are_named() -> None:
    measured = [{"accelerator": name, "units_per_second": 1} for name in ("A", "B")]
    assert found(serving("bert", requests_per_second=1, throughput=measured), known=CATALOG) == ["unknown-accelerator"]
    twice = [{"accelerator": name, "accelerators": 2, "units_per_second": 1} for name in ("A", "A-alias")]
    assert found(serving("bert", requests_per_second=1, throughput=twice), known=CATALOG) == ["repeated-throughput"]
    assert found(serving("bert", requests_per_second=1, throughput=twice[:1], accelerators_per_replica=2),
                 known=CATALOG) == []  # fmt: skip
    assert found(serving("bert", requests_per_second=1, throughput=twice[:1], accelerators_per_replica=1),
                 known=CATALOG) == ["throughput-unfit"]  # fmt: skip
    training = {"model": "llama", "method": "full", "accelerator_hours": 1}
    assert found({"training": {**training, "reference": "B"}}, known=CATALOG) == ["unknown-accelerator"]
    assert found({"training": {**training, "reference": "A"}}, known=CATALOG) == []


# --- inventories and fleets ---


def written(folder: Path, workloads: list[dict[str, Any]] | str, **more: Any) -> Path:
    path = folder / "inventory.yaml"
    head = {"schema_version": 1, "name": "x", "locations": {"berlin": {"city": "Berlin"}}, "models": {"house": HOUSE}}
    listed = {"file": workloads} if isinstance(workloads, str) else workloads
    path.write_text(yaml.safe_dump({**head, **more, "workloads": listed}))
    return path


def loaded(path: Path) -> Loaded:
    return load(path, [OK], shipped=False)


EYES = {
    "model": "eye",
    "cameras": 40,
    "frames_per_second": 5,
    "throughput": [{"accelerator": "H100-SXM", "units_per_second": 9}],
}
MODELS = {"house": HOUSE, "eye": {"kind": "vision", "parameters": 3e7}}
BOT = {"model": "house", **LENGTHS, "requests_per_second": {"load": "office", "peak": 12}}


def test_loads_are_there_after_loading_in_every_form(tmp_path: Path) -> None:
    """Inline or from a file, workloads in YAML or in a fleet: one digest."""
    (tmp_path / "office.csv").write_text("\n".join(map(str, OFFICE)))
    (tmp_path / "fleet.jsonl").write_text(json.dumps(row("bot", demand={"serving": BOT})) + "\n")
    names = ["id", "kind", "users", "serving_model", "serving_input_tokens", "serving_output_tokens"]
    names += ["serving_requests_per_second_peak", "serving_requests_per_second_load"]
    (tmp_path / "fleet.csv").write_text(f"{','.join(names)}\nbot,inference,berlin,house,1000,250,12,office\n")
    digests = set()
    for shape in ({"hourly": OFFICE}, {"hourly_file": "office.csv"}):
        for workloads in ([row("bot", demand={"serving": BOT})], "fleet.jsonl", "fleet.csv"):
            one = loaded(written(tmp_path, workloads, loads={"office": shape}))
            assert one.inventory.curves == {"office": hourly_curve(OFFICE)}
            assert next(iter(one.inventory.workloads)).demand.form == "serving"
            digests.add(one.digest)
    assert len(digests) == 1
    (tmp_path / "office.csv").write_text("\n".join(map(str, [*OFFICE[:-1], 5])))
    changed = loaded(written(tmp_path, "fleet.jsonl", loads={"office": {"hourly_file": "office.csv"}}))
    assert changed.digest not in digests, "what a file says is part of the question"


def test_fingerprints_of_demand_cover_the_model_and_the_load() -> None:
    def prints(values: list[int], **model: Any) -> list[str]:
        listed = [row("bot", demand={"serving": BOT}), row("other")]
        made: Inventory = inventory(listed, models={"house": {**HOUSE, **model}}, loads={"office": {"hourly": values}})
        return [Fingerprints(made).demand(workload) for workload in made.workloads]

    first = prints(OFFICE)
    for other in (prints([1] * 24), prints(OFFICE, layers=41)):
        assert other[0] != first[0]
        assert other[1] == first[1]
    assert prints(OFFICE, note="a remark") == first


def test_errors_of_loads_and_names_are_shown_together(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("timestamp\n2\n1\n")
    (tmp_path / "hours.csv").write_text("1\nx\n")
    loads = {"log": {"trace": "log.csv"}, "hours": {"hourly_file": "hours.csv"}}
    bad = row(
        "bot", demand={"serving": {**BOT, "requests_per_second": {"load": "offce"}}}, users=[{"location": "brlin"}]
    )
    with pytest.raises(InputError) as caught:
        loaded(written(tmp_path, [bad], loads=loads))
    codes = [one.code for one in caught.value.diagnostics]
    assert sorted(codes) == ["load-value", "trace-unsorted", "unknown-load", "unknown-location"]


@pytest.mark.parametrize(
    "command", ["advise inventory.yaml -f csv -o office.csv", "convert inventory.yaml office.csv --force"]
)
def test_files_of_loads_are_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (tmp_path / "office.csv").write_text("\n".join(map(str, OFFICE)))
    written(tmp_path, [row("bot", demand={"serving": BOT})], loads={"office": {"hourly_file": "office.csv"}})
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, command.split())
    assert (said.exit_code, "error[output-is-input]" in said.stderr) == (2, True)
    assert (tmp_path / "office.csv").read_text().startswith("0\n4\n")


@pytest.mark.parametrize("target", ["fleet.jsonl", "fleet.csv"])
def test_work_is_converted_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    workloads = [row("bot", demand={"serving": BOT}), row("other"), row("eyes", demand={"video": EYES})]
    before = loaded(written(tmp_path, workloads, loads={"office": {"hourly": OFFICE}}, models=MODELS))
    monkeypatch.chdir(tmp_path)
    for command in (f"convert inventory.yaml {target} --inventory big.yaml", "convert big.yaml flat.yaml"):
        assert CliRunner().invoke(app, command.split()).exit_code == 0
    big, flat = loaded(tmp_path / "big.yaml"), loaded(tmp_path / "flat.yaml")
    assert big.digest == flat.digest == before.digest
    assert list(big.inventory.workloads) == list(flat.inventory.workloads) == list(before.inventory.workloads)


def test_a_fleet_of_bad_work_is_told_row_by_row(tmp_path: Path) -> None:
    rows = [
        row("a", demand={"serving": BOT}),
        row("b", demand={"serving": {**BOT, "model": "huose"}}),
        row("c", demand={"serving": {**BOT, "requests_per_second": {"load": "log"}}}),
        row("d", demand={"serving": {key: value for key, value in BOT.items() if key != "output_tokens"}}),
        row("e", demand={"serving": BOT, "batch": {"model": "house", "items_per_month": 1}}),
        row("f", demand={"serving": {**BOT, "requests_per_second": {"load": "office", "mean": 3}}}),
    ]
    (tmp_path / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    with pytest.raises(InputError) as caught:
        loaded(written(tmp_path, "fleet.jsonl", loads={"office": {"hourly": OFFICE}}))
    told = [(one.where.line, one.code) for one in caught.value.diagnostics]
    assert told == [(2, "unknown-model"), (3, "unknown-load"), (4, "lengths-needed"), (5, "demand-form")]


def test_a_csv_without_accelerators_needs_no_model_nor_count(tmp_path: Path) -> None:
    def told(text: str) -> list[tuple[int, int, str]]:
        (tmp_path / "fleet.csv").write_text(text)
        with pytest.raises(InputError) as caught:
            loaded(written(tmp_path, "fleet.csv"))
        return [(one.where.line, one.where.column, one.code) for one in caught.value.diagnostics]

    video = "id,kind,video_model,video_cameras,video_frames_per_second"
    assert told(f"{video}\na,inference,,,\n") == [(2, 13, "demand-form")]
    assert told(f"{video},model\na,inference,house,1,1,\n") == [(1, 1, "csv-columns")]
    both = f"{video},model,count,hours_per_month\n"
    assert told(f"{both}a,inference,house,1,1,H100-SXM,1,1\n") == [(2, 13, "demand-form")]
    assert told(f"{both}a,inference,house,1,x,,,\n") == [(2, 21, "wrong-type")]
    assert told(f"{both}a,inference,,,,H100-SXM,,1\n") == [(2, 25, "wrong-type")]


def test_what_is_said_of_work_is_said_in_words() -> None:
    said = {
        **{"model": "house", "precision": "fp8", **LENGTHS, "requests_per_second": {"load": "office", "peak": 12}},
        **{
            "ttft_ms": 500,
            "tpot_ms": 40,
            "max_concurrency": 64,
            "target_utilization_fraction": 0.7,
            "spare_replicas": 1,
        },
        "throughput": [{"accelerator": "H100-SXM", "accelerators": 2, "units_per_second": 1400}],
    }
    words = dict(demand_words(Workload.model_validate(row("a", demand={"serving": said}))))
    assert words["demand"] == "requests a second: 12 at the peak, as load `office` says"
    assert words["model"] == "house in fp8"
    assert words["requests"] == "tokens: 1,000 in, 250 out"
    assert words["answers"] == "first token within 500 ms, each further token within 40 ms"
    assert words["replica"] == "at most 64 requests at once, at most 70 % busy, 1 to spare"
    assert words["measured by you"] == "1,400 a second on 2 × H100-SXM"
    training = {"model": "house", "method": "lora", "tokens": 1.5e9, "runs_per_month": 4, "deadline_hours": 48}
    words = dict(demand_words(Workload.model_validate(row("a", demand={"training": training}))))
    expected = "fine-tuned by adapters (LoRA), 4 runs a month of 1,500,000,000 tokens, each within 48 h"
    assert words["demand"] == expected
    for demand, text in (
        ({"serving": SERVING}, "tokens a second: 2,000 all month"),
        ({"serving": {**BOT, "requests_per_second": {"load": "office"}}}, "requests a second, as load `office` says"),
        (
            {"batch": {"model": "m", "items_per_month": 5, "window_hours_per_month": 24}},
            "5 items a month, within 24 of",
        ),
        ({"video": {"model": "m", "cameras": 4, "frames_per_second": 2}}, "4 cameras, 2 frames a second of each"),
    ):
        assert dict(demand_words(Workload.model_validate(row("a", demand=demand))))["demand"].startswith(text)
