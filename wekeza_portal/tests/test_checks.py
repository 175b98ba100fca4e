"""The portal refuses to start where it would be unsafe. The refusals are seen from outside, in a process of its own."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from pytest_django import Settings

from wekeza_portal import checks, clock
from wekeza_portal.branch import schema
from wekeza_portal.rails import credentials
from wekeza_portal.rails.simulator import mpesa_keys
from wekeza_portal.staff.models import PortalSwitch

SECRET = "Zr8vLq2XwT6yBn4KdM9sHc3PfJ7gRt5UeQa1VbNxWz0YkSoIuDhFpGmCjEl"
FIELD_KEY = "pW4tXz9Kc2LmVb7NqRs5HdJf8GyTe3Ua"
PRODUCTION = {
    "SECRET_KEY": SECRET,
    "FIELD_KEYS": FIELD_KEY,
    "DATABASE_URL": "mysql://portal@127.0.0.1:1/wekeza_dfs_db",
    "ALLOWED_HOSTS": "bank.example.com",
    "SMS_USERNAME": "wekeza",
    "SMS_API_KEY": "key",
}
MPESA = {
    "PUBLIC_URL": "https://bank.example.com",
    "MPESA_SHORTCODE": "600100",
    "MPESA_PAYBILL_CONFIRMED": "600100",
    "MPESA_CONSUMER_KEY": "key",
    "MPESA_CONSUMER_SECRET": "secret",
    "MPESA_PASSKEY": "passkey",
    "MPESA_INITIATOR": "wekeza",
    "MPESA_INITIATOR_PASSWORD": "password",
    "MPESA_CERTIFICATE": mpesa_keys.make()[1],
    "RAIL_ADDRESSES": '{"mpesa": ["196.201.214.200"]}',
}
OURS = {*PRODUCTION, "DEMO", "TESTING", "DEBUG", "TLS", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}


RAILS = {
    "PUBLIC_URL": "https://bank.example.com",
    "PESALINK_CONSUMER_KEY": "key",
    "PESALINK_CONSUMER_SECRET": "secret",
    "PESALINK_ACCOUNT": "36001000001",
    "AIRTEL_CLIENT_ID": "id",
    "AIRTEL_CLIENT_SECRET": "secret",
    "AIRTEL_PIN": "4321",
    "BILLS_URL": "https://bills.example.com",
    "BILLS_KEY": "key",
    "RAIL_ADDRESSES": '{"bills": ["198.51.100.0/24"], "cdsc": ["192.0.2.1"], "pesalink": ["192.0.2.1"]}',
}


def manage(*arguments: str, without: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py ...` in production's environment, changed as said."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {**PRODUCTION, **changes}
    if without:
        environment[without] = ""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=project.BASE_DIR, capture_output=True, text=True, timeout=60)


def test_production_as_it_should_be_passes_every_check_and_djangos_own_for_deployment() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_with_m_pesa_of_its_own_it_passes_too() -> None:
    assert "no issues" in manage("check", "--deploy", "--fail-level", "WARNING", **MPESA).stdout


def test_another_banks_paybill_is_warned_of() -> None:
    assert "portal.W015" in manage("check", "--deploy", **{**MPESA, "MPESA_SHORTCODE": "522522"}).stderr


@pytest.mark.parametrize("confirmed", ["", "600101"])
def test_a_paybill_that_nobody_confirmed_is_warned_of(confirmed: str) -> None:
    assert "portal.W021" in manage("check", "--deploy", **{**MPESA, "MPESA_PAYBILL_CONFIRMED": confirmed}).stderr


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"EMAIL_HOST": "mail.example.com"}, {"portal.W022"}),
        ({"EMAIL_HOST": "mail.example.com", "EMAIL_USE_TLS": "1"}, set()),
        ({"DATABASE_URL": "mysql://portal@192.0.2.1/wekeza_dfs_db"}, {"portal.W023"}),
        ({"DATABASE_URL": "mysql://portal@192.0.2.1/wekeza_dfs_db?ssl_mode=VERIFY_IDENTITY"}, set()),
    ],
)
def test_a_line_in_the_clear_to_another_machine_is_named(changes: dict[str, str], named: set[str]) -> None:
    said = manage("check", "--deploy", **changes)
    assert {number for number in ("portal.W022", "portal.W023") if number in said.stderr + said.stdout} == named


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DEBUG": "1"}, "portal.E001"),
        ({"PESALINK_CONSUMER_KEY": "key"}, "PESALINK_CONSUMER_SECRET, PESALINK_ACCOUNT missing"),
        ({**RAILS, "AIRTEL_PIN": ""}, "portal.E016"),
        ({**RAILS, "BILLS_KEY": ""}, "portal.E016"),
        ({**RAILS, "AIRTEL_PIN_PADDING": "none"}, "portal.E016"),
        ({**RAILS, "BILLS_KEY": project.RAILSIM_SECRET}, "portal.E017"),
        ({"TKASH_URL": "https://tkash.example.com"}, "portal.E018"),
        ({**RAILS, "BILLS_URL": "http://bills.example.com"}, "portal.E008"),
        ({**RAILS, "PESALINK_URL": "http://127.0.0.1:8508/pesalink"}, "portal.E008"),
        ({**RAILS, "PUBLIC_URL": "http://bank.example.com"}, "portal.E008"),
        ({"SECRET_KEY": project.DEMO_SECRET_KEY}, "portal.E002"),
        ({"SECRET_KEY": "short"}, "portal.E002"),
        ({"DATABASE_URL": ""}, "portal.E003"),
        ({"FIELD_KEYS": ""}, "portal.E004"),
        ({"SMS_API_KEY": ""}, "portal.E005"),
        ({"ALLOWED_HOSTS": "*"}, "portal.E006"),
        ({"RAILSIM_URL": "http://127.0.0.1:8508"}, "portal.E007"),
        ({"RAILSIM_URL": "http://127.0.0.1:8508", "SMS_API_KEY": ""}, "portal.E005"),
        ({"SMS_API_KEY": project.RAILSIM_SECRET}, "portal.E005"),
        ({"SMS_API_URL": "http://127.0.0.1:8508/sms/version1/messaging"}, "portal.E008"),
        ({"RAIL_CALLBACK_URL": "http://bank.example.com"}, "portal.E008"),
        ({"RAIL_CALLBACK_KEYS": "short"}, "portal.E009"),
        ({"MPESA_CONSUMER_KEY": "key"}, "mpesa is set up by half: MPESA_CONSUMER_SECRET, MPESA_PASSKEY, "),
        ({**MPESA, "MPESA_CONSUMER_KEY": ""}, "portal.E016"),
        ({**MPESA, "MPESA_PASSKEY": project.RAILSIM_SECRET}, "portal.E017"),
        ({**MPESA, "MPESA_SHORTCODE": ""}, "portal.E014"),
        ({**MPESA, "MPESA_INITIATOR": ""}, "portal.E014"),
        ({**MPESA, "MPESA_CERTIFICATE": "/nowhere/safaricom.pem"}, "portal.E014"),
        ({**MPESA, "MPESA_CERTIFICATE": "/"}, "portal.E014"),
        ({**MPESA, "MPESA_CERTIFICATE": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}, "portal.E014"),
        ({**MPESA, "MPESA_URL": "http://127.0.0.1:8508/mpesa"}, "portal.E008"),
        ({**MPESA, "PUBLIC_URL": "http://bank.example.com"}, "portal.E008"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ],
)
def test_it_refuses_to_start_with(changes: dict[str, str], expected: str) -> None:
    result = manage("check", **changes)
    assert result.returncode != 0
    assert expected in result.stderr


def test_with_every_rail_set_up_it_passes_too() -> None:
    assert "no issues" in manage("check", "--deploy", "--fail-level", "WARNING", **RAILS).stdout


def bank_of_somebody_else(folder: Path) -> str:
    path = folder / "bank.sqlite3"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE users (user_id INTEGER PRIMARY KEY, email TEXT)")
    database.commit()
    database.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("command", [["check"], ["migrate"], ["runworker"], ["rundemo"]])
def test_the_demo_never_opens_on_tables_that_demobank_did_not_make(tmp_path: Path, command: list[str]) -> None:
    result = manage(*command, DEMO="1", DATABASE_URL=bank_of_somebody_else(tmp_path), PORT="0")
    assert result.returncode != 0
    assert "portal.E010" in result.stderr
    database = sqlite3.connect(tmp_path / "bank.sqlite3")
    assert database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("users",)]
    database.close()


def test_the_web_server_refuses_what_the_checks_refuse() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {**PRODUCTION, "DEBUG": "1", "DATABASE_URL": "", "PORT": "0"}
    command = [sys.executable, "-m", "gunicorn", "-c", "wekeza_portal/gunicorn.py", "wekeza_portal.wsgi"]
    result = subprocess.run(
        command, env=environment, cwd=project.BASE_DIR, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode != 0
    assert "portal.E001" in result.stderr
    assert "portal.E003" in result.stderr


# --- The rules themselves -----------------------------------------------------------------------------------------


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.TESTING = settings.DEMO = settings.DEBUG = False
    settings.SECRET_KEY, settings.FIELD_KEYS = SECRET, [FIELD_KEY]
    settings.SMS_API_KEY, settings.SMS_USERNAME = "key", "wekeza"
    settings.ALLOWED_HOSTS = ["bank.example.com"]
    return settings


def found() -> set[str]:
    return {str(message.id) for message in checks.production_settings()} - {"portal.E003"}


def test_nothing_is_wrong_with_good_settings(production: Settings) -> None:
    assert found() == set()


@pytest.mark.parametrize("secret", ["a" * 60, "abcd" * 20, "django-insecure-" + SECRET, SECRET[:49]])
def test_a_weak_secret_is_refused(production: Settings, secret: str) -> None:
    production.SECRET_KEY = secret
    assert found() == {"portal.E002"}


@pytest.mark.parametrize("keys", [[], ["short"], [FIELD_KEY, "short"], [SECRET], ["a" * 40]])
def test_weak_missing_or_borrowed_field_keys_are_refused(production: Settings, keys: list[str]) -> None:
    production.FIELD_KEYS = keys
    assert found() == {"portal.E004"}


def test_the_demo_needs_none_of_this(production: Settings) -> None:
    production.DEMO, production.SECRET_KEY, production.FIELD_KEYS = True, production.DEMO_SECRET_KEY, []
    assert checks.production_settings() == []


@pytest.mark.parametrize(("ours", "expected"), [(True, []), (False, ["portal.E010"])])
@pytest.mark.django_db
def test_the_demo_looks_for_the_mark_of_demobank(production: Settings, ours: bool, expected: list[str]) -> None:
    production.DEMO = True
    with mock.patch.object(schema, "demo_tables_are_ours", return_value=ours):
        assert [message.id for message in checks.demo_stands_on_its_own_tables()] == expected


@pytest.mark.parametrize(("filled", "expected"), [(True, ["portal.E011"]), (False, [])])
@pytest.mark.django_db
def test_a_bank_is_never_served_from_demo_data(production: Settings, filled: bool, expected: list[str]) -> None:
    with mock.patch.object(schema, "demo_tables_are_ours", return_value=filled):
        assert [message.id for message in checks.no_demo_data_in_production(databases=["default"])] == expected


@pytest.mark.django_db
def test_a_rail_that_is_on_without_credentials_is_named_until_it_is_switched_off(production: Settings) -> None:
    def named() -> list[str]:
        return [message.msg.split()[0] for message in checks.rails_are_set_up(databases=["default"])]

    PortalSwitch.objects.filter(code="TKASH").delete()
    assert named() == ["AIRTEL_MONEY", "BILLS", "CARDS", "CDSC", "MPESA", "PESALINK", "TKASH"]
    off = {"is_on": False, "since": clock.today(), "changed_at": clock.now()}
    PortalSwitch.objects.create(code="TKASH", **off)
    production.BILLS_URL, production.BILLS_KEY = "https://bills.example.com", "key"
    assert named() == ["AIRTEL_MONEY", "CARDS", "CDSC", "MPESA", "PESALINK"]
    production.DEMO = True
    assert named() == []


def test_a_company_that_may_call_back_from_anywhere_is_named_until_its_addresses_are(production: Settings) -> None:
    def named() -> list[str]:
        return [message.msg.split(":")[0].split()[-1] for message in checks._open_doors()]

    assert named() == []  # nobody is set up, so nobody calls back
    production.BILLS_URL, production.BILLS_KEY = "https://bills.example.com", "key"
    for name in credentials.PESALINK:
        setattr(production, name, "given")
    assert named() == ["bills", "cdsc", "pesalink"]
    production.RAIL_ADDRESSES = {"bills": ["198.51.100.7"], "cdsc": ["192.0.2.1"], "pesalink": []}
    assert named() == ["pesalink"]
    assert [message.id for message in checks.production_settings() if message.id == "portal.W020"] == ["portal.W020"]


def test_a_card_processor_whose_pages_are_not_https_or_who_may_call_from_anywhere_is_named(
    production: Settings,
) -> None:
    production.CARDS_URL, production.CARDS_KEY = "https://cards.example.com", "a key"
    assert "portal.E016" in [message.id for message in checks.production_settings()]
    production.CARDS_PAGES = "http://cards.example.com/looks"
    found = [(message.id, message.msg) for message in checks.production_settings()]
    assert ("portal.E008", "CARDS_PAGES is not https.") in found
    assert "portal.E016" not in dict(found)
    assert "cards" in dict(found)["portal.W020"]
    production.CARDS_KEY = production.RAILSIM_SECRET
    assert "portal.E017" in [message.id for message in checks.production_settings()]


def test_airtel_money_never_calls_back_so_nobody_asks_for_its_addresses(production: Settings) -> None:
    for name in credentials.NEEDED["airtel_money"]:
        setattr(production, name, "given")
    assert list(checks._open_doors()) == []


@pytest.mark.mariadb
@pytest.mark.django_db
def test_the_database_as_we_connect_to_it_is_fit_for_money() -> None:
    assert checks.server_keeps_what_it_confirms(databases=["default"]) == []


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_reads_old_balances_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    try:
        assert [m.id for m in checks.server_keeps_what_it_confirms(databases=["default"])] == ["portal.E012"]
    finally:
        connection.close()


@pytest.mark.mariadb
@pytest.mark.django_db
def test_a_server_that_may_forget_commits_is_named() -> None:
    with mock.patch.object(checks, "_mysql_settings", return_value=("READ-COMMITTED", "2")):
        assert [m.id for m in checks.server_keeps_what_it_confirms(databases=["default"])] == ["portal.W013"]


def test_the_test_suites_own_switch_serves_nobody() -> None:
    with pytest.raises(ImproperlyConfigured, match="TESTING"):
        checks.refuse_unsafe_start()


def test_a_database_that_cannot_be_asked_is_a_refusal(production: Settings) -> None:
    away = mock.Mock(side_effect=OperationalError(2002, "gone"))
    with (
        mock.patch.object(checks, "CHECKS", (away,)),
        mock.patch.object(checks.connections, "close_all"),
        pytest.raises(ImproperlyConfigured, match="cannot be asked"),
    ):
        checks.refuse_unsafe_start()


def test_a_warning_does_not_stop_the_bank(production: Settings) -> None:
    warned = mock.Mock(return_value=[checks.Warning("slow disk", id="portal.W013")])
    with mock.patch.object(checks, "CHECKS", (warned,)), mock.patch.object(checks.connections, "close_all"):
        checks.refuse_unsafe_start()
    warned.assert_called_once_with(databases=["default"])
