"""A roadmap for machines: everything as JSON, and moves or months as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator

from placement.finance.cells import csv_row, guarded, tags_text
from placement.finance.months import Month
from placement.plan.stands import stands
from placement.report.roadmap_notes import assumptions, commitments, notes
from placement.report.roadmap_rows import month_text, wait_words
from placement.roadmap.model import Choice, Move, Roadmap, Stay, Step, Stream, Wait, Wave, Worth
from placement.units import dollars

TEXTS = frozenset(
    (
        *("workload", "kind", "cost_centre", "tags", "from_site", "from_purchase", "to_sites", "to_offers"),
        *("to_purchases", "waits_for", "committed_until"),
    )
)
"""Columns that hold what people or catalogs call things: their cells are guarded."""


def roadmap_json(road: Roadmap) -> str:
    """Money as decimal strings, months and waves in order."""
    return json.dumps(_document(road), ensure_ascii=False, indent=2) + "\n"


def _document(road: Roadmap) -> dict[str, object]:
    inputs, settings = road.inputs, road.settings
    return {
        "inventory_name": inputs.inventory_name,
        "inventory_sha256": inputs.inventory_sha256,
        "catalog_sha256": inputs.catalog_sha256,
        "currency": inputs.currency,
        "start": str(settings.start),
        "horizon_months": road.horizon,
        "discount_rate_fraction": inputs.discount_rate_fraction,
        "dual_running_months": settings.dual_months.value,
        "lead_months": {tier: figure.value for tier, figure in sorted(settings.lead_months.items())},
        "max_workloads_per_wave": settings.most_per_wave,
        "months_between_waves": settings.every_months,
        "plan_cost_usd": dollars(road.plan_cost_cents),
        "worth": _worth(road.worth),
        "book_usd": dollars(road.compared.book),
        "owed_usd": dollars(road.compared.owed),
        "waves": [_wave(road, wave) for wave in road.waves],
        "new": [_step(road, step) for step in road.new],
        "not_within_horizon": [_stay(road, stay) for stay in road.staying],
        "unplaced": [
            {"workload": name, "baseline_usd": None if cents is None else dollars(cents)}
            for name, cents in road.unplaced
        ],
        "commitments": commitments(road),
        "notes": notes(road),
        "assumptions": assumptions(road),
        "months": _rows(monthly(road)),
    }


def _worth(worth: Worth) -> dict[str, object]:
    return {
        "payback_month": worth.payback_month,
        "trough_usd": dollars(worth.trough),
        "trough_month": worth.trough_month,
        "saving_usd": dollars(worth.cumulative[-1]),
        "present_value_usd": dollars(worth.present_value),
        "present_value_with_book_usd": dollars(worth.present_value_with_book),
    }


def _wave(road: Roadmap, wave: Wave) -> dict[str, object]:
    stream = wave.stream
    return {
        "number": wave.number,
        "month": wave.first,
        "calendar_month": month_text(road.settings, wave.first),
        "one_off_usd": dollars(sum(step.one_off_cents for step in wave.steps)),
        "dual_running_usd": dollars(sum(stream.dual)),
        "paid_unused_usd": dollars(sum(stream.idle)),
        "saving_usd_per_month": dollars(sum(step.move.saving_cents for step in wave.steps)),
        "alone": _worth(wave.alone),
        "if_stopped": {
            **_worth(wave.stopped),
            "cost_usd_per_month": dollars(wave.cost_cents),
            "book_usd": dollars(wave.book),
            "owed_usd": dollars(wave.owed),
        },
        "moves": [_step(road, step) for step in wave.steps],
        "months": _rows(_amounts(stream, road.settings.start)),
    }


def _step(road: Roadmap, step: Step) -> dict[str, object]:
    return {
        **_move(step.move),
        "month": step.first,
        "calendar_month": month_text(road.settings, step.first),
        "waits": [_wait(road, wait) for wait in step.waits],
        "choice": _choice(step.choice),
        "one_off_usd": dollars(step.one_off_cents),
        "dual_running_usd": dollars(sum(step.stream.dual)),
        "paid_unused_usd": dollars(sum(step.stream.idle)),
    }


def _stay(road: Roadmap, stay: Stay) -> dict[str, object]:
    waits = [_wait(road, wait) for wait in stay.waits]
    return {**_move(stay.move), "waits": waits, "choice": _choice(stay.choice)}


def _move(move: Move) -> dict[str, object]:
    today = move.today
    return {
        "workload": move.workload,
        "kind": move.kind,
        "from": {"site": today.site, "purchase": today.purchase},
        "to": [
            {"sites": [stand.site for stand in stands(one)], "offers": [layer.offer for layer in one.layers]}
            for one in move.placements
        ],
        "baseline_usd": _known(move.baseline_cents),
        "cost_usd": dollars(move.cost_cents),
        "lead_months": move.lead_months,
        "dual_running_months": move.dual_months,
        "committed_until": today.committed_until,
        "migration_usd": _known(today.migration_cents),
        "resale_usd": _known(today.resale_cents),
    }


def _known(cents: int | None) -> str | None:
    return None if cents is None else dollars(cents)


def _wait(road: Roadmap, wait: Wait) -> dict[str, object]:
    return {"why": wait.why, "until_month": wait.until_month or None, "detail": wait.detail,
            "text": wait_words(road.settings, wait)}  # fmt: skip


def _choice(choice: Choice | None) -> dict[str, object] | None:
    if choice is None:
        return None
    return {
        "waits": choice.waits,
        "early_month": choice.early_month,
        "early_present_value_usd": dollars(choice.early),
        "late_month": choice.late_month,
        "late_present_value_usd": dollars(choice.late),
    }


def monthly(road: Roadmap) -> dict[str, list[str]]:
    """The columns by month: of what states its cost of today, then of new workloads."""
    new = road.new_stream
    return _amounts(road.compared, road.settings.start) | {
        "new_cash_usd": [*map(dollars, new.paid)],
        "new_cost_usd": [*map(dollars, new.cost)],
        "cumulative_saving_usd": [*map(dollars, road.worth.cumulative)],
    }


def _amounts(stream: Stream, start: Month) -> dict[str, list[str]]:
    months = range(len(stream.baseline))
    amounts = {
        "baseline_usd": stream.baseline,
        "today_usd": stream.today,
        "dual_running_usd": stream.dual,
        "paid_unused_usd": stream.idle,
        "cash_capex_usd": stream.capex,
        "cash_opex_usd": stream.opex,
        "migration_usd": stream.migration,
        "resale_usd": stream.resale,
        "cash_usd": stream.paid,
        "cash_at_begin_usd": stream.at_begin,
        "cost_usd": stream.cost,
        "saving_usd": stream.saving,
    }
    return {
        "month": [str(month + 1) for month in months],
        "calendar_month": [str(start.later(month)) for month in months],
        **{name: [dollars(cents) for cents in column] for name, column in amounts.items()},
    }


def _rows(columns: dict[str, list[str]]) -> list[dict[str, str | int]]:
    return [
        {name: int(cell) if name == "month" else cell for name, cell in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def months_csv(road: Roadmap) -> Iterator[str]:
    """One row per month."""
    columns = monthly(road)
    yield csv_row(columns)
    yield from (csv_row(row) for row in zip(*columns.values(), strict=True))


def moves_csv(road: Roadmap) -> Iterator[str]:
    """One row per workload: those of waves, new ones, those that do not get there, and those without a place."""
    rows = list(_csv_rows(road))
    names = list(_csv_row(road, "", "", None, None))
    yield csv_row(names)
    for row in rows:
        yield csv_row(guarded(row[name]) if name in TEXTS else row[name] for name in names)


def _csv_rows(road: Roadmap) -> Iterator[dict[str, str]]:
    for wave in road.waves:
        for step in wave.steps:
            yield _csv_row(road, step.move.kind, str(wave.number), step.move, step)
    for step in road.new:
        yield _csv_row(road, "new", "", step.move, step)
    for stay in road.staying:
        waits = "; ".join(wait_words(road.settings, wait) for wait in stay.waits)
        yield {**_csv_row(road, "not within the horizon", "", stay.move, None), "waits_for": waits}
    for name, cents in road.unplaced:
        row = _csv_row(road, "unplaced", "", None, None)
        yield {**row, "workload": name, "baseline_usd": "" if cents is None else dollars(cents)}


def _csv_row(road: Roadmap, status: str, wave: str, move: Move | None, step: Step | None) -> dict[str, str]:
    """Every column; what is not known is empty."""
    return {"status": status, "wave": wave, **_when(road, step), **_what(move), **_amount(move, step)}


def _when(road: Roadmap, step: Step | None) -> dict[str, str]:
    return {
        "month": str(step.first) if step else "",
        "calendar_month": month_text(road.settings, step.first) if step else "",
        "waits_for": "; ".join(wait_words(road.settings, wait) for wait in step.waits) if step else "",
    }


def _what(move: Move | None) -> dict[str, str]:
    names = ("workload", "kind", "cost_centre", "tags", "from_site", "from_purchase", "committed_until")
    if move is None:
        return dict.fromkeys((*names, "to_sites", "to_offers", "to_purchases"), "")
    first, today = move.placements[0], move.today
    layers = [layer for placement in move.placements for layer in placement.layers]
    about = (move.workload, first.kind, first.cost_centre, tags_text(first.tags))
    return {
        **dict(zip(names, (*about, today.site, today.purchase, today.committed_until), strict=True)),
        "to_sites": "; ".join(stand.site for placement in move.placements for stand in stands(placement)),
        "to_offers": "; ".join(layer.offer for layer in layers),
        "to_purchases": "; ".join(layer.purchase for layer in layers),
    }


def _amount(move: Move | None, step: Step | None) -> dict[str, str]:
    baseline = move.baseline_cents if move else None
    stream = step.stream if step else None
    found: dict[str, int | None] = {
        "baseline_usd": baseline,
        "cost_usd": move.cost_cents if move else None,
        "saving_usd_per_month": move.saving_cents if move and baseline is not None else None,
        "one_off_usd": step.one_off_cents if step else None,
        "migration_usd": move.today.migration_cents if move else None,
        "dual_running_usd": sum(stream.dual) if stream else None,
        "paid_unused_usd": sum(stream.idle) if stream else None,
        "cash_capex_usd": sum(stream.capex) if stream else None,
        "cash_opex_usd": sum(stream.opex) if stream else None,
        "resale_usd": sum(stream.resale) if stream else None,
        "saving_usd": sum(stream.saving) if stream and baseline is not None else None,
        "book_usd": stream.book if stream else None,
        "owed_usd": stream.owed if stream else None,
    }
    return {name: "" if cents is None else dollars(cents) for name, cents in found.items()}
