"""Every word of the branch's ledger has a direction; ours keep its summaries right."""

from decimal import Decimal

import pytest

from accounts.vocabulary import VOCABULARY, Direction, direction_of, signed, words_for

OURS = {"REVERSAL_IN", "REVERSAL_OUT"}


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        ("DEPOSIT", Direction.IN),
        ("CHEQUE_DEPOSIT", Direction.IN),
        ("TRANSFER_IN", Direction.IN),
        ("LOAN_DISBURSEMENT", Direction.IN),
        ("ADMIN_CREDIT", Direction.IN),
        ("AGENCY_DEPOSIT", Direction.IN),
        ("INSURANCE_PREMIUM", Direction.OUT),
        ("FIXED_DEPOSIT", Direction.OUT),
        ("ADMIN_DEBIT", Direction.OUT),
        ("WITHDRAWAL", Direction.OUT),
        ("MOBILE_MONEY_FEE", Direction.OUT),
        ("LOAN_REPAYMENT", Direction.OUT),
        ("APPROVE", Direction.UNKNOWN),
        ("", Direction.UNKNOWN),
    ],
)
def test_it_knows_which_way_a_word_moves_money(word: str, direction: Direction) -> None:
    assert direction_of(word) is direction


def test_our_own_words_come_out_right_in_the_branchs_summaries() -> None:
    for word in OURS:
        if direction_of(word) is Direction.IN:
            assert word.endswith("_IN")
        else:
            assert word.endswith("_OUT")
            assert "IN" not in word


def test_amounts_get_the_sign_of_their_word() -> None:
    assert signed("DEPOSIT", Decimal("5.00")) == Decimal("5.00")
    assert signed("INSURANCE_PREMIUM", Decimal("5.00")) == Decimal("-5.00")
    assert signed("MYSTERY", Decimal("5.00")) is None


def test_an_unknown_word_is_shown_readably() -> None:
    assert str(words_for("STANDING_CHARGE")) == "Standing charge"
    assert all(str(word.sentence) for word in VOCABULARY.values())
