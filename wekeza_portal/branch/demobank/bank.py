"""The demo bank as other apps see it when they add their own demo data."""

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from wekeza_portal.branch.demobank.people import Person


@dataclass(frozen=True, slots=True)
class DemoAccount:
    account_id: int
    number: str


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer that stands in the branch's tables now: `user_id` of `users`, the first account first."""

    person: Person
    user_id: int
    accounts: tuple[DemoAccount, ...]


@dataclass(frozen=True, slots=True)
class DemoBank:
    """What a seeder gets: the customers by key ("emmanuel"), the moment everything counts from, a generator.

    A seeder runs in the transaction that fills the bank, once, and draws only from `rng_for` its own name: so the
    data of one app do not shift when another's change.
    """

    now: datetime
    customers: dict[str, DemoCustomer]

    @property
    def today(self) -> date:
        return self.now.date()

    def customer(self, key: str) -> DemoCustomer:
        return self.customers[key]

    def rng_for(self, name: str) -> Random:
        return Random(f"wekeza:{name}")  # noqa: S311 - a demo that must come out the same
