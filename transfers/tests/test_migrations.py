"""Payments that were under way when the portal was brought up to date reach the receiver they were confirmed for."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import Account
from transfers.models import Payment
from transfers.outside.executing import destination_of
from transfers.outside.rails import words_for
from transfers.tests.scripted import NAMES, prepare_out, scripted
from transfers.tests.support import an_account, confirm

pytestmark = pytest.mark.django_db
TRANSLATE = import_module("transfers.migrations.0052_destination_as_the_rail_wants_it").translate


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "200000.00")


@pytest.mark.parametrize("rail", NAMES)
def test_an_open_payment_of_before_goes_where_a_new_one_would(sender: Account, rail: str) -> None:
    with scripted():
        instruction = prepare_out(sender, rail)
        confirm(instruction)
    values = destination_of(instruction).values
    Payment.objects.update(destination=dict(values))
    TRANSLATE(apps, None)
    assert Payment.objects.get().destination == words_for(rail.upper(), values)


def test_one_that_has_ended_is_left_as_it_was(sender: Account) -> None:
    with scripted():
        confirm(prepare_out(sender, "bills"))
    Payment.objects.update(destination={"biller": "GONE"}, state="RETURNED")
    TRANSLATE(apps, None)
    assert Payment.objects.get().destination == {"biller": "GONE"}
