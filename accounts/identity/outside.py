"""A code for somebody who is not signed in, on a page that must not tell who is a customer.

The request counts, leaves an errand and remembers a nonce, whoever is meant: the worker looks up whose it is and puts a
code out, or a row that no code fits. What is then typed is compared with that row, with the same statements and the
same answers. Only the right code says that there is somebody.
"""

import secrets
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.identity import codes, guard
from accounts.identity.backends import customer_by_email, normalise_email
from accounts.models import Account, BranchCustomer, OneTimeCode, User
from wekeza_portal import clock, errands, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood

ERRAND = "outside-code"
LIFE = timedelta(minutes=10)
"""How long a browser may take for the code."""
SENDS_EACH = 3
SENDS_WITHIN = timedelta(minutes=10)
"""Codes put out for one customer, by whatever name they were asked for."""
HALF_AN_HOUR = timedelta(minutes=30)
ASKED_NETWORK = Policy("outside-network", 100, HALF_AN_HOUR)
ASKED_ADDRESS = Policy("outside-address", 20, HALF_AN_HOUR)
ASKED_NAME = Policy("outside-name", 5, HALF_AN_HOUR)
TRIED_NETWORK = Policy("outside-tries-network", 200, HALF_AN_HOUR)
TRIED_ADDRESS = Policy("outside-tries-address", 40, HALF_AN_HOUR)
TRIED_NAME = Policy("outside-tries-name", 15, HALF_AN_HOUR)
NAME_LENGTH = 100
Purpose = OneTimeCode.Purpose


class NotRight(PortalError):
    """Wrong, used, too late, tried too often, or nobody's: all alike."""

    code = "not_right"
    message = _("That code is not right, or can't be used any more. Look at the latest message, or ask for a new code.")
    field = "code"


class AskAgain(PortalError):
    code = "ask_again"
    message = _("That took too long. Please ask for a new code.")


def ask(request: HttpRequest, purpose: Purpose, name: str, wanted: Channel) -> None:
    """Remember in this browser that a code was asked for, and leave it to the worker. `name`: e-mail or account number.

    Counted before anything is looked at. Raises TooMany.
    """
    who, address = normalised(name), client_address(request)
    ratelimit.consume_all(
        (ASKED_ADDRESS, address or "unknown"),
        (ASKED_NETWORK, neighbourhood(address)),
        (ASKED_NAME, f"{purpose}|{who}"),
    )
    nonce = secrets.token_urlsafe(24)
    what = {"purpose": str(purpose), "who": who, "channel": str(wanted), "nonce": nonce}
    errands.leave(ERRAND, what)
    request.session[_key(purpose)] = [nonce, who, clock.now().isoformat(), str(wanted)]


def asked(request: HttpRequest, purpose: Purpose) -> str | None:
    """By which channel this browser asked for a code that it may still type; None where it did not."""
    kept = _kept(request, purpose)
    return kept[3] if kept else None


def prove(request: HttpRequest, purpose: Purpose, code: str) -> int:
    """Use up the code this browser asked for; users.user_id of its owner. Raises AskAgain, TooMany, NotRight."""
    kept = _kept(request, purpose)
    if kept is None:
        raise AskAgain()
    address = client_address(request)
    ratelimit.consume_all(
        (TRIED_ADDRESS, address or "unknown"),
        (TRIED_NETWORK, neighbourhood(address)),
        (TRIED_NAME, f"{purpose}|{kept[1]}"),
    )
    owner = codes.owner_if_right(purpose, _binding(kept[0]), code)
    if owner is None:
        raise NotRight()
    request.session.flush()
    return owner


def deliver() -> int:
    """Put out the codes that were asked for. A worker step; how many errands."""
    return errands.run(ERRAND, _deliver)


def normalised(name: str) -> str:
    """One spelling for one e-mail address or account number."""
    return normalise_email(name)[:NAME_LENGTH]


def _deliver(what: dict[str, str]) -> None:
    purpose, binding = Purpose(what["purpose"]), _binding(what["nonce"])
    user = _online(what["who"])
    if user is None or user.customer is None or _has_had_enough(purpose, user.customer):
        codes.put_out_nobodys(purpose, binding)
        return
    try:
        codes.put_out(
            purpose=purpose,
            customer=user.customer,
            binding=binding,
            language=user.language,
            wanted=Channel(what["channel"]),
        )
    except PortalError:  # that way of sending codes is switched off: the page says so to everybody
        codes.put_out_nobodys(purpose, binding)


def _online(who: str) -> User | None:
    """The login of the person whose e-mail address or account number it is, the customer beside it."""
    customer = customer_by_email(who) if "@" in who else _owner_of(who)
    if customer is None or not guard.is_personal_and_active(customer):
        return None
    return User.objects.select_related("customer").filter(customer=customer, is_active=True).first()


def _owner_of(number: str) -> BranchCustomer | None:
    own = Account.objects.filter(account_number=number.upper(), business__isnull=True, customer__isnull=False)
    account = own.select_related("customer").first()
    return account.customer if account is not None and account.account_number == number.upper() else None


def _has_had_enough(purpose: Purpose, customer: BranchCustomer) -> bool:
    since = clock.now() - SENDS_WITHIN
    rows = OneTimeCode.objects.filter(purpose=purpose, customer_id=customer.user_id, created_at__gt=since)
    return rows.count() >= SENDS_EACH


def _kept(request: HttpRequest, purpose: Purpose) -> list[str] | None:
    kept: list[str] | None = request.session.get(_key(purpose))
    if not kept or clock.now() - datetime.fromisoformat(kept[2]) > LIFE:
        return None
    return kept


def _key(purpose: Purpose) -> str:
    return f"outside_{purpose.lower()}"


def _binding(nonce: str) -> str:
    return f"outside:{nonce}"
