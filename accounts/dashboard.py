"""What the home page shows: read now, on every request, so that no figure is older than the page."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from accounts import balances, movements, returns
from accounts.models import BranchCustomer
from accounts.movements import Entry, Movement, Wanted
from accounts.panels import Panel, panel
from accounts.preferences import foreign
from accounts.preferences.chosen import shown_since
from accounts.preferences.foreign import Foreign
from accounts.returns import Flow
from accounts.selectors import AccountSummary, accounts_of, booked_together, payers_among
from wekeza_portal import clock
from wekeza_portal.registry import dashboard_panels

LATEST = 10


@dataclass(frozen=True, slots=True)
class Activity:
    """Sums and the course of the balance, all from one reading of the last 90 days' rows."""

    today: Flow
    month: Flow
    days: list[balances.DayBalance]
    unknown_words: list[str]

    @property
    def points(self) -> list[tuple[date, Decimal]]:
        return balances.points(self.days)


@dataclass(frozen=True, slots=True)
class Registered:
    """A panel of another app, as `registry.dashboard_panels` has it, with what it shows."""

    heading: Any
    template: str
    shown: Panel[Any]


@dataclass(frozen=True, slots=True)
class Board:
    """Each part may have failed alone; those that stand on the accounts fail with them."""

    accounts: Panel[list[AccountSummary]]
    latest: Panel[list[Movement]]
    activity: Panel[Activity]
    registered: list[Registered] = field(default_factory=list)
    foreign: Foreign | None = None
    """The money the customer wants beside the balances; None: only KES."""

    @property
    def together(self) -> Decimal:
        """KES booked on all accounts."""
        return booked_together(self.accounts.value or [])

    @property
    def has_several(self) -> bool:
        """Whether a movement must say which account it was on."""
        return len(self.accounts.value or []) > 1

    @property
    def can_pay(self) -> bool:
        """Whether money can leave any of the accounts now."""
        return bool(payers_among(self.accounts.value or []))


def board_for(customer: BranchCustomer) -> Board:
    """The customer's home page. Seven queries while the id bounds are known, however many rows there are."""
    accounts = panel("accounts", partial(accounts_of, customer))
    if accounts.value is None:
        return Board(accounts, Panel(failed=True), Panel(failed=True))
    return Board(
        accounts,
        panel("latest", partial(movements.latest, accounts.value, LATEST, shown_since(customer))),
        panel("activity", partial(_activity, accounts.value)),
        _registered(customer, accounts.value),
        panel("foreign money", partial(foreign.wanted_by, customer)).value,
    )


def _registered(customer: BranchCustomer, accounts: list[AccountSummary]) -> list[Registered]:
    """The panels of other apps, without those that have nothing to show."""
    found = [
        Registered(entry.heading, entry.template, panel(name, partial(entry.load, customer, accounts)))
        for name, entry in dashboard_panels.items()
    ]
    return [each for each in found if each.shown.failed or each.shown.value is not None]


def _activity(accounts: list[AccountSummary]) -> Activity:
    today = clock.today()
    rows: list[Entry] = movements.entries(Wanted(accounts, period=balances.last_days(today)))
    this_month = movements.within(rows, clock.month(today))
    paid = returns.paid_at(this_month)
    own = returns.between_own(this_month) if len(accounts) > 1 else frozenset()
    return Activity(
        today=returns.flow(rows, clock.day(today), paid, own),
        month=returns.flow(rows, clock.month(today), paid, own),
        days=balances.by_day(booked_together(accounts), rows, today),
        unknown_words=balances.unexplained_words(rows),
    )
