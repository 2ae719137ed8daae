"""What work is done, for people."""

from __future__ import annotations

from placement.inventory.rate import Rate
from placement.inventory.recipe import RATES
from placement.inventory.work import Batch, Serving, Training, Video
from placement.units import HOURS_PER_MONTH, from_micro, percent_text, plain_text, to_micro

Work = Serving | Video | Batch | Training
Words = tuple[str, str]

_UNITS = {
    "tokens_per_second": "tokens a second",
    "requests_per_second": "requests a second",
    "concurrency": "requests at once",
}
_METHODS = {
    "pretraining": "trained from scratch",
    "full": "fine-tuned as a whole",
    "lora": "fine-tuned by adapters (LoRA)",
    "qlora": "fine-tuned by adapters on quantised weights (QLoRA)",
}


def work_words(work: Work) -> list[Words]:
    """The work as (label, text); texts that would say nothing are empty."""
    own = f" in {work.precision}" if work.precision else ", in the model's own precision"
    measured = (
        f"{_exactly(one.units_per_second)} a second on {one.accelerators:,} × {one.accelerator}"
        for one in work.throughput
    )
    growth = work.growth_fraction_per_month
    return [
        ("demand", f"{_amount(work)}"),
        ("model", f"{work.model}{own}"),
        ("requests", _lengths(work)),
        ("answers", _objectives(work)),
        ("replica", _replicas(work)),
        ("measured by you", "; ".join(measured)),
        ("growth", f"{percent_text(growth)} % a month" if growth else ""),
    ]


def _amount(work: Work) -> str:
    if isinstance(work, Video):
        frames = f"{work.cameras:,} cameras, {_exactly(work.frames_per_second)} frames a second of each"
        return f"{frames}, as many as load `{work.load}` says" if work.load else frames
    if isinstance(work, Batch):
        tokens, items = work.tokens_per_month, work.items_per_month
        amount = f"{plain_text(items or 0)} items a month" if tokens is None else f"{plain_text(tokens)} tokens a month"
        window = work.window_hours_per_month
        return amount if window == HOURS_PER_MONTH else f"{amount}, within {plain_text(window)} of its 730 h"
    if isinstance(work, Training):
        return _runs(work)
    key = next(key for key in RATES if getattr(work, key) is not None)
    return _rate(getattr(work, key), _UNITS[key])


def _rate(rate: Rate, unit: str) -> str:
    parts = [f"{_exactly(rate.mean)} on average"] if rate.mean is not None and (rate.load or rate.peak) else []
    parts += [f"{_exactly(rate.mean)} all month"] if rate.mean is not None and not parts else []
    parts += [f"{_exactly(rate.peak)} at the peak"] if rate.peak is not None else []
    said = [f"{unit}: {', '.join(parts)}"] if parts else [unit]
    return ", ".join([*said, f"as load `{rate.load}` says"] if rate.load else said)


def _exactly(per_second: float) -> str:
    """To the millionth, the least rate there is."""
    return f"{from_micro(to_micro(per_second)):,f}"


def _runs(work: Training) -> str:
    size = (
        f"{plain_text(work.accelerator_hours or 0)} hours of {work.reference}"
        if work.tokens is None
        else f"{plain_text(work.tokens)} tokens"
    )
    count = work.runs_per_month
    parts = [
        _METHODS[work.method],
        f"{plain_text(count)} run{'s' if count != 1 else ''} a month of {size}",
        f"each within {plain_text(work.deadline_hours)} h" if work.deadline_hours else "",
        f"{percent_text(work.trainable_fraction)} % of the parameters" if work.trainable_fraction else "",
        f"{percent_text(work.failed_run_fraction)} % of the runs fail" if work.failed_run_fraction else "",
    ]
    return ", ".join(filter(None, parts))


def _lengths(work: Work) -> str:
    if not isinstance(work, Serving | Batch):
        return ""
    parts = ((work.input_tokens, "in"), (work.output_tokens, "out"))
    said = ", ".join(f"{plain_text(tokens)} {way}" for tokens, way in parts if tokens)
    return f"tokens: {said}" if said else ""


def _objectives(work: Work) -> str:
    if not isinstance(work, Serving):
        return ""
    parts = ((work.ttft_ms, "first token"), (work.tpot_ms, "each further token"))
    return ", ".join(f"{what} within {plain_text(ms)} ms" for ms, what in parts if ms)


def _replicas(work: Work) -> str:
    if isinstance(work, Training):
        return ""
    parts = [f"{work.accelerators_per_replica:,} accelerators work as one" if work.accelerators_per_replica else ""]
    if isinstance(work, Serving) and work.max_concurrency:
        parts.append(f"at most {work.max_concurrency:,} requests at once")
    if isinstance(work, Serving | Video):
        target, spares = work.target_utilization_fraction, work.spare_replicas
        parts.append(f"at most {percent_text(target)} % busy" if target else "")
        parts.append(f"{spares:,} to spare" if spares else "")
    return ", ".join(filter(None, parts))
