"""The demo bank: emmanuel and nuria have services in each state - waiting, given, refused - and letters."""

import pytest
from django.test import Client

from accounts import checking
from accounts.approvals import watching
from accounts.models import ApprovalRequest, BankLetter, User
from accounts.servicing import catalogue
from tests.support import sign_in
from wekeza_portal.branch.demobank import filling

pytestmark = pytest.mark.django_db(transaction=True)


def test_their_pages_show_every_state_and_the_books_agree() -> None:
    bank = filling.fill()
    watching.watch()  # and what the worker finds there changes nothing of it
    for key, letters in (("emmanuel", 2), ("nuria", 1)):
        customer_id = bank.customer(key).user_id
        rows = ApprovalRequest.objects.filter(customer_id=customer_id, kind__in=list(catalogue.SERVICES))
        assert sorted(rows.values_list("state", flat=True)) == ["DONE", "REFUSED", "SENT"]
        client = Client()
        sign_in(client, User.objects.get(customer_id=customer_id))
        for row in rows:
            assert client.get(f"/settings/requests/{row.id}/").status_code == 200
        own = BankLetter.objects.filter(customer_id=customer_id)
        assert own.count() == letters
        assert {client.get(f"/settings/services/letters/{one.pk}/").status_code for one in own} == {200}
    assert BankLetter.objects.exclude(reference="").count() == 1
    found = [one for one in checking.differences() if "letter" in one.kind]
    assert found == []
