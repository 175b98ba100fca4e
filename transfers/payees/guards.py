"""Who stands behind a receiver: the key by which the cap, the hold and the customer's own limit know a person.

A payee key names one wallet, account or bill, and a code is asked for each of them. A person has several: a phone can
be reached over every network, as airtime and through PesaLink, and a Wekeza customer over each of their accounts. What
guards against paying a stranger too much would be worth little if each of those counted alone.
"""

import re
from collections.abc import Iterable

from django.db.models import Q

PHONE, OWNER = "phone", "wekeza-owner"
WALLETS = ("MPESA", "AIRTEL_MONEY", "TKASH")
AIRTIME_SELLERS = ("AIRTIME_SAFARICOM", "AIRTIME_AIRTEL", "AIRTIME_TELKOM")
_MOBILE = re.compile(r"(?:\+?254|0)?([17][0-9]{8})", re.ASCII)
_OF_PHONES = ("mobile", "airtime", "pesalink")


def guard_key(payee_key: str) -> str:
    """The person behind a payee key: "phone:254722123456", "wekeza-owner:" and their fingerprint, or the key itself.

    A guard key stays as it is. The fingerprint is a keyed digest and says nothing of the person.
    """
    kind, _, rest = payee_key.partition(":")
    last = rest.rpartition(":")[2]
    if kind in _OF_PHONES:
        return f"{PHONE}:{last}"
    if kind == "wekeza" and last:
        return f"{OWNER}:{last}"
    if kind == "bill" and rest.startswith("AIRTIME_"):
        number = _MOBILE.fullmatch(last)
        return f"{PHONE}:254{number.group(1)}" if number else payee_key
    return payee_key


def reached_by(guards: Iterable[str]) -> Q:
    """Which `payee_key` belongs to one of these persons, as a filter; none for no persons."""
    exact: list[str] = []
    found = Q(pk__in=())
    for guard in sorted(set(guards)):
        kind, _, rest = guard.partition(":")
        if kind == PHONE:
            exact += _keys_of_phone(rest)
        elif kind == OWNER:
            found |= Q(payee_key__startswith="wekeza:", payee_key__endswith=f":{rest}")
        else:
            exact.append(guard)
    return found | Q(payee_key__in=exact)


def _keys_of_phone(number: str) -> list[str]:
    wallets = [f"mobile:{wallet}:{number}" for wallet in WALLETS]
    written = (number, f"+{number}", f"0{number[3:]}", number[3:])
    bills = [f"bill:{seller}:{text}" for seller in AIRTIME_SELLERS for text in written]
    return [*wallets, f"airtime:{number}", f"pesalink:{number}", *bills]
