"""Plans made by hand and by worlds, and their views for finance."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from worlds import world

from placement.engine.advise import advise
from placement.finance.focus import export_focus
from placement.finance.months import Month
from placement.finance.statement import Statement, statement
from placement.finance.tables import About, export_csv
from placement.finance.xlsx import export_xlsx
from placement.plan.commitment import Commitment
from placement.plan.load import Tail, open_plan
from placement.plan.model import Crossover, Digests, Inputs, Layer, Line, Placement, Plan, Schedule, Summary, Tag
from placement.plan.summary import Tally
from placement.report import render
from placement.units import dollars

START = Month(2027, 1)
SHA = "0" * 64

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "''", " =1+1", "\t=1", "\r\n=1", "a;=cmd|' /C calc'!A0;", "＝1", "a,b",
    'say "hi"', "[red]alarm[/red]", "<script>x</script>", "<r><t>x</t></r>", "\x1b[31mred", "line\nbreak",
    "back\\slash", "\\x41", "\u202eevil", "zero\u200bwidth", "\ufeffmark", "{=1}",
    "1e5", "007", "2026-11", "NA", "null", "true", "*", "?",
    "~*", ">0", "_x0041_", "a;b=c", "&amp;", "http://example.com", "mailto:a@b", "é中文🙂", "x" * 10_000,
]  # fmt: skip


def line(cost_cents: int, schedule: Schedule | None = None, **values: Any) -> Line:
    """A line of one unit at its cost, so that quantity × price holds."""
    price = dollars(cost_cents)
    stated: dict[str, Any] = {
        "term": "usage",
        "label": "compute",
        "unit": "node-hour",
        "source_id": "s1",
        "as_of": "2026-11",
    }
    return Line(**{
        **stated, "quantity": "1", "unit_price_usd": price, "cost_cents": cost_cents, "layer": 1, "schedule": schedule,
        **values,
    })  # fmt: skip


def placement(name: str, lines: list[Line], baseline: int | None = None, **values: Any) -> Placement:
    layer = Layer("aws/us/n8/on_demand", "H100-SXM", "on_demand", 1, 8, 8, "730")
    stated: dict[str, Any] = {
        "tier": "hyperscaler",
        "provider": "aws",
        "site": "aws/us",
        "country": "US",
        "layers": (layer,),
    }
    return Placement(**{
        "workload": name, "kind": "batch", "status": "placed", "reason": "", "digests": Digests("0", "0"),
        "monthly_cost_cents": sum(one.cost_cents for one in lines), "lines": tuple(lines), "baseline_cents": baseline,
        **stated, **values,
    })  # fmt: skip


def plan(placements: list[Placement], horizon: int = 36, rate: str = "0.08", **values: Any) -> Plan:
    inputs = Inputs("Hand made", SHA, "none", SHA, "2026-12", "0", horizon, rate, "0", "0")
    ordered = tuple(sorted(placements, key=lambda one: one.workload))
    stated = {"sources": {"s1": "a source"}, **values}
    return Plan(inputs, summed(placements, 1), ordered, **stated)


def hostile_plan(names: list[str] = HOSTILE) -> Plan:
    """Every text that a plan file could carry is hostile."""
    made = []
    for number, name in enumerate(names):
        layer = Layer(f"{name}/{name}/{name}", name, name, 2, 8, 8, "100.5")
        term = "commitment" if number % 3 == 0 else "storage" if number % 3 == 1 else "usage"
        texts = {
            "term": term,
            "label": name,
            "source_id": name,
            "as_of": name,
            "note": name,
            "assumed": True,
            "unit": name,
        }
        lines = [line(1234 + number, **texts), line(7, layer=0, label=f"egress, data in (from {name})", term="egress")]
        made.append(placement(
            name, lines, 99, kind=name, cost_centre=name, tags=(Tag("b", f";={name}\\"), Tag(name, name)), reason=name,
            tier=name, provider=name, site=name, country=name, layers=(layer,), places=3,
            no_edge=name if number % 2 else "",
            crossover=None if number % 2 else Crossover(3, name, 1, 1, name, 1, 1, "1", "above", "1.5"),
        ))  # fmt: skip
    signed = tuple(Commitment(name, name, 2, 1, name, 3, 99, 1, name, (name, name)) for name in names)
    return plan(made, 3, sources={name: name for name in names}, commitments=signed)


def world_plan(seed: int) -> Plan:
    catalog, wanted = world(seed)
    return advise(catalog, wanted, SHA)


def about(made: Plan) -> About:
    return About(made.inputs, made.sources, START)


def csv_of(made: Plan, by: str = "line") -> str:
    return "".join(export_csv(by, about(made), made.placements))


def focus_of(made: Plan, months: int = 1, version: str = "1.2") -> str:
    return "".join(export_focus(version, months, about(made), made.placements))


def money_of(made: Plan) -> Statement:
    return statement(made.inputs, made.placements, START)


def xlsx_of(made: Plan) -> BytesIO:
    tail = Tail(made.assumptions, made.notes, made.sources)
    return BytesIO(b"".join(export_xlsx(about(made), made.summary, money_of(made), tail, made.placements)))


def json_of(made: Plan) -> str:
    return "".join(render(made, "json", (80, False)))


def plan_in(path: Path) -> Plan:
    """The whole plan in a file."""
    reading = open_plan(path)
    placements = tuple(reading.placements)
    return Plan(reading.head.inputs, reading.head.summary, placements, *reading.tail[0])


def summed(placements: Iterable[Placement], offers: int) -> Summary:
    tally = Tally()
    for one in placements:
        tally.add(one)
    return tally.summary(offers)


def file_of(made: Plan, folder: Path, name: str = "plan.json") -> Path:
    path = folder / name
    path.write_text(json_of(made), encoding="utf-8")
    return path


CENTS = st.integers(-(10**9), 10**12)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any schedule a plan file may state; the residual of what is bought is at most its price."""
    kind = draw(st.sampled_from(["term", "upfront", "purchase", "held", "once"]))
    amount = draw(CENTS)
    residual = draw(st.integers(0, max(0, amount))) if kind in ("purchase", "held") else 0
    after = draw(st.integers(0, 130)) if kind == "term" else 0
    return Schedule(kind, draw(st.integers(1, 130)), amount, residual, after)  # type: ignore[arg-type]


LINES = st.builds(line, st.integers(0, 10**11), st.none() | schedules())
PLANS = st.builds(
    lambda groups, horizon, rate: plan(
        [placement(f"w{at}", lines, baseline) for at, (lines, baseline) in enumerate(groups)], horizon, rate
    ),
    st.lists(
        st.tuples(st.lists(LINES, min_size=1, max_size=4), st.none() | st.integers(0, 10**11)), min_size=1, max_size=4
    ),
    st.integers(1, 130),
    st.sampled_from(["0", "0.08", "0.125", "1"]),
)
