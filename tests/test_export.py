"""A customer's data, handed over whole: every table with a customer's key is exported, or left out for a reason."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts.export import export_of
from accounts.models import Account, BranchCustomer, StaffMember
from tests.factories import (
    AccountFactory,
    CifFactory,
    CustomerFactory,
    FixedDepositFactory,
    InboxItemFactory,
    InsurancePolicyFactory,
    LoanAccountFactory,
    OutboxMessageFactory,
    PremiumPaymentFactory,
    StaffFactory,
    TransactionFactory,
)
from tests.pages import Scene
from wekeza_portal import clock, crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.export import plain
from wekeza_portal.registry import exporters, not_exported

# What ties a row to a customer: the person, the login, or something that is theirs.
CUSTOMERS_KEYS = {
    "customer_id", "user_id", "national_id", "account_id", "account_number", "policy_number", "loan_id", "maker_id",
}  # fmt: skip


def with_a_customers_key() -> set[str]:
    return {
        model._meta.label
        for model in apps.get_models()
        if {field.attname for field in model._meta.concrete_fields} & CUSTOMERS_KEYS
    }


def exported() -> set[str]:
    return {label for _name, exporter in exporters.items() for label in exporter.models}


def left_out() -> set[str]:
    return {label for label, _reason in not_exported.items()}


def test_every_table_with_a_customers_key_is_exported_or_left_out_for_a_reason() -> None:
    assert with_a_customers_key() - exported() - left_out() == set()


def test_the_guard_sees_the_tables_it_is_about() -> None:
    assert with_a_customers_key() > {"accounts.Account", "notifications.InboxItem", "lending.LoanPayment"}


def test_the_registry_names_only_tables_that_exist_and_decides_once() -> None:
    known = {model._meta.label for model in apps.get_models()}
    assert exported() | left_out() <= known
    assert not exported() & left_out()
    assert all(len(reason) > 20 for _label, reason in not_exported.items())


@pytest.mark.django_db
def test_what_the_customer_has_is_all_there_and_nothing_of_a_stranger() -> None:
    scene = Scene.set_up()
    customer = scene.user.customer
    assert customer is not None
    CifFactory(national_id=customer.national_id)
    number = scene.account.account_number
    LoanAccountFactory(account_number=number, loan_id="LN-MINE")
    policy = InsurancePolicyFactory(account_number=number, policy_number="POL-MINE")
    PremiumPaymentFactory(policy_number=policy.policy_number)
    FixedDepositFactory(account=scene.account, fd_number="FD-MINE")
    stranger = AccountFactory(customer=CustomerFactory(full_name="Nobody's Business"))
    LoanAccountFactory(account_number=stranger.account_number, loan_id="LN-THEIRS")
    TransactionFactory(account=stranger, description="Theirs alone")
    text = json.dumps(export_of(customer))
    for mine in ("LN-MINE", "POL-MINE", "FD-MINE", number, customer.email, "12000.00", "Rent for November"):
        assert mine in text
    for theirs in ("LN-THEIRS", "Theirs alone", "Nobody's Business", stranger.account_number):
        assert theirs not in text


@pytest.mark.django_db
def test_no_secret_is_handed_over() -> None:
    scene = Scene.set_up()
    customer = scene.user.customer
    assert customer is not None
    code = crypto.encrypt("482913")
    OutboxMessageFactory(customer_id=customer.user_id, is_secret=True, body=code, subject="Your code 482913")
    text = json.dumps(export_of(customer))
    for secret in (customer.password_hash, scene.user.password, scene.user.fingerprint, code, "482913"):
        assert secret
        assert secret not in text


@pytest.mark.django_db
def test_a_customer_who_has_nothing_gets_an_export_that_says_so() -> None:
    data = export_of(CustomerFactory(national_id=None))
    assert data["data"]["accounts"]["accounts"] == []
    assert data["data"]["profile"]["customer_file"] == []
    assert set(data["left_out"]) == left_out()


def test_amounts_stay_exact_and_what_is_unknown_is_refused() -> None:
    assert plain({"a": [Decimal("0.10"), None, True]}) == {"a": ["0.10", None, True]}
    with pytest.raises(TypeError, match="float"):
        plain(0.1)


# --- The command --------------------------------------------------------------------------------------------------


def run(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    if not StaffMember.objects.filter(staff_code="SUPPORT001").exists():
        StaffFactory(staff_code="SUPPORT001")
    call_command(
        "exportcustomer", *map(str, arguments), stdout=out, **{"by": "SUPPORT001", "reason": "DSR-1", **options}
    )
    return out.getvalue()


@pytest.mark.django_db
def test_staff_hand_it_over_and_the_trail_says_who_and_why() -> None:
    customer = CustomerFactory()
    InboxItemFactory(customer_id=customer.user_id, title="Habari 🎉")
    assert json.loads(run(customer.user_id))["data"]["messages"]["inbox"][0]["title"] == "Habari 🎉"
    event = AuditEvent.objects.get(verb="customer.exported")
    assert (event.actor_kind, event.actor_id, event.customer_id) == ("staff", "SUPPORT001", customer.user_id)
    assert event.data == {"reason": "DSR-1"}


@pytest.mark.django_db
def test_a_file_is_new_and_for_its_owner_alone(tmp_path: Path) -> None:
    customer, to = CustomerFactory(), tmp_path / "data.json"
    run(customer.user_id, to=to)
    assert to.stat().st_mode & 0o777 == 0o600
    assert json.loads(to.read_text(encoding="utf-8"))["customer"] == customer.user_id
    with pytest.raises(CommandError, match="exists"):
        run(customer.user_id, to=to)
    assert AuditEvent.objects.filter(verb="customer.exported").count() == 1, "what was not handed over is not recorded"


@pytest.mark.django_db
@pytest.mark.parametrize("options", [{"by": " "}, {"reason": ""}])
def test_it_refuses_to_run_for_nobody_or_without_a_reason(options: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="say who"):
        run(CustomerFactory().user_id, **options)


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["NOBODY", "support001", "GONE001", "SUPPORT001' OR '1"])
def test_it_refuses_whoever_is_not_on_the_branchs_list_now(by: str) -> None:
    StaffFactory(staff_code="GONE001", is_active=False)
    with pytest.raises(CommandError, match="no active code"):
        run(CustomerFactory().user_id, by=by)
    assert not AuditEvent.objects.filter(verb="customer.exported").exists()


@pytest.mark.django_db
def test_a_former_persons_data_stays_when_the_branch_gives_the_id_out_again() -> None:
    """Everything the scene's customer did is another person's the day after, under the same id."""
    scene = Scene.set_up()
    customer = scene.user.customer
    assert customer is not None
    InboxItemFactory(customer_id=customer.user_id, title="For the former one")
    later = clock.now() + timedelta(days=1)
    BranchCustomer.objects.filter(pk=customer.pk).update(
        full_name="Somebody New", national_id="99999999", email="new@example.com", created_at=later
    )
    Account.objects.filter(customer_id=customer.pk).update(customer_id=CustomerFactory().pk)
    data = export_of(BranchCustomer.objects.get(pk=customer.pk))["data"]
    assert {name: rows for name, rows in data["online_access"].items() if rows} == {}
    assert {name: rows for name, rows in data["messages"].items() if rows} == {}
    for name in ("requests", "papers", "uploads", "events"):
        assert data[name] == [], name
    for name in ("instructions", "postings", "on_own_accounts"):
        assert data["payments"][name] == [], name
    assert "Rent for November" not in json.dumps(data)
    assert data["profile"]["customer"][0]["full_name"] == "Somebody New"


@pytest.mark.django_db
def test_it_refuses_a_customer_who_does_not_exist() -> None:
    with pytest.raises(CommandError, match="no customer"):
        run(999_999)
