"""The uses of a card as a paper: which days, which rows, what sum, and who may have it."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from accounts.cards import reports, usepaper
from accounts.cards.authorising import authorise
from accounts.cards.tests.scenes import a_card, actor_of, owner, use
from accounts.cards.views import usepaper as view
from accounts.ledger import money_operation
from accounts.models import Card, CardUse, User
from tests.factories import CardUseFactory
from tests.support import sign_in
from wekeza_portal import clock, ratelimit
from wekeza_portal.documents import papers
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def browser(card: Card) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer_id=card.customer_id))
    return client


def address(card: Card, period: str = "lately") -> str:
    return f"/settings/cards/{card.pk}/uses/uses.pdf?period={period}"


def lately(card: Card, since: datetime | None = None) -> usepaper.UsesPaper:
    return usepaper.paper_of(card, *usepaper.days_of("lately", clock.today()), since)


def written(paper: usepaper.UsesPaper, language: str = "en") -> str:
    with translation.override(language):
        html = render_to_string(
            "documents/card_uses.html",
            {"paper": paper, "holder": "Amina Otieno", "kind_words": "Debit card", "made_at": clock.now(), "check": ""},
        )
    return " ".join(html.split())


def paid(card: Card, amount: str, **changes: Any) -> CardUse:
    authorise(use(card, amount, **changes))
    return CardUse.objects.latest("pk")


def test_it_says_what_was_paid_refused_and_taken_back_and_sums_what_was_paid() -> None:
    card = a_card()
    paid(card, "1200.00")
    back = paid(card, "300.00", merchant="JAVA HOUSE")
    taken = use(card, "300.00", merchant="JAVA HOUSE", id=back.processor_id)
    money_operation(reports.take_back)(taken)
    paid(card, "80.50", original_amount="0.62", original_currency="USD", merchant="BOOKS")
    CardUseFactory(card=card, amount=D("999.00"))
    paper = lately(card)
    assert (paper.count, paper.paid, paper.is_cut) == (4, D("1280.50"), False)
    text = written(paper)
    for words in ("NAIVAS", "JAVA HOUSE", "USD 0.62", "KES 1,280.50", "Taken back", "Approved", "Amina Otieno"):
        assert words in text
    assert "There was not enough money on the account." in text
    assert "listed" not in text


def test_a_shop_s_name_cannot_write_into_it() -> None:
    card = a_card()
    CardUseFactory(card=card, merchant="<script>alert(1)</script>")
    assert "<script>" not in written(lately(card))


def test_another_card_s_uses_stand_on_no_paper_but_its_own() -> None:
    card, other = a_card(), a_card()
    CardUseFactory(card=other)
    assert lately(card).uses == []
    assert "was not used in these days" in written(lately(card))


def test_the_days_are_those_of_nairobi_from_the_first_midnight_to_the_last() -> None:
    card = a_card()
    month = clock.month(date(2026, 2, 14))
    inside = [month.start, month.end - timedelta(seconds=1)]
    for at in (*inside, month.start - timedelta(seconds=1), month.end):
        CardUseFactory(card=card, at=at)
    days = usepaper.days_of("2026-02", date(2026, 5, 1))
    assert days == (date(2026, 2, 1), date(2026, 2, 28))
    assert [row.at for row in usepaper.paper_of(card, *days, None).uses] == inside[::-1]


def test_the_last_ninety_days_end_today_and_the_running_month_does_too() -> None:
    assert usepaper.days_of("lately", date(2026, 3, 31)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert usepaper.days_of("2026-03", date(2026, 3, 9)) == (date(2026, 3, 1), date(2026, 3, 9))


@pytest.mark.parametrize(
    "typed",
    ["", "2026-13", "2026-1", "2026-00", "1999-12", "2099-01", "0000-01", "٢٠٢٦-٠١", "x" * 10_000, "NaN", "=1+1"],
)
def test_a_period_that_is_none_gives_no_paper(typed: str) -> None:
    card = a_card()
    with pytest.raises(ValueError, match=r"month|year"):
        usepaper.days_of(typed, date(2026, 5, 1))
    assert browser(card).get(f"/settings/cards/{card.pk}/uses/uses.pdf", {"period": typed}).status_code == 404
    assert not IssuedPaper.objects.exists()


def test_every_period_that_is_offered_can_be_had() -> None:
    today = date(2026, 1, 31)
    offered = [value for value, _words in usepaper.periods(today)]
    assert offered[:3] == ["lately", "2026-01", "2025-12"]
    assert len(offered) == len(set(offered)) == usepaper.MONTHS + 1
    for value in offered:
        first, last = usepaper.days_of(value, today)
        assert first <= last <= today


def test_what_its_owner_hides_from_lists_is_not_on_it() -> None:
    card = a_card()
    CardUseFactory(card=card, at=clock.now() - timedelta(days=20))
    shown = CardUseFactory(card=card)
    since = clock.midnight(clock.today() - timedelta(days=10))
    paper = lately(card, since)
    assert [row.pk for row in paper.uses] == [shown.pk]
    assert paper.first == since.date(), "it says from which day it speaks"
    assert lately(card).count == 2


def test_a_month_that_is_hidden_whole_gives_an_empty_paper() -> None:
    card = a_card()
    CardUseFactory(card=card, at=clock.midnight(date(2026, 1, 10)))
    paper = usepaper.paper_of(card, date(2026, 1, 1), date(2026, 1, 31), clock.midnight(date(2026, 5, 1)))
    assert (paper.uses, paper.count, paper.paid) == ([], 0, D("0.00"))
    assert paper.first <= paper.last


def test_many_uses_are_cut_said_to_be_and_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usepaper, "MOST", 2)
    card = a_card()
    for _ in range(3):
        paid(card, "100.00")
    paper = lately(card)
    assert (len(paper.uses), paper.count, paper.paid, paper.is_cut) == (2, 3, D("300.00"), True)
    assert "The newest 2 of 3 uses are listed." in written(paper)


def test_the_pdf_is_in_the_register_and_the_same_again_until_something_happens() -> None:
    card = a_card()
    paid(card, "100.00")
    client = browser(card)
    first, again = client.get(address(card)), client.get(address(card))
    assert first["Content-Type"] == "application/pdf"
    assert first.content == again.content
    assert first.content.startswith(b"%PDF")
    entered = IssuedPaper.objects.get()
    assert papers.find(entered.code) == entered
    assert entered.facts | {"first": "", "last": ""} == {
        "card": f"...{card.last_four}", "first": "", "last": "", "count": "1", "paid": "100.00",
    }  # fmt: skip
    paid(card, "50.00")
    assert client.get(address(card)).content != first.content
    assert IssuedPaper.objects.count() == 2


def test_a_use_that_was_taken_back_makes_another_paper() -> None:
    card = a_card()
    row = paid(card, "100.00")
    pdf = {"customer": owner(card), "language": "sw", "actor": actor_of(card)}
    before = usepaper.uses_pdf(lately(card), **pdf)
    money_operation(reports.take_back)(use(card, "100.00", id=row.processor_id))
    assert usepaper.uses_pdf(lately(card), **pdf) != before
    assert [row.facts["paid"] for row in IssuedPaper.objects.order_by("pk")] == ["100.00", "0.00"]


def test_whoever_checks_the_code_sees_neither_name_nor_shop() -> None:
    card = a_card()
    paid(card, "100.00")
    browser(card).get(address(card))
    page = Client().get(f"/verify/{IssuedPaper.objects.get().code}/", follow=True).content.decode()
    assert owner(card).full_name not in page
    assert "NAIVAS" not in page


def test_nobody_gets_the_paper_of_somebody_elses_card() -> None:
    card, stranger = a_card(), a_card()
    assert browser(stranger).get(address(card)).status_code == 404
    assert browser(stranger).get(f"/settings/cards/{uuid.uuid4()}/uses/uses.pdf").status_code == 404
    assert Client().get(address(card)).status_code == 302
    assert not IssuedPaper.objects.exists()


def test_so_many_an_hour_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "PAPERS", ratelimit.Policy("card-papers-few", 2, timedelta(hours=1)))
    card = a_card()
    client = browser(card)
    assert [client.get(address(card)).status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_offers_it_and_only_looks_are_taken() -> None:
    card = a_card()
    client = browser(card)
    page = client.get(f"/settings/cards/{card.pk}/uses/").content.decode()
    assert f'action="/settings/cards/{card.pk}/uses/uses.pdf"' in page
    assert f'<option value="{clock.today():%Y-%m}">' in page
    assert client.post(address(card)).status_code == 405
