"""A plan of any size becomes text part by part: every part is written where it was computed and then forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from placement.engine.advise import Counted, frame
from placement.engine.parts import PART
from placement.engine.placements import Settled, place, settled
from placement.engine.running import Runner, in_process, shares
from placement.engine.solution import Prepared, Solution
from placement.engine.solve import Progress
from placement.plan.model import Plan
from placement.report import RENDERERS, encoded, joined
from placement.report.shown import Shown

Sink = Callable[[bytes], object]
"""Takes the next piece of text, encoded as it is written to files."""


class Written(NamedTuple):
    """One part of a plan."""

    workloads: int
    texts: dict[str, bytes]
    """The text of its placements, by form."""
    counted: Counted
    shown: Shown


def write_part(forms: tuple[str, ...], prepared: Prepared, part: Settled) -> Written:
    """Place the workloads of one part and write them down in *forms*."""
    placed = place(prepared, part)
    counted, shown = Counted(), Shown()
    counted.add(placed)
    shown.add(zip(placed.numbers.tolist(), placed.placements, strict=True))
    texts = {}
    for name in forms:
        form = RENDERERS[name]
        if form.piece is not None:
            texts[name] = encoded("".join(joined(map(form.piece, placed.placements), form.between)))
    return Written(len(placed.placements), texts, counted, shown)


def stream(
    prepared: Prepared,
    solution: Solution,
    inventory_sha256: str,
    sinks: Mapping[str, Sink],
    runner: Runner = in_process,
    size: int = PART,
    progress: Progress | None = None,
) -> Plan:
    """Pour the placements, by workload id, into the sinks of their forms; the plan has those that tables show."""
    counted, shown, done, total = Counted(), Shown(), 0, len(solution.offer_w)
    prepared = solution.as_chosen(prepared)
    parts = settled(prepared.problem, solution, size, shares(runner))
    for written in runner(partial(write_part, tuple(sinks)), prepared, parts):
        for name, text in written.texts.items():
            sinks[name](encoded(RENDERERS[name].between) + text if done else text)
        counted.merge(written.counted)
        shown.merge(written.shown)
        done += written.workloads
        if progress:
            progress(total + done, 2 * total)
    return frame(prepared, solution, inventory_sha256, counted, shown.placements())
