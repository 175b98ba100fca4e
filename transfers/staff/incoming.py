"""What two people do with money that is nobody's, and with deposits of which M-Pesa says nothing.

Each is asked again under the row's lock: where M-Pesa or others were quicker, nothing is done by hand.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.ledger import AccountCannotReceive
from accounts.models import Account
from transfers.collecting import crediting, returning, working
from transfers.collecting.crediting import Word
from transfers.models import Deposit, Incoming
from transfers.rules import masked_name
from transfers.selectors import find_account
from transfers.staff.ends import LEAST_EVIDENCE, EvidenceMissing
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

MATCH, RETURN = "incoming-match", "incoming-return"
GONE, STAYED, CLEARED = "incoming-gone", "incoming-stayed", "incoming-contradiction"
PAID, UNPAID, CLOSE = "deposit-paid", "deposit-unpaid", "deposit-contradiction"
PROPOSE, APPROVE = "transfers.propose_incoming", "transfers.approve_incoming"


class NotWaiting(PortalError):
    code = "not_waiting"
    message = gettext_lazy("This money is somebody's by now, or on its way back.")


class NoSuchAccount(PortalError):
    code = "no_such_account"
    field = "account"
    message = gettext_lazy("There is no personal account of this number that can receive money.")


class OtherCustomers(PortalError):
    code = "other_customers"
    field = "account"
    message = gettext_lazy("It was paid at another customer's prompt: it goes onto an account of theirs, or back.")


class CanNotGoBack(PortalError):
    code = "can_not_go_back"
    message = gettext_lazy("M-Pesa gives back whole shillings under a receipt only; this has none, or cents.")


class StillGoing(PortalError):
    code = "still_going"
    message = gettext_lazy("M-Pesa is still being asked, or has answered. Look again later.")


class Ended(PortalError):
    code = "deposit_ended"
    message = gettext_lazy("M-Pesa has answered meanwhile: the deposit has ended by itself.")


class BeingAsked(PortalError):
    code = "being_asked"
    message = gettext_lazy("The phone is being asked at this moment. Look again in a few minutes.")


def _incoming(payload: Payload, *, lock: bool = False) -> Incoming:
    rows = Incoming.objects.select_for_update() if lock else Incoming.objects.all()
    return rows.get(pk=payload["incoming"])


def _deposit(payload: Payload, *, lock: bool = False) -> Deposit:
    rows = Deposit.objects.select_for_update() if lock else Deposit.objects.all()
    return rows.get(pk=payload["deposit"])


def _refuse_without_evidence(payload: Payload) -> None:
    if len(" ".join(payload["evidence"].split())) < LEAST_EVIDENCE:
        raise EvidenceMissing()


def _account(payload: Payload) -> Account:
    account = find_account(payload["account"])
    if account is None or account.business_id is not None or account.customer_id is None:
        raise NoSuchAccount()
    if account.status != Account.Status.ACTIVE or account.currency != "KES" or account.balance is None:
        raise NoSuchAccount()
    return account


def refuse_to_match(payload: Payload) -> None:
    """Raises EvidenceMissing, NotWaiting, NoSuchAccount or OtherCustomers."""
    _refuse_without_evidence(payload)
    row, account = _incoming(payload), _account(payload)
    if row.state != Incoming.State.SUSPENSE:
        raise NotWaiting()
    deposit = row.deposit
    is_theirs = deposit is not None and deposit.state == Deposit.State.HELD
    if deposit is not None and is_theirs and deposit.customer_id != account.customer_id:
        raise OtherCustomers()


def match(proposal: Proposal) -> None:
    """Two people found whose it is."""
    with transaction.atomic():
        row = _incoming(proposal.payload, lock=True)
        refuse_to_match(proposal.payload)
        try:
            crediting.match(row, crediting.target_at(_account(proposal.payload)), _checker(proposal))
        except AccountCannotReceive:
            raise NoSuchAccount() from None
        _note(proposal, "money.matched_by_hand", f"incoming:{row.reference}", row.customer_id)


def refuse_to_return(payload: Payload) -> None:
    """Raises EvidenceMissing, NotWaiting or CanNotGoBack."""
    _refuse_without_evidence(payload)
    row = _incoming(payload)
    if row.state != Incoming.State.SUSPENSE:
        raise NotWaiting()
    if not row.receipt or row.amount != row.amount.to_integral_value():
        raise CanNotGoBack()


def give_back(proposal: Proposal) -> None:
    """Two people decided: the worker asks M-Pesa to give it back to who paid."""
    with transaction.atomic():
        row = _incoming(proposal.payload, lock=True)
        refuse_to_return(proposal.payload)
        row.state, row.due_at, row.tries, row.reason_code = Incoming.State.SENDING, clock.now(), 0, ""
        row.rounds += 1
        row.save(update_fields=["state", "due_at", "tries", "reason_code", "rounds"])
        _note(proposal, "money.return_by_hand", f"incoming:{row.reference}", None)


def refuse_to_settle(payload: Payload) -> None:
    """Raises EvidenceMissing, or StillGoing while M-Pesa itself may say what became of it, and where it was decided
    once more to give it back since this was proposed."""
    _refuse_without_evidence(payload)
    row = _incoming(payload)
    if not returning.is_with_people(row) or payload["round"] != str(row.rounds):
        raise StillGoing()


def gone(proposal: Proposal) -> None:
    """M-Pesa's statement shows that it went back."""
    with transaction.atomic():
        row = _incoming(proposal.payload, lock=True)
        refuse_to_settle(proposal.payload)
        returning.end_as_returned(row)
        row.save(update_fields=["state", "due_at", "ended_reference", "finished_at"])
        _note(proposal, "money.returned_by_hand", f"incoming:{row.reference}", None)


def stayed(proposal: Proposal) -> None:
    """M-Pesa's statement shows that it did not go back: it is nobody's again."""
    with transaction.atomic():
        row = _incoming(proposal.payload, lock=True)
        refuse_to_settle(proposal.payload)
        row.state, row.due_at = Incoming.State.SUSPENSE, None
        row.save(update_fields=["state", "due_at"])
        _note(proposal, "money.kept_by_hand", f"incoming:{row.reference}", None)


def refuse_to_clear(payload: Payload) -> None:
    """Raises EvidenceMissing or StillGoing."""
    _refuse_without_evidence(payload)
    if _incoming(payload).contradicted_at is None:
        raise StillGoing()


def clear(proposal: Proposal) -> None:
    """People have cleared up that M-Pesa says it gave back what is on an account. Posts nothing."""
    with transaction.atomic():
        row = _incoming(proposal.payload, lock=True)
        refuse_to_clear(proposal.payload)
        row.contradicted_at = None
        row.save(update_fields=["contradicted_at"])
        _note(proposal, "money.contradiction_closed", f"incoming:{row.reference}", row.customer_id)


def refuse_to_end(payload: Payload) -> None:
    """Raises EvidenceMissing, Ended or BeingAsked."""
    _refuse_without_evidence(payload)
    deposit = _deposit(payload)
    if not deposit.is_open:
        raise Ended()
    if deposit.with_staff_since is None:
        raise BeingAsked()


def refuse_to_close(payload: Payload) -> None:
    """Raises EvidenceMissing or Ended."""
    _refuse_without_evidence(payload)
    if _deposit(payload).contradicted_at is None:
        raise Ended()


def paid(proposal: Proposal) -> None:
    """M-Pesa's statement has it: it goes onto the account."""
    with transaction.atomic():
        deposit = _deposit(proposal.payload, lock=True)
        refuse_to_end(proposal.payload)
        receipt = proposal.payload["receipt"].strip().upper()[:20]
        word = Word(Incoming.Way.PROMPT, deposit.amount, receipt, phone=deposit.msisdn)
        crediting.for_deposit(deposit, word)
        _note(proposal, "deposit.paid_by_hand", f"deposit:{deposit.reference}", deposit.customer_id)


def unpaid(proposal: Proposal) -> None:
    """M-Pesa's statement does not have it."""
    with transaction.atomic():
        deposit = _deposit(proposal.payload, lock=True)
        refuse_to_end(proposal.payload)
        working.refuse(deposit, Outcome(Status.REFUSED, "by hand", customer="no_answer"))
        _note(proposal, "deposit.unpaid_by_hand", f"deposit:{deposit.reference}", deposit.customer_id)


def close(proposal: Proposal) -> None:
    """People have cleared up what M-Pesa contradicted. Posts nothing."""
    with transaction.atomic():
        deposit = _deposit(proposal.payload, lock=True)
        refuse_to_close(proposal.payload)
        deposit.contradicted_at = None
        deposit.save(update_fields=["contradicted_at"])
        _note(proposal, "deposit.contradiction_closed", f"deposit:{deposit.reference}", deposit.customer_id)


def _checker(proposal: Proposal) -> Actor:
    return Actor(kind="staff", id=str(proposal.decided_by))


def _note(proposal: Proposal, verb: str, subject: str, customer_id: int | None) -> None:
    data = {"evidence": proposal.payload["evidence"], "maker": proposal.made_by_code, "proposal": str(proposal.pk)}
    record(verb, actor=_checker(proposal), customer_id=customer_id, subject=subject, data=data)


def _describe_match(payload: Payload) -> str:
    row, account = _incoming(payload), find_account(payload["account"])
    values = {
        "amount": format_kes(row.amount),
        "receipt": row.receipt or row.reference,
        "payer": row.payer or "-",
        "typed": row.typed or "-",
        "number": payload["account"],
        "owner": masked_name(account.customer.full_name) if account and account.customer else "-",
        "text": payload["evidence"],
    }
    words = _(
        "%(amount)s, M-Pesa %(receipt)s, paid by %(payer)s for %(typed)s: onto account %(number)s of %(owner)s. "
        "Evidence: %(text)s"
    )
    return words % values


def _says(words: Any) -> Callable[[Payload], str]:
    """The words about a deposit, or about money that came in, with the evidence after them."""

    def describe(payload: Payload) -> str:
        if "deposit" in payload:
            deposit = _deposit(payload)
            values = {"reference": deposit.reference, "amount": format_kes(deposit.amount)}
        else:
            row = _incoming(payload)
            values = {"receipt": row.receipt or row.reference, "amount": format_kes(row.amount)}
        return f"{words % values} {_('Evidence: %(text)s') % {'text': payload['evidence']}}"

    return describe


def register() -> None:
    """Once, when the staff's pages are made."""
    kinds: tuple[tuple[str, Any, Any, Any, Any], ...] = (
        (MATCH, gettext_lazy("Match money to a customer"), _describe_match, refuse_to_match, match),
        (
            RETURN,
            gettext_lazy("Give money back to who paid"),
            _says(gettext_lazy("%(amount)s, M-Pesa %(receipt)s: M-Pesa gives it back to who paid.")),
            refuse_to_return,
            give_back,
        ),
        (
            GONE,
            gettext_lazy("Money was given back"),
            _says(gettext_lazy("%(amount)s, M-Pesa %(receipt)s: it went back to who paid, and leaves suspense.")),
            refuse_to_settle,
            gone,
        ),
        (
            STAYED,
            gettext_lazy("Money was not given back"),
            _says(gettext_lazy("%(amount)s, M-Pesa %(receipt)s: it did not go back, and is nobody's again.")),
            refuse_to_settle,
            stayed,
        ),
        (
            CLEARED,
            gettext_lazy("Close a contradiction about money that came in"),
            _says(gettext_lazy("%(amount)s, M-Pesa %(receipt)s: the contradiction is cleared up. Nothing is posted.")),
            refuse_to_clear,
            clear,
        ),
        (
            PAID,
            gettext_lazy("A deposit was paid"),
            _says(gettext_lazy("Deposit %(reference)s, %(amount)s: it was paid and goes onto the account.")),
            refuse_to_end,
            paid,
        ),
        (
            UNPAID,
            gettext_lazy("A deposit was not paid"),
            _says(gettext_lazy("Deposit %(reference)s, %(amount)s: nothing was paid.")),
            refuse_to_end,
            unpaid,
        ),
        (
            CLOSE,
            gettext_lazy("Close a deposit's contradiction"),
            _says(
                gettext_lazy("Deposit %(reference)s, %(amount)s: the contradiction is cleared up. Nothing is posted.")
            ),
            refuse_to_close,
            close,
        ),
    )
    for name, title, describe, wrong, apply in kinds:
        proposals.kinds.register(name, ProposalKind(title, PROPOSE, APPROVE, describe, wrong, apply))
