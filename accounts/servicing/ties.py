"""What stands against closing an account: said before the customer asks, and looked at again when it is sent."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns, rows_of
from accounts.models import BranchCustomer, Card
from accounts.selectors import AccountSummary, accounts_of
from wekeza_portal import clock
from wekeza_portal.registry import DueRow, Tie, TieSource, account_ties


def ties_of(customer: BranchCustomer, number: str) -> list[Tie]:
    """Of one of the customer's accounts: what is in the way first. Two queries."""
    accounts = [account for account in accounts_of(customer) if account.number == number]
    found = [account_ties.get(row.source).tie(row) for row in rows_of(account_ties, accounts)]
    hanging = [tie for tie in found if tie is not None and tie.account_number == number]
    own = [tie for account in accounts if (tie := _balance(account)) is not None]
    return sorted([*own, *hanging], key=lambda tie: not tie.is_in_the_way)


def in_the_way(ties: list[Tie]) -> list[Tie]:
    return [tie for tie in ties if tie.is_in_the_way]


def _balance(account: AccountSummary) -> Tie | None:
    """What is owed has to be paid first; what is there is paid out."""
    address = reverse("home")
    if not account.has_balance:
        then = _("The branch looks it up before it closes the account.")
        return Tie(_("A balance that is not recorded"), then, account.number, address)
    if account.is_overdrawn:
        then = _("Pay in what is missing first.")
        return Tie(_("It is overdrawn"), then, account.number, address, account.booked, is_in_the_way=True)
    if account.booked == 0:
        return None
    then = _("The branch pays out all of it when it closes the account.")
    return Tie(_("What is on it"), then, account.number, address, account.booked)


def _cards(asked: Asked) -> QuerySet[Any, Any]:
    """Cards that work or are on their way. The number too: the branch's scripts give ids out again."""
    over = [Card.State.LOST, Card.State.REFUSED]
    rows = Card.objects.filter(asked.by_id("account_id"), asked.by_number("account_number"))
    return rows.exclude(state__in=over).annotate(
        **columns(
            number="id",
            name="last_four",
            account_number="account_number",
            last_day="expires_on",
            amount="atm_daily",
        )
    )


def _card(row: DueRow) -> Tie | None:
    if row.last_day is not None and row.last_day < clock.today():
        return None
    words = _("Card ...%(four)s") % {"four": row.name} if row.name else _("A card that is on its way")
    then = _("It stops working with the account.")
    return Tie(words, then, row.account_number, reverse("card", args=[UUID(row.number)]))


CARDS = TieSource(rows=_cards, tie=_card)
