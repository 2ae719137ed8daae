"""Fast ways of writing figures, placements and fingerprints give what the slow and plain ones give."""

import hashlib
import json
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plans import hostile_plan, placement, world_plan
from worlds import inventory, shipped_world, workload, world

from placement.inventory.digests import DEMAND, RULES, Fingerprints
from placement.inventory.inventory import Inventory
from placement.inventory.workload import Workload
from placement.plan.dump import placement_line, placement_text, plain
from placement.plan.model import Placement
from placement.plan.ruled import Miss, Rejected
from placement.units import micro_text, milli_text, to_micro, to_milli


@given(value=st.floats(-1e12, 1e12))
@example(value=0.0005)
@example(value=0.0015)
@example(value=2.675)
@example(value=1e9 + 0.0005)
@example(value=123_456_789_012.345_7)
@example(value=1e12)
def test_floats_are_scaled_from_their_decimal_text(value: float) -> None:
    for scaled, factor in ((to_milli(value), 1_000), (to_micro(value), 1_000_000)):
        assert scaled == int((Decimal(str(value)) * factor).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@given(count=st.integers(-(10**18), 10**18))
@example(count=-5)
@example(count=-1_000_000)
def test_whole_numbers_as_decimal_text(count: int) -> None:
    for text, places in ((milli_text(count), 3), (micro_text(count), 6)):
        assert Decimal(text) == Decimal(count).scaleb(-places)
        assert text == text.strip() and "E" not in text and not ("." in text and text[-1] in "0.")


def laid_out(one: Placement) -> str:
    """A placement as the file has it, made from its plain document."""
    lists = (
        "layers",
        "lines",
        "alternatives",
        "rejected",
        "rejected_tiers",
        "relaxations",
        "to_sign",
        "proofs",
        "conflict",
    )
    members = []
    for key, value in plain(one).items():
        text = json.dumps(value, ensure_ascii=False)
        if key in lists and value:
            text = (
                "[\n" + ",\n".join(f"        {json.dumps(entry, ensure_ascii=False)}" for entry in value) + "\n      ]"
            )
        members.append(f'      "{key}": {text}')
    return "    {\n" + ",\n".join(members) + "\n    }"


@pytest.mark.parametrize("seed", range(0, 3000, 100))
def test_placements_are_written_as_their_plain_documents(seed: int) -> None:
    """Twice: what is kept of the first time gives the same again."""
    for one in [*world_plan(seed).placements, *hostile_plan().placements] * 2:
        assert placement_text(one) == laid_out(one)
        assert placement_line(one) == json.dumps(plain(one), ensure_ascii=False)


def test_a_text_that_is_kept_stands_for_equal_values_only() -> None:
    first = placement("a", [], rejected=(Rejected("rtt", 5, Miss("x/1", "1.5", "ms")), Rejected("rtt", 5)))
    second = placement("a", [], rejected=(Rejected("rtt", 5, Miss("x/1", "1.5", "GiB")), Rejected("rtt", 6)))
    for one in (first, second, first):
        assert json.loads(placement_line(one)) == plain(one)


BINDING = {"classes", "jurisdictions", "residency", "backups"}
"""What of a dataset is no part of demand."""


def said(known: dict[str, Any], names: set[str], without: set[str]) -> str:
    """What is known of the *names*."""
    about = {
        name: known[name].model_dump_json(exclude={"note", *without}) if name in known else "null" for name in names
    }
    return f"{{{','.join(f'{json.dumps(name)}:{about[name]}' for name in sorted(names))}}}"


def fingerprint(one: Workload, fields: frozenset[str], *about: str) -> str:
    """Of some of a workload's fields and of what else bears on it."""
    include: dict[str, Any] = dict.fromkeys(fields, True)
    if "demand" in fields:
        include["demand"] = {one.demand.form}
    stated = one.demand.accelerators
    unsaid = {"demand": {"accelerators": {"checkpoint_gb"}}} if stated and stated.checkpoint_gb is None else None
    text = f"[{','.join([one.model_dump_json(by_alias=True, include=include, exclude=unsaid), *about])}]"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def same_fingerprints(wanted: Inventory) -> None:
    fingerprints = Fingerprints(wanted)
    for one in wanted.workloads:
        ends = {flow.source for flow in one.data_in} | {flow.target for flow in one.data_out}
        ends |= {wanted.datasets[name].home for name in ends if name in wanted.datasets}
        known = {**wanted.locations, **wanted.datasets}
        left = ""
        if one.current and one.current.data_gb:
            ends, left = ends | {one.current.site or ""}, json.dumps([one.current.site, one.current.data_gb])
        assert fingerprints.demand(one) == fingerprint(one, DEMAND, said(known, ends, BINDING) + left)
        about = [said({**wanted.locations}, {user.location for user in one.users}, set())]
        bound = {name for name in ends if name in wanted.datasets and wanted.datasets[name].bound}
        if bound:
            about.append(said({**wanted.datasets}, bound, {"size_gb", "home"}))
        rules = RULES if one.redundancy is not None else RULES - {"redundancy"}
        assert fingerprints.rules(one) == fingerprint(one, rules, *about)


def test_fingerprints_are_those_of_the_dumped_models() -> None:
    """Also of defaults that are whole numbers in fields of fractions, of numbers that are, and of any text."""
    for seed in range(40):
        same_fingerprints(world(seed)[1])
    same_fingerprints(shipped_world(1, 50)[1])
    odd = workload(
        'é"\\', users=[{"location": "berlin", "share_fraction": 1}], slo={"rtt_ms": 40}, storage_gb=3,
        residency=["ü", "Ω\U0001f600"], certifications=["a b"],
        data_in=[{"from": "corpus %s"}, {"from": "aws/1", "gb_per_month": 1}],
    )  # fmt: skip
    datasets = {name: {"home": "paris", "size_gb": 7, "note": "%d"} for name in ("corpus %s", "berlin")}
    same_fingerprints(inventory([odd], datasets=datasets))
