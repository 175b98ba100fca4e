"""A code for somebody who is not signed in, on a page that must not tell who is a customer.

The request counts, leaves an errand and remembers a nonce, whoever is meant: the worker looks up whose it is and puts a
code out, or a row that no code fits. What is then typed is compared with that row, with the same statements and the
same answers. Only the right code says that there is somebody.

A code of an authenticator app or from paper is in the visitor's hand already: nothing is put out, and whose it is is
looked up when it is typed, with the same statements whoever is meant.
"""

import secrets
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.identity import codes, guard
from accounts.identity.backends import customer_by_email, normalise_email
from accounts.identity.factors import proving
from accounts.models import Account, BranchCustomer, OneTimeCode, User, Way
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
WAYS = (Way.SMS, Way.EMAIL, Way.APP, Way.BACKUP)
"""What is taken from outside. A passkey would have to be asked for by its id, which tells who has one."""
HALF_AN_HOUR = timedelta(minutes=30)
ASKED_NETWORK = Policy("outside-network", 100, HALF_AN_HOUR)
ASKED_ADDRESS = Policy("outside-address", 20, HALF_AN_HOUR)
ASKED_NAME = Policy("outside-name", 5, HALF_AN_HOUR)
TRIED_NETWORK = Policy("outside-tries-network", 200, HALF_AN_HOUR)
TRIED_ADDRESS = Policy("outside-tries-address", 40, HALF_AN_HOUR)
TRIED_NAME = Policy("outside-tries-name", 15, HALF_AN_HOUR)
GUESSED_APP = Policy("outside-app", 10, timedelta(hours=1))
"""Six digits can be guessed; the 80 bits of a backup code cannot, so that nobody can close that way to its owner."""
NAME_LENGTH = 100
Purpose = OneTimeCode.Purpose


class NotRight(PortalError):
    """Wrong, used, too late, tried too often, or nobody's: all alike."""

    code = "not_right"
    message = _("That code is not right, or can't be used any more. Enter the newest one, or choose another way.")
    field = "code"


class AskAgain(PortalError):
    code = "ask_again"
    message = _("That took too long. Please ask for a new code.")


def ask(request: HttpRequest, purpose: Purpose, name: str, way: Way) -> None:
    """Remember in this browser who it is to be and which code will be typed; one to be sent is left to the worker.

    `name`: e-mail or account number. Counted before anything is looked at. Raises TooMany, or SwitchedOff for a way
    that sends nothing and is closed.
    """
    who, address = normalised(name), client_address(request)
    counted = [(ASKED_ADDRESS, address or "unknown"), (ASKED_NETWORK, neighbourhood(address))]
    nonce = secrets.token_urlsafe(24)
    if way.is_sent:
        ratelimit.consume_all(*counted, (ASKED_NAME, f"{purpose}|{who}"))
        errands.leave(ERRAND, {"purpose": str(purpose), "who": who, "channel": str(way), "nonce": nonce})
    else:
        ratelimit.consume_all(*counted)
        proving.require_open(way)
    request.session[_key(purpose)] = [nonce, who, clock.now().isoformat(), str(way)]


def asked(request: HttpRequest, purpose: Purpose) -> Way | None:
    """Which code this browser may still type; None where it did not ask."""
    kept = _kept(request, purpose)
    return Way(kept[3]) if kept else None


def prove(request: HttpRequest, purpose: Purpose, code: str) -> int:
    """Use up the code this browser speaks of; users.user_id of its owner.

    Raises AskAgain, TooMany, NotRight, or SwitchedOff for an app or paper that the bank does not take now.
    """
    kept = _kept(request, purpose)
    if kept is None:
        raise AskAgain()
    nonce, who, way = kept[0], kept[1], Way(kept[3])
    address, network = client_address(request), neighbourhood(client_address(request))
    if not way.is_sent:
        proving.require_open(way)
    # What needs no code of ours is counted by network too: strangers elsewhere cannot use up the owner's tries.
    named = (TRIED_NAME, f"{purpose}|{who}" if way.is_sent else f"{purpose}|{who}|{network}")
    ratelimit.consume_all((TRIED_ADDRESS, address or "unknown"), (TRIED_NETWORK, network), named)
    owner = codes.owner_if_right(purpose, _binding(nonce), code) if way.is_sent else _owner_if_held(who, way, code)
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


def _owner_if_held(who: str, way: Way, code: str) -> int | None:
    """Use up a code of the app or the paper of whoever is named; users.user_id. None alike for wrong and for nobody."""
    user = _online(who)
    counter = str(user.pk) if user is not None else f"nobody|{who}"
    if way == Way.APP and not _may_guess(counter):
        user = None
    try:
        proving.use_up(user if user is not None else User(pk=0), way, code)
    except codes.WrongCode:
        return None
    assert user is not None
    ratelimit.reset(GUESSED_APP, counter)
    return user.customer_id


def _may_guess(counter: str) -> bool:
    """Counts one guess. Whoever has none left is told nothing else than that it was wrong."""
    try:
        ratelimit.consume(GUESSED_APP, counter)
    except ratelimit.TooMany:
        return False
    return True


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
    is_one = customer is not None and guard.is_personal_and_active(customer)
    key = customer.user_id if customer is not None and is_one else 0  # asked for nobody too: the same statements
    return User.objects.select_related("customer").filter(customer_id=key, is_active=True).first()


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
