"""Demand over time: what hourly values, traces and a mean with a peak are reduced to."""

from __future__ import annotations

import json
import math
import random
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement.diagnostics import InputError
from placement.inventory.curves import (
    HOURLY,
    REQUESTS,
    Curve,
    hourly_curve,
    scale_of,
    with_trace,
)
from placement.inventory.load_files import read_curve
from placement.inventory.loads import Load
from placement.inventory.recipe import Amount, Recipe
from placement.inventory.traces import Rates, Requests, level_within

LEVELS = st.floats(0, 1e9, allow_subnormal=False)


def area(curve: Curve) -> float:
    """Units · hours ÷ s of a month."""
    return math.fsum(level * hours for level, hours in zip(curve.levels, curve.hours, strict=True))


def is_sound(curve: Curve) -> bool:
    return (
        list(curve.levels) == sorted(set(curve.levels), reverse=True)
        and len(curve.levels) == len(curve.hours)
        and min(curve.hours) > 0
        and math.isclose(sum(curve.hours), 730, rel_tol=1e-9)
        and math.isclose(area(curve), curve.mean * 730, rel_tol=1e-9, abs_tol=1e-9)
        and curve.levels[-1] * (1 - 1e-9) <= curve.mean <= curve.levels[0] * (1 + 1e-9)
        and curve.levels[0] <= curve.peak
    )


@given(st.sampled_from(HOURLY[:2]), st.data())
def test_hourly_values_keep_their_mean_in_any_order(count: int, data: Any) -> None:
    values = data.draw(st.lists(LEVELS, min_size=count, max_size=count))
    curve = hourly_curve(values)
    assert is_sound(curve)
    assert math.isclose(curve.mean, math.fsum(values) / count, rel_tol=1e-9, abs_tol=1e-12)
    assert curve.peak == max(values)
    assert hourly_curve(data.draw(st.permutations(values))) == curve


def test_a_day_a_week_and_a_year() -> None:
    assert hourly_curve([1] * 8 + [3] * 16) == Curve((3, 1), (730 * (16 / 24), 730 * (8 / 24)), 3, 7 / 3)
    assert hourly_curve([2.0] * 168) == Curve((2,), (730,), 2, 2)
    year = hourly_curve([number % 10 for number in range(8760)])
    assert is_sound(year)
    assert year.hours == (73.0,) * 10


# --- traces ---

SECONDS = st.lists(st.integers(0, 200_000), min_size=2, max_size=60).map(sorted)


def counted(stamps: list[int], bucket_s: float) -> Requests:
    requests = Requests(bucket_s)
    for at in stamps:
        requests.add(at)
    return requests


@given(SECONDS, st.sampled_from([60.0, 300.0, 3600.0]))
def test_every_request_of_a_complete_bucket_counts_once(stamps: list[int], bucket_s: float) -> None:
    requests = counted(stamps, bucket_s)
    complete = int((stamps[-1] - stamps[0]) // bucket_s)
    inside = sum((at - stamps[0]) // bucket_s < complete for at in stamps)
    assert requests.complete == complete == sum(requests.spent.values())
    assert math.isclose(sum(level * bucket_s * count for level, count in requests.spent.items()), inside, abs_tol=1e-6)
    gaps = [after - before for before, after in pairwise(stamps) if after - before > 3600]
    assert (requests.gaps, requests.gap_s) == (len(gaps), sum(gaps))


@given(st.lists(st.tuples(st.integers(1, 5000), LEVELS), min_size=2, max_size=30), st.sampled_from([60.0, 300.0]))
def test_rates_keep_their_mean(rows: list[tuple[int, float]], bucket_s: float) -> None:
    rates, at = Rates(bucket_s), 0
    for step, rate in rows:
        rates.add(at, rate)
        at += step
    rates.end()
    usual, held = rows[0][0], list[tuple[float, float]]()
    for number, (step, rate) in enumerate(rows):
        last = number == len(rows) - 1
        silent = not last and step > max(3600, 3 * usual)
        held.append((usual if last or silent else step, rate))
        held += [(step - usual, 0.0)] if silent else []
    whole = rates.complete * bucket_s
    total, left = 0.0, whole
    for seconds, rate in held:
        total += min(seconds, left) * rate
        left -= min(seconds, left)
    assert math.isclose(sum(level * count * bucket_s for level, count in rates.spent.items()), total, rel_tol=5.1e-4)
    assert whole <= sum(seconds for seconds, _ in held) + 1e-6 < whole + bucket_s + 1e-3


def test_a_rate_over_a_long_time_takes_no_time_to_read() -> None:
    rates = Rates(1.0)
    for at in (0.0, 1e10, 2e10):
        rates.add(at, at)
    rates.end()
    assert rates.complete == 3 * 10**10


@given(st.dictionaries(LEVELS, st.integers(1, 50), min_size=1), st.floats(50, 100))
def test_a_percentile_covers_its_share_and_no_more(spent: dict[float, int], percentile: float) -> None:
    level, total = level_within(spent, percentile), sum(spent.values())
    assert sum(count for other, count in spent.items() if other <= level) * 100 >= percentile * total
    assert sum(count for other, count in spent.items() if other < level) * 100 < percentile * total
    assert level_within(spent, 100) == max(spent)


# --- files ---


def read(folder: Path, text: str | bytes, file: str = "trace.csv", **load: Any) -> Curve:
    path = folder / file
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_curve(Load(**{"trace": file, **load}), path, file, lambda _: None)


def refused(folder: Path, text: str | bytes, file: str = "trace.csv", **load: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text, file, **load)
    return [f"{one.where.line}:{one.where.column} {one.code}" for one in caught.value.diagnostics]


def hourly(folder: Path, text: str) -> Curve:
    return read(folder, text, "hours.csv", trace=None, hourly_file="hours.csv")


def trace(stamps: list[datetime], separator: str = " ") -> str:
    rows = [f"{at.isoformat(separator)},{100 + number},{number}" for number, at in enumerate(stamps)]
    return "\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows, ""])


START = datetime(2026, 3, 31, 22)
EVERY_MINUTE = [START + timedelta(minutes=number) for number in range(61)]


def test_hourly_files_may_have_a_header_and_blank_lines(tmp_path: Path) -> None:
    values = [float(number) for number in range(24)]
    expected = hourly_curve(values)
    text = "\n".join(map(str, values))
    for written in (
        text,
        f"requests\n{text}\n",
        f'"requests"\r\n{text}\r\n\r\n',
        f"\ufeff{text}",
        text.replace(".0", "e0"),
    ):
        assert hourly(tmp_path, written) == expected


def test_a_trace_of_requests(tmp_path: Path) -> None:
    curve = read(tmp_path, trace(EVERY_MINUTE))
    assert curve.levels == (1 / 60,)
    assert (curve.input_tokens, curve.output_tokens, curve.counts) == (130.0, 30.0, REQUESTS)
    assert curve.note == "a trace over 60 minutes in buckets of 5 minutes, taken for every month"


def test_the_same_requests_in_other_words(tmp_path: Path) -> None:
    """ISO 8601 with and without zones, seconds, JSON lines, other names of the columns, quotes."""
    expected = read(tmp_path, trace(EVERY_MINUTE))
    zones = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-7))]
    zoned = [at.replace(tzinfo=UTC).astimezone(zones[at.minute % 3]) for at in EVERY_MINUTE]
    rows = [(60 * number, 100 + number, number) for number in range(61)]
    seconds = "arrived_at,model,prompt_tokens,completion_tokens\n" + "".join(f"{a},x,{b},{c}\n" for a, b, c in rows)
    objects = "".join(json.dumps({"time": a, "input_tokens": b, "output_tokens": c}) + "\n" for a, b, c in rows)
    dated = "".join(
        json.dumps({"output_tokens": c, "timestamp": (START + timedelta(seconds=a)).isoformat(), "input_tokens": b})
        + "\n"
        for a, b, c in rows
    )
    assert read(tmp_path, trace(zoned, "T")) == expected
    assert read(tmp_path, seconds) == expected
    assert read(tmp_path, seconds.replace("x", '"a, ""b"""')) == expected
    assert read(tmp_path, objects, "trace.jsonl") == expected
    assert read(tmp_path, dated, "trace.jsonl") == expected


def test_requests_of_one_time_may_stand_in_any_order(tmp_path: Path) -> None:
    stamps = [at for at in EVERY_MINUTE for _ in range(at.minute % 4)]
    head, *rows = trace(stamps).splitlines()
    expected = read(tmp_path, "\n".join([head, *rows]))
    order = random.Random(1)
    shuffled = sorted(rows, key=lambda row: (row.split(",")[0], order.random()))
    assert shuffled != rows
    assert read(tmp_path, "\n".join([head, *shuffled])) == expected


def test_what_is_above_the_percentile_is_cut_and_told(tmp_path: Path) -> None:
    stamps = sorted([*range(0, 60_001, 10), *[5000] * 300])
    text = "timestamp\n" + "".join(f"{at}\n" for at in stamps)
    cut, whole = read(tmp_path, text), read(tmp_path, text, percentile=100)
    assert (cut.peak, whole.peak) == (0.1, 1.1)
    assert "the busiest 1 % of them are cut to 0.1 a second (the busiest has 1.1)" in cut.note
    assert "cut" not in whole.note
    assert math.isclose(whole.mean, (6000 + 300) / 60_000)


def test_gaps_are_idle_and_told(tmp_path: Path) -> None:
    stamps = [*range(0, 3600, 10), *range(7800, 11_401, 10)]
    curve = read(tmp_path, "timestamp\n" + "".join(f"{at}\n" for at in stamps))
    assert curve.levels[-1] == 0
    assert curve.note.endswith("a gap of more than an hour, 70.2 minutes in all, assumed to be idle")


def test_a_trace_of_rates(tmp_path: Path) -> None:
    """A rate holds until the next one, the last as long as the first."""
    text = "timestamp_s,total_rate_rps,active_clients\n0,4,1\n600,2,1\n1200,0,1\n1800,2,2\n"
    curve = read(tmp_path, text)
    assert curve == Curve((4, 2, 0), (182.5, 365, 182.5), 4, 2, note=curve.note, counts=REQUESTS)
    assert read(tmp_path, text, bucket_minutes=20).levels == (3.0, 1.0)


def test_hostile_files_are_refused_where_they_are_wrong(tmp_path: Path) -> None:
    head = "timestamp,input_tokens\n"
    assert refused(tmp_path, b"") == ["0:0 empty-file"]
    assert refused(tmp_path, head) == ["0:0 empty-file"]
    assert refused(tmp_path, "\x00\x01\x02") == ["1:1 control-character"]
    assert refused(tmp_path, b"\xff\xfet\x00") == ["1:1 not-utf8"]
    assert refused(tmp_path, head + "x" * (2**20 + 1)) == ["2:1 row-too-long"]
    assert refused(tmp_path, head + '1,"2\n') == ["2:1 csv-row"]
    assert refused(tmp_path, head.replace("\n", "\r") + "1,2\r3,4\r")[0].endswith("line-end")
    assert refused(tmp_path, head + "1,NaN\n2,inf\n3,1_0\n4,9e99\n") == [
        f"{line}:3 load-value" for line in (2, 3, 4, 5)
    ]
    assert refused(tmp_path, head + "nan,1\ninf,1\n1e300,1\n") == [f"{line}:1 trace-time" for line in (2, 3, 4)]
    assert refused(tmp_path, '{"time": NaN}\n', "t.jsonl") == ["1:1 trace-time"]
    assert refused(tmp_path, '{"time": true}\n', "t.jsonl") == ["1:1 trace-time"]
    assert refused(tmp_path, '{"time": 1}\n[1]\n', "t.jsonl") == ["2:1 json-syntax"]
    assert refused(tmp_path, '{"time": 1}\n' + "[" * 100_000 + "\n", "t.jsonl") == ["2:1 json-syntax"]
    assert refused(tmp_path, '{"time": 1}\n{"tme": 1}\n', "t.jsonl") == ["2:1 trace-time"]
    assert len(refused(tmp_path, head + "x,1\n" * 1000)) == 50


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("head", [b"", b"timestamp,input_tokens\n", b'{"time": 1}\n', b"timestamp,total_rate_rps\n"])
def test_no_bytes_do_harm(tmp_path: Path, head: bytes, data: bytes) -> None:
    assert refused(tmp_path, head + data)
    assert refused(tmp_path, data, "hours.csv", trace=None, hourly_file="hours.csv")


ROWS = st.lists(st.sampled_from(["0", "7", "1e3", "", "x", "-1", "2026-01-01", "2026-01-02T00:00Z", '"', "9" * 400]))


@given(ROWS, ROWS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cells_do_harm(tmp_path: Path, times: list[str], others: list[str]) -> None:
    rows = "".join(f"{time},{other}\n" for time, other in zip(times, others, strict=False))
    for column in ("input_tokens", "total_rate_rps"):
        try:
            curve = read(tmp_path, f"timestamp,{column}\n{rows}", bucket_minutes=1, percentile=100)
        except InputError:
            continue
        assert is_sound(curve)


def test_memory_does_not_grow_with_a_trace(tmp_path: Path) -> None:
    peaks = []
    for count in (5_000, 50_000):
        (tmp_path / "t.csv").write_text("timestamp,input_tokens\n" + "".join(f"{n},{n % 7}\n" for n in range(count)))
        tracemalloc.start()
        read_curve(Load(trace="t.csv"), tmp_path / "t.csv", "t.csv", lambda _: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**22, "no more than the blocks it is read in"


def test_rates_that_never_repeat_are_few_levels(tmp_path: Path) -> None:
    """Of each mean four digits count, so that a month of seconds takes no more memory than a day."""
    rates = [100 + number * 0.618_033_988_749_895 % 900 for number in range(60_000)]
    text = "timestamp_s,rate_rps\n" + "".join(f"{at},{rate!r}\n" for at, rate in enumerate(rates))
    curve = read(tmp_path, text, bucket_minutes=1 / 60, percentile=100)
    assert len(curve.levels) <= 9_001
    assert math.isclose(curve.mean, math.fsum(rates) / len(rates), rel_tol=1e-4)
    assert all(level == float(f"{level:.4g}") for level in curve.levels)


def test_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp\n" + "".join(f"{number}\n" for number in range(30_000)))
    told: list[int] = []
    read_curve(Load(trace="t.csv"), tmp_path / "t.csv", "t.csv", told.append)
    assert told == sorted(told)
    assert len(told) > 3


# --- what a workload makes of its load ---

SERVING = Recipe("serving", "house", "tokens", input_tokens=10.0, output_tokens=100.0)
OFFICE = hourly_curve([0.0] * 12 + [4.0] * 12)
TRACED = OFFICE._replace(input_tokens=7.0, output_tokens=50.0, counts=REQUESTS)


def test_amounts_scale_loads() -> None:
    """A load's own values, in the unit of the work; or those that give it a peak or a mean."""

    def peak(amount: Amount, curve: Curve, recipe: Recipe = SERVING) -> float:
        to, of = scale_of(recipe, amount, curve)
        return curve.peak / of * to

    assert peak(Amount(load="office", stated="tokens_per_second"), OFFICE) == 4
    assert peak(Amount(load="office", stated="requests_per_second"), OFFICE) == 400, "in generated tokens"
    assert peak(Amount(load="traced", stated="tokens_per_second"), TRACED) == 400, "a trace counts requests"
    assert peak(Amount(0.0, 10.0, "office", "requests_per_second"), OFFICE) == 10
    assert peak(Amount(10.0, 0.0, "traced", "tokens_per_second"), TRACED) == 20
    vision = Recipe("serving", "eye", "items")
    assert peak(Amount(load="traced", stated="requests_per_second"), TRACED, vision) == 4


def test_lengths_come_from_the_trace_where_nothing_is_said() -> None:
    plain = Recipe("serving", "house", "items")
    amount = Amount(2.0, 0.0, "traced", "requests_per_second")
    recipe, filled = with_trace(plain, amount, {"traced": TRACED})
    assert recipe == plain._replace(unit="tokens", input_tokens=7.0, output_tokens=50.0)
    assert filled == amount._replace(mean=100.0)
    assert with_trace(SERVING, amount, {"traced": TRACED}) == (SERVING, amount)
    assert with_trace(plain, amount, {"traced": OFFICE}) == (plain, amount)
