from decimal import Decimal

import pytest
from django import forms

from wekeza_portal.forms import AccountNumberField, AmountField, NoteField

BAD_AMOUNTS = [
    "0", "0.00", "-1", "-0", "+1", "0.001", "1.005", "NaN", "Infinity", "-Infinity", "sNaN", "1e2", "1E2", "1_000",
    "١٢٣", "１００", "1000000000000000", "10" * 5000, "", "   ", "1\x00", "\x001", "1\u200f00", "\u202e100", "1,00",
    "1,0000", ",100", "100,", "1.", ".5", "1 000", "0x10", "1/2", "KES -100", "100\n", "१००", "½", "²", "=1+1",
    "<b>1</b>", "1.2.3", "1..2",
]  # fmt: skip


class AmountForm(forms.Form):
    amount = AmountField()


class NoteForm(forms.Form):
    note = NoteField()


class NumberForm(forms.Form):
    number = AccountNumberField()


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_it_refuses_what_is_not_an_amount_with_one_sentence_and_keeps_what_was_typed(text: str) -> None:
    form = AmountForm({"amount": text})
    assert not form.is_valid()
    assert len(form.errors["amount"]) == 1
    assert str(form.errors["amount"][0]).endswith(".")
    assert form["amount"].value() == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", "1.00"),
        ("0.01", "0.01"),
        ("1,000.00", "1000.00"),
        ("1500", "1500.00"),
        (" 12.5 ", "12.50"),
        ("007", "7.00"),
    ],
)
def test_it_reads_an_amount_as_shillings_and_cents(text: str, amount: str) -> None:
    form = AmountForm({"amount": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount"] == Decimal(amount)
    assert form.cleaned_data["amount"].as_tuple().exponent == -2


def test_phones_show_the_number_keys() -> None:
    assert 'inputmode="decimal"' in str(AmountForm()["amount"])


@pytest.mark.parametrize(
    "note", ["Rent", "Kodi ya Mei", "Zawadi 🎉👩‍👧", '=HYPERLINK("x")', "<script>", "مبروك", "a" * 100, ""]
)
def test_it_takes_a_note_as_it_is(note: str) -> None:
    form = NoteForm({"note": note})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["note"] == note


def test_line_breaks_in_a_note_become_spaces() -> None:
    form = NoteForm({"note": " one\r\ntwo\tthree  four "})
    assert form.is_valid()
    assert form.cleaned_data["note"] == "one two three four"


@pytest.mark.parametrize(
    "note", ["a\x00b", "a\x1bb", "a\x7fb", "a\u202eb", "a\u200fb", "a\u2066b", "a\u2028b", "a\ue000b"]
)
def test_it_refuses_hidden_characters_in_a_note(note: str) -> None:
    form = NoteForm({"note": note})
    assert not form.is_valid()
    assert "hidden character" in str(form.errors["note"])


def test_it_refuses_a_note_that_is_too_long_and_says_how_long_it_is() -> None:
    form = NoteForm({"note": "a" * 10_000})
    assert "Yours has 10000." in str(form.errors["note"])
    assert form["note"].value() == "a" * 10_000


@pytest.mark.parametrize(
    ("typed", "number"), [("ACC1000015", "ACC1000015"), (" acc 100 0015 ", "ACC1000015"), ("P-a1b2c3", "P-A1B2C3")]
)
def test_it_reads_an_account_number_however_it_is_spaced(typed: str, number: str) -> None:
    form = NumberForm({"number": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["number"] == number


@pytest.mark.parametrize(
    "typed", ["", "AC", "ACC1000015'; --", "ＡＣＣ１０００", "ACC\x001", "A" * 21, "ACC%", "ÀCC1000015"]
)
def test_it_refuses_what_cannot_be_an_account_number(typed: str) -> None:
    assert not NumberForm({"number": typed}).is_valid()
