"""What a catalog knows of accelerators and models, put together for people to look at."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement.catalog.tables import AVAILABILITIES, HOSTINGS, UNKNOWN, Catalog
from placement.catalog.work import ANY, Accelerator, Model
from placement.units import MICRO
from placement.words import PURCHASES

_GIB = 2**30
_OPEN = [HOSTINGS.index(name) for name in ("secure", "serverless")]
"""Kinds of hosting that need no policy to be taken."""


class Offered(NamedTuple):
    """What can be rented with an accelerator."""

    offers: int
    usd_per_hour: Decimal | None
    """Of the cheapest on demand that no policy has to allow, per accelerator; None where there is none."""
    cheapest: str
    """The id of that offer."""


class AcceleratorFacts(NamedTuple):
    """An accelerator, what rates it, and where it is."""

    accelerator: Accelerator
    aliases: tuple[str, ...]
    roofline: tuple[str, ...]
    """Precisions at which a language model served on it can be predicted."""
    classes: tuple[str, ...]
    """Kinds of work in which it is compared with an H100-SXM."""
    mfu: tuple[str, ...]
    """Precisions of training of which its share of the peak is known."""
    offered: Offered
    source: str


class ModelFacts(NamedTuple):
    """A model, its size in memory at its own precision, and how often it was measured."""

    model: Model
    kv_bytes_per_token: float | None
    weights_gib: float
    measured: int
    source: str


def accelerator_facts(catalog: Catalog) -> tuple[AcceleratorFacts, ...]:
    """All accelerators, by name."""
    offered = _offered(catalog)
    nothing = Offered(0, None, "")
    aliases: dict[str, list[str]] = {}
    for alias, name in sorted(catalog.aliases.items()):
        aliases.setdefault(name, []).append(alias)
    return tuple(
        AcceleratorFacts(
            known,
            tuple(aliases.get(name, ())),
            _roofline(catalog, known),
            tuple(sorted(group for group, rows in catalog.ratios.items() if name in rows)),
            tuple(sorted({precision for one, precision, _ in catalog.training if one == name})),
            offered.get(name, nothing),
            catalog.sources[known.source_id][0],
        )
        for name, known in sorted(catalog.accelerators.items())
    )


def model_facts(catalog: Catalog) -> tuple[ModelFacts, ...]:
    """All models, by key."""
    return tuple(
        ModelFacts(
            model,
            model.kv_bytes_per_token() if model.kind == "llm" else None,
            model.weight_bytes() / _GIB,
            len(catalog.measured.of(name)),
            catalog.sources[model.source_id][0],
        )
        for name, model in sorted(catalog.models.items())
    )


def _roofline(catalog: Catalog, known: Accelerator) -> tuple[str, ...]:
    """Native precisions whose peak, and what share of it is reached, are known."""
    fitted = {
        precision
        for vendor, name, precision in catalog.roofline
        if vendor == known.vendor and name in (known.name, ANY) and precision in known.tflops
    }
    return tuple(name for name in known.precisions if name in fitted and known.bandwidth_gb_per_s is not None)


def open_offers(catalog: Catalog) -> NDArray[np.bool_]:
    """On demand, at a known price, and to be had without a policy that allows it, `o`."""
    return np.asarray((catalog.offers.purchase_o == PURCHASES.index("on_demand")) & takeable(catalog))


def takeable(catalog: Catalog) -> NDArray[np.bool_]:
    """At a known price, and to be had without a policy that allows it, `o`."""
    offers = catalog.offers
    general_s = np.array([site.access == "general" for site in catalog.sites], dtype=bool)
    return np.asarray(
        (offers.price_micro_o != UNKNOWN)
        & np.isin(offers.hosting_o, _OPEN)
        & (offers.availability_o != AVAILABILITIES.index("limited"))
        & general_s[offers.site_o]
    )


def _offered(catalog: Catalog) -> dict[str, Offered]:
    """By accelerator: its offers, and of those on demand that everybody may take the cheapest, ties by id."""
    offers = catalog.offers
    names = sorted({shape.accelerator for shape in catalog.shapes})
    number = {name: place for place, name in enumerate(names)}
    kind_o = np.array([number[shape.accelerator] for shape in catalog.shapes], dtype=np.int64)[offers.shape_o]
    units_o = np.array([shape.units for shape in catalog.shapes], dtype=np.int64)[offers.shape_o]
    open_o = open_offers(catalog)
    each_o = np.where(open_o, offers.price_micro_o / units_o, np.inf)
    order_o = np.lexsort((np.arange(len(each_o)), each_o, kind_o))
    counts = np.bincount(kind_o, minlength=len(names)).tolist()
    found: dict[str, Offered] = {}
    begin = 0
    for name, count in zip(names, counts, strict=True):
        first = int(order_o[begin])
        begin += count
        if not open_o[first]:
            found[name] = Offered(count, None, "")
            continue
        site, sku = catalog.sites[int(offers.site_o[first])].id, catalog.strings[int(offers.sku_o[first])]
        usd = Decimal(int(offers.price_micro_o[first])) / (MICRO * int(units_o[first]))
        found[name] = Offered(count, usd.quantize(Decimal("0.0001")), f"{site}/{sku}/on_demand")
    return found
