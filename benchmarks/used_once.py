"""The product's libraries, each used once: what no command that uses them can be faster than."""

import gc
import io
import sys

gc.disable()

import typer  # noqa: E402 - the order in which the product meets them

command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@command.command()
def once(text: str = "a") -> None:
    """Read, check, compute and draw one thing."""
    import numpy as np  # noqa: PLC0415
    import yaml  # noqa: PLC0415
    from pydantic import BaseModel, ConfigDict, Field  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    class Thing(BaseModel):
        model_config = ConfigDict(extra="forbid")
        name: str = Field(min_length=1)

    thing = Thing.model_validate(yaml.load(f"name: {text}", Loader=yaml.CSafeLoader))
    table = Table(thing.name)
    table.add_row(str(np.arange(3).sum()))
    drawn = io.StringIO()
    Console(file=drawn, width=80).print(table)
    sys.stdout.write(drawn.getvalue())


command()
