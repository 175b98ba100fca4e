"""The register: one paper is one paper, and nobody forges, edits or stops somebody else's."""

import hashlib
import subprocess
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents import papers, pdf
from wekeza_portal.documents.models import IssuedPaper, StoredFile
from wekeza_portal.documents.tests.conftest import OWNER, STRANGER, a_letter

pytestmark = pytest.mark.django_db


def words_in(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def test_the_same_paper_twice_is_the_same_bytes_under_the_same_code(actor: Actor) -> None:
    first, content = papers.issue(a_letter(), actor=actor)
    again, same = papers.issue(a_letter(), actor=actor)
    assert again.pk == first.pk
    assert same == content
    assert IssuedPaper.objects.count() == StoredFile.objects.count() == 1
    assert hashlib.sha256(content).hexdigest() == first.sha256


def test_the_second_time_nothing_is_rendered(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    papers.issue(a_letter(), actor=actor)
    monkeypatch.delattr(pdf, "render")
    assert papers.issue(a_letter(), actor=actor)[1]


def test_each_language_is_a_paper_of_its_own(actor: Actor) -> None:
    english, in_english = papers.issue(a_letter(), actor=actor)
    swahili, in_swahili = papers.issue(a_letter(language="sw"), actor=actor)
    assert english.code != swahili.code
    for words, page in ((words_in(in_english), "Page 1 of 1"), (words_in(in_swahili), "Ukurasa 1 kati ya 1")):
        assert page in words
    assert "Is this paper real?" in words_in(in_english)
    assert "Je, karatasi hii ni ya kweli?" in words_in(in_swahili)


def test_the_paper_carries_its_code_and_where_to_verify_it(actor: Actor) -> None:
    paper, content = papers.issue(a_letter(), actor=actor)
    words = words_in(content)
    assert words.count(paper.code) >= 3, "in the letterhead, beside the square and in the address"
    assert f"/verify/{paper.code}/" in words


def test_the_code_is_found_as_people_type_it(actor: Actor) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    for typed in (paper.code, paper.code.lower(), paper.code.replace("-", " ")):
        found = papers.find(typed)
        assert found is not None
        assert found.pk == paper.pk


def test_a_forged_code_is_not_found(actor: Actor) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    last = "0" if paper.code[-1] != "0" else "1"
    assert papers.find(paper.code[:-1] + last) is None
    assert papers.find("") is None
    assert papers.find(str(paper.pk)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"at": "2026-11-23T09:30:00+03:00", "amount": "9234.50", "name": "WANJIKU M."}},
        {"subject": "AAAA-BBBB-DDDD"},
        {"sha256": "f" * 64},
        {"customer_id": STRANGER},
        {"language": "sw"},
        {"kind": "TRANSFER_RECEIPT"},
        {"code": "0000-0000-0000"},
        {"seal": "0" * 64},
    ],
)
def test_a_row_edited_in_the_database_verifies_nothing(actor: Actor, change: dict[str, object]) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    IssuedPaper.objects.filter(pk=paper.pk).update(**change)
    assert papers.find(str(change.get("code", paper.code))) is None


def test_a_date_moved_in_the_database_verifies_nothing(actor: Actor) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    IssuedPaper.objects.filter(pk=paper.pk).update(issued_at=clock.now() - timedelta(days=30))
    assert papers.find(paper.code) is None


def test_what_no_longer_says_the_same_is_a_new_edition(actor: Actor) -> None:
    first, _content = papers.issue(a_letter(), actor=actor)
    facts = {**a_letter().facts, "amount": "99.00"}
    second, _content = papers.issue(a_letter(facts=facts), actor=actor)
    assert (first.edition, second.edition) == (1, 2)
    assert first.code != second.code
    assert papers.find(first.code) is not None
    assert papers.find(second.code) is not None


def test_a_damaged_file_is_not_given_out_again(actor: Actor) -> None:
    papers.issue(a_letter(), actor=actor)
    StoredFile.objects.update(content=b"rubbish")
    second, content = papers.issue(a_letter(), actor=actor)
    assert second.edition == 2
    assert content.startswith(b"%PDF")


def test_the_owner_stops_every_language_at_once(actor: Actor) -> None:
    english, _content = papers.issue(a_letter(), actor=actor)
    swahili, _content = papers.issue(a_letter(language="sw"), actor=actor)
    assert papers.revoke(kind="LETTER", subject=english.subject, customer_id=OWNER, actor=actor) == 2
    assert papers.find(english.code) is None
    assert papers.find(swahili.code) is None
    assert AuditEvent.objects.filter(verb="paper.revoked", customer_id=OWNER).count() == 1


def test_a_stranger_stops_nothing(actor: Actor) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    stranger = Actor(kind="customer", id="2", customer_id=STRANGER)
    assert papers.revoke(kind="LETTER", subject=paper.subject, customer_id=STRANGER, actor=stranger) == 0
    assert papers.find(paper.code) is not None
    assert not AuditEvent.objects.filter(verb="paper.revoked").exists()


def test_a_stranger_is_never_handed_the_owners_file(actor: Actor) -> None:
    paper, content = papers.issue(a_letter(), actor=actor)
    theirs, other = papers.issue(a_letter(customer_id=STRANGER), actor=actor)
    assert theirs.pk != paper.pk
    assert other != content


def test_after_a_stop_the_next_one_is_new(actor: Actor) -> None:
    first, _content = papers.issue(a_letter(), actor=actor)
    papers.revoke(kind="LETTER", subject=first.subject, customer_id=OWNER, actor=actor)
    second, _content = papers.issue(a_letter(), actor=actor)
    assert second.code != first.code
    assert papers.find(first.code) is None
    assert papers.find(second.code) is not None


@pytest.mark.parametrize("name", ["balance", "account_number", "from_number"])
def test_it_refuses_a_fact_that_the_kind_does_not_declare(actor: Actor, name: str) -> None:
    facts = {**a_letter().facts, name: "8765.50"}
    with pytest.raises(ValueError, match=name):
        papers.issue(a_letter(facts=facts), actor=actor)
    assert not IssuedPaper.objects.exists()


@pytest.mark.parametrize("text", ["x" * 101, 5, None])
def test_it_refuses_a_fact_that_is_not_a_short_text(actor: Actor, text: object) -> None:
    with pytest.raises(ValueError, match="100 characters"):
        papers.issue(a_letter(facts={"name": text}), actor=actor)


def test_what_is_only_printed_is_not_kept_in_the_register(actor: Actor) -> None:
    paper, content = papers.issue(a_letter(), actor=actor)
    assert "ACC1000015" in words_in(content)
    assert "ACC1000015" not in str(IssuedPaper.objects.filter(pk=paper.pk).values())
    assert b"ACC1000015" not in bytes(StoredFile.objects.get().content)


def test_two_at_once_hand_out_one_paper(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one enters its paper while ours is being rendered."""
    render, others = pdf.render, []

    def slow(*args: object, **kwargs: object) -> bytes:
        monkeypatch.setattr(pdf, "render", render)
        others.append(papers.issue(a_letter(), actor=actor))
        return render(*args, **kwargs)

    monkeypatch.setattr(pdf, "render", slow)
    ours = papers.issue(a_letter(), actor=actor)
    assert ours[0].pk == others[0][0].pk
    assert ours[1] == others[0][1]
    assert IssuedPaper.objects.count() == StoredFile.objects.count() == 1


def test_the_database_itself_keeps_one_row_for_each_edition(actor: Actor) -> None:
    paper, _content = papers.issue(a_letter(), actor=actor)
    paper.pk, paper.code = None, "0000-0000-0000"
    with pytest.raises(IntegrityError), transaction.atomic():
        paper.save(force_insert=True)


def test_giving_out_a_paper_is_on_the_trail_once(actor: Actor) -> None:
    papers.issue(a_letter(), actor=actor)
    papers.issue(a_letter(), actor=actor)
    event = AuditEvent.objects.get(verb="paper.issued")
    assert event.customer_id == OWNER
    assert event.data == {"kind": "LETTER"}
