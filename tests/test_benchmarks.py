"""What the benchmarks time is right: everybody who takes part answers the same, and their table says what was found."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import answer
import measure
import peers
import run
import sizing
import sizing_peer
import synthetic

MARKETS = {
    "plain": (synthetic.Fleet(150), synthetic.Market(600)),
    "rules forbid little": (synthetic.Fleet(150, free=True), synthetic.Market(600)),
    "ties": (synthetic.Fleet(150), synthetic.Market(600, ties=True)),
    "equal work per dollar": (synthetic.Fleet(150), synthetic.Market(600, proportional=True)),
    "ten times each": (synthetic.Fleet(150, duplicates=10), synthetic.Market(600)),
}


@pytest.mark.parametrize("kind", MARKETS)
@pytest.mark.parametrize("peer", peers.EVERYBODY[1:])
def test_every_peer_finds_our_offers_and_costs(kind: str, peer: str) -> None:
    if peer not in peers.installed((peer,)):
        pytest.skip(f"{peer}: not installed, see the extra `bench`: {', '.join(peers.missing())}")
    found = peers.contenders(synthetic.world(*MARKETS[kind]).problem(), (peers.OURS, peer))
    assert list(found) == [peers.OURS, peer]
    answer.expect_equal(found)


@pytest.mark.parametrize("kind", sizing.KINDS)
def test_the_peer_of_sizing_finds_our_nodes_replicas_and_hours(kind: str) -> None:
    """On every shape of the shipped catalog."""
    work = sizing.made(kind, 5)
    expected = sizing_peer.sized(*work)
    assert expected[0].any()
    assert np.array_equal(sizing.sized(work, work.wanted), expected)


def test_the_synthetic_problem_is_as_large_as_asked_and_always_the_same() -> None:
    fleet, market = synthetic.Fleet(100, duplicates=10), synthetic.Market(1000)
    one, other = synthetic.world(fleet, market), synthetic.world(fleet, market)
    assert one.inventory == other.inventory
    assert all(
        np.array_equal(left, right) for left, right in zip(one.catalog.offers, other.catalog.offers, strict=True)
    )
    problem = one.problem()
    assert len(problem.ids) == 100
    assert len(problem.supply.site_o) == 1000
    assert len(problem.twins.first_k) == 10


@pytest.mark.parametrize(("offers", "costs"), [([0, 2], [5, 7]), ([0, 1], [5, 8]), ([0, -1], [5, -1])])
def test_a_wrong_answer_is_named(offers: list[int], costs: list[int]) -> None:
    right = answer.Answer(np.array([0, 1]), np.array([5, 7]))
    wrong = answer.Answer(np.array(offers), np.array(costs))
    with pytest.raises(answer.WrongAnswerError, match=r"wrong, workload 1 \(1 in all\): offer"):
        answer.expect_equal({"right": lambda: right, "wrong": lambda: wrong})


def test_unplaced_workloads_are_filled_in() -> None:
    found = answer.answer_of(3, np.array([2, 0]), np.array([8, 9]), np.array([80, 90]))
    assert found.offer_w.tolist() == [9, answer.NOWHERE, 8]
    assert found.cost_micro_w.tolist() == [90, answer.NOWHERE, 80]


@pytest.mark.parametrize(
    ("bar", "ours", "theirs", "ratio", "holds"),
    [
        (None, 2.0, 8.0, "4.0×", ""),
        (measure.Bar("times", 4), 2.0, 8.0, "4.0×", "yes"),
        (measure.Bar("times", 5), 2.0, 8.0, "4.0×", "**no**"),
        (measure.Bar("within", 4), 8.0, 2.0, "4.0×", "yes"),
        (measure.Bar("within", 3), 8.0, 2.0, "4.0×", "**no**"),
        (measure.Bar("below", 300), 299.0, None, "", "yes"),
        (measure.Bar("below", 300), 300.0, None, "", "**no**"),
    ],
)
def test_bars(bar: measure.Bar | None, ours: float, theirs: float | None, ratio: str, holds: str) -> None:
    row = measure.Row("work", ours, "s", "peer", theirs, bar)
    line = measure.markdown({"group": [row]}).splitlines()[-1]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[0] == "work"
    assert cells[4] == ratio
    assert cells[6] == holds


def test_the_table_is_written_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{run.BEGIN}\nold\n{run.END}\nafter\n", encoding="utf-8")
    run.replace_table(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{run.BEGIN}\n\nnew\n{run.END}\nafter\n"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no line"):
        run.replace_table(page, "new")
    assert page.read_text(encoding="utf-8") == "no marks\n"


def test_some_groups_of_the_table_are_written_anew(tmp_path: Path) -> None:
    (first, second, third), page = [title for title, _ in run.GROUPS.values()][:3], tmp_path / "page.md"
    page.write_text(f"{run.BEGIN}\n\nold\n\n### {first}\n\n1\n\n### {third}\n\n3\n\n{run.END}\n", encoding="utf-8")
    merged = run.merged(page, f"new\n\n### {second}\n\n2\n\n### {third}\n\n4\n")
    assert merged == f"{run.machine()}\n\n### {first}\n\n1\n\n### {second}\n\n2\n\n### {third}\n\n4\n"


def test_the_page_has_the_marks() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.count(run.BEGIN) == text.count(run.END) == 1
    assert text.index(run.BEGIN) < text.index(run.END)
