"""Services of the demo customers: one that waits, one that was given, one that was refused, and letters.

Requests are written as their owners would have sent them; what the branch answered stands in its own row.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from accounts import instructions
from accounts.approvals import queue
from accounts.approvals import services as requests
from accounts.models import ApprovalRequest, AuthorizationItem, BankLetter, BranchCustomer, ServiceDone
from accounts.selectors import accounts_of
from accounts.servicing import asking, catalogue, letters, saying
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.branch.demobank.bank import DemoBank

State = ApprovalRequest.State
BRANCH = "BR001"
SUPERVISOR = "SUP001"


def seed(bank: DemoBank) -> None:
    """Runs in the transaction that fills the demo bank; the letters follow once it is committed."""
    emmanuel, nuria = (BranchCustomer.objects.get(pk=bank.customer(key).user_id) for key in ("emmanuel", "nuria"))
    for customer in (emmanuel, nuria):
        _requests(customer, bank)
    transaction.on_commit(lambda: _letters(emmanuel, nuria))


def _requests(customer: BranchCustomer, bank: DemoBank) -> None:
    number = accounts_of(customer)[0].number
    reference = {"account": number, "addressee": "Embassy of Norway, Nairobi", "branch": BRANCH}
    helper = {"account": number, "name": "Faith Wambui", "national_id": "31556677", "phone": "+254711445566"}
    mandate = {**helper, "power": "LOOK", "until": ""}
    _sent(customer, catalogue.NEW_ACCOUNT, {"account_kind": "SAVINGS", "purpose": "School fees"}, days_ago=1)
    given = _sent(customer, catalogue.REFERENCE, reference, days_ago=9)
    _decided(given, AuthorizationItem.Status.APPROVED)
    ServiceDone.objects.create(request=given, staff=SUPERVISOR, at=bank.now - timedelta(days=6))
    given.state, given.effect, given.done_at = State.DONE, f"{SUPERVISOR} saw to it", bank.now - timedelta(days=6)
    given.save(update_fields=["state", "effect", "done_at"])
    refused = _sent(customer, catalogue.MANDATE, mandate, days_ago=20)
    refused.refusal_reason = "The person did not come to sign. Please ask again when both of you can come."
    _decided(refused, AuthorizationItem.Status.REJECTED, refused.refusal_reason)
    refused.state = State.REFUSED
    refused.save(update_fields=["state", "refusal_reason"])


def _sent(customer: BranchCustomer, kind: str, wish: Mapping[str, str], *, days_ago: int) -> ApprovalRequest:
    """As the customer would have sent it then; its draft is made past the checks, which ask about today."""
    price = asking.price_for(kind, wish)
    request = requests.draft(
        customer=customer,
        kind=kind,
        transaction_type=asking.queue_type(price),
        payload=asking.payload_of(customer, kind, wish, price),
        amount=price.amount,
    )
    words, data = saying.words_for_staff(customer, request), saying.data_for_staff(customer, request)
    row = queue.write(customer, queue.Item(request.transaction_type, data, words, request.amount))
    request.queue_id, request.reference_id, request.decision = row.queue_id, row.reference_id, row.status
    request.state, request.sent_at = State.SENT, clock.now() - timedelta(days=days_ago)
    request.save(update_fields=["queue_id", "reference_id", "decision", "state", "sent_at"])
    return request


def _decided(request: ApprovalRequest, status: str, reason: str | None = None) -> None:
    """The demo bank plays its own branch: the supervisor's statement, and that the portal has seen it."""
    at = clock.now() - timedelta(days=6)
    AuthorizationItem.objects.filter(queue_id=request.queue_id).update(
        status=status, approved_by=SUPERVISOR, approved_at=at, rejection_reason=reason
    )
    request.decision, request.decided_by, request.decided_at = status, SUPERVISOR, at
    request.save(update_fields=["decision", "decided_by", "decided_at"])


def _letters(emmanuel: BranchCustomer, nuria: BranchCustomer) -> None:
    """Both have a free letter, emmanuel one that he paid for."""
    for customer in (emmanuel, nuria):
        number = accounts_of(customer)[0].number
        actor = Actor(kind="customer", id="", customer_id=customer.user_id)
        kind = BankLetter.Kind.ACCOUNT
        letters.write_free(customer, kind, account=number, addressee="KCB Mortgage Centre", actor=actor)
    actor = Actor(kind="customer", id="", customer_id=emmanuel.user_id)
    number, embassy = accounts_of(emmanuel)[0].number, "Embassy of Norway, Nairobi"
    draft = letters.prepare(emmanuel, BankLetter.Kind.BALANCE, account=number, addressee=embassy, pay_from=number)
    instructions.confirm(customer=emmanuel, instruction_id=draft.id, actor=actor)
