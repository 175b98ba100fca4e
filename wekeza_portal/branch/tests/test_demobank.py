"""The demo bank: believable, the same for everyone on the same day, and never anywhere near a real bank's tables."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from wekeza_portal import clock
from wekeza_portal.branch import schema
from wekeza_portal.branch.demobank import CAST, DemoBank, filling
from wekeza_portal.branch.demobank.diary import pay_day, working_day
from wekeza_portal.branch.demobank.history import UNEXPLAINED, History, play
from wekeza_portal.branch.demobank.holdings import deposits_of, loans_of, months_after, policies_of
from wekeza_portal.branch.demobank.people import PEOPLE
from wekeza_portal.branch.demobank.rows import mobile_fee
from wekeza_portal.branch.demobank.store import plan_accounts
from wekeza_portal.branch.models import DemoMarker

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=clock.NAIROBI)
CREDITS = {"DEPOSIT", "CHEQUE_DEPOSIT", "TRANSFER_IN", "LOAN_DISBURSEMENT", "INITIAL_DEPOSIT", "AGENCY_DEPOSIT",
           "DISBURSEMENT"}  # fmt: skip
NOT_ORDINARY = {"otieno", UNEXPLAINED}


@pytest.fixture(scope="module")
def history() -> History:
    return play(plan_accounts(NOON.date()), NOON)


@pytest.fixture(scope="class")
def bank(django_db_setup: None, django_db_blocker: Any) -> Iterator[DemoBank]:
    """The bank filled once for a whole class of tests that only look, and rolled back after the last."""
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=False), transaction.atomic():
        yield filling.fill()
        transaction.set_rollback(True)


def customers() -> Any:
    return apps.get_model("accounts", "BranchCustomer").objects


def account_of(email: str) -> Any:
    return apps.get_model("accounts", "Account").objects.filter(customer__email=email).order_by("account_id").first()


def content_hash(*tables: str) -> str:
    """A digest of every row of these tables, in an order of their own."""
    digest = sha256()
    with connection.cursor() as cursor:
        for table in tables:
            drawn = table == "transactions"  # its references are drawn by chance
            columns = "account_id, created_at, txn_type, amount, description" if drawn else "*"
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {columns if drawn else 1}")
            digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def signed(txn_type: str, amount: Decimal) -> Decimal:
    return amount if txn_type in CREDITS else -amount


class TestHistory:
    def test_it_is_the_same_every_time_on_the_same_day(self, history: History) -> None:
        assert play(plan_accounts(NOON.date()), NOON) == history

    def test_it_moves_with_today(self, history: History) -> None:
        later = NOON + timedelta(days=40)
        moved = play(plan_accounts(later.date()), later)
        assert max(row.at for row in moved.rows).date() == later.date()
        assert max(row.at for row in history.rows).date() == NOON.date()

    def test_it_spans_eighteen_months_in_the_order_of_time(self, history: History) -> None:
        moments = [row.at for row in history.rows]
        assert moments == sorted(moments)
        assert moments[0].date() < date(2025, 5, 9)

    @pytest.mark.parametrize("hour", [0, 6, 7, 8])
    def test_nothing_happens_in_the_future_whatever_the_hour(self, hour: int) -> None:
        now = NOON.replace(hour=hour, minute=3)
        rows = play(plan_accounts(now.date()), now).rows
        assert max(row.at for row in rows) <= now
        assert [row.at for row in rows] == sorted(row.at for row in rows)

    def test_every_row_fits_the_branchs_columns(self, history: History) -> None:
        for row in history.rows:
            assert len(row.txn_type) <= 50
            assert len(row.reference) <= 50
            assert len(row.description) <= 255
            assert row.amount > 0
            assert row.amount == row.amount.quantize(Decimal("0.01"))

    def test_every_reference_is_used_once(self, history: History) -> None:
        assert len({row.reference for row in history.rows}) == len(history.rows)

    @pytest.mark.parametrize(
        ("txn_type", "reference", "description"),
        [
            ("CHEQUE_DEPOSIT", r"CHQ[0-9A-F]{8}", r"Cheque deposit - \d{6} - Approved"),
            ("TRANSFER_IN", r"TRF[0-9A-F]{8}_IN", r"Transfer from (ACC|BIZ)\w+ - .+ - Approved"),
            ("TRANSFER_OUT", r"TRF[0-9A-F]{8}_OUT", r"Transfer to \w+ - .+ - Approved"),
            ("TRANSFER_FEE", r"FEE_TRF[0-9A-F]{8}_OUT", r"Transfer fee"),
            ("INITIAL_DEPOSIT", r"INIT[0-9A-F]{8}", r"Initial account opening deposit - Approved"),
            ("AGENCY_DEPOSIT", r"CI\d{8}[0-9A-F]{8}", r"Cash deposit via Agent AGT\d{5}"),
            ("WITHDRAWAL", r"WDL[0-9A-F]{8}", r"Cash withdrawal - Approved"),
            ("MOBILE_MONEY_OUT", r"MM[0-9A-F]{8}", r"Mobile money to 254\d{9} \(.+\) - .+ - Approved"),
            ("MOBILE_MONEY_FEE", r"FEE_MM[0-9A-F]{8}", r"(M-Pesa|Airtel Money) transfer fee"),
            ("BILL_PAYMENT", r"BILL[0-9A-F]{8}", r"Bill payment to .+ - Account: .+ - Approved"),
            ("BILL_PAYMENT_FEE", r"FEE[0-9A-F]{8}", r"Bill payment fee"),
            ("CDSC_TRANSFER", r"CDSC[0-9A-F]{8}", r"CDSC transfer to \d{7} via .+ - Share purchase - Approved"),
            ("INSURANCE_PREMIUM", r"(INS|PRM)[0-9A-F]{8}", r"(Insurance|Premium) .+ policy POL\w{14} - Approved"),
            ("LOAN_REPAYMENT", r"LRP[0-9A-F]{8}", r"Loan repayment for Loan #LN\w{14} - Approved"),
            ("LOAN_DISBURSEMENT", r"LN\d{8}[0-9A-F]{6}", r"Loan disbursement - .+"),
            ("FIXED_DEPOSIT", r"FD[0-9A-F]{8}", r"Fixed deposit creation - FD\w{14} - Approved"),
        ],
    )
    def test_rows_are_written_in_the_branchs_words(
        self, history: History, txn_type: str, reference: str, description: str
    ) -> None:
        found = [row for row in history.rows if row.txn_type == txn_type]
        assert found
        for row in found:
            assert re.fullmatch(reference, row.reference)
            assert re.fullmatch(description, row.description)

    def test_balances_tie_for_ordinary_customers(self, history: History) -> None:
        sums = {key: plan.opening for key, plan in history.accounts.items()}
        for row in history.rows:
            sums[row.account] += signed(row.txn_type, row.amount)
        untied = {key for key in sums if sums[key] != history.balances[key]}
        assert untied == {UNEXPLAINED}

    @pytest.mark.parametrize("days", [0, 7, 8, 33, 98, 221])
    def test_no_ordinary_customer_was_ever_below_zero_on_whatever_day_it_is_made(self, days: int) -> None:
        now = NOON + timedelta(days=days)
        played = play(plan_accounts(now.date()), now)
        balances = {key: plan.opening for key, plan in played.accounts.items()}
        lowest = dict(balances)
        for row in played.rows:
            balances[row.account] += signed(row.txn_type, row.amount)
            lowest[row.account] = min(lowest[row.account], balances[row.account])
        assert {key for key, low in lowest.items() if low < 0} == {"otieno"}
        assert played.balances["emmanuel"] == Decimal("84406.50")

    def test_the_counter_keeps_its_hours(self, history: History) -> None:
        at_the_counter = [row.at for row in history.rows if row.txn_type in ("WITHDRAWAL", "CHEQUE_DEPOSIT")]
        assert at_the_counter
        for moment in at_the_counter:
            assert moment.weekday() < 5
            assert 8 * 60 + 30 <= moment.hour * 60 + moment.minute <= 16 * 60

    def test_salaries_come_once_a_month_near_its_end(self, history: History) -> None:
        paid = [r.at for r in history.rows if r.account == "emmanuel" and "Salary" in r.description]
        assert len(paid) == 18
        assert len({(moment.year, moment.month) for moment in paid}) == 18
        assert all(22 <= moment.day <= 27 for moment in paid)

    def test_both_legs_of_a_transfer_between_customers_are_there(self, history: History) -> None:
        numbers = {plan.number: key for key, plan in history.accounts.items()}
        out: Counter[tuple[Any, ...]] = Counter()
        into: Counter[tuple[Any, ...]] = Counter()
        for row in history.rows:
            words = row.description.split()
            if row.txn_type == "TRANSFER_OUT" and words[2] in numbers:
                out[(row.at, row.account, numbers[words[2]], row.amount)] += 1
            if row.txn_type == "TRANSFER_IN":
                into[(row.at, numbers[words[2]], row.account, row.amount)] += 1
        assert out == into
        assert out

    def test_the_stranger_has_nothing_in_common_with_anybody(self, history: History) -> None:
        number = history.accounts["grace"].number
        for row in history.rows:
            assert number not in row.description
            assert not (row.account == "grace" and row.txn_type == "TRANSFER_IN")

    def test_fees_are_those_of_the_tariff(self) -> None:
        assert [mobile_fee(amount) for amount in (10, 100, 101, 500, 1_500, 1_501, 150_000)] == [
            11, 11, 22, 22, 29, 44, 315,
        ]  # fmt: skip

    def test_pay_day_is_a_working_day(self) -> None:
        assert pay_day(date(2026, 12, 1), 26) == date(2026, 12, 24)
        assert working_day(date(2026, 11, 22)) == date(2026, 11, 20)


class TestHoldings:
    TODAY = NOON.date()

    def test_months_run_over_the_year(self) -> None:
        assert months_after(date(2026, 11, 10), 3) == date(2027, 2, 10)
        assert months_after(date(2026, 1, 10), -13) == date(2024, 12, 10)

    @pytest.mark.parametrize("person", [p for p in PEOPLE if p.loans], ids=lambda p: p.key)
    def test_what_is_left_of_a_loan_is_what_was_not_repaid(self, person: Any) -> None:
        for loan in loans_of(person, self.TODAY):
            assert loan.outstanding == loan.held.principal - sum(paid.principal for paid in loan.paid)
            assert all(paid.on < self.TODAY for paid in loan.paid)
            assert len(loan.loan_id) <= 20

    def test_a_loan_whose_time_is_over_is_repaid_to_the_cent(self) -> None:
        nuria = next(person for person in PEOPLE if person.key == "nuria")
        (loan,) = loans_of(nuria, self.TODAY)
        assert (loan.outstanding, loan.next_payment) == (Decimal(0), None)
        assert sum(paid.principal for paid in loan.paid) == 60_000

    def test_the_next_payment_is_not_in_the_past_unless_one_was_missed(self) -> None:
        for person in PEOPLE:
            for loan in loans_of(person, self.TODAY):
                if loan.next_payment:
                    assert (loan.next_payment < self.TODAY) is bool(loan.held.missed)

    def test_a_deposit_matures_with_simple_interest(self) -> None:
        emmanuel = PEOPLE[0]
        (deposit,) = deposits_of(emmanuel, self.TODAY)
        assert deposit.maturity_amount == Decimal("52250.00")
        assert deposit.matures > self.TODAY

    def test_premiums_are_paid_monthly_up_to_yesterday(self) -> None:
        (policy,) = policies_of(PEOPLE[0], self.TODAY)
        assert policy.paid_on[0] == policy.starts
        assert len(policy.paid_on) == 11
        assert policy.paid_on[-1] < self.TODAY


class TestFilledBank:
    def test_ids_follow_dates(self, bank: DemoBank) -> None:
        rows = apps.get_model("accounts", "AccountTransaction").objects.order_by("transaction_id")
        moments = list(rows.values_list("created_at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] <= NOON

    def test_times_are_stored_as_nairobi_wall_clock(self, bank: DemoBank) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT created_at FROM transactions WHERE description LIKE 'Salary%' LIMIT 1")
            stored = str(cursor.fetchone()[0])
        assert stored[11:13] == "09"

    def test_there_are_about_forty_personal_customers_and_two_businesses(self, bank: DemoBank) -> None:
        assert 38 <= customers().filter(business__isnull=True).count() <= 42
        assert customers().filter(business__isnull=False).count() == 3
        firms = apps.get_model("accounts", "Account").objects.filter(business__isnull=False)
        assert [account.account_number for account in firms] == ["BIZ1000001", "BIZ1000002"]
        assert all(account.customer_id is None for account in firms)

    def test_account_numbers_follow_the_branchs_rule(self, bank: DemoBank) -> None:
        for customer in bank.customers.values():
            assert customer.accounts[0].number == f"ACC{1_000_000 + customer.user_id}"

    def test_phones_occur_in_all_three_ways_and_none_twice(self, bank: DemoBank) -> None:
        phones = list(customers().values_list("phone_number", flat=True))
        digits = [re.sub(r"^(\+?254|0)", "", phone) for phone in phones]
        assert len(set(digits)) == len(digits)
        assert all(re.fullmatch(r"(7\d{2}|1[01]\d)\d{6}", number) for number in digits)
        assert {re.sub(r"(7|1).*", "", phone, count=1) for phone in phones} == {"0", "+254", "254"}

    def test_the_cast_is_complete(self, bank: DemoBank) -> None:
        users = apps.get_model("accounts", "User").objects
        for member in CAST:
            row = customers().get(email=member.email)
            assert row.full_name == member.name
            assert row.password_hash == member.password
            assert users.filter(customer_id=row.user_id).exists() is member.enrolled

    def test_the_enrolled_can_sign_in_with_the_printed_password(self, bank: DemoBank) -> None:
        user = apps.get_model("accounts", "User").objects.get(customer__email="emmanuel@wekeza.com")
        assert check_password("password123", user.password)
        assert user.known_phone == customers().get(email="emmanuel@wekeza.com").phone_number
        assert user.codedevice_set.filter(confirmed=True).count() == 1

    @pytest.mark.parametrize(
        ("email", "status"),
        [("emmanuel@wekeza.com", "ACTIVE"), ("fatuma@wekeza.com", "FROZEN"), ("dickson@wekeza.com", "DORMANT")],
    )
    def test_accounts_stand_as_promised(self, bank: DemoBank, email: str, status: str) -> None:
        assert account_of(email).status == status

    def test_the_odd_ones_are_as_promised(self, bank: DemoBank) -> None:
        assert account_of("otieno@wekeza.com").balance == Decimal("-3400.00")
        assert account_of("halima@wekeza.com").transactions.count() >= 20_000
        assert customers().get(email="rose@wekeza.com").is_active is False
        assert account_of("emmanuel@wekeza.com").balance == Decimal("84406.50")

    @pytest.mark.parametrize("email", ["emmanuel@wekeza.com", "nuria@wekeza.com"])
    def test_both_demo_customers_have_a_savings_and_a_current_account(self, bank: DemoBank, email: str) -> None:
        accounts = apps.get_model("accounts", "Account").objects.filter(customer__email=email).order_by("account_id")
        assert [getattr(getattr(account, "terms", None), "kind", "SAVINGS") for account in accounts] == [
            "SAVINGS",
            "CURRENT",
        ]

    @pytest.mark.parametrize("email", ["emmanuel@wekeza.com", "nuria@wekeza.com"])
    def test_both_demo_customers_look_alive_today(self, bank: DemoBank, email: str) -> None:
        days: dict[date, int] = defaultdict(int)
        for row in account_of(email).transactions.all():
            days[row.created_at.astimezone(clock.NAIROBI).date()] += 1
        assert days[NOON.date()]
        assert days[NOON.date() - timedelta(days=1)]
        assert len([day for day in days if (NOON.date() - day).days < 90]) > 30

    def test_loans_policies_and_deposits_belong_to_the_rows_that_paid_for_them(self, bank: DemoBank) -> None:
        descriptions = set(account_of("emmanuel@wekeza.com").transactions.values_list("description", flat=True))
        number = bank.customer("emmanuel").accounts[0].number
        loan = apps.get_model("lending", "LoanAccount").objects.get(account_number=number)
        policy = apps.get_model("insurance", "InsurancePolicy").objects.get(account_number=number)
        deposit = apps.get_model("savings", "FixedDeposit").objects.get(account__account_number=number)
        assert f"Loan repayment for Loan #{loan.loan_id} - Approved" in descriptions
        assert f"Insurance premium for policy {policy.policy_number} - Approved" in descriptions
        assert f"Fixed deposit creation - {deposit.fd_number} - Approved" in descriptions
        repaid = account_of("emmanuel@wekeza.com").transactions.filter(txn_type="LOAN_REPAYMENT")
        assert [row.amount for row in repaid] == [payment.payment_amount for payment in loan.payments.all()]

    def test_some_customers_have_a_file_at_the_branch_that_says_the_same(self, bank: DemoBank) -> None:
        files = {row.national_id: row for row in apps.get_model("accounts", "CifRecord").objects.all()}
        assert 15 <= len(files) < len(bank.customers)
        for row in customers().filter(national_id__in=list(files)):
            filed = files[row.national_id]
            assert filed.full_name == row.full_name
            assert filed.date_of_birth <= NOON.date().replace(year=NOON.year - 18)

    def test_the_branchs_own_lists_are_there(self, bank: DemoBank) -> None:
        assert apps.get_model("lending", "LoanProduct").objects.count() == 10
        assert apps.get_model("insurance", "InsuranceProduct").objects.count() == 4
        assert apps.get_model("accounts", "Branch").objects.count() == 6
        staff = apps.get_model("accounts", "StaffMember").objects.values_list("staff_code", flat=True)
        assert set(staff) == {
            "STAFF001", "TELLER001", "TELLER002", "REL001", "SUP001", "ADMIN001", "CREDIT001", "CASH001",
            "SUPPORT001", "SUPPORT002", "RISK001", "RISK002", "OPS001", "OPS002", "AUDIT001", "AUDIT002",
        }  # fmt: skip


class TestCommand:
    TABLES = ("users", "customers", "accounts", "transactions", "loan_accounts", "insurance_policies", "fixed_deposits")

    def run(self, *arguments: str) -> str:
        said = StringIO()
        call_command("demobank", *arguments, stdout=said)
        return said.getvalue()

    @pytest.fixture
    def ours(self, transactional_db: None) -> Iterator[None]:
        """A database whose branch tables the demo bank made: the test database's, claimed for the test."""
        DemoMarker.objects.create(created_at=NOON, made_by="demobank")
        yield
        DemoMarker.objects.all().delete()

    @pytest.mark.django_db(transaction=True)
    def test_a_second_run_does_nothing_and_a_reset_makes_the_same_bank(self, ours: None, settings: Any) -> None:
        settings.RAILS_NEED_CREDENTIALS = True  # no payments out: their references are drawn by chance
        with time_machine.travel(NOON, tick=False):
            assert "39 customers" in self.run()
            first = content_hash(*self.TABLES)
            assert "already there" in self.run()
            assert content_hash(*self.TABLES) == first
            self.run("--reset")
            assert content_hash(*self.TABLES) == first

    @pytest.mark.django_db(transaction=True)
    def test_a_reset_takes_the_days_doings_away(self, ours: None) -> None:
        self.run()
        customers().filter(email="grace@wekeza.com").update(is_active=False)
        apps.get_model("accounts", "User").objects.filter(customer__email="nuria@wekeza.com").delete()
        self.run("--reset")
        assert customers().get(email="grace@wekeza.com").is_active
        assert apps.get_model("accounts", "User").objects.filter(customer__email="nuria@wekeza.com").exists()
        assert apps.get_model("accounts", "Limit").objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("arguments", [(), ("--reset",)])
    def test_it_refuses_branch_tables_it_did_not_make_and_touches_nothing(self, arguments: tuple[str, ...]) -> None:
        assert schema.existing_branch_tables(connection)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO users (full_name, email, password_hash, kyc_tier, is_active, created_at) "
                "VALUES ('A Real Customer', 'real@example.com', 'x', 'TIER_1', 1, %s)",
                [datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)],
            )
        with pytest.raises(CommandError, match="already holds branch tables"):
            self.run(*arguments)
        assert customers().count() == 1
        assert not DemoMarker.objects.exists()
        assert not apps.get_model("accounts", "User").objects.exists()
