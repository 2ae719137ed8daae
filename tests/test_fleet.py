"""Fleet files: the same workloads as in YAML, row by row, and whatever can be wrong with a file of rows."""

from __future__ import annotations

import json
import os
import pickle
import threading
import tracemalloc
from pathlib import Path
from typing import Any, get_args

import pytest
from fleets import row, workloads, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement.cli.commands import Loaded, load
from placement.diagnostics import MAX_REPORTED, InputError
from placement.inventory.accelerators import AcceleratorDemand
from placement.inventory.base import Model
from placement.inventory.current import Current
from placement.inventory.demand import Demand
from placement.inventory.fleet import read, source
from placement.inventory.fleet.cells import cell_of, entry_of, entry_text, list_of, pair_of, text_of
from placement.inventory.fleet.csv_columns import COLUMNS
from placement.inventory.fleet.csv_rows import CsvRows
from placement.inventory.fleet.fleet import Fleet
from placement.inventory.fleet.json_lines import JsonLines
from placement.inventory.fleet.read import read_fleet
from placement.inventory.fleet.rows import canonical, row_of, row_of_json
from placement.inventory.load import load_draft
from placement.inventory.rate import Rate
from placement.inventory.work import Batch, Serving, Training
from placement.inventory.workload import Slo, Workload

ROOT = Path(__file__).resolve().parents[1]
OK = ROOT / "tests" / "errors" / "ok" / "catalog"


def loaded(path: Path) -> Loaded:
    return load(path, [OK], shipped=False)


def fleet_of(path: Path) -> Fleet:
    fleet = loaded(path).inventory.workloads
    assert isinstance(fleet, Fleet)
    return fleet


def lines(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in rows)


def refused(folder: Path, content: str | bytes, file: str = "fleet.jsonl") -> list[str]:
    """What is said about a fleet: code and place of each error."""
    with pytest.raises(InputError) as caught:
        loaded(written(folder, file, content))
    return [f"{one.where.line}:{one.where.column} {one.code}" for one in caught.value.diagnostics]


def test_how_many_rows_there_are_is_known_roughly(tmp_path: Path) -> None:
    """Before they are read: it decides whether more processes pay."""
    path = written(tmp_path, "fleet.jsonl", lines(*(row(f"w{number}") for number in range(3000))))
    assert 2000 < load_draft(path).about < 4500
    for name in ("missing.jsonl", f"{'a' * 300}.jsonl"):
        path.write_text(path.read_text().replace("fleet.jsonl", name))
        assert load_draft(path).about == 0
        with pytest.raises(InputError) as caught:
            loaded(path)
        assert "names it" in caught.value.diagnostics[0].hint
        path.write_text(path.read_text().replace(name, "fleet.jsonl"))


def test_a_fleet_is_the_sequence_of_its_rows(tmp_path: Path) -> None:
    fleet = fleet_of(written(tmp_path, "fleet.jsonl", lines(row("a"), row("b", note="x: y"), row("c"))))
    assert fleet.ids == ["a", "b", "c"]
    assert [workload.id for workload in fleet] == fleet.ids
    assert fleet[1] == Workload.model_validate(row("b", note="x: y"))
    assert fleet[-1].id == "c"
    assert [workload.id for workload in fleet[::-1]] == ["c", "b", "a"]
    assert [workload.id for workload in fleet.batch([2, 0, 1, 2])] == ["c", "a", "b", "c"]
    assert len(fleet) == 3
    with pytest.raises(IndexError):
        fleet[3]


def test_rows_travel_to_other_processes(tmp_path: Path) -> None:
    """A part of a fleet carries nothing but its rows, the whole everything."""
    rows = [row(f"w{number}", note="n" * 100) for number in range(50)]
    fleet = fleet_of(written(tmp_path, "fleet.jsonl", lines(*rows)))
    part = fleet.rows([7, 3])
    packed = pickle.dumps(part)
    (tmp_path / "fleet.jsonl").unlink()
    assert len(packed) < 1500
    assert list(pickle.loads(packed)) == [fleet[7], fleet[3]]
    whole = pickle.loads(pickle.dumps(fleet))
    assert list(whole) == list(fleet)
    assert whole.digests == fleet.digests != b""
    where, text = whole.place(49, ("note",))
    assert (where.line, json.loads(text)["id"]) == (50, "w49")


def test_a_csv_travels_too(tmp_path: Path) -> None:
    fleet = fleet_of(written(tmp_path, "fleet.csv", "model,id,kind,count,hours_per_month\nH100-SXM,a,batch,8,1\n"))
    assert list(pickle.loads(pickle.dumps(fleet))) == list(fleet) == list(fleet.rows([0]))


@given(st.lists(workloads(), min_size=1, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_form_says_the_same(values: list[dict[str, Any]]) -> None:
    """JSON lines and CSV bring back every workload, and the same digest of it, down to the last bit of a number."""
    forms = (JsonLines(), CsvRows(tuple(column.name for column in COLUMNS)))
    for value in values:
        workload = Workload.model_validate(value)
        said = workload.model_dump_json(by_alias=True, exclude_defaults=True).encode()
        assert canonical(row_of(value)) == said
        for form in forms:
            line = form.line(workload).encode()
            assert b"\n" not in line
            assert form.workload(line) == workload
            assert canonical(form.row(line)) == said


JUNK = (None, "", " x", "x" * 2000, "\u202e", -1, 0, 0.5, 1e10, 10**7, float("nan"), True, [], {}, [[]], {"a": 1})


CHECKS = ("validators", "field_validators", "root_validators", "model_validators")


def spoiled(value: Any, draw: Any) -> Any:
    """*value* with one thing in it replaced, left out or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: spoiled(value[key], draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        return [spoiled(value[0], draw), *value[1:]]
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from([*sorted(value), "count", "share_fraction", "source", "note"]))
        return {name: part for name, part in value.items() if name != key} if key in value else {**value, key: 1}
    return draw(st.sampled_from(JUNK))


def accepts(call: Any, value: Any) -> bool:
    try:
        call(value)
    except ValueError:
        return False
    return True


@given(workloads(), st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)
def test_rows_are_checked_like_workloads(value: dict[str, Any], data: Any) -> None:
    """What the models refuse, rows refuse, and nothing else."""
    value = spoiled(value, data.draw)
    assert accepts(row_of, value) == accepts(Workload.model_validate, value)
    line = json.dumps(value).encode()
    assert accepts(row_of_json, line) == accepts(Workload.model_validate_json, line)


def test_models_check_nothing_that_rows_do_not() -> None:
    """A check of a whole model is one that rows must ask for themselves."""
    models: list[Any] = [Workload]
    for model in models:
        for field in model.model_fields.values():
            kinds = [field.annotation, *get_args(field.annotation)]
            models += [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Model)]
    checking = [model for model in models if any(getattr(model.__pydantic_decorators__, kind) for kind in CHECKS)]
    checked = {AcceleratorDemand, Current, Demand, Serving, Batch, Training, Rate, Slo}
    assert {model.__name__ for model in models} >= {"Video", "Throughput", *(model.__name__ for model in checked)}
    assert set(checking) == checked


@given(workloads())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_keys_are_counted(value: dict[str, Any]) -> None:
    """Each key of a row once: that is how a repeated one is found."""
    count = 0

    def walk(part: Any) -> None:
        nonlocal count
        if isinstance(part, dict):
            count += len(part)
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            walk(inner)

    walk(value)
    assert row_of_json(json.dumps(value).encode())[1] == count


@given(
    st.lists(
        st.text(st.sampled_from(";=\\'+-@ ab"), min_size=1).filter(lambda text: text == text.strip(" ")), min_size=1
    )
)
def test_cells_bring_texts_back(texts: list[str]) -> None:
    assert list(map(entry_text, list_of(";".join(map(entry_of, texts))))) == texts
    for text in texts:
        assert text_of(cell_of(text)) == text
        assert pair_of(f"{entry_of(text)}=1") == (text, "1")
        assert cell_of(text)[0] not in "=+-@"
        assert entry_of(text)[0] not in "=+-@'"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("CORP\\alice", "CORP\\alice"),
        ("'", ""),
        ("'=1", "=1"),
        ("a\\;b", "a;b"),
        ("a;\\=b", "a;=b"),
        ("a\\\\;", "a\\;"),
    ],
)
def test_cells_mean(cell: str, text: str) -> None:
    assert text_of(cell) == text


def test_yaml_json_and_csv_have_one_digest(tmp_path: Path) -> None:
    """In any order, with defaults written out or not."""
    rows = [
        row("a", interruptible=False, slo={"rtt_ms": 40, "percentile": 95}),
        row("b", tags={"team": "x"}, offline=True),
    ]
    plain = tmp_path / "plain.yaml"
    path = written(tmp_path, "fleet.jsonl", lines(*rows))
    listed = "workloads: " + json.dumps([row("b", tags={"team": "x"}, offline=True), row("a", slo={"rtt_ms": 40.0})])
    plain.write_text(path.read_text().replace("workloads: {file: fleet.jsonl}", listed))
    one, other = loaded(plain), loaded(path)
    table = "offline,id,kind,model,count,hours_per_month,users,slo_rtt_ms,tags\n"
    table += "true,b,inference,H100-SXM,8,730,berlin=1,,team=x\nFALSE,a,inference,H100-SXM,8,7.3e2,berlin,40,\n"
    third = loaded(written(tmp_path, "fleet.csv", table))
    assert one.digest == other.digest == third.digest
    changed = loaded(written(tmp_path, "fleet.csv", table.replace("730", "729")))
    assert changed.digest != one.digest


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [b"", b"last"])
def test_what_surrounds_rows_does_not_matter(tmp_path: Path, ending: str, mark: bytes, last: bytes) -> None:
    """Byte order mark, line ends, blank lines, no line break at the end."""
    text = lines(row("a"), row("b")).replace("\n", ending + "  " + ending)
    data = mark + text.encode() + (json.dumps(row("c")).encode() if last else b"")
    fleet = fleet_of(written(tmp_path, "fleet.jsonl", data))
    assert fleet.ids == ["a", "b", *(["c"] if last else [])]
    assert [workload.id for workload in fleet] == fleet.ids
    assert [fleet.place(number)[0].line for number in range(2)] == [1, 3]
    assert fleet[0] == Workload.model_validate(row("a"))


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeff" + lines(row("é1"), row("b"), row("c")) + "\n\n" + json.dumps(row("d"))
    path = written(tmp_path, "fleet.jsonl", text)
    expected = list(fleet_of(path))
    for size in (4, 7, 100, 450):
        monkeypatch.setattr(source, "_BLOCK_BYTES", size)
        assert list(fleet_of(path)) == expected


def test_all_errors_of_all_rows(tmp_path: Path) -> None:
    """A broken row in the middle hides none of the others."""
    bad = row("b", users=[{"location": "berln"}])
    bad["demand"] = {"accelerators": {"model": "H100-SXM", "count": 0, "hours_per_month": 730}}
    text = lines(row("a"), row("x", users=[{"location": "nowhere"}])) + '{"id": "cut\n' + lines(bad, row("a"), row("c"))
    location = text.splitlines()[1].index('"nowhere"') + 1
    count = text.splitlines()[3].index('0, "hours') + 1
    assert refused(tmp_path, text) == [
        f"2:{location} unknown-location",
        "3:8 json-syntax",
        f"4:{count} out-of-range",
        "5:8 repeated-workload",
    ]


def test_at_most_fifty_are_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "fleet.jsonl", "{}\n" * 1000)
    with pytest.raises(InputError) as caught:
        loaded(path)
    assert len(caught.value.diagnostics) == MAX_REPORTED
    assert caught.value.more


def test_ids_far_apart(tmp_path: Path) -> None:
    rows = [row(f"w{number}") for number in range(5000)]
    assert refused(tmp_path, lines(*rows, row("w17"))) == ["5001:8 repeated-workload"]


def test_what_was_fine_once_is_not_taken_for_more(tmp_path: Path) -> None:
    """Rows that resemble each other in all but the one thing that is wrong."""
    good = row("a", slo={"rtt_ms": 40}, data_in=[{"from": "tickets"}], residency=["EU"], data_out=[])
    demand = {"model": "H100-SXM", "count": 8}
    wrong = [
        {**good, "users": []},
        {**good, "data_in": [{"from": "berlin"}]},
        {**good, "residency": ["EU", "XX"]},
        {**good, "certifications": ["EU"]},
        {**good, "data_out": [{"to": "tickets", "gb_per_month": 1}]},
        {**good, "users": [{"location": "berlin"}, {"location": "paris"}]},
        {**good, "users": [{"location": "berlin", "share_fraction": 0.4}]},
        {**good, "users": [], "slo": None, "offline": True},
        {**good, "demand": {"accelerators": {**demand, "hours_per_month": 0.0001}}},
        {**good, "demand": {"accelerators": {**demand, "utilization_fraction": 0.0000001}}},
        {**good, "demand": {"accelerators": {**demand, "hours_per_month": 730, "throughput_class": "x"}}},
        {**good, "demand": {"accelerators": {**demand, "hours_per_month": 730, "model": "H100-SXN"}}},
    ]
    rows = [{**one, "id": f"w{number}"} for number, one in enumerate([good, *wrong, good])]
    found = refused(tmp_path, lines(*rows))
    assert sorted({int(one.partition(":")[0]) for one in found}) == list(range(2, len(wrong) + 2))


def test_more_than_a_million(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_WORKLOADS", 3)
    assert len(fleet_of(written(tmp_path, "fleet.jsonl", lines(*map(row, "abc"))))) == 3
    assert refused(tmp_path, lines(*map(row, "abcde"))) == ["4:1 wrong-length"]


def test_endless_lines_stop_early(tmp_path: Path) -> None:
    """Nothing is read beyond the row that is too long."""
    path = tmp_path / "fleet.jsonl"
    with path.open("wb") as stream:
        stream.truncate(2**33)
    with pytest.raises(InputError) as caught:
        read_fleet(path, "fleet.jsonl", None)
    assert [one.code for one in caught.value.diagnostics] == ["row-too-long"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_read_once_and_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "other.jsonl", "")
    path.write_text(path.read_text().replace("other.jsonl", "fleet.jsonl"))
    os.mkfifo(tmp_path / "fleet.jsonl")
    text = lines(*(row(f"w{number}") for number in range(2000)))
    writer = threading.Thread(target=(tmp_path / "fleet.jsonl").write_text, args=[text])
    writer.start()
    fleet = fleet_of(path)
    writer.join()
    assert [workload.id for workload in fleet] == [f"w{number}" for number in range(2000)]


def test_a_file_that_changes_is_not_mixed_up(tmp_path: Path) -> None:
    path = written(tmp_path, "fleet.jsonl", lines(row("a"), row("b")))
    fleet = fleet_of(path)
    with (tmp_path / "fleet.jsonl").open("a") as stream:
        stream.write(lines(row("c")))
    with pytest.raises(InputError, match="changed while it was read"):
        fleet[0]


def test_a_file_that_is_replaced_is_still_there(tmp_path: Path) -> None:
    fleet = fleet_of(written(tmp_path, "fleet.jsonl", lines(row("a"))))
    (tmp_path / "new").write_text("")
    (tmp_path / "new").replace(tmp_path / "fleet.jsonl")
    assert fleet[0].id == "a"


HOSTILE = {
    "number": '{"id": 1e999}',
    "digits": '{"id": ' + "9" * 5000 + "}",
    "surrogate": '{"id": "\\ud800"}',
    "deep": '{"id": ' + "[" * 100_000,
    "list": "[]",
    "text": '"x"',
    "null": "null",
    "escape": '{"id": "\\u0000"}',
    "mark inside": "\ufeff" * 3 + "{}",
    "one mark inside": "\ufeff\ufeff" + json.dumps(row("a")),
    "mark of a line": lines(row("a")) + "\ufeff" + json.dumps(row("b")),
    "half a pair": json.dumps(row("a", note="\ud83d")),
    "more than any number": json.dumps(row("a", storage_gb=10**400)),
    "separator": '{"id": "a\u2028b"}',
    "many values": '{"users": [' + "1," * 20_000 + "1]}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("file", ["fleet.jsonl", "fleet.csv"])
def test_hostile_rows_are_refused(tmp_path: Path, text: str, file: str) -> None:
    found = refused(tmp_path, text, file)
    assert found


@given(st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("header", [b"", b"id,kind,model,count,hours_per_month,users,tags\n"])
def test_no_bytes_do_harm(tmp_path: Path, header: bytes, data: bytes) -> None:
    path = tmp_path / ("fleet.csv" if header else "fleet.jsonl")
    path.write_bytes(header + data)
    with pytest.raises(InputError) as caught:
        read_fleet(path, path.name, None)
    assert str(caught.value).isprintable() or "\n" in str(caught.value)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Reading and walking over rows of 600 bytes takes less than 350 bytes for each: its id, place and digest."""
    peaks = []
    for count in (2_000, 12_000):
        path = tmp_path / f"{count}.jsonl"
        path.write_text(lines(*(row(f"w{number}", note="n" * 400) for number in range(count))))
        tracemalloc.start()
        assert sum(1 for _ in read_fleet(path, path.name, None)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 10_000 * 350


def test_columns_are_documented() -> None:
    text = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    assert [column.name for column in COLUMNS] == [
        line.split("`")[1] for line in text.splitlines() if line.startswith("| `")
    ]


def test_columns_stand_for_every_key() -> None:
    """A workload that says everything has no empty cell."""
    workload = Workload.model_validate(
        row(
            "a", slo={"rtt_ms": 4, "end_to_end_ms": 9, "service_ms": 5, "percentile": 99},
            data_in=[{"from": "tickets"}], storage_gb=1, residency=["EU"],
            data_out=[{"to": "berlin", "gb_per_month": 1}], certifications=["x"], interruptible=True, offline=True,
            data={"classes": ["personal"], "jurisdictions": ["DE"]}, operators={"allowed": ["EU"], "denied": ["US"]},
            isolation="dedicated", per_location=True, spares_fraction=0.1, hands_on_updates_per_year=1,
            redundancy={"mode": "standby", "min_sites": 3, "min_providers": 2, "apart_km": 1, "standby_fraction": 0.5,
                        "replication_gb_per_month": 1},
            current={"monthly_cost_usd": 1, "site": "s", "purchase": "owned", "data_gb": 2, "migration_usd": 3,
                     "dual_running_months": 1,
                     "committed_until": "2027-03", "committed_usd_per_month": 0.5, "resale_usd": 4}, cost_centre="c",
            tags={"a": ""}, note="",
            demand={"accelerators": {"model": "A", "count": 9, "hours_per_month": 1, "accelerators_per_replica": 3,
                                     "memory_gib": 1, "checkpoint_gb": 1, "throughput_class": "t"}},
        )
    )  # fmt: skip
    assert set(workload.model_fields_set) == set(Workload.model_fields)
    form = CsvRows(tuple(column.name for column in COLUMNS))
    stated = {column.name for column in COLUMNS if not column.is_work}
    assert stated - form.said(workload) == {"utilization_fraction"}


MEASURED = [{"accelerator": "A", "units_per_second": 2, "accelerators": 3}]
REPLICAS = {"spare_replicas": 1, "target_utilization_fraction": 0.5}
ANY = {"model": "m", "precision": "fp8", "growth_fraction_per_month": 0.1, "throughput": MEASURED}
LENGTHS = {"input_tokens": 1, "output_tokens": 1}
SAID = [
    ("serving", {**LENGTHS, **REPLICAS, "tokens_per_second": {"mean": 1, "peak": 2}, "ttft_ms": 1, "tpot_ms": 1,
                 "max_concurrency": 1, "accelerators_per_replica": 2}),
    ("serving", {"tokens_per_second": {"load": "l"}}),
    ("serving", {"requests_per_second": {"mean": 1, "peak": 2}}),
    ("serving", {"requests_per_second": {"load": "l"}}),
    ("serving", {"concurrency": {"mean": 1, "peak": 2}, "throughput": []}),
    ("serving", {"concurrency": {"load": "l"}, "throughput": []}),
    ("video", {**REPLICAS, "cameras": 1, "frames_per_second": 1, "load": "l", "accelerators_per_replica": 2}),
    ("batch", {**LENGTHS, "tokens_per_month": 1, "window_hours_per_month": 5, "accelerators_per_replica": 2}),
    ("batch", {"items_per_month": 1}),
    ("training", {"method": "lora", "tokens": 1, "runs_per_month": 2, "deadline_hours": 1, "trainable_fraction": 0.1,
                  "failed_run_fraction": 0.1}),
    ("training", {"method": "full", "accelerator_hours": 1, "reference": "A", "throughput": []}),
]  # fmt: skip
"""Work that says everything, one after the other."""


def test_columns_stand_for_every_key_of_work() -> None:
    form, said = CsvRows(tuple(column.name for column in COLUMNS)), set[str]()
    for name, values in SAID:
        workload = Workload.model_validate(row("a", demand={name: {**ANY, **values}}))
        assert form.workload(form.line(workload).encode()) == workload
        said |= form.said(workload)
    assert {column.name for column in COLUMNS if column.is_work} <= said
