"""The words of the field, in their canonical order."""

OWN = "own"
"""The provider of the inventory's own sites."""

MOVES = ("reads", "ingest", "results", "updates", "replication", "checkpoints", "logs", "other", "copy", "exit")
"""What bytes move for; the last two once only."""

TIERS = ("hyperscaler", "gpu_cloud", "colo", "on_prem", "edge")
"""Kinds of home, from the most rented to the most one's own."""

PURCHASES = ("on_demand", "spot", "capacity_block", "reserved_1y", "reserved_3y", "lease", "owned")
"""Purchase models, from the least committed to the most."""

AFTER_SPOT = "compute, on demand after spot"
"""The line for what would be late on spot, and is done on demand."""
PAYMENTS = ("", "partial_upfront", "all_upfront")
"""How a commitment is paid: by the hours of the term alone, or some or all of it at its begin."""

TERM_MONTHS = {"reserved_1y": 12, "reserved_3y": 36}
"""Months of a term of commitments."""

COMMITTED = frozenset({*TERM_MONTHS, "lease"})
"""Purchase models of rented offers that are paid for whole terms."""

BY_THE_HOUR = frozenset({"on_demand", "spot"})
"""Purchase models that are paid for the hours of use; all others whether their nodes are used or not."""

REQUESTS_AT_ONCE = "requests at once"
"""Unit of what replicas hold, where a demand is stated so; other units are of work done per second."""

LORA = ("lora", "qlora")
"""Methods of training that leave the model's own parameters as they are."""


def way_to_buy(purchase: str, payment: str, months: int = 0) -> str:
    """The last part of an offer's id: how it is bought, of a lease for how long, and what is paid ahead."""
    return "-".join(part for part in (purchase, f"{months}m" if months else "", payment) if part)
