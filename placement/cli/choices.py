"""What options may be set to, where there is a choice."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Format(StrEnum):
    """Ways to write a plan."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"


class Engine(StrEnum):
    """Where plans are computed."""

    LOCAL = "local"
    DASK = "dask"


class CheckFormat(StrEnum):
    """Ways to write what came of checks."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"


class SchemaOf(StrEnum):
    """What a schema can describe."""

    INVENTORY = "inventory"
    WORKLOAD = "workload"


class DiffFormat(StrEnum):
    """Ways to write a comparison."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"


class ExportFormat(StrEnum):
    """Ways to hand a plan to finance, or to whoever signs for its rules."""

    CSV = "csv"
    FOCUS = "focus"
    XLSX = "xlsx"
    PROOFS = "proofs"


class By(StrEnum):
    """What a row of a CSV export stands for."""

    LINE = "line"
    WORKLOAD = "workload"
    MONTH = "month"


class FocusVersion(StrEnum):
    """Versions of FOCUS whose columns can be written."""

    V1_2 = "1.2"
    V1_4 = "1.4"


class CashFormat(StrEnum):
    """Ways to write a cash-flow statement."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class RoadmapFormat(StrEnum):
    """Ways to write a roadmap."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    CSV = "csv"


class RoadmapBy(StrEnum):
    """What a row of a roadmap as CSV stands for."""

    WORKLOAD = "workload"
    MONTH = "month"


class CatalogOf(StrEnum):
    """What of a catalog can be listed."""

    ACCELERATORS = "accelerators"
    MODELS = "models"


class CatalogFormat(StrEnum):
    """Ways to write a listing, or sizes."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ClaimsFormat(StrEnum):
    """Ways to write what becomes of claims."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    CSV = "csv"


_ENDINGS = {".json": Format.JSON, ".jsonl": Format.JSONL, ".csv": Format.CSV, ".md": Format.MARKDOWN}
_ROADMAPS = {".json": RoadmapFormat.JSON, ".csv": RoadmapFormat.CSV, ".md": RoadmapFormat.MARKDOWN}


def format_of(output: Path | None) -> Format:
    """The form that a file's name asks for: `plan.json` is a plan file."""
    return _ENDINGS.get(output.suffix.lower(), Format.TABLE) if output else Format.TABLE


def roadmap_format_of(output: Path | None) -> RoadmapFormat:
    """The form that a file's name asks for."""
    return _ROADMAPS.get(output.suffix.lower(), RoadmapFormat.TABLE) if output else RoadmapFormat.TABLE
