"""Folders → `Catalog`, through a derived column cache keyed by the content of every file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from placement.catalog import cache
from placement.catalog.tables import NETWORK_FOLDER, TIER_FOLDERS, Catalog
from placement.diagnostics import Diagnostic, InputError, Where
from placement.documents import read_bytes


def load_catalog(folders: list[Path], cache_folder: Path | None) -> Catalog:
    """Read the catalog's layers; raises `InputError`.

    *cache_folder* may be None, missing, read-only or full of rubbish: then the files are simply read again.
    """
    digest = content_digest(folders)
    key = cache.key_of(digest)
    stored = cache.load(cache_folder, key)
    if stored is None:
        from placement.catalog.assemble import assemble  # noqa: PLC0415 - pydantic models, only when files are read
        from placement.catalog.check import check_entries  # noqa: PLC0415
        from placement.catalog.read import read_layers  # noqa: PLC0415

        entries = read_layers(folders)
        check_entries(entries, Where(str(folders[-1])))
        stored = assemble(entries)
        cache.store(cache_folder, key, *stored)
    payload, columns = stored
    return Catalog.from_payload(payload, columns, digest)


def content_digest(folders: list[Path]) -> str:
    """SHA-256 over the names and bytes of every catalog file, independent of where the folders are."""
    total = hashlib.sha256()
    for path, name in catalog_files(folders):
        data = read_bytes(path)
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def catalog_files(folders: list[Path]) -> list[tuple[Path, str]]:
    """Every file a catalog is made of, with the name that identifies it, in reading order."""
    if not folders:
        hint = "give a folder with --catalog, or leave --no-shipped-catalog out"
        raise InputError([Diagnostic("catalog-missing", "there is no catalog to read", Where("catalog"), hint)])
    found: list[tuple[Path, str]] = []
    for number, folder in enumerate(folders):
        try:
            paths = _files(folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            message = f"cannot read this catalog folder: {reason}"
            raise InputError([Diagnostic("catalog-missing", message, Where(str(folder)))]) from None
        if not paths:
            message = "there are no catalog files in this folder"
            hint = "`docs/catalog.md` describes them"
            raise InputError([Diagnostic("catalog-empty", message, Where(str(folder)), hint)])
        found += [(path, f"{number}/{path.relative_to(folder).as_posix()}") for path in paths]
    return found


def _files(folder: Path) -> list[Path]:
    """The files of one layer; raises `OSError`."""
    folders = [folder / name for name in (*TIER_FOLDERS, NETWORK_FOLDER)]
    for place in (folder, *folders):
        if place == folder or place.exists():
            next(place.iterdir(), None)  # `glob` finds nothing where it may not look
    names = [*folder.glob("*.yaml"), *folder.glob("*.csv")]
    for place in folders:
        names += [path for path in place.glob("*.*") if path.suffix in {".yaml", ".csv"}]
    return sorted(names)
