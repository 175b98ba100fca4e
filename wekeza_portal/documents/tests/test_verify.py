"""The public page: true or false, without an account, and nothing in between to learn from."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers, views
from wekeza_portal.documents.models import IssuedPaper, StoredFile
from wekeza_portal.documents.tests.conftest import FALLEN, OWNER, a_letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(actor: Actor) -> tuple[IssuedPaper, bytes]:
    return papers.issue(a_letter(), actor=actor)


@pytest.fixture
def paper(issued: tuple[IssuedPaper, bytes]) -> IssuedPaper:
    return issued[0]


@pytest.fixture
def content(issued: tuple[IssuedPaper, bytes]) -> bytes:
    return issued[1]


def look(code: str, client: Client | None = None, **headers: str) -> HttpResponse:
    return (client or Client()).get(reverse("verify_paper", args=[code]), headers=headers)


def compare(paper: IssuedPaper, content: bytes, **headers: str) -> HttpResponse:
    upload = SimpleUploadedFile("paper.pdf", content, "application/pdf")
    return Client().post(reverse("verify_paper", args=[paper.code]), {"paper": upload}, headers=headers)


def told(response: HttpResponse) -> str:
    """The page without its own address, the request's id and the token."""
    text = response.content.decode()
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|/verify/[^\"\s<]*|\bdata-used=\"\d+\">\d+ KB", "X", text)
    return re.sub(r'value="[A-Za-z0-9]{64}"', "X", text)


def test_it_says_what_the_paper_says(paper: IssuedPaper) -> None:
    page = look(paper.code).content.decode()
    for words in ("This paper is ours and reads:", "KES 1,234.50", "WANJIKU M.", "23 November 2026, 09:30", "Letter"):
        assert words in page
    assert "ACC1000015" not in page
    assert str(OWNER) not in re.sub(r"<[^>]*>", "", page).split()


def test_it_says_it_in_kiswahili(paper: IssuedPaper) -> None:
    page = look(paper.code, **{"Accept-Language": "sw"}).content.decode()
    assert "Karatasi hii ni yetu na inasema:" in page
    assert "23 Novemba 2026, 09:30" in page
    assert "Hatukutoa karatasi hii" in look("0000-0000-0000", **{"Accept-Language": "sw"}).content.decode()


def wrong_codes(paper: IssuedPaper, actor: Actor) -> list[str]:
    stopped = papers.issue(a_letter(subject="stopped"), actor=actor)[0]
    papers.revoke(kind="LETTER", subject="stopped", customer_id=OWNER, actor=actor)
    edited = papers.issue(a_letter(subject="edited"), actor=actor)[0]
    IssuedPaper.objects.filter(pk=edited.pk).update(facts={"amount": "1.00"})
    flipped = paper.code[:-1] + ("0" if paper.code[-1] != "0" else "1")
    return [stopped.code, edited.code, flipped, "0000-0000-0000", "unknown", "x", "é", "' OR 1=1 --", "%00", "A" * 3000]


def test_every_wrong_code_gets_the_same_answer(paper: IssuedPaper, actor: Actor) -> None:
    answers = [look(code) for code in wrong_codes(paper, actor)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({told(answer) for answer in answers}) == 1
    assert "We did not issue this" in answers[0].content.decode()


def test_comparing_with_a_wrong_code_gets_that_answer_too(paper: IssuedPaper, content: bytes, actor: Actor) -> None:
    papers.revoke(kind="LETTER", subject=paper.subject, customer_id=OWNER, actor=actor)
    answer = compare(paper, content)
    assert answer.status_code == 404
    assert told(answer) == told(look("0000-0000-0000"))


def test_a_code_is_sent_on_to_the_page_of_its_qr_code(paper: IssuedPaper) -> None:
    answer = Client().get(reverse("verify"), {"code": f" {paper.code.lower().replace('-', '')} "})
    assert answer["Location"] == reverse("verify_paper", args=[paper.code])


@pytest.mark.parametrize("typed", ["//evil.example", "../login", "7K3M", "\0", "<script>"])
def test_what_is_no_code_leads_to_the_same_answer(typed: str) -> None:
    answer = Client().get(reverse("verify"), {"code": typed}, follow=True)
    if answer.redirect_chain:
        assert answer.redirect_chain == [("/verify/unknown/", 302)]
        assert "We did not issue this" in answer.content.decode()
    else:
        assert 'aria-invalid="true"' in answer.content.decode()


def test_no_code_at_all_is_asked_for() -> None:
    page = Client().get(reverse("verify"), {"code": " "}).content.decode()
    assert "Enter the code printed on the paper." in page
    assert "<title>Error: " in page


def test_the_very_file_is_unchanged(paper: IssuedPaper, content: bytes) -> None:
    page = compare(paper, content).content.decode()
    assert "This PDF is, to the last byte, the paper we issued." in page
    assert "Not the paper we issued" not in page


@pytest.mark.parametrize("place", [0, 0.3, 0.7, -1])
def test_one_flipped_byte_is_not_the_paper_we_issued(paper: IssuedPaper, content: bytes, place: float) -> None:
    changed = bytearray(content)
    changed[int(place * len(content)) if place >= 0 else -1] ^= 1
    page = compare(paper, bytes(changed)).content.decode()
    assert "Not the paper we issued" in page
    assert "to the last byte" not in page


def test_another_paper_of_ours_is_not_this_one(paper: IssuedPaper, actor: Actor) -> None:
    _other, theirs = papers.issue(a_letter(subject="another"), actor=actor)
    assert "Not the paper we issued" in compare(paper, theirs).content.decode()


def test_the_outcome_is_said_in_kiswahili(paper: IssuedPaper, content: bytes) -> None:
    assert "Haijabadilishwa" in compare(paper, content, **{"Accept-Language": "sw"}).content.decode()
    assert "Si karatasi tuliyotoa" in compare(paper, b"%PDF", **{"Accept-Language": "sw"}).content.decode()


@pytest.mark.parametrize("size", [5 * 1024 * 1024 + 1, 6 * 1024 * 1024])
def test_it_refuses_more_than_five_megabytes(paper: IssuedPaper, size: int) -> None:
    answer = compare(paper, b"x" * size)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Choose a PDF of up to 5 MB." in page
    assert "Not the paper we issued" not in page


def test_it_refuses_an_empty_file_and_none(paper: IssuedPaper) -> None:
    assert "That file is empty." in compare(paper, b"").content.decode()
    page = Client().post(reverse("verify_paper", args=[paper.code])).content.decode()
    assert "Choose a PDF of up to 5 MB." in page


def test_nothing_uploaded_is_stored_and_no_session_begun(paper: IssuedPaper, content: bytes, tmp_path: object) -> None:
    from django.contrib.sessions.models import Session

    before = StoredFile.objects.count()
    client = Client()
    client.get(reverse("verify"))
    look(paper.code, client)
    upload = SimpleUploadedFile("paper.pdf", b"x" * 4_000_000, "application/pdf")
    client.post(reverse("verify_paper", args=[paper.code]), {"paper": upload})
    assert StoredFile.objects.count() == before
    assert not Session.objects.exists()
    assert "wekeza_session" not in client.cookies


def test_an_upload_touches_no_disk(paper: IssuedPaper, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    for size in (4_000_000, 8_000_000):
        assert compare(paper, b"x" * size).status_code == 200


def test_what_no_longer_holds_is_said_to_be_so(paper: IssuedPaper) -> None:
    assert "Ask for a new paper." not in look(paper.code).content.decode()
    FALLEN.add(paper.subject)
    assert "Ask for a new paper." in look(paper.code).content.decode()


def test_it_answers_only_so_often(paper: IssuedPaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "VERIFY_ADDRESS", ratelimit.Policy("verify-small", 3, views.TEN_MINUTES))
    statuses = [look(code).status_code for code in ("0000-0000-0000", paper.code, "x", paper.code)]
    assert statuses == [404, 200, 404, 429]
    refused = look(paper.code)
    assert int(refused["Retry-After"]) > 0
    assert "KES 1,234.50" not in refused.content.decode()
    assert compare(paper, b"x").status_code == 429


def test_a_whole_network_answers_only_so_often(paper: IssuedPaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "VERIFY_NETWORK", ratelimit.Policy("verify-net", 2, views.TEN_MINUTES))
    address = reverse("verify_paper", args=[paper.code])
    statuses = [Client(REMOTE_ADDR=f"10.1.2.{host}").get(address).status_code for host in (1, 2, 3)]
    assert statuses == [200, 200, 429]
    assert Client(REMOTE_ADDR="10.1.3.1").get(address).status_code == 200


def test_search_engines_and_browsers_keep_nothing(paper: IssuedPaper) -> None:
    for code in (paper.code, "0000-0000-0000"):
        answer = look(code)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer["Cache-Control"]


def test_markup_in_a_name_is_only_text(actor: Actor) -> None:
    facts = {**a_letter().facts, "name": "<img src=x onerror=alert(1)>"}
    paper, _content = papers.issue(a_letter(subject="odd", facts=facts), actor=actor)
    page = look(paper.code).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
