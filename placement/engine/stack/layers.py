"""The layers of a mix as the plan names them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from placement.catalog.tables import Catalog
from placement.engine.named_offer import NamedOffer
from placement.engine.placed_work import Held
from placement.engine.power import drawn_kw
from placement.engine.stack.written import Layered, Written
from placement.plan.model import Layer
from placement.units import HOURS_PER_MONTH, MICRO, MILLI, milli_text
from placement.words import TIERS

_THREE = Decimal("0.001")


def mixed_layers(
    catalog: Catalog, mixed: Written, offers: Sequence[NamedOffer], accelerators_needed: int
) -> tuple[Layer, ...]:
    """The layers, the base first; at one site they are filled from there with what is needed at the peak."""
    several, left, found = len(mixed.offers) > 1, accelerators_needed, []
    for one, offer in zip(mixed.layers, offers, strict=True):
        count = one.bought.units * offer.units
        needed = count if several else min(count, left)
        left -= needed
        layer = _layer(catalog, one, offer, needed)
        replica, first = one.able.group(one.row), mixed.layers[0]
        if offer.accelerator != offers[0].accelerator or replica != first.able.group(first.row):
            layer = layer._replace(rating=one.able.rating(one.row), replica_accelerators=replica)
        found.append(_at_site(layer, offer, one.share_micro) if several else layer)
    return tuple(found)


def _layer(catalog: Catalog, one: Layered, offer: NamedOffer, needed: int) -> Layer:
    bought = one.bought
    turn = bought.break_even_milli
    return Layer(
        offer=offer.id,
        accelerator=offer.accelerator,
        purchase=offer.purchase,
        nodes=bought.units,
        accelerators=bought.units * offer.units,
        accelerators_needed=needed,
        hours_per_month=milli_text(int(bought.hours_milli)),
        least_fraction=_of_month(bought.least_milli),
        most_fraction=_of_month(bought.most_milli),
        break_even_fraction=_of_month(turn) if turn >= 0 else "",
    )._replace(**drawn_kw(catalog, offer.site, bought.units * offer.power_kw_micro))


def _at_site(layer: Layer, offer: NamedOffer, share_micro: int) -> Layer:
    share = (Decimal(share_micro) / MICRO).quantize(_THREE, rounding=ROUND_HALF_EVEN)
    return layer._replace(
        site=offer.site.id, tier=TIERS[offer.tier], country=offer.site.country or "", work_fraction=str(share)
    )


def _of_month(hours_milli: float) -> str:
    part = Decimal(repr(hours_milli)) / (HOURS_PER_MONTH * MILLI)
    return str(min(part, Decimal(9999)).quantize(_THREE, rounding=ROUND_HALF_EVEN))


def held_by(mixed: Written, layers: Sequence[Layer]) -> Held:
    """What all layers together are to the work."""
    both = [one.able.held(one.row, layer) for one, layer in zip(mixed.layers, layers, strict=True)]
    return Held(sum(one.able for one in both), sum(one.replicas for one in both))
