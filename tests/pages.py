"""Every page of the portal with what it needs to be shown: for the browser tests and the photographs."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts import instructions
from accounts.approvals import details
from accounts.models import Account, AccountTransaction, ApprovalRequest, BranchCustomer, Instruction, User
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    IssuedPaperFactory,
    TransactionFactory,
    UploadFactory,
    UserFactory,
)
from transfers import services
from wekeza_portal.actors import Actor
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.uploads.models import Upload

PUBLIC_PAGES = ["/login/", "/enrol/", "/help/", "/verify/", "/verify/0000-0000-0000/", "/no-such-page/"]


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
        for word in [
            "DEPOSIT",
            "MOBILE_MONEY_OUT",
            "MOBILE_MONEY_FEE",
            "BILL_PAYMENT",
            "INSURANCE_PREMIUM",
            "ODD_WORD",
        ]:
            TransactionFactory(account=account, txn_type=word, amount=Decimal("1250.00"))
        actor = Actor(kind="customer", id=str(user.pk), customer_id=customer.user_id)
        paid = cls._prepare(customer, account, payee, actor)
        instructions.approve(customer=customer, instruction_id=paid.id)
        instructions.confirm(customer=customer, instruction_id=paid.id, actor=actor)
        paper = IssuedPaperFactory(customer_id=customer.user_id, subject=instructions.receipt(paid).reference)
        draft = cls._prepare(customer, account, payee, actor)
        wish = details.draft(customer, detail="email", value="emmanuel@example.com")
        added = UploadFactory(customer_id=customer.user_id, about=wish.id)
        asked = details.draft(customer, detail="phone_number", value="+254733444555")
        UploadFactory(customer_id=customer.user_id, about=asked.id, name="a letter.png")
        asked = details.send(customer, asked, actor)
        told = InboxItem.objects.get(cause=f"transfer-sent:{paid.id}")
        customers = {"paper": paper, "wish": wish, "asked": asked, "added": added, "told": told}
        return cls(user=user, account=account, draft=draft, paid=paid, **customers)

    @staticmethod
    def _prepare(customer: BranchCustomer, account: Account, payee: Account, actor: Actor) -> Instruction:
        return services.prepare_transfer(
            customer,
            from_number=account.account_number,
            to_number=payee.account_number,
            amount=Decimal("2500.00"),
            note="Rent for November",
            actor=actor,
        )

    def fill_branch_with(self, text: str) -> None:
        """Put the same text into every free-text column of the branch that a page shows."""
        BranchCustomer.objects.all().update(full_name=text[:100])
        AccountTransaction.objects.exclude(txn_type="TRANSFER_OUT").update(description=text[:255])
        row = AccountTransaction.objects.filter(txn_type="ODD_WORD").first()
        assert row is not None
        row.txn_type = text[:50]
        row.save(update_fields=["txn_type"])


def signed_in_pages(scene: Scene) -> list[str]:
    """Addresses of every page a signed-in customer can open with GET."""
    movement = AccountTransaction.objects.filter(account=scene.account).latest("transaction_id")
    plain = [
        "home", "move", "move_own", "move_wekeza", "view", "balance_history", "borrow", "insure", "save", "settings",
        "sign_in_history", "more", "help", "correct_details", "requests", "inbox",
    ]  # fmt: skip
    return [
        *(reverse(name) for name in plain),
        reverse("movement", args=[movement.reference_code]),
        reverse("payment_review", args=[scene.draft.id]),
        reverse("payment_receipt", args=[scene.paid.id]),
        reverse("request_page", args=[scene.wish.id]),
        reverse("request_page", args=[scene.asked.id]),
        f"{reverse('correct_details')}?draft={scene.wish.id}",
        reverse("inbox_message", args=[scene.told.public_id]),
        "/inbox/?show=unread",
        "/inbox/?show=archived",
        reverse("verify_paper", args=[scene.paper.code]),
        f"{reverse('step_up')}?for={scene.draft.id}",
        "/view/?direction=out&text=nothing-like-this",
        "/view/?period=custom&from=yesterday",
    ]
