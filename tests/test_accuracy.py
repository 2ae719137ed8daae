"""The published accuracy of round-trip times is what the command finds, and the catalog's lines what it fits."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import accuracy
import rtt_errors
import rtt_fit
import sizing_data

from placement.catalog.load import load_catalog
from placement.catalog.tables import Catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([accuracy.ROOT / "catalogs"], None)


@pytest.fixture(scope="module")
def found(catalog: Catalog) -> rtt_errors.Split:
    return rtt_errors.split(catalog)


def test_the_page_is_what_the_command_writes(catalog: Catalog) -> None:
    texts = accuracy.document(catalog, sizing_data.read())
    for path, text in zip((accuracy.DOCUMENT, accuracy.PICTURE, accuracy.SIZES), texts, strict=True):
        assert text == path.read_text(encoding="utf-8"), path.name


def test_lines_and_bands_are_those_fitted(catalog: Catalog) -> None:
    """`network/lines.csv` and the bands in `assumptions.yaml` are what `--fit` finds."""
    assert accuracy.lines_csv(catalog) == accuracy.LINES.read_text(encoding="utf-8")
    for step, ends in rtt_errors.bands_of(catalog).items():
        stated = [catalog.assumption(f"rtt_{step}_{end}_ratio").micro / 1_000_000 for end in ("low", "high")]
        assert stated == list(ends), step


def test_every_step_is_better_than_the_next(found: rtt_errors.Split) -> None:
    """On pairs nothing was taken from: nearer the truth than the line for all pairs, and as sure as it says."""
    median = {
        step: float(np.median(np.abs(errors.estimated / errors.measured - 1))) for step, errors in found.steps.items()
    }
    assert median["far"] < median["continent"] < median["pooled"]
    assert median["near"] < median["pooled"] and median["product"] < median["pooled"] / 2
    for step, errors in found.steps.items():
        assert 0.7 <= errors.inside.mean() <= 0.9, step
    assert len(found.known.ms_m) > 900


def test_what_is_left_out_follows_from_names_alone(catalog: Catalog) -> None:
    """The same fold either way round; about a fifth in each; no left-out pair is known to the estimate."""
    assert rtt_errors.fold_of("aws/us-east-1", "gcp/us-east4") == rtt_errors.fold_of("gcp/us-east4", "aws/us-east-1")
    fold_m = rtt_errors.folds(catalog.network, catalog.network.pairs)
    shares = np.bincount(fold_m) / len(fold_m)
    assert len(shares) == rtt_fit.FOLDS and (np.abs(shares - 0.2) < 0.03).all()


def test_a_line_is_the_least_sum_of_relative_errors() -> None:
    """Exact on exact data; one wild pair of seven does not bend it."""
    km = np.array([100.0, 300.0, 700.0, 1500.0, 2500.0, 4000.0, 6000.0])
    ms = 4.0 + 0.018 * km
    intercepts = np.arange(0, 20.05, 0.05)
    assert rtt_fit.best_line(km, ms, intercepts, 0.01) == (4.0, 0.018)
    ms[3] *= 3
    assert rtt_fit.best_line(km, ms, intercepts, 0.01) == (4.0, 0.018)


def test_the_picture_is_small_and_has_every_pair(found: rtt_errors.Split) -> None:
    text = accuracy.PICTURE.read_text(encoding="utf-8")
    assert len(text) < 40_000
    assert len(re.findall(r"M[0-9. ]+h0", text)) == len(found.known.ms_m) + 3
