"""How a charge fills the columns of FOCUS that need more than one of its figures. None is null."""

from __future__ import annotations

from typing import NamedTuple

from placement.finance.charges import Charge
from placement.words import AFTER_SPOT


class Service(NamedTuple):
    """A service in the classes of FOCUS."""

    category: str
    subcategory: str
    name: str


_SERVICES = {
    "usage": Service("Compute", "Virtual Machines", "GPU Instances"),
    "block": Service("Compute", "Virtual Machines", "GPU Instances"),
    "commitment": Service("Compute", "Virtual Machines", "GPU Instances"),
    "price_change": Service("Compute", "Virtual Machines", "GPU Instances"),
    "upfront": Service("Compute", "Virtual Machines", "GPU Instances"),
    "hardware": Service("Compute", "Virtual Machines", "GPU Servers"),
    "network": Service("Networking", "Other (Networking)", "Switches and Cables"),
    "spares": Service("Compute", "Other (Compute)", "Hardware Spares"),
    "maintenance": Service("Other", "Other (Other)", "Hardware Support"),
    "staff": Service("Other", "Other (Other)", "Operations Staff"),
    "visits": Service("Other", "Other (Other)", "Field Service"),
    "facility": Service("Other", "Other (Other)", "Colocation"),
    "energy": Service("Other", "Other (Other)", "Electricity"),
    "backhaul": Service("Networking", "Network Connectivity", "Links"),
    "storage": Service("Storage", "Object Storage", "Object Storage"),
    "egress": Service("Networking", "Network Connectivity", "Data Transfer"),
    "moves": Service("Networking", "Network Connectivity", "Data Transfer"),
}
_OTHER_SERVICE = Service("Other", "Other (Other)", "Other Services")

_UNITS = {
    "node-hour": "Node-Hours",
    "node-month": "Node-Months",
    "kWh": "Kilowatt-Hours",
    "kW-month": "Kilowatt-Months",
    "GB-month": "GB-Months",
    "accelerator": "Accelerators",
    "month": "Months",
    "port-hour": "Port-Hours",
    "visit": "Visits",
    "job": "Jobs",
}
_METERED = frozenset(
    {"usage", "block", "commitment", "upfront", "price_change", "energy", "storage", "egress", "moves"}
)
_COMPUTE = frozenset({"usage", "block", "commitment", "upfront", "hardware"})
_AT_TARIFF = frozenset({"price_change", "energy", "storage", "egress", "moves"})
_RESOURCES = {
    "usage": "GPU Instance",
    "block": "GPU Instance",
    "commitment": "GPU Instance",
    "price_change": "GPU Instance",
    "upfront": "GPU Instance",
    "hardware": "Server",
    "network": "Server",
    "spares": "Server",
    "maintenance": "Server",
    "staff": "Server",
    "facility": "Site",
    "energy": "Site",
    "visits": "Site",
    "backhaul": "Site",
    "storage": "Bucket",
}


def service(row: Charge) -> Service:
    """What is sold."""
    return _SERVICES.get(row.line.term, _OTHER_SERVICE)


def unit(row: Charge) -> str:
    """The unit in the form FOCUS recommends; one it does not know with a capital letter."""
    name = row.line.unit
    return _UNITS.get(name, name[:1].upper() + name[1:])


def consumed(row: Charge) -> bool:
    """Whether something was used."""
    return row.part in ("", "Used") and row.line.term != "price_change"


def frequency(row: Charge) -> str:
    """How the charge recurs; the even share of a one-off amount recurs, too."""
    schedule = row.line.schedule
    once = schedule is not None and schedule.kind == "once"
    return "Usage-Based" if row.part != "Purchase" and not once and row.line.term in _METERED else "Recurring"


def pricing_category(row: Charge) -> str:
    """Standard, Dynamic (spot), Committed (covered by a commitment), Other (leased, owned, housed)."""
    if row.part:
        return "Standard" if row.part == "Purchase" else "Committed"
    if row.line.term in ("usage", "block"):
        spot = row.layer is not None and row.layer.purchase == "spot" and row.line.label != AFTER_SPOT
        return "Dynamic" if spot else "Standard"
    return "Standard" if row.line.term in _AT_TARIFF else "Other"


def description(row: Charge) -> str:
    """One line."""
    layer = row.layer
    what = f"{layer.accelerators} × {layer.accelerator}, " if layer else ""
    part = {"": "", "Purchase": ", fee", "Used": ", used", "Unused": ", unused"}[row.part]
    return f"{row.placement.workload}: {what}{row.line.label}{part}"


def _path(row: Charge) -> str:
    return f"{row.placement.workload}/{row.line.layer}"


def account_id(row: Charge) -> str:
    """Of the inventory."""
    return f"placement:inventory:{row.about.inputs.inventory_sha256[:16]}"


def sub_account_id(row: Charge) -> str | None:
    """Of the cost centre."""
    centre = row.placement.cost_centre
    return f"placement:cost-centre:{centre}" if centre else None


def commitment_id(row: Charge) -> str | None:
    """One commitment per line."""
    return f"placement:commitment:{_path(row)}/{row.number}" if row.part else None


def commitment_name(row: Charge) -> str | None:
    """What is committed to."""
    return (row.layer.offer if row.layer else row.line.label) if row.part else None


def commitment_type(row: Charge) -> str | None:
    """The purchase model."""
    return (row.layer.purchase if row.layer else "commitment") if row.part else None


def commitment_status(row: Charge) -> str | None:
    """Used or Unused; null on the purchase."""
    return row.part if row.part in ("Used", "Unused") else None


def _of_commitment(row: Charge) -> bool:
    return row.part in ("Purchase", "Unused")


def resource_id(row: Charge) -> str | None:
    """The nodes, the site, the bucket, or the commitment itself; bytes in transit are none."""
    if _of_commitment(row):
        return commitment_id(row)
    kind = _RESOURCES.get(row.line.term)
    if kind == "Site":
        return f"placement:site:{row.region}"
    return f"placement:{kind.lower().replace(' ', '-')}:{_path(row)}" if kind else None


def resource_name(row: Charge) -> str | None:
    """Its display name."""
    if _of_commitment(row):
        return commitment_name(row)
    kind = _RESOURCES.get(row.line.term)
    return (row.region if kind == "Site" else row.placement.workload) if kind else None


def resource_type(row: Charge) -> str | None:
    """Its kind."""
    return "Commitment" if _of_commitment(row) else _RESOURCES.get(row.line.term)


def host(row: Charge) -> str:
    """On whose infrastructure it runs."""
    mine = row.stand.provider in ("own", "")
    return row.provider if row.line.sender or mine else row.stand.provider


def _node(row: Charge) -> str:
    """Site and kind of node, without the purchase model."""
    return row.layer.offer.rpartition("/")[0] if row.layer else row.region


def _stable(label: str) -> str:
    return label.partition(" (")[0]


def sku_id(row: Charge) -> str:
    """The same for every way to pay for the same thing; a commitment is a thing of its own."""
    if _of_commitment(row):
        return f"{_node(row)}/commitment"
    if row.line.term in _COMPUTE:
        return f"{_node(row)}/{row.line.term}" if row.line.term == "hardware" else f"{_node(row)}/compute"
    return f"{_node(row)}/{row.line.term}/{_stable(row.line.label)}"


def sku_price_id(row: Charge) -> str:
    """One priced variant: the SKU, the way to pay, the tier of a tariff."""
    purchase = f"/{row.layer.purchase}" if row.layer else ""
    return f"{sku_id(row)}{purchase}/{row.line.label}"


def sku_meter(row: Charge) -> str:
    """What is metered."""
    if _of_commitment(row):
        return "Commitment"
    return "Compute" if row.line.term in ("usage", "block", "commitment", "upfront") else _stable(row.line.label)


def sku_price_details(row: Charge) -> dict[str, str | int] | None:
    """Of one node: its kind and accelerators."""
    layer = row.layer
    if layer is None or row.line.term not in _COMPUTE or _of_commitment(row):
        return None
    details: dict[str, str | int] = {"InstanceType": _node(row).rpartition("/")[2], "x_GpuModel": layer.accelerator}
    if layer.nodes and layer.accelerators % layer.nodes == 0:
        details["GpuCount"] = layer.accelerators // layer.nodes
    return details


def tags(row: Charge) -> dict[str, str | int] | None:
    """The workload's tags and its cost centre; a tag of the same name wins."""
    found: dict[str, str | int] = {}
    if row.placement.cost_centre:
        found["cost_centre"] = row.placement.cost_centre
    found.update(row.placement.tags)
    return found or None
