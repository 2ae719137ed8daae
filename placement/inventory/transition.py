"""How the organisation moves workloads from where they run today to where the plan puts them."""

from typing import Annotated

from pydantic import Field

from placement.inventory.base import Model


class Transition(Model):
    """What `placement roadmap` keeps to; no plan depends on it."""

    dual_running_months: Annotated[
        int | None,
        Field(
            ge=0,
            le=24,
            description="Months in which old and new place are both paid; the catalog's figure if left out.",
            examples=[2],
        ),
    ] = None
    max_workloads_per_wave: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="How many workloads may be moving at the same time; no limit if left out. With one, those that "
            "are regulated or have an SLO get waves of their own.",
            examples=[4],
        ),
    ] = None
    months_between_waves: Annotated[
        int,
        Field(
            ge=1,
            le=24,
            description="Waves begin in the first month, and then every so many months.",
            examples=[3],
        ),
    ] = 1
