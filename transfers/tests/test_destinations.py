"""Who can be paid outside the bank: numbers as people write them, lists that are rows, and what is refused."""

import pytest
from django.core.cache import cache

from transfers import destinations, phones
from transfers.errors import TransferRefused
from transfers.models import Bank, Biller, Broker, PhonePrefix

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed",
    [
        "00254722123456",
        "00254 722 123 456",
        "0722123456",
        "722123456",
        "+254722123456",
        "254722123456",
        "0722 123 456",
        "+254 722-123-456",
        "(0722) 123.456",
    ],
)
def test_a_phone_number_is_understood_however_it_is_written(typed: str) -> None:
    assert phones.msisdn(typed) == "254722123456"


def test_the_newer_01_numbers_are_numbers_too() -> None:
    assert phones.msisdn("0110 123 456") == "254110123456"
    assert phones.shown("254110123456") == "0110 123 456"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "00722123456",
        "+00254722123456",
        "000254722123456",
        "0722",
        "07221234567",
        "0822123456",
        "+255722123456",
        "٠٧٢٢١٢٣٤٥٦",
        "0722123456\0",
        "1e9",
        "0" * 10_000,
    ],
)
def test_what_is_no_kenyan_mobile_number_is_refused_in_words(typed: str) -> None:
    with pytest.raises(phones.NotAPhoneNumber):
        phones.msisdn(typed)


@pytest.mark.parametrize(
    ("typed", "wallet"),
    [("0722000111", "MPESA"), ("0733000111", "AIRTEL_MONEY"), ("0770000111", "TKASH"), ("0757000111", "MPESA"),
     ("0110000111", "MPESA"), ("0100000111", "AIRTEL_MONEY"), ("0747000111", "")],
)  # fmt: skip
def test_the_network_is_guessed_by_the_prefix(typed: str, wallet: str) -> None:
    cache.clear()
    assert phones.usual_wallet(phones.msisdn(typed)) == wallet
    assert phones.guessed_wallet(phones.msisdn(typed)) == wallet


def test_another_network_than_the_prefix_says_is_a_question_and_no_refusal() -> None:
    usual = destinations.to_phone("0722000111", "MPESA")
    moved = destinations.to_phone("0722000111", "AIRTEL_MONEY")
    assert not usual.warnings
    assert moved.warnings == (destinations.OTHER_NETWORK,)
    assert usual.key != moved.key


@pytest.mark.parametrize("network", ["", "mpesa", "T-KASH", "<script>"])
def test_an_unknown_network_is_refused_at_its_field(network: str) -> None:
    with pytest.raises(destinations.UnknownNetwork) as refusal:
        destinations.to_phone("0722000111", network)
    assert refusal.value.field == "network"


@pytest.mark.parametrize("typed", ["0722123456", "+254722123456", "254 722 123 456", "722-123-456", "0722 123 456"])
def test_a_bank_account_by_phone_is_one_receiver_however_the_number_is_written(typed: str) -> None:
    found = destinations.to_bank_by_phone(typed)
    assert (found.kind, found.values) == ("BANK_BY_PHONE", {"msisdn": "254722123456"})
    assert (found.key, found.number, found.at) == ("pesalink:254722123456", "0722 123 456", "PesaLink")
    assert not found.warnings, "the network of the number means nothing here"
    assert found.key != destinations.to_phone(typed, "MPESA").key


@pytest.mark.parametrize("typed", ["", "0822123456", "1" * 10_000, "=1+1", "٠٧٢٢١٢٣٤٥٦"])
def test_a_bank_account_by_phone_wants_a_kenyan_phone(typed: str) -> None:
    with pytest.raises(phones.NotAPhoneNumber) as refusal:
        destinations.to_bank_by_phone(typed)
    assert refusal.value.field == "phone"


def test_a_bank_account_is_kept_with_the_banks_code() -> None:
    found = destinations.to_bank("68", "0123 4567 89012")
    assert found.values == {"bank_code": "68", "account": "0123456789012"}
    assert (found.at, found.key) == ("Equity Bank (Kenya)", "bank:68:0123456789012")
    assert not found.warnings


def test_an_unusual_length_of_account_number_is_a_question_and_no_refusal() -> None:
    assert destinations.to_bank("68", "0123456789").warnings


@pytest.mark.parametrize("account", ["", "12345", "1" * 17, "12AB567890", "٠١٢٣٤٥٦٧٨٩", "123456;--"])
def test_what_is_no_bank_account_number_is_refused(account: str) -> None:
    with pytest.raises(destinations.BadBankAccount):
        destinations.to_bank("01", account)


@pytest.mark.parametrize("code", ["", "00", "6", "680", "Other"])
def test_there_is_no_other_bank(code: str) -> None:
    with pytest.raises(destinations.UnknownBank):
        destinations.to_bank(code, "0123456789")


def test_a_bank_that_was_switched_off_can_not_be_chosen() -> None:
    Bank.objects.filter(code="68").update(is_active=False)
    with pytest.raises(destinations.UnknownBank):
        destinations.to_bank("68", "0123456789012")


def test_a_bill_needs_a_number_of_that_company() -> None:
    assert destinations.to_biller("KPLC_PREPAID", "1412 3456 789").values["account"] == "14123456789"
    with pytest.raises(destinations.BadBillAccount) as refusal:
        destinations.to_biller("KPLC_PREPAID", "1412345678")
    assert "14123456789" in str(refusal.value)


def test_a_biller_without_a_place_for_the_money_can_not_be_paid() -> None:
    assert not Biller.objects.get(code="BRITAM").can_be_paid
    for code in ("BRITAM", "NO_SUCH", ""):
        with pytest.raises(destinations.UnknownBiller):
            destinations.to_biller(code, "POL/2026/001")


def test_every_seeded_example_fits_its_own_rule() -> None:
    for biller in Biller.objects.all():
        biller.paybill = biller.paybill or "000000"
        biller.save(update_fields=["paybill"])
        assert destinations.to_biller(biller.code, biller.account_example).number


def test_everyone_the_requirement_names_is_on_the_lists() -> None:
    names = set(Biller.objects.values_list("code", flat=True))
    assert {
        "JUBILEE",
        "CIC",
        "APA",
        "MADISON",
        "BRITAM",
        "TALA",
        "BRANCH_LOANS",
        "TIMIZA",
        "FULIZA",
        "KCB_LOANS",
    } <= names
    assert {"KPLC_PREPAID", "KPLC_POSTPAID", "NAIROBI_WATER", "ZUKU", "DSTV", "GOTV", "SHA", "KRA", "ECITIZEN"} <= names
    assert Bank.objects.count() == 41
    assert Broker.objects.count() == 18
    assert PhonePrefix.objects.count() == 145


def test_a_cds_number_is_taken_with_and_without_its_ending() -> None:
    plain = destinations.to_broker("DYER_BLAIR", "1234567", "LI")
    assert destinations.to_broker("DYER_BLAIR", "1234567-LI", "LI").values == plain.values
    assert destinations.to_broker("DYER_BLAIR", "b05-1234567li", "LI").values == plain.values
    assert plain.values == {"broker": "DYER_BLAIR", "cds_number": "1234567", "client_type": "LI"}


@pytest.mark.parametrize(
    ("number", "client_type", "refusal"),
    [
        ("123", "LI", destinations.BadCdsNumber),
        ("1234567890123", "LI", destinations.BadCdsNumber),
        ("1234567", "XX", destinations.BadCdsNumber),
        ("1234567-FI", "LI", destinations.CdsTypeDiffers),
        ("+254722000111", "LI", destinations.BadCdsNumber),
    ],
)
def test_a_wrong_cds_number_is_refused(number: str, client_type: str, refusal: type[TransferRefused]) -> None:
    with pytest.raises(refusal):
        destinations.to_broker("DYER_BLAIR", number, client_type)


def test_a_broker_without_a_client_account_can_not_be_paid() -> None:
    with pytest.raises(destinations.UnknownBroker):
        destinations.to_broker("SUNTRA_INVESTMENTS", "1234567", "LI")
