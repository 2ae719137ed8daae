"""`placement size`: one piece of work on every accelerator, against arithmetic done here and published deployments."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from test_cli import ROOT, run
from typer.testing import CliRunner, Result
from worlds import SHIPPED, Draft, assumed, inventory, model, site

from placement.catalog.load import load_catalog
from placement.catalog.measured import Measured
from placement.catalog.tables import Catalog, Shape
from placement.catalog.work import Mfu, Roofline
from placement.cli.app import app
from placement.cli.size_options import AMOUNTS, FORMS
from placement.engine.advise import advise
from placement.engine.work.missed import Missed
from placement.engine.work_sizes import Size, Sizes, work_sizes
from placement.finance.cells import unguarded
from placement.inventory.work import Batch, Serving, Training
from placement.inventory.work_words import work_words
from placement.report.size import render_sizes
from placement.report.size_data import COLUMNS

GIB = 2**30
READ, FLOPS = 2000e9 * 0.8, 600e12 * 0.5
CHAT = {"model": "m", "input_tokens": 1000.0, "output_tokens": 250.0, "tokens_per_second": 400.0}
ALONE = CHAT | {"max_concurrency": 1, "target_utilization_fraction": 0.7}
FIGURES = {
    "serving_utilization_fraction": 700_000,
    "serving_requests_at_once": 32_000_000,
    "tight_memory_fraction": 60_000,
    "serving_measured_low_ratio": 800_000,
    "serving_measured_high_ratio": 1_200_000,
}


def catalog(**models: Any) -> Catalog:
    """A and B alike but in memory and price, C of which little is known, D of unknown memory, E without FP8."""
    made = Draft(sites=[site("lam/a"), site("lam/g", access="government")], assumptions=assumed(**FIGURES))
    fast = {
        "vendor": "V",
        "bandwidth_gb_per_s": 2000.0,
        "link_gb_per_s": 450.0,
        "tflops": {"bf16": 300.0, "fp8": 600.0},
        "precisions": ("bf16", "fp8"),
    }
    made.silicon = {"A": fast, "B": fast, "D": fast, "E": fast | {"precisions": ("bf16",)}}
    made.models = [model("m", **models), model("v", kind="vision", layers=None, throughput_class="serve")]
    made.roofline = [Roofline("V", "*", "fp8", 0.8, 0.5, 0.5, 0.0, 0.0, 1, 0.8, 1.25, 9, "2026", "s1", "")]
    made.training = [
        Mfu("A", "bf16", "dense", 0.4, 0.5, 1.5, 9, "2026", "s1", ""),
        Mfu("B", "fp8", "dense", 0.4, 0.5, 1.5, 9, "2026", "s1", ""),
    ]
    made.measured = [
        Measured("v", "server", "A", 2, "fp8", None, None, None, 80.0, "items", "ours", "", "2026", "s1"),
    ]
    for sku, accelerator, per_node, price in (
        ("a1", "A", 1, 2_000_000), ("a8", "A", 8, 24_000_000), ("b1", "B", 1, 2_100_000), ("d1", "D", 1, 9_000_000),
        ("e1", "E", 1, 1_000_000),
    ):  # fmt: skip
        made.offer("lam/a", sku, "on_demand", Shape(accelerator, per_node, per_node, ""), price)
    for place, hosting, available in (("lam/g", "secure", "listed"), ("lam/a", "community", "listed"),
                                      ("lam/a", "secure", "limited")):  # fmt: skip
        made.offer(place, f"{hosting} {available}", "on_demand", Shape("A", 1, 1, ""), 1, hosting, available)
    made.offer("lam/a", "spot", "spot", Shape("A", 1, 1, ""), 1)
    return made.catalog()


def sized(form: str, said: dict[str, Any], of: Catalog | None = None, *names: str) -> Sizes:
    wanted = inventory([{"id": "size", "kind": "inference", "demand": {form: said}}])
    return work_sizes(of or catalog(), wanted, frozenset(names))


def row(sizes: Sizes, name: str) -> Size:
    return next(one for one in sizes.sizes if one.accelerator == name)


def missed(sizes: Sizes, name: str) -> Missed:
    return next(one for one in sizes.missed if one.accelerator == name)


def test_a_row_is_what_the_roofline_says() -> None:
    """Everything about one request at a time, reckoned here from bandwidth, peak and prices."""
    found = sized("serving", ALONE)
    a = row(found, "A")
    cache = 2 * 32 * 8 * 128
    step = 8e9 / READ + 1125 * cache / READ + 2 * 8e9 / FLOPS
    prefill = (2 * 8e9 + 2 * 32 * 4096 * 1000) * 1000 / FLOPS
    rate = 250 / (prefill + 250 * step)
    assert a.throughput == pytest.approx(rate, abs=1e-3)
    assert (a.ttft_ms, a.tpot_ms) == (
        pytest.approx((prefill + step) * 1e3),
        pytest.approx((step + prefill / 250) * 1e3),
    )
    assert (a.basis, a.replica, a.replica_nodes, a.least, a.at_once) == ("roofline", 1, 1, 1, 1)
    assert (a.low, a.high) == (pytest.approx(0.8 * rate, abs=2e-3), pytest.approx(1.25 * rate, abs=2e-3))
    assert a.needed_gib == pytest.approx((8e9 + 1250 * cache) / GIB + 2, abs=2e-3)
    assert a.usable_gib == 72
    replicas = math.ceil(400 / (rate * 0.7))
    assert (a.replicas, a.accelerators, a.paid, a.hours_per_month) == (replicas, replicas, replicas, 730)
    assert a.utilization_fraction == pytest.approx(400 / rate / replicas, rel=1e-4)
    millions = 400 * 3600 * 730 / 1e6
    assert found.units_per_month == pytest.approx(millions)
    assert (found.throughput_unit, found.unit) == ("tokens", "million output tokens")
    assert a.cost is not None
    assert (a.cost.offer, a.cost.usd_per_hour, a.cost.source_id) == ("lam/a/a1/on_demand", 2.0, "s1")
    assert a.cost.usd_per_month == replicas * 730 * 2
    fewest, most = (math.ceil(400 / (rate * part * 0.7)) for part in (1.25, 0.8))
    for value, count in ((a.cost.usd_per_unit, replicas), (a.cost.low_usd_per_unit, fewest),
                         (a.cost.high_usd_per_unit, most)):  # fmt: skip
        assert value == pytest.approx(count * 730 * 2 / millions)


def test_close_calls_are_measured() -> None:
    """B costs a twentieth more and may be cheaper; what to measure is said of both, and of no other."""
    found = sized("serving", ALONE)
    assert [(one.accelerator, one.close) for one in found.sizes] == [("A", True), ("B", True)]
    assert row(found, "B").measure == ("tokens per second of m in fp8 on 1 × B, 1,000 tokens in and 250 out")
    assert sized("serving", ALONE, None, "A").sizes[0].close is False


def test_why_the_others_do_not() -> None:
    """Each with its reason: unknown memory, no FP8, nothing known at all; the nearest first."""
    found = sized("serving", ALONE)
    assert [(one.accelerator, one.rule) for one in found.missed] == [
        ("D", "memory"),
        ("E", "precision"),
        ("C", "rated"),
    ]
    assert missed(found, "D").reason == "its memory is unknown"
    assert missed(found, "E").reason == "it calculates in bf16, not in fp8"
    assert missed(found, "C").reason == "unrated: nobody says in which precisions it calculates"


def test_too_large_too_late() -> None:
    """By how many GiB and ms; where nothing does it, the nearest is named."""
    large = catalog(parameters_billion=70.0, active_parameters_billion=70.0, shared_parameters_billion=70.0)
    b = missed(sized("serving", ALONE, large), "B")
    needed = (70e9 + 1250 * 2 * 32 * 8 * 128) / GIB + 2
    assert (b.rule, b.unit, b.margin) == ("memory", "GiB", pytest.approx(needed - 43.2, abs=2e-3))
    assert b.reason == f"a replica needs {needed:.1f} GiB; 1 × B has 43.2 usable"
    none = sized("serving", ALONE, large, "B", "C")
    shown = "".join(render_sizes(none, "table", (200, False)))
    assert f"No accelerator does this. B comes closest, short by {needed - 43.2:.1f} GiB: {b.reason}." in shown
    eight = row(sized("serving", ALONE | {"ttft_ms": 15.0}), "A")
    assert (eight.replica, eight.least) == (8, 1)
    assert eight.ttft_ms is not None and eight.ttft_ms < 15
    late = missed(sized("serving", ALONE | {"ttft_ms": 2.0}), "A")
    assert (late.rule, late.margin, late.unit) == ("token_latency", math.ceil(eight.ttft_ms - 2), "ms")
    nine = missed(sized("serving", ALONE | {"accelerators_per_replica": 9}), "A")
    assert nine.reason == "nodes of 1, 8 make no replica of 9"


def test_items_are_counted_in_thousands() -> None:
    """Measured on two, so half of it each; by its ratio on another; 70 % of it to count on."""
    found = sized("serving", {"model": "v", "requests_per_second": 100.0})
    a, b = row(found, "A"), row(found, "B")
    assert (found.unit, found.throughput_unit, found.units_per_month) == ("1,000 frames", "frames", 100 * 3.6 * 730)
    assert (a.basis, a.throughput, a.accelerators, a.at_once, a.ttft_ms) == ("measured", 40, 4, 0, None)
    assert (b.basis, b.throughput, b.accelerators) == ("ratio", pytest.approx(40 * 413 / 800), 7)


def test_nothing_is_rated() -> None:
    """Then none comes closest. What is measured in other units is refused, with these."""
    none = sized("serving", {"model": "v", "requests_per_second": 100.0}, None, "D")
    assert "No accelerator does this: none is rated for it." in "".join(render_sizes(none, "table", (80, False)))
    assert none.missed[0].reason == "unrated: nobody measured items of v on it, nor on others of class serve"
    spoken = asked("whisper-large-v3", "--items-per-second", "20")
    assert spoken.exit_code == 2
    assert "measured in tokens of its text" in spoken.stderr
    assert json.loads(asked("whisper-large-v3", "--tokens-per-second", "2000", "-f", "json").stdout)["sizes"]


def test_what_does_too_little_to_be_counted_is_nowhere() -> None:
    """Less than a millionth of a unit a second is no throughput: it would take nothing, and so cost nothing."""
    known = catalog()
    slow = known._replace(roofline={key: one._replace(speed=1e-12) for key, one in known.roofline.items()})
    found = sized("serving", CHAT, slow, "A")
    assert found.sizes == ()
    assert found.missed[0].reason == "unrated: what it does a second is less than a millionth"
    plan = advise(slow, inventory([{"id": "w", "kind": "inference", "demand": {"serving": CHAT}}]), "0" * 64)
    assert [one.status for one in plan.placements] == ["unplaced"]


def test_requests_at_once_that_nobody_states_are_an_assumption() -> None:
    """D's memory is unknown, and so is what fits into it; A's is known."""
    for name, said in (("D", True), ("A", False)):
        measured = [{"accelerator": name, "units_per_second": 1e6}]
        serving = CHAT | {"tokens_per_second": 4e4, "throughput": measured}
        wanted = inventory([{"id": "w", "kind": "inference", "demand": {"serving": serving}}])
        plan = advise(catalog(), wanted, "0" * 64)
        assert [one.layers[0].accelerator for one in plan.placements] == [name]
        assert ("serving_requests_at_once" in {one.name for one in plan.assumptions}) is said


def test_the_least_rate_is_told() -> None:
    said = dict(work_words(Serving(model="v", requests_per_second={"mean": 1e-6, "peak": 1234.5})))
    assert said["demand"] == "requests a second: 0.000001 on average, 1,234.5 at the peak"


def test_training_takes_what_the_deadline_does() -> None:
    """16 bytes a parameter; 6 operations a token and parameter; a run's hours are its cost."""
    said = {"model": "m", "method": "full", "tokens": 1e9, "runs_per_month": 2.0}
    found = sized("training", said)
    a = row(found, "A")
    assert (a.basis, a.least, a.replica) == ("mfu", math.ceil(16 * 8e9 / GIB / 70), 8)
    per_second = 0.4 * 300e12 / (6 * 8e9)
    assert a.throughput == pytest.approx(8 * per_second)
    assert a.run_hours == pytest.approx(1e9 / (8 * per_second) / 3600, rel=0.01)
    assert (found.unit, found.units_per_month) == ("training run", 2)
    assert a.cost is not None
    assert a.cost.usd_per_unit == pytest.approx(a.run_hours * 24, rel=1e-3)
    assert missed(found, "B").instead == "fp8"
    assert missed(found, "B").reason == "unrated: no MFU of dense models in bf16 is known, only in fp8"
    late = sized("training", said | {"deadline_hours": 1.0})
    assert not late.sizes
    assert late.missed[0].rule == "deadline"
    assert late.missed[0].margin == pytest.approx(a.run_hours - 1, abs=0.002)


def test_a_band_that_may_miss_the_deadline_has_no_end() -> None:
    """At half of the throughput the run is late: what it costs then is not known."""
    hours = row(sized("training", {"model": "m", "method": "full", "tokens": 1e9}), "A").run_hours or 0
    said = {"model": "m", "method": "full", "tokens": 1e9, "deadline_hours": hours * 1.5}
    a = sized("training", said, None, "A")
    assert a.sizes[0].cost is not None and math.isinf(a.sizes[0].cost.high_usd_per_unit)
    assert json.loads("".join(render_sizes(a, "json", (80, False))))["sizes"][0]["usd_per_unit_high"] is None
    assert "–?" in "".join(render_sizes(a, "table", (80, False)))


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog([SHIPPED], None)


@pytest.mark.parametrize(
    ("name", "precision", "accelerator", "least"),
    [
        ("llama-3.1-405b", "fp8", "H100-SXM", 8),
        ("llama-3.3-70b", "fp8", "H200-SXM", 1),
        ("llama-3.3-70b", "bf16", "H100-SXM", 2),
        ("deepseek-r1", "fp8", "H200-SXM", 8),
        ("deepseek-r1", "fp8", "H100-SXM", 16),
        ("gpt-oss-120b", "fp4", "B200", 1),
    ],
)
def test_published_deployments(shipped: Catalog, name: str, precision: str, accelerator: str, least: int) -> None:
    """The smallest replica is what the makers of models name."""
    said = CHAT | {"model": name, "precision": precision, "tokens_per_second": 10.0}
    found = sized("serving", said, shipped, accelerator)
    assert [one.least for one in found.sizes] == [least]
    assert found.sizes[0].replica >= least


def test_rows_are_sorted_and_complete(shipped: Catalog) -> None:
    """Every accelerator is in one of the two lists; costs rise, those without a price come last; bands hold figures."""
    for form, said in (
        ("serving", CHAT | {"model": "llama-3.3-70b", "tokens_per_second": {"mean": 2000.0, "peak": 5200.0}}),
        ("batch", {"model": "sdxl", "items_per_month": 1e6}),
        ("training", {"model": "llama-3.3-70b", "method": "full", "tokens": 1e9, "precision": "fp8"}),
    ):
        found = sized(form, said, shipped)
        names = [one.accelerator for one in (*found.sizes, *found.missed)]
        assert sorted(names) == sorted(shipped.accelerators)
        costs = [one.cost.usd_per_unit if one.cost else math.inf for one in found.sizes]
        assert costs == sorted(costs) and found.sizes
        for one in found.sizes:
            assert one.low <= one.throughput <= one.high and one.needed_gib <= one.usable_gib
            assert one.replica >= one.least and one.paid >= one.accelerators
            if one.cost:
                assert one.cost.low_usd_per_unit <= one.cost.usd_per_unit <= one.cost.high_usd_per_unit
            assert bool(one.measure) == one.close


def asked(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["size", *arguments])


def test_forms_say_the_same() -> None:
    """JSON and CSV have the same rows, cell by cell; the table fits its width and names the cheapest."""
    arguments = ("llama-3.3-70b", "--tokens-per-second", "2000", "--peak", "5200")
    told = json.loads(asked(*arguments, "-f", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(asked(*arguments, "-f", "csv").stdout)))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(told["sizes"]) + len(told["missed"])
    for cells, record in zip(rows, [*told["sizes"], *told["missed"]], strict=True):
        for name in COLUMNS:
            value = record.get(name)
            text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
            assert unguarded(cells[name]) == text
    first = told["sizes"][0]
    for width in ("80", "100", "160", "240"):
        shown = run("size", *arguments, COLUMNS=width).stdout
        assert max(map(len, shown.splitlines())) <= int(width)
        assert first["accelerator"] in shown
        assert all(one["accelerator"] in shown for one in told["missed"])
    assert told["demand"] == {
        "demand": "tokens a second: 2,000 on average, 5,200 at the peak",
        "requests": "tokens: 1,000 in, 250 out",
    }
    assert told["assumptions"][0].startswith("tokens of a request: 1,000 in and 250 out")


TOKENS = {"input_tokens": 1000.0, "output_tokens": 250.0}
WIDTHS = (80, 81, 90, 100, 110, 120, 135, 150, 160, 200)


def lines_of(sizes: Sizes, width: int) -> list[str]:
    """The table's, of which none is wider than the terminal."""
    shown = "".join(render_sizes(sizes, "table", (width, False)))
    start = shown.index("\n\n", shown.index("demand")) + 2
    table = shown[start : shown.index("\n\n", start)].splitlines()
    assert max(map(len, table)) <= width
    return table


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("serving", {**TOKENS, "model": "llama-3.3-70b", "tokens_per_second": 2000.0}),
        ("serving", {**TOKENS, "model": "llama-3.3-70b", "tokens_per_second": 2000.0, "ttft_ms": 500, "tpot_ms": 40}),
        ("serving", {**TOKENS, "model": "llama-3.3-70b", "concurrency": 640.0}),
        ("serving", {**TOKENS, "model": "deepseek-r1", "tokens_per_second": {"mean": 5e5, "peak": 2e6}}),
        ("serving", {**TOKENS, "model": "deepseek-r1", "tokens_per_second": {"mean": 1e9, "peak": 1e12}}),
        ("serving", {**TOKENS, "model": "llama-3.3-70b", "tokens_per_second": 1e-6}),
        ("batch", {**TOKENS, "model": "llama-3.2-1b", "tokens_per_month": 10**18}),
        ("training", {"model": "llama-3.1-8b", "tokens": 10**9, "method": "full"}),
        ("serving", {"model": "sdxl", "requests_per_second": 3.0}),
        ("serving", {"model": "retinanet", "requests_per_second": 1e12}),
    ],
)
def test_tables_are_whole_at_every_width(form: str, said: dict[str, Any], shipped: Catalog) -> None:
    """No figure and no heading is cut: each is as where there is room for all; what a month costs stays if it can."""
    found = sized(form, said, shipped)
    everything = {word for line in lines_of(found, 1000) for word in line.split()}
    prices = [one.cost for one in found.sizes if one.cost]
    everything |= {f"${cost.usd_per_hour:,.2f}/h" for cost in prices} | {cost.offer.split("/")[0] for cost in prices}
    everything |= {"no", "list", "price"}
    for width in WIDTHS:
        table = lines_of(found, width)
        words = {word for line in table for word in line.split() if not word.startswith("─")}
        assert words <= everything and "…" not in "".join(words)
        assert {one.accelerator for one in found.sizes} <= words
        if width >= 100:
            assert any(" USD a " in line for line in table)


def test_figures_too_wide_for_the_terminal_are_wrapped() -> None:
    """Numbers that no layout has room for go on in the next line, to the last digit; so do names."""
    first = sized("serving", CHAT).sizes[0]
    assert first.cost
    cost = first.cost._replace(usd_per_unit=1e15, low_usd_per_unit=1e14, high_usd_per_unit=1e16)
    large = {"accelerator": "X" * 70, "throughput": 1e12, "low": 1e11, "high": 1e13, "ttft_ms": 1e9, "tpot_ms": 1e9}
    row = first._replace(**large, accelerators=7 * (10**21 - 1) // 9, paid=8 * (10**21 - 1) // 9, cost=cost)
    for width in WIDTHS:
        table = "".join(lines_of(sized("serving", CHAT)._replace(sizes=(row,)), width))
        assert [table.count(of) for of in ("7", "X", "…")] == [21, 70, 0]


def test_output_ends_as_its_form(tmp_path: Path) -> None:
    target = tmp_path / "sizes.json"
    arguments = ("retinanet", "--items-per-second", "200")
    done = asked(*arguments, "-o", str(target))
    assert (done.exit_code, done.stdout) == (0, "")
    assert target.read_text(encoding="utf-8") == asked(*arguments, "-f", "json").stdout


def test_aliases_and_models_of_ones_own() -> None:
    """An alias is the model; one that nobody knows has the layers of the nearest, and that is said."""
    by_alias = json.loads(asked("meta-llama/Llama-3.3-70B-Instruct", "--concurrency", "8", "-f", "json").stdout)
    assert by_alias["model"]["model"] == "llama-3.3-70b" and by_alias["unit"] == "request at once and month"
    own = json.loads(asked("house", "--parameters", "13e9", "--tokens-per-month", "1e9", "-f", "json").stdout)
    assert (own["model"]["parameters"], own["model"]["precision"]) == (13_000_000_000, "bf16")
    assert any("are those of " in text for text in own["assumptions"])
    assert {one["basis"] for one in own["sizes"]} <= {"roofline", "ratio"}
    assert all((one["ttft_ms"] is None) == (one["basis"] == "ratio") for one in own["sizes"])
    long = json.loads(asked("llama-2-7b", "--concurrency", "8", "--input-tokens", "8000", "-f", "json").stdout)
    assert any("longer than the 4,096" in text for text in long["assumptions"])
    batch = json.loads(
        asked("sdxl", "--items-per-month", "1e6", "--window-hours-per-month", "100", "-f", "json").stdout
    )
    assert batch["unit"] == "1,000 images" and all(one["hours_per_month"] <= 100.001 for one in batch["sizes"])


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (("llama-3.3-70b",), ["size-amount"]),
        (("llama-3.3-70b", "--concurrency", "1", "--tokens-per-second", "1"), ["size-amount"]),
        (("lama-3.3-70b", "--concurrency", "1"), ["unknown-model"]),
        (("retinanet", "--tokens-per-second", "1"), ["model-unfit"]),
        (("retinanet", "--concurrency", "1", "--ttft-ms", "1"), ["model-unfit"]),
        (("llama-3.3-70b", "--training-tokens", "1", "--peak", "1"), ["option-unfit"]),
        (("llama-3.3-70b", "--tokens-per-month", "1", "--method", "lora"), ["option-unfit"]),
        (("llama-3.3-70b", "--concurrency", "1", "--precision", "fp7"), ["unknown-choice"]),
        (("llama-3.3-70b", "--training-tokens", "1", "--method", "dpo"), ["unknown-choice"]),
        (("llama-3.3-70b", "--concurrency", "2", "--peak", "1"), ["rate-peak"]),
        (("llama-3.3-70b", "--concurrency", "nan"), ["not-finite"]),
        (("llama-3.3-70b", "--concurrency", "0"), ["out-of-range"]),
        (("llama-3.3-70b", "--concurrency", "1", "--spare-replicas", "-1"), ["out-of-range"]),
        (("house", "--concurrency", "1", "--parameters", "-1"), ["out-of-range"]),
        (("llama-3.3-70b", "--concurrency", "1", "--accelerator", "H10"), ["unknown-accelerator"]),
        (("a\x1b[31m", "--concurrency", "1"), ["control-character"]),
        ((" a", "--concurrency", "1"), ["name-spaces"]),
        (("", "--concurrency", "1"), ["wrong-length"]),
        (("x" * 200, "--concurrency", "1", "--parameters", "1e9"), ["wrong-length"]),
        (("m", "--concurrency", "inf", "--ttft-ms", "-1", "--accelerator", "?"),
         ["not-finite", "out-of-range", "unknown-accelerator"]),
    ],
)  # fmt: skip
def test_wrong_options(arguments: tuple[str, ...], codes: list[str]) -> None:
    """Each is told with the option it is about, all at once, and nothing is written."""
    done = asked(*arguments)
    assert (done.exit_code, done.stdout, "\x1b" in done.stderr) == (2, "", False)
    told = [line for line in done.stderr.splitlines() if ": error[" in line]
    assert [line.split("error[")[1].split("]")[0] for line in told] == codes
    assert all(line.split(":")[0] in {"size", "MODEL", *arguments} for line in told)


def test_hostile_names() -> None:
    """Markup is text, and a formula is none."""
    shown = asked("[bold]=1+1[/]", "--parameters", "13e9", "--concurrency", "4").stdout
    assert shown.startswith("[bold]=1+1[/]\n")
    odd = sized("serving", ALONE)
    odd = odd._replace(missed=(Missed("=cmd|' /C calc'!A0", "rated", None, "", "[red]why[/]"),))
    cells = list(csv.reader(io.StringIO("".join(render_sizes(odd, "csv", (80, False))))))[-1]
    assert cells[0].startswith("'=cmd") and unguarded(cells[0]) == "=cmd|' /C calc'!A0"
    assert "[red]why[/]" in "".join(render_sizes(odd, "table", (80, True)))


def test_options_are_the_keys_of_demands() -> None:
    """So that what an option may be is what an inventory may say; the same names, with dashes."""
    models = {"serving": Serving, "batch": Batch, "training": Training}
    for key, forms in {**{key: (form,) for key, form in AMOUNTS.items()}, **FORMS}.items():
        for form in forms:
            if key not in ("peak", "training_tokens"):
                assert key in models[form].model_fields
    helped = run("size", "--help", COLUMNS="200").stdout
    assert all(f"--{key.replace('_', '-')}" in helped for key in (*AMOUNTS, *FORMS))
    assert "placement size" in (ROOT / "README.md").read_text(encoding="utf-8")
