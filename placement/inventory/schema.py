"""The JSON Schema of the inventory, for editors that complete and check YAML."""

from __future__ import annotations

import json

from placement.inventory.inventory import Inventory

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS = {"inventory": Inventory}
"""What a schema can describe."""


def schema_text(of: str) -> str:
    """JSON Schema of a file people write: the same text for the same version."""
    model = MODELS[of]
    body = model.model_json_schema(by_alias=True, mode="validation")
    head = {"$schema": DIALECT, "$id": f"urn:placement:schema:{of}:1", "title": f"placement {of}"}
    rest = {key: part for key, part in body.items() if key not in head}
    text = json.dumps({**head, **rest}, ensure_ascii=False, indent=2)
    return f"{text}\n"
