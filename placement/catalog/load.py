"""Folders → `Catalog`, through a derived column cache keyed by the content of every file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from placement import __version__
from placement.catalog import cache
from placement.catalog.tables import Catalog
from placement.diagnostics import Diagnostic, InputError, Where

TIER_FOLDERS = ("hyperscaler", "gpu_cloud", "colo", "edge")


def load_catalog(folders: list[Path], cache_folder: Path | None) -> Catalog:
    """Read the catalog's layers; raises `InputError`.

    *cache_folder* may be None, missing, read-only or full of rubbish: then the files are simply read again.
    """
    digest = content_digest(folders)
    key = hashlib.sha256(f"{cache.FORMAT}\0{__version__}\0{digest}".encode()).hexdigest()
    stored = cache.load(cache_folder, key)
    if stored is None:
        from placement.catalog.assemble import assemble  # noqa: PLC0415 - pydantic models, only when files are read
        from placement.catalog.read import read_layers  # noqa: PLC0415

        stored = assemble(read_layers(folders))
        cache.store(cache_folder, key, *stored)
    payload, columns = stored
    return Catalog.from_payload(payload, columns, digest)


def content_digest(folders: list[Path]) -> str:
    """SHA-256 over the names and bytes of every catalog file, independent of where the folders are."""
    total = hashlib.sha256()
    for path, name in catalog_files(folders):
        data = path.read_bytes()
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def catalog_files(folders: list[Path]) -> list[tuple[Path, str]]:
    """Every file a catalog is made of, with the name that identifies it, in reading order."""
    found: list[tuple[Path, str]] = []
    for number, folder in enumerate(folders):
        if not folder.is_dir():
            reason = "there is no such folder" if not folder.exists() else "this is not a folder"
            raise InputError([Diagnostic("catalog-missing", f"cannot read the catalog: {reason}", Where(str(folder)))])
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.csv"),
                            *(path for tier in TIER_FOLDERS for path in (folder / tier).glob("*.*")
                              if path.suffix in {".yaml", ".csv"})]):  # fmt: skip
            found.append((path, f"{number}/{path.relative_to(folder).as_posix()}"))
    return found
