"""The tables a dataframe peer starts from: what a `Problem` holds, each number on its smallest axes, as columns."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.engine.flows import Flows
from placement.engine.problem import Problem
from placement.engine.solution import prepare
from placement.engine.spot import gang_paid_milli
from placement.engine.terms.rented import price_of
from placement.words import PURCHASES

Columns = dict[str, NDArray[Any]]
NOTHING = -1
"""Stands for a missing whole number (limit, flow) where a peer's column must hold integers."""
TIERS = 5

GANGS = 1 << 16
"""Nodes on spot up to which a table says what each pays."""
"""Tariffs have at most so many tiers."""
ENDLESS = 2**53
"""The width of a tariff's last tier, and the number of nodes where there is no limit."""


class Tables(NamedTuple):
    """Columns by name. Money in micro-dollars, quantities in thousandths: whole numbers, as `int64`."""

    workloads: Columns
    shapes: Columns
    ratios: Columns
    """Throughput class × shape."""
    sites: Columns
    offers: Columns
    """Only those that no rule forbids for every workload; with the cost of a node-month that no workload changes."""
    tariffs: Columns
    routes_in: Columns
    """Endpoint of the data that arrives × site: which tariff."""
    routes_out: Columns
    residency: Columns
    """Requirement × site, as are the next three."""
    certification: Columns
    rtt: Columns
    at_users: Columns
    gangs: Columns
    """What so many nodes pay on spot."""


def tables(problem: Problem) -> Tables:
    """Lay the problem out. This is not timed."""
    if problem.tariffs.price_micro_tk.shape[1] > TIERS:
        raise AssertionError("the peers know tariffs of at most five tiers")
    if max(flow.endpoint_wk.shape[1] for flow in (problem.flows_in, problem.flows_out)) > 1:
        raise AssertionError("the peers know one flow in and one out per workload")
    return Tables(
        workloads=_workloads(problem),
        shapes=_shapes(problem),
        ratios=_dense(("ratio_row", "h"), milli=_whole(problem.sizing.ratio_milli_rh), same=problem.sizing.same_rh),
        sites=_sites(problem),
        offers=_offers(problem),
        tariffs=_tariffs(problem),
        routes_in=_dense(("in_end", "s"), in_tariff=problem.flows_in.tariff_es),
        routes_out=_dense(("out_end", "s"), out_tariff=problem.flows_out.tariff_es),
        residency=_dense(("residency_row", "s"), allowed=problem.legal.residency_rs),
        certification=_dense(("certification_row", "s"), missing=problem.certification.table_rs),
        rtt=_dense(("rtt_row", "s"), rtt_ms=problem.traffic.of_mixes(np.arange(len(problem.traffic.percentile_r)))),
        at_users=_dense(("at_users_row", "s"), at_users=problem.at_users.table_rs),
        gangs=_gangs(problem),
    )


def _workloads(problem: Problem) -> Columns:
    needs = problem.sizing
    columns: Columns = {
        "w": np.arange(len(problem.workloads)),
        "count": _whole(needs.count_w),
        "per_replica": _whole(needs.per_replica_w),
        "memory_milli": _whole(needs.memory_milli_gib_w),
        "memory_stated": needs.memory_stated_w,
        "ratio_row": needs.ratio_row_w,
        "hours_milli": _whole(problem.hours_milli_w),
        "interruptible": problem.interruptible_w,
        "offline": problem.offline_w,
        "slo_ms": problem.slo.network_ms_w,
        "storage_milli": _whole(problem.storage_milli_gb_w),
        "residency_row": problem.legal.row_w,
        "certification_row": problem.certification.row_w,
        "rtt_row": problem.traffic.row_w,
        "at_users_row": problem.at_users.row_w,
    }
    return columns | _flow("in", problem.flows_in) | _flow("out", problem.flows_out)


def _flow(name: str, flow: Flows) -> Columns:
    """A workload without a flow borrows the first endpoint, for no bytes."""
    count, slots = flow.endpoint_wk.shape
    end_w = flow.endpoint_wk[:, 0] if slots else np.zeros(count, dtype=np.int64)
    volume_w = _whole(flow.volume_milli_wk[:, 0]) if slots else np.zeros(count, dtype=np.int64)
    return {f"{name}_end": np.maximum(end_w, 0), f"{name}_milli": volume_w}


def _shapes(problem: Problem) -> Columns:
    needs = problem.sizing
    return {
        "h": np.arange(len(problem.supply.shapes)),
        "units": _whole(needs.units_h),
        "per_node": _whole(needs.per_node_h),
        "fabric": needs.fabric_h,
        "usable_milli": _whole(needs.usable_milli_gib_h),
    }


def _sites(problem: Problem) -> Columns:
    """With what a placement there costs once, whatever it is: a cross connect in colocation."""
    connect = problem.catalog.assumption("cross_connect_usd_per_month", "colo")
    colo = [
        site.facility.get("cross_connect_usd_per_month", connect) if site.tier == "colo" else None
        for site in problem.supply.sites
    ]
    return {
        "s": np.arange(len(colo)),
        "storage_tariff": problem.storage_tariff_s,
        "placement_micro": np.array([fact.micro if fact is not None else 0 for fact in colo], dtype=np.int64),
    }


def _offers(problem: Problem) -> Columns:
    supply, prepared = problem.supply, prepare(problem)
    rules = prepared.rules
    open_o = np.flatnonzero(
        rules.ok_o
        & rules.ok_s[supply.site_o]
        & rules.ok_h[supply.shape_o]
        & rules.ok_p[supply.purchase_o]
        & (rules.limit_nodes_o >= 1)
    )
    return {
        "o": open_o,
        "s": supply.site_o[open_o],
        "h": supply.shape_o[open_o],
        "spot": supply.purchase_o[open_o] == PURCHASES.index("spot"),
        "fixed_micro": _whole(prepared.fixed.node_micro_o[open_o]),
        "hourly_micro": _whole((price_of(problem, "on_demand") + price_of(problem, "spot"))[open_o]),
        "limit_nodes": _whole(np.minimum(rules.limit_nodes_o[open_o], ENDLESS)),
    }


def _tariffs(problem: Problem) -> Columns:
    columns: Columns = {"tariff": np.arange(len(problem.tariffs.values))}
    book = problem.tariffs
    tiers = book.price_micro_tk.shape[1]
    for tier in range(TIERS):
        for name, values_tk in (
            ("from", book.start_milli_tk),
            ("width", book.width_milli_tk),
            ("price", book.price_micro_tk),
        ):
            known = values_tk[:, tier] if tier < tiers else np.zeros(len(values_tk))
            columns[f"{name}_{tier}"] = _whole(np.minimum(known, ENDLESS))
    return columns


def _gangs(problem: Problem) -> Columns:
    nodes = np.arange(1, GANGS + 1)
    written = np.full(GANGS, problem.spot.checkpoint_milli)
    return {"gang": nodes, "paid_milli": _whole(gang_paid_milli(problem.spot, nodes.astype(np.float64), written))}


def _dense(axes: tuple[str, str], **values: NDArray[Any]) -> Columns:
    """Tables over the same two axes as columns: one row per pair."""
    rows, width = next(iter(values.values())).shape
    indices = {axes[0]: np.repeat(np.arange(rows), width), axes[1]: np.tile(np.arange(width), rows)}
    return indices | {name: table.reshape(-1) for name, table in values.items()}


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    """Whole numbers held in float64, as integers; unknown ones as `NOTHING`."""
    return np.where(np.isnan(values), NOTHING, values).astype(np.int64)
