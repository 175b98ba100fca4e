"""Every page of the portal with what it needs to be shown: for the browser tests and the photographs."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts import instructions
from accounts.approvals import details
from accounts.cards import acts, opening, ordering, rules
from accounts.cards import authorising as processor
from accounts.cards.tests import scenes as uses
from accounts.models import (
    Account,
    AccountTransaction,
    ApprovalRequest,
    BranchCustomer,
    Card,
    CardSight,
    Instruction,
    User,
)
from tests.factories import (
    AccountFactory,
    BranchFactory,
    CardFactory,
    CardSightFactory,
    CardUseFactory,
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

LOST: dict[str, Any] = {"state": "LOST", "loss": "LOST", "lost_reference": "7KQ2-M9XD-4TWR", "lost_at": clock.now()}
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
    card: Card
    lost: Card
    card_wish: Instruction
    """Loosening what the card may do, not confirmed yet."""
    card_bill: Instruction
    """For a card in the place of the lost one, not confirmed yet."""
    card_paid: Instruction
    sight: CardSight

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
        customers |= cls._cards(customer, account, actor)
        customers |= {"file": file, "asked_of": asked_of, "asked_by": asked_by, "blocked": blocked}
        return cls(user=user, account=account, draft=draft, paid=paid, **customers, **cls._outside(account, actor))

    @staticmethod
    def _cards(customer: BranchCustomer, account: Account, actor: Actor) -> dict[str, Any]:
        """One that works and was used, one that was lost, and one that was paid for in the place of another."""
        common = {"account": account, "customer": customer}
        card, lost, former = (CardFactory(**common, **more) for more in ({}, LOST, LOST))
        CardUseFactory(card=card)
        processor.authorise(uses.use(card, "750.00"))
        controls = replace(rules.controls_at(card, clock.now()), abroad=True)
        card, looser = acts.tighten(customer, card.pk, controls, actor)
        where = {"account": account.account_number, "branch": BranchFactory().branch_code}
        paid = ordering.prepare_replacement(customer, former.pk, **where)
        instructions.confirm(customer=customer, instruction_id=paid.id, actor=actor)
        return {
            "card": card,
            "lost": lost,
            "card_wish": opening.draft_loosening(customer, card, looser),
            "card_bill": ordering.prepare_replacement(customer, lost.pk, **where),
            "card_paid": paid,
            "sight": CardSightFactory(card=card),
        }

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
        "money_requests", "ask_for_money", "be_paid", "move_many", "many_codes",
        "cards", "card_new",
    ]  # fmt: skip
    return [
        *(reverse(name) for name in plain),
        reverse("movement", args=[movement.reference_code]),
        reverse("payment_file", args=[scene.file.id]),
        reverse("money_request", args=[scene.asked_of.id]),
        "/move/be-paid/?account=nobodys&amount=1e9",
        reverse("dispute", args=[movement.reference_code]),
        *(reverse(name, args=[scene.card.pk]) for name in ("card", "card_uses", "card_controls", "card_lost")),
        reverse("card", args=[scene.lost.pk]),
        reverse("card", args=[scene.card_paid.pk]),
        reverse("card_replace", args=[scene.lost.pk]),
        *(reverse("card_review", args=[draft.pk]) for draft in (scene.card_wish, scene.card_bill)),
        reverse("card_receipt", args=[scene.card_paid.pk]),
        reverse("card_sight", args=[scene.sight.pk]),
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
        reverse("inbox_message", args=[scene.told.public_id]),
        "/inbox/?show=unread",
        "/inbox/?show=archived",
        reverse("verify_paper", args=[scene.paper.code]),
        f"{reverse('step_up')}?for={scene.draft.id}",
        "/view/?direction=out&text=nothing-like-this",
        "/view/?period=custom&from=yesterday",
    ]
