"""Every factory builds on both engines, and what it builds holds together."""

import pytest
from factory.base import FactoryMetaClass

from accounts.identity.links import fingerprint, secret_digest
from accounts.models import CodeDevice
from tests import factories
from wekeza_portal import clock

FACTORIES = [
    thing
    for thing in vars(factories).values()
    if isinstance(thing, FactoryMetaClass)
    and not thing._meta.abstract
    and thing.__module__.startswith(factories.__name__)
]

# Of a dated figure there is one row a day.
SEVERAL_A_DAY = [f for f in FACTORIES if f._meta.model._meta.db_table not in {"portal_limit", "portal_fee"}]


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_it_builds_a_row_that_can_be_read_again(factory: FactoryMetaClass) -> None:
    row = factory()
    again = type(row)._base_manager.get(pk=row.pk)
    differing = [
        field.name
        for field in row._meta.local_concrete_fields
        if str(getattr(again, field.attname)) != str(getattr(row, field.attname))
        and getattr(again, field.attname) != getattr(row, field.attname)
    ]
    assert differing == []


@pytest.mark.django_db
@pytest.mark.parametrize("factory", SEVERAL_A_DAY, ids=lambda factory: factory.__name__)
def test_it_builds_two_of_a_kind(factory: FactoryMetaClass) -> None:
    assert factory().pk != factory().pk


@pytest.mark.django_db
def test_an_enrolled_user_knows_its_password_and_has_a_second_factor() -> None:
    user = factories.UserFactory()
    assert user.check_password("correct horse battery 9")
    assert CodeDevice.objects.filter(user=user, confirmed=True).count() == 1


@pytest.mark.django_db
def test_an_enrolled_user_is_linked_to_the_customer_as_it_stands() -> None:
    user = factories.UserFactory()
    user.customer.refresh_from_db()
    assert user.fingerprint == fingerprint(user.customer)
    assert user.branch_secret_digest == secret_digest(user.customer)


@pytest.mark.django_db
def test_a_reset_at_the_bank_or_a_reused_id_changes_the_digests() -> None:
    user = factories.UserFactory()
    user.customer.password_hash = "newpass123"
    assert user.branch_secret_digest != secret_digest(user.customer)
    user.customer.national_id = "99999999"
    assert user.fingerprint != fingerprint(user.customer)


@pytest.mark.django_db
def test_a_staff_user_has_no_customer() -> None:
    user = factories.UserFactory(customer=None)
    assert user.is_staff
    assert user.customer is None
    assert user.fingerprint == ""


@pytest.mark.django_db
def test_branch_rows_carry_nairobi_time_to_the_second() -> None:
    before = clock.now()
    row = factories.TransactionFactory()
    row.refresh_from_db()
    assert before <= row.created_at <= clock.now()


def test_every_table_of_ours_and_of_the_branch_that_we_map_has_a_factory() -> None:
    from django.apps import apps

    made = {factory._meta.model for factory in FACTORIES}
    ours = {
        model for model in apps.get_models() if not model._meta.managed or model._meta.db_table.startswith("portal_")
    }
    assert {model.__name__ for model in ours - made} == set()
