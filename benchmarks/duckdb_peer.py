"""The same search in DuckDB: tables in its own memory, all cores, whole numbers.

Sizing on (workload, shape) and costs on (workload, site) are temporary tables, which was about twice as fast as one
query: the planner then knows how many rows they have. Ties are broken by the smallest (cost, offer), packed into one
128-bit integer.
"""

import duckdb
import numpy as np
import pyarrow as pa
from answer import Answer, answer_of
from tables import TIERS, Tables

OFFERS = 1 << 20
"""More than any offer's number."""


def _up(value: str, step: str) -> str:
    """Whole steps that cover the value."""
    return f"(({value} + {step} - 1) // {step})"


def _tiers(volume: str, tariff: str) -> str:
    """What a volume costs under a tariff: one product per tier, each rounded half up."""
    within = f"least(greatest({volume} - {tariff}.from_{{tier}}, 0), {tariff}.width_{{tier}})"
    product = f"({within} * {tariff}.price_{{tier}} + 500) // 1000"
    return " + ".join(product.format(tier=tier) for tier in range(TIERS))


_KNOWN = "(memory_milli >= 0 and usable_milli >= 0)"
_GROUPS = _up("total", "together")
_NODES = f"""case when together <= per_node then {_up(_GROUPS, "greatest(per_node // together, 1)")}
    else {_GROUPS} * {_up("together", "per_node")} end"""

PER_SHAPE = f"""
create or replace temp table per_shape as
with powers as (select 1::bigint << bit as size from range(40) steps(bit)),
rated as (
    select w, h, interruptible, hours_milli, units, per_node, fabric, memory_milli, usable_milli,
        {_up('"count" * 1000', "milli")} as work, {_KNOWN} as known, "count" <= per_replica as single,
        case when (same and not memory_stated) or not {_KNOWN} then per_replica
            else (select min(size) from powers where size >= {_up("memory_milli", "usable_milli")}) end as holds
    from workloads join ratios using (ratio_row) join shapes using (h)
    where milli > 0 and (same or {_KNOWN})
),
whole as (
    select *, case when single then greatest(work, holds)
        else {_up("greatest(work, holds)", "holds")} * holds end as total from rated
),
grouped as (select *, case when single then total else holds end as together from whole),
sized as (
    select *, case when units >= per_node then {_up(f"({_NODES}) * per_node", "units")}
        else {_up("total", "units")} end as nodes
    from grouped
    where fabric or (together <= per_node and (not known or memory_milli <= per_node * usable_milli))
)
select w, h, nodes, interruptible, hours_milli, {_up("hours_milli * paid_milli", "1000")} as spot_milli
from sized join gangs on gang = greatest({_up("nodes * units", "per_node")}, 1)
"""

PER_SITE = f"""
create or replace temp table per_site as
select w, s, placement_micro + {_tiers("in_milli", "arriving")} + {_tiers("out_milli", "leaving")}
    + {_tiers("storage_milli", "kept")} as site_micro
from workloads
    join residency using (residency_row) join certification using (certification_row, s) join rtt using (rtt_row, s)
    join at_users using (at_users_row, s) join routes_in using (in_end, s) join routes_out using (out_end, s)
    join sites using (s)
    join tariffs arriving on arriving.tariff = in_tariff
    join tariffs leaving on leaving.tariff = out_tariff
    join tariffs kept on kept.tariff = storage_tariff
where allowed and missing = 0 and rtt_ms <= slo_ms and (at_users or not offline)
"""

BEST = f"""
with best as (
    select w, min((nodes * (fixed_micro + (case when spot then spot_milli else hours_milli end * hourly_micro + 500)
        // 1000) + site_micro)::hugeint * {OFFERS} + o) as key
    from per_shape join offers using (h) join per_site using (w, s)
    where (interruptible or not spot) and nodes <= limit_nodes
    group by w
)
select w, (key % {OFFERS})::bigint as o, (key // {OFFERS})::bigint as cost from best
"""


class Database:
    """The tables in a database in memory."""

    def __init__(self, tables: Tables) -> None:
        self._connection = duckdb.connect()
        self._count = len(tables.workloads["w"])
        for name in Tables._fields:
            columns = getattr(tables, name)
            if isinstance(columns, dict):
                self._connection.register("given", pa.table(columns))
                self._connection.execute(f"create table {name} as select * from given")
                self._connection.unregister("given")

    def answer(self) -> Answer:
        """The cheapest offer of every workload."""
        self._connection.execute(PER_SHAPE)
        self._connection.execute(PER_SITE)
        found = self._connection.execute(BEST).fetchnumpy()
        return answer_of(self._count, *(np.asarray(found[name], dtype=np.int64) for name in ("w", "o", "cost")))
