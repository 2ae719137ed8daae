"""What negotiated prices save, which of them end within the horizon, and which are not applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from placement.catalog.offer_ids import term_months
from placement.catalog.tables import UNKNOWN, Catalog
from placement.dates import latest_day, months_between
from placement.engine.problem import Problem
from placement.engine.stated import NAMED, Stated
from placement.engine.terms.rented import contract_of
from placement.plan.model import Line, Placement
from placement.units import cents_of, scaled

SAVED, ENDING = "negotiated", "negotiated until "


def count_negotiated(stated: Stated, problem: Problem, offers: Sequence[int], placement: Placement) -> None:
    """Count what layers on negotiated *offers*, one each, cost less than at list prices, where these are known."""
    counted = set()
    for number, offer in enumerate(offers if placement.layers else (), start=1):
        lines = [line for line in placement.lines if line.layer == number]
        counted.add(_count_layer(stated, problem, offer, lines))
    for name in sorted(counted - {""}):
        stated.name(name, placement.workload)


def _count_layer(stated: Stated, problem: Problem, offer: int, lines: Sequence[Line]) -> str:
    """Under which name its workload is to be told; none if nothing was negotiated."""
    contract = contract_of(problem, offer)
    if contract is None:
        return ""
    saved = _saved_cents(problem, offer, lines)
    if saved is None:
        return "negotiated alone"
    stated.add_cost((SAVED,), saved)
    months = _months_until(problem.catalog, contract.until)
    term = term_months(
        problem.catalog, int(problem.supply.catalog_row_o[offer])
    )  # a term that has begun keeps its price
    if months is not None and -(-months // term) * term < problem.horizon_months:
        stated.add_cost((ENDING, contract.until, contract.source_id), saved)
    return SAVED


def _saved_cents(problem: Problem, offer: int, lines: Sequence[Line]) -> int | None:
    """What the hours, and what is paid ahead, cost more at the list price; None where nothing is listed."""
    offers, row = problem.catalog.offers, int(problem.supply.catalog_row_o[offer])
    listed, ahead = int(offers.list_micro_o[row]), int(offers.list_upfront_micro_o[row])
    paid_ahead = int(offers.upfront_micro_o[row])
    if listed == UNKNOWN:
        return None
    saved = 0
    for line in lines:
        if line.term in ("usage", "block", "commitment") and line.published_unit_price_usd:
            saved += cents_of(scaled(line.published_unit_price_usd, 6), scaled(line.quantity, 3)) - line.cost_cents
        elif line.term == "upfront" and paid_ahead:
            saved += line.cost_cents * (ahead - paid_ahead) // paid_ahead
    return saved


def _months_until(catalog: Catalog, until: str) -> int | None:
    """Whole months of the horizon for which an agreement holds; None without an end, or a date to count from."""
    end, today = latest_day(until), latest_day(catalog.as_of)
    return None if end is None or today is None else months_between(today, end)


def negotiated_notes(catalog: Catalog, stated: Stated) -> Iterator[str]:
    """What is saved, what ends too early, and what was agreed but does not hold."""
    saved = stated.costs.get((SAVED,))
    if saved is not None:
        less = f"${saved.cents / 100:,.2f} a month less than list prices"
        yield f"negotiated prices are {less} for: {stated.names[SAVED]}"
    if "negotiated alone" in stated.names:
        yield f"negotiated prices without a list price to hold them against: {stated.names['negotiated alone']}"
    for _, until, source in sorted(key for key in stated.costs if key[0] == ENDING):
        cost = stated.costs[ENDING, until, source]
        yield (
            f"the prices negotiated until {until} ({source}) are reckoned with for what is bought after that, too; at "
            f"today's list prices it would then cost ${cost.cents / 100:,.2f} a month more"
        )
    idle = [one for one in catalog.contracts if one.state]
    for one in idle[:NAMED]:
        why = (
            f"ended with {one.until}" if one.state == "expired" else f"begin after the catalog's date, {catalog.as_of}"
        )
        yield f"not applied: negotiated prices of {one.what} ({one.source_id}) {why}"
    if len(idle) > NAMED:
        yield f"not applied, too: {len(idle) - NAMED:,} more negotiated prices"
