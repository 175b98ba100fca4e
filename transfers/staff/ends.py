"""How a payment of which nobody knows ends by hand, and how a contradiction is closed: two people and the evidence.

Asked again under the payment's lock: where the rail answered meanwhile, nothing is done by hand.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.ledger import AccountCannotReceive
from transfers.models import Payment
from transfers.outside import amending, finishing
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

SETTLE, GIVE_BACK, CLOSE = "payment-settle", "payment-return", "payment-contradiction"
CAME_BACK, LOSS = "payment-came-back", "payment-loss"
PROPOSE, APPROVE = "transfers.propose_payment_end", "transfers.approve_payment_end"
LEAST_EVIDENCE = 20
MOST_EVIDENCE = 500
State = Payment.State


class EndedMeanwhile(PortalError):
    code = "ended_meanwhile"
    message = gettext_lazy("The rail has answered meanwhile: the payment has ended by itself.")


class BeingSent(PortalError):
    code = "being_sent"
    message = gettext_lazy("It is being sent at this moment. Look again in a minute.")


class NeverSent(PortalError):
    code = "never_sent"
    message = gettext_lazy("It was never sent, so it can't have arrived.")


class NoContradiction(PortalError):
    code = "no_contradiction"
    message = gettext_lazy("There is no contradiction to close.")


class EvidenceMissing(PortalError):
    code = "evidence_missing"
    field = "evidence"
    message = gettext_lazy("Write down how it is known: who said so, when, on which paper. At least 20 characters.")


def payload_of(payment: Payment, evidence: str, receipt: str = "") -> Payload:
    """What a proposal keeps."""
    return {"payment": str(payment.pk), "reference": payment.reference, "evidence": evidence, "receipt": receipt[:64]}


def _payment(payload: Payload, *, lock: bool = False) -> Payment:
    rows = Payment.objects.select_for_update() if lock else Payment.objects.all()
    return rows.get(pk=payload["payment"])


def refuse_to_settle(payload: Payload) -> None:
    """Raises EvidenceMissing, EndedMeanwhile, BeingSent or NeverSent."""
    _refuse_ended(payload, _payment(payload))
    if not _payment(payload).sends:
        raise NeverSent()


def refuse_to_give_back(payload: Payload) -> None:
    """Raises EvidenceMissing, EndedMeanwhile or BeingSent."""
    _refuse_ended(payload, _payment(payload))


def refuse_to_close(payload: Payload) -> None:
    """Raises EvidenceMissing or NoContradiction."""
    _refuse_without_evidence(payload)
    if _payment(payload).contradicted_at is None:
        raise NoContradiction()


def refuse_to_take_back(payload: Payload) -> None:
    """Raises EvidenceMissing or NoContradiction."""
    refuse_to_close(payload)
    _refuse_unless_ended(_payment(payload), State.SETTLED)


def refuse_to_book(payload: Payload) -> None:
    """Raises EvidenceMissing or NoContradiction."""
    refuse_to_close(payload)
    _refuse_unless_ended(_payment(payload), State.RETURNED)


def _refuse_unless_ended(payment: Payment, state: Payment.State) -> None:
    if payment.contradicted_at is None or payment.state != state:
        raise NoContradiction()


def _refuse_without_evidence(payload: Payload) -> None:
    if len(" ".join(payload["evidence"].split())) < LEAST_EVIDENCE:
        raise EvidenceMissing()


def _refuse_ended(payload: Payload, payment: Payment) -> None:
    _refuse_without_evidence(payload)
    if not payment.is_open:
        raise EndedMeanwhile()
    if payment.state == State.SENDING:
        raise BeingSent()


def settle(proposal: Proposal) -> None:
    """It arrived, as people found out."""
    with transaction.atomic():
        payment = _payment(proposal.payload, lock=True)
        _refuse_ended(proposal.payload, payment)
        outcome = Outcome(Status.PAID, "by hand", receipt=proposal.payload["receipt"])
        finishing.settle(payment.pk, outcome, _checker(proposal))
        _cleared(payment)
        _note(payment, proposal, "payment.settled_by_hand")


def give_back(proposal: Proposal) -> None:
    """It did not arrive, as people found out: amount and fee go back."""
    with transaction.atomic():
        payment = _payment(proposal.payload, lock=True)
        _refuse_ended(proposal.payload, payment)
        outcome = Outcome(Status.REFUSED, "by hand", customer="not_possible")
        if not finishing.give_back(payment.pk, outcome, _checker(proposal)):
            raise NowhereToGo()
        _cleared(payment)
        _note(payment, proposal, "payment.returned_by_hand")


class NowhereToGo(PortalError):
    code = "nowhere_to_go"
    message = gettext_lazy("The account it came from is gone from the branch's tables. Nothing was given back.")


def close(proposal: Proposal) -> None:
    """People have cleared up what the rail contradicted. Posts nothing."""
    with transaction.atomic():
        payment = _payment(proposal.payload, lock=True)
        if payment.contradicted_at is None:
            raise NoContradiction()
        _close(payment, proposal)


def take_back(proposal: Proposal) -> None:
    """It was settled and came back all the same: the customer gets amount and fee."""
    with transaction.atomic():
        payment = _payment(proposal.payload, lock=True)
        _refuse_unless_ended(payment, State.SETTLED)
        try:
            amending.give_back_settled(payment, _checker(proposal))
        except AccountCannotReceive:
            raise NowhereToGo() from None
        _note(payment, proposal, "payment.came_back_by_hand")
        _close(payment, proposal)


def book_loss(proposal: Proposal) -> None:
    """It was given back and arrived all the same: what the rail took from the bank is lost."""
    with transaction.atomic():
        payment = _payment(proposal.payload, lock=True)
        _refuse_unless_ended(payment, State.RETURNED)
        amending.book_loss(payment, _checker(proposal))
        _close(payment, proposal)


def _cleared(payment: Payment) -> None:
    """Two people have decided: what the rail contradicted is cleared up by it."""
    Payment.objects.filter(pk=payment.pk).update(contradicted_at=None)


def _close(payment: Payment, proposal: Proposal) -> None:
    _cleared(payment)
    _note(payment, proposal, "payment.contradiction_closed")


def _checker(proposal: Proposal) -> Actor:
    return Actor(kind="staff", id=str(proposal.decided_by))


def _note(payment: Payment, proposal: Proposal, verb: str) -> None:
    data = {"evidence": proposal.payload["evidence"], "maker": proposal.made_by_code, "proposal": str(proposal.pk)}
    subject = f"payment:{payment.reference}"
    record(verb, actor=_checker(proposal), customer_id=payment.customer_id, subject=subject, data=data)


def _says(words: Any) -> Callable[[Payload], str]:
    def describe(payload: Payload) -> str:
        payment = _payment(payload)
        values = {"reference": payment.reference, "amount": format_kes(payment.amount), "rail": payment.rail}
        return f"{words % values} {_('Evidence: %(text)s') % {'text': payload['evidence']}}"

    return describe


def register() -> None:
    """Once, when the staff's pages are made."""
    for name, title, words, wrong, apply in (
        (
            SETTLE,
            gettext_lazy("Settle a payment by hand"),
            gettext_lazy("%(reference)s, %(amount)s over %(rail)s: it arrived."),
            refuse_to_settle,
            settle,
        ),
        (
            GIVE_BACK,
            gettext_lazy("Give a payment back by hand"),
            gettext_lazy("%(reference)s, %(amount)s over %(rail)s: it did not arrive, amount and fee go back."),
            refuse_to_give_back,
            give_back,
        ),
        (
            CLOSE,
            gettext_lazy("Close a contradiction"),
            gettext_lazy(
                "%(reference)s, %(amount)s over %(rail)s: the contradiction is cleared up. Nothing is posted."
            ),
            refuse_to_close,
            close,
        ),
        (
            CAME_BACK,
            gettext_lazy("Give back a payment that was settled"),
            gettext_lazy("%(reference)s, %(amount)s over %(rail)s: it came back, amount and fee go to the customer."),
            refuse_to_take_back,
            take_back,
        ),
        (
            LOSS,
            gettext_lazy("Book a payment as lost"),
            gettext_lazy("%(reference)s, %(amount)s over %(rail)s: it was given back and arrived; the bank bears it."),
            refuse_to_book,
            book_loss,
        ),
    ):
        kind = ProposalKind(
            title=title,
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=_says(words),
            refuse_if_wrong=wrong,
            apply=apply,
        )
        proposals.kinds.register(name, kind)
