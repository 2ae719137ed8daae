"""What is wrong with a workload's flows, and with the place it would leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from placement.documents import Finding, KeyPath
from placement.inventory.data import USERS, Dataset, Inflow, Outflow
from placement.inventory.known import known
from placement.inventory.workload import Workload


class Ends(NamedTuple):
    """What flows may name."""

    places: Collection[str]
    sources: Collection[str]
    """Places and datasets."""
    regions: Collection[str]
    """The catalog's sites: places with zones."""
    datasets: dict[str, Dataset]


def flow_findings(workload: Workload, ends: Ends, path: KeyPath) -> Iterator[Finding]:
    """What is wrong with the flows of the workload at *path*."""
    copied: set[str] = set()
    for index, inflow in enumerate(workload.data_in):
        where: KeyPath = (*path, "data_in", index)
        yield from _copies(workload, inflow, copied, where)
        yield from _each(workload, inflow, where)
        yield from known("unknown-place", inflow.source, ends.sources, (*where, "from"))
        dataset = ends.datasets.get(inflow.source)
        yield from _volume(inflow, (*where, "from"), inflow.source, dataset is None and inflow.source in ends.sources)
        if inflow.copied and dataset is None and inflow.source in ends.places:
            message = f"only a dataset can be copied, and `{inflow.source}` is none"
            yield Finding("copy-of-place", message, (*where, "copy"), "add it to `datasets` with its `size_gb`")
        yield from _zones(inflow, dataset.home if dataset else inflow.source, ends, where)
    for index, outflow in enumerate(workload.data_out):
        where = (*path, "data_out", index)
        if outflow.target != USERS:
            yield from known("unknown-place", outflow.target, ends.places, (*where, "to"))
        elif not workload.users:
            yield Finding("users-needed", f"`to: {USERS}` needs `users`", (*where, "to"), "say where the users are")
        yield from _each(workload, outflow, where)
        yield from _volume(outflow, (*where, "to"), "", True)
        yield from _zones(outflow, outflow.target, ends, where)


def _copies(workload: Workload, inflow: Inflow, copied: set[str], where: KeyPath) -> Iterator[Finding]:
    """A dataset is copied once, to one place; *copied* are those that are already."""
    if not inflow.copied:
        return
    if workload.per_location:
        message = "`copy: true` keeps one copy beside the accelerators, and these may be at many places"
        hint = "say what each place gets: `what: updates`, `gb_per_month` and `each: true`"
        yield Finding("copy-places", message, (*where, "copy"), hint)
    if inflow.source in copied:
        yield Finding("copy-twice", f"`{inflow.source}` is copied already", (*where, "copy"), "leave this flow out")
    copied.add(inflow.source)


def _each(workload: Workload, flow: Inflow | Outflow, where: KeyPath) -> Iterator[Finding]:
    """Only what lives at every place has a volume of each."""
    if flow.each and not workload.per_location:
        message = "`each` is about workloads with `per_location: true`"
        yield Finding("each-unused", message, (*where, "each"), "set it, or state the volume of all places together")


def _volume(flow: Inflow | Outflow, path: KeyPath, place: str, needed: bool) -> Iterator[Finding]:
    """Two volumes are one too many; none is enough for a dataset alone."""
    if 0 in (flow.gb_per_month, flow.gb_per_day) and not getattr(flow, "copied", False):
        key = "gb_per_month" if flow.gb_per_month == 0 else "gb_per_day"
        yield Finding("flow-empty", "a flow of 0 GB moves nothing", (*path[:-1], key), "leave the flow out")
    if flow.gb_per_month is not None and flow.gb_per_day is not None:
        message = "`gb_per_month` and `gb_per_day` say the same thing twice"
        yield Finding("flow-volume", message, (*path[:-1], "gb_per_day"), "keep one of them")
    elif needed and flow.gb_per_month is None and flow.gb_per_day is None:
        of = f": `{place}` is not a dataset" if place else ""
        yield Finding("volume-needed", f"`gb_per_month` is needed{of}", path)


def _zones(flow: Inflow | Outflow, end: str, ends: Ends, path: KeyPath) -> Iterator[Finding]:
    """Only a provider's region has zones."""
    if flow.between_zones and end not in ends.regions and (end in ends.places or end == USERS):
        message = f"`{end}` has no zones: only a provider's region has"
        yield Finding("flow-zones", message, (*path, "between_zones"), "leave it out")


def exit_findings(workload: Workload, places: Collection[str], path: KeyPath) -> Iterator[Finding]:
    """Data that moves along must be somewhere."""
    current = workload.current
    if current is None or not current.data_gb:
        return
    where: KeyPath = (*path, "current")
    if current.site is None:
        hint = "say where it is: a location, an own site or a catalog site"
        yield Finding("exit-nowhere", "`data_gb` needs `site`", (*where, "data_gb"), hint)
    else:
        yield from known("unknown-place", current.site, places, (*where, "site"))
