"""Text forms: nothing of the input acts, everything adds up, every width is kept."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from random import Random

import plans
import pytest
from rich.cells import cell_len
from rich.text import Text

from placement.catalog.load import load_catalog
from placement.diagnostics import did_you_mean, visible
from placement.documents import parse_yaml
from placement.engine.advise import advise
from placement.engine.placing import percent_below
from placement.engine.stated import Names
from placement.inventory.inventory import Inventory
from placement.plan.model import Member, Placement, Plan
from placement.plan.summary import Tally
from placement.report import RENDERERS, render
from placement.report.csv import guarded
from placement.report.markdown import escaped
from placement.report.numbers import change, counted, money, share, whole_money
from placement.report.tables import caption, headline, share_rows
from placement.validation import validated

CASES = Path(__file__).parent / "cases"

HOSTILE = [
    "[red]alarm[/red]", "=1+1", "@SUM(A1)", "+1", "-1", "a|b", "<script>x</script>", "**b**", "\\x1b[31m", "`id`",
]  # fmt: skip


def plan(names: list[str], width_of_name: int = 0) -> Plan:
    entries = "\n".join(
        f"  - id: '{name}{'x' * width_of_name}'\n    kind: batch\n    current: {{monthly_cost_usd: {number * 7}}}\n"
        "    demand: {accelerators: {model: Big, count: 1, hours_per_month: 10}}"
        for number, name in enumerate(names)
    )
    document = parse_yaml(f"schema_version: 1\nname: '{names[0]}'\nworkloads:\n{entries}\n", "i.yaml")
    return advise(load_catalog([CASES / "catalog"], None), validated(document, Inventory), "digest")


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [40, 80, 120, 160, 300])
def test_tables_keep_the_width(width: int, color: bool) -> None:
    """No line is wider than the terminal, with short names and with long ones."""
    for long in (0, 60):
        text = "".join(render(plan(HOSTILE, long), "table", (width, color)))
        assert max(cell_len(strip(line)) for line in text.splitlines()) <= width


def strip(line: str) -> str:
    return Text.from_ansi(line).plain


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_hostile_names_are_shown_and_do_nothing(form: str) -> None:
    """Markup, formulas and HTML in names come out as text."""
    text = "".join(render(plan(HOSTILE), form, (300, False)))
    assert "\x1b" not in text
    if form in ("table", "json"):
        assert all(name in text or name.replace("\\", "\\\\") in text for name in HOSTILE)
    if form == "markdown":
        assert "<script" not in text
        assert "\\[red\\]alarm" in text
        assert "a\\|b" in text


def test_no_csv_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    """Text cells get an apostrophe where a spreadsheet would compute; the cost column adds up to the total."""
    made = plan(HOSTILE)
    rows = list(csv.DictReader(io.StringIO("".join(render(made, "csv", (80, False))))))
    for row in rows:
        for column, cell in row.items():
            if column not in ("quantity", "unit_price_usd", "cost_usd", "nodes", "accelerators"):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), cell
    total = sum(Decimal(row["cost_usd"]) for row in rows)
    assert total == Decimal(made.summary.monthly_cost_cents) / 100
    for row in rows:
        product = Decimal(row["quantity"]) * Decimal(row["unit_price_usd"])
        assert product.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP") == Decimal(row["cost_usd"])


def test_printed_parts_add_up_to_the_printed_total() -> None:
    """The table's rows and breakdowns, read back from the text, sum to the headline."""
    made = plan(HOSTILE)
    text = "".join(render(made, "table", (200, False)))
    rows = [line for line in text.splitlines() if "batch" not in line and "on demand" in line and "$" in line]
    words = [word for line in rows for word in line.split() if word.startswith("$")]
    total = sum(Decimal(word.strip("$").replace(",", "")) for word in words)
    assert total == Decimal(made.summary.monthly_cost_cents) / 100
    assert money(made.summary.monthly_cost_cents) in text


def test_a_fleet_is_summarised() -> None:
    """Sixty workloads: fifty rows, the most expensive, and a pointer to the rest; nothing is lost from CSV."""
    made = plan([f"w{number}" for number in range(60)])
    assert "and 10 more" in "".join(render(made, "table", (120, False)))
    assert "".join(render(made, "csv", (80, False))).count("compute, on demand") == 60


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize(("count", "last"), [(8, "p8"), (9, "p9"), (10, "2 others"), (30, "22 others")])
def test_providers_add_up(count: int, last: str, form: str) -> None:
    """The dearest eight have a row each, all others one together."""
    made = plans.plan([
        plans.placement(f"w{number}", [plans.line(10_000 - number)], provider=f"p{number}")
        for number in range(1, count + 1)
    ])  # fmt: skip
    rows = [row for row in share_rows(made) if row.name[0] == "p" or row.name.endswith("others")]
    assert [row.name for row in rows[:8]] == [f"p{number}" for number in range(1, 9)]
    assert rows[-1].name == last
    assert sum(int(row.workloads) for row in rows) == count
    total = sum(Decimal(row.cost.strip("$").replace(",", "")) for row in rows)
    assert total == Decimal(made.summary.monthly_cost_cents) / 100
    assert last in "".join(render(made, form, (120, False)))


def sites(name: str, *providers: str) -> list[Placement]:
    return [
        plans.placement(
            f"{name}/{number}", [plans.line(100)], provider=provider, member=Member(name, "active", len(providers))
        )
        for number, provider in enumerate(providers, 1)
    ]


def test_breakdowns_count_workloads() -> None:
    """A workload at several sites is one, wherever any of them is; in any order, and counted in parts."""
    placed = [*sites("a", "x", "y", "x"), *sites("b", "x", "x"), plans.placement("c", [plans.line(100)], provider="y")]
    made = plans.summed(placed, 1)
    assert [(one.name, one.workloads, one.monthly_cost_cents) for one in made.by_provider] == [
        ("x", 2, 400),
        ("y", 2, 200),
    ]
    assert [one.workloads for one in (*made.by_tier, *made.by_purchase)] == [3, 3]
    for seed in range(20):
        mixed = Random(seed).sample(placed, len(placed))
        assert plans.summed(mixed, 1) == made
        whole = Tally()
        for part in (mixed[:2], mixed[2:3], mixed[3:]):
            tally = Tally()
            for one in part:
                tally.add(one)
            whole.merge(tally)
        assert whole.summary(1) == made


@pytest.mark.parametrize(
    ("cost", "baseline", "text"),
    [
        (46, 100, "−54 %"),
        (103, 100, "+3 %"),
        (100, 100, "0 %"),
        (1, None, "–"),
        (5, 0, "new"),
        (0, 0, "0 %"),
        (25_803, 100, "+25,703 %"),
    ],
)
def test_change(cost: int, baseline: int | None, text: str) -> None:
    """Signs, no baseline, free baselines."""
    assert change(cost, baseline) == text


@pytest.mark.parametrize(
    ("cost", "other", "text"),
    [
        (46, 100, "54 %"),
        # Half up, as `change` is: 41.7 → 42; 0.4 → under 1; 0.5 → 1
        (5_876, 10_075, "42 %"),
        (9_960, 10_000, "under 1 %"),
        (9_950, 10_000, "1 %"),
        (100, 100, "0 %"),
        (0, 0, "0 %"),
        # The choice may cost a cent more than an equal one, by rounding of its lines
        (101, 100, "0 %"),
    ],
)
def test_percent_below(cost: int, other: int, text: str) -> None:
    """The reason's saving and the column's agree."""
    assert percent_below(cost, other) == text
    if cost < other:
        assert change(cost, other).lstrip("−") == text


def test_captions_count() -> None:
    """One states, two state; a plan without any placement has no cost to head it."""
    made = plan(["a", "b", "c"])
    for count, words in ((1, "workloads states what it costs today"), (2, "workloads state what they cost today")):
        summary = made.summary._replace(baseline_workloads=count)
        assert f"{count} of 3 placed {words}" in caption(made._replace(summary=summary))
    nothing = made._replace(summary=made.summary._replace(placed=0, monthly_cost_cents=0, baseline_cents=None))
    assert headline(nothing) == [("placed", "nothing")]
    assert "nothing placed" in "".join(render(nothing, "table", (100, False)))
    assert "**nothing placed**" in "".join(render(nothing, "markdown", (100, False)))


def test_large_counts_have_separators() -> None:
    made = plan(["a"])
    counts = {"workloads": 6000, "placed": 4200, "baseline_cents": 1, "baseline_workloads": 1300}
    said = caption(made._replace(summary=made.summary._replace(**counts)))
    assert "6,000 workloads, 1,800 unplaced" in said
    assert "1,300 of 4,200 placed workloads" in said
    names = Names()
    for number in range(2000):
        names.add(f"w{number}")
    assert re.search(r" and 1,9\d\d more$", str(names))
    assert "and 1,992 more" in did_you_mean("zzz", {f"w{number}" for number in range(2000)})


def test_counted() -> None:
    """Separators, and one of a thing."""
    assert [counted(*pair) for pair in (("1", "nodes"), ("12345.6", "GiB"), ("1", "ms"), ("unknown", "ms"))] == [
        "1 node", "12,345.6 GiB", "1 ms", "unknown",
    ]  # fmt: skip


def test_numbers() -> None:
    """Half up, separators, minus."""
    assert money(123456789) == "$1,234,567.89"
    assert money(-5) == "-$0.05"
    assert whole_money(150) == "$2"
    assert share(1, 3) == "33 %"
    assert share(1, 0) == "–"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "＝1", "\t=1"])
def test_guarded(text: str) -> None:
    """Lead characters that start a formula, also after what is made visible."""
    assert not guarded(text).startswith(("=", "+", "-", "@", "＝"))


def test_visible_and_escaped() -> None:
    """Control and bidirectional characters are written out; Markdown characters are escaped."""
    assert visible("a\x1b[31m\u202eb\nc") == "a\\x1b[31m\\u202eb\\nc"
    assert escaped("<b>|*") == "&lt;b&gt;\\|\\*"
