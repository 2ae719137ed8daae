"""Where air-gapped sites will do: who and what a workload needs every month is in the same place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement.catalog.tables import Site
from placement.engine.alike import alike
from placement.engine.apart import Several
from placement.engine.arrays import Bools
from placement.engine.flows import Moved
from placement.engine.profiles import Profile
from placement.engine.senders import Senders
from placement.engine.traffic import Traffic
from placement.inventory.inventory import Inventory
from placement.words import OWN


def contact_of(
    inventory: Inventory,
    sites: Sequence[Site],
    senders: Senders,
    moved: Moved,
    traffic: Traffic,
    several: Several | None,
) -> Profile:
    """Whether no workload lacks a network at a site: of its own sites the inventory says which have none.

    What moves once can be carried in.
    """
    gapped = [s for s, site in enumerate(sites) if site.provider == OWN and inventory.sites[site.name].air_gapped]
    if not gapped:
        return Profile(np.ones((1, len(sites)), dtype=np.bool_), np.zeros(len(traffic.row_w), dtype=np.int64))
    here = [[name in sites[s].at for s in gapped] for name in inventory.locations]
    here_lg = np.array([*here, [True] * len(gapped)], dtype=np.bool_)  # no location (−1) is nobody
    near_rg: Bools = np.logical_and.reduce(here_lg[traffic.location_ru], axis=1)
    cut_wg: Bools = ~near_rg[traffic.row_w]
    for flows in (moved.flows_in, moved.flows_out):
        near = [senders.near(senders.place(label))[gapped] for label in flows.labels]
        near_eg = np.array([*near, [True] * len(gapped)], dtype=np.bool_)
        cut_wg |= ~np.logical_and.reduce(near_eg[flows.endpoint_wk], axis=1)
    if several is not None:
        for group in np.flatnonzero(several.replication_milli_g).tolist():
            cut_wg[list(several.rows(group))] = True
    same = alike(len(cut_wg), [cut_wg])
    table_rs = np.ones((len(same.first_k), len(sites)), dtype=np.bool_)
    table_rs[:, gapped] = ~cut_wg[same.first_k]
    return Profile(table_rs, same.class_x)
