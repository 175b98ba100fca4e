"""A look at a customer's pages: who may ask, what is shown and what never is, how either side ends it."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.freezing import stopping
from accounts.identity import sessions
from accounts.models import BranchCustomer, Freeze, Instruction, SignedInSession, StaffMember, SupportLook, SupportView
from accounts.supporting import ending, rendering, selectors, services
from accounts.supporting.errors import AnotherLook, LookIsOver, NoOnlineAccess, NotOnTheStaffList
from accounts.supporting.tests.scenes import STAFF, WHY, Two
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    LimitFactory,
    SupportLookFactory,
    SupportViewFactory,
    UserFactory,
)
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from tests.test_url_guards import WRITES, WRITTEN_BY_LOOKING
from tests.together import at_once
from transfers.tests.scripted import pay_out
from wekeza_portal import clock, crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.registry import support_pages
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db(transaction=True)
By = SupportView.EndedBy


@pytest.fixture
def two() -> Two:
    return Two.meet()


def page(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


# --- Asking and answering --------------------------------------------------------------------------------------------


def test_the_customer_sees_the_question_at_once_everywhere(two: Two) -> None:
    view = two.ask()
    address = reverse("support_view", args=[view.pk])
    for where in ("/", "/inbox/", "/move/"):
        assert address in page(two.inside.get(where)), where
    shown = page(two.inside.get(address))
    for words in (view.helper, "Customer support", view.reference, WHY, "What they see", "What they do not see"):
        assert words in shown
    assert (
        InboxItem.objects.get(customer_id=two.me.user_id, title__contains="look at your pages").category == "SECURITY"
    )
    sent = OutboxMessage.objects.filter(customer_id=two.me.user_id, body__contains=view.reference)
    assert set(sent.values_list("channel", flat=True)) == {"SMS", "EMAIL"}


def test_nothing_is_shown_before_the_customer_agreed_nor_after_they_refused(two: Two) -> None:
    view = two.ask()
    assert two.board.get(two.at(view)).status_code == 302
    two.inside.post(reverse("support_view_end", args=[view.pk]))
    view.refresh_from_db()
    assert (view.ended_by, view.open_for) == (By.REFUSED, None)
    assert two.board.get(two.at(view)).status_code == 302
    with pytest.raises(LookIsOver):
        services.prepare(two.me, view)
    assert not SupportLook.objects.exists()


def test_agreeing_takes_a_code(two: Two) -> None:
    view = two.ask()
    answer = two.inside.post(reverse("support_view_agree", args=[view.pk]))
    assert answer.status_code == 303
    assert answer["Location"].startswith("/step-up/?for=")
    assert two.board.get(two.at(view)).status_code == 302, "pressing the button alone opens nothing"
    asked = page(two.inside.get(answer["Location"]))
    assert view.helper in asked
    code = re.search(r"\b\d{6}\b", crypto.decrypt(OutboxMessage.objects.filter(is_secret=True).latest("pk").body))
    assert code is not None
    done = two.inside.post(answer["Location"], {"code": code.group()})
    assert done["Location"] == reverse("support_view", args=[view.pk])
    assert "Runs until" in page(two.inside.get(done["Location"]))
    assert two.board.get(two.at(view)).status_code == 200


def test_without_the_code_agreeing_is_refused_by_the_service(two: Two) -> None:
    draft = services.prepare(two.me, two.ask())
    with pytest.raises(instructions.StepUpRequired):
        instructions.carry_out(customer=two.me, instruction_id=draft.id, actor=two.actor())


def test_it_can_be_agreed_to_for_ten_minutes_and_runs_for_thirty(two: Two) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        late = two.ask()
        time.shift(timedelta(minutes=10))
        with pytest.raises(LookIsOver):
            services.prepare(two.me, late)
        assert "asks to see your pages" not in page(two.inside.get("/"))
        view = two.ask()
        time.shift(timedelta(minutes=10) - timedelta(seconds=1))
        two.agree(view)
        assert view.ends_at == clock.now() + timedelta(minutes=30)
        time.shift(timedelta(minutes=30) - timedelta(seconds=1))
        assert services.customer_of(view, two.helper.pk) is not None
        time.shift(timedelta(seconds=1))
        assert services.customer_of(view, two.helper.pk) is None
        assert services.note(view.pk, "home", "/") is False
    late.refresh_from_db()
    assert late.ended_by == By.UNANSWERED


def test_both_are_dated_figures(two: Two) -> None:
    for code in ("SUPPORT_ASK_MINUTES", "SUPPORT_VIEW_MINUTES"):
        LimitFactory(code=code, kyc_tier="", value=Decimal("2.00"), effective_from=clock.today())
    view = two.running()
    assert view.answer_by - view.asked_at == timedelta(minutes=2)
    assert view.ends_at is not None
    assert view.approved_at is not None
    assert view.ends_at - view.approved_at == timedelta(minutes=2)


def test_a_code_for_one_question_does_not_answer_another_or_a_changed_one(two: Two) -> None:
    view = two.ask()
    draft = services.prepare(two.me, view)
    instructions.approve(customer=two.me, instruction_id=draft.id)
    SupportView.objects.filter(pk=view.pk).update(why="Something else altogether")
    with pytest.raises(LookIsOver):
        instructions.carry_out(customer=two.me, instruction_id=draft.id, actor=two.actor())
    view.refresh_from_db()
    assert view.approved_at is None


def test_the_right_code_after_a_no_opens_nothing(two: Two) -> None:
    view = two.ask()
    draft = services.prepare(two.me, view)
    instructions.approve(customer=two.me, instruction_id=draft.id)
    services.refuse(two.me, view.pk, two.actor())
    with pytest.raises(LookIsOver):
        instructions.carry_out(customer=two.me, instruction_id=draft.id, actor=two.actor())


def test_one_look_at_a_time_and_five_questions_an_hour(two: Two) -> None:
    for _n in range(4):
        services.end_by_staff(two.ask().pk, STAFF)
    two.ask()
    with pytest.raises(TooMany):
        two.ask()


def test_a_second_question_while_one_waits_is_refused(two: Two) -> None:
    two.ask()
    with pytest.raises(AnotherLook):
        two.ask()


@pytest.mark.mariadb
def test_of_two_who_ask_at_the_same_moment_one_is_told_of_the_other(two: Two) -> None:
    results = at_once([two.ask, two.ask])
    assert sum(isinstance(one, SupportView) for one in results) == 1, results
    assert sum(isinstance(one, AnotherLook) for one in results) == 1, results


def test_nobody_off_the_list_asks_and_nobody_without_online_access_is_asked(two: Two) -> None:
    asked = {"department": "SUPPORT", "why": WHY, "actor": STAFF}
    with pytest.raises(NotOnTheStaffList):
        services.ask(two.me, staff_id=1, staff_code="GONE", **asked)
    with pytest.raises(NoOnlineAccess):
        services.ask(CustomerFactory(), staff_id=two.helper.pk, staff_code=two.helper.username, **asked)
    assert not SupportView.objects.exists()


# --- What is shown ---------------------------------------------------------------------------------------------------


def lookable(scene: Scene) -> list[str]:
    from accounts.supporting.pages import page_at

    return [path for path in signed_in_pages(scene) if page_at(path.partition("?")[0]) is not None]


def test_every_page_that_may_be_looked_at_is_the_customers_and_has_nothing_to_press(two: Two) -> None:
    view, seen = two.running(), set()
    for path in lookable(two.scene):
        answer = two.board.get(two.at(view, path))
        if answer.status_code == 302:
            continue  # the customer too is sent on
        assert answer.status_code == 200, path
        shown = page(answer)
        assert "Support view of customer" in shown, path
        for form in re.findall(r"<form[^>]*>", shown):
            assert "post" not in form.lower() or "/admin/boards/support-views/" in form, (path, form)
        assert "<script" not in shown, path
        assert "data-keep-url" not in shown, path
        for link in re.findall(r'<a [^>]*href="([^"]*)"', shown):
            assert link.startswith(("#", "?", "/admin/boards/support-views/")), (path, link)
        seen.add(path)
    assert len(seen) >= 15
    assert {"/", "/view/", "/settings/cards/", "/settings/limits/", "/move/standing/"} <= seen


def test_the_figures_are_those_the_customer_sees(two: Two) -> None:
    view = two.running()
    for path in ("/", "/view/", "/settings/limits/"):
        figures = re.findall(r"\d[\d,]*\.\d\d", page(two.inside.get(path)))
        shown = re.findall(r"\d[\d,]*\.\d\d", page(two.board.get(two.at(view, path))))
        assert set(figures) >= set(shown) > set(), path


def test_every_other_page_of_the_customer_is_not_there(two: Two) -> None:
    view = two.running()
    for path in signed_in_pages(two.scene):
        if path not in lookable(two.scene):
            assert two.board.get(two.at(view, path)).status_code == 404, path
    for odd in (
        "/admin/",
        "/admin/boards/jobs/",
        "/login/",
        "/healthz",
        "//evil.example/",
        "/view/../inbox/",
        "/nothing/",
    ):
        assert two.board.get(two.at(view, odd)).status_code == 404, odd


def test_pages_with_secrets_are_not_among_those_that_may_be_looked_at() -> None:
    names = {name for name, _words in support_pages.items()}
    assert not names & {
        "card_sight",
        "card_show",
        "inbox",
        "inbox_message",
        "security_settings",
        "backup_codes",
        "profile",
    }
    assert {"home", "view", "payment_receipt", "standing", "requests", "cards", "own_limits"} <= names


def test_a_token_that_was_bought_is_the_customers_alone(two: Two) -> None:
    payment = pay_out(two.scene.account)
    payment.token, payment.state = crypto.encrypt("48213007112398456621"), "SUCCEEDED"
    payment.save(update_fields=["token", "state"])
    address = reverse("payment_receipt", args=[payment.pk])
    assert "4821" in page(two.inside.get(address))
    shown = page(two.board.get(two.at(two.running(), address)))
    assert "4821" not in shown
    assert "Support view of customer" in shown


def test_somebody_elses_payment_is_as_unknown_as_to_the_customer(two: Two) -> None:
    other = UserFactory()
    AccountFactory(customer=other.customer)
    theirs = pay_out(AccountFactory(customer=other.customer, balance=Decimal("50000.00")))
    answer = two.board.get(two.at(two.running(), reverse("payment_receipt", args=[theirs.pk])))
    assert answer.status_code == 404


def test_looking_writes_nothing_but_that_it_was_looked(two: Two) -> None:
    view = two.running()
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for path in lookable(two.scene):
            two.board.get(two.at(view, path))
    written = {found.group(1) for sql in seen if (found := WRITES.match(sql))}
    assert written <= WRITTEN_BY_LOOKING | {"portal_support_look"}


def test_a_page_that_would_write_is_refused_by_the_line_to_the_database(two: Two) -> None:
    before = Freeze.objects.count()
    for act in (
        lambda: Freeze.objects.create(customer_id=1, since=clock.now(), begun_by="INSIDE"),
        lambda: BranchCustomer.objects.filter(pk=two.me.pk).update(full_name="x"),
        lambda: Instruction.objects.all().delete(),
        lambda: connection.cursor().execute("  DROP TABLE portal_freeze"),
        lambda: connection.cursor().executemany("INSERT INTO portal_freeze (id) VALUES (%s)", [[1], [2]]),
    ):
        with pytest.raises(rendering.WroteWhileLooking), rendering.reading_only():
            act()
    assert Freeze.objects.count() == before
    assert not BranchCustomer.objects.filter(full_name="x").exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_but_a_look_is_taken(two: Two, method: str) -> None:
    view = two.running()
    for path in ("", "/view/", "/settings/limits/"):
        assert getattr(two.board, method)(two.at(view, path), {"daily_out": "1"}).status_code == 405
    assert not SupportLook.objects.exists()


def test_the_staffs_browser_never_becomes_the_customers(two: Two) -> None:
    view = two.running()
    cookies = {name: morsel.value for name, morsel in two.board.cookies.items() if "session" in name}
    rows = list(SignedInSession.objects.values())
    two.board.get(two.at(view))
    assert {name: morsel.value for name, morsel in two.board.cookies.items() if "session" in name} == cookies
    assert list(SignedInSession.objects.values()) == rows
    for path in ("/", "/view/", "/move/own/"):
        assert two.board.get(path).status_code == 403, path


# --- Whose look it is ------------------------------------------------------------------------------------------------


def test_only_who_asked_looks(two: Two) -> None:
    view = two.running()
    colleague = signed_in(staff("support", code="SUPPORT778"))
    assert colleague.get(two.at(view, "/view/")).status_code == 302
    assert not SupportLook.objects.exists()
    for role in ("risk", "operations", "audit"):
        assert signed_in(staff(role)).get(two.at(view)).status_code == 403


def test_somebody_elses_question_is_not_found(two: Two) -> None:
    view, stranger = two.ask(), Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(reverse("support_view", args=[view.pk])).status_code == 404
    for act in ("support_view_agree", "support_view_end"):
        assert stranger.post(reverse(act, args=[view.pk])).status_code == 404
    assert view.helper not in page(stranger.get(reverse("support_views")))
    view.refresh_from_db()
    assert view.ended_at is None
    with pytest.raises(Http404):
        services.end_by_staff(uuid.uuid4(), STAFF)


def test_a_look_at_a_former_person_of_the_same_number_is_nobodys(two: Two) -> None:
    view = two.running()
    SupportView.objects.filter(pk=view.pk).update(asked_at=two.me.created_at - timedelta(days=1))
    view.refresh_from_db()
    assert services.customer_of(view, two.helper.pk) is None
    assert two.inside.get(reverse("support_view", args=[view.pk])).status_code == 404


# --- How it ends -----------------------------------------------------------------------------------------------------


def test_either_side_ends_it_at_once(two: Two) -> None:
    for end in (
        lambda view: two.inside.post(reverse("support_view_end", args=[view.pk])),
        lambda view: two.board.post(f"/admin/boards/support-views/{view.pk}/end/"),
    ):
        view = two.running()
        assert two.board.get(two.at(view)).status_code == 200
        assert "can see your pages until" in page(two.inside.get("/"))
        end(view)
        assert two.board.get(two.at(view)).status_code == 302
        assert "can see your pages until" not in page(two.inside.get("/"))
    assert set(SupportView.objects.values_list("ended_by", flat=True)) == {By.CUSTOMER, By.STAFF}


def test_signing_out_everywhere_ends_it(two: Two) -> None:
    view = two.running()
    two.inside.post(reverse("sessions_end_others"))
    view.refresh_from_db()
    assert view.ended_by == By.SIGNED_OUT
    assert two.board.get(two.at(view)).status_code == 302


def test_stopping_everything_ends_it(two: Two) -> None:
    view = two.running()
    stopping.stop(two.me.user_id, by=Freeze.By.INSIDE, actor=two.actor())
    view.refresh_from_db()
    assert view.ended_by == By.SIGNED_OUT


def test_another_password_ends_it(two: Two) -> None:
    view = two.running()
    sessions.end_all(two.scene.user)
    view.refresh_from_db()
    assert view.ended_at is not None


def test_a_member_of_staff_who_left_sees_nothing_more(two: Two) -> None:
    view = two.running()
    StaffMember.objects.filter(staff_code=two.helper.username).update(is_active=False)
    assert services.customer_of(view, two.helper.pk) is None
    assert two.board.get(two.at(view)).status_code == 302
    assert ending.end_due() == 1
    view.refresh_from_db()
    assert view.ended_by == By.LEFT


def test_who_left_between_question_and_code_is_not_let_in(two: Two) -> None:
    view = two.ask()
    StaffMember.objects.filter(staff_code=two.helper.username).update(is_active=False)
    with pytest.raises(LookIsOver):
        two.agree(view)


def test_a_customer_who_is_closed_meanwhile_is_not_looked_at(two: Two) -> None:
    view = two.running()
    BranchCustomer.objects.filter(pk=two.me.pk).update(is_active=False)
    assert two.board.get(two.at(view)).status_code == 302


def test_the_worker_closes_what_ran_out_once(two: Two) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        view = two.running()
        assert ending.end_due() == 0
        time.shift(timedelta(minutes=31))
        assert ending.end_due() == 1
        assert ending.end_due() == 0
        view.refresh_from_db()
        assert (view.ended_by, view.ended_at) == (By.TIME, view.ends_at)
        assert InboxItem.objects.filter(title="The look at your pages is over").count() == 1
        two.ask()
        time.shift(timedelta(minutes=11))
        assert ending.end_due() == 1
    assert AuditEvent.objects.filter(verb="support_view.ended").count() == 2


def test_a_page_that_is_drawn_already_is_not_given_out_after_the_end(two: Two) -> None:
    view = two.running()
    user = services.customer_of(view, two.helper.pk)
    assert user is not None, "so the page is being drawn"
    services.refuse(two.me, view.pk, two.actor())
    assert services.note(view.pk, "home", "/") is False, "and is not given out"


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_every_page_is_written_down_for_the_customer_and_for_the_trail(two: Two) -> None:
    view = two.running()
    for path in ("/", "/view/", "/settings/limits/"):
        two.board.get(two.at(view, path))
    two.board.get(two.at(view, "/inbox/"))
    assert list(SupportLook.objects.values_list("page", "address").order_by("pk")) == [
        ("home", "/"), ("view", "/view/"), ("own_limits", "/settings/limits/"),
    ]  # fmt: skip
    subjects = AuditEvent.objects.filter(verb="staff.viewed", customer_id=two.me.user_id, subject__contains=" /")
    assert [row.subject for row in subjects.order_by("pk")] == [
        f"support-view:{view.reference} {path}" for path in ("/", "/view/", "/settings/limits/")
    ]
    services.end_by_staff(view.pk, STAFF)
    mine = page(two.inside.get(reverse("support_view", args=[view.pk])))
    for words in ("Home", "History", "Limits", "The bank ended it"):
        assert words in mine
    theirs = page(signed_in(staff("audit")).get(f"/admin/boards/support-views/{view.pk}/"))
    assert "/settings/limits/" in theirs


def test_asking_agreeing_and_ending_are_in_the_trail(two: Two) -> None:
    view = two.running()
    services.end_by_staff(view.pk, STAFF)
    verbs = AuditEvent.objects.filter(subject=f"support-view:{view.pk}").order_by("pk")
    assert [row.verb for row in verbs] == ["support_view.asked", "support_view.approved", "support_view.ended"]
    assert verbs[0].data["why"] == WHY
    assert verbs[2].data["by"] == "STAFF"


def test_what_staff_write_is_text_on_the_customers_page(two: Two) -> None:
    view = SupportViewFactory(customer_id=two.me.user_id, why="<script>x</script>", helper="<b>W" * 20)
    SupportLookFactory(view=view, page="gone_page")
    shown = page(two.inside.get(reverse("support_view", args=[view.pk]))) + page(
        two.inside.get(reverse("support_views"))
    )
    assert "<script>x" not in shown
    assert "<b>W" not in shown


# --- The staff's board -----------------------------------------------------------------------------------------------


def typed(two: Two, **changes: str) -> dict[str, str]:
    return {"customer": two.scene.account.account_number, "department": "SUPPORT", "why": WHY, **changes}


def test_staff_ask_from_the_board_and_from_the_customers_page(two: Two) -> None:
    assert f"support-views/?customer={two.me.user_id}" in page(
        two.board.get(f"/admin/accounts/branchcustomer/{two.me.user_id}/")
    )
    assert f'value="{two.me.user_id}"' in page(two.board.get(f"/admin/boards/support-views/?customer={two.me.user_id}"))
    answer = two.board.post("/admin/boards/support-views/ask/", typed(two))
    view = SupportView.objects.get()
    assert answer["Location"] == f"/admin/boards/support-views/{view.pk}/"
    assert view.reference in page(two.board.get(answer["Location"]))
    assert selectors.current_of(two.me.user_id) == view


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": "ACC9"},
        {"customer": ""},
        {"department": "CEO"},
        {"why": "short"},
        {"why": "x" * 10_000},
        {"department": "FRAUD"},
        {"department": "LENDING"},
        {"department": "OPERATIONS"},
        {"department": ""},
    ],
)
def test_what_does_not_fit_asks_nobody_and_keeps_what_was_typed(two: Two, wrong: dict[str, str]) -> None:
    answer = two.board.post("/admin/boards/support-views/ask/", typed(two, **wrong))
    assert answer.status_code == 200
    if "why" not in wrong:
        assert f'value="{WHY}"' in page(answer)
    assert not SupportView.objects.exists()


def test_support_is_offered_no_department_but_its_own(two: Two) -> None:
    shown = page(two.board.get("/admin/boards/support-views/"))
    assert '<option value="SUPPORT"' in shown
    assert "Fraud and security" not in shown


@pytest.mark.parametrize("role", ["risk", "operations", "audit"])
def test_others_see_who_looked_and_ask_nobody(two: Two, role: str) -> None:
    board = signed_in(staff(role))
    two.ask()
    assert WHY in page(board.get("/admin/boards/support-views/"))
    assert board.post("/admin/boards/support-views/ask/", typed(two)).status_code == 403
