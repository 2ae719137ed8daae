"""Rules decide before prices do: properties, mutations, proofs, and sets of rules that exclude each other."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from oracle import Oracle
from test_oracle import agree, verdicts
from test_properties import FORBIDDEN, without
from test_redundancy import FORBIDDEN as ABOUT_SITES
from worlds import POINTS, SHIPPED, Draft, inventory, site, workload, world
from worlds_rules import CLASSES, RULES

from placement.catalog.legal import closure, laws, rules_for, uncovered
from placement.catalog.legal_rules import LegalRule
from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog, Shape
from placement.engine.advise import advise
from placement.engine.constraints import CONSTRAINTS
from placement.engine.problem import build_problem
from placement.inventory.digests import Fingerprints
from placement.inventory.inventory import Inventory
from placement.plan.model import Placement

SHA = "0" * 64
SHIPPED_CATALOG = load_catalog([SHIPPED], None)
HARD = [rule for rule in SHIPPED_CATALOG.rules if rule.effect == "hard"]


def placed(catalog: Catalog, wanted: Inventory) -> list[Placement]:
    return [one for one in advise(catalog, wanted, SHA).placements if one.status == "placed"]


@pytest.mark.parametrize("seed", range(7000, 7030))
def test_no_price_and_no_order_outvotes_a_rule(seed: int) -> None:
    """Whatever is cheap, free or listed first: nothing is placed where the oracle says a rule is broken."""
    random = Random(seed)
    catalog, wanted = world(seed)
    price = catalog.offers.price_micro_o
    factor = np.array([random.choice((0, 0, 1, 7, 1000)) for _ in price], dtype=np.int64)
    cheap = catalog._replace(offers=catalog.offers._replace(price_micro_o=np.where(price < 0, price, price * factor)))
    rows = random.sample(list(wanted.workloads), len(wanted.workloads))
    judged = verdicts(Oracle(cheap, wanted))
    for one in placed(cheap, wanted.model_copy(update={"workloads": rows})):
        assert judged[one.workload][one.layers[0].offer].broken == frozenset()


def test_every_rule_has_a_world() -> None:
    """Those about several sites have theirs in `test_redundancy.py`, those about work in `test_oracle_work.py`."""
    assert {rule.name for rule in CONSTRAINTS} == {*FORBIDDEN, *ABOUT_SITES, "precision", "token_latency", "deadline"}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_a_removed_rule_is_missed(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one of the rules engine and oracle disagree in a world made for it."""
    case = FORBIDDEN[rule]()
    agree(*case)
    without(rule, monkeypatch)
    with pytest.raises((AssertionError, KeyError)):
        agree(*case)


def under(rule: LegalRule, *places: str) -> tuple[Catalog, Inventory]:
    """Data under one rule of the shipped catalog, and sites in some places; the first is the cheapest."""
    draft = Draft()
    for number, place in enumerate(places):
        held = dict.fromkeys(rule.certifications, "audited")
        draft.sites.append(
            site(f"lam/{number}", place=place, certifications=held, access=min(rule.access, default="general"))
        )
        draft.offer(f"lam/{number}", "a", "on_demand", Shape("A", 1, 1, ""), price=1_000_000 * (number + 1))
    data = {"classes": [min(rule.classes)], "jurisdictions": [min(rule.jurisdictions)]}
    open_to = {"allowed_access": ["general", "government"]}
    catalog = draft.catalog()._replace(rules=(rule,), classes=SHIPPED_CATALOG.classes)
    return catalog, inventory([workload(data=data)], policies=open_to)


def inside(rule: LegalRule) -> str | None:
    return next((place for place, (country, *_) in POINTS.items() if country in rule.allowed), None)


def outside(rule: LegalRule) -> str:
    return next(place for place, (country, *_) in POINTS.items() if country not in rule.allowed)


@pytest.mark.parametrize("rule", HARD, ids=lambda rule: rule.id)
def test_every_hard_law_forbids_something(rule: LegalRule) -> None:
    """The cheapest site is in a country the law does not allow: it is left alone; without the law it is taken."""
    catalog, wanted = under(rule, outside(rule), *filter(None, [inside(rule)]))
    agree(catalog, wanted)
    chosen = [one.site for one in placed(catalog, wanted)]
    assert chosen == (["lam/1"] if inside(rule) else [])
    lawless = catalog._replace(rules=())
    (free,) = placed(lawless, wanted)
    assert free.site == "lam/0"
    oracle = Oracle(catalog, wanted)
    assert oracle.rules.broken_at(wanted.workloads[0], oracle.sites[free.site])["legal"]


@pytest.mark.parametrize(
    "rule", [rule for rule in HARD if rule.certifications or rule.access], ids=lambda rule: rule.id
)
def test_laws_that_ask_for_more_than_a_country(rule: LegalRule) -> None:
    """In an allowed country, but without the certificate or in another kind of region."""
    catalog, wanted = under(rule, inside(rule) or "")
    assert placed(catalog, wanted)
    for evidence in ("claimed", "unknown", "not_held"):
        bare = [one._replace(certifications=dict.fromkeys(rule.certifications, evidence), access="general")
                for one in catalog.sites]  # fmt: skip
        assert placed(catalog._replace(sites=bare), wanted) == []
        agree(catalog._replace(sites=bare), wanted)


def test_proofs_say_what_the_oracle_says() -> None:
    """Every copy × every rule, with the verdict and what is to be signed."""
    seen: Counter[str] = Counter()
    for seed in range(7100, 7160):
        catalog, wanted = world(seed)
        oracle = Oracle(catalog, wanted)
        asked = {one.id: one for one in wanted.workloads}
        for one in placed(catalog, wanted):
            mine = asked[one.workload]
            rules, here = oracle.rules.rules(mine), oracle.sites[one.site]
            compute = [proof for proof in one.proofs if proof.copy == "compute"]
            expected = {rule.id: oracle.rules.answer(rule, here) for rule in rules}
            found = {proof.rule: (proof.verdict, proof.sign) for proof in compute if proof.instrument}
            assert found == expected
            lists = [proof for proof in compute if proof.rule == "residency"]
            assert len(lists) == len({tuple(names) for names in oracle.rules.lists(mine)})
            assert all(proof.verdict != "broken" for proof in one.proofs)
            for name in {flow.source for flow in mine.data_in} & set(wanted.datasets):
                dataset = wanted.datasets[name]
                homes = [
                    proof for proof in one.proofs if proof.copy == f"home of {name}" and proof.verdict != "unknown"
                ]
                said = sum(oracle.rules.speaks(rule, dataset.classes, dataset.jurisdictions) for rule in catalog.rules)
                assert len(homes) == said + bool(dataset.residency)
                assert {proof.place for proof in homes} <= {dataset.home}
                seen["home"] += bool(homes)
            signs = {f"{proof.sign} ({proof.rule}: {proof.instrument})" for proof in one.proofs if proof.sign}
            assert set(one.to_sign) == signs
            seen.update(proof.verdict for proof in one.proofs)
            seen.update(proof.rule for proof in one.proofs)
            bound = mine.residency or mine.data or mine.operators or mine.certifications or mine.isolation != "shared"
            assert one.proofs == () or bound or homes_of(one)
    laws_seen = {rule.id for rule in RULES} - {"gov"}
    assert {"kept", "kept if signed", "not applicable", "unknown", "home", "operator", "isolation"} <= set(seen)
    assert len(laws_seen & set(seen)) >= 5


def homes_of(placement: Placement) -> bool:
    return any(proof.copy.startswith("home of ") for proof in placement.proofs)


def test_conflicts_are_irreducible_and_exact() -> None:
    """The rules named forbid every offer together; without any one of them some offer keeps the rest."""
    sizes: Counter[int] = Counter()
    for seed in range(7200, 7280):
        catalog, wanted = world(seed)
        judged = verdicts(Oracle(catalog, wanted))
        for one in advise(catalog, wanted, SHA).placements:
            offers = [verdict.broken for verdict in judged[one.workload].values()]
            feasible = any(not broken for broken in offers)
            named = {entry.rule for entry in one.conflict}
            assert bool(named) == (one.status == "unplaced" and not feasible and bool(offers))
            if named:
                assert all(broken & named for broken in offers)
                for rule in named:
                    assert any(not broken & (named - {rule}) for broken in offers), (one.workload, rule)
                assert all(entry.words for entry in one.conflict)
                sizes[len(named)] += 1
    assert sizes[1] and sizes[2] and sizes[3]


def test_copies_may_be_where_the_oracle_says() -> None:
    """What replicas, backups and standby sites are asked: all rules on data, and certificates."""
    for seed in range(7300, 7330):
        catalog, wanted = world(seed)
        oracle, problem = Oracle(catalog, wanted), build_problem(catalog, wanted)
        w_all = np.arange(len(problem.ids))
        allowed_ws = problem.legal.of(w_all) & (problem.certification.of(w_all) == 0)
        for w, one in enumerate(wanted.workloads):
            for s, there in enumerate(problem.supply.sites):
                assert allowed_ws[w, s] == (not any(oracle.rules.broken_at(one, oracle.sites[there.id]).values()))
        for name, dataset in wanted.datasets.items():
            for s, there in enumerate(problem.supply.sites):
                rules = [
                    one for one in catalog.rules if oracle.rules.speaks(one, dataset.classes, dataset.jurisdictions)
                ]
                kept = all(oracle.rules.answer(rule, oracle.sites[there.id])[0] != "broken" for rule in rules)
                home = not dataset.residency or there.country in oracle.rules.meant(dataset.residency)
                assert problem.legal.dataset(name)[s] == (kept and home)


def test_classes_imply_others_and_laws_those_of_the_country() -> None:
    """Health data are personal data; Quebec is in Canada; a group is all of its members."""
    assert closure(SHIPPED_CATALOG, ["medicaid"]) == {"medicaid", "health", "personal"}
    assert laws(SHIPPED_CATALOG, ["CA-QC"]) == {"CA-QC", "CA"}
    found = [rule.id for rule in rules_for(SHIPPED_CATALOG, ["health"], ["FR"])]
    assert found == ["eu-ai-act", "eu-gdpr", "fr-hds"]
    assert "fr-hds" in [rule.id for rule in rules_for(SHIPPED_CATALOG, ["health"], ["EU"])]
    assert "fr-hds" not in [rule.id for rule in rules_for(SHIPPED_CATALOG, ["health"], ["DE"])]
    assert rules_for(SHIPPED_CATALOG, [], ["FR"]) == []


def test_no_rule_is_not_a_permission() -> None:
    """Where the catalog knows of no rule, it says so, class by class and law by law."""
    assert uncovered(SHIPPED_CATALOG, ["personal"], ["CH", "DE"]) == [("personal", "CH")]
    assert uncovered(SHIPPED_CATALOG, ["payment"], ["IN", "US"]) == [("payment", "US")]
    assert uncovered(SHIPPED_CATALOG, ["insurance"], ["FR"]) == [("insurance", "FR")], "the AI Act asks for nothing"


def test_an_own_site_is_never_foreign_and_holds_what_it_says() -> None:
    """Nationality is asked of providers only; a certificate that an own site does not state is not held."""
    own = {"hall": {"tier": "on_prem", "location": "berlin", "power_kw": 100, "may_buy": False,
                    "hardware": [{"node": "n8", "nodes": 1}]}}  # fmt: skip
    draft = Draft(sites=[site("lam/1")])
    draft.nodes.append(FORBIDDEN["capacity"]()[0].nodes["n8"])
    for asked, where in (({"operators": {"allowed": ["FR"]}}, ["own/hall"]), ({"certifications": ["SOC 2"]}, [])):
        wanted = inventory([workload(**asked)], sites=own, policies={"certification_evidence": "unknown"})
        assert [one.site for one in placed(draft.catalog(), wanted)] == where


def test_datasets_rules_are_rules_of_who_reads_them() -> None:
    """A changed rule of a dataset changes the fingerprint of its readers' rules, not of their demand."""
    plain = {"size_gb": 10, "home": "berlin"}

    def prints(**rules: object) -> tuple[str, str]:
        wanted = inventory([workload(data_in=[{"from": "d"}])], datasets={"d": plain | rules})
        made = Fingerprints(wanted)
        return made.demand(wanted.workloads[0]), made.rules(wanted.workloads[0])

    free, bound = prints(), prints(classes=["personal"], jurisdictions=["DE"])
    assert free[0] == bound[0]
    assert free[1] != bound[1] != prints(residency=["EU"])[1]


def test_rules_of_the_worlds_take_every_form() -> None:
    """Hard, soft and none; with conditions, certificates and kinds of region; for parts of a country."""
    assert {rule.effect for rule in RULES} == {"hard", "soft", "none"}
    assert any(rule.certifications for rule in RULES) and any(rule.access for rule in RULES)
    assert {kind for rule in RULES for kind in rule.classes} == {*CLASSES, "*"}
