"""A new e-mail address or phone number: nothing counts before it has proved itself, and both ends hear of it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.identity import knowncontacts
from accounts.identity.tests.helpers import another, give_password
from accounts.models import BranchCustomer, ContactChange, Instruction, OneTimeCode, User
from accounts.profile import changing, errors
from accounts.profile.tests.walking import ask, change_it, code_at_the_new, pass_step_up
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock, crypto
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
State = ContactChange.State


def fresh(customer: BranchCustomer) -> BranchCustomer:
    return BranchCustomer.objects.get(pk=customer.pk)


def text_of(cause: str) -> tuple[str, str]:
    row = OutboxMessage.objects.get(cause=cause)
    return row.to, crypto.decrypt(row.body) if row.is_secret else row.body


def test_the_profile_says_what_is_changed_where(browser: Client) -> None:
    page = browser.get("/settings/profile/").content.decode()
    for shown in ("Wanjiku Mwangi", "•••••543", "•••••111", "?what=email", "?what=phone_number", "/settings/details/"):
        assert shown in page
    for hidden in ("old@example.com", "0722000111", "29876543"):
        assert hidden not in page
    assert "/settings/profile/" in browser.get("/settings/").content.decode()


def test_an_address_is_changed_with_two_codes_and_told_to_both(
    browser: Client, customer: BranchCustomer, user: User
) -> None:
    change = change_it(browser, customer, "email", "new@example.com")
    assert fresh(customer).email == "new@example.com"
    assert change.state == State.IN_FORCE
    to, text = text_of(f"contact:{change.id}:old")
    assert to == "old@example.com"
    assert "/undo/" in text
    assert text_of(f"contact:{change.id}:new")[0] == "new@example.com"
    assert "/undo/" not in text_of(f"contact:{change.id}:new")[1]
    assert text_of(f"contact:{change.id}:other")[0] == "+254722000111"
    assert InboxItem.objects.get(cause=f"contact-changed:{change.id}").category == "SECURITY"
    verbs = AuditEvent.objects.filter(subject=f"contact:{change.id}").values_list("verb", flat=True)
    assert list(verbs.order_by("id")) == ["contact.asked", "contact.changed"]
    assert "Until" in browser.get(reverse("contact_prove", args=[change.id])).content.decode()
    user.customer = fresh(customer)
    assert give_password(Client(), user)["Location"] == "/login/code/"


def test_a_number_is_changed_likewise_and_the_next_code_goes_there(browser: Client, customer: BranchCustomer) -> None:
    change = change_it(browser, customer, "phone_number", "0733 444 555")
    assert fresh(customer).phone_number == "+254733444555"
    to, text = text_of(f"contact:{change.id}:old")
    assert (to, len(text) <= 160, text.isascii()) == ("+254722000111", True, True)
    assert text_of(f"contact:{change.id}:new")[0] == "+254733444555"
    assert text_of(f"contact:{change.id}:other")[0] == "old@example.com"


def test_the_code_says_what_it_is_for(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    act = Instruction.objects.get(kind="CONTACT_CHANGE")
    browser.get(f"/step-up/?for={act.id}")
    row = OneTimeCode.objects.get(purpose="STEP_UP")
    text = crypto.decrypt(OutboxMessage.objects.get(cause=f"code:{row.id}").body)
    assert "code to change your e-mail address to n...@example.com." in text


def test_a_changed_number_is_new_to_the_guard_of_numbers_and_told_once(
    browser: Client, customer: BranchCustomer, user: User
) -> None:
    change_it(browser, customer, "phone_number", "0733 444 555")
    user = User.objects.select_related("customer").get(pk=user.pk)
    assert user.known_phone == "+254733444555"
    assert user.phone_changed_at is not None, "codes by SMS confirm nothing for a while"
    told = OutboxMessage.objects.count()
    assert not knowncontacts.note(user)
    assert OutboxMessage.objects.count() == told


def test_nothing_counts_before_the_new_one_has_proved_itself(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    assert fresh(customer).email == "old@example.com"
    assert not OutboxMessage.objects.filter(to="new@example.com").exists()
    code = code_at_the_new(browser, change)
    assert fresh(customer).email == "old@example.com"
    here = reverse("contact_prove", args=[change.id])
    assert "not right" in browser.post(here, {"code": another(code)}).content.decode()
    assert fresh(customer).email == "old@example.com"
    assert not OutboxMessage.objects.filter(cause__startswith="contact:").exists()


def test_the_code_of_the_step_up_does_not_prove_the_new_one(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    row = OneTimeCode.objects.get(purpose="STEP_UP")
    code = crypto.decrypt(OutboxMessage.objects.get(cause=f"code:{row.id}").body)[:6]
    answer = browser.post(reverse("contact_prove", args=[change.id]), {"code": code})
    assert answer.status_code == 200
    assert fresh(customer).email == "old@example.com"


def test_without_the_code_at_the_known_number_there_is_nothing_to_prove(
    browser: Client, customer: BranchCustomer
) -> None:
    ask(browser, "email", "new@example.com")
    act = Instruction.objects.get(kind="CONTACT_CHANGE")
    assert browser.get(reverse("contact_prove", args=[act.id])).status_code == 404
    assert browser.post(reverse("contact_send", args=[act.id])).status_code == 404
    assert not ContactChange.objects.exists()


def test_a_code_proves_its_own_change_alone(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "phone_number", "0733 444 555")
    mine = pass_step_up(browser, customer)
    code = code_at_the_new(browser, mine)
    ask(browser, "email", "victim@example.com")
    other = pass_step_up(browser, customer)
    assert browser.post(reverse("contact_prove", args=[other.id]), {"code": code}).status_code == 200
    assert fresh(customer).email == "old@example.com"


def test_an_hour_later_it_is_over(browser: Client, user: User, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        sign_in(browser, user)
        here = reverse("contact_prove", args=[change.id])
        assert "Start again" in browser.get(here).content.decode()
        browser.post(reverse("contact_send", args=[change.id]))
        browser.post(here, {"code": "123456"})
    assert not OutboxMessage.objects.filter(to="new@example.com").exists()
    assert fresh(customer).email == "old@example.com"


def test_a_second_wish_takes_the_place_of_the_first(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "first@example.com")
    first = pass_step_up(browser, customer)
    code = code_at_the_new(browser, first)
    ask(browser, "email", "second@example.com")
    pass_step_up(browser, customer)
    browser.post(reverse("contact_prove", args=[first.id]), {"code": code})
    assert fresh(customer).email == "old@example.com"


def test_it_refuses_another_change_within_72_hours(browser: Client, user: User, customer: BranchCustomer) -> None:
    change_it(browser, customer, "email", "new@example.com")
    answer = ask(browser, "email", "third@example.com")
    assert answer.status_code == 200
    assert "less than 72 hours ago" in answer.content.decode()
    assert ask(browser, "phone_number", "0733 444 555").status_code == 303
    with time_machine.travel(clock.now() + timedelta(hours=72, seconds=1)):
        sign_in(browser, user)
        assert ask(browser, "email", "third@example.com").status_code == 303


def test_two_drafts_do_not_make_two_changes_in_72_hours(browser: Client, customer: BranchCustomer) -> None:
    late = changing.prepare(customer, "email", "late@example.com")
    change_it_without(browser, late, customer)
    late.customer = fresh(customer)
    with transaction.atomic(), pytest.raises(errors.ChangedLately):
        changing.execute(late, system("test"))


def change_it_without(browser: Client, other: Instruction, customer: BranchCustomer) -> None:
    """Change it all the way while `other` waits."""
    Instruction.objects.filter(pk=other.pk).update(state="CANCELLED")
    change_it(browser, customer, "email", "new@example.com")


def test_what_the_branch_changed_meanwhile_is_not_overwritten(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    code = code_at_the_new(browser, change)
    BranchCustomer.objects.filter(pk=customer.pk).update(email="branch@example.com")
    answer = browser.post(reverse("contact_prove", args=[change.id]), {"code": code})
    assert "The branch has changed this in the meantime" in answer.content.decode()
    assert fresh(customer).email == "branch@example.com"


@pytest.mark.parametrize(
    ("detail", "wished", "theirs"),
    [
        ("email", "taken@example.com", {"email": "Taken@Example.com"}),
        ("phone_number", "0733444555", {"phone_number": "254733444555"}),
        ("phone_number", "0733444555", {"phone_number": "0733444555"}),
        ("phone_number", "0733444555", {"phone_number": "+254733444555"}),
    ],
)
def test_what_another_customer_has_is_refused_and_only_to_who_reads_its_codes(
    browser: Client, customer: BranchCustomer, detail: str, wished: str, theirs: dict[str, str]
) -> None:
    CustomerFactory(**theirs)
    answer = ask(browser, detail, wished)
    assert answer.status_code == 303, "nothing tells a stranger who banks here"
    change = pass_step_up(browser, customer)
    code = code_at_the_new(browser, change)
    answer = browser.post(reverse("contact_prove", args=[change.id]), {"code": code})
    assert "registered for other banking" in answer.content.decode()
    assert getattr(fresh(customer), detail) == getattr(customer, detail)


def test_a_taken_and_a_free_address_look_the_same_until_proved(db: None) -> None:
    CustomerFactory(email="taken@example.com")
    lengths = []
    for address in ("taken@example.com", "freed@example.com"):
        stranger = Client()
        sign_in(stranger, UserFactory())
        where = ask(stranger, "email", address)["Location"]
        lengths.append(len(stranger.get(where).content))
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize(
    "value",
    [
        "", "   ", "nobody", "a@b", "x" * 95 + "@example.com", "jose\u0301@example.com", "ivan@ex\u0430mple.com",
        "a@example.com\nBcc: b@example.com", "<script>@example.com", '=HYPERLINK("x")@', "old@example.com",
        "OLD@EXAMPLE.COM", "🎉@example.com", "x" * 10_000, "a@example.com\x00",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_new_address(browser: Client, value: str) -> None:
    answer = ask(browser, "email", value)
    assert answer.status_code == 200
    assert not Instruction.objects.exists()
    assert "<script>@" not in answer.content.decode()


@pytest.mark.parametrize(
    "value", ["", "12", "0722000111", "+254722000111", "٠٧٣٣٤٤٤٥٥٥", "1e9", "NaN", "0" * 10_000, "<b>0733444555</b>x"]
)
def test_it_refuses_what_is_no_new_number(browser: Client, value: str) -> None:
    assert ask(browser, "phone_number", value).status_code == 200
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("what", ["", "full_name", "national_id", "password_hash", "kyc_tier", "is_active"])
def test_no_other_column_can_be_named(browser: Client, what: str) -> None:
    for answer in (browser.get(f"/settings/profile/contact/?what={what}"), ask(browser, what, "TIER_3")):
        assert answer.status_code == 404


def test_only_so_many_wishes_a_day(browser: Client) -> None:
    for number in range(10):
        assert ask(browser, "email", f"n{number}@example.com").status_code == 303
    assert ask(browser, "email", "n10@example.com").status_code == 429


def test_somebody_elses_change_is_not_found(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    code = code_at_the_new(browser, change)
    stranger = Client()
    sign_in(stranger, UserFactory())
    for name in ("contact_prove", "contact_send"):
        assert stranger.post(reverse(name, args=[change.id]), {"code": code}).status_code == 404
    assert fresh(customer).email == "old@example.com"


@pytest.mark.mariadb
def test_the_right_code_five_times_at_once_changes_it_once(browser: Client, customer: BranchCustomer) -> None:
    ask(browser, "email", "new@example.com")
    change = pass_step_up(browser, customer)
    code = code_at_the_new(browser, change)

    def prove() -> bool:
        try:
            changing.prove(change, code, system("test"))
        except errors.PortalError:
            return False
        return True

    assert sum(at_once([prove] * 5)) == 1
    assert OutboxMessage.objects.filter(cause__startswith=f"contact:{change.id}").count() == 3
