"""Rows about mixes of what is bought by the month and by the hour.

python benchmarks/mixing.py INVENTORY    prints the seconds until the plan of an inventory is found, reading included
"""

import json
import math
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from measure import Bar, Row, interleaved, process
from mixing_peer import Sold, least_cost

from placement.engine.stack.curve import Curve
from placement.engine.stack.fronts import fronts_of
from placement.engine.stack.markets import Left, Markets
from placement.engine.stack.one_place import mix_at, turning
from placement.engine.stack.peers import Needed, Peers, peers_of
from placement.engine.stack.two_places import best_pairs
from placement.engine.work.scaling import Scaling
from placement.units import HOURS_PER_MONTH, MILLI

PEER = "HiGHS, a program for every way"
HOURS = 168
MODELS = ("llama-3.3-70b", "llama-3.1-8b", "qwen2.5-32b", "mixtral-8x7b")
CITIES = {"fra": "Frankfurt", "nyc": "New York", "par": "Paris"}


def mixing(small: bool, repeat: int) -> list[Row]:
    """Two places against a mixed-integer program with equal costs; then a fleet until its plan is found and written."""
    weeks = [week(random.Random(seed)) for seed in range(2 if small else 20)]
    ours, theirs = ([way(one) for one in weeks] for way in (_ours, _theirs))
    if not np.allclose(ours, theirs, rtol=1e-9, atol=0):
        raise AssertionError("a mix costs more than the optimum")
    calls = {"ours": lambda: [_ours(one) for one in weeks], "peer": lambda: [_theirs(one) for one in weeks]}
    seconds = interleaved(calls, 1 if small else repeat)
    what = f"{len(weeks)} loads of {HOURS} hours at two places, one load at a time"
    return [Row(what, seconds["ours"], "s", PEER, seconds["peer"]), *_fleet(500 if small else 10_000)]


def week(draw: random.Random) -> list[int]:
    """Demand of the hours of a week, up to 64 nodes' worth of 8 parts each: days, nights and quieter weekends."""
    days = [20 + 80 * max(0.0, math.sin((hour - 6) / 24 * math.tau)) * draw.uniform(0.6, 1) for hour in range(24)]
    values = [days[hour % 24] * draw.uniform(0.7, 1.1) * (0.6 if hour >= 120 else 1) for hour in range(HOURS)]
    return [max(1, round(512 * value / max(values))) for value in values]


OWN = Sold(8, ((620.0, 20), (1_400.0, 400)), None, 322.0)
CLOUD = Sold(4, ((700.0, 400),), 2.1, 60.0)


def _ours(demand: list[int]) -> float:
    levels, counts = np.unique(demand, return_counts=True)
    curve = Curve(levels[::-1] / levels[-1], counts[::-1] * (HOURS_PER_MONTH * MILLI / HOURS))
    return solved([OWN, CLOUD], curve, int(levels[-1]))


def _theirs(demand: list[int]) -> float:
    levels, counts = np.unique(demand, return_counts=True)
    hours = (counts * (HOURS_PER_MONTH / HOURS)).tolist()
    ways = ((OWN, None), (CLOUD, None), (OWN, CLOUD), (CLOUD, OWN))
    return min(least_cost(base, burst, levels.tolist(), hours) for base, burst in ways)


def solved(places: Sequence[Sold], curve: Curve, peak: int, mixing: str = "any") -> float:
    """The least cost of a demand at one place or two, by the engine."""
    markets, left = markets_of(places)
    linear = np.array([[peak / place.holds for place in places]])
    site = np.array([[float(place.site) for place in places]])
    peers = peers_at(curve, linear, (site, np.zeros(site.shape)), left)
    needed = peers.one(0)
    best = min(_at_one(markets, needed, x) for x in range(len(places)))
    fronts = fronts_of(markets, peers.open_m, peers.open_m)
    (pair,) = best_pairs(markets, peers, fronts, turning(markets, peers), np.array([best]), mixing)
    return best if pair is None else pair.cost


def markets_of(places: Sequence[Sold]) -> tuple[Markets, Left]:
    """Each place with a site and a shape of its own; its offers by the month first, the cheapest before the others."""
    month, limit, fixed, hour, further = [], [], [], [], []
    for place in places:
        by_month = sorted(place.monthly, key=lambda one: one[0])
        first = len(month)
        month += [price for price, _ in by_month] + [0.0]  # the last one is by the hour
        limit += [float(count) for _, count in by_month] + [math.inf]
        fixed.append(first if by_month else -1)
        hour.append(len(month) - 1 if place.hourly is not None else -1)
        further.append(tuple(range(first, first + len(by_month))))
    numbers = np.arange(len(places))
    markets = Markets(
        site_m=numbers,
        shape_m=numbers,
        kind_m=numbers,
        accelerator_m=numbers,
        fixed_micro_m=np.array([month[one] if one >= 0 else np.inf for one in fixed]),
        fixed_offer_m=np.array(fixed),
        hour_micro_m=np.array([np.inf if place.hourly is None else float(place.hourly) for place in places]),
        hour_offer_m=np.array(hour),
        further_m=further,
        month_micro_o=np.array(month, dtype=np.float64),
        ended_micro_o=np.zeros(len(month)),
        ended_m=np.zeros(len(places), dtype=np.bool_),
        power_o=np.zeros(len(month)),
    )
    return markets, Left(np.array(limit), np.full(len(places), np.inf))


def peers_at(curve: Curve, linear_wx: np.ndarray, money_wx: tuple[np.ndarray, np.ndarray], left: Left) -> Peers:
    """Workloads that every market is open to, with so many replicas at the peak and one unit for each replica."""
    market, nothing, one = np.arange(linear_wx.shape[1]), np.zeros(linear_wx.shape), np.ones(linear_wx.shape)
    return peers_of(curve, Scaling(linear_wx, nothing, nothing, nothing, one, one), market, market, money_wx, left)


def _at_one(markets: Markets, needed: Needed, x: int) -> float:
    mix, cost = mix_at(markets, needed.left, x, needed.units_t(x), needed.curve)
    return cost + float(needed.site_micro_x[x]) if mix else math.inf


def _fleet(count: int) -> list[Row]:
    with TemporaryDirectory() as name:
        inventory = str(write(Path(name), count))
        found = float(process(sys.executable, __file__, inventory).output)
        whole = process(sys.executable, "-m", "placement", "advise", inventory, "-f", "json", "-o", f"{name}/plan.json")
    what = f"{count:,} services with a load of {HOURS} hours, shipped catalog"
    return [
        Row(f"{what}, until the plan is found", found, "s", bar=Bar("below", 5)),
        Row(f"{what}, file to plan with reasons", whole.seconds, "s"),
    ]


def write(folder: Path, count: int) -> Path:
    """An inventory of *count* services, with them in a file beside it."""
    head, rows = written(random.Random(5), count)
    (folder / "services.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    inventory = folder / "services.yaml"
    inventory.write_text(yaml.safe_dump({**head, "workloads": {"file": "services.jsonl"}}), encoding="utf-8")
    return inventory


def written(draw: random.Random, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Services of different sizes, users and lengths, with twelve loads between them, and what stands around them."""
    loads = {f"l{number}": {"hourly": week(draw)} for number in range(12)}
    head: dict[str, Any] = {"schema_version": 1, "name": "services", "horizon_months": 36, "loads": loads}
    head["locations"] = {name: {"city": city} for name, city in CITIES.items()}
    return head, [_service(draw, number) for number in range(count)]


def _service(draw: random.Random, number: int) -> dict[str, Any]:
    serving = {
        "model": draw.choice(MODELS),
        "precision": "fp8",
        "requests_per_second": {"peak": round(draw.uniform(2, 120), 2), "load": f"l{draw.randrange(12)}"},
        "input_tokens": draw.choice((500, 1000, 2000)),
        "output_tokens": draw.choice((100, 250)),
        "ttft_ms": 1500,
        "tpot_ms": 60,
    }
    users = [{"location": draw.choice(tuple(CITIES))}]
    found = {"id": f"w{number}", "kind": "inference", "demand": {"serving": serving}, "users": users}
    found["slo"] = {"rtt_ms": draw.choice((60, 120, 200))}
    if draw.random() < 0.3:
        found["residency"] = ["EU"]
    if draw.random() < 0.5:
        found["data_out"] = [{"to": "fra", "gb_per_month": draw.randint(10, 5000)}]
    return found


def main() -> None:
    """Find the plan of an inventory as `placement advise` does, with as many processes as there are processors."""
    # What measures the memory of other children must be small: only this one needs these.
    from placement.cli.commands import checked, drafted  # noqa: PLC0415
    from placement.cli.environment import processors  # noqa: PLC0415
    from placement.engine.copies import solve_with_copies  # noqa: PLC0415
    from placement.engine.running.processes import Processes  # noqa: PLC0415

    before = time.perf_counter()
    with Processes(processors()) as runner:
        loaded = checked(drafted(Path(sys.argv[1]), []), [], True)
        _, solution = solve_with_copies(loaded.catalog, loaded.inventory, runner=runner)
        taken = time.perf_counter() - before
    if not solution.mixes:
        raise AssertionError("nothing is mixed")
    print(taken)


if __name__ == "__main__":
    main()
