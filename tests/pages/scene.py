"""A customer with a life, for everything that looks at pages."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import instructions
from accounts.identity.factors import acts
from accounts.models import (
    Account,
    AccountTransaction,
    ApprovalRequest,
    BankLetter,
    BranchCustomer,
    Card,
    CardSight,
    ContactChange,
    DataRequest,
    Instruction,
    KnownDevice,
    SignedInSession,
    SupportView,
    TermsAcceptance,
    User,
)
from tests import lives, many
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    IssuedPaperFactory,
    KnownDeviceFactory,
    SignedInSessionFactory,
    TransactionFactory,
    UserFactory,
)
from tests.pages import parts
from transfers.models import (
    BlockedAsker,
    Deposit,
    Incoming,
    MoneyRequest,
    PaymentFile,
    SavedPayee,
    StandingOrder,
)
from transfers.payees import keeping
from transfers.tests import standing
from wekeza_portal.actors import Actor
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.uploads.models import Upload


@dataclass
class Scene:
    """A customer with a life: two accounts, branch movements, a draft and a paid transfer."""

    user: User
    account: Account
    draft: Instruction
    paid: Instruction
    wish: ApprovalRequest
    asked: ApprovalRequest
    paper: IssuedPaper
    added: Upload
    told: InboxItem
    test_message: OutboxMessage
    payee: SavedPayee
    keeping: Instruction
    large: Instruction
    raising: Instruction
    """Raising an own limit, no code given yet; another raise of it waits."""
    plan: Instruction
    order: StandingOrder
    outside: Instruction
    """To a phone, not confirmed yet."""
    moving: Instruction
    """To a phone, received by the bank."""
    taken: Instruction
    """To another bank, sent."""
    unknown: Instruction
    """To a phone, of which nobody knows."""
    with_staff: Instruction
    """Likewise, and people look at it."""
    arrived: Instruction
    """To a stockbroker, confirmed."""
    returned: Instruction
    """To another bank, given back."""
    by_phone: Instruction
    """To a bank account by phone number, confirmed."""
    held: Instruction
    """To a phone, held back by a stop that is over."""
    asked_of: MoneyRequest
    asked_by: MoneyRequest
    blocked: BlockedAsker
    file: PaymentFile
    in_question: PaymentFile
    """Asks who asked for it before it asks for a code."""
    waiting: Instruction
    """Somebody asked for it, so it waits."""
    repassworded: Instruction
    """A change of password, done."""
    elsewhere: SignedInSession
    device: KnownDevice
    adding_app: Instruction
    making_codes: Instruction
    adding_passkey: Instruction
    deposit: Instruction
    """From M-Pesa, not confirmed yet."""
    ringing: Deposit
    """Its prompt is on the phone."""
    refused: Deposit
    received: Incoming
    contact_draft: Instruction
    contact: ContactChange
    """Waits for the code from the new number."""
    undo_token: str
    card: Card
    lost: Card
    card_wish: Instruction
    """Loosening what the card may do, not confirmed yet."""
    card_bill: Instruction
    """For a card in the place of the lost one, not confirmed yet."""
    card_bill_home: Instruction
    """Likewise, with a courier."""
    card_brought: Card
    card_paid: Instruction
    sight: CardSight
    service: ApprovalRequest
    """Closing an account, not sent yet."""
    served: ApprovalRequest
    """A bank reference, sent."""
    letter_bill: Instruction
    """For a letter, not confirmed yet."""
    letter: BankLetter
    """Paid for."""
    accepted: TermsAcceptance
    copy: Instruction
    """Of all data, open."""
    data_request: DataRequest
    refused_request: DataRequest
    look: SupportView
    """Asked for by staff, not answered yet."""
    look_of_before: SupportView

    @classmethod
    def set_up(cls) -> "Scene":
        customer: BranchCustomer = CustomerFactory(full_name="Emmanuel Otieno", phone_number="0722000111")
        user = UserFactory(customer=customer)
        account = AccountFactory(customer=customer, balance=Decimal("84406.00"))
        AccountFactory(customer=customer, balance=Decimal("12000.00"))
        payee = AccountFactory(customer=CustomerFactory(full_name="Wanjiku Mwangi"), balance=Decimal("10.00"))
        return cls.of(user, account, payee)

    @classmethod
    def of(cls, user: User, account: Account, payee: Account) -> "Scene":
        """The same life for a customer there is, who pays `payee` from `account`."""
        customer = user.customer
        assert customer is not None
        for word in parts.WORDS:
            TransactionFactory(account=account, txn_type=word, amount=Decimal("1250.00"))
        actor = Actor(kind="customer", id=str(user.pk), customer_id=customer.user_id)
        paid = parts.prepare(customer, account, payee, actor)
        instructions.approve(customer=customer, instruction_id=paid.id)
        instructions.confirm(customer=customer, instruction_id=paid.id, actor=actor)
        life: dict[str, Any] = {
            "draft": parts.prepare(customer, account, payee, actor),
            "paid": paid,
            "paper": IssuedPaperFactory(customer_id=customer.user_id, subject=instructions.receipt(paid).reference),
            "told": InboxItem.objects.get(cause=f"transfer-sent:{paid.id}"),
            "test_message": parts.message_to_try(customer),
            "payee": keeping.keep_paid(customer, paid.id, actor)[0],
            "raising": parts.raising(customer, actor),
            "plan": standing.draft(account, payee, mode="REMIND"),
            "order": standing.an_order(account, payee),
            "file": many.file_to_confirm(customer, account),
            "waiting": parts.held(customer, account, actor),
            "repassworded": parts.changed_password(customer),
            "elsewhere": SignedInSessionFactory(user=user),
            "device": KnownDeviceFactory(user=user),
            "adding_app": parts.change_factors(user, acts.ADD_APP),
            "adding_passkey": parts.change_factors(user, acts.ADD_PASSKEY),
            "making_codes": parts.change_factors(user, acts.MAKE_CODES),
        }
        life |= parts.requests(customer, actor)
        life |= parts.somebody_new(customer, account, actor)
        life |= parts.money_requests(customer, account, payee)
        life |= parts.money_in(account, actor)
        life |= parts.cards(customer, account, actor)
        life |= parts.contacts(customer)
        life |= parts.services_and_letters(customer, account, actor)
        life |= parts.privacy(user, actor)
        life |= parts.looks(customer)
        return cls(user=user, account=account, **life, **lives.payments_out(account, actor))

    def fill_branch_with(self, text: str) -> None:
        """Put the same text into every free-text column of the branch that a page shows."""
        BranchCustomer.objects.all().update(full_name=text[:100])
        AccountTransaction.objects.exclude(txn_type="TRANSFER_OUT").update(description=text[:255])
        row = AccountTransaction.objects.filter(txn_type="ODD_WORD").first()
        assert row is not None
        row.txn_type = text[:50]
        row.save(update_fields=["txn_type"])
