"""Every form of a customer's, found by walking the pages, sent with what no honest browser would send."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import Account, Instruction, Limit, Posting, User
from tests.factories import AccountFactory, UserFactory
from tests.forms import PageForm, forms_on
from tests.pages import PUBLIC_PAGES, Scene
from tests.polyglots import RUNS, TAG
from tests.support import sign_in
from tests.test_polyglots import customer_pages
from transfers.many.reading import COLUMNS
from transfers.models import PaymentFile, StandingOrder
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.models import RateCounter

pytestmark = pytest.mark.django_db

# What a curious customer adds: columns of ours and of the branch's that no form offers.
PRIVILEGED = {
    "is_staff": "1", "is_superuser": "1", "is_active": "1", "groups": "1", "balance": "9999999", "status": "ACTIVE",
    "state": "POSTED", "fee": "0", "fee_row_id": "", "customer_id": "1", "customer": "1", "user_id": "1",
    "kyc_tier": "TIER_3", "value": "0", "stepped_up_at": "2026-01-01", "currency": "USD", "from_account_id": "1",
}  # fmt: skip
SECRET_OF_THE_PROBE = "zq7x"
PROBES = [
    f"{SECRET_OF_THE_PROBE}' OR '1'='1", f'{SECRET_OF_THE_PROBE}"; DROP TABLE users; --', f"{SECRET_OF_THE_PROBE}\\",
    f"{SECRET_OF_THE_PROBE}%_%", f"{SECRET_OF_THE_PROBE}' AND SLEEP(5) #", f"1; {SECRET_OF_THE_PROBE}",
    f"{SECRET_OF_THE_PROBE}\0", f"{SECRET_OF_THE_PROBE}😀\u202e" + "9" * 10_000,
]  # fmt: skip
PARAMETERS = [
    "q", "text", "from", "to", "period", "direction", "before", "after", "account", "like", "next", "for", "on", "p",
    "o", "page", "format", "code", "kind", "sort", "least", "most", "amount",
]  # fmt: skip
ELSEWHERE = [
    "//evil.example", "https:evil.example", "/\\evil.example", "\t//evil.example", "javascript:alert(1)",
    "https://testserver@evil.example/",
]  # fmt: skip
RIGHTS = ("is_staff", "is_superuser", "is_active", "customer_id")
LEAVING = {"/logout/", "/settings/sign-ins/not-me/"}
DECIDED_BY_THE_PRESS = ("/confirm/", "/take-back/")
"""Moves the customer's own money, as the page says that it will: the other fields are looked at elsewhere."""


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


@pytest.fixture
def client(scene: Scene) -> Client:
    browser = Client()
    sign_in(browser, scene.user)
    return browser


def forms(client: Client, scene: Scene) -> list[tuple[str, PageForm]]:
    """(address it goes to, form) of every different form; the way out is left alone."""
    found: dict[tuple[str, str], tuple[str, PageForm]] = {}
    for page in customer_pages(scene):
        answer = client.get(page) if not page.endswith(".pdf") else {}
        if answer.get("Content-Type", "").startswith("text/html"):
            for form in forms_on(answer.getvalue().decode()):
                target = form.action or page
                if target.split("?")[0] not in LEAVING:
                    found.setdefault((target.split("?")[0], ",".join(sorted(form.values))), (target, form))
    return list(found.values())


def send(client: Client, target: str, form: PageForm, values: dict[str, str]) -> Any:
    RateCounter.objects.all().delete()  # budgets have tests of their own: here every try is to be looked at
    return client.post(target, values) if form.method == "post" else client.get(target, values)


def rows() -> dict[str, Any]:
    """What no form may change: every account, every login's rights, what the bank set, what was posted."""
    return {
        "accounts": list(Account.objects.order_by("pk").values()),
        "rights": list(User.objects.order_by("pk").values("pk", *RIGHTS)),
        "roles": list(Group.objects.filter(user__isnull=False).values("name", "user")),
        "limits": list(Limit.objects.order_by("pk").values()),
        "posted": list(Posting.objects.order_by("pk").values()),
    }


def test_the_walk_finds_the_forms(client: Client, scene: Scene) -> None:
    targets = {target.split("?")[0] for target, _form in forms(client, scene)}
    assert targets >= {"/move/wekeza/", "/move/own/", "/settings/details/", "/language/", "/settings/hide-amounts/"}
    assert any(target.endswith("/confirm/") for target in targets)


def test_fields_that_no_form_offers_change_nothing(client: Client, scene: Scene) -> None:
    before = rows()
    stranger = UserFactory()
    theirs = {**PRIVILEGED, "customer_id": str(stranger.customer_id), "user_id": str(stranger.pk)}
    before = rows()
    drafts = {draft.pk: (draft.customer_id, draft.fee, draft.amount) for draft in Instruction.objects.all()}
    for target, form in forms(client, scene):
        if form.method == "post" and not target.endswith(DECIDED_BY_THE_PRESS):
            send(client, target, form, theirs | form.values)
            assert rows() == before, target
    for draft in Instruction.objects.all():
        assert draft.customer_id == scene.user.customer_id
        assert (draft.customer_id, draft.fee, draft.amount) == drafts.get(
            draft.pk, (draft.customer_id, draft.fee, draft.amount)
        )
    assert not Instruction.objects.filter(stepped_up_at__isnull=False).exclude(state__in=["POSTED", "DONE"]).exists()


def test_no_confirmation_takes_its_terms_from_the_form(client: Client, scene: Scene) -> None:
    """What is posted is what the review showed, whatever comes along with the button."""
    target = f"/move/payments/{scene.draft.pk}/confirm/"
    client.post(target, {**PRIVILEGED, "amount": "1", "to_account": scene.account.account_number, "fee": "0"})
    scene.draft.refresh_from_db()
    posting = Posting.objects.get(instruction_id=scene.draft.pk)
    assert scene.draft.amount == Decimal("2500.00")
    assert sorted(leg.amount for leg in posting.legs.all())[-1] == Decimal("2500.00")


def test_what_has_a_review_of_its_own_is_led_there_from_a_payments_pages(client: Client, scene: Scene) -> None:
    """A standing order's draft, given up, under the addresses of a payment: no crash, and nothing is set up."""
    own, before = f"/move/standing/drafts/{scene.plan.pk}/", (rows(), StandingOrder.objects.count())
    assert client.post(f"{own}cancel/").status_code == 303
    assert client.post(f"/move/payments/{scene.plan.pk}/confirm/")["Location"] == own
    assert client.get(f"/move/payments/{scene.plan.pk}/review/")["Location"] == own
    assert (rows(), StandingOrder.objects.count()) == before


def test_an_account_of_somebody_else_in_the_place_of_ones_own_is_refused_and_noted(
    client: Client, scene: Scene
) -> None:
    own = set(Account.objects.filter(customer=scene.user.customer).values_list("account_number", flat=True))
    stranger = AccountFactory(customer=UserFactory().customer, balance=Decimal("51317.00"))
    complete = {"amount": "100", "to_account": AccountFactory().account_number}
    tried = 0
    before = rows()
    for target, form in forms(client, scene):
        for name in [name for name, offered in form.choices.items() if set(offered) & own]:
            count, denied = Instruction.objects.count(), denials()
            typed = {key: value or complete.get(key, "") for key, value in form.values.items()}
            answer = send(client, target, form, {**typed, name: stranger.account_number})
            assert b"51,317" not in answer.content, f"{target} {name} tells the balance"
            assert rows() == before, f"{target} {name}"
            if form.method == "post" and name.startswith("from"):
                assert (Instruction.objects.count(), denials()) == (count, denied + 1), f"{target} {name}"
                tried += 1
    assert tried >= 2
    assert not Instruction.objects.filter(payload__from_account_id=str(stranger.pk)).exists()


def test_an_account_of_somebody_else_is_noted_once_whatever_else_is_wrong(client: Client, scene: Scene) -> None:
    """With a file that reads well, one with a wrong row, none; with a change of an order that is complete or not."""
    stranger = AccountFactory(customer=UserFactory().customer).account_number
    kept = f"/move/standing/{scene.order.public_id}/change/"
    plan = {"amount": "1", "note": "", "on_holiday": "SAME", "mode": "PAY"}
    files, orders = PaymentFile.objects.count(), list(StandingOrder.objects.values())
    for target, typed in (
        ("/move/many/", {"file": table("wekeza", AccountFactory().account_number, "10")}),
        ("/move/many/", {"file": table("wekeza", "nonsense", "-1")}),
        ("/move/many/", {}),
        (kept, plan),
        (kept, {**plan, "amount": "much"}),
    ):
        denied = denials()
        answer = client.post(target, {"from_account": stranger, **typed})
        assert answer.status_code == 200, "the form again"
        assert denials() == denied + 1, f"{target} {typed}"
        assert "from_account" in answer.context["form"].errors
    assert (PaymentFile.objects.count(), list(StandingOrder.objects.values())) == (files, orders)


def table(kind: str, number: str, amount: str) -> SimpleUploadedFile:
    rows = [",".join(COLUMNS), ",".join({"kind": kind, "number": number, "amount": amount}.get(c, "") for c in COLUMNS)]
    return SimpleUploadedFile("wages.csv", "\n".join(rows).encode(), "text/csv")


def denials() -> int:
    return AuditEvent.objects.filter(verb="access.denied").count()


def watched(ask: Callable[[], Any]) -> tuple[Any, list[str]]:
    """The answer, and every statement as the database's driver gets it, before its parameters."""
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        return ask(), seen


def test_no_form_lets_typed_text_into_a_statement_or_back_onto_the_page(client: Client, scene: Scene) -> None:
    for target, form in forms(client, scene):
        for probe in [*PROBES, SECRET_OF_THE_PROBE + RUNS]:
            typed = dict.fromkeys(form.values, probe)
            answer, seen = watched(lambda t=target, f=form, v=typed: send(client, t, f, v))
            assert answer.status_code < 500, f"{target}: {probe[:40]!r}"
            assert [sql for sql in seen if SECRET_OF_THE_PROBE in sql] == [], target
            assert TAG.encode() not in answer.content, target


def test_no_parameter_of_an_address_gets_there_either(client: Client, scene: Scene) -> None:
    every = [page.split("?")[0] for page in [*customer_pages(scene), *PUBLIC_PAGES]]
    for page in sorted(set(every)):
        for probe in (PROBES[0], PROBES[6], SECRET_OF_THE_PROBE + RUNS):
            query = "&".join(f"{name}={quote(probe)}" for name in PARAMETERS)
            answer, seen = watched(lambda p=page, q=query: client.get(f"{p}?{q}"))
            assert answer.status_code < 500, f"{page}: {probe[:40]!r}"
            assert [sql for sql in seen if SECRET_OF_THE_PROBE in sql] == [], page
            assert TAG.encode() not in answer.getvalue(), page


def test_no_redirect_leads_to_somebody_else(client: Client, scene: Scene) -> None:
    posts = [(target.split("?")[0], form) for target, form in forms(client, scene) if form.method == "post"]
    for where in ELSEWHERE:
        for target, form in posts:
            answer = send(client, f"{target}?next={quote(where)}", form, {**form.values, "next": where})
            location = answer.get("Location", "")
            assert "evil" not in location.split("?")[0], f"{target} to {where!r}"
            assert not location.startswith(("//", "javascript:", "\\")), f"{target} to {where!r}"
        assert "evil" not in Client().get(f"/login/?next={quote(where)}").get("Location", "")


def test_the_search_would_notice_a_text_in_a_statement(client: Client) -> None:
    def careless() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT '{SECRET_OF_THE_PROBE}'")

    _answer, seen = watched(careless)
    assert [sql for sql in seen if SECRET_OF_THE_PROBE in sql]
