"""Several processes make customers in one bank: each counts from a number of its own."""

import os

from tests.factories import AccountFactory, BranchFactory, CustomerFactory, StaffFactory

EACH = 1000


def count_from_our_own() -> None:
    """Up to `EACH` people and branches of this process have names and numbers that no other process gives."""
    first = os.getpid() % 70_000 * EACH
    for factory in (CustomerFactory, AccountFactory, BranchFactory, StaffFactory):
        factory.reset_sequence(first, force=True)
