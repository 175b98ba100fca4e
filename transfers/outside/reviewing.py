"""What the review of a payment out of the bank says besides amount and total."""

from typing import Any

from accounts import limits
from accounts.models import BranchCustomer, Instruction, Limit
from transfers.outside.cheaper import as_drafted
from transfers.outside.instead import BOUNDS
from transfers.outside.kinds import KINDS
from transfers.outside.rails import IN_A_SENTENCE
from transfers.outside.selectors import warnings_for
from transfers.payees import newness
from wekeza_portal import clock

SPOKEN_OF = (
    Limit.Code.NEW_PAYEE_DAY,
    Limit.Code.DAILY_OUT,
    Limit.Code.MONTHLY_OUT,
    Limit.Code.STEP_UP_ALLOWANCE,
    *BOUNDS,
)


def figures_for_review(customer: BranchCustomer) -> limits.Figures:
    """Every limit that a review speaks of, in one query."""
    return limits.figures_for(customer, SPOKEN_OF, clock.today())


def outside_words(customer: BranchCustomer, instruction: Instruction, figures: limits.Figures) -> dict[str, Any]:
    """Who said the name, what to look at twice, what is left of the limits, and the cheaper way where there is one."""
    cap = figures[Limit.Code.NEW_PAYEE_DAY]
    return {
        "outside": KINDS[instruction.kind],
        "named_by": IN_A_SENTENCE.get(instruction.payload["to_name_by"], ""),
        "warnings": warnings_for(instruction),
        "new_room": newness.room(customer, instruction.payee_key, cap),
        "cheaper": as_drafted(instruction),
    }
