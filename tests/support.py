"""What many tests need: a clean bank, a signed-in browser, a count of all the money."""

from decimal import Decimal

from django.db import connection
from django.test import Client, RequestFactory

from accounts import seeds
from accounts.models import Account, Fee, FeeBand, LegalText, Limit, PrivacyFigure, Rate, User
from accounts.privacy import seeds as privacy
from accounts.privacy import texts
from transfers import seeding
from transfers.models import Bank, Biller, Broker, PhonePrefix, TellerFee
from wekeza_portal import clock
from wekeza_portal.branch.schema import truncate_branch_tables
from wekeza_portal.money import ZERO
from wekeza_portal.staff import switches
from wekeza_portal.staff.models import PortalSwitch


def is_test_database() -> bool:
    """Whether the connection is to a database that the test run made for itself."""
    name = str(connection.settings_dict["NAME"])
    return "test_" in name or "memory" in name


def reset_committed_data() -> None:
    """After a test that committed: empty the branch's tables and put the seeded figures back.

    Django's own flush has emptied the managed tables, and with them the seeds of the migrations.
    """
    assert is_test_database(), "only ever a test database"
    truncate_branch_tables(connection)
    seeds.install(Limit, Fee)
    seeds.install_tariffs(FeeBand, Rate)
    privacy.install(LegalText, PrivacyFigure)
    seeding.install(bank=Bank, prefix=PhonePrefix, biller=Biller, broker=Broker)
    seeding.install_teller_fees(TellerFee)
    switches.install(PortalSwitch)


def all_the_money() -> dict[int, Decimal]:
    """Every account's balance by id: compare before and after, per account and in sum."""
    return {row.account_id: row.balance or ZERO for row in Account.objects.all()}


def sign_in(client: Client, user: User) -> None:
    """Give the test client a session that has passed password and code, without walking through the forms."""
    from accounts.identity import sessions

    request = RequestFactory().get("/")
    request.session = client.session
    sessions.start(request, user)
    request.session.save()
    texts.due(user, clock.now())  # a process knows which terms there are: it asks once a minute
    client.cookies[_session_cookie()] = request.session.session_key or ""


def _session_cookie() -> str:
    from django.conf import settings

    return str(settings.SESSION_COOKIE_NAME)


__all__ = ["all_the_money", "is_test_database", "reset_committed_data", "sign_in"]
