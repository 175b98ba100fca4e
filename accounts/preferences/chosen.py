"""What a customer has chosen, for selectors: which account stands first, how much of the history is shown.

The door reads the login with the session and the customer (`identity.sessionstore`), so on a page this costs no query.
"""

from datetime import date, datetime

from accounts.models import BranchCustomer, HistoryShown, User
from wekeza_portal import clock


def default_account(customer: BranchCustomer) -> str:
    """The number of the account that stands first; "" for none, and wherever no page is shown: only pages ask."""
    user: User | None = customer._state.fields_cache.get("portal_user")
    return user.default_account if user is not None else ""


def shown_since(customer: BranchCustomer) -> datetime | None:
    """The instant before which lists leave out what happened, EAT; None: everything is shown.

    For lists alone, and for the paper that is one of them (uses of a card). One movement, a receipt, any other paper
    and the export of one's data never ask.
    """
    try:
        years = customer.portal_user.history_years
    except User.DoesNotExist:
        return None
    return None if years == HistoryShown.EVERYTHING else clock.midnight(years_before(clock.today(), years))


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 28 February for a 29th that year has not."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
