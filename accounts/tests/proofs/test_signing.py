"""Two people stand under a proof, every difference explained."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import (
    Account,
    ProofExplanation,
    ProofSheet,
    ProofSignature,
    User,
)
from accounts.proofs import making, reading, signing
from accounts.tests.proofs.scenes import DAY, Clock, actor, spoil_balance, tomorrow
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


def test_two_different_people_sign_each_once(sheet: ProofSheet) -> None:
    first, second, third = staff("audit"), staff("operations"), staff("audit")
    signing.sign(sheet, " Looked at it ", user=first, actor=actor(first))
    with pytest.raises(signing.SignedAlready):
        signing.sign(sheet, "", user=first, actor=actor(first))
    assert reading.unsigned() == 1
    signing.sign(sheet, "", user=second, actor=actor(second))
    assert reading.unsigned() == 0
    with pytest.raises(signing.SignedTwice):
        signing.sign(sheet, "", user=third, actor=actor(third))
    names = sheet.signatures.order_by("position").values_list("position", "signed_by_code", "remark", "digest")
    assert list(names) == [
        (1, first.username, "Looked at it", sheet.digest),
        (2, second.username, "", sheet.digest),
    ]
    assert AuditEvent.objects.filter(verb="proof.signed").count() == 2


def test_the_database_itself_refuses_the_same_person_twice_and_a_third(sheet: ProofSheet) -> None:
    def insert(position: int, by: int) -> None:
        row = ProofSignature(
            sheet=sheet, position=position, signed_by=by, signed_by_code="x", digest=sheet.digest, signed_at=clock.now()
        )
        with transaction.atomic():
            row.save(force_insert=True)

    insert(1, 7)
    for position, by in ((2, 7), (1, 8), (3, 9)):
        with pytest.raises(IntegrityError):
            insert(position, by)


@pytest.mark.parametrize("role", ["support", "risk", None])
def test_other_roles_neither_sign_nor_explain(sheet: ProofSheet, role: str | None) -> None:
    user = staff(role)
    with pytest.raises(signing.MayNotSign):
        signing.sign(sheet, "", user=user, actor=actor(user))
    with pytest.raises(signing.MayNotSign):
        signing.explain(sheet, 1, "x", user=user, actor=actor(user))
    client = signed_in(user)
    for page in ("2026-11-20/sign/", "2026-11-20/explain/1/", "new/"):
        assert client.post(f"/admin/boards/proofs/{page}").status_code == 403


def test_every_difference_is_explained_before_anybody_signs(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    sheet, user = making.make_proof(DAY), staff("audit")
    assert sheet.differences == 1
    with pytest.raises(signing.NotExplained):
        signing.sign(sheet, "", user=user, actor=actor(user))
    with pytest.raises(signing.NoExplanation):
        signing.explain(sheet, 1, "  ", user=user, actor=actor(user))
    for number in (0, 2):
        with pytest.raises(signing.NoSuchDifference):
            signing.explain(sheet, number, "A reason", user=user, actor=actor(user))
    signing.explain(sheet, 1, "Administrator reset it by hand", user=user, actor=actor(user))
    with pytest.raises(signing.ExplainedAlready):
        signing.explain(sheet, 1, "Something else", user=user, actor=actor(user))
    signing.sign(sheet, "", user=user, actor=actor(user))
    assert ProofExplanation.objects.get().text == "Administrator reset it by hand"


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_three_people_at_once_two_have_signed() -> None:
    sheet = making.make_proof(clock.today() - timedelta(days=2))
    users = [staff("audit") for _n in range(3)]

    def sign(user: User) -> Callable[[], ProofSignature]:
        return lambda: signing.sign(sheet, "", user=user, actor=actor(user))

    done = at_once([sign(user) for user in users])
    assert sorted(type(one).__name__ for one in done) == ["ProofSignature", "ProofSignature", "SignedTwice"]
    assert sorted(ProofSignature.objects.values_list("position", flat=True)) == [1, 2]


def test_the_pages_lead_from_making_to_the_second_signature(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    first = signed_in(staff("audit", code="AUD001"))
    page = first.post("/admin/boards/proofs/new/", {"day": "2026-11-20"}, follow=True).content.decode()
    assert "AUD001" in page
    assert account.account_number in page
    assert "needs an explanation" in page
    first.post("/admin/boards/proofs/2026-11-20/explain/1/", {"text": "<b>By hand</b>"})
    page = first.post(
        "/admin/boards/proofs/2026-11-20/sign/", {"remark": "=HYPERLINK(1)"}, follow=True
    ).content.decode()
    assert "&lt;b&gt;By hand" in page
    assert "Another person has to be the second" in page
    assert "One signature" in first.get("/admin/boards/proofs/").content.decode()
    second = signed_in(staff("operations"))
    second.post("/admin/boards/proofs/2026-11-20/sign/")
    assert "Signed" in second.get("/admin/boards/proofs/").content.decode()
    paper = second.get("/admin/boards/proofs/2026-11-20/paper.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    front = second.get("/admin/").content.decode()
    assert "1 differences at" in front


@pytest.mark.parametrize("day", ["2026-11-20", "", "tomorrow", "2026-02-30", "٢٠٢٦-١١-٢٠"])
def test_a_day_that_is_not_over_or_none_is_refused_in_words(nairobi: Clock, day: str) -> None:
    client = signed_in(staff("audit"))
    page = client.post("/admin/boards/proofs/new/", {"day": day}, follow=True).content.decode()
    assert "is not over yet" in page or "a day that is over" in page
    assert not ProofSheet.objects.exists()


@pytest.mark.parametrize("address", ["2026-11-20/", "x/", "2026-13-01/", "2026-11-20/paper.pdf", "2026-11-20/sign/"])
def test_a_sheet_nobody_made_is_not_found(address: str) -> None:
    client = signed_in(staff("audit"))
    answer = client.post if address.endswith("sign/") else client.get
    assert answer(f"/admin/boards/proofs/{address}").status_code == 404


def test_the_list_is_paged_by_day(nairobi: Clock) -> None:
    nairobi.shift(timedelta(days=-40))
    making.make_due()
    nairobi.shift(timedelta(days=39))
    while making.make_due():
        pass
    page = reading.page()
    assert len(page.sheets) == reading.PAGE_SIZE
    rest = reading.page(before=page.older)
    assert len(page.sheets) + len(rest.sheets) == ProofSheet.objects.count() == 40
    assert rest.older is None


def test_the_front_page_counts_what_waits_for_a_signature(sheet: ProofSheet) -> None:
    page = signed_in(staff("audit")).get("/admin/").content.decode()
    assert "Proof sheets not signed twice" in page
    assert "no differences" in page
