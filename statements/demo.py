"""Demo data of View: a dispute that waits at the branch, and one that was taken back."""

from datetime import timedelta

from accounts.approvals import queue
from accounts.models import ApprovalRequest, BranchCustomer
from accounts.movements import latest
from accounts.selectors import accounts_of
from statements.disputes import asking
from statements.disputes.forms import Why
from wekeza_portal.branch.demobank.bank import DemoBank

State = ApprovalRequest.State


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    _dispute(bank, "emmanuel", Why.TWICE, "The shop says it got it once only.", State.SENT)
    _dispute(bank, "nuria", Why.WRONG_AMOUNT, "The slip says KES 200 less.", State.CANCELLED)


def _dispute(bank: DemoBank, key: str, why: Why, text: str, state: State) -> None:
    """As the customer would have sent it two days ago, about the newest movement out."""
    customer = BranchCustomer.objects.get(pk=bank.customer(key).user_id)
    movement = next((row for row in latest(accounts_of(customer), 50) if not row.is_in), None)
    if movement is None:
        return
    wish = asking.draft(customer, movement, why=why, text=text)
    item = queue.Item(
        wish.transaction_type, asking.for_staff(customer, wish), asking.in_words(customer, wish), wish.amount
    )
    row = queue.write(customer, item)
    wish.queue_id, wish.reference_id, wish.decision = row.queue_id, row.reference_id, row.status
    wish.state, wish.sent_at = state, bank.now - timedelta(days=2)
    wish.save(update_fields=["queue_id", "reference_id", "decision", "state", "sent_at"])
