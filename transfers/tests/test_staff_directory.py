"""The directory and the tariff, changed by two people: what is refused, and what payers meet afterwards."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import FeeBand, Rate
from transfers import destinations, pricing
from transfers.models import Bank, Biller, Broker
from transfers.staff import directory, tariffs
from wekeza_portal import clock
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
D = Decimal

NEW_BILLER = {
    "code": "MERU_WATER", "name": "Meru Water", "category": "WATER", "paybill": "123456", "bank_code": "",
    "bank_account": "", "account_label_en": "Account number", "account_label_sw": "Nambari ya akaunti",
    "account_pattern": r"\d{5,8}", "account_example": "12345", "minimum": "50", "maximum": "100000",
    "is_active": "on", "note": "Letter of 3 November", "reason": "They asked for it",
}  # fmt: skip


@pytest.fixture
def maker() -> Client:
    return signed_in(staff("operations"))


@pytest.fixture
def checker() -> Client:
    return signed_in(staff("risk"))


def page_of(name: str, key: Any) -> str:
    return reverse("admin:directory_propose", args=[name, key])


def approve(client: Client) -> str:
    proposal = Proposal.objects.get(state="PENDING")
    return client.post(
        reverse("admin:proposal_decide", args=[proposal.pk]), {"approve": "1"}, follow=True
    ).content.decode()


def typed_of(name: str, row: Any, **changes: str) -> dict[str, Any]:
    """What the form sends when only `changes` were typed."""
    table = directory.TABLES[name]
    values = {column: getattr(row, column) for column in table.columns}
    shown = {column: "on" if value is True else value for column, value in values.items() if value not in (None, False)}
    return {**shown, "reason": "A letter of theirs", **changes}


# --- Billers, brokers, banks ------------------------------------------------------------------------------------


def test_a_new_biller_can_be_paid_once_two_people_want_it(maker: Client, checker: Client) -> None:
    assert maker.post(page_of("billers", "new"), NEW_BILLER).status_code == 302
    with pytest.raises(destinations.UnknownBiller):
        destinations.to_biller("MERU_WATER", "12345")
    assert "another person" in approve(maker)
    assert not Biller.objects.filter(code="MERU_WATER").exists()
    approve(checker)
    assert destinations.to_biller("MERU_WATER", "12345").at == "Meru Water"
    body = maker.get(reverse("admin:directory")).content.decode()
    assert "Meru Water" in body


def test_another_destination_holds_from_the_approval_on(maker: Client, checker: Client) -> None:
    zuku = Biller.objects.get(code="ZUKU")
    maker.post(page_of("billers", zuku.pk), typed_of("billers", zuku, paybill="320321"))
    assert Biller.objects.get(code="ZUKU").paybill == "320320"
    page = checker.get(reverse("admin:proposal", args=[Proposal.objects.get().pk])).content.decode()
    assert "320320" in page
    assert "320321" in page
    approve(checker)
    after = Biller.objects.get(code="ZUKU")
    assert (after.paybill, after.account_pattern, after.minimum) == ("320321", zuku.account_pattern, zuku.minimum)


def test_one_that_is_switched_off_is_offered_to_nobody(maker: Client, checker: Client) -> None:
    zuku = Biller.objects.get(code="ZUKU")
    typed = typed_of("billers", zuku)
    del typed["is_active"]
    maker.post(page_of("billers", zuku.pk), typed)
    approve(checker)
    with pytest.raises(destinations.UnknownBiller):
        destinations.to_biller("ZUKU", "123456")


def test_a_broker_gets_an_account_and_a_bank_is_switched_off(maker: Client, checker: Client) -> None:
    broker = Broker.objects.order_by("code").first()
    assert broker is not None
    changes = {"paybill": "", "bank_code": "01", "bank_account": "1102345678"}
    maker.post(page_of("brokers", broker.pk), typed_of("brokers", broker, **changes))
    approve(checker)
    broker.refresh_from_db()
    assert broker.can_be_paid
    bank = Bank.objects.get(code="01")
    typed = typed_of("banks", bank)
    del typed["is_active"]
    maker.post(page_of("banks", bank.pk), typed)
    approve(checker)
    with pytest.raises(destinations.UnknownBank):
        destinations.to_bank("01", "1102345678")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "zuku!"}, {"code": "ZUKU"}, {"code": ""}, {"code": "A" * 31}, {"name": ""}, {"category": "OTHER"},
        {"paybill": "12"}, {"paybill": "1234567890"}, {"paybill": "١٢٣٤٥٦"}, {"paybill": "12345a"},
        {"bank_code": "01", "bank_account": "1102345678"}, {"paybill": "", "bank_code": "01"},
        {"paybill": "", "bank_code": "99", "bank_account": "1102345678"},
        {"paybill": "", "bank_code": "01", "bank_account": "11"},
        {"account_pattern": "("}, {"account_pattern": r"(\d+)+"}, {"account_pattern": r"(a*)*"},
        {"account_pattern": r"(a+)+$"}, {"account_pattern": r"(a|a)*"}, {"account_pattern": r"\d{0,40}\d{0,40}x"},
        {"account_pattern": r"((a{1,9}){1,9}){1,9}"}, {"account_pattern": r"\d+"}, {"account_pattern": r"(?=\d)\d{5}"},
        {"account_pattern": r"\d{5,41}"},
        {"account_pattern": ""}, {"account_pattern": "x" * 81}, {"account_example": "abc"},
        {"minimum": "NaN"}, {"minimum": "0"}, {"minimum": "-5"}, {"minimum": "1e9"}, {"maximum": "10"},
        {"maximum": "Infinity"}, {"reason": ""}, {"reason": "x" * 301},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field_and_keeps_what_was_typed(
    maker: Client, changes: dict[str, str]
) -> None:
    answer = maker.post(page_of("billers", "new"), {**NEW_BILLER, **changes})
    assert answer.status_code == 200
    body = answer.content.decode()
    assert "errorlist" in body
    assert "They asked for it" in body or "reason" in changes
    assert not Proposal.objects.exists()


def test_a_proposal_about_what_was_changed_meanwhile_is_refused(maker: Client, checker: Client) -> None:
    zuku = Biller.objects.get(code="ZUKU")
    maker.post(page_of("billers", zuku.pk), typed_of("billers", zuku, paybill="320321"))
    Biller.objects.filter(pk=zuku.pk).update(maximum=D("5.00"))
    assert "changed since" in approve(checker)
    assert Biller.objects.get(pk=zuku.pk).paybill == "320320"


def test_nothing_is_proposed_where_nothing_changes(maker: Client) -> None:
    zuku = Biller.objects.get(code="ZUKU")
    answer = maker.post(page_of("billers", zuku.pk), typed_of("billers", zuku))
    assert "stands already" in answer.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999", "٣"])
def test_an_entry_that_is_not_there_is_not_found(maker: Client, key: str) -> None:
    assert maker.get(page_of("billers", key)).status_code == 404
    assert maker.get(page_of("users", "1")).status_code == 404


def test_every_seeded_biller_passes_its_own_rules() -> None:
    for row in Biller.objects.all():
        values = directory.values_of(directory.TABLES["billers"], row)
        directory.refuse_if_wrong(
            {"table": "billers", "pk": row.pk, "before": values, "values": {**values, "note": "x"}}
        )


@pytest.mark.parametrize("role", ["support", "audit"])
def test_looking_is_for_all_and_proposing_for_some(role: str) -> None:
    client = signed_in(staff(role))
    assert client.get(reverse("admin:directory")).status_code == 200
    assert client.post(page_of("billers", "new"), NEW_BILLER).status_code == 403
    assert client.post(reverse("admin:tariff_propose"), {}).status_code == 403


# --- The tariff -------------------------------------------------------------------------------------------------

TOMORROW = timedelta(days=1)


def tariff(bands: str, begins: date | None = None) -> dict[str, str]:
    return {"bands": bands, "effective_from": str(begins or clock.today() + TOMORROW), "reason": "Tariff of 2027"}


def test_a_whole_tariff_replaces_the_one_before_from_its_day_on(maker: Client, checker: Client) -> None:
    today, begins = clock.today(), clock.today() + TOMORROW
    before = pricing.quote("MOBILE_MONEY", D("120.00"), today).fee
    maker.post(reverse("admin:tariff_propose"), tariff("1,000 10\n150000 300"))
    assert len(pricing.tariff(begins)) == 14
    approve(checker)
    assert [(row.up_to, row.amount) for row in pricing.tariff(begins)] == [(D(1000), D(10)), (D(150000), D(300))]
    assert pricing.quote("MOBILE_MONEY", D("1000.01"), begins).fee == D(300)
    assert pricing.quote("MOBILE_MONEY", D("120.00"), today).fee == before


@pytest.mark.parametrize(
    "bands",
    ["", "150000", "150000 11 12", "150000 -1", "-150000 11", "100 11\n100 12\n150000 20", "500 11\n100 12\n150000 20",
     "100 11", "149999.99 11", "abc def", "150000 NaN", "150000 1e3", "١٥٠٠٠٠ ١١", "150000.001 11", "150000 11.001",
     "0 0\n150000 11", "=1+1 11", "\n".join(f"{n} 1" for n in range(1, 62)), "9" * 2000 + " 11"],
)  # fmt: skip
def test_a_tariff_with_gaps_or_nonsense_is_refused(maker: Client, bands: str) -> None:
    answer = maker.post(reverse("admin:tariff_propose"), tariff(bands))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_no_tariff_begins_in_the_past_or_today(maker: Client) -> None:
    for begins in (clock.today(), clock.today() - TOMORROW, date(2020, 1, 1)):
        answer = maker.post(reverse("admin:tariff_propose"), tariff("150000 11", begins))
        assert "tomorrow at the earliest" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_of_two_tariffs_for_one_day_the_second_is_refused(maker: Client, checker: Client) -> None:
    for bands in ("150000 11", "70000 5\n150000 12"):
        maker.post(reverse("admin:tariff_propose"), tariff(bands))
    first, second = Proposal.objects.order_by("made_at", "pk")
    checker.post(reverse("admin:proposal_decide", args=[first.pk]), {"approve": "1"})
    body = checker.post(
        reverse("admin:proposal_decide", args=[second.pk]), {"approve": "1"}, follow=True
    ).content.decode()
    assert "already a figure" in body
    assert FeeBand.objects.filter(effective_from=clock.today() + TOMORROW).values("created_by").distinct().count() == 1


def test_a_free_band_is_a_price_too(maker: Client, checker: Client) -> None:
    maker.post(reverse("admin:tariff_propose"), tariff("100 0\n150000 11"))
    approve(checker)
    assert pricing.quote("MOBILE_MONEY", D("50.00"), clock.today() + TOMORROW).fee == D(0)


def test_the_excise_rate_is_a_figure_like_others(maker: Client, checker: Client) -> None:
    typed = {
        "code": "EXCISE_TRANSFERS",
        "value": "16",
        "effective_from": str(clock.today() + TOMORROW),
        "reason": "Act",
    }
    assert maker.post(reverse("admin:figure_propose", args=["rates"]), typed).status_code == 302
    approve(checker)
    assert Rate.objects.get(effective_from=clock.today() + TOMORROW).per_cent == D("16")
    assert pricing.excise_rate(clock.today() + TOMORROW) == D("16")
    assert pricing.excise_rate(clock.today()) == D("15")


# --- Beside the teller's ----------------------------------------------------------------------------------------


def test_the_page_says_in_which_bands_the_teller_takes_another_fee() -> None:
    rows = tariffs.beside_the_tellers(clock.today())
    assert len(rows) == 14
    differing = [2500, 3500, 5000, 7500, 10000, 15000, 20000, 35000, 50000]
    assert [row.up_to for row in rows if row.differs] == [D(up_to) for up_to in differing]
    assert next(row.more for row in rows if row.up_to == D(35000)) == D("81.00")
    body = signed_in(staff("audit")).get(reverse("admin:fees_beside")).content.decode()
    assert "in 9 bands" in body
    assert "278.00" in body


def test_bounds_of_only_one_of_them_are_shown_too() -> None:
    FeeBand.objects.create(code="MOBILE_MONEY", up_to=D("200000"), amount=D("400"), effective_from=date(2020, 1, 1))
    last = tariffs.beside_the_tellers(clock.today())[-1]
    assert (last.ours, last.tellers, last.differs, last.more) == (D(400), None, True, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        FeeBand.objects.create(code="MOBILE_MONEY", up_to=D("200000"), amount=D("1"), effective_from=date(2020, 1, 1))
