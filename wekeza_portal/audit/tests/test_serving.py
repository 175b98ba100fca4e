"""A short life as the user that serves, who holds what `printgrants` prints: customers, worker and staff all get on."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identity.tests.helpers import code_for, walk_in
from accounts.models import AccountTransaction, Instruction, Posting, SupportLook
from accounts.supporting.tests.scenes import Two
from tests.factories import AccountFactory, UserFactory
from transfers.tests.walking import fill_in
from wekeza_portal import clock
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.audit.tests.test_tables import connected_as_serving
from wekeza_portal.audit.verifying import verify
from wekeza_portal.jobs import engine
from wekeza_portal.registry import jobs, waiting_steps, worker_steps
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


def test_a_customer_signs_in_with_a_code_and_pays_somebody_new() -> None:
    sender = AccountFactory(balance=Decimal("5000.00"))
    receiver = AccountFactory(balance=Decimal("10.00"))
    user = UserFactory(customer=sender.customer)
    client = Client()
    with connected_as_serving():
        assert walk_in(client, user).status_code == 302
        assert client.get("/").status_code == 200
        _status, review, _page = fill_in(client, sender, receiver)
        instruction = Instruction.objects.get()
        assert client.get(review).status_code == 200
        asked = client.post(reverse("payment_confirm", args=[instruction.id]))
        assert client.get(asked["Location"]).status_code == 200
        done = client.post(asked["Location"], {"code": code_for(user.customer)})
        assert client.get(done["Location"]).status_code == 200
        assert client.post("/logout/").status_code == 302
    assert Posting.objects.count() == 1
    assert AccountTransaction.objects.filter(account=receiver).exists()
    receiver.refresh_from_db()
    assert receiver.balance == Decimal("510.00")


def test_every_step_and_job_of_the_worker_runs() -> None:
    Two.meet()
    with connected_as_serving():
        for name, step in (*worker_steps.items(), *waiting_steps.items()):
            run(name, step)
        for name, job in jobs.items():
            run(name, partial(job.run, clock.today() - timedelta(days=1)))
        engine.work()
        seal_waiting()
        assert verify().is_intact


def run(name: str, step: Any) -> None:
    try:
        step()
    except Exception as error:
        raise AssertionError(f"{name}: {error}") from error


def test_staff_sign_in_look_and_end_it() -> None:
    two, auditor = Two.meet(), staff("audit")
    with connected_as_serving():
        board = signed_in(auditor)
        view = two.running()
        assert two.board.get(two.at(view)).status_code == 200
        assert board.get(f"/admin/boards/support-views/{view.pk}/").status_code == 200
        two.board.post(f"/admin/boards/support-views/{view.pk}/end/")
    assert SupportLook.objects.count() == 1
