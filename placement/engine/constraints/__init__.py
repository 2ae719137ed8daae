"""What forbids a pair of workload and offer. One file per kind of rule; the order here is the order of reports.

To add a rule: write its file, add its `Constraint` to `CONSTRAINTS`, describe it in `docs/constraints.md` and give it
a case.
"""

from placement.engine.constraints.base import Constraint
from placement.engine.constraints.certification import CERTIFICATION
from placement.engine.constraints.connected import CONNECTED
from placement.engine.constraints.deadline import DEADLINE
from placement.engine.constraints.fabric import FABRIC
from placement.engine.constraints.in_one_go import IN_ONE_GO
from placement.engine.constraints.interruption import INTERRUPTION
from placement.engine.constraints.isolation import AIR_GAP, ISOLATION
from placement.engine.constraints.latency import RTT
from placement.engine.constraints.legal import LEGAL
from placement.engine.constraints.limits import CAPACITY, POWER
from placement.engine.constraints.memory import MEMORY
from placement.engine.constraints.offline import OFFLINE
from placement.engine.constraints.operator import OPERATOR
from placement.engine.constraints.places import PLACES
from placement.engine.constraints.policy import (
    ACCELERATOR_POLICY,
    ACCESS_POLICY,
    AVAILABILITY_POLICY,
    COUNTRY_POLICY,
    HOSTING_POLICY,
    PROVIDER_POLICY,
    PURCHASE_POLICY,
    TIER_POLICY,
)
from placement.engine.constraints.precision import PRECISION
from placement.engine.constraints.price import PRICE_KNOWN
from placement.engine.constraints.rating import RATED
from placement.engine.constraints.redundancy import APART, DATA_ONLY, OTHER_SITE, PROVIDERS
from placement.engine.constraints.residency import RESIDENCY
from placement.engine.constraints.token_latency import TOKEN_LATENCY
from placement.engine.constraints.uplink import UPLINK

CONSTRAINTS: tuple[Constraint, ...] = (
    PLACES,
    OFFLINE,
    RTT,
    UPLINK,
    RESIDENCY,
    LEGAL,
    OPERATOR,
    AIR_GAP,
    CONNECTED,
    ISOLATION,
    CERTIFICATION,
    OTHER_SITE,
    APART,
    PROVIDERS,
    RATED,
    PRECISION,
    MEMORY,
    FABRIC,
    TOKEN_LATENCY,
    DEADLINE,
    INTERRUPTION,
    IN_ONE_GO,
    DATA_ONLY,
    CAPACITY,
    POWER,
    PRICE_KNOWN,
    PROVIDER_POLICY,
    TIER_POLICY,
    COUNTRY_POLICY,
    ACCESS_POLICY,
    ACCELERATOR_POLICY,
    PURCHASE_POLICY,
    HOSTING_POLICY,
    AVAILABILITY_POLICY,
)

__all__ = ["CAPACITY", "CONSTRAINTS", "FABRIC", "MEMORY", "POWER", "UPLINK"]
