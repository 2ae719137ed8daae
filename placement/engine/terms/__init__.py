"""What a placement costs. One file per term; the order here is the order of the lines.

To add a term: write its file, add it to `TERMS`, describe it in `docs/costs.md`, give it a case.
"""

from placement.engine.terms.backhaul import BACKHAUL
from placement.engine.terms.base import Term
from placement.engine.terms.block import BLOCK
from placement.engine.terms.commitment import COMMITMENT
from placement.engine.terms.egress import EGRESS
from placement.engine.terms.energy import ENERGY
from placement.engine.terms.facility import FACILITY
from placement.engine.terms.hardware import HARDWARE
from placement.engine.terms.maintenance import MAINTENANCE
from placement.engine.terms.moves import MOVES
from placement.engine.terms.network import NETWORK
from placement.engine.terms.price_change import PRICE_CHANGE
from placement.engine.terms.spares import SPARES
from placement.engine.terms.staff import STAFF
from placement.engine.terms.storage import STORAGE
from placement.engine.terms.upfront import UPFRONT
from placement.engine.terms.usage import USAGE
from placement.engine.terms.visits import VISITS

TERMS: tuple[Term, ...] = (
    *(USAGE, BLOCK, COMMITMENT, UPFRONT, PRICE_CHANGE, HARDWARE, NETWORK, SPARES, MAINTENANCE, VISITS, STAFF),
    *(FACILITY, ENERGY, BACKHAUL, STORAGE, EGRESS, MOVES),
)
