"""Units and the integers that stand for them; no logic beyond exact conversion.

Every quantity inside the engine is a whole number of thousandths (milli-hours, milli-GB, milli-kW), every price a
whole number of millionths of a dollar. Both fit in float64 exactly, so no sum depends on its order.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

HOURS_PER_MONTH = 730
"""8,760 hours of a year ÷ 12; the convention of every cloud price list."""

MILLI_GB_PER_MBIT_S = 328_500
"""Thousandths of a GB that 1 Mbit/s carries in a month: 10^6 bit/s × 3,600 s × 730 h ÷ 8 bit ÷ 10^6 bytes."""

MILLI = 1000
MICRO = 1_000_000
MICRO_PER_CENT = 10_000

EXACT_LIMIT = 2**53
"""Largest integer up to which float64 holds every integer: 9.0 bn dollars in micro-dollars."""


def to_milli(value: float | int | Decimal | str) -> int:
    """Thousandths of *value*, rounded half-even from its decimal text."""
    return _scaled(value, MILLI)


def to_micro(value: float | int | Decimal | str) -> int:
    """Millionths of *value*, rounded half-even from its decimal text."""
    return _scaled(value, MICRO)


DIGITS = 10**15
"""Decimal texts of up to 15 digits and the floats nearest to them correspond one to one."""


def _scaled(value: float | int | Decimal | str, factor: int) -> int:
    if isinstance(value, float) and abs(value * factor) < DIGITS:
        # Where dividing gives the float back, the text of the float is this very quotient: nothing is to be rounded.
        whole = round(value * factor)
        if whole / factor == value:
            return whole
    decimal = value if isinstance(value, Decimal) else Decimal(str(value))
    return int((decimal * factor).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def from_milli(milli: int) -> Decimal:
    """The decimal number of which *milli* counts the thousandths, without trailing zeros."""
    return Decimal(milli_text(milli))


def from_micro(micro: int) -> Decimal:
    """The decimal number of which *micro* counts the millionths, without trailing zeros."""
    return Decimal(micro_text(micro))


def milli_text(milli: int) -> str:
    """Thousandths as plain decimal text without trailing zeros: 1500 → "1.5"."""
    return _text(milli, MILLI)


def micro_text(micro: int) -> str:
    """Millionths as plain decimal text without trailing zeros: 1500 → "0.0015"."""
    return _text(micro, MICRO)


def plain_text(value: float) -> str:
    """To the thousandth, as people read it: 1234567.5 → "1,234,567.5"."""
    return f"{from_milli(to_milli(value)):,}"


def four_digits(figure: str) -> str:
    """To four significant digits, with separators of thousands."""
    amount = Decimal(figure)
    if not amount:
        return "0"
    kept = amount.quantize(Decimal(1).scaleb(min(amount.adjusted() - 3, 0)), rounding=ROUND_HALF_EVEN)
    text = f"{kept:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_text(fraction: float) -> str:
    """Millionths in per cent: 0.125 → "12.5"."""
    return micro_text(to_micro(fraction) * 100)


def _text(count: int, unit: int) -> str:
    if count < 0:
        return f"-{_text(-count, unit)}"
    whole, rest = divmod(count, unit)
    return f"{whole}.{str(unit + rest)[1:]}".rstrip("0") if rest else str(whole)


def scaled(text: str, places: int) -> int:
    """The integer that counts the last of *places* decimals of a plain decimal text: ("1.5", 3) → 1500."""
    whole, _, rest = text.partition(".")
    return int(whole + rest.ljust(places, "0"))


def cents_of(price_micro: int, quantity_milli: int) -> int:
    """Price × quantity in whole cents, half up: the only rounding a reader of the plan ever sees."""
    product = price_micro * quantity_milli
    unit = MICRO_PER_CENT * MILLI
    return (2 * product + unit) // (2 * unit)


def cents(micro: float) -> int:
    """Whole micro-dollars in whole cents, half up."""
    return (2 * int(micro) + MICRO_PER_CENT) // (2 * MICRO_PER_CENT)


def dollars(amount_cents: int) -> str:
    """Cents as a decimal string with two places: 123456 → "1234.56"."""
    if amount_cents < 0:
        return f"-{dollars(-amount_cents)}"
    digits = str(amount_cents) if amount_cents > 99 else f"{amount_cents:03d}"
    return f"{digits[:-2]}.{digits[-2:]}"


def to_cents(value: float | int | Decimal) -> int:
    """A dollar amount in whole cents, half up."""
    return int((Decimal(str(value)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
