"""Names that stand for several: `*` is any characters, `?` any one; all others are themselves."""

import fnmatch
import re
from collections.abc import Callable
from functools import lru_cache


def is_pattern(name: str) -> bool:
    """Whether the text may stand for several names."""
    return "*" in name or "?" in name


@lru_cache(maxsize=4096)
def matcher(name: str) -> Callable[[str], bool]:
    """Whether a name is *name* or what it matches as a pattern; brackets are plain characters, as ids may hold them."""
    if not is_pattern(name):
        return lambda other: other == name
    pattern = re.compile(fnmatch.translate(name.replace("[", "[[]")))
    return lambda other: pattern.match(other) is not None
