"""The `expect` entries of an inventory against its plan. Every kind of check is one row of `RULES`.

Sums are of whole cents and limits are taken from their decimal text, so nothing depends on how floats are rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from placement.checks.moves import meant
from placement.checks.outcome import Breach, Outcome, listed
from placement.documents import KeyPath
from placement.inventory.expectation import Expectation, selects
from placement.inventory.inventory import Inventory
from placement.plan.model import Placement, Plan, countries_of
from placement.plan.stands import layer_costs, stand_of, stands
from placement.units import dollars
from placement.words import OWN

PLACED = "placed"
UNPLACED = "unplaced"
UNKNOWN = "unknown"


class Facts(NamedTuple):
    """What the catalog knows that checks need."""

    groups: Mapping[str, Sequence[str]]
    """Countries by group."""
    aliases: Mapping[str, str]
    """The catalog's own names of accelerators by other names."""


class Whole(NamedTuple):
    """A workload with all of its sites: what it costs, and whether it is placed, is said of them together."""

    name: str
    sites: tuple[Placement, ...]

    @property
    def status(self) -> str:
        """It has a place when all of its sites do."""
        return PLACED if all(site.status == PLACED for site in self.sites) else UNPLACED

    @property
    def cost_cents(self) -> int:
        """Of all sites that have a place."""
        return sum(site.monthly_cost_cents or 0 for site in self.sites)

    @property
    def baseline_cents(self) -> int | None:
        """What it costs today; None where that is not stated."""
        stated = [site.baseline_cents for site in self.sites if site.baseline_cents is not None]
        return sum(stated) if stated else None


class Scope(NamedTuple):
    """What one check looks at."""

    limit: Any
    workloads: tuple[Whole, ...]
    """Those it is about, by id."""
    users: Mapping[str, tuple[str, ...]]
    """Locations of the users of every workload, by its id."""
    inventory: Inventory
    facts: Facts

    @property
    def placed(self) -> list[Whole]:
        """Those with a place."""
        return [workload for workload in self.workloads if workload.status == PLACED]

    @property
    def sites(self) -> list[Placement]:
        """All sites of those with a place."""
        return [site for workload in self.placed for site in workload.sites]

    @property
    def unplaced(self) -> list[Breach]:
        """Whoever has no place breaks every check about places and costs."""
        return [Breach(workload.name, UNPLACED) for workload in self.workloads if workload.status != PLACED]


class Verdict(NamedTuple):
    """Figures as text in the rule's unit. The check holds when nothing breaks it."""

    measured: str
    limit: str
    breaches: list[Breach]
    detail: str = ""


class Rule(NamedTuple):
    """One kind of check."""

    name: str
    """Field of `Expectation`."""
    about: str
    """What it looks at, for entries without a name."""
    unit: str
    judge: Callable[[Scope], Verdict]


def check_expectations(plan: Plan, inventory: Inventory, facts: Facts) -> tuple[Outcome, ...]:
    """One outcome for each check of each entry, in the inventory's order of entries and the order of `RULES`.

    *plan* is a plan of *inventory*, which must have passed `inventory.check.check_names`.
    """
    placed: dict[str, list[Placement]] = {}
    for placement in plan.placements:
        placed.setdefault(placement.whole, []).append(placement)
    tests = [selects(entry) for entry in inventory.expect]
    chosen: list[list[str]] = [[] for _ in tests]
    users = {}
    for workload in inventory.workloads:
        users[workload.id] = tuple(user.location for user in workload.users)
        for names, selected in zip(chosen, tests, strict=True):
            if selected(workload):
                names.append(workload.id)
    outcomes = []
    for index, entry in enumerate(inventory.expect):
        workloads = tuple(Whole(name, tuple(placed[name])) for name in sorted(chosen[index]))
        for rule in RULES:
            limit = getattr(entry, rule.name)
            if limit is not None:
                scope = Scope(limit, workloads, users, inventory, facts)
                outcomes.append(_outcome(rule, entry, scope, ("expect", index, rule.name)))
    return tuple(outcomes)


def _outcome(rule: Rule, entry: Expectation, scope: Scope, path: KeyPath) -> Outcome:
    verdict, subject = rule.judge(scope), _subject(entry)
    return Outcome(
        rule=rule.name,
        title=entry.name or rule.about,
        subject=subject,
        ok=not verdict.breaches,
        detail=verdict.detail,
        path=path,
        measured=verdict.measured,
        limit=verdict.limit,
        unit=rule.unit,
        breaches=tuple(verdict.breaches),
        workloads=0 if subject in scope.users else len(scope.workloads),
    )


def _subject(entry: Expectation) -> str:
    """The selector in words."""
    parts = [entry.workload] if entry.workload is not None else []
    parts += [f"{key}: {value}" for key, value in sorted((entry.tag or {}).items())]
    parts += [f"kind {entry.kind}"] if entry.kind is not None else []
    return ", ".join(parts) or "the plan"


def _placed(scope: Scope) -> Verdict:
    wanted = PLACED if scope.limit else UNPLACED
    breaches = [Breach(workload.name, workload.status) for workload in scope.workloads if workload.status != wanted]
    measured = f"{len(scope.placed):,} of {len(scope.workloads):,} placed"
    return Verdict(measured, "all" if scope.limit else "none", breaches)


Values = Callable[[Placement], tuple[str, ...]]
Meant = Callable[[Scope], set[str]]


def _among(values: Values, meant: Meant, wanted: bool = True) -> Callable[[Scope], Verdict]:
    """Every value of every site is one of those meant, or none is; an unknown value fails both."""

    def judge(scope: Scope) -> Verdict:
        names = meant(scope)
        breaches = scope.unplaced
        found = set()
        for placement in scope.sites:
            here = values(placement)
            found |= {value or UNKNOWN for value in here}
            wrong = [value or UNKNOWN for value in here if not value or (value in names) != wanted]
            if wrong:
                breaches.append(Breach(placement.workload, ", ".join(wrong)))
        return Verdict(listed(sorted(found)) or UNPLACED, ", ".join(scope.limit), breaches)

    return judge


def _literally(scope: Scope) -> set[str]:
    return set(scope.limit)


def _countries(scope: Scope) -> set[str]:
    return meant(scope.limit, scope.facts.groups)


def _sites(scope: Scope) -> set[str]:
    return {f"{OWN}/{name}" if name in scope.inventory.sites else name for name in scope.limit}


def _accelerators(scope: Scope) -> set[str]:
    return {scope.facts.aliases.get(name, name) for name in scope.limit}


def _country(placement: Placement) -> tuple[str, ...]:
    return countries_of(placement.country)


def _provider(placement: Placement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stand.provider for stand in stands(placement)))


def _tier(placement: Placement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stand.tier for stand in stands(placement)))


def _site(placement: Placement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stand.site for stand in stands(placement)))


def _rtt(scope: Scope) -> Verdict:
    """Every RTT is known and within the limit; those whose band is not are named."""
    limit = Decimal(str(scope.limit))
    known = {placement.workload: Decimal(placement.rtt_ms) for placement in scope.sites if placement.rtt_ms}
    breaches = scope.unplaced
    breaches += [Breach(placement.workload, UNKNOWN) for placement in scope.sites if not placement.rtt_ms]
    worst = sorted(known, key=lambda name: (-known[name], name))
    breaches += [Breach(name, str(known[name])) for name in worst if known[name] > limit]
    high = {placement.workload: Decimal(placement.rtt_high_ms or placement.rtt_ms or 0) for placement in scope.sites}
    risky = [name for name in worst if known[name] <= limit < high[name]]
    detail = f"at risk within the estimate's error: {listed(risky)}" if risky else ""
    return Verdict(str(known[worst[0]]) if worst else UNKNOWN, _plain(limit), breaches, detail)


def _each_cost(scope: Scope) -> Verdict:
    limit = _cents(scope.limit)
    dearest = _dearest(scope)
    breaches = [Breach(name, dollars(cost)) for name, cost in dearest if cost > limit]
    return Verdict(dollars(dearest[0][1]) if dearest else UNPLACED, _plain(limit / 100), scope.unplaced + breaches)


def _total_cost(scope: Scope) -> Verdict:
    """Without every cost the sum is not known to be within the limit."""
    limit = _cents(scope.limit)
    dearest = _dearest(scope)
    total = sum(cost for _, cost in dearest)
    breaches = [Breach(name, dollars(cost)) for name, cost in dearest] if total > limit else []
    return Verdict(dollars(total), _plain(limit / 100), scope.unplaced + breaches)


def _saving(scope: Scope) -> Verdict:
    """Of those that state a baseline, as a whole; the breaches are those that save less by themselves."""
    limit = Decimal(str(scope.limit))
    compared = [
        (workload.name, workload.cost_cents, baseline)
        for workload in scope.placed
        if (baseline := workload.baseline_cents) is not None
    ]
    cost, today = sum(entry[1] for entry in compared), sum(entry[2] for entry in compared)
    breaches = scope.unplaced
    if not today:
        breaches += [Breach(workload.name, "no baseline") for workload in scope.placed]
    elif today - cost < limit * today:
        short = sorted((then * (1 - limit) - now, name, now, then) for name, now, then in compared)
        breaches += [
            Breach(name, _fraction(then - now, then, ROUND_FLOOR) if then else "free today")
            for spare, name, now, then in short
            if spare < 0
        ]
    measured = _fraction(today - cost, today, ROUND_FLOOR) if today else "no baseline"
    return Verdict(measured, _plain(limit), breaches)


def _provider_share(scope: Scope) -> Verdict:
    limit = Decimal(str(scope.limit))
    total, by_provider = 0, dict[str, int]()
    for placement in scope.sites:
        total += placement.monthly_cost_cents or 0
        for layer, cost in zip(placement.layers or (None,), layer_costs(placement), strict=True):
            provider = stand_of(placement, layer).provider
            if provider != OWN:
                by_provider[provider] = by_provider.get(provider, 0) + cost
    largest = sorted(by_provider.items(), key=lambda item: (-item[1], item[0]))
    breaches = [Breach(name, _fraction(cost, total, ROUND_CEILING)) for name, cost in largest if cost > limit * total]
    measured = _fraction(largest[0][1] if largest else 0, total, ROUND_CEILING)
    return Verdict(measured, _plain(limit), scope.unplaced + breaches)


def _dearest(scope: Scope) -> list[tuple[str, int]]:
    """Ids and cents, the dearest first."""
    costs = [(workload.name, workload.cost_cents) for workload in scope.placed]
    return sorted(costs, key=lambda item: (-item[1], item[0]))


def _cents(limit_usd: float) -> Decimal:
    return Decimal(str(limit_usd)) * 100


def _plain(value: Decimal) -> str:
    """Decimal text without an exponent and without trailing zeros."""
    return format(value.normalize(), "f")


def _fraction(part: int, whole: int, rounding: str) -> str:
    """To four places, rounded so that what breaks a limit never reads like the limit; nothing of nothing is 0."""
    share = Decimal(part) / whole if whole else Decimal(0)
    return _plain(share.quantize(Decimal("0.0001"), rounding=rounding))


RULES = (
    Rule("placed", "has a place", "", _placed),
    Rule("countries", "country", "", _among(_country, _countries)),
    Rule("not_countries", "country", "", _among(_country, _countries, wanted=False)),
    Rule("tiers", "tier", "", _among(_tier, _literally)),
    Rule("providers", "provider", "", _among(_provider, _literally)),
    Rule("not_providers", "provider", "", _among(_provider, _literally, wanted=False)),
    Rule("sites", "site", "", _among(_site, _sites)),
    Rule(
        "purchase_models",
        "purchase model",
        "",
        _among(lambda placement: tuple(layer.purchase for layer in placement.layers), _literally),
    ),
    Rule(
        "accelerators",
        "accelerator",
        "",
        _among(lambda placement: tuple(layer.accelerator for layer in placement.layers), _accelerators),
    ),
    Rule("max_rtt_ms", "round-trip time", "ms", _rtt),
    Rule("max_monthly_cost_usd", "monthly cost of each", "USD", _each_cost),
    Rule("max_total_monthly_cost_usd", "monthly cost in total", "USD", _total_cost),
    Rule("min_saving_fraction", "saving against today", "fraction", _saving),
    Rule("max_provider_share_fraction", "share of one provider", "fraction", _provider_share),
)
"""Every check there is, in the order of reports; one for each field of `CHECKS`."""
