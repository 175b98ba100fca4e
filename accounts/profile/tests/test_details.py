"""Where the customer lives and works: kept as typed, beside what the branch's file has, and nobody else's."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import BranchCustomer, CustomerDetails, User
from accounts.profile import details
from tests.factories import CifFactory, CustomerDetailsFactory, CustomerFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
D = Decimal

HOME = {"home_address": "House 4, Umoja Estate", "town": "Nairobi", "postal_address": "P.O. Box 1234-00100 Nairobi"}
KIN = {"kin_name": "Akinyi Otieno", "kin_relation": "SIBLING", "kin_phone": "0722 000 222"}
WORK = {"work": "EMPLOYED", "employer": "Savannah Dairy Ltd", "occupation": "Driver", "monthly_income": "48,500"}
PARTS = {"home": HOME, "kin": KIN, "work": WORK}


def at(part: str) -> str:
    return f"/settings/profile/{part}/"


def profile(browser: Client) -> str:
    return browser.get("/settings/profile/").content.decode()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_kept_and_shown(browser: Client, customer: BranchCustomer, part: str) -> None:
    answer = browser.post(at(part), PARTS[part])
    assert (answer.status_code, answer["Location"]) == (303, "/settings/profile/")
    said = details.of(customer)
    assert said is not None
    shown = profile(browser)
    assert {
        "home": "House 4, Umoja Estate, Nairobi", "kin": "Akinyi Otieno", "work": "KES 48,500.00"
    }[part] in shown  # fmt: skip
    assert "+254722000222" not in shown
    again = browser.get(at(part)).content.decode()
    assert {"home": "Umoja", "kin": "Akinyi", "work": "48,500.00"}[part] in again
    event = AuditEvent.objects.get(verb="details.said")
    assert event.data == {"part": part, "changed": list(details.COLUMNS[part])}


def test_lending_reads_employment_and_income(browser: Client, customer: BranchCustomer) -> None:
    browser.post(at("work"), WORK)
    said = details.of(customer)
    assert said is not None
    assert (said.work, said.employer, said.monthly_income) == ("EMPLOYED", "Savannah Dairy Ltd", D("48500.00"))
    assert said.kin_since is None


def test_saving_one_part_leaves_the_others(browser: Client, customer: BranchCustomer) -> None:
    for part, typed in PARTS.items():
        browser.post(at(part), typed)
    browser.post(at("home"), {**HOME, "town": "Kisumu", "postal_address": ""})
    said = details.of(customer)
    assert said is not None
    assert (said.town, said.postal_address, said.kin_phone) == ("Kisumu", "", "+254722000222")
    assert CustomerDetails.objects.count() == 1
    assert AuditEvent.objects.filter(verb="details.said").latest("id").data["changed"] == ["town", "postal_address"]


def test_what_the_branchs_file_has_is_shown_as_that_and_offered(browser: Client, customer: BranchCustomer) -> None:
    CifFactory(
        national_id="29876543", date_of_birth=date(1990, 3, 14), physical_address="Ngong Road", occupation="Teacher"
    )
    shown = profile(browser)
    for words in ("14/03/1990", "Ngong Road", "Teacher", "From the branch", "KES 60,000.00"):
        assert words in shown
    assert 'value="60,000.00"' in browser.get(at("work")).content.decode()
    assert details.of(customer) is None


def test_somebody_elses_file_is_not_shown(browser: Client) -> None:
    CifFactory(national_id="298765430", physical_address="Ngong Road", date_of_birth=date(1990, 3, 14))
    assert "Ngong Road" not in profile(browser)


def test_without_a_national_id_no_file_is_found(db: None) -> None:
    CifFactory(national_id="", physical_address="Ngong Road")
    assert details.branch_file(CustomerFactory(national_id=None)) is None
    assert details.branch_file(CustomerFactory(national_id="")) is None


def test_hidden_amounts_hide_the_income(browser: Client, user: User, customer: BranchCustomer) -> None:
    CustomerDetailsFactory(customer_id=customer.user_id)
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    assert "48,500" not in profile(browser)


def test_who_got_a_reused_id_sees_and_keeps_nothing_of_the_former_holder(db: None) -> None:
    old = CustomerDetailsFactory(created_at=clock.now() - timedelta(days=900))
    customer = BranchCustomer.objects.get(pk=old.customer_id)
    assert details.of(customer) is None
    assert details.initial(customer, "kin") == {}
    details.keep(customer, "home", HOME, system("test"))
    said = details.of(customer)
    assert said is not None
    assert (said.kin_name, said.employer, said.home_address) == ("", "", HOME["home_address"])


def test_each_customer_sees_their_own(browser: Client) -> None:
    stranger = Client()
    sign_in(stranger, UserFactory())
    stranger.post(at("home"), {**HOME, "home_address": "Kileleshwa"})
    browser.post(at("home"), HOME)
    assert "Kileleshwa" not in profile(browser)
    assert CustomerDetails.objects.count() == 2


@pytest.mark.parametrize(
    ("part", "typed", "words"),
    [
        ("home", {"home_address": ""}, "Enter the street"),
        ("home", {"town": "x" * 61}, "Up to 60 characters"),
        ("home", {"home_address": "x" * 10_000}, "Up to 100 characters"),
        ("home", {"town": "a\u202eb"}, "hidden character"),
        ("kin", {"kin_relation": "ENEMY"}, "Select a valid choice"),
        ("kin", {"kin_relation": ""}, "Choose who this is"),
        ("kin", {"kin_phone": "12"}, "not a phone number"),
        ("kin", {"kin_phone": "٠٧٢٢٠٠٠٢٢٢"}, "not a phone number"),
        ("work", {"work": "KING"}, "Select a valid choice"),
        ("work", {"employer": ""}, "Enter who employs you"),
        ("work", {"monthly_income": ""}, "Enter an amount"),
        ("work", {"monthly_income": "NaN"}, "Enter an amount"),
        ("work", {"monthly_income": "1e9"}, "Enter an amount"),
        ("work", {"monthly_income": "-5"}, "Enter an amount"),
        ("work", {"monthly_income": "٤٨٥٠٠"}, "Enter an amount"),
        ("work", {"monthly_income": "9" * 14}, "larger than any account"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_changes_nothing(
    browser: Client, part: str, typed: dict[str, str], words: str
) -> None:
    answer = browser.post(at(part), {**PARTS[part], **typed})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not CustomerDetails.objects.exists()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "Umoja 🎉"])
def test_odd_texts_are_shown_as_text(browser: Client, text: str) -> None:
    assert browser.post(at("home"), {**HOME, "home_address": text}).status_code == 303
    assert "<script>alert" not in profile(browser)


@pytest.mark.parametrize("work", ["STUDENT", "NONE"])
def test_who_earns_nothing_need_not_say_how_much(browser: Client, work: str) -> None:
    typed = {"work": work, "employer": "", "occupation": "", "monthly_income": ""}
    assert browser.post(at("work"), typed).status_code == 303
    assert "Not recorded" in profile(browser)


def test_fields_no_form_offers_change_nothing(browser: Client, customer: BranchCustomer) -> None:
    browser.post(at("home"), {**HOME, "kin_name": "x", "monthly_income": "1", "customer_id": "1"})
    said = details.of(customer)
    assert said is not None
    assert (said.kin_name, said.monthly_income) == ("", None)
