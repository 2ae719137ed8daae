"""What a compliance officer sees: rule by site, proofs, what is to be signed, and what excludes what."""

import csv
import io
import json
from pathlib import Path

import pytest
from test_cases import CASES, plan_of
from typer.testing import CliRunner

from placement.cli.app import app
from placement.report import render
from placement.report.rules import MARKS

INVENTORY = str(CASES / "sovereign/inventory.yaml")
SMALL = ["--no-shipped-catalog", "--catalog", str(CASES / "catalog")]


def said(*arguments: str, width: int = 80) -> str:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": str(width), "PLACEMENT_NO_CACHE": "1"})
    assert result.exit_code == 0, result.output
    return result.stdout


def section(text: str, heading: str) -> list[str]:
    """The lines below a heading, up to the next blank line."""
    lines = text.splitlines()
    start = lines.index(heading) + 1
    return lines[start : lines.index("", start)]


@pytest.mark.parametrize("width", [80, 160])
def test_every_rule_at_the_best_site_of_each_tier(width: int) -> None:
    """hospital-fr: the law asks for SOC 2, which Forge only claims; the bank is in India. Words beside the marks."""
    text = said("explain", INVENTORY, "hospital-fr", *SMALL, width=width)
    assert max(map(len, text.splitlines())) <= width
    rows = {line.split()[0]: line for line in section(text, "Rules by site") if line and line[0] != "─"}
    assert rows["rule"].split() == ["rule", "hyperscaler", "gpu_cloud", "colo", "on_prem"]
    law = [part for part in rows["fr-health"].split("  ") if part.strip()]
    assert [part.strip() for part in law] == ["fr-health", "✓ kept", "✗ broken", "✓ kept", "✗ broken"]
    soft = [part.strip() for part in rows["eu-people"].split("  ") if part.strip()]
    assert soft == ["eu-people", "✓ kept", "✓ kept", "✓ kept", "✎ if signed"]


def test_proofs_of_one_workload_name_their_authority() -> None:
    text = said("explain", INVENTORY, "hospital-us", *SMALL, width=160)
    proofs = "\n".join(section(text, "Proofs"))
    assert "compute at nimbus/virginia (US)" in proofs
    assert "✎ if signed: an agreement with the provider" in proofs
    assert "Act on Health (US), t1 2026, high confidence" in proofs
    assert "t1: made up for the tests" in text


def test_what_excludes_what_is_explained() -> None:
    text = said("explain", INVENTORY, "stuck", *SMALL)
    listed = section(text, "These exclude each other; without any one of them there is an offer for the rest")
    assert listed == ["- offline: `offline` at users in IN", "- residency: `residency` [EU]"]


def test_proofs_are_exported_as_they_stand_in_the_plan(tmp_path: Path) -> None:
    """One row per copy and rule, with the source in full."""
    file = tmp_path / "plan.json"
    plan = plan_of("sovereign")
    file.write_text("".join(render(plan, "json", (80, False))), encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(said("export", str(file), "--format", "proofs"))))
    expected = [(one.workload, proof) for one in sorted(plan.placements) for proof in one.proofs]
    assert len(rows) == len(expected)
    for row, (name, proof) in zip(rows, expected, strict=True):
        assert row["workload"] == name
        assert {key: row[key].removeprefix("'") for key in proof._fields} == proof._asdict()
        assert row["source"] == {"t1": "made up for the tests"}.get(proof.source_id, "")


def test_json_has_proofs_only_where_there_are_rules() -> None:
    document = json.loads("".join(render(plan_of("committed"), "json", (80, False))))
    assert all("proofs" not in entry and "to_sign" not in entry for entry in document["placements"])


def test_every_verdict_has_words() -> None:
    """No verdict is told by a mark alone."""
    assert set(MARKS) == {"kept", "kept if signed", "not applicable", "unknown", "broken"}
    assert all(len(words.split()) > 1 for words in MARKS.values())
