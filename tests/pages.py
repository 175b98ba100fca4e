"""Every page of the portal with what it needs to be shown: for the browser tests and the photographs."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from accounts import instructions
from accounts.approvals import details
from accounts.models import (
    Account,
    AccountTransaction,
    ApprovalRequest,
    BranchCustomer,
    ContactChange,
    CustomerDetails,
    Instruction,
    User,
)
from accounts.profile import changing
from tests.factories import (
    AccountFactory,
    ContactChangeFactory,
    CustomerDetailsFactory,
    CustomerDocumentFactory,
    CustomerFactory,
    IssuedPaperFactory,
    TransactionFactory,
    UploadFactory,
    UserFactory,
)
from transfers import destinations, services
from transfers.destinations import Destination
from transfers.models import (
    BlockedAsker,
    Broker,
    MoneyRequest,
    Payment,
    PaymentFile,
    PaymentFileRow,
    SavedPayee,
    StandingOrder,
)
from transfers.outside import working
from transfers.outside.preparing import Wish, prepare_payment
from transfers.payees import keeping
from transfers.tests import standing
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.uploads.models import Upload

PUBLIC_PAGES = ["/login/", "/enrol/", "/help/", "/verify/", "/verify/0000-0000-0000/", "/move/fees/", "/no-such-page/"]


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
    payee: SavedPayee
    keeping: Instruction
    large: Instruction
    plan: Instruction
    order: StandingOrder
    outside: Instruction
    """To a phone, not confirmed yet."""
    moving: Instruction
    """To a phone, on its way."""
    arrived: Instruction
    """To a stockbroker, confirmed."""
    returned: Instruction
    """To another bank, given back."""
    asked_of: MoneyRequest
    asked_by: MoneyRequest
    blocked: BlockedAsker
    file: PaymentFile
    contact_draft: Instruction
    contact: ContactChange
    """Waits for the code from the new number."""
    undo_token: str

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
        kept, _is_new = keeping.keep_paid(customer, paid.id, actor)
        somebody = AccountFactory(customer=CustomerFactory(full_name="Grace Atieno"), balance=Decimal("10.00"))
        act = keeping.prepare_wekeza(customer, somebody.account_number, keeping.Extras("Grace", Decimal("5000.00")))
        large = cls._prepare(customer, account, somebody, actor, amount=Decimal("30000.00"))
        told = InboxItem.objects.get(cause=f"transfer-sent:{paid.id}")
        order = standing.an_order(account, payee)
        plan = standing.draft(account, payee, mode="REMIND")
        customers = {
            "paper": paper,
            "wish": wish,
            "asked": asked,
            "added": added,
            "told": told,
            "payee": kept,
            "keeping": act,
            "large": large,
            "plan": plan,
            "order": order,
        }
        asked_of, asked_by = cls._money_requests(customer, account, payee)
        blocked = BlockedAsker.objects.create(customer_id=customer.user_id, asker_id=999_999, created_at=clock.now())
        file = cls._payment_file(customer, account)
        customers |= {"file": file, "asked_of": asked_of, "asked_by": asked_by, "blocked": blocked}
        customers |= cls._contacts(customer)
        return cls(user=user, account=account, draft=draft, paid=paid, **customers, **cls._outside(account, actor))

    @staticmethod
    def _contacts(customer: BranchCustomer) -> dict[str, object]:
        """A new address to be reviewed, a new number that waits for its code, an address the old one may undo."""
        token = "4f" * 16
        common = {"customer_id": customer.user_id}
        ContactChangeFactory(**common, detail="email", state="IN_FORCE", undo_digest=changing.digest(token),
            in_force_at=clock.now() - timedelta(hours=1), undo_until=clock.now() + timedelta(hours=71),
        )  # fmt: skip
        number = ContactChangeFactory(**common, detail="phone_number", old="0722000111", new="+254733444555")
        CustomerDetails.objects.filter(customer_id=customer.user_id).delete()
        CustomerDetailsFactory(**common)
        CustomerDocumentFactory(**common, kind="PHOTO", state="REFUSED", reason="Too dark to see your face.")
        draft = changing.prepare(customer, "phone_number", "+254733444556")
        return {"contact_draft": draft, "contact": number, "undo_token": token}

    @staticmethod
    def _payment_file(customer: BranchCustomer, account: Account) -> PaymentFile:
        """A file that waits to be confirmed, with a row that can be paid and one that was refused."""
        file = PaymentFile.objects.create(
            customer_id=customer.user_id, name="wages.csv", from_number=account.account_number, sha256="0" * 64,
            state="READY", total=Decimal("900.00"), created_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=12),
        )  # fmt: skip
        typed = {"kind": "wekeza", "number": "ACC1000015", "amount": "900", "note": "Wages"}
        for number, state in ((2, "CHECKED"), (3, "REFUSED")):
            PaymentFileRow.objects.create(
                file=file, number=number, typed=typed, state=state, payee="WANJIKU M., ACC1000015",
                amount=Decimal("450.00"), problem="There is not enough money." if state == "REFUSED" else "",
            )  # fmt: skip
        return file

    @staticmethod
    def _money_requests(
        customer: BranchCustomer, account: Account, payee: Account
    ) -> tuple[MoneyRequest, MoneyRequest]:
        """One that this customer is asked, one that they ask."""
        common = {
            "amount": Decimal("750.00"),
            "note": "Lunch",
            "created_at": clock.now(),
            "expires_at": clock.now() + timedelta(days=14),
            "looked_at": clock.now(),
        }
        of = MoneyRequest.objects.create(
            asker_id=payee.customer_id, to_account=payee.account_number, payer_number=account.account_number,
            payer_id=customer.user_id, **common,
        )  # fmt: skip
        by = MoneyRequest.objects.create(
            asker_id=customer.user_id, to_account=account.account_number, payer_number="ACC9999999", **common
        )
        return of, by

    @staticmethod
    def _outside(account: Account, actor: Actor) -> dict[str, Instruction]:
        """Payments out of the bank: one in flight, one that arrived, one that came back."""
        broker = Broker.objects.filter(is_active=True).exclude(paybill="").first()
        assert broker is not None
        receivers = {
            "moving": (destinations.to_phone("0722 345 678", "MPESA"), None),
            "arrived": (destinations.to_broker(broker.code, "123456", "LI"), Status.PAID),
            "returned": (destinations.to_bank("01", "1102345678"), Status.REFUSED),
        }
        made = {"outside": _draft_outside(account, receivers["moving"][0], actor)}
        for name, (destination, status) in receivers.items():
            made[name] = _pay_outside(account, destination, actor)
            if status is not None:
                outcome = Outcome(status, receipt="SKQ4XYZ123", customer="wrong_account")
                working.take_note(Payment.objects.get(pk=made[name].id), outcome, asked=False)
        return made

    @staticmethod
    def _prepare(
        customer: BranchCustomer, account: Account, payee: Account, actor: Actor, amount: Decimal = Decimal("2500.00")
    ) -> Instruction:
        return services.prepare_transfer(
            customer,
            from_number=account.account_number,
            to_number=payee.account_number,
            amount=amount,
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


def _draft_outside(account: Account, destination: Destination, actor: Actor) -> Instruction:
    assert account.customer is not None
    wish = Wish(account.account_number, destination, Decimal("2000.00"), "School trip", typed_name="Jane Wambui")
    return prepare_payment(account.customer, wish, actor=actor)


def _pay_outside(account: Account, destination: Destination, actor: Actor) -> Instruction:
    customer = account.customer
    assert customer is not None
    instruction = _draft_outside(account, destination, actor)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=actor)
    return instruction


def signed_in_pages(scene: Scene) -> list[str]:
    """Addresses of every page a signed-in customer can open with GET."""
    movement = AccountTransaction.objects.filter(account=scene.account).latest("transaction_id")
    plain = [
        "home", "move", "move_own", "move_wekeza", "view", "balance_history", "borrow", "insure", "save", "settings",
        "sign_in_history", "more", "help", "correct_details", "requests", "inbox", "standing", "move_mobile",
        "move_airtime", "move_bank", "move_bills", "move_cdsc", "move_fees",
        "money_requests", "profile", "profile_home", "profile_kin", "profile_work", "profile_papers",
        "ask_for_money", "be_paid", "move_many", "many_codes",
    ]  # fmt: skip
    return [
        *(reverse(name) for name in plain),
        reverse("movement", args=[movement.reference_code]),
        reverse("payment_file", args=[scene.file.id]),
        reverse("money_request", args=[scene.asked_of.id]),
        "/move/be-paid/?account=nobodys&amount=1e9",
        reverse("dispute", args=[movement.reference_code]),
        "/view/?state=on-its-way&rail=MPESA",
        reverse("payment_review", args=[scene.draft.id]),
        reverse("payment_receipt", args=[scene.paid.id]),
        reverse("payees"),
        reverse("payee_new"),
        *(
            f"{reverse('payee_new')}?kind={kind}"
            for kind in ("WEKEZA", "MOBILE_MONEY", "BANK_TRANSFER", "BILL_PAYMENT")
        ),
        reverse("payee", args=[scene.payee.id]),
        reverse("payee_review", args=[scene.keeping.id]),
        reverse("payment_review", args=[scene.large.id]),
        reverse("payment_pause", args=[scene.large.id]),
        f"{reverse('standing_new')}?kind=TRANSFER_INTERNAL&like={scene.paid.id}",
        f"{reverse('standing_new')}?kind=MOBILE_MONEY",
        reverse("standing_review", args=[scene.plan.id]),
        reverse("standing_order", args=[scene.order.public_id]),
        reverse("standing_change", args=[scene.order.public_id]),
        *(reverse("payment_receipt", args=[row.id]) for row in (scene.moving, scene.arrived, scene.returned)),
        reverse("payment_review", args=[scene.outside.id]),
        f"{reverse('move_bill')}?biller=KPLC_PREPAID",
        f"{reverse('move_mobile')}?like={scene.moving.id}",
        reverse("request_page", args=[scene.wish.id]),
        reverse("request_page", args=[scene.asked.id]),
        f"{reverse('correct_details')}?draft={scene.wish.id}",
        *(f"{reverse('contact_change')}?what={what}" for what in ("email", "phone_number")),
        f"{reverse('profile_papers')}?what=ID",
        reverse("contact_review", args=[scene.contact_draft.id]),
        reverse("contact_prove", args=[scene.contact.id]),
        reverse("contact_undo", args=[scene.undo_token]),
        reverse("inbox_message", args=[scene.told.public_id]),
        "/inbox/?show=unread",
        "/inbox/?show=archived",
        reverse("verify_paper", args=[scene.paper.code]),
        f"{reverse('step_up')}?for={scene.draft.id}",
        "/view/?direction=out&text=nothing-like-this",
        "/view/?period=custom&from=yesterday",
    ]
