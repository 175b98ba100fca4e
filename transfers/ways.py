"""The ways on which money can leave an account, with what stands in the way of each at the moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from transfers.destinations import Kind
from transfers.outside.kinds import KINDS
from transfers.outside.obstacles import Obstacles, look
from transfers.outside.terms import notices_of, rails_of
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the list: where it leads, its words, and the notice while it is off ("" while it is on)."""

    page: str
    icon: str
    title: Any
    words: Any
    notice: str = ""
    is_off: bool = False


_ALL: tuple[tuple[str, str, Any, Any, Kind | None], ...] = (
    ("move_wekeza", "send", _("To a Wekeza customer"), _("Free and at once. You need their account number."), None),
    ("move_mobile", "phone", _("To a phone"), _("M-Pesa and Airtel Money, usually within a minute."),
     Kind.MOBILE_MONEY),
    ("move_bank", "bank", _("To another bank"), _("Any bank in Kenya, by account or phone number."),
     Kind.BANK_TRANSFER),
    ("move_bills", "bill", _("Pay a bill"), _("Electricity, water, television, school, taxes and more."),
     Kind.BILL_PAYMENT),
    ("move_airtime", "call", _("Buy airtime"), _("For your own phone or somebody else's."), Kind.AIRTIME),
    ("move_cdsc", "chart", _("To a stockbroker"), _("For shares and bonds, with your CDS account."),
     Kind.CDSC_TRANSFER),
    ("move_own", "swap", _("Between my accounts"), _("Free and at once, with no limit."), None),
)  # fmt: skip


def ways(*, has_two: bool) -> list[Way]:
    """Every way there is, in one query; between own accounts only for those who have two."""
    entries = [entry for entry in _ALL if has_two or entry[0] != "move_own"]
    rails = [name for kind in KINDS.values() for name in rails_of(kind)]
    codes = {switches.INTERNAL_TRANSFERS, *rails, *(kind.switch for kind in KINDS.values())}
    found = look(codes, set(rails))
    return [Way(*entry[:4], *_in_the_way(entry[4], found)) for entry in entries]


def notices(found: Iterable[Way]) -> list[str]:
    """What to say once on top, though it may concern several ways."""
    return list(dict.fromkeys(way.notice for way in found if way.notice))


def _in_the_way(kind: Kind | None, found: Obstacles) -> tuple[str, bool]:
    """The notice, and whether nothing at all goes this way now."""
    if kind is None:
        notice = found.off.get(switches.INTERNAL_TRANSFERS, "")
        return notice, bool(notice)
    entry = KINDS[kind]
    stopped = [found.off[entry.switch]] if entry.switch in found.off else []
    said = [*stopped, *notices_of(entry, found)]
    return (said[0] if said else ""), bool(stopped) or all(name in found.off for name in rails_of(entry))
