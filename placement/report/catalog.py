"""Accelerators and models of a catalog, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from placement.catalog.listing import AcceleratorFacts, ModelFacts, Offered
from placement.report import Terminal
from placement.report.catalog_data import listing_csv, listing_json
from placement.report.console import ACCENT, QUIET, bullets, drawn, plain_table, text
from placement.report.numbers import plural, thousands

WIDE = 150
"""Columns from which everything about an accelerator or a model fits one row."""

ROOMY = 200
"""Columns from which that row need not be narrow."""

UNKNOWN = "–"


class Listing(NamedTuple):
    """What is listed, and of which catalog."""

    of: str
    facts: tuple[AcceleratorFacts, ...] | tuple[ModelFacts, ...]
    as_of: str
    digest: str


def render_listing(listing: Listing, form: str, terminal: tuple[int, bool]) -> Iterator[str]:
    """The listing as `table`, `json` or `csv`, in pieces."""
    if form == "json":
        yield listing_json(listing.of, listing.facts, listing.as_of, listing.digest)
    elif form == "csv":
        yield from listing_csv(listing.facts)
    else:
        yield drawn(_parts(listing, Terminal(*terminal)), Terminal(*terminal))


def _parts(listing: Listing, terminal: Terminal) -> list[RenderableType]:
    accelerators = [one for one in listing.facts if isinstance(one, AcceleratorFacts)]
    models = [one for one in listing.facts if isinstance(one, ModelFacts)]
    caption = f"{plural(len(listing.facts), listing.of.removesuffix('s'))} · catalog of {listing.as_of}"
    parts: list[RenderableType] = [text(caption, QUIET), text("")]
    if listing.of == "models":
        parts += [_models(models, terminal.width >= WIDE), *bullets("How to read it", _ABOUT_MODELS, QUIET)]
    else:
        wide = terminal.width >= WIDE
        parts += [_wide(accelerators, terminal.width >= ROOMY) if wide else _narrow(accelerators)]
        parts += bullets("How to read it", _ABOUT_ACCELERATORS, QUIET)
    return parts + bullets("Sources", _sources(listing.facts), QUIET)


def _sources(facts: Sequence[AcceleratorFacts | ModelFacts]) -> list[str]:
    """Each source once, by its id."""
    told = {
        (one.accelerator.source_id if isinstance(one, AcceleratorFacts) else one.model.source_id): one.source
        for one in facts
    }
    return [f"{name}: {about}" for name, about in sorted(told.items())]


_ABOUT_ACCELERATORS = [
    "memory in GiB; its bandwidth and links (one way, to the others of a node) in GB/s; dense peaks in TFLOPS",
    "native is what it calculates in; what rates it is what its speed can be told from: a roofline (language models "
    "that are served), classes of work in which it was measured beside an H100-SXM, MFU (training); one without any "
    "is unrated",
    "prices are the cheapest on demand that no policy has to allow, in USD per accelerator and hour",
]
_ABOUT_MODELS = [
    "parameters in billions, in brackets those used for one token; weights in GiB and the cache of keys and values in "
    "bytes per token, both at the precision named, which is taken unless a workload names another",
    "rows are measurements of it; a model without any is rated by its class or by a roofline, or not at all",
]


def _narrow(facts: list[AcceleratorFacts]) -> Table:
    """Several lines an accelerator."""
    table = plain_table([("accelerator", "left"), ("what is known of it", "left"), ("as of, source", "left")])
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for one in facts:
        known = one.accelerator
        name = Text("\n").join([text(known.name, ACCENT), text(known.vendor, QUIET)])
        stated = Text("\n").join([text(known.as_of), text(known.source_id, QUIET)])
        table.add_row(name, Text("\n").join(_told(one)), stated)
    return table


def _told(one: AcceleratorFacts) -> Iterator[Text]:
    """What is known of an accelerator, line by line; nothing of what is not."""
    known = one.accelerator
    figures = [
        (known.memory_gib, "{} GiB"),
        (known.bandwidth_gb_per_s, "{} GB/s"),
        (known.link_gb_per_s, "link {}"),
        (known.tdp_w, "{} W"),
    ]
    yield text(", ".join(form.format(_figure(value)) for value, form in figures if value is not None) or "–")
    peaks = {name: _peak(one, name) for name in _PEAKS}
    if any(value is not None for value in peaks.values()):
        told = (f"{name} {_figure(value)}" for name, value in peaks.items() if value is not None)
        yield text(f"{', '.join(told)} TFLOPS")
    if known.precisions:
        yield text(f"native {' '.join(known.precisions)}")
    yield text(_rated(one) or "unrated")
    yield text(_on_offer(one), QUIET)


_PEAKS = ("fp16", "bf16", "fp8", "fp4")


def _peak(one: AcceleratorFacts, name: str) -> float | None:
    """A dense peak; that of FP16 where it is not the one of BF16."""
    known = one.accelerator.tflops
    return None if name == "fp16" and "bf16" in known else known.get(name)


def _on_offer(one: AcceleratorFacts) -> str:
    """`3 offers, from $1.20/h at aws/us-east-1`."""
    offered = one.offered
    if offered.usd_per_hour is None:
        return plural(offered.offers, "offer")
    return f"{plural(offered.offers, 'offer')}, from ${offered.usd_per_hour:,.2f}/h at {_place(offered)}"


def _place(offered: Offered) -> str:
    """Provider and site of the cheapest offer."""
    return "/".join(offered.cheapest.split("/")[:2])


def _wide(facts: list[AcceleratorFacts], roomy: bool) -> Table:
    """A row an accelerator."""
    numbers = ("GiB", "GB/s", "fp16", "bf16", "fp8", "fp4", "link")
    table = plain_table(
        [("accelerator", "left"), ("vendor", "left"), *((head, "right") for head in numbers), ("native", "left"),
         ("W", "right"), ("rated by", "left"), ("offers", "right"), ("USD/h", "right"), ("at", "left"),
         ("as of", "left"), ("source", "left")], padding=int(roomy)
    )  # fmt: skip
    for place in (0, 1, -2, -1):
        table.columns[place].no_wrap = True
    for one in facts:
        known, offered = one.accelerator, one.offered
        table.add_row(
            text(known.name, ACCENT),
            text(known.vendor),
            _figure(known.memory_gib),
            _figure(known.bandwidth_gb_per_s),
            *(_figure(_peak(one, name)) for name in _PEAKS),
            _figure(known.link_gb_per_s),
            text(" ".join(known.precisions) or UNKNOWN),
            _figure(known.tdp_w),
            text(_rated(one) or UNKNOWN),
            f"{offered.offers:,}",
            UNKNOWN if offered.usd_per_hour is None else f"{offered.usd_per_hour:,.2f}",
            text(_place(offered), QUIET),
            text(known.as_of),
            text(known.source_id),
        )
    return table


def _rated(one: AcceleratorFacts) -> str:
    """`roofline, 6 classes, MFU bf16 fp8`."""
    parts = ["roofline"] if one.roofline else []
    if one.classes:
        parts.append(f"{len(one.classes)} class{'' if len(one.classes) == 1 else 'es'}")
    return ", ".join([*parts, *([f"MFU {' '.join(one.mfu)}"] if one.mfu else [])])


def _models(facts: list[ModelFacts], wide: bool) -> Table:
    heads = [("model", "left"), ("bn", "right"), ("layers", "right"), ("KV/token", "right"), ("GiB", "right"),
             ("at", "left"), ("rows", "right")]  # fmt: skip
    if wide:
        heads = [heads[0], ("name", "left"), *heads[1:], ("class of work", "left")]
    table = plain_table([*heads, ("as of", "left"), ("source", "left")], padding=int(wide))
    table.columns[-1].no_wrap = table.columns[-2].no_wrap = True
    for one in facts:
        model = one.model
        active = f" ({_short(model.active_parameters_billion)})" if model.experts else ""
        cells: list[RenderableType] = [
            _short(model.parameters_billion) + active,
            _figure(model.layers),
            _figure(one.kv_bytes_per_token),
            _short(one.weights_gib),
            text(model.precision),
            f"{one.measured:,}",
        ]
        if wide:
            cells = [text(model.name), *cells, text(model.throughput_class or UNKNOWN)]
        table.add_row(text(model.id, ACCENT), *cells, text(model.as_of), text(model.source_id))
    return table


def _short(value: float) -> str:
    """Three digits, more where there are more before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _figure(value: float | None) -> str:
    """At most three decimals, with thousands separators."""
    return UNKNOWN if value is None else thousands(f"{value:.3f}".rstrip("0").rstrip("."))
