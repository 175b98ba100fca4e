"""Codes of six digits, sent once: five minutes, five tries, one use, and only for what they were sent for.

A code belongs to its binding (a half-login, an enrolment, an instruction with its content). Stored as a keyed digest,
compared in constant time, used up under a row lock: of twenty parallel tries with the right code one succeeds.
"""

import secrets
import unicodedata
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import contacts
from accounts.models import BranchCustomer, CodeDevice, OneTimeCode
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications import delivery
from wekeza_portal.notifications import services as outbox
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import Policy
from wekeza_portal.staff import switches

LIFE = timedelta(minutes=5)
MOST_TRIES = 5
RESEND_AFTER = timedelta(seconds=30)
SMS_LENGTH = 160

SWITCHES = {Channel.SMS: switches.SMS_CODES, Channel.EMAIL: switches.EMAIL_CODES}
KNOWN_NUMBER_ONLY = (OneTimeCode.Purpose.ENROL, OneTimeCode.Purpose.RESET)
"""What proves the known number: an enrolment, and a new password, whose link came by e-mail already."""
CODE_SENDS = Policy("code-sends", 3, timedelta(minutes=10))
CODE_TRIES = Policy("code-tries", 10, timedelta(minutes=30))


class WrongCode(PortalError):
    code = "wrong_code"
    message = gettext_lazy("That code is not right. Look at the latest message and try again.")
    field = "code"


class CodeUsedUp(PortalError):
    """No live code: expired, used, superseded or tried too often. All alike to whoever guesses."""

    code = "code_used_up"
    message = gettext_lazy("That code can no longer be used. Ask for a new one.")
    field = "code"


class TooSoon(PortalError):
    code = "too_soon"
    message = gettext_lazy("The last code was sent a moment ago. You can ask for another in %(seconds)s s.")


def issue(
    *,
    purpose: OneTimeCode.Purpose,
    customer: BranchCustomer,
    binding: str,
    language: str,
    wanted: Channel = Channel.SMS,
    about: str = "",
    pays: bool = True,
    to: str = "",
) -> OneTimeCode:
    """Send a new code for `binding`; an older one for it is void. `about` is what a step-up code pays for, or does
    where it pays nothing (`pays`). `to` is an address that the code is to prove, instead of the one the branch knows;
    `wanted` is then its way, and no other stands in.

    Raises SwitchedOff with its notice when the bank has closed the way, TooMany after three in ten minutes. Must be
    called outside a transaction: the count is committed first.
    """
    channel, address = _way_to_prove(wanted, to) if to else _way_to(customer, wanted, purpose)
    ratelimit.consume(CODE_SENDS, _sender(purpose, customer.user_id))
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = _blank(purpose, customer.user_id, binding)
    row.channel, row.sent_to = channel, contacts.masked(channel, address)
    row.code_hash = _digest(row, code)
    with transaction.atomic():
        OneTimeCode.objects.filter(purpose=purpose, binding=binding).delete()
        row.save(force_insert=True)
        _send(row, code, address, language, about, pays)
    return row


def put_out(
    *, purpose: OneTimeCode.Purpose, customer: BranchCustomer, binding: str, language: str, wanted: Channel
) -> None:
    """Likewise for somebody who is not signed in, by the worker, in the transaction of its errand: counts nothing.

    Raises SwitchedOff.
    """
    channel, address = _way_to(customer, wanted, purpose)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = _blank(purpose, customer.user_id, binding)
    row.channel, row.sent_to = channel, contacts.masked(channel, address)
    row.code_hash = _digest(row, code)
    row.save(force_insert=True)
    _send(row, code, address, language, "", pays=False)


def put_out_nobodys(purpose: OneTimeCode.Purpose, binding: str) -> None:
    """A row that no code fits and nobody is sent: whoever guesses at it gets the answers and the work of a real one."""
    row = _blank(purpose, 0, binding)
    row.code_hash = _digest(row, secrets.token_hex(16))
    row.save(force_insert=True)


def owner_if_right(purpose: OneTimeCode.Purpose, binding: str, code: str) -> int | None:
    """Use up the code put out for `binding` and say whose it is (users.user_id).

    None alike for a wrong, used or expired one, one tried too often, nobody's, and where none is out. The caller has
    counted the try.
    """
    row = _try(code, purpose=purpose, binding=binding)
    return row.customer_id if row is not None and row.used_at is not None else None


def _blank(purpose: OneTimeCode.Purpose, customer_id: int, binding: str) -> OneTimeCode:
    """A row of its own id that lives from now on, not saved yet."""
    now = clock.now()
    return OneTimeCode(
        id=uuid.uuid4(),
        purpose=purpose,
        customer_id=customer_id,
        binding=binding,
        created_at=now,
        expires_at=now + LIFE,
    )


def _way_to(customer: BranchCustomer, wanted: Channel, purpose: OneTimeCode.Purpose) -> tuple[Channel, str]:
    """How and where the code goes. SMS is the bank's choice, so e-mail stands in where SMS is switched off; e-mail is
    the customer's own wish and an enrolment proves the known number: those are refused, in the words of the notice.
    """
    channel, address = contacts.address_for(customer, wanted)
    row = switches.off_row(SWITCHES[channel])
    if row is None:
        return channel, address
    if channel == Channel.EMAIL or purpose in KNOWN_NUMBER_ONLY:
        raise switches.SwitchedOff(row)
    switches.require_on(SWITCHES[Channel.EMAIL])
    return contacts.address_for(customer, Channel.EMAIL)


def _way_to_prove(channel: Channel, address: str) -> tuple[Channel, str]:
    switches.require_on(SWITCHES[channel])
    return channel, address


def closed_ways() -> dict[str, str]:
    """The dated notice of each way of sending codes that is switched off, by channel, in the active language."""
    rows = {row.code: row for row in switches.off_rows(SWITCHES.values())}
    return {channel: switches.notice_of(rows[code]) for channel, code in SWITCHES.items() if code in rows}


def verify(*, purpose: OneTimeCode.Purpose, customer_id: int, binding: str, code: str) -> None:
    """Use up the code sent for `binding`. Returns only for the right one, and only once.

    Raises WrongCode, CodeUsedUp, SwitchedOff when the way it came by was closed meanwhile (it stays unused and no try
    is counted), or TooMany after ten wrong codes in half an hour whatever they were for.
    Must be called outside a transaction: the try is counted whatever happens next.
    """
    sent = live(purpose, binding)
    if sent is not None:
        switches.require_on(SWITCHES[Channel(sent.channel)])
    ratelimit.consume(CODE_TRIES, str(customer_id))
    refusal = _use(purpose, customer_id, binding, code)
    if refusal is not None:
        raise refusal
    ratelimit.reset(CODE_TRIES, str(customer_id))
    ratelimit.reset(CODE_SENDS, _sender(purpose, customer_id))
    if sent is not None:
        _note_use(customer_id, Channel(sent.channel))


def _use(purpose: OneTimeCode.Purpose, customer_id: int, binding: str, code: str) -> PortalError | None:
    row = _try(code, purpose=purpose, binding=binding, customer_id=customer_id)
    if row is None:
        return CodeUsedUp()
    return None if row.used_at is not None else WrongCode()


def _try(code: str, **of: Any) -> OneTimeCode | None:
    """The code that is out, one try further and used up where `code` is right; None where none can be tried."""
    with transaction.atomic():
        rows = OneTimeCode.objects.select_for_update().filter(used_at=None, **of)
        row = rows.order_by("-created_at", "pk").first()
        if row is None or row.expires_at <= clock.now() or row.tries >= MOST_TRIES:
            return None
        row.tries += 1
        if constant_time_compare(row.code_hash, _digest(row, code)):
            row.used_at = clock.now()
        row.save(update_fields=["tries", "used_at"])
    return row


def _note_use(customer_id: int, channel: Channel) -> None:
    column = "sms_used_at" if channel == Channel.SMS else "email_used_at"
    CodeDevice.objects.filter(user__customer_id=customer_id).update(**{column: clock.now()})


def live(purpose: OneTimeCode.Purpose, binding: str) -> OneTimeCode | None:
    """The code that was sent for `binding` and can still be used."""
    rows = OneTimeCode.objects.filter(
        purpose=purpose, binding=binding, used_at=None, tries__lt=MOST_TRIES, expires_at__gt=clock.now()
    )
    return rows.order_by("-created_at", "pk").first()


def latest(purpose: OneTimeCode.Purpose, binding: str) -> OneTimeCode | None:
    """The code last sent for `binding`, usable or not: where it went and when."""
    return OneTimeCode.objects.filter(purpose=purpose, binding=binding).order_by("-created_at", "pk").first()


def never_arrived(row: OneTimeCode | None) -> bool:
    """Whether its provider says that the message with this code will not arrive."""
    return row is not None and delivery.never_arrived(_cause(row))


def seconds_to_wait(row: OneTimeCode | None) -> int:
    """Seconds until another code may be asked for; 0 when at once, as when the last one cannot arrive."""
    return 0 if row is None or never_arrived(row) else _seconds_left_of(row)


def standing(row: OneTimeCode | None) -> dict[str, object]:
    """What the page that asks for a code says about the last one sent."""
    is_lost = never_arrived(row)
    return {"sent": row, "wait": 0 if row is None or is_lost else _seconds_left_of(row), "never_arrived": is_lost}


def _seconds_left_of(row: OneTimeCode) -> int:
    return max(0, int((row.created_at + RESEND_AFTER - clock.now()).total_seconds()))


def refuse_if_too_soon(purpose: OneTimeCode.Purpose, binding: str) -> None:
    """Raises TooSoon within 30 seconds of the last code for `binding`."""
    seconds = seconds_to_wait(latest(purpose, binding))
    if seconds:
        raise TooSoon(seconds=seconds)


def forget_old(before: datetime) -> int:
    """Delete codes that expired before `before`; how many."""
    return OneTimeCode.objects.filter(expires_at__lt=before).delete()[0]


def _sender(purpose: OneTimeCode.Purpose, customer_id: int) -> str:
    return f"{purpose}:{customer_id}"


def _digest(row: OneTimeCode, code: str) -> str:
    return crypto.keyed_digest("one-time-code", f"{row.id}|{code}")


def _cause(row: OneTimeCode) -> str:
    return f"code:{row.id}"


def _send(row: OneTimeCode, code: str, address: str, language: str, about: str, pays: bool) -> None:
    channel = Channel(row.channel)
    with translation.override(language):
        outbox.enqueue(
            cause=_cause(row),
            event=Event.CODE,
            channel=channel,
            to=address,
            customer_id=row.customer_id,
            subject=_("Your %(bank)s code") % {"bank": settings.BANK_NAME},
            body=_text(row.purpose, code, about, SMS_LENGTH if channel == Channel.SMS else 1000, pays),
            secret=True,
            expires_at=row.expires_at,
        )


def _text(purpose: str, code: str, about: str, room: int, pays: bool) -> str:
    """The message, in the active language; what it is for is shortened to fit one SMS."""
    step_up = _("%(code)s is your %(bank)s code to pay %(about)s.")
    if not pays:
        step_up = _("%(code)s is your %(bank)s code to %(about)s.")
    texts = {
        OneTimeCode.Purpose.SIGN_IN: _("%(code)s is your %(bank)s sign-in code."),
        OneTimeCode.Purpose.ENROL: _("%(code)s is your %(bank)s code to activate online access."),
        OneTimeCode.Purpose.STEP_UP: step_up,
        OneTimeCode.Purpose.FREEZE: _("%(code)s is your %(bank)s code to stop everything."),
        OneTimeCode.Purpose.CALLING: _("%(code)s is your %(bank)s code to see whether we are calling you."),
        OneTimeCode.Purpose.RESET: _("%(code)s is your %(bank)s code to set a new password."),
        OneTimeCode.Purpose.CONTACT: _("%(code)s is your %(bank)s code to prove that this is yours."),
    }
    warning = _("Nobody from the bank will ask for it.")
    values = {"code": code, "bank": settings.BANK_NAME, "about": ""}
    template = f"{texts[OneTimeCode.Purpose(purpose)]} {warning}"
    about = about.rstrip(".") if room > SMS_LENGTH else _plain(about).rstrip(".")[: room - len(template % values)]
    return template % {**values, "about": about}


def _plain(text: str) -> str:
    """`text` in letters that every SMS alphabet has: accents go, whatever else is foreign goes too."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
