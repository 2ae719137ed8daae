"""What is wrong with values that are right each for itself."""

from typing import LiteralString, NamedTuple


class Problem(NamedTuple):
    """Code and words of what is wrong."""

    code: LiteralString
    message: LiteralString
