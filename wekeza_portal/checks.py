"""What the portal refuses to start with. Every `manage.py` command and every web server runs these first.

What needs a look into the database runs with `check --database default`, at `migrate`, and when the web server or the
worker starts (`refuse_unsafe_start`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections

from wekeza_portal.rails import credentials

SHORTEST_SECRET = 50
SHORTEST_FIELD_KEY = 32
FEWEST_DIFFERENT_CHARACTERS = 5
OTHER_BANKS_PAYBILL = "522522"


def _in_production() -> bool:
    return not settings.DEMO and not settings.TESTING


@register(Tags.security)
def production_settings(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Outside the demo: no DEBUG, real secrets, the bank's own database, and a way to send codes."""
    return list(_production_faults()) if _in_production() else []


def _production_faults() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("DEBUG is on: error pages would show customers' data.", hint="Unset DEBUG.", id="portal.E001")
    if not _is_strong(settings.SECRET_KEY, SHORTEST_SECRET):
        yield Error(
            "SECRET_KEY is a default or too easy to guess.",
            hint=f"At least {SHORTEST_SECRET} random characters.",
            id="portal.E002",
        )
    if connection.vendor == "sqlite":
        yield Error(
            "The database is SQLite, which is for the demo only: it has no row locks.",
            hint="Set DATABASE_URL to the bank's MySQL or MariaDB, or DEMO=1 for the demo bank.",
            id="portal.E003",
        )
    yield from _field_key_faults()
    yield from _credential_faults()
    if not settings.SMS_API_KEY or not settings.SMS_USERNAME:
        yield Error("SMS_API_KEY and SMS_USERNAME are not set: nobody could receive a sign-in code.", id="portal.E005")
    yield from _rail_faults()
    yield from _open_lines()
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS allows every host name.", hint="List the portal's own names.", id="portal.E006")


def _rail_faults() -> Iterator[CheckMessage]:
    """Money and codes go to real companies, over TLS, and never to the simulator."""
    if settings.RAILSIM_URL:
        yield Error("RAILSIM_URL is set: customers' money would go to the simulator.", id="portal.E007")
    addresses = {"SMS_API_URL": settings.SMS_API_URL}
    if settings.RAIL_CALLBACK_URL != settings.PUBLIC_URL:
        addresses["RAIL_CALLBACK_URL"] = settings.RAIL_CALLBACK_URL
    if not credentials.missing("mpesa"):
        yield from _mpesa_faults()
    for name, address in addresses.items():
        if urlsplit(address).scheme != "https":
            yield Error(f"{name} is not https.", id="portal.E008")
    if settings.SMS_API_KEY == settings.RAILSIM_SECRET:
        yield Error("SMS_API_KEY is the simulator's.", id="portal.E005")
    if not all(_is_strong(key, SHORTEST_FIELD_KEY) for key in settings.RAIL_CALLBACK_KEYS):
        hint = f"At least {SHORTEST_FIELD_KEY} random characters each."
        yield Error("A key in RAIL_CALLBACK_KEYS is too easy to guess.", hint=hint, id="portal.E009")


def _open_lines() -> Iterator[CheckMessage]:
    """What leaves this machine in the clear: messages with codes on their way, and everything the database is asked."""
    by_smtp = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    if by_smtp and not settings.EMAIL_USE_TLS and settings.EMAIL_HOST not in settings.THIS_MACHINE:
        text = "Messages go to EMAIL_HOST in the clear, codes among them."
        yield Warning(text, hint="Set EMAIL_USE_TLS=1.", id="portal.W022")
    database = settings.DATABASES["default"]
    host = database.get("HOST", "")
    # A path is a socket.
    is_near = not host or host in settings.THIS_MACHINE or host.startswith("/")
    if connection.vendor == "mysql" and not is_near and not {"ssl", "ssl_mode"} & set(database["OPTIONS"]):
        hint = "Add ?ssl_mode=VERIFY_IDENTITY to DATABASE_URL, with the certificate the server shows trusted here."
        yield Warning("What the database is asked goes over the network in the clear.", hint=hint, id="portal.W023")


def _mpesa_faults() -> Iterator[CheckMessage]:
    """A credential that can't be made would hold customers' money; another bank's paybill would give it away."""
    from wekeza_portal.rails.mpesa import NO_CREDENTIAL, security_credential

    for name in ("MPESA_SHORTCODE", "MPESA_INITIATOR"):
        if not getattr(settings, name):
            yield Error(f"M-Pesa is set up without {name}.", id="portal.E014")
    try:
        security_credential()
    except NO_CREDENTIAL as error:
        hint = "The path of Safaricom's certificate, readable for the portal, or its PEM text itself."
        text = f"MPESA_CERTIFICATE cannot be used: {type(error).__name__}."
        yield Error(text, hint=hint, id="portal.E014")
    if settings.MPESA_SHORTCODE == OTHER_BANKS_PAYBILL:
        hint = "Set MPESA_SHORTCODE to the bank's own paybill."
        yield Warning(f"{OTHER_BANKS_PAYBILL} is another bank's public paybill.", hint=hint, id="portal.W015")
    if settings.MPESA_PAYBILL_CONFIRMED != settings.MPESA_SHORTCODE:
        hint = "Set MPESA_PAYBILL_CONFIRMED to the number in the bank's contract with Safaricom, or leave deposits off."
        yield Warning("MPESA_PAYBILL_CONFIRMED is not MPESA_SHORTCODE: no deposits.", hint=hint, id="portal.W021")


def _field_key_faults() -> Iterator[CheckMessage]:
    keys = settings.FIELD_KEYS
    if not keys:
        yield Error("FIELD_KEYS is not set: stored codes could not be encrypted.", id="portal.E004")
    elif not all(_is_strong(key, SHORTEST_FIELD_KEY) for key in keys):
        hint = f"At least {SHORTEST_FIELD_KEY} random characters each."
        yield Error("A key in FIELD_KEYS is too easy to guess.", hint=hint, id="portal.E004")
    elif settings.SECRET_KEY in keys:
        yield Error("FIELD_KEYS must not repeat SECRET_KEY.", id="portal.E004")


def _credential_faults() -> Iterator[CheckMessage]:
    """A rail is set up whole, with a real company, or not at all: then it is not offered."""
    names: set[str] = set()
    for rail, needed in credentials.NEEDED.items():
        if credentials.is_half(rail):
            text = f"{rail} is set up by half: {', '.join(credentials.missing(rail))} missing."
            yield Error(text, hint="Set all of them, or none.", id="portal.E016")
        if not credentials.missing(rail):
            names |= {credentials.ADDRESSES.get(rail, "RAIL_CALLBACK_URL"), "RAIL_CALLBACK_URL"}
            names |= credentials.PAGES.get(rail, set())
        if any(getattr(settings, name) == settings.RAILSIM_SECRET for name in needed):
            yield Error(f"{rail} is set up with the simulator's secret.", id="portal.E017")
    for name in sorted(names):
        if urlsplit(getattr(settings, name)).scheme != "https":
            yield Error(f"{name} is not https.", id="portal.E008")
    yield from _open_doors()
    if settings.TKASH_URL:
        yield Error("TKASH_URL is set: T-Kash exists in the simulator only.", id="portal.E018")
    if settings.AIRTEL_PIN_PADDING not in {"pkcs1v15", "oaep"}:
        yield Error("AIRTEL_PIN_PADDING is neither pkcs1v15 nor oaep.", id="portal.E016")


def _open_doors() -> Iterator[CheckMessage]:
    """A callback's secret path is one lock; where its company calls from is the other."""
    from wekeza_portal.registry import callback_handlers

    calling = {name.partition(".")[0] for name, _handler in callback_handlers.items()}
    for rail in credentials.NEEDED:
        if rail in calling and not credentials.missing(rail) and not settings.RAIL_ADDRESSES.get(rail):
            yield Warning(
                f"Anybody who knows the address may call back as {rail}: RAIL_ADDRESSES does not name it.",
                hint="Name the addresses and networks it calls from.",
                id="portal.W020",
            )


def _is_strong(secret: str, shortest: int) -> bool:
    return (
        len(secret) >= shortest
        and len(set(secret)) >= FEWEST_DIFFERENT_CHARACTERS
        and secret != settings.DEMO_SECRET_KEY
        and not secret.startswith(("django-insecure-", "demo-only"))
    )


@register(Tags.security)
def demo_stands_on_its_own_tables(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """DEMO shows everybody's codes on a page, so it opens only on branch tables that `demobank` itself made."""
    from wekeza_portal.branch.schema import demo_tables_are_ours

    if not settings.DEMO or settings.TESTING:
        return []
    if demo_tables_are_ours() or not _has_branch_tables():
        return []
    return [
        Error(
            "DEMO is on, but the branch's tables in this database were not made by demobank.",
            hint="Unset DEMO to serve a bank's database.",
            id="portal.E010",
        )
    ]


def _has_branch_tables() -> bool:
    return bool({"users", "accounts", "transactions"} & set(connection.introspection.table_names()))


@register(Tags.database)
def no_demo_data_in_production(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A database that demobank filled is never a bank's: its customers' passwords are printed on the screen."""
    from wekeza_portal.branch.schema import demo_tables_are_ours

    if not databases or not _in_production() or not demo_tables_are_ours():
        return []
    return [Error("This database was filled by demobank; the portal will not serve it as a bank.", id="portal.E011")]


@register(Tags.database)
def server_keeps_what_it_confirms(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """MariaDB: READ COMMITTED, or locked reads see old balances; a commit on disk before it is confirmed."""
    if not databases or connection.vendor != "mysql":
        return []
    found: list[CheckMessage] = []
    isolation, flush = _mysql_settings()
    if isolation.replace("-", " ").upper() != "READ COMMITTED":
        found.append(Error(f"Transactions run at {isolation}; the ledger needs READ COMMITTED.", id="portal.E012"))
    if flush != "1":
        found.append(
            Warning(
                f"innodb_flush_log_at_trx_commit is {flush}: a power cut can lose confirmed payments.",
                hint="Set it to 1 on the database server.",
                id="portal.W013",
            )
        )
    return found


@register(Tags.database)
def rails_are_set_up(app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A rail that is switched on without credentials pays nobody: customers read that it is not available yet."""
    from wekeza_portal.staff import switches

    if not databases or not _in_production() or "portal_switch" not in connection.introspection.table_names():
        return []
    idle = [rail for rail in credentials.NEEDED if credentials.missing(rail) and switches.is_on(rail.upper())]
    return [
        Warning(
            f"{rail.upper()} is switched on without {', '.join(credentials.missing(rail))}.",
            hint="Set it up, or switch it off with a notice.",
            id="portal.W019",
        )
        for rail in idle
    ]


def _mysql_settings() -> tuple[str, str]:
    """(isolation of this session, flush setting), under the names that MariaDB and MySQL 8 both know."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')")
        isolation = str(cursor.fetchall()[0][1])
        cursor.execute("SHOW VARIABLES LIKE 'innodb_flush_log_at_trx_commit'")
        return isolation, str(cursor.fetchall()[0][1])


CHECKS: tuple[Callable[..., list[CheckMessage]], ...] = (
    production_settings,
    demo_stands_on_its_own_tables,
    no_demo_data_in_production,
    server_keeps_what_it_confirms,
    rails_are_set_up,
)


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every fault found; called by wsgi.py and the worker before they serve.

    A database that cannot be asked is a refusal too: whoever starts us starts us again. Leaves no connection open,
    because the web server forks after this.
    """
    if settings.TESTING:
        raise ImproperlyConfigured("TESTING is for the test suite and never serves anybody.")
    try:
        faults = [message for check in CHECKS for message in check(databases=["default"])]
    except DatabaseError as error:
        raise ImproperlyConfigured(f"The database cannot be asked whether it is safe to start: {error}") from error
    finally:
        connections.close_all()
    serious = [f"{fault.id} {fault.msg}" for fault in faults if fault.is_serious()]
    if serious:
        raise ImproperlyConfigured("The portal refuses to start:\n  " + "\n  ".join(serious))
