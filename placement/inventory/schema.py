"""The JSON Schema of the inventory, for editors that complete and check YAML."""

from __future__ import annotations

import json
from typing import Any

from placement.inventory.base import Model
from placement.inventory.inventory import FleetFile, Inventory
from placement.inventory.workload import Workload

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: dict[str, type[Model]] = {"inventory": Inventory, "workload": Workload}
"""What a schema can describe: an inventory, and a row of a fleet file."""


def schema_text(of: str) -> str:
    """JSON Schema of a file people write: the same text for the same version."""
    model = MODELS[of]
    body = model.model_json_schema(by_alias=True, mode="validation")
    if model is Inventory:
        _or_file(body)
    head = {"$schema": DIALECT, "$id": f"urn:placement:schema:{of}:1", "title": f"placement {of}"}
    rest = {key: part for key, part in body.items() if key not in head}
    text = json.dumps({**head, **rest}, ensure_ascii=False, indent=2)
    return f"{text}\n"


def _or_file(body: dict[str, Any]) -> None:
    """Let the workloads be a list, or stand in a fleet file."""
    listed = body["properties"]["workloads"]
    about = {key: listed.pop(key) for key in ("description", "examples")}
    filed = FleetFile.model_json_schema(by_alias=True, mode="validation")
    body["$defs"]["FleetFile"] = filed
    body["properties"]["workloads"] = {"anyOf": [listed, {"$ref": "#/$defs/FleetFile"}], **about}
