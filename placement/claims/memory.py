"""Whether a model fits a device."""

from __future__ import annotations

from fractions import Fraction

from placement.catalog.claims import Claim
from placement.catalog.work import WEIGHT_BYTES
from placement.claims.bench import Bench
from placement.claims.model import Figure, Found, Number, Swing
from placement.claims.parts import nothing, swing_of
from placement.units import MICRO

GIB = 2**30


def model_memory(bench: Bench, claim: Claim) -> Found:
    """The weights of a model, at the precisions it may be held in, relative to the usable memory of an accelerator."""
    model, device = bench.catalog.models[claim.model], bench.catalog.accelerators[claim.accelerator]
    if device.memory_gib is None:
        return nothing(bench, f"memory of {claim.accelerator}")
    usable = bench.catalog.assumption("memory_usable_fraction")
    memory = Fraction(str(device.memory_gib))
    weights = {name: Fraction(model.weight_bytes(name)) / GIB for name in WEIGHT_BYTES}

    def ratio(gib: Fraction, micro: int) -> Fraction:
        return gib / (memory * Fraction(micro, MICRO))

    ratios = {name: ratio(gib, usable.micro) for name, gib in weights.items()}
    usual = weights[model.precision]
    numbers = [
        Number(
            f"usable memory of {device.name}",
            memory * Fraction(usable.micro, MICRO),
            "GiB",
            device.source_id,
            device.as_of,
        ),
        *(Number(f"weights in {name}", gib, "GiB", model.source_id, model.as_of) for name, gib in weights.items()),
    ]
    ordered = sorted((value, name) for name, value in ratios.items())
    (low, least), (high, most) = ordered[0], ordered[-1]
    swings = [Swing("precision", "", least, most, low, high, "", "")]
    swings += [
        swing_of(lever, ratio(usual, lever.low_micro), ratio(usual, lever.high_micro))
        for lever in bench.catalog.levers
        if lever.name == "memory_usable_fraction" and not bench.framed
    ]
    spread = f"{model.precision}; lowest to highest precision"
    figure = Figure(ratios[model.precision], min(ratios.values()), max(ratios.values()), spread, len(ratios))
    return Found(figure, numbers=tuple(numbers), swings=tuple(swings))
