"""What the review of a payment out of the bank says besides amount and total."""

from typing import Any

from accounts import limits
from accounts.models import BranchCustomer, Instruction
from transfers.outside.cheaper import cheaper_way
from transfers.outside.kinds import KINDS
from transfers.outside.rails import TITLES
from transfers.outside.selectors import warnings_for
from transfers.payees import newness


def outside_words(customer: BranchCustomer, instruction: Instruction) -> dict[str, Any]:
    """Who said the name, what to look at twice, what is left of the limits, and the cheaper way where there is one."""
    said_by = instruction.payload["to_name_by"]
    return {
        "outside": KINDS[instruction.kind],
        "named_by": TITLES.get(said_by, ""),
        "warnings": warnings_for(instruction),
        "new_room": newness.room(customer, instruction.payee_key),
        "room": limits.room(customer),
        "cheaper": cheaper_way(customer, instruction.kind, instruction.amount, instruction.fee),
    }
