"""Walk every address of the portal: signed in or not, whose it is, CSRF, and that looking changes nothing."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.factories import UserFactory
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.rails.callbacks import path_for

pytestmark = pytest.mark.django_db

# Addresses that anybody may open. Everything else asks to sign in.
PUBLIC = {
    "login_passkey",
    "login", "login_code", "login_resend", "enrol", "enrol_code", "enrol_resend", "enrol_password", "help", "manifest",
    "healthz", "readyz", "language", "demo_phone", "demo_branch", "styleguide", "logout", "verify", "verify_paper",
    "rail_callback", "move_fees", "freeze", "freeze_code", "freeze_done", "freeze_card", "calling", "calling_code",
    "forgot", "forgot_sent", "forgot_link", "forgot_open", "forgot_code", "forgot_resend", "forgot_password",
    "activate", "activate_code", "activate_resend", "activate_password",
    "contact_undo", "privacy_notice", "terms_public",
}  # fmt: skip

# Every address with a parameter, and what a customer's own looks like there. One that is not here fails the build.
OWNED: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "payment_review": lambda scene: {"instruction_id": scene.draft.id},
    "payment_confirm": lambda scene: {"instruction_id": scene.draft.id},
    "payment_cancel": lambda scene: {"instruction_id": scene.draft.id},
    "payment_receipt": lambda scene: {"instruction_id": scene.paid.id},
    "payment_receipt_pdf": lambda scene: {"instruction_id": scene.paid.id},
    "payment_share": lambda scene: {"instruction_id": scene.paid.id},
    "payment_receipt_mail": lambda scene: {"instruction_id": scene.paid.id},
    "payment_state": lambda scene: {"instruction_id": scene.moving.id},
    "payment_broker_note": lambda scene: {"instruction_id": scene.arrived.id},
    "payment_receipt_stop": lambda scene: {"instruction_id": scene.paid.id},
    "payment_pause": lambda scene: {"instruction_id": scene.large.id},
    "payment_take_back": lambda scene: {"instruction_id": scene.held.id},
    "payment_send_held": lambda scene: {"instruction_id": scene.held.id},
    "payment_keep": lambda scene: {"instruction_id": scene.paid.id},
    "payee": lambda scene: {"payee_id": scene.payee.id},
    "payee_remove": lambda scene: {"payee_id": scene.payee.id},
    "payee_review": lambda scene: {"instruction_id": scene.keeping.id},
    "payee_confirm": lambda scene: {"instruction_id": scene.keeping.id},
    "payee_cancel": lambda scene: {"instruction_id": scene.keeping.id},
    **{
        f"own_limits_{act}": lambda scene: {"instruction_id": scene.raising.id}
        for act in ("review", "confirm", "cancel")
    },
    "standing_review": lambda scene: {"instruction_id": scene.plan.id},
    "standing_confirm": lambda scene: {"instruction_id": scene.plan.id},
    "standing_cancel": lambda scene: {"instruction_id": scene.plan.id},
    **{
        f"standing_{act}": lambda scene: {"order_id": scene.order.public_id}
        for act in ("order", "change", "skip", "pause", "resume", "end", "pay")
    },
    **{f"support_view{act}": lambda scene: {"view_id": scene.look.pk} for act in ("", "_agree", "_end")},
    "session_end": lambda scene: {"session_id": scene.elsewhere.public_id},
    "device_forget": lambda scene: {"device_id": scene.device.public_id},
    "password_changed": lambda scene: {"instruction_id": scene.repassworded.id},
    "movement": lambda scene: {"reference": f"{_reference(scene)}-1"},
    "dispute": lambda scene: {"reference": f"{_reference(scene)}-1"},
    "request_withdraw": lambda scene: {"request_id": scene.asked.id},
    "money_request": lambda scene: {"request_id": scene.asked_of.id},
    "money_request_decline": lambda scene: {"request_id": scene.asked_of.id},
    "money_request_block": lambda scene: {"request_id": scene.asked_of.id},
    "money_request_take_back": lambda scene: {"request_id": scene.asked_by.id},
    "money_asker_unblock": lambda scene: {"blocked_id": scene.blocked.id},
    "payment_file": lambda scene: {"file_id": scene.file.id},
    "payment_file_confirm": lambda scene: {"file_id": scene.file.id},
    "payment_file_cancel": lambda scene: {"file_id": scene.file.id},
    "deposit_review": lambda scene: {"instruction_id": scene.deposit.id},
    "deposit_confirm": lambda scene: {"instruction_id": scene.deposit.id},
    "deposit_page": lambda scene: {"instruction_id": scene.ringing.pk},
    "deposit_state": lambda scene: {"instruction_id": scene.ringing.pk},
    "received": lambda scene: {"incoming_id": scene.received.pk},
    "received_receipt_pdf": lambda scene: {"incoming_id": scene.received.pk},
    "request_page": lambda scene: {"request_id": scene.wish.id},
    **{
        name: lambda scene: {"card_id": scene.card.pk}
        for name in (
            "card",
            "card_uses",
            "card_uses_pdf",
            "card_freeze",
            "card_unfreeze",
            "card_activate",
            "card_controls",
            "card_show",
            "card_lost",
        )
    },
    "card_replace": lambda scene: {"card_id": scene.lost.pk},
    **{f"card_{act}": lambda scene: {"instruction_id": scene.card_bill.id} for act in ("review", "confirm", "cancel")},
    "card_receipt": lambda scene: {"instruction_id": scene.card_paid.id},
    "card_receipt_pdf": lambda scene: {"instruction_id": scene.card_paid.id},
    "card_sight": lambda scene: {"sight_id": scene.sight.pk},
    **{
        f"letter_{act}": lambda scene: {"instruction_id": scene.letter_bill.id}
        for act in ("review", "confirm", "cancel")
    },
    **{name: lambda scene: {"letter_id": scene.letter.pk} for name in ("letter", "letter_pdf", "letter_receipt_pdf")},
    "request_send": lambda scene: {"request_id": scene.wish.id},
    "request_cancel": lambda scene: {"request_id": scene.wish.id},
    "request_paper_remove": lambda scene: {"request_id": scene.wish.id, "paper_id": scene.added.uuid},
    "upload_download": lambda scene: {"upload_id": scene.added.uuid},
    "factor_app": lambda scene: {"instruction_id": scene.adding_app.id},
    "backup_codes": lambda scene: {"instruction_id": scene.making_codes.id},
    "passkey_new": lambda scene: {"instruction_id": scene.adding_passkey.id},
    "contact_review": lambda scene: {"instruction_id": scene.contact_draft.id},
    "contact_confirm": lambda scene: {"instruction_id": scene.contact_draft.id},
    "contact_cancel": lambda scene: {"instruction_id": scene.contact_draft.id},
    "contact_prove": lambda scene: {"change_id": scene.contact.id},
    "contact_send": lambda scene: {"change_id": scene.contact.id},
    "notification_tested": lambda scene: {"message_id": scene.test_message.pk},
    **{name: lambda scene: {"instruction_id": scene.copy.id} for name in ("data_copy", "data_json", "data_pdf")},
    **{name: lambda scene: {"request_id": scene.data_request.pk} for name in ("data_request", "data_request_withdraw")},
    **{name: lambda scene: {"acceptance_id": scene.accepted.pk} for name in ("terms_one", "terms_pdf")},
    "inbox_message": lambda scene: {"message_id": scene.told.public_id},
    "inbox_message_read": lambda scene: {"message_id": scene.told.public_id},
    "inbox_message_archive": lambda scene: {"message_id": scene.told.public_id},
}
# Addresses with a parameter that anybody may open who knows it.
SHARED: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "forgot_open": lambda scene: {"token": "0a" * 16},
    "verify_paper": lambda scene: {"code": scene.paper.code},
    "contact_undo": lambda scene: {"token": scene.undo_token},
    "rail_callback": lambda scene: {"token": path_for("sms").strip("/").rpartition("/")[2]},
}
# Addresses with a parameter that means the same to everybody, each seeing their own.
EACH_THEIR_OWN: dict[str, Callable[[Scene], dict[str, Any]]] = {
    name: lambda _scene: {"year": clock.today().year} for name in ("year_summary", "year_pdf", "year_csv")
}
# Called by other companies' machines, which have no cookie to steal: the secret is in the address.
WITHOUT_CSRF = {"rail_callback"}
# Addresses that change something: POST only.
POST_ONLY = {
    "logout", "login_resend", "enrol_resend", "step_up_resend", "payment_confirm", "payment_cancel", "language",
    "forgot_resend", "activate_resend", "session_end", "sessions_end_others", "device_forget",
    "hide_amounts", "session_extend", "session_keep", "not_me", "first_way",
    "change_factors", "forget_trusted", "login_passkey", "step_up_passkey",
    "request_send", "request_cancel", "request_withdraw", "request_paper_remove", "payment_receipt_stop",
    "payment_receipt_mail", "payment_share",
    "support_view_agree", "support_view_end",
    "freeze_now", "unfreeze_ask", "unfreeze_call_off", "payment_take_back", "payment_send_held",
    "rail_callback", "payment_keep", "payee_remove", "payee_confirm", "payee_cancel",
    "show_all_history", "own_limits_keep", "own_limits_confirm", "own_limits_cancel",
    "standing_confirm", "standing_cancel", "standing_skip", "standing_pause", "standing_resume", "standing_end",
    "payment_file_confirm", "payment_file_cancel", "deposit_confirm",
    "card_freeze", "card_unfreeze", "card_activate", "card_show", "card_confirm", "card_cancel",
    "money_request_decline", "money_request_block", "money_request_take_back", "money_asker_unblock",
    "contact_confirm", "contact_cancel", "contact_send",
    "letter_confirm", "letter_cancel",
    "notification_test",
    "inbox_read_all", "inbox_message_read", "inbox_message_archive",
    "data_request_withdraw",
}  # fmt: skip
# Addresses that only lead on to another page.
LEAD_ON = {"standing_pay"}
# Tables a GET may write: sessions, the sign-in's own housekeeping, the count of tries, the trail.
WRITTEN_BY_LOOKING = {
    "django_session", "portal_signed_in_session", "portal_known_device", "portal_rate_counter", "portal_audit_event",
    "portal_kept_form",
}  # fmt: skip
# Opening the step-up page sends the code it asks for.
WRITTEN_BY_ASKING_FOR_A_CODE = {"portal_one_time_code", "portal_outbox_message"}


def _reference(scene: Scene) -> str:
    from accounts.models import Posting

    return Posting.objects.get(instruction_id=scene.paid.id).reference


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":  # the staff's pages have guards of their own: wekeza_portal/staff/tests
                yield from patterns(entry)
        else:
            yield entry


def names() -> set[str]:
    return {pattern.name or str(pattern.pattern) for pattern in patterns()}


def with_parameters() -> set[str]:
    return {pattern.name or "" for pattern in patterns() if pattern.pattern.converters}


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


def address(name: str, scene: Scene) -> str:
    parameters = OWNED | SHARED | EACH_THEIR_OWN
    return reverse(name, kwargs=parameters[name](scene)) if name in parameters else reverse(name)


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def test_every_address_with_a_parameter_is_in_the_ownership_map() -> None:
    assert with_parameters() == set(OWNED) | set(SHARED) | set(EACH_THEIR_OWN)
    assert set(SHARED) <= PUBLIC
    assert not (set(OWNED) | set(EACH_THEIR_OWN)) & PUBLIC


def test_the_lists_name_only_addresses_that_exist() -> None:
    assert names() >= PUBLIC - {"demo_phone", "styleguide"} | POST_ONLY


def test_an_anonymous_visitor_gets_nothing_but_the_public_pages(scene: Scene) -> None:
    for name in sorted(names() - PUBLIC):
        for method in ("get", "post"):
            response = getattr(Client(), method)(address(name, scene))
            assert response.status_code in {302, 401}, f"{method} {name} answered {response.status_code}"
            if response.status_code == 302:
                assert response["Location"].startswith("/login/"), name


def test_half_a_login_is_not_a_login(scene: Scene) -> None:
    from tests.factories import PASSWORD

    client = Client()
    assert scene.user.customer is not None
    client.post("/login/", {"email": scene.user.customer.email, "password": PASSWORD})
    for name in sorted(names() - PUBLIC):
        response = client.get(address(name, scene))
        assert response.status_code in {302, 401, 405}, name


# What whoever has not accepted the terms in force may do besides reading and accepting them: it changes nothing, or
# stops something, which waits for nothing.
BEFORE_THE_TERMS = {
    "terms_accept", "session_extend", "session_keep", "stop_everything", "freeze_now", "not_me", "session_end",
    "sessions_end_others", "card_freeze", "card_lost", "support_view_end",
}  # fmt: skip


def test_nothing_opens_and_nothing_is_done_before_the_terms_are_accepted(scene: Scene) -> None:
    User.objects.filter(pk=scene.user.pk).update(accepted_terms=0)
    client = signed_in(scene.user)
    for name in sorted(names() - PUBLIC - BEFORE_THE_TERMS):
        for method in ("get", "post"):
            response = getattr(client, method)(address(name, scene))
            assert response.status_code == 303, f"{method} {name} answered {response.status_code}"
            assert response["Location"].startswith("/terms/accept/"), name
    scene.draft.refresh_from_db()
    assert scene.draft.state == "DRAFT"


def test_somebody_elses_is_not_found_like_nobodys(scene: Scene) -> None:
    stranger = signed_in(UserFactory())
    for name in sorted(OWNED):
        nobodys = {
            key: uuid.uuid4() if isinstance(value, uuid.UUID) else "NO-SUCH"
            for key, value in OWNED[name](scene).items()
        }
        for method in ("get", "post"):
            theirs = getattr(stranger, method)(address(name, scene))
            none = getattr(stranger, method)(reverse(name, kwargs=nobodys))
            assert theirs.status_code == none.status_code, name
            assert theirs.status_code in {404, 405}, f"{method} {name} answered {theirs.status_code}"
            assert _without_ids(theirs.content) == _without_ids(none.content), name
    scene.draft.refresh_from_db()
    assert scene.draft.state == "DRAFT"


def test_where_each_sees_their_own_nobody_sees_anothers(scene: Scene) -> None:
    owner, stranger = signed_in(scene.user), signed_in(UserFactory())
    numbers = [each.account_number for each in scene.account.customer.accounts.all()]
    for name in sorted(EACH_THEIR_OWN):
        theirs, own = (client.get(address(name, scene)) for client in (stranger, owner))
        assert (theirs.status_code, own.status_code) == (200, 200), name
        assert theirs.content != own.content, name
        assert not any(number in theirs.content.decode("latin-1") for number in numbers), name


def _without_ids(body: bytes) -> str:
    """The page without what differs from request to request: ids, tokens, its own address, data used so far."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "ID", body.decode())
    text = re.sub(r"<code>[0-9a-f]{8}</code>", "ID", text)
    text = re.sub(r'value="[A-Za-z0-9]{64}"|data-used="\d+">[\d.]+ [KM]B|/view/movements/[^"\s<]*', "X", text)
    return re.sub(r"([0-9A-HJKMNP-TV-Z]{4}-){2}\w{4}-\d|NO-SUCH", "X", text)


def test_the_owner_does_find_it(scene: Scene) -> None:
    client = signed_in(scene.user)
    for name in sorted(set(OWNED) - POST_ONLY - LEAD_ON):
        assert client.get(address(name, scene)).status_code == 200, name
    for name in sorted(LEAD_ON):
        assert client.get(address(name, scene), follow=True).status_code == 200, name


def test_every_change_needs_the_csrf_token(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, scene.user)
    for name in sorted(names() - WITHOUT_CSRF):
        response = client.post(address(name, scene))
        assert response.status_code in {403, 405, 404}, f"{name} took a POST without a token: {response.status_code}"


def test_only_the_callbacks_need_no_csrf_token(scene: Scene) -> None:
    exempt = {pattern.name for pattern in patterns() if getattr(pattern.callback, "csrf_exempt", False)}
    assert exempt == WITHOUT_CSRF
    response = Client(enforce_csrf_checks=True).post(address("rail_callback", scene))
    assert (response.status_code, response.cookies) == (200, {})


def test_what_changes_something_refuses_to_be_looked_at(scene: Scene) -> None:
    client = signed_in(scene.user)
    for name in sorted(POST_ONLY):
        response = client.get(address(name, scene))
        assert response.status_code == 405, f"GET {name} answered {response.status_code}"


WRITES = re.compile(
    r"\s*(?:INSERT(?:\s+IGNORE|\s+OR\s+IGNORE)?\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+[`\"]?(\w+)",
    re.IGNORECASE,
)


def statements(client: Client, path: str) -> list[str]:
    """The SQL that one GET of `path` executes."""
    seen: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        response = client.get(path)
    assert response.status_code in {200, 404}, path
    return seen


def written_tables(client: Client, path: str) -> set[str]:
    return {found.group(1) for sql in statements(client, path) if (found := WRITES.match(sql))}


def test_looking_at_a_page_writes_nothing_of_value(scene: Scene) -> None:
    client = signed_in(scene.user)
    for path in signed_in_pages(scene):
        allowed = WRITTEN_BY_LOOKING | (WRITTEN_BY_ASKING_FOR_A_CODE if path.startswith("/step-up/") else set())
        assert written_tables(client, path) <= allowed, path


def test_asking_for_a_paper_writes_the_register_and_nothing_else(scene: Scene) -> None:
    written = written_tables(signed_in(scene.user), address("payment_receipt_pdf", scene))
    assert written <= WRITTEN_BY_LOOKING | {"portal_issued_paper", "portal_stored_file"}


def test_pages_ask_the_database_at_most_ten_questions(scene: Scene) -> None:
    client = signed_in(scene.user)
    for path in signed_in_pages(scene):
        client.get(path)
        questions = [sql for sql in statements(client, path) if sql.lstrip().upper().startswith("SELECT")]
        assert len(questions) <= 10, f"{path}: {len(questions)}\n" + "\n".join(questions)


HEADERS = {
    "Content-Security-Policy": r"(?=.*default-src 'none')(?=.*require-trusted-types-for 'script')",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Request-ID": r"[0-9a-f-]{32,36}",
}


def test_every_answer_carries_the_headers_errors_and_files_too(scene: Scene) -> None:
    client = signed_in(scene.user)
    client.raise_request_exception = False
    answers = [
        client.get(path) for path in [*signed_in_pages(scene), "/login/", "/static/portal.css", "/nowhere/", "/healthz"]
    ]
    answers += [client.post("/view/"), Client(enforce_csrf_checks=True).post("/login/"), client.get("/logout/")]
    answers += [client.get(address(name, scene)) for name in ("payment_receipt_pdf", "upload_download")]
    for answer in answers:
        for header, value in HEADERS.items():
            assert re.search(value, answer.get(header, "")), (
                f"{answer.request['PATH_INFO']} {header}: {answer.get(header)}"
            )
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_nothing_private_is_kept_by_a_browser(scene: Scene) -> None:
    client = signed_in(scene.user)
    files = [address(name, scene) for name in ("payment_receipt_pdf", "upload_download")]
    for path in [*signed_in_pages(scene), *files]:
        assert "no-store" in client.get(path)["Cache-Control"], path
