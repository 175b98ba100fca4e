"""Wekeza customers in a file whom its owner never paid: the file has to say whose account it is, and we say if it fits.

By hand a customer may ask about a few strangers a day and is shown their names. A file asks about fifty at once, so it
is told no names: somebody who pays members of a group knows who they are, and somebody who tries numbers does not. A
number that nobody has, one that can't receive and one of somebody else all get the same answer.
"""

import re
import unicodedata
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts import instructions
from accounts.models import Account, BranchCustomer
from transfers.errors import BusinessPayee, PayeeUnavailable, TransferRefused
from transfers.models import SavedPayee
from transfers.selectors import Counter, find_account, payee_key, refuse_unless_payable
from wekeza_portal import ratelimit
from wekeza_portal.ratelimit import Policy

NAMES = Policy("payment-file-names", 100, timedelta(days=1))
"""Names a customer's files may ask about in a day: two full files of people who were never paid."""
NEEDED = 2
"""Of the owner's names, as many have to stand in the file."""
TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "rev", "eng", "bw", "bi", "mzee", "mama", "baba"}
_NOT_A_LETTER = re.compile(r"[\W\d_]+")


class NameNeeded(TransferRefused):
    code = "name_needed"
    field = "name"
    message = _("You never paid this account. Write whose it is: two of the person's names, as on their ID.")


class NotTheirAccount(TransferRefused):
    """Which of the two is wrong, or whether there is such an account at all, is not said."""

    code = "not_their_account"
    field = "name"
    message = _("We found no account that can be paid with this number and this name. Check both with the person.")


def asked_by(name: str) -> Counter:
    """What a look-up of a file's row does about a stranger: count it, and go on only where `name` fits the account.

    The Counter raises NameNeeded, TooMany or NotTheirAccount.
    """

    def ask(customer: BranchCustomer, number: str) -> None:
        account = find_account(number)
        is_kept = account is not None and _is_kept(customer, account)
        if not is_kept and len(_names(name)) < NEEDED:
            raise NameNeeded()
        ratelimit.consume(NAMES, str(customer.user_id))
        if not is_kept and not _is_theirs(account, name):
            raise NotTheirAccount()

    return ask


def missing_name(customer: BranchCustomer, number: str, name: str) -> str:
    """What is said where the row of a stranger names nobody; "" where it need not, or is to somewhere else ("").

    Says of no account whether there is one: an unknown number needs a name as much as a stranger's.
    """
    if not number or len(_names(name)) >= NEEDED:
        return ""
    account = find_account(number)
    if account is None or not _is_familiar(customer, account):
        return str(NameNeeded())
    return ""


def _is_familiar(customer: BranchCustomer, account: Account) -> bool:
    is_own = account.customer_id == customer.user_id
    return is_own or _is_kept(customer, account) or instructions.has_paid(customer.user_id, payee_key(account))


def _is_kept(customer: BranchCustomer, account: Account) -> bool:
    """Kept by hand: its name was shown then, and counted."""
    return SavedPayee.objects.filter(customer_id=customer.user_id, payee_key=payee_key(account)).exists()


def _is_theirs(account: Account | None, name: str) -> bool:
    if account is None or account.customer is None or not fits(name, account.customer.full_name):
        return False
    try:
        refuse_unless_payable(account)
    except (BusinessPayee, PayeeUnavailable):
        return False
    return True


def fits(typed: str, full_name: str) -> bool:
    """Whether a name as people write it can be that of `full_name`.

    In any order, without regard to accents, apostrophes and titles; two names in full, others may be initials.
    """
    owner = _names(full_name)
    words = _words(typed)
    in_full = {word for word in words if word in owner}
    initials = {word for word in words if len(word) == 1 and any(name.startswith(word) for name in owner)}
    return len(in_full) >= NEEDED and words == in_full | initials


def _names(text: str) -> set[str]:
    return {word for word in _words(text) if len(word) > 1}


def _words(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    parts = _NOT_A_LETTER.split(re.sub(r"['’`]", "", plain).casefold())
    return {word for word in parts if word and word not in TITLES}
