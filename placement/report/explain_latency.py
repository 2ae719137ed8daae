"""The distances of one workload for a person at a terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.engine.latency_story import LatencyStory, Served, SiteRow
from placement.report.console import ACCENT, BAD, GOOD, QUIET, plain_table, text

_COLOURS = {"yes": GOOD, "no": BAD, "at risk": BAD}


def latency_parts(story: LatencyStory | None) -> list[RenderableType]:
    """Users by location, and the nearest sites; nothing for a workload without users."""
    if story is None or not story.sites:
        return []
    budget = f" ({story.limit_ms} allowed)" if story.limit_ms else ""
    parts: list[RenderableType] = []
    for served in story.served:
        parts += [text(""), text(f"Round trip to {served.site} in ms{budget}", ACCENT), _users(served)]
    return [*parts, text(""), text("The nearest sites", ACCENT), _sites(story)]


def _users(served: Served) -> Table:
    table = plain_table(
        [
            ("users at", "left"),
            ("share", "right"),
            ("access", "left"),
            ("km", "right"),
            ("median", "right"),
            ("P95", "right"),
            ("80 % band", "right"),
            ("known by", "left"),
        ]
    )
    for row in served.users:
        access = text(row.access, QUIET if "assumed" in row.access else "")
        table.add_row(
            text(row.location),
            f"{row.share} %",
            access,
            row.km,
            row.median_ms,
            row.p95_ms,
            _band(row.low_ms, row.high_ms),
            text(_words(row.step)),
        )
    return table


def _sites(story: LatencyStory) -> Table:
    columns = [("site", "left"), ("km", "right"), ("ms", "right"), ("80 % band", "right"), ("known by", "left")]
    table = plain_table(columns + ([("SLO holds", "left")] if story.limit_ms else []))
    for row in story.sites:
        verdict = [_verdict(row)] if story.limit_ms else []
        table.add_row(
            text(row.site), row.km, row.rtt_ms, _band(row.low_ms, row.high_ms), text(_words(row.step)), *verdict
        )
    return table


def _verdict(row: SiteRow) -> Text:
    return text(row.verdict, _COLOURS.get(row.verdict, ""))


def _band(low: str, high: str) -> str:
    return f"{low}–{high}" if low else "unknown"


def _words(step: str) -> str:
    return step.replace("_", " ")
