"""Several processes make customers in one bank: each counts from a number of its own."""

import os

from tests.factories import AccountFactory, CustomerFactory

EACH = 1000


def count_from_our_own() -> None:
    """Up to `EACH` customers of this process have names, numbers and addresses that no other process gives."""
    first = os.getpid() % 70_000 * EACH
    for factory in (CustomerFactory, AccountFactory):
        factory.reset_sequence(first, force=True)
