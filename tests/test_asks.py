"""What workloads ask for, read off their rows."""

from __future__ import annotations

from typing import Any

from fleets import workloads
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Draft, inventory, site, workload

from placement.catalog.tables import Shape
from placement.engine.problem import build_problem
from placement.inventory.asks import Asks
from placement.inventory.fleet.fleet import asks_of
from placement.inventory.fleet.rows import row_of
from placement.inventory.workload import Workload


@settings(max_examples=60, deadline=None)
@given(st.lists(workloads(), max_size=5))
def test_models_ask_for_what_their_rows_do(plain: list[dict[str, Any]]) -> None:
    """YAML is read as models, a fleet file as rows."""
    asks = Asks()
    asks.add([row_of(one) for one in plain])
    assert repr(asks_of([Workload.model_validate(one) for one in plain])) == repr(asks)


def test_flows_of_one_place_are_one_flow() -> None:
    """A dataset is where it lives, and all of it is read where no volume is given; empty flows are none."""
    arriving = [
        {"from": "paris", "gb_per_month": 0},
        {"from": "archive"},
        {"from": "g/one", "gb_per_month": 1},
        {"from": "berlin", "gb_per_month": 5},
        {"from": "archive", "gb_per_month": 2.5},
    ]
    asked = [workload("a"), workload("b", data_in=arriving, data_out=[{"to": "paris", "gb_per_month": 0.001}])]
    draft = Draft()
    draft.sites.append(site("g/one"))
    draft.offer("g/one", "one", "on_demand", Shape("A", 1, 1, ""))
    datasets = {"archive": {"size_gb": 10, "home": "berlin"}, "paris": {"size_gb": 10, "home": "tokyo"}}
    wanted = inventory(asked, datasets=datasets)
    problem = build_problem(draft.catalog(), wanted)
    flows = problem.flows_in
    slots = zip(flows.endpoint_wk[1].tolist(), flows.volume_milli_wk[1].tolist(), strict=True)
    assert [(flows.labels[endpoint], milli) for endpoint, milli in slots] == [("berlin", 17_500), ("g/one", 1_000)]
    assert flows.endpoint_wk[0].tolist() == [-1, -1]
    assert problem.flows_out.volume_milli_wk.tolist() == [[0], [1]]
    assert problem.flows_out.labels == ["paris"], "nothing is sent to a dataset"
