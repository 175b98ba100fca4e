"""Dates of birth of many customers from one file: every row is checked first, two people, each written as one is."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounts.identity import links
from accounts.models import BranchCustomer, CustomerIdentity
from accounts.profile import births, identifying
from tests.factories import CustomerFactory
from wekeza_portal import clock, crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
BOARD = "/admin/boards/birth-dates/"
REASON = "ID cards seen at the Westlands branch on Monday"


@pytest.fixture
def people() -> list[BranchCustomer]:
    return [CustomerFactory(national_id=f"3123456{n}") for n in range(2)]


def csv_of(*lines: str) -> bytes:
    return "\n".join(["national_id,birth_date,document", *lines]).encode()


GOOD = csv_of("31234560,1990-03-14,ID", "31234561,02/01/1985,passport")


def sent(client: Any, content: bytes, name: str = "births.csv") -> Any:
    return client.post(BOARD, {"file": SimpleUploadedFile(name, content)})


def rows_in(page: Any) -> str:
    return str(page.context["proposing"].initial["rows"])


def problems(content: bytes) -> list[str]:
    return [row.problem for row in births.check(content)]


def test_a_file_is_checked_proposed_approved_and_each_row_written(people: list[BranchCustomer]) -> None:
    maker, checker = signed_in(staff("support")), signed_in(staff("risk"))
    page = sent(maker, GOOD)
    assert "Every row fits" in page.content.decode()
    assert not Proposal.objects.exists()
    assert not CustomerIdentity.objects.exists()
    answer = maker.post(f"{BOARD}propose/", {"rows": rows_in(page), "reason": REASON})
    proposal = Proposal.objects.get()
    assert not CustomerIdentity.objects.exists(), "one person alone changes nothing"
    shown = checker.get(answer["Location"]).content.decode()
    for words in (f"customer {people[0].user_id}", "14 March 1990", "2 January 1985", "Passport"):
        assert words in shown
    checker.post(f"{answer['Location']}decide/", {"approve": "1"})
    found = {row.customer_id: row for row in CustomerIdentity.objects.all()}
    assert [found[one.user_id].born_on for one in people] == [date(1990, 3, 14), date(1985, 1, 2)]
    assert {row.standing for row in found.values()} == {""}
    proposal.refresh_from_db()
    assert found[people[0].user_id].decided_by == f"{proposal.made_by_code}, {proposal.decided_by_code}"
    events = AuditEvent.objects.filter(verb="identity.decided")
    assert {(row.customer_id, row.data["document"]) for row in events} == {
        (people[0].user_id, "ID"), (people[1].user_id, "PASSPORT"),
    }  # fmt: skip


def test_the_maker_is_not_the_second_person(people: list[BranchCustomer]) -> None:
    both = signed_in(staff("risk"))
    page = sent(both, GOOD)
    answer = both.post(f"{BOARD}propose/", {"rows": rows_in(page), "reason": REASON})
    both.post(f"{answer['Location']}decide/", {"approve": "1"})
    assert not CustomerIdentity.objects.exists()


def test_the_id_numbers_of_the_file_are_kept_nowhere(people: list[BranchCustomer]) -> None:
    maker = signed_in(staff("support"))
    page = sent(maker, GOOD)
    assert "31234560" not in rows_in(page)
    maker.post(f"{BOARD}propose/", {"rows": rows_in(page), "reason": REASON})
    assert "31234560" not in str(Proposal.objects.get().payload)
    looked = AuditEvent.objects.filter(verb="staff.viewed", subject="birth-dates")
    assert set(looked.values_list("customer_id", flat=True)) == {one.user_id for one in people}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("99999999,1990-03-14,ID", "No personal customer"), (",1990-03-14,ID", "No personal customer"),
        ("31234560,14.03.1990,ID", "Write the date"), ("31234560,1990-02-30,ID", "Write the date"),
        ("31234560,١٩٩٠-٠٣-١٤,ID", "Write the date"), ("31234560,NaN,ID", "Write the date"),
        ("31234560,,ID", "Write the date"), ("31234560,1990,ID", "Write the date"),
        ("31234560,1890-03-14,ID", "Nobody with this date"), ("31234560,2990-03-14,ID", "Nobody with this date"),
        ("31234560,0000-00-00,ID", "Write the date"), ("31234560,1990-03-14,Library card", "Write the document"),
        ("31234560,1990-03-14,", "Write the document"), ("31234560,=HYPERLINK(1),ID", "Write the date"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_row(people: list[BranchCustomer], line: str, words: str) -> None:
    found = problems(csv_of("31234561,1985-01-02,ID", line))
    assert found[0] == ""
    assert words in found[1]
    page = sent(signed_in(staff("support")), csv_of("31234561,1985-01-02,ID", line))
    assert page.context["proposing"] is None, "one wrong row and nothing can be proposed"
    assert "1 row is wrong" in page.content.decode()


def test_one_id_twice_and_one_id_of_two_people_are_wrong(people: list[BranchCustomer]) -> None:
    assert all("more than once" in one for one in problems(csv_of(*["31234560,1990-03-14,ID"] * 2)))
    rows = births._row(2, ("31234560", "1990-03-14", "ID"), [*people], 1)
    assert "Several customers" in rows.problem


def test_an_excel_file_with_real_dates_is_read(people: list[BranchCustomer]) -> None:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Document", "National ID", "Birth date"])
    book.active.append(["ID", 31234560, date(1990, 3, 14)])
    book.save(file)
    (row,) = births.check(file.getvalue())
    assert (row.problem, row.born_on, row.customer) == ("", date(1990, 3, 14), people[0])


@pytest.mark.parametrize(
    "content",
    [
        b"", b"national_id,birth_date\n1,2", b"\x00\x01", b"PK\x03\x04 not a zip",
        csv_of(), csv_of(*["1,1990-01-01,ID"] * 201),
        b"x" * (1024 * 1024 + 1),
    ],
)  # fmt: skip
def test_what_is_no_such_table_is_refused_at_its_field(content: bytes) -> None:
    page = sent(signed_in(staff("support")), content)
    assert page.status_code == 200
    assert page.context["form"].errors["file"]
    assert not Proposal.objects.exists()


def test_what_is_proposed_is_what_was_checked_by_this_person_within_an_hour(people: list[BranchCustomer]) -> None:
    page = sent(signed_in(staff("support")), GOOD)
    rows, other = rows_in(page), signed_in(staff("risk"))
    for forged in (rows, rows[:-4], "x", crypto.encrypt('birth-dates:{"of": 1}')[:-2], crypto.encrypt("carried:{}")):
        other.post(f"{BOARD}propose/", {"rows": forged, "reason": REASON})
    assert not Proposal.objects.exists()
    maker = staff("support")
    mine = births.carried(births.check(GOOD), maker.pk)
    with time_machine.travel(clock.now() + timedelta(minutes=61)), pytest.raises(births.CheckAgain):
        births.payload_of(mine, maker.pk)


def test_a_row_that_is_another_persons_meanwhile_stops_all_of_them(people: list[BranchCustomer]) -> None:
    maker = staff("support")
    payload = births.payload_of(births.carried(births.check(GOOD), maker.pk), maker.pk)
    BranchCustomer.objects.filter(pk=people[1].pk).update(national_id="40000000")
    with pytest.raises(identifying.SomebodyElse):
        births.refuse_if_wrong(payload)
    people[0].refresh_from_db()
    assert payload["rows"][0]["who"] == links.fingerprint(people[0])


@pytest.mark.parametrize("role", ["audit"])
def test_who_may_not_propose_sends_no_file(role: str) -> None:
    assert sent(signed_in(staff(role)), GOOD).status_code == 403


def test_without_a_reason_nothing_is_proposed_and_the_rows_are_kept(people: list[BranchCustomer]) -> None:
    maker = signed_in(staff("support"))
    rows = rows_in(sent(maker, GOOD))
    page = maker.post(f"{BOARD}propose/", {"rows": rows, "reason": "short"})
    assert rows in page.content.decode()
    assert not Proposal.objects.exists()
