"""The code on a paper and its drawing."""

import re

import pytest
import segno
from pytest_django import Settings

from wekeza_portal.documents import codes
from wekeza_portal.identifiers import CROCKFORD


@pytest.mark.parametrize(
    "typed",
    ["7K3M-9QTX-2B40", "7k3m-9qtx-2b40", " 7K3M 9QTX 2B40 ", "7K3M9QTX2B40", "7K3M-9QTX-2B4O", "7k3m--9qtx--2b4o"],
)
def test_a_code_is_read_as_people_write_it(typed: str) -> None:
    assert codes.normal(typed) == "7K3M-9QTX-2B40"


def test_i_and_l_are_read_as_one() -> None:
    assert codes.normal("IL1I-0000-0000") == "1111-0000-0000"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7K3M",
        "7K3M-9QTX-2B40-1",
        "UUUU-UUUU-UUUU",
        "7K3M-9QTX-2B4é",
        "７K3M-9QTX-2B40",
        "x" * 10000,
        "\0" * 12,
        "%",
    ],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.normal(typed) == ""


@pytest.mark.parametrize("letter", CROCKFORD)
def test_every_letter_of_the_alphabet_stays_itself(letter: str) -> None:
    assert codes.normal(letter * 12).replace("-", "") == letter * 12


def drawn(qr: codes.QrCode) -> set[tuple[int, int]]:
    """The dark modules of the path, as (row, column)."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", qr.path)
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs) == qr.path
    return {(int(y), int(x) + step) for x, y, n in runs for step in range(int(n))}


def matrix_of(text: str) -> set[tuple[int, int]]:
    rows = segno.make_qr(text, error="m").matrix
    return {(y + 4, x + 4) for y, row in enumerate(rows) for x, module in enumerate(row) if module}


def test_the_drawing_is_the_qr_code_of_the_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://bank.example.com/"
    check = codes.check_of("7K3M-9QTX-2B40")
    assert check.address == "https://bank.example.com/verify/7K3M-9QTX-2B40/"
    assert check.form_address == "https://bank.example.com/verify/"
    assert drawn(check.qr) == matrix_of(check.address)
    assert drawn(check.qr) != matrix_of(check.address.replace("2B40", "2B41"))


def test_the_quiet_zone_is_kept() -> None:
    qr = codes.qr_code("https://bank.example.com/verify/7K3M-9QTX-2B40/")
    dark = drawn(qr)
    assert min(min(spot) for spot in dark) == 4
    assert max(max(spot) for spot in dark) == qr.size - 5
