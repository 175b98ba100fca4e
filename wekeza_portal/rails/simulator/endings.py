"""What becomes of an order at a simulated company is read from the last two digits of its whole shillings.

26 busy, nothing done; 37 nobody knows for now; 97 done but answered with 503; 98 reported twice; 99 never reported.
Each company adds the refusals it knows.
"""

from decimal import Decimal
from typing import Any

BUSY, UNDECIDED, DONE_503, TWICE, NEVER = 26, 37, 97, 98, 99


def shillings(amount: Any) -> int:
    """The whole shillings of an amount. ValueError for what is none."""
    try:
        return int(Decimal(str(amount)))
    except ArithmeticError as error:
        raise ValueError("no amount") from error


def ending(amount: Any) -> int:
    """The last two digits of the whole shillings. ValueError for what is no amount."""
    return shillings(amount) % 100


def copies(amount: Any) -> int:
    return 2 if ending(amount) == TWICE else 1


def is_lost(amount: Any) -> bool:
    return ending(amount) == NEVER
