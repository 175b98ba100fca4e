"""Every page of the portal with what it needs to be shown: for the browser tests and the photographs."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts import instructions
from accounts.approvals import details
from accounts.cards import acts as card_acts
from accounts.cards import authorising as processor
from accounts.cards import opening, ordering, rules
from accounts.cards.tests import scenes as uses
from accounts.identity import passwordchange
from accounts.identity.factors import acts
from accounts.ledger import money_operation
from accounts.models import (
    Account,
    AccountTransaction,
    ApprovalRequest,
    BranchCustomer,
    Card,
    CardSight,
    ContactChange,
    CustomerDetails,
    Instruction,
    KnownDevice,
    SignedInSession,
    User,
)
from accounts.ownlimits import changing
from accounts.profile import changing as contacts
from tests import lives, many
from tests.factories import (
    AccountFactory,
    BranchFactory,
    CardFactory,
    CardSightFactory,
    CardUseFactory,
    ContactChangeFactory,
    CustomerDetailsFactory,
    CustomerDocumentFactory,
    CustomerFactory,
    InstructionFactory,
    IssuedPaperFactory,
    KnownDeviceFactory,
    SignedInSessionFactory,
    TransactionFactory,
    UploadFactory,
    UserFactory,
)
from transfers import services
from transfers.collecting import crediting
from transfers.collecting import working as collecting
from transfers.collecting.preparing import Wish as DepositWish
from transfers.collecting.preparing import prepare_deposit
from transfers.models import (
    BlockedAsker,
    Deposit,
    Incoming,
    MoneyRequest,
    PaymentFile,
    SavedPayee,
    StandingOrder,
)
from transfers.payees import keeping, pausing
from transfers.tests import standing
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCircuit
from wekeza_portal.uploads.models import Upload

LOST: dict[str, Any] = {"state": "LOST", "loss": "LOST", "lost_reference": "7KQ2-M9XD-4TWR", "lost_at": clock.now()}
PUBLIC_PAGES = [
    "/login/", "/enrol/", "/help/", "/forgot/", "/forgot/sent/", "/activate/", "/verify/", "/verify/0000-0000-0000/",
    "/move/fees/", "/no-such-page/", "/freeze/", "/calling/",
]  # fmt: skip


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
            "raising": cls._raising(customer, actor),
            "plan": plan,
            "order": order,
        }
        asked_of, asked_by = cls._money_requests(customer, account, payee)
        blocked = BlockedAsker.objects.create(customer_id=customer.user_id, asker_id=999_999, created_at=clock.now())
        file = many.file_to_confirm(customer, account)
        in_question = many.file_in_question(customer, account, somebody, Decimal("35000.00"), actor)
        waiting = cls._held(customer, account, actor)
        customers["repassworded"] = cls._changed_password(customer)
        customers["elsewhere"] = SignedInSessionFactory(user=user)
        customers["device"] = KnownDeviceFactory(user=user)
        customers |= {"adding_app": _change_factors(user, acts.ADD_APP)}
        customers |= {"adding_passkey": _change_factors(user, acts.ADD_PASSKEY)}
        customers |= {"making_codes": _change_factors(user, acts.MAKE_CODES)}
        customers |= _money_in(account, actor)
        customers |= cls._cards(customer, account, actor)
        customers |= {"file": file, "asked_of": asked_of, "asked_by": asked_by, "blocked": blocked}
        customers |= {"in_question": in_question, "waiting": waiting}
        customers |= cls._contacts(customer)
        return cls(
            user=user, account=account, draft=draft, paid=paid, **customers, **lives.payments_out(account, actor)
        )

    @staticmethod
    def _cards(customer: BranchCustomer, account: Account, actor: Actor) -> dict[str, Any]:
        """One that works and was used, one that was lost, and one that was paid for in the place of another."""
        common = {"account": account, "customer": customer}
        card, lost, former = (CardFactory(**common, **more) for more in ({}, LOST, LOST))
        CardUseFactory(card=card)
        processor.authorise(uses.use(card, "750.00"))
        controls = replace(rules.controls_at(card, clock.now()), abroad=True)
        card, looser = card_acts.tighten(customer, card.pk, controls, actor)
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
    def _changed_password(customer: BranchCustomer) -> Instruction:
        """As it stands afterwards: really changing it would end the customer's sessions."""
        state = Instruction.State.DONE
        done: Instruction = InstructionFactory(
            customer=customer, kind=passwordchange.KIND, amount=0, state=state, posted_at=clock.now()
        )
        return done

    @staticmethod
    def _raising(customer: BranchCustomer, actor: Actor) -> Instruction:
        low, high = ({"DAILY_OUT": Decimal(figure), "MONTHLY_OUT": None} for figure in ("400000.00", "450000.00"))
        changing.change(customer=customer, wanted=low, actor=actor)
        for _time in range(2):
            act = changing.change(customer=customer, wanted=high, actor=actor)
            assert act is not None
            if _time == 0:
                instructions.approve(customer=customer, instruction_id=act.id)
                instructions.carry_out(customer=customer, instruction_id=act.id, actor=actor)
        return act

    @staticmethod
    def _contacts(customer: BranchCustomer) -> dict[str, object]:
        """A new address to be reviewed, a new number that waits for its code, an address the old one may undo."""
        token = "4f" * 16
        common = {"customer_id": customer.user_id}
        ContactChangeFactory(**common, detail="email", state="IN_FORCE", undo_digest=contacts.digest(token),
            in_force_at=clock.now() - timedelta(hours=1), undo_until=clock.now() + timedelta(hours=71),
        )  # fmt: skip
        number = ContactChangeFactory(**common, detail="phone_number", old="0722000111", new="+254733444555")
        CustomerDetails.objects.filter(customer_id=customer.user_id).delete()
        CustomerDetailsFactory(**common)
        CustomerDocumentFactory(**common, kind="PHOTO", state="REFUSED", reason="Too dark to see your face.")
        draft = contacts.prepare(customer, "phone_number", "+254733444556")
        return {"contact_draft": draft, "contact": number, "undo_token": token}

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

    @classmethod
    def _held(cls, customer: BranchCustomer, account: Account, actor: Actor) -> Instruction:
        """A large payment to somebody new that was asked for by phone."""
        caller = AccountFactory(customer=CustomerFactory(full_name="Peter Njoroge"), balance=Decimal("10.00"))
        waiting = cls._prepare(customer, account, caller, actor, amount=Decimal("32000.00"))
        pausing.answer(customer, waiting.id, pausing.Answer.ASKED, actor)
        return waiting

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


def _money_in(account: Account, actor: Actor) -> dict[str, Any]:
    """Deposits from M-Pesa: a draft, one on the phone, one that was refused; and money that came to the paybill."""
    customer = account.customer
    assert customer is not None
    made: dict[str, Any] = {}
    for name, amount, msisdn in (
        ("deposit", "1500", "254722000111"),
        ("ringing", "700", "254711222333"),
        ("refused", "800", "254733444555"),
    ):
        draft = prepare_deposit(customer, DepositWish(account.account_number, msisdn, Decimal(amount)), actor=actor)
        made[name] = draft
        if name != "deposit":
            instructions.approve(customer=customer, instruction_id=draft.id)
            instructions.confirm(customer=customer, instruction_id=draft.id, actor=actor)
            made[name] = Deposit.objects.get(pk=draft.id)
    no = Outcome(Status.REFUSED, "1032", customer="cancelled")
    collecting.take_note(made["refused"], no, asked=False)
    word = crediting.Word(Incoming.Way.PAYBILL, Decimal("2500.00"), "SKP63E9YF4", "PETER KAMAU")
    made["received"] = money_operation(crediting.take_in)(word, crediting.target_at(account))
    return made


def _change_factors(user: User, kind: str) -> Instruction:
    """A change of the second factors, confirmed and done."""
    customer = user.customer
    assert customer is not None
    act = acts.prepare(user, customer, kind)
    instructions.approve(customer=customer, instruction_id=act.id)
    instructions.carry_out(customer=customer, instruction_id=act.id, actor=Actor("customer", str(user.pk)))
    return act


def signed_in_pages(scene: Scene) -> list[str]:
    """Addresses of every page a signed-in customer can open with GET."""
    movement = AccountTransaction.objects.filter(account=scene.account).latest("transaction_id")
    plain = [
        "home", "move", "move_own", "move_wekeza", "view", "balance_history", "borrow", "insure", "save", "settings",
        "sign_in_history", "security_settings", "own_limits", "more", "help", "correct_details", "requests", "inbox",
        "standing", "move_mobile", "move_airtime", "move_bank", "move_bank_phone", "move_bills", "move_cdsc",
        "move_fees", "password", "devices", "money_requests", "ask_for_money", "be_paid", "move_many", "many_codes",
        "stop_everything", "calling", "deposit_mpesa", "profile", "profile_home", "profile_kin", "profile_work",
        "profile_papers", "cards", "card_new",
    ]  # fmt: skip
    return [
        *(reverse(name) for name in plain),
        reverse("movement", args=[movement.reference_code]),
        reverse("year_summary", args=[clock.today().year]),
        "/view/?type=FEES",
        reverse("payment_file", args=[scene.file.id]),
        reverse("factor_app", args=[scene.adding_app.id]),
        reverse("backup_codes", args=[scene.making_codes.id]),
        reverse("passkey_new", args=[scene.adding_passkey.id]),
        reverse("deposit_review", args=[scene.deposit.id]),
        *(reverse("deposit_page", args=[row.pk]) for row in (scene.ringing, scene.refused)),
        reverse("received", args=[scene.received.pk]),
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
        reverse("password_changed", args=[scene.repassworded.id]),
        reverse("payee_new"),
        *(
            f"{reverse('payee_new')}?kind={kind}"
            for kind in ("WEKEZA", "MOBILE_MONEY", "BANK_TRANSFER", "BANK_BY_PHONE", "BILL_PAYMENT")
        ),
        reverse("payee", args=[scene.payee.id]),
        reverse("payee_review", args=[scene.keeping.id]),
        reverse("own_limits_review", args=[scene.raising.id]),
        reverse("payment_review", args=[scene.large.id]),
        *(
            reverse("payment_pause", args=[instruction_id])
            for instruction_id in (scene.large.id, scene.waiting.id, scene.in_question.instruction_id)
        ),
        reverse("payment_file", args=[scene.in_question.id]),
        f"{reverse('standing_new')}?kind=TRANSFER_INTERNAL&like={scene.paid.id}",
        f"{reverse('standing_new')}?kind=MOBILE_MONEY",
        f"{reverse('standing_new')}?kind=BANK_BY_PHONE",
        reverse("standing_review", args=[scene.plan.id]),
        reverse("standing_order", args=[scene.order.public_id]),
        reverse("standing_change", args=[scene.order.public_id]),
        *(reverse("payment_receipt", args=[row.id]) for row in (getattr(scene, name) for name in lives.STATES)),
        f"{reverse('move_bank_phone')}?like={scene.outside.id}",
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


def pages_while_mpesa_rests(scene: Scene) -> list[str]:
    """Addresses whose page says what works instead; M-Pesa is at rest from now on."""
    RailCircuit.objects.create(rail="mpesa", failures=5, opened_at=clock.now() + timedelta(hours=1))
    return [
        reverse("move"),
        reverse("move_mobile"),
        f"{reverse('move_mobile')}?like={scene.outside.id}",
        reverse("payment_review", args=[scene.outside.id]),
    ]
