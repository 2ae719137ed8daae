"""Models, measurements and fitted figures as they are read, laid over each other, kept and listed."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import CASES, SMALL, run
from worlds import Draft, model, site

from placement.catalog.listing import accelerator_facts, model_facts
from placement.catalog.load import load_catalog
from placement.catalog.measured import NO_MEASUREMENTS, Measured, Measurements
from placement.catalog.tables import Shape
from placement.catalog.work import Mfu, Roofline
from placement.diagnostics import InputError

FOLDER = CASES / "catalog"
MODELS = (
    "model,name,kind,throughput_class,parameters_billion,active_parameters_billion,shared_parameters_billion,layers,"
    "hidden,kv_heads,head_dim,mla_width,experts,experts_per_token,precision,context_tokens,aliases,as_of,source_id,note\n"
)
MEASURED = (
    "model,scenario,accelerator,accelerators,precision,input_tokens,output_tokens,concurrency,units_per_second,unit,"
    "benchmark,software,as_of,source_id\n"
)
HOUSE = "house,{},llm,,8,,,32,4096,8,128,,,,fp8,8192,{},2026,t1,\n"
ROW = "house,offline,Big,1,fp8,1000,250.5,,{},tokens,ours,vLLM,2026,t1\n"


def layer(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


texts = st.sampled_from(("", "a", "b", "ü", "*"))
counts = st.none() | st.integers(1, 1_000_000)
lengths = st.none() | st.integers(1, 10_000_000).map(lambda milli: milli / 1000)
rates = st.integers(1, 10**12).map(lambda micro: micro / 1_000_000)
measured = st.builds(Measured, texts, texts, texts, st.integers(1, 1000), texts, lengths, lengths, counts, rates, texts,
                     texts, texts, texts, texts, st.integers(0, 3))  # fmt: skip


@given(st.lists(measured, max_size=8))
@settings(max_examples=60, deadline=None)
def test_columns_say_what_the_rows_say(rows: list[Measured]) -> None:
    """No value is lost, rows of later layers come first, and the order of the rows given does not matter."""
    made = Measurements.made_of(rows)
    assert sorted(map(repr, made)) == sorted(map(repr, rows))
    assert [row.layer for row in made] == sorted((row.layer for row in rows), reverse=True)
    assert made == Measurements.made_of(rows[::-1]) and len(made) == len(rows)
    assert [made[place] for place in range(len(rows))] == list(made) == list(made[:])
    for name in ("", "a", "none"):
        assert list(made.of(name)) == [row for row in made if row.model == name]


def test_nothing_measured() -> None:
    assert list(NO_MEASUREMENTS) == [] and NO_MEASUREMENTS.of("x") == ()
    with pytest.raises(IndexError):
        NO_MEASUREMENTS[0]


WORK_FILES = ("models.csv", "measured.csv", "roofline.csv", "training.csv")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small catalog as it was before it knew of work: without the files, and with the old header."""
    folder = tmp_path_factory.mktemp("bare") / "catalog"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(*WORK_FILES))
    rows = list(csv.reader((FOLDER / "accelerators.csv").read_text(encoding="utf-8").splitlines()))
    kept = [place for place, name in enumerate(rows[0]) if name not in ("link_gb_per_s", "precisions")]
    numbers = [place for place, name in enumerate(rows[0]) if name.endswith(("_tflops", "_tops", "_gb_per_s"))]
    lines = [",".join("" if row is not rows[0] and place in numbers else row[place] for place in kept) for row in rows]
    (folder / "accelerators.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_catalog_needs_none_of_it(bare: Path) -> None:
    """Without the files there are no models, and accelerators have no links and precisions; old headers are read."""
    catalog = load_catalog([bare], None)
    assert (catalog.models, catalog.roofline, catalog.training) == ({}, {}, {})
    assert catalog.measured == NO_MEASUREMENTS
    assert catalog.accelerators["Big"].precisions == () and catalog.accelerators["Big"].tflops == {}
    assert catalog.accelerators["Big"].vendor == "Acme" and catalog.accelerators["Big"].tdp_w == 1000


def test_a_later_layer_wins(tmp_path: Path, bare: Path) -> None:
    """A model by key, a measurement by all but its value; others of an earlier layer stay, and come after it."""
    first = layer(tmp_path / "one", models=MODELS + HOUSE.format("Old", "h"),
                  measured=MEASURED + ROW.format(100) + ROW.format(50).replace("Big,1", "Big,2"))  # fmt: skip
    second = layer(tmp_path / "two", models=MODELS + HOUSE.format("New", "n;m"), measured=MEASURED + ROW.format(200))
    for folder in (None, tmp_path / "cache", tmp_path / "cache"):
        catalog = load_catalog([bare, first, second], folder)
        assert catalog.models["house"].name == "New"
        assert catalog.model_aliases == {"n": "house", "m": "house"}
        told = [(row.accelerators, row.units_per_second, row.layer) for row in catalog.measured]
        assert told == [(1, 200, 2), (2, 50, 1)]
        assert catalog.measured[0].output_tokens == 250.5 and catalog.measured[0].concurrency is None


def test_new_columns_may_be_left_out_one_by_one(tmp_path: Path, bare: Path) -> None:
    """Of the columns of accelerators that came later; in any other order they are refused."""
    header, row, *_ = (bare / "accelerators.csv").read_text(encoding="utf-8").split("\n")
    for added, cell in (("link_gb_per_s,", "450,"), ("precisions,", "bf16;fp8,")):
        text = f"{header.replace('tdp_w', added + 'tdp_w')}\n{row.replace('1000,8', cell + '1000,8')}\n"
        found = load_catalog([bare, layer(tmp_path / added, accelerators=text)], None).accelerators["Big"]
        assert (found.link_gb_per_s, found.precisions) in ((450, ()), (None, ("bf16", "fp8")))
    wrong = f"{header},precisions\n{row},bf16\n"
    with pytest.raises(InputError) as refused:
        load_catalog([bare, layer(tmp_path / "wrong", accelerators=wrong)], None)
    assert refused.value.diagnostics[0].code == "csv-columns"


def draft() -> Draft:
    """Two accelerators of one vendor, of which one can be predicted."""
    made = Draft(
        sites=[site("lam/a"), site("lam/b"), site("lam/g", access="government")], models=[model("x"), model("y")]
    )
    made.silicon = {
        "A": {
            "vendor": "V",
            "bandwidth_gb_per_s": 2000.0,
            "tflops": {"bf16": 300.0, "fp8": 600.0},
            "precisions": ("bf16",),
        },
        "B": {"vendor": "V", "tflops": {"bf16": 300.0}, "precisions": ("bf16",)},
    }
    made.roofline = [
        Roofline("V", "*", name, 0.8, 0.7, 0.4, 63, 4, 1, 0.7, 1.3, 9, "2026", "s1", "") for name in ("bf16", "fp8")
    ]
    made.training = [Mfu("A", name, "dense", 0.4, 0.8, 1.2, 9, "2026", "s1", "") for name in ("bf16", "fp8")]
    made.measured = [Measured("x", "offline", "A", 1, "bf16", None, None, None, 9.0, "tokens", "", "", "2026", "s1")]
    for place, sku, price, hosting, available in (
        ("lam/a", "eight", 16_000_000, "secure", "listed"), ("lam/b", "one", 2_000_000, "secure", "unverified"),
        ("lam/b", "two", 1_000_000, "community", "listed"), ("lam/a", "two", 1_000_000, "secure", "limited"),
        ("lam/g", "one", 1_000_000, "secure", "listed"), ("lam/b", "none", -1, "secure", "listed"),
    ):  # fmt: skip
        made.offer(place, sku, "on_demand", Shape("A", 8 if sku == "eight" else 1, 8, ""), price, hosting, available)
    made.offer("lam/a", "one", "spot", Shape("A", 1, 8, ""), 500_000)
    made.offer("lam/a", "c", "spot", Shape("C", 1, 8, ""), 500_000)
    return made


def test_what_is_told_of_accelerators() -> None:
    """The cheapest that no policy must allow, ties by id; a roofline needs bandwidth and a native precision."""
    facts = {one.accelerator.name: one for one in accelerator_facts(draft().catalog())}
    assert list(facts) == sorted(facts)
    a, b, c = facts["A"], facts["B"], facts["C"]
    assert (a.offered.offers, str(a.offered.usd_per_hour), a.offered.cheapest) == (7, "2.0000", "lam/a/eight/on_demand")
    assert (c.offered.offers, c.offered.usd_per_hour, b.offered.offers) == (1, None, 0)
    assert (a.roofline, b.roofline, a.mfu, b.mfu) == (("bf16",), (), ("bf16", "fp8"), ())
    assert (a.classes, a.aliases, a.source) == (("serve", "train"), ("A-alias",), "a source")


def test_what_is_told_of_models() -> None:
    """Weights and cache at the model's own precision."""
    x, y = model_facts(draft().catalog())
    assert (x.measured, y.measured) == (1, 0)
    assert x.weights_gib == pytest.approx(8e9 / 2**30)
    assert x.kv_bytes_per_token == 2 * 32 * 8 * 128


def test_the_command_lists_the_shipped_catalog() -> None:
    """Every row in every form, with its source."""
    for of, key, name in (("accelerators", "accelerator", "H100-SXM"), ("models", "model", "llama-3.3-70b")):
        told = json.loads(run("catalog", of, "-f", "json").stdout)
        rows = list(csv.DictReader(io.StringIO(run("catalog", of, "-f", "csv").stdout)))
        assert [row[key] for row in rows] == [row[key] for row in told[of]]
        assert all(row["source"] and row["as_of"] and row["source_id"] for row in rows)
        assert name in {row[key] for row in rows}
        for columns in ("80", "160", "240"):
            shown = run("catalog", of, COLUMNS=columns).stdout
            assert max(map(len, shown.splitlines())) <= int(columns)
            assert shown.splitlines()[0] == f"{len(rows)} {of} · catalog of {told['catalog_as_of']}"
            assert all(row["source_id"] + ":" in shown for row in rows)


def test_names_do_not_act(tmp_path: Path) -> None:
    """Markup is text, a formula is none, and control characters do not get in."""
    text = MODELS + HOUSE.format("[bold]=1+1[/]", "").replace("house,", "=cmd,")
    folder = layer(tmp_path / "odd", models=text)
    told = run("catalog", "models", *SMALL, "--catalog", str(folder), COLUMNS="160")
    assert "[bold]=1+1[/]" in told.stdout and told.returncode == 0
    cells = run("catalog", "models", "-f", "csv", *SMALL, "--catalog", str(folder)).stdout.split("\n")[1].split(",")
    assert cells[0] == "'=cmd" and cells[1] == "[bold]=1+1[/]"
    shutil.rmtree(folder)
    folder = layer(tmp_path / "odd", models=MODELS + HOUSE.format("\x1b[31mred", ""))
    refused = run("catalog", "models", *SMALL, "--catalog", str(folder))
    assert (refused.returncode, refused.stdout, "\x1b" in refused.stderr) == (2, "", False)


def test_output_and_usage(tmp_path: Path) -> None:
    """A file gets what stdout would; a layer is never written over; an unknown listing is a usage error."""
    target = tmp_path / "models.csv"
    assert run("catalog", "models", "-f", "csv", "-o", str(target)).stdout == ""
    printed = run("catalog", "models", "-f", "csv").stdout
    assert target.read_text(encoding="utf-8").replace("\r\n", "\n") == printed
    folder = layer(
        tmp_path / "mine", models=MODELS + HOUSE.format("House", ""), sources="source_id,source,licence\nt1,x,y\n"
    )
    refused = run("catalog", "models", "--catalog", str(folder), "-o", str(folder / "models.csv"))
    assert (refused.returncode, "error[output-is-input]" in refused.stderr) == (2, True)
    usage = run("catalog", "sites")
    assert (usage.returncode, usage.stdout, "Traceback" in usage.stderr) == (2, "", False)
    assert "3 models" in run("catalog", "models", *SMALL).stdout
