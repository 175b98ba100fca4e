"""The address of every page, in the order of the sections."""

from datetime import timedelta

from django.urls import reverse

from accounts.models import AccountTransaction
from tests import lives
from tests.pages.scene import Scene
from wekeza_portal import clock
from wekeza_portal.rails.models import RailCircuit

PUBLIC_PAGES = [
    "/login/", "/enrol/", "/help/", "/forgot/", "/forgot/sent/", "/activate/", "/verify/", "/verify/0000-0000-0000/",
    "/move/fees/", "/no-such-page/", "/freeze/", "/calling/", "/privacy/", "/terms/",
]  # fmt: skip

HOME = ["home", "more", "help", "inbox", "requests", "borrow", "insure", "save"]
MOVE = [
    "move", "move_own", "move_wekeza", "move_mobile", "move_airtime", "move_bank", "move_bank_phone", "move_bills",
    "move_cdsc", "move_fees", "move_many", "many_codes", "deposit_mpesa", "standing", "payees", "payee_new",
    "money_requests", "ask_for_money", "be_paid",
]  # fmt: skip
VIEW = ["view", "balance_history"]
SETTINGS = [
    "settings", "security_settings", "sign_in_history", "devices", "password", "own_limits", "stop_everything",
    "calling", "correct_details", "profile", "profile_home", "profile_kin", "profile_work", "profile_papers", "cards",
    "card_new", "services", "service_new_account", "service_close", "service_wake", "service_mandate",
    "service_cheques", "service_reference", "letter_account", "letter_balance",
    "notifications",
    "preferences",
    "privacy", "terms_mine", "consents", "data", "data_looks", "data_requests", "data_request_new",
    "support_views",
]  # fmt: skip
"""Pages that need nothing but somebody signed in."""


def signed_in_pages(scene: Scene) -> list[str]:
    """Addresses of every page a signed-in customer can open with GET."""
    return [
        *(reverse(name) for name in (*HOME, *MOVE, *VIEW, *SETTINGS)),
        *_home(scene),
        *_payments(scene),
        *_payees(scene),
        *_other_ways(scene),
        *_view(scene),
        *_security(scene),
        *_cards(scene),
        *_profile(scene),
        *_services(scene),
        *_privacy(scene),
    ]


def _home(scene: Scene) -> list[str]:
    return [
        reverse("inbox_message", args=[scene.told.public_id]),
        "/inbox/?show=unread",
        "/inbox/?show=archived",
        reverse("request_page", args=[scene.wish.id]),
        reverse("request_page", args=[scene.asked.id]),
        f"{reverse('correct_details')}?draft={scene.wish.id}",
        reverse("verify_paper", args=[scene.paper.code]),
    ]


def _payments(scene: Scene) -> list[str]:
    in_question = scene.in_question.instruction_id
    return [
        *(reverse("payment_review", args=[row.id]) for row in (scene.draft, scene.large, scene.outside)),
        *(reverse("payment_pause", args=[pk]) for pk in (scene.large.id, scene.waiting.id, in_question)),
        reverse("payment_receipt", args=[scene.paid.id]),
        *(reverse("payment_receipt", args=[row.id]) for row in (getattr(scene, name) for name in lives.STATES)),
        f"{reverse('step_up')}?for={scene.draft.id}",
        f"{reverse('move_bank_phone')}?like={scene.outside.id}",
        f"{reverse('move_bill')}?biller=KPLC_PREPAID",
        f"{reverse('move_mobile')}?like={scene.moving.id}",
    ]


def _payees(scene: Scene) -> list[str]:
    kinds = ("WEKEZA", "MOBILE_MONEY", "BANK_TRANSFER", "BANK_BY_PHONE", "BILL_PAYMENT")
    return [
        *(f"{reverse('payee_new')}?kind={kind}" for kind in kinds),
        reverse("payee", args=[scene.payee.id]),
        reverse("payee_review", args=[scene.keeping.id]),
    ]


def _other_ways(scene: Scene) -> list[str]:
    """Standing orders, many at once, asking for money and adding some."""
    return [
        f"{reverse('standing_new')}?kind=TRANSFER_INTERNAL&like={scene.paid.id}",
        f"{reverse('standing_new')}?kind=MOBILE_MONEY",
        f"{reverse('standing_new')}?kind=BANK_BY_PHONE",
        reverse("standing_review", args=[scene.plan.id]),
        reverse("standing_order", args=[scene.order.public_id]),
        reverse("standing_change", args=[scene.order.public_id]),
        *(reverse("payment_file", args=[file.id]) for file in (scene.file, scene.in_question)),
        reverse("money_request", args=[scene.asked_of.id]),
        "/move/be-paid/?account=nobodys&amount=1e9",
        reverse("deposit_review", args=[scene.deposit.id]),
        *(reverse("deposit_page", args=[row.pk]) for row in (scene.ringing, scene.refused)),
        reverse("received", args=[scene.received.pk]),
    ]


def _view(scene: Scene) -> list[str]:
    movement = AccountTransaction.objects.filter(account=scene.account).latest("transaction_id")
    return [
        reverse("movement", args=[movement.reference_code]),
        reverse("dispute", args=[movement.reference_code]),
        reverse("year_summary", args=[clock.today().year]),
        "/view/?type=FEES",
        "/view/?state=on-its-way&rail=MPESA",
        "/view/?direction=out&text=nothing-like-this",
        "/view/?period=custom&from=yesterday",
    ]


def _security(scene: Scene) -> list[str]:
    return [
        *(reverse("support_view", args=[row.pk]) for row in (scene.look, scene.look_of_before)),
        reverse("factor_app", args=[scene.adding_app.id]),
        reverse("backup_codes", args=[scene.making_codes.id]),
        reverse("passkey_new", args=[scene.adding_passkey.id]),
        reverse("password_changed", args=[scene.repassworded.id]),
        reverse("own_limits_review", args=[scene.raising.id]),
        reverse("notification_tested", args=[scene.test_message.pk]),
    ]


def _cards(scene: Scene) -> list[str]:
    return [
        *(reverse(name, args=[scene.card.pk]) for name in ("card", "card_uses", "card_controls", "card_lost")),
        reverse("card", args=[scene.lost.pk]),
        *(reverse("card", args=[each.pk]) for each in (scene.card_paid, scene.card_brought)),
        reverse("card_replace", args=[scene.lost.pk]),
        *(
            reverse("card_review", args=[draft.pk])
            for draft in (scene.card_wish, scene.card_bill, scene.card_bill_home)
        ),
        reverse("card_receipt", args=[scene.card_paid.pk]),
        reverse("card_sight", args=[scene.sight.pk]),
    ]


def _services(scene: Scene) -> list[str]:
    return [
        *(reverse("request_page", args=[row.id]) for row in (scene.service, scene.served)),
        f"{reverse('service_close')}?draft={scene.service.id}",
        f"{reverse('service_wake')}?account=nobodys",
        reverse("letter_review", args=[scene.letter_bill.id]),
        reverse("letter", args=[scene.letter.pk]),
    ]


def _profile(scene: Scene) -> list[str]:
    return [
        *(f"{reverse('contact_change')}?what={what}" for what in ("email", "phone_number")),
        f"{reverse('profile_papers')}?what=ID",
        reverse("contact_review", args=[scene.contact_draft.id]),
        reverse("contact_prove", args=[scene.contact.id]),
        reverse("contact_undo", args=[scene.undo_token]),
    ]


def _privacy(scene: Scene) -> list[str]:
    return [
        reverse("terms_one", args=[scene.accepted.pk]),
        reverse("data_copy", args=[scene.copy.id]),
        reverse("data_request", args=[scene.data_request.pk]),
        reverse("data_request", args=[scene.refused_request.pk]),
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
