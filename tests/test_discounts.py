"""Negotiated prices: which entry holds for an offer, what it then costs, and what lines say of it."""

from datetime import date
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from placement.catalog.cells import OFFER_CELLS
from placement.catalog.contracts import Prices, contract_for, contracted, state_of
from placement.catalog.load import load_catalog
from placement.catalog.model import DiscountEntry
from placement.catalog.tables import Catalog
from placement.dates import earliest_day, latest_day, months_between
from placement.words import PURCHASES

CASES = Path(__file__).parent / "cases"
STATED = {"provider": "nimbus", "as_of": "2026-09", "source_id": "t1"}
OFFERS = ",".join(name for name in OFFER_CELLS if name != "term_months")


def entry(**values) -> DiscountEntry:
    return DiscountEntry.model_validate(STATED | values)


def random_entry(random: Random) -> DiscountEntry:
    values = {"discount_fraction": random.choice((0, 0.1, 0.333333, 0.999999))}
    if random.random() < 0.3:
        values = {"usd_per_hour": random.choice((0, 1.25, 99.999999))}
    if random.random() < 0.6:
        values["sites"] = random.choice((["a1"], ["a*"], ["b2", "a1"], ["*1"], ["*", "a1"]))
    if random.random() < 0.6:
        values["skus"] = random.choice((["p.4"], ["p*"], ["q[1]", "p.4"], ["*4"]))
    if random.random() < 0.4:
        values["purchases"] = random.choice((["on_demand"], ["spot", "reserved_1y"]))
    return entry(**values)


@pytest.mark.parametrize("seed", range(60))
def test_the_entry_that_names_most_wins_and_then_the_last(seed: int) -> None:
    """Against every entry tried one by one, with the standard library's own patterns."""
    random = Random(seed)
    entries = list(enumerate(random_entry(random) for _ in range(random.randint(0, 5))))
    for site in ("a1", "a2", "b2"):
        for sku in ("p.4", "px4", "q[1]"):
            for purchase in ("on_demand", "spot", "reserved_1y"):
                for payment in ("", "all_upfront"):
                    row = {"sku": sku, "purchase": purchase, "payment": payment}
                    best, rank = -1, -1
                    for number, one in entries:
                        told = (one.sites, site), (one.skus, sku)
                        fits = all(
                            any(fnmatchcase(name, like.replace("[", "[[]")) for like in likes) for likes, name in told
                        )
                        fits &= one.purchases is None or purchase in one.purchases
                        fits &= one.usd_per_hour is None or not payment
                        named = sum("*" not in likes for likes, _ in told) + (one.purchases is not None)
                        if fits and named >= rank:
                            best, rank = number, named
                    assert contract_for(entries, site, row) == best, (entries, site, row)


@pytest.mark.parametrize("listed", [0, 1, 999_999, 1_000_001, 98_320_001])
@pytest.mark.parametrize("fraction", [0, 0.1, 0.333333, 0.5, 0.999999])
def test_a_share_is_taken_off_hours_and_what_is_paid_ahead(listed: int, fraction: float) -> None:
    """Half up, to the micro-dollar; an unknown price stays unknown."""
    kept = 1 - Fraction(str(fraction))
    wanted = [int(price * kept + Fraction(1, 2)) for price in (listed, 7 * listed)]
    assert list(contracted(entry(discount_fraction=fraction), Prices(listed, 7 * listed))) == wanted
    assert contracted(entry(discount_fraction=fraction), Prices(-1, 0)) == (-1, 0)


def test_an_own_price_needs_no_list_price() -> None:
    assert contracted(entry(usd_per_hour=1.25, skus=["a"]), Prices(-1, 0)) == (1_250_000, 0)
    assert contracted(entry(usd_per_hour=0, skus=["a"]), Prices(5, 0)) == (0, 0)


def test_when_it_holds() -> None:
    """A month is all of its days; an agreement holds on its first and on its last."""
    one = entry(discount_fraction=0.1, valid_from="2026-03", valid_until="2026-11")
    states = {day: state_of(one, date.fromisoformat(day)) for day in
              ("2026-02-28", "2026-03-01", "2026-11-30", "2026-12-01")}  # fmt: skip
    assert list(states.values()) == ["future", "", "", "expired"]
    assert state_of(entry(discount_fraction=0.1), date(2026, 1, 1)) == ""
    assert state_of(one, None) == ""


def test_months_until_an_end() -> None:
    """Counted from the month after the first day's: only months all of whose days are there."""
    today = latest_day("2026-11")
    assert today is not None
    ends = ("2026-11", "2026-12", "2026-12-30", "2027-05", "2028-02-29", "2028-02-28", "2026-10")
    assert [months_between(today, latest_day(end) or today) for end in ends] == [0, 1, 0, 6, 15, 14, -1]
    assert [earliest_day(text) for text in ("2026", "2026-05", "2026-05-07", "undated", "2026-13")] == [
        date(2026, 1, 1), date(2026, 5, 1), date(2026, 5, 7), None, None,
    ]  # fmt: skip


def layered(folder: Path, discounts: str, offers: list[str]) -> Catalog:
    (folder / "hyperscaler").mkdir()
    (folder / "discounts.yaml").write_text(f"discounts:\n{discounts}", encoding="utf-8")
    text = "\n".join([OFFERS, *offers, ""])
    (folder / "hyperscaler" / "nimbus.offers.csv").write_text(text, encoding="utf-8")
    return load_catalog([CASES / "catalog", folder], None)


def test_what_the_catalog_then_says(tmp_path: Path) -> None:
    """Listed and agreed prices side by side, also of what is paid ahead and of what nobody lists."""
    catalog = layered(tmp_path, (
        '  - {provider: nimbus, sites: [berlin], discount_fraction: 0.2, as_of: "2026-09", source_id: t1}\n'
        '  - {provider: nimbus, skus: [odd], usd_per_hour: 3, as_of: "2026-08", source_id: t1}\n'
    ), [
        "berlin,odd,Big,1,1,on_demand,,secure,listed,list,2026-10,t1,,,",
        "berlin,big8,Big,8,8,reserved_3y,10,secure,listed,list,2026-10,t1,,partial_upfront,1000",
    ])  # fmt: skip
    offers, strings = catalog.offers, catalog.strings
    found = {}
    for row in range(len(offers.site_o)):
        sku, site = strings[int(offers.sku_o[row])], catalog.sites[int(offers.site_o[row])].name
        if site == "Berlin" and sku in ("odd", "big8"):
            key = sku, PURCHASES[int(offers.purchase_o[row])], int(offers.payment_o[row])
            named = (offers.price_micro_o, offers.list_micro_o, offers.upfront_micro_o, offers.list_upfront_micro_o)
            found[key] = tuple(int(column[row]) for column in named)
    assert found == {
        ("big8", "on_demand", 0): (32_000_000, 40_000_000, 0, 0),
        ("big8", "spot", 0): (12_800_000, 16_000_000, 0, 0),
        ("big8", "reserved_1y", 0): (22_400_000, 28_000_000, 0, 0),
        ("big8", "reserved_3y", 0): (16_000_000, 20_000_000, 0, 0),
        ("big8", "reserved_3y", 1): (8_000_000, 10_000_000, 800_000_000, 1_000_000_000),
        ("odd", "on_demand", 0): (3_000_000, -1, 0, 0),
    }
