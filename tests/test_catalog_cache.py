"""The kept columns may be lost, damaged, refused or written by many at once: the catalog is the same."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from placement.catalog import cache
from placement.catalog.load import content_digest, load_catalog
from placement.catalog.tables import Catalog

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests/cases/catalog"


def alike(one: Catalog, other: Catalog) -> bool:
    """Whether two catalogs say the same."""
    tables = ((one.offers, other.offers), (one.network.pairs, other.network.pairs))
    columns = all(np.array_equal(*pair) for table in tables for pair in zip(*table, strict=True))
    plain = [each._replace(offers=None, network=each.network._replace(pairs=None)) for each in (one, other)]
    return columns and plain[0] == plain[1]


@pytest.fixture(scope="module")
def expected() -> Catalog:
    """The catalog as its files say."""
    return load_catalog([SMALL], None)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The one file of a folder of kept columns."""
    load_catalog([SMALL], tmp_path / "cache")
    (found,) = (tmp_path / "cache").iterdir()
    return found


def is_read(path: Path) -> bool:
    """Whether what is kept in a file is used."""
    return cache.load(path.parent, path.stem) is not None


def test_kept_columns_are_used(kept: Path, expected: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reading reads no catalog file but to see that none has changed."""
    before = kept.read_bytes()

    def unread(_: list[Path]) -> None:
        raise AssertionError("the files are read again")

    monkeypatch.setattr("placement.catalog.read.read_layers", unread)
    assert alike(load_catalog([SMALL], kept.parent), expected)
    assert kept.read_bytes() == before


def test_other_content_is_another_entry(kept: Path, tmp_path: Path) -> None:
    """A file that changes in place, size and time of change untouched, is noticed; one that only moves is the same."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(SMALL, copy)
    load_catalog([copy], kept.parent)
    assert list(kept.parent.iterdir()) == [kept]
    target = copy / "sources.csv"
    stat, text = target.stat(), target.read_text(encoding="utf-8")
    target.write_text(text.replace("made up", "made UP", 1), encoding="utf-8")
    os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (target.stat().st_size, target.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert "made UP for the tests" in {source for source, _ in load_catalog([copy], kept.parent).sources.values()}
    assert len(list(kept.parent.iterdir())) == 2


def sealed(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "short": lambda data: data[:20],
    "half": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b"\0",
    "one-bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "one-price": lambda data: data[:-100] + bytes([data[-100] ^ 1]) + data[-99:],
    "text": lambda data: b"rubbish\n" * 1000,
    "zeros": lambda data: bytes(len(data)),
    "other-format": lambda data: sealed(data[:-32].replace(b"columns-4", b"columns-0", 1)),
    "only-the-head": lambda data: sealed(data[: len(cache._MAGIC)]),
    "no-payload": lambda data: sealed(data[: len(cache._MAGIC)] + bytes(cache._HEAD - len(cache._MAGIC))),
    "endless": lambda data: sealed(
        data[: len(cache._MAGIC)] + b"\xff" * (cache._HEAD - len(cache._MAGIC)) + data[cache._HEAD : -32]
    ),
    "no-json": lambda data: sealed(data[:-32].replace(b"{", b"(", 1)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_columns_are_made_again(kept: Path, expected: Catalog, damage: Callable[[bytes], bytes]) -> None:
    good = kept.read_bytes()
    kept.write_bytes(damage(good))
    assert not is_read(kept)
    assert alike(load_catalog([SMALL], kept.parent), expected)
    assert kept.read_bytes() == good


def test_a_folder_in_the_way(kept: Path, expected: Catalog) -> None:
    """Neither read nor written, and nothing is left behind."""
    kept.unlink()
    kept.mkdir()
    assert alike(load_catalog([SMALL], kept.parent), expected)
    assert list(kept.parent.iterdir()) == [kept]


def test_a_folder_of_rubbish(tmp_path: Path, expected: Catalog) -> None:
    for number in range(20):
        (tmp_path / f"{number}.bin").write_bytes(b"\x80" * number)
    (tmp_path / "notes.txt").write_text("mine")
    assert alike(load_catalog([SMALL], tmp_path), expected)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert len(list(tmp_path.glob("*.bin"))) == cache._KEPT


def test_it_is_safe_to_delete(kept: Path, expected: Catalog) -> None:
    shutil.rmtree(kept.parent)
    assert alike(load_catalog([SMALL], kept.parent), expected)
    assert kept.exists()


def test_a_file_for_a_folder(tmp_path: Path, expected: Catalog) -> None:
    """Nothing can be kept below a file."""
    (tmp_path / "cache").write_text("a file")
    for folder in (tmp_path / "cache", tmp_path / "cache/below"):
        assert alike(load_catalog([SMALL], folder), expected)
    assert (tmp_path / "cache").read_text() == "a file"


@pytest.mark.parametrize("refused", ["mkstemp", "fdopen", "replace"])
def test_nothing_can_be_written(
    tmp_path: Path, expected: Catalog, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """A read-only folder, a full disk, a file that may not be replaced: the catalog is read, and nothing is left."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "refused")

    owner = {"mkstemp": tempfile, "fdopen": os, "replace": Path}[refused]
    monkeypatch.setattr(owner, refused, refuse)
    assert alike(load_catalog([SMALL], tmp_path), expected)
    assert list(tmp_path.iterdir()) == []


def test_interrupted_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between writing and renaming."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_catalog([SMALL], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_in_time(tmp_path: Path) -> None:
    """Half-written files go once they are too old to be anybody's; those of another process stay."""
    old, new = tmp_path / "old.tmp", tmp_path / "new.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    load_catalog([SMALL], tmp_path)
    assert not old.exists()
    assert new.exists()


RACE = """
import sys, time
from pathlib import Path
from placement.catalog.load import load_catalog
go, folder, catalog = map(Path, sys.argv[1:])
while not go.exists():
    time.sleep(0.001)
for _ in range(20):
    for path in folder.glob("*.bin"):
        path.unlink(missing_ok=True)
    found = load_catalog([catalog], folder)
    print(found.digest, len(found.sites), int(found.offers.price_micro_o.sum()), len(found.strings))
"""


def test_many_write_at_once(tmp_path: Path, expected: Catalog) -> None:
    """Processes that delete and write the same file all the time all read the right catalog."""
    folder, go = tmp_path / "cache", tmp_path / "go"
    command = [sys.executable, "-c", RACE, str(go), str(folder), str(SMALL)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    several = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    go.touch()
    told = [process.communicate(timeout=120) for process in several]
    price = int(expected.offers.price_micro_o.sum())
    line = f"{expected.digest} {len(expected.sites)} {price} {len(expected.strings)}\n"
    assert told == [(line * 20, "")] * 3
    assert [path.suffix for path in folder.iterdir()] == [".bin"]
    assert is_read(next(folder.iterdir()))


def test_the_payload_is_plain(kept: Path) -> None:
    """What is kept is text and whole numbers: reading it can run nothing."""
    body = kept.read_bytes()[cache._HEAD :]
    payload, _ = json.JSONDecoder().raw_decode(body.decode("utf-8", "replace"))
    assert payload["name"]
    assert kept.stem == cache.key_of(content_digest([SMALL]))
