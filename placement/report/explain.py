"""The story of one workload for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from placement.engine.explain import Explanation, TierStory
from placement.plan.model import Placement
from placement.plan.stands import joined_stand
from placement.report import Terminal
from placement.report.console import ACCENT, BAD, GOOD, QUIET, bullets, drawn, plain_table, text
from placement.report.explain_latency import latency_parts
from placement.report.explain_rules import conflict, proofs, rules_by_site
from placement.report.layers import bought_words, hardware, is_mixed, layer_lines, way_words
from placement.report.numbers import change, counted, money, thousands
from placement.report.places import place_words
from placement.report.sites import sites_of
from placement.report.work import break_even_words, rating_words, run_words, short_words, turn_words
from placement.units import four_digits


def render_explanation(explanation: Explanation, terminal: tuple[int, bool]) -> Iterator[str]:
    """Demand, decision, cost lines, tiers, rules and proofs, sizing, what forbids the rest, sources."""
    placement = explanation.placement
    parts: list[RenderableType] = [text(placement.workload, ACCENT), _pairs(explanation.demand), text("")]
    parts += _decision(placement)
    if explanation.several is not None:
        parts += sites_of(explanation.several)
    if placement.lines:
        parts += [text(""), _lines(placement)]
    parts += latency_parts(explanation.latency)
    if explanation.flows:
        parts += [text(""), text("What moves", ACCENT), _flows(explanation)]
    if explanation.power:
        parts += [text(""), text("Power", ACCENT), _pairs(explanation.power)]
    if words := place_words(placement):
        parts += bullets("Edge or region", [words])
    if explanation.offer_note:
        parts.append(text(f"the catalog remarks: {explanation.offer_note}", QUIET))
    parts += conflict(placement)
    parts += [text(""), text("Best of every tier", ACCENT), _tiers(explanation.tiers)]
    parts += rules_by_site(explanation.rules) + proofs(placement)
    if explanation.sizes:
        parts += [text(""), text("Sizing", ACCENT), _sizes(explanation)]
    parts += [text(""), text("What forbids the other offers", ACCENT), _rejected(placement)]
    parts += bullets(
        "To place it",
        [
            f"{relaxation.change}: {relaxation.offer} at {money(relaxation.monthly_cost_cents)} a month"
            for relaxation in placement.relaxations
        ],
    )
    parts += bullets("Sources", _sources(explanation), QUIET)
    yield drawn(parts, Terminal(*terminal))


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, words in pairs:
        grid.add_row(text(label, QUIET), text(words))
    return grid


def _decision(placement: Placement) -> list[RenderableType]:
    if placement.monthly_cost_cents is None:
        return [text(f"unplaced: {placement.reason}", BAD)]
    against = change(placement.monthly_cost_cents, placement.baseline_cents)
    alone = placement.member is None  # of several sites all together are held against today
    versus = f" ({against} against today)" if alone and placement.baseline_cents is not None else ""
    stand = joined_stand(placement)
    lines: list[RenderableType] = [
        text(
            f"{_bought(placement)} ({stand.tier}, {stand.country or 'country unknown'}): "
            f"{money(placement.monthly_cost_cents)} a month{versus}",
            GOOD,
        ),
        text(placement.reason),
        *map(text, layer_lines(placement)),
    ]
    if placement.places:
        lines.append(text(f"at {placement.places:,} places"))
    if placement.rtt_ms:
        band = f"{placement.rtt_low_ms}–{placement.rtt_high_ms} ms in 80 % of such cases"
        risk = "; at risk: the high end breaks the SLO" if placement.rtt_at_risk else ""
        lines.append(
            text(f"RTT to its users: {placement.rtt_ms} ms, {placement.rtt_step.replace('_', ' ')} ({band}{risk})")
        )
    if placement.rating and placement.work:
        lines.append(text(short_words(placement)))
        lines.append(text(rating_words(placement.rating, placement.work)))
    if placement.work and placement.work.run_hours:
        lines.append(text(run_words(placement.work)))
    if placement.break_even:
        lines.append(text(break_even_words(placement)))
    if placement.price_turn:
        lines.append(text(turn_words(placement.price_turn)))
    if placement.rating and placement.rating.basis == "ratio" and not placement.work:
        rating = placement.rating
        lines.append(
            text(
                f"work per accelerator: {rating.ratio} of today's, measured p10–p90 {rating.low}–{rating.high}"
                + (", one measurement" if rating.one_measurement else "")
            )
        )
    return lines


def _bought(placement: Placement) -> str:
    if is_mixed(placement):
        several = any(layer.site for layer in placement.layers)
        return bought_words(placement) + ("" if several else f", at {placement.site}")
    layer = placement.layers[0]
    return f"{hardware(layer)}, {way_words(layer)}, at {placement.site}"


def _lines(placement: Placement) -> Table:
    table = plain_table(
        [
            ("cost line", "left"),
            ("quantity", "right"),
            ("unit", "left"),
            ("unit price", "right"),
            ("USD/month", "right"),
            ("source", "left"),
        ]
    )
    for line in placement.lines:
        mark = " (assumed)" if line.assumed else ""
        source = " ".join(part for part in (line.source_id, line.as_of) if part)
        table.add_row(
            text(line.label),
            thousands(line.quantity),
            line.unit,
            f"${thousands(line.unit_price_usd)}",
            money(line.cost_cents),
            text(f"{source}{mark}", QUIET),
        )
    table.add_section()
    table.add_row(text("total", ACCENT), "", "", "", text(money(placement.monthly_cost_cents or 0), ACCENT), "")
    return table


def _flows(explanation: Explanation) -> Table:
    table = plain_table(
        [
            ("flow", "left"),
            ("from", "left"),
            ("to", "left"),
            ("GB", "right"),
            ("tariff", "left"),
            ("USD/month", "right"),
            ("source", "left"),
        ]
    )
    for row in explanation.flows:
        source = " ".join(part for part in (row.source_id, row.as_of) if part)
        table.add_row(
            text(row.what),
            text(row.source),
            text(row.target),
            f"{thousands(row.gb)} {'once' if row.once else 'a month'}",
            text(row.tariff),
            money(row.monthly_cost_cents),
            text(source, QUIET),
        )
    return table


def _tiers(tiers: tuple[TierStory, ...]) -> Table:
    table = plain_table(
        [("tier", "left"), ("feasible", "right"), ("best offer, or what it breaks", "left"), ("USD/month", "right")]
    )
    for tier in tiers:
        about = text(f"{tier.offer} · {tier.accelerators}")
        for obstacle in tier.obstacles:
            margin = f" by {counted(obstacle.margin, obstacle.unit)}" if obstacle.margin else ""
            margin = ": unknown" if obstacle.margin == "unknown" else margin
            margin += f": {obstacle.detail}" if obstacle.detail else ""
            about.append("\n")
            about.append_text(text(f"breaks {obstacle.rule} ({obstacle.title}){margin}", BAD))
        if tier.held_by:
            about.append("\n")
            about.append_text(text(f"held by {', '.join(tier.held_by)}", BAD))
        cost = money(tier.monthly_cost_cents) if tier.monthly_cost_cents is not None else "unknown"
        table.add_row(
            text(tier.tier),
            f"{tier.feasible:,} of {tier.offers:,}",
            about,
            text(cost if not tier.obstacles else f"({cost})", "" if not tier.obstacles else QUIET),
        )
    return table


def _sizes(explanation: Explanation) -> Table:
    if any(row.basis for row in explanation.sizes):
        return _work_sizes(explanation)
    table = plain_table(
        [
            ("accelerator", "left"),
            ("work each", "right"),
            ("needed", "right"),
            ("units paid", "right"),
            ("GiB per node", "right"),
            ("from USD/month", "right"),
            ("feasible", "left"),
        ]
    )
    for row in explanation.sizes[:12]:
        cost = money(row.monthly_cost_cents) if row.monthly_cost_cents is not None else "unknown"
        table.add_row(
            text(row.accelerator),
            row.ratio,
            f"{row.accelerators:,}",
            f"{row.nodes:,}",
            row.memory_gib,
            cost,
            text("yes", GOOD) if row.feasible else text("no", BAD),
        )
    return table


def _work_sizes(explanation: Explanation) -> Table:
    """What a replica does of the work, and how many accelerators it takes."""
    heads = [
        ("accelerator", "left"),
        (f"{explanation.sizes[0].unit}/s of a replica", "right"),
        ("band", "right"),
        ("by", "left"),
        ("needed", "right"),
        ("units paid", "right"),
        ("from USD/month", "right"),
        ("feasible", "left"),
    ]
    table = plain_table(heads)
    for row in explanation.sizes[:12]:
        cost = money(row.monthly_cost_cents) if row.monthly_cost_cents is not None else "unknown"
        many = f" ({row.replica:,} as one)" if row.replica > 1 else ""
        table.add_row(
            text(row.accelerator + many),
            four_digits(row.throughput),
            f"{four_digits(row.low)}–{four_digits(row.high)}",
            row.basis,
            f"{row.accelerators:,}",
            f"{row.nodes:,}",
            cost,
            text("yes", GOOD) if row.feasible else text("no", BAD),
        )
    return table


def _rejected(placement: Placement) -> Table:
    table = plain_table([("rule", "left"), ("offers", "right"), ("nearest miss", "left")])
    for rejected in placement.rejected:
        nearest = rejected.nearest
        margin = f"{nearest.what}: {counted(nearest.margin, nearest.unit)}" if nearest is not None else ""
        margin += f" ({nearest.detail})" if nearest is not None and nearest.detail else ""
        table.add_row(text(rejected.constraint), f"{rejected.offers:,}", text(margin))
    return table


def _sources(explanation: Explanation) -> list[str]:
    return [f"{name}: {title}" for name, title in explanation.sources.items()]
