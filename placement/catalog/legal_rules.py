"""What laws say of where data may be, as the catalog has it in memory."""

from typing import Any, NamedTuple


class Condition(NamedTuple):
    """Territories a rule allows once something is signed or done."""

    countries: frozenset[str]
    """Countries and parts of countries; `*` stands for all, also for an unknown one."""
    sign: str
    own_sites: bool
    """Whether it is asked of the organisation's own sites, too."""


class LegalRule(NamedTuple):
    """What a law says of where data may be; groups of countries are spelled out."""

    id: str
    jurisdictions: frozenset[str]
    """Whose law it is."""
    instrument: str
    classes: frozenset[str]
    """Kinds of data it speaks of; `*` stands for all."""
    effect: str
    """`hard` forbids, `soft` asks for something to be signed, `none` does neither."""
    allowed: frozenset[str]
    """Where data may be without more ado."""
    conditions: tuple[Condition, ...]
    certifications: tuple[str, ...]
    """What a site must hold."""
    access: frozenset[str]
    """Kinds of region a provider's site must be one of; empty where any will do."""
    confidence: str
    as_of: str
    source_id: str
    note: str


def legal_rule(row: list[Any]) -> LegalRule:
    """The rule of a row of plain values (see `assemble`)."""
    identity, whose, instrument, classes, effect, allowed, conditions, certifications, access, *rest = row
    return LegalRule(
        identity,
        frozenset(whose),
        instrument,
        frozenset(classes),
        effect,
        frozenset(allowed),
        tuple(Condition(frozenset(countries), sign, own) for countries, sign, own in conditions),
        tuple(certifications),
        frozenset(access),
        *rest,
    )
