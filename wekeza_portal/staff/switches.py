"""Feature switches: `is_on(code)` and `require_on(code)`, asked wherever a service begins, also before it is confirmed.

A switch without a row is on. What was bought before it was switched off keeps running.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wekeza_portal import clock, dates, sql
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import PortalSwitch, Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "switch"
_rows = sql.Rows(PortalSwitch)

LOAN_APPLICATIONS = "LOAN_APPLICATIONS"
INSURANCE_SALES = "INSURANCE_SALES"
MOBILE_MONEY = "MOBILE_MONEY"
CDSC = "CDSC"
FIXED_DEPOSITS = "FIXED_DEPOSITS"
INTERNAL_TRANSFERS = "INTERNAL_TRANSFERS"
MPESA = "MPESA"
AIRTEL_MONEY = "AIRTEL_MONEY"
TKASH = "TKASH"
PESALINK = "PESALINK"
BILLS = "BILLS"
CARDS = "CARDS"
SERVICES = "SERVICES"
SMS_CODES = "SMS_CODES"
EMAIL_CODES = "EMAIL_CODES"
TOTP_CODES = "TOTP_CODES"
PASSKEYS = "PASSKEYS"
BACKUP_CODES = "BACKUP_CODES"
TRUSTED_DEVICES = "TRUSTED_DEVICES"
SENT_CODES = (EMAIL_CODES, SMS_CODES)
"""The ways a code can be sent. Everybody has one of them, so one of them has to stay on."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A service that can be switched off. `guards` is False until some page or service asks for it."""

    title: Any
    guards: bool = False


_switches: dict[str, Switch] = {
    LOAN_APPLICATIONS: Switch(gettext_lazy("Loan applications")),
    INSURANCE_SALES: Switch(gettext_lazy("Insurance sales")),
    MOBILE_MONEY: Switch(gettext_lazy("Mobile money")),
    CDSC: Switch(gettext_lazy("CDSC")),
    FIXED_DEPOSITS: Switch(gettext_lazy("Fixed deposits")),
    INTERNAL_TRANSFERS: Switch(gettext_lazy("Transfers between Wekeza accounts")),
    MPESA: Switch(gettext_lazy("M-Pesa")),
    AIRTEL_MONEY: Switch(gettext_lazy("Airtel Money")),
    TKASH: Switch(gettext_lazy("T-Kash")),
    PESALINK: Switch(gettext_lazy("PesaLink to other banks")),
    BILLS: Switch(gettext_lazy("Bill payments")),
    CARDS: Switch(gettext_lazy("Cards")),
    SERVICES: Switch(gettext_lazy("Services of the branch and letters")),
    SMS_CODES: Switch(gettext_lazy("Codes by SMS")),
    EMAIL_CODES: Switch(gettext_lazy("Codes by e-mail")),
    TOTP_CODES: Switch(gettext_lazy("Codes from an authenticator app")),
    PASSKEYS: Switch(gettext_lazy("Passkeys")),
    BACKUP_CODES: Switch(gettext_lazy("Backup codes")),
    TRUSTED_DEVICES: Switch(gettext_lazy("Trusted devices: no code at sign-in for 30 days")),
}

# T-Kash waits for the bank's contract with the carrier; a trusted device is for a bank to decide on.
SEEDS: dict[str, dict[str, str]] = {
    TKASH: {
        "notice_en": "Sending money to T-Kash is not available yet.",
        "notice_sw": "Kutuma pesa kwa T-Kash bado hakupatikani.",
    },
    TRUSTED_DEVICES: {
        "notice_en": "Every sign-in asks for a code.",
        "notice_sw": "Kila unapoingia unaulizwa msimbo.",
    },
}
STARTED = date(2026, 1, 1)


class SwitchedOff(PortalError):
    """The bank has switched this service off. Carries the dated notice, said in the reader's language."""

    code = "switched_off"

    def __init__(self, row: PortalSwitch) -> None:
        super().__init__()
        self.row = row

    def __str__(self) -> str:
        return notice_of(self.row)


class NothingToChange(PortalError):
    code = "nothing_to_change"
    message = gettext_lazy("The switch already stands so.")


class NoticeMissing(PortalError):
    code = "notice_missing"
    field = "notice_en"
    message = gettext_lazy("Write a notice for customers in both languages before switching a service off.")


class LastWayToSendCodes(PortalError):
    code = "last_way_to_send_codes"
    message = gettext_lazy("The other way of sending codes is off already: nobody could sign in any more.")


def install(model: Any) -> None:
    """Write the switches that a fresh portal has off (a migration passes the historical model)."""
    for code, notices in SEEDS.items():
        defaults = {**notices, "is_on": False, "since": STARTED, "changed_at": clock.midnight(STARTED)}
        model.objects.get_or_create(code=code, defaults=defaults)


def known() -> Mapping[str, Switch]:
    """Every switch by code."""
    return _switches


def add(code: str, title: Any) -> None:
    """A further switch, such as a rail's. LookupError when the code is taken."""
    if code in _switches:
        raise LookupError(f"switch {code!r} is registered twice")
    _switches[code] = Switch(title)


def guarded(code: str) -> None:
    """Say that this switch really stops something, so that the staff's page may say so. Called in AppConfig.ready()."""
    _switches[code] = Switch(_switches[code].title, guards=True)


def off_row(code: str) -> PortalSwitch | None:
    """The row with the notice when the service is off, None when it is on. One query. KeyError for an unknown code."""
    _switches[code]
    return next(iter(_rows.where("code = %s AND is_on = %s", [code, False])), None)


def off_rows(codes: Iterable[str]) -> list[PortalSwitch]:
    """The rows of those of `codes` that are off, in one query. KeyError for an unknown code."""
    wanted = [code for code in codes if _switches[code]]
    return list(PortalSwitch.objects.filter(code__in=wanted, is_on=False).order_by("code"))


def is_on(code: str) -> bool:
    """Whether the service is on at this moment."""
    return off_row(code) is None


def require_on(code: str) -> None:
    """Raises SwitchedOff with the notice when the service is off."""
    row = off_row(code)
    if row is not None:
        raise SwitchedOff(row)


def notice_of(row: PortalSwitch) -> str:
    """The notice with its date, in the active language."""
    text = row.notice_sw if get_language() == "sw" else row.notice_en
    return _("%(notice)s (Notice of %(day)s)") % {"notice": text, "day": dates.shown(row.since)}


def refuse_if_wrong(payload: Payload) -> None:
    """Raises NothingToChange, NoticeMissing or LastWayToSendCodes."""
    if is_on(payload["code"]) == payload["is_on"]:
        raise NothingToChange()
    if not payload["is_on"] and not (payload["notice_en"].strip() and payload["notice_sw"].strip()):
        raise NoticeMissing()
    if not payload["is_on"] and _other_ways(payload["code"]).filter(is_on=False).exists():
        raise LastWayToSendCodes()


def _other_ways(code: str) -> QuerySet[PortalSwitch]:
    """The rows of the other ways to send codes; none for a switch that is not about them."""
    return PortalSwitch.objects.filter(code__in=[way for way in SENT_CODES if code in SENT_CODES and way != code])


def _hold_ways() -> None:
    """Lock the rows of all ways to send codes, in one order; one that is not there cannot be locked, so it is made."""
    for way in SENT_CODES:
        defaults = {"is_on": True, "since": clock.today(), "changed_at": clock.now()}
        PortalSwitch.objects.get_or_create(code=way, defaults=defaults)
    list(PortalSwitch.objects.select_for_update().filter(code__in=SENT_CODES).order_by("code"))


def describe(payload: Payload) -> str:
    """ "Mobile money: switch off"."""
    words = _("%(service)s: switch on") if payload["is_on"] else _("%(service)s: switch off")
    return words % {"service": _switches[payload["code"]].title}


def apply(proposal: Proposal) -> None:
    """Flip the switch; it is asked anew by every request, so it holds from the next one on.

    LastWayToSendCodes when another checker switched the other way off meanwhile: asked again under a lock on both.
    """
    payload = proposal.payload
    if payload["code"] in SENT_CODES:
        _hold_ways()
        refuse_if_wrong(payload)
    PortalSwitch.objects.update_or_create(
        code=payload["code"],
        defaults={
            "is_on": payload["is_on"],
            "notice_en": payload["notice_en"],
            "notice_sw": payload["notice_sw"],
            "since": date.fromisoformat(payload["since"]),
            "changed_at": clock.now(),
        },
    )


def register() -> None:
    """Once, when the apps are ready."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Switch a service on or off"),
            make_permission="staff.propose_switch",
            check_permission="staff.approve_switch",
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
