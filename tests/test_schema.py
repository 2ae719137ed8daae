"""The JSON Schema agrees with the loader on everything that is a matter of form."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from placement.cli.commands import load
from placement.engine.advise import advise
from placement.inventory.schema import schema_text
from placement.inventory.starter import STARTER

ROOT = Path(__file__).resolve().parents[1]
SCHEMA: dict[str, Any] = json.loads(schema_text("inventory"))
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD: dict[str, Any] = {
    "schema_version": 1,
    "name": "x",
    "workloads": [
        {
            "id": "a",
            "kind": "inference",
            "demand": {"accelerators": {"model": "H100-SXM", "count": 8, "hours_per_month": 730}},
        }
    ],
}


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, model in {"Inventory": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, field in model.get("properties", {}).items():
            yield f"{owner}.{key}", field


def broken(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A good inventory with one value replaced or added."""
    document = deepcopy(GOOD)
    at: Any = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return document


def test_schema_is_a_schema_with_a_stable_head() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA)[:3] == ["$schema", "$id", "title"]
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:placement:schema:inventory:1"


def test_text_is_the_same_every_time() -> None:
    text = schema_text("inventory")
    assert text == schema_text("inventory") == json.dumps(SCHEMA, ensure_ascii=False, indent=2) + "\n"


def test_unknown_subject_is_refused() -> None:
    with pytest.raises(KeyError):
        schema_text("catalog")


@pytest.mark.parametrize(("name", "field"), list(fields()), ids=[name for name, _ in fields()])
def test_every_field_is_described_and_exemplified(name: str, field: dict[str, Any]) -> None:
    assert field.get("description"), name
    assert field.get("examples"), name
    subschema = Draft202012Validator({"$defs": SCHEMA["$defs"], **field})
    for example in field["examples"]:
        assert list(subschema.iter_errors(example)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_validate(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))) == []


def test_starter_validates_and_advises(tmp_path: Path) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(STARTER))) == []
    file = tmp_path / "inventory.yaml"
    file.write_text(STARTER, encoding="utf-8")
    inventory, catalog, digest, _ = load(file, [], shipped=True)
    plan = advise(catalog, inventory, digest, None)
    assert plan.summary.placed == plan.summary.workloads == 3


def test_starter_explains_every_section() -> None:
    document = yaml.safe_load(STARTER)
    about_work = {"models", "loads"}  # for workloads that say what work they do
    dated = {"commitments"}  # they end: an example of one would be refused some day
    assert set(document) == set(SCHEMA["properties"]) - {"note"} - about_work - dated
    assert max(len(line) for line in STARTER.splitlines()) <= 120


BROKEN = {
    "version": broken(("schema_version",), 2),
    "unknown key": broken(("worklods",), []),
    "no workloads": broken(("workloads",), []),
    "kind": broken(("workloads", 0, "kind"), "serving"),
    "count as text": broken(("workloads", 0, "demand", "accelerators", "count"), "8"),
    "no accelerators": broken(("workloads", 0, "demand", "accelerators", "count"), 0),
    "more than a month": broken(("workloads", 0, "demand", "accelerators", "hours_per_month"), 744),
    "negative egress": broken(("workloads", 0, "data_out"), [{"to": "hq", "gb_per_month": -1}]),
    "field name for alias": broken(("workloads", 0, "data_in"), [{"source": "hq", "gb_per_month": 1}]),
    "no form of demand": broken(("workloads", 0, "demand"), {}),
    "precision": broken(("workloads", 0, "demand"), {"batch": {"model": "m", "items_per_month": 1, "precision": "x"}}),
    "nothing to serve": broken(("workloads", 0, "demand"), {"serving": {"model": "m", "requests_per_second": 0}}),
    "a load below zero": broken(("loads",), {"office": {"hourly": [-1] * 24}}),
    "buckets of no length": broken(("loads",), {"log": {"trace": "log.csv", "bucket_minutes": 0}}),
    "half a layer": broken(("models",), {"house": {"layers": 0.5}}),
    "rtt of zero": broken(("workloads", 0, "slo"), {"rtt_ms": 0}),
    "country name": broken(("policies",), {"denied_countries": ["China"]}),
    "tier": broken(("policies",), {"allowed_tiers": ["cloud"]}),
    "site without power": broken(("sites",), {"dc": {"tier": "on_prem", "location": "hq"}}),
}


def test_the_good_one_is_good() -> None:
    assert VALIDATOR.is_valid(GOOD)
    for rate in (3, {"mean": 3, "peak": 5}, {"load": "office"}):
        assert VALIDATOR.is_valid(broken(("workloads", 0, "demand"), {"serving": {"model": "m", "concurrency": rate}}))


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN.keys())
def test_broken_inventories_do_not_validate(document: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(document)


def test_the_schema_beside_the_examples_is_the_schema() -> None:
    """Editors read it; `placement schema inventory --output examples/inventory.schema.json` writes it."""
    assert json.loads((ROOT / "examples" / "inventory.schema.json").read_text(encoding="utf-8")) == SCHEMA
