"""Proving the second factor, whichever way: each try is counted first, and one proof opens one thing once."""

from dataclasses import dataclass

from accounts.identity import codes
from accounts.identity.factors import app, backup, passkeys
from accounts.identity.factors.ways import SWITCHES
from accounts.models import BranchCustomer, OneTimeCode, User, Way
from wekeza_portal import ratelimit
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked, and for what: a sent code or a passkey's challenge belongs to its `binding`."""

    purpose: OneTimeCode.Purpose
    customer: BranchCustomer
    binding: str

    @property
    def user(self) -> User:
        """The login whose own factors these are."""
        user: User = self.customer.portal_user
        return user


def prove(question: Question, way: Way, answer: str) -> None:
    """Use up what the customer gave. Returns only for a right proof, and only once.

    Raises WrongCode, CodeUsedUp, SwitchedOff when the bank has closed this way, or TooMany after ten wrong ones in half
    an hour, in whatever way and whatever for. Must be called outside a transaction.
    """
    who = question.customer.user_id
    if way.is_sent:
        codes.verify(purpose=question.purpose, customer_id=who, binding=question.binding, code=answer)
        return
    switches.require_on(SWITCHES[way])
    ratelimit.consume(codes.CODE_TRIES, str(who))
    USES[way](question, answer)
    ratelimit.reset(codes.CODE_TRIES, str(who))


def _app(question: Question, answer: str) -> None:
    app.use(question.user, answer)


def _backup(question: Question, answer: str) -> None:
    backup.use(question.user, answer)


def _passkey(question: Question, answer: str) -> None:
    passkeys.use(question.user, question.binding, answer)


USES = {Way.APP: _app, Way.BACKUP: _backup, Way.PASSKEY: _passkey}
