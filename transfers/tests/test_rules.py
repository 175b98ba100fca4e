import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfers.rules import description, masked_name, plain_name


@pytest.mark.parametrize(
    ("full", "masked"),
    [
        ("Wanjiku Mwangi", "WANJIKU M."),
        ("Emmanuel Otieno Odenyire", "EMMANUEL O."),
        ("  nuria   hassan ", "NURIA H."),
        ("Madonna", "M***"),
        ("Dr. Jane Wambui", "JANE W."),
        ("Mr Otieno", "O***"),
        ("Dr", "D***"),
        ("Ng'ang'a Kamau", "NG'ANG'A K."),
        ("Anne-Marie Atieno", "ANNE-MARIE A."),
        ("Wanjiku 🎉 Mwangi 🎉", "WANJIKU M."),
        ("Wanjiku Mwangi 17", "WANJIKU M."),
        ("علي حسن", "علي ح."),
        ("Zoë Çelik", "ZOË Ç."),
        ("\u202eWanjiku\x00 Mwangi", "WANJIKU M."),
        ("<b>Wanjiku</b> <script>", "BWANJIKUB S."),
        ("", "***"),
        ("12345 🎉", "***"),
    ],
)
def test_it_shows_enough_of_a_name_to_recognise_a_friend(full: str, masked: str) -> None:
    assert masked_name(full) == masked


def test_a_very_long_name_stays_short() -> None:
    assert masked_name("W" * 90 + " Mwangi") == "W" * 20 + " M."


@given(st.text(max_size=100))
def test_a_masked_name_is_always_short_printable_and_safe(full: str) -> None:
    masked = masked_name(full)
    assert masked
    assert len(masked) <= 60
    assert masked.isprintable()
    assert not set(masked) & set('<>&"{}=@')


@pytest.mark.parametrize(
    ("masked", "plain"), [("WANJIKU M.", "WANJIKU M."), ("ZOË Ç.", "ZOE C."), ("علي ح.", "***"), ("M***", "M***")]
)
def test_a_name_for_an_sms_has_only_letters_every_phone_shows(masked: str, plain: str) -> None:
    assert plain_name(masked) == plain


def test_a_description_names_the_other_account_and_the_note() -> None:
    assert description("Transfer to", "ACC1000015", "Rent May") == "Transfer to ACC1000015 - Rent May - Online"
    assert description("Transfer from", "ACC1000014", "") == "Transfer from ACC1000014 - Online"


@given(st.text(max_size=300))
def test_a_note_never_ends_the_description_and_never_breaks_the_branch_column(note: str) -> None:
    text = description("Transfer to", "ACC1000015", note)
    assert text.endswith(" - Online")
    assert len(text) <= 255


def test_a_note_cannot_pose_as_the_branch_approval() -> None:
    assert not description("Transfer to", "ACC1000015", "x - Approved").endswith("Approved")
    assert not description("Transfer to", "A" * 20, "y" * 300 + " - Approved").endswith("Approved")
