"""Placements of several layers in words: a base by the month, and what is bought by the hour for the peaks."""

from __future__ import annotations

import re
from decimal import Decimal

from placement.plan.model import Layer, Placement
from placement.plan.stands import stand_of
from placement.report.work import does_words, percent
from placement.units import HOURS_PER_MONTH
from placement.words import BY_THE_HOUR

AND = "\n+ "
"""Between layers, which stand one below the other where there is room."""


def is_mixed(placement: Placement) -> bool:
    """Whether it has several layers."""
    return len(placement.layers) > 1


def on_one_line(words: str) -> str:
    """Layers beside each other."""
    return words.replace("\n", " ")


def hardware(layer: Layer) -> str:
    """`16 × H100-SXM`; more than needed is said, and what is there only when it is needed."""
    if layer.hours_per_month == "0" and not layer.most_fraction:
        return f"data only ({layer.accelerators:,} × {layer.accelerator} at need)"
    spare = layer.accelerators - layer.accelerators_needed
    return f"{layer.accelerators:,} × {layer.accelerator}" + (f" ({spare:,} unused)" if spare > 0 else "")


def purchase_words(purchase: str) -> str:
    """`on demand`, `reserved 3y`."""
    return purchase.replace("_", " ")


_SIGNED = re.compile("/signed-[0-9]{4}-[0-9]{2}-")
_THERE = "/existing-"


def way_words(layer: Layer) -> str:
    """`reserved 1y, all upfront`: how a layer is bought, how it is paid, and whether that has been done."""
    begin, payment = f"{layer.purchase}-", layer.offer.rpartition("/")[2]
    paid = f", {purchase_words(payment.removeprefix(begin))}" if payment.startswith(begin) else ""
    paid = re.sub(r"^, ([0-9]+)m$", r", \1 months", paid)
    done = ", signed already" if _SIGNED.search(layer.offer) else ", there already" if _THERE in layer.offer else ""
    return purchase_words(layer.purchase) + paid + done


def where_words(placement: Placement) -> str:
    """All its sites."""
    return AND.join(dict.fromkeys(stand_of(placement, layer).site for layer in placement.layers))


def what_words(placement: Placement) -> str:
    """The accelerators of every layer."""
    return AND.join(hardware(layer) for layer in placement.layers)


def how_words(placement: Placement) -> str:
    """The purchase model of every layer."""
    return AND.join(way_words(layer) for layer in placement.layers)


def bought_words(placement: Placement) -> str:
    """`6 × H100 owned @ equinix/FR + 2 × H100 spot @ azure/germanywestcentral`; at one site without its name."""
    several = any(layer.site for layer in placement.layers)
    return " + ".join(
        f"{hardware(layer)} {way_words(layer)}" + (f" @ {layer.site}" if several else "") for layer in placement.layers
    )


def use_words(placement: Placement) -> str:
    """`base needed 61–100 % of the month, pays from 34 %; burst needed 4–30 %`; empty for a single layer."""
    if not is_mixed(placement):
        return ""
    return "; ".join(_layer_use(layer) for layer in placement.layers)


def _layer_use(layer: Layer) -> str:
    hourly = layer.purchase in BY_THE_HOUR
    needed = f"{'burst' if hourly else 'base'} needed {_span(layer)} of the month"
    if not layer.break_even_fraction or hourly:
        return needed
    at = Decimal(layer.break_even_fraction)
    return f"{needed}, pays " + (f"from {percent(layer.break_even_fraction)}" if at else "however little")


def _span(layer: Layer) -> str:
    """`61–100 %`, or `100 %` where all nodes are needed alike."""
    least, most = percent(layer.least_fraction), percent(layer.most_fraction)
    return most if least == most else f"{least.removesuffix(' %')}–{most}"


def layer_lines(placement: Placement) -> list[str]:
    """Every layer of several in a sentence: what it is, how much of the work it does, and when it pays."""
    if not is_mixed(placement):
        return []
    found = []
    for number, layer in enumerate(placement.layers, start=1):
        stand = stand_of(placement, layer)
        share = f", {percent(layer.work_fraction)} of the work" if layer.work_fraction else ""
        words = f"layer {number}: {hardware(layer)}, {way_words(layer)}, at {stand.site}{share}"
        found.append(f"{words}; {_layer_use(layer)}{_against(layer)}")
        if layer.rating is not None:
            found.append(f"  {does_words(layer.rating, layer.replica_accelerators)}")
    return found


def _against(layer: Layer) -> str:
    """What turns a layer by the hour."""
    if not layer.break_even_fraction or layer.purchase not in BY_THE_HOUR:
        return ""
    at = percent(layer.break_even_fraction)
    if not layer.site:
        return f"; a node needed more than {at} of it is cheaper by the month"
    mean = percent(str(Decimal(layer.hours_per_month) / HOURS_PER_MONTH))
    return f", {mean} on average; from {at} on more of the base costs less"
