"""Whatever breaks inside a check is a refusal: nothing is posted, nobody gets in, the page says an id and no more."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import instructions
from accounts.models import Account, Instruction, OneTimeCode, Posting, SignedInSession
from tests.browser.conftest import newest_code
from tests.factories import PASSWORD, UserFactory
from tests.pages import Scene
from tests.support import all_the_money, sign_in
from transfers.payees import pausing
from wekeza_portal.actors import Actor
from wekeza_portal.staff.tests.scenes import staff, try_to_sign_in

pytestmark = pytest.mark.django_db

# Every check between the button and the money, at the seam where it is called.
CHECKS_OF_A_PAYMENT = [
    "accounts.identity.guard.examine",
    "accounts.identity.middleware.sessions.touch",
    "accounts.instructions.content_hash",
    "accounts.instructions._refuse_unless_open",
    "accounts.limits.take",
    "accounts.books.looking._refuse_by_status",
    "accounts.ledger.looking.refuse_unless_allowed",
    "accounts.ledger.looking.take_limits",
    "accounts.ledger.record",
    "transfers.services.switches.require_on",
    "transfers.services._refuse_if_fee_changed",
    "transfers.services.taking.take",
    "transfers.services._refuse_if_changed",
    "transfers.services.refuse_unless_payable",
    "transfers.services.guarding.take",
    "transfers.services.notify_both",
]
# Likewise, where the receiver is new, the payment is large, the question was answered and the code was right.
CHECKS_OF_SOMEBODY_NEW = [
    "transfers.payees.pausing._of_the_receivers",
    "accounts.instructions._is_stepped_up",
    "transfers.payees.guarding.kept.refuse_above_own_limit",
    "transfers.payees.guarding.kept.refuse_if_named_otherwise",
    "transfers.payees.guarding.newness.take",
    "transfers.payees.guarding.together.take",
    "transfers.payees.guarding.pausing.refuse_while_held",
    "transfers.payees.guarding.pausing.close",
]
CHECKS_OF_A_DRAFT = [
    "transfers.services.switches.require_on",
    "transfers.services.checks.own_source",
    "transfers.services.checks._refuse_unless_source_pays",
    "transfers.services.checks.refuse_unless_affordable",
    "transfers.services.look_up_payee",
    "transfers.services.kept.refuse_unless_the_same",
    "transfers.services.kept.refuse_above_own_limit",
    "transfers.services.newness.refuse_above_cap",
    "transfers.services.limits.room",
    "transfers.views.shared.ratelimit.consume",
]
CHECKS_AT_THE_DOOR = [
    "accounts.identity.tries.ratelimit.consume",
    "accounts.identity.signin.proves",
    "accounts.identity.signin.refuse_unless_good",
]
CHECKS_OF_A_CODE = ["accounts.identity.codes._use", "accounts.identity.codes.ratelimit.consume"]
CHECKS_OF_THE_STAFFS_DOOR = ["wekeza_portal.staff.signin.totp.use", "wekeza_portal.ratelimit.consume"]

Broken = Callable[[str], list[str]]


class Broke(Exception):
    """A fault that nobody foresaw."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    """Make one check crash with a secret in its words; the list says whether it was asked."""

    def install(seam: str) -> list[str]:
        asked: list[str] = []

        def crash(*_: Any, **__: Any) -> None:
            asked.append(seam)
            raise Broke("the secret of the trace")

        monkeypatch.setattr(seam, crash)
        return asked

    return install


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


@pytest.fixture
def client(scene: Scene) -> Client:
    browser = Client(raise_request_exception=False)
    sign_in(browser, scene.user)
    return browser


def assert_it_says_nothing_but_an_id(answer: Any) -> None:
    assert answer.status_code == 500
    assert b"the secret of the trace" not in answer.content
    assert b"Traceback" not in answer.content
    assert re.search(rb"<code>[0-9a-f]{8}</code>", answer.content)
    assert answer["X-Request-ID"]


@pytest.fixture
def to_somebody_new(scene: Scene) -> Instruction:
    """A large payment that nothing stands before any more: the question is answered, the code was right."""
    customer = scene.user.customer
    assert customer is not None
    actor = Actor(kind="customer", id=str(scene.user.pk), customer_id=customer.user_id)
    pausing.answer(customer, scene.large.pk, pausing.Answer.OWN_IDEA, actor)
    instructions.approve(customer=customer, instruction_id=scene.large.pk)
    return scene.large


def assert_it_is_not_made(client: Client, draft: Instruction, broken: Broken, seam: str) -> None:
    before, posted = all_the_money(), Posting.objects.count()
    asked = broken(seam)
    answer = client.post(f"/move/payments/{draft.pk}/confirm/")
    assert asked == [seam], "the check must stand in the way"
    assert_it_says_nothing_but_an_id(answer)
    assert (all_the_money(), Posting.objects.count()) == (before, posted)
    draft.refresh_from_db()
    assert draft.state == Instruction.State.DRAFT


@pytest.mark.parametrize("seam", CHECKS_OF_A_PAYMENT)
def test_a_payment_whose_check_breaks_is_not_made(scene: Scene, client: Client, broken: Broken, seam: str) -> None:
    assert_it_is_not_made(client, scene.draft, broken, seam)


@pytest.mark.parametrize("seam", CHECKS_OF_SOMEBODY_NEW)
def test_a_payment_to_somebody_new_whose_check_breaks_is_not_made(
    to_somebody_new: Instruction, client: Client, broken: Broken, seam: str
) -> None:
    assert_it_is_not_made(client, to_somebody_new, broken, seam)


@pytest.mark.parametrize("seam", CHECKS_OF_A_DRAFT)
def test_a_payment_whose_form_cannot_be_checked_is_not_prepared(
    scene: Scene, client: Client, broken: Broken, seam: str
) -> None:
    payee = Account.objects.exclude(customer=scene.user.customer).first()
    assert payee is not None
    count = Instruction.objects.count()
    asked = broken(seam)
    answer = client.post(
        "/move/wekeza/",
        {"from_account": scene.account.account_number, "to_account": payee.account_number, "amount": "100"},
    )
    assert asked == [seam]
    assert_it_says_nothing_but_an_id(answer)
    assert Instruction.objects.count() == count


def test_a_code_that_cannot_be_checked_opens_no_payment(scene: Scene, client: Client, broken: Broken) -> None:
    assert scene.user.customer is not None
    client.get(f"/step-up/?for={scene.draft.pk}")
    code, before = newest_code(scene.user.customer.user_id), all_the_money()
    asked = broken("accounts.identity.codes._use")
    assert_it_says_nothing_but_an_id(client.post(f"/step-up/?for={scene.draft.pk}", {"code": code}))
    assert asked
    assert all_the_money() == before
    assert instructions.get(scene.user.customer, scene.draft.pk).stepped_up_at is None


@pytest.mark.parametrize("seam", CHECKS_AT_THE_DOOR)
def test_a_password_that_cannot_be_checked_lets_nobody_in(broken: Broken, seam: str) -> None:
    user = UserFactory()
    asked, browser = broken(seam), Client(raise_request_exception=False)
    answer = browser.post("/login/", {"email": user.customer.email, "password": PASSWORD})
    assert asked
    assert_it_says_nothing_but_an_id(answer)
    assert browser.get("/login/code/").status_code == 302, "not even half a login"
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("seam", CHECKS_OF_A_CODE)
def test_a_sign_in_code_that_cannot_be_checked_begins_no_session(broken: Broken, seam: str) -> None:
    user, browser = UserFactory(), Client(raise_request_exception=False)
    browser.post("/login/", {"email": user.customer.email, "password": PASSWORD})
    code = newest_code(user.customer.user_id)
    asked = broken(seam)
    assert_it_says_nothing_but_an_id(browser.post("/login/code/", {"code": code}))
    assert asked
    assert not SignedInSession.objects.exists()


@pytest.mark.parametrize("seam", CHECKS_OF_THE_STAFFS_DOOR)
def test_the_staffs_door_stays_shut_when_its_check_breaks(broken: Broken, seam: str) -> None:
    member, browser = staff("operations"), Client(raise_request_exception=False)
    asked = broken(seam)
    answer = try_to_sign_in(browser, member)
    assert asked
    assert_it_says_nothing_but_an_id(answer)
    assert browser.get("/admin/").status_code == 302


def test_without_the_fault_the_same_payments_are_made(
    scene: Scene, to_somebody_new: Instruction, client: Client
) -> None:
    for draft in (scene.draft, to_somebody_new):
        assert client.post(f"/move/payments/{draft.pk}/confirm/").status_code == 303
        draft.refresh_from_db()
        assert draft.state == Instruction.State.POSTED
