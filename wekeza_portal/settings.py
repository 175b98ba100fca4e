"""All settings of the portal, read from the environment through django-environ.

Production is the default. `.env.example` lists every variable. `DEMO=1` opens the embedded demo bank
(`make run` sets it when no DATABASE_URL is given); `wekeza_portal.checks` refuses unsafe combinations.
"""

import os
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")
# What the portal makes for itself on this machine: collected static files, the demo bank.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
if sys.argv[1:2] == ["rundemo"] and not env.str("DATABASE_URL", default=""):
    os.environ["DEMO"] = "1"  # for this process and those it starts
    os.environ.setdefault("RAILSIM_URL", f"http://127.0.0.1:{env.int('PORT', default=8507) + 1}")

VERSION = "0.1.0"
RELEASE_DATE = "2026-11-23"

DEMO = env.bool("DEMO", default=False)
TESTING = env.bool("TESTING", default=False)
DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8507)
BIND = env.str("BIND", default="127.0.0.1")
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=8)

DEMO_SECRET_KEY = "demo-only-secret-key-never-for-a-real-bank-000000000000000000000000"  # noqa: S105 - refused outside DEMO
SECRET_KEY = env.str("SECRET_KEY", default="") or (DEMO_SECRET_KEY if DEMO else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Put a long random value in the environment; see .env.example.")

# Key material for what is stored encrypted (codes in the outbox, kept forms) and for keyed hashes. Several keys,
# newest first, allow rotation. Outside the demo it must not be derived from SECRET_KEY.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])

THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or (THIS_MACHINE if DEMO or TESTING else [])
if DEMO and "127.0.0.1" not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append("127.0.0.1")  # by which the rail simulator calls
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://localhost:{PORT}")
# Address of the proxy in front, whose X-Forwarded-For may be believed; empty means nobody's.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "wekeza_portal.staff",  # before Django's admin, whose sites and pages it replaces
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django_otp",
    "wekeza_portal.apps.PlatformConfig",
    "wekeza_portal.branch",
    "wekeza_portal.audit",
    "wekeza_portal.rails",
    "wekeza_portal.notifications",
    "wekeza_portal.documents",
    "wekeza_portal.jobs",
    "wekeza_portal.uploads",
    "accounts",
    "transfers",
    "lending",
    "insurance",
    "savings",
    "statements",
]

# From the outside in. What every answer must carry comes before whatever may answer early (redirect, file, error).
MIDDLEWARE = [
    "wekeza_portal.middleware.RequestIdMiddleware",
    "wekeza_portal.middleware.ResponseHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "wekeza_portal.middleware.KnownMethodsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wekeza_portal.middleware.DataUsedMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "wekeza_portal.middleware.ServiceUnavailableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.identity.middleware.UserMiddleware",
    "accounts.identity.middleware.LazyOTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.identity.middleware.SignedInMiddleware",
    "wekeza_portal.pages.ErrorPageMiddleware",
]

ROOT_URLCONF = "wekeza_portal.urls"
WSGI_APPLICATION = "wekeza_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["wekeza_portal.templatetags.dates"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",  # Django's admin asks for it
                "django.contrib.messages.context_processors.messages",
                "wekeza_portal.context.portal",
                "accounts.context.standing",
            ],
        },
    },
]

# --- Database: the bank's, shared with the branch software -------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default="")
# The user who owns the portal's tables, for the commands that change them; those that serve need less: see printgrants.
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
_database_url = DATABASE_URL or f"sqlite:///{VAR_DIR / 'demo.sqlite3'}"
if DATABASE_OWNER_URL and sys.argv[1:2] in (["migrate"], ["guardtables"], ["printgrants"]):
    _database_url = DATABASE_OWNER_URL
DATABASES = {"default": env.db_url_config(_database_url)}
# Every date column of the branch holds Nairobi wall-clock time; ours do too, so that one query can compare them.
DATABASES["default"]["TIME_ZONE"] = "Africa/Nairobi"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        charset="utf8mb4",
        isolation_level="read committed",
        connect_timeout=2,
        init_command=(
            "SET SESSION innodb_lock_wait_timeout=5, "
            "SESSION sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
        ),
    )
    if DATABASE_TIMEOUT := env.int("DATABASE_TIMEOUT", default=0):
        # A server that hangs without closing its connections is given up after this long. Reconnecting is part of a
        # request: it gets less.
        DATABASES["default"]["OPTIONS"].update(
            connect_timeout=1, read_timeout=DATABASE_TIMEOUT, write_timeout=DATABASE_TIMEOUT
        )
else:
    VAR_DIR.mkdir(exist_ok=True)
    # Without IMMEDIATE, concurrent writers fail at once with "database is locked" whatever the timeout.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Identity ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.identity.backends.CustomerBackend"]
PASSWORD_HASHERS = [
    "accounts.identity.hashers.PortalArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
OTP_LOGIN_URL = "login"

SESSION_ENGINE = "accounts.identity.sessionstore"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=10 * 60)
SESSION_WARNING_SECONDS = 2 * 60
SESSION_ABSOLUTE_SECONDS = 8 * 60 * 60
# Django's own row outlives ours, so that it is our door that ends a session, keeps what was typed and says why.
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS + 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "wekeza_portal.pages.csrf_failure"
# Outside the demo, enrolment replaces the branch's readable password by a value that opens nothing.
REPLACE_BRANCH_SECRET = env.bool("REPLACE_BRANCH_SECRET", default=not DEMO)

# --- Transport ---------------------------------------------------------------------------------------------------

TLS = env.bool("TLS", default=not DEMO and not TESTING)
SECURE_SSL_REDIRECT = TLS
# Asked by supervisors on this machine; and other companies, who would not notice that they had sent in the clear.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^rails/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 63072000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS
SESSION_COOKIE_NAME = "__Host-session" if TLS else "wekeza_session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "wekeza_csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if TLS else "wekeza_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
# Light or dark and how large, for the pages before signing in.
LOOK_COOKIE_NAME = "__Host-look" if TLS else "wekeza_look"
LOOK_COOKIE_AGE = 365 * 24 * 60 * 60
# How many bytes this session has cost the data bundle.
DATA_COOKIE_NAME = "__Host-data" if TLS else "data_used"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}

# --- Language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("sw", _("Kiswahili"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["wekeza_portal.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Africa/Nairobi"

# --- Files -------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "wekeza_portal.documents.storage.EncryptedDatabaseStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "wekeza_portal.assets.PortalStaticFilesStorage"
    },
}
# Uploads stay in memory and never touch a disk; a request larger than this (5 MB and its form) loses its files unread.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024 + 64 * 1024
# The socket of a virus scanner (clamd) that looks at every upload; while it can't be reached nothing is accepted.
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
# Papers handed in are deleted after this many days: seven years, as customer records must be kept that long.
UPLOAD_RETENTION_DAYS = env.int("UPLOAD_RETENTION_DAYS", default=2557)
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING

# --- The outside world -------------------------------------------------------------------------------------------

# The rail simulator plays every other company for the demo and the tests (`manage.py railsim`); never in production.
RAILSIM_URL = env.str("RAILSIM_URL", default="")
# Seconds until the simulated companies report back.
RAILSIM_DELAY = env.int("RAILSIM_DELAY", default=2)
RAILSIM_SECRET = "simulated"  # noqa: S105 - what the simulator takes for a key or a password; refused outside the demo


def _at(path: str, real: str) -> str:
    """`path` ("company/rest") at the simulator if there is one, else the rest of it at the `real` company."""
    rest = path.partition("/")[2]
    return f"{RAILSIM_URL}/{path}" if RAILSIM_URL else f"{real}/{rest}".rstrip("/")


# Where other companies reach /rails/.
RAIL_CALLBACK_URL = env.str("RAIL_CALLBACK_URL", default=f"http://127.0.0.1:{PORT}" if RAILSIM_URL else PUBLIC_URL)
# Keys of the secret addresses below /rails/, newest first; the newest is what companies are told. Default: FIELD_KEYS.
RAIL_CALLBACK_KEYS = env.list("RAIL_CALLBACK_KEYS", default=[])
# Addresses and networks each company calls from, as JSON; one that is not named may call from anywhere (W020).
RAIL_ADDRESSES = env.json("RAIL_ADDRESSES", default={})
# A rail without its credentials is not offered; tests play the companies they need.
RAILS_NEED_CREDENTIALS = not TESTING

# PesaLink and the brokers' accounts through a partner bank: credentials and the account that pays there.
PESALINK_URL = env.str("PESALINK_URL", default=_at("pesalink", "https://openapi.co-opbank.co.ke"))
PESALINK_CONSUMER_KEY = env.str("PESALINK_CONSUMER_KEY", default=RAILSIM_SECRET if RAILSIM_URL else "")
PESALINK_CONSUMER_SECRET = env.str("PESALINK_CONSUMER_SECRET", default=RAILSIM_SECRET if RAILSIM_URL else "")
PESALINK_ACCOUNT = env.str("PESALINK_ACCOUNT", default="36001000001" if RAILSIM_URL else "")

# Airtel Money. How the PIN is padded before it is encrypted and the version of the paths are Airtel's word.
AIRTEL_URL = env.str("AIRTEL_URL", default=_at("airtel_money", "https://openapi.airtel.africa"))
AIRTEL_CLIENT_ID = env.str("AIRTEL_CLIENT_ID", default=RAILSIM_SECRET if RAILSIM_URL else "")
AIRTEL_CLIENT_SECRET = env.str("AIRTEL_CLIENT_SECRET", default=RAILSIM_SECRET if RAILSIM_URL else "")
AIRTEL_PIN = env.str("AIRTEL_PIN", default=RAILSIM_SECRET if RAILSIM_URL else "")
AIRTEL_PIN_PADDING = env.str("AIRTEL_PIN_PADDING", default="pkcs1v15")
AIRTEL_API_VERSION = env.str("AIRTEL_API_VERSION", default="v2")

# The company that takes bills and airtime for us; see docs/rails.md for what it has to speak.
BILLS_URL = env.str("BILLS_URL", default=f"{RAILSIM_URL}/bills" if RAILSIM_URL else "")
BILLS_KEY = env.str("BILLS_KEY", default=RAILSIM_SECRET if RAILSIM_URL else "")

# The company that makes our cards and asks us about each use (docs/cards.md): where it is called, the key that signs
# every message in both directions, and where its pages begin that show a PIN or a virtual card's number once.
CARDS_URL = env.str("CARDS_URL", default=f"{RAILSIM_URL}/cards" if RAILSIM_URL else "")
CARDS_KEY = env.str("CARDS_KEY", default=RAILSIM_SECRET if RAILSIM_URL else "")
CARDS_PAGES = env.str("CARDS_PAGES", default=f"{RAILSIM_URL}/cards/looks" if RAILSIM_URL else "")

# T-Kash publishes no interface: the simulator alone, and refused in production.
TKASH_URL = env.str("TKASH_URL", default=f"{RAILSIM_URL}/tkash" if RAILSIM_URL else "")

# Safaricom's Daraja; not offered without its credentials. 522522 is another bank's public paybill.
MPESA_URL = env.str("MPESA_URL", default=_at("mpesa", "https://api.safaricom.co.ke"))
MPESA_SHORTCODE = env.str("MPESA_SHORTCODE", default="522522")
# The same number once more, written by whoever has seen it in the bank's own contract: only then customers are told it.
MPESA_PAYBILL_CONFIRMED = env.str("MPESA_PAYBILL_CONFIRMED", default=MPESA_SHORTCODE if RAILSIM_URL or TESTING else "")
MPESA_CONSUMER_KEY = env.str("MPESA_CONSUMER_KEY", default=RAILSIM_SECRET if RAILSIM_URL else "")
MPESA_CONSUMER_SECRET = env.str("MPESA_CONSUMER_SECRET", default=RAILSIM_SECRET if RAILSIM_URL else "")
MPESA_PASSKEY = env.str("MPESA_PASSKEY", default=RAILSIM_SECRET if RAILSIM_URL else "")
MPESA_INITIATOR = env.str("MPESA_INITIATOR", default="wekeza")
MPESA_INITIATOR_PASSWORD = env.str("MPESA_INITIATOR_PASSWORD", default=RAILSIM_SECRET if RAILSIM_URL else "")
# Safaricom's certificate for the initiator's password: a file's path, or the PEM text itself.
MPESA_CERTIFICATE = env.str("MPESA_CERTIFICATE", default=str(VAR_DIR / "railsim-mpesa.pem") if RAILSIM_URL else "")
# Codes by which a status query says that an order never reached M-Pesa. Safaricom documents none: until it has told
# the bank, such an order stays with staff.
MPESA_NOT_FOUND_CODES = env.list("MPESA_NOT_FOUND_CODES", default=["2032"] if RAILSIM_URL else [])

# --- Messages ----------------------------------------------------------------------------------------------------

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Wekeza Bank <no-reply@wekeza.com>")
SMS_API_URL = env.str("SMS_API_URL", default=_at("sms/version1/messaging", "https://api.africastalking.com"))
SMS_USERNAME = env.str("SMS_USERNAME", default="sandbox" if RAILSIM_URL else "")
SMS_API_KEY = env.str("SMS_API_KEY", default=RAILSIM_SECRET if RAILSIM_URL else "")
SMS_SENDER_ID = env.str("SMS_SENDER_ID", default="WEKEZA")

# How long a message stays in the customer's inbox, read or not: 24 months, a leap day inside.
INBOX_KEEP_DAYS = env.int("INBOX_KEEP_DAYS", default=731)

# How many days a rate may be old that is shown beside a balance; with an older one no foreign money is shown.
INDICATIVE_RATE_DAYS = env.int("INDICATIVE_RATE_DAYS", default=7)

# --- The bank's own face -----------------------------------------------------------------------------------------

BANK_NAME = env.str("BANK_NAME", default="Wekeza")
PORTAL_NAME = env.str("PORTAL_NAME", default="Wekeza Personal Banking")
THEME_COLOUR = env.str("THEME_COLOUR", default="#074029")
# A path under static/: the mark in the header and in the browser's tab.
BANK_MARK = env.str("BANK_MARK", default="favicon.svg")
SUPPORT_PHONE = env.str("SUPPORT_PHONE", default="+254 700 123 456")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="support@wekeza.com")
FRAUD_PHONE = env.str("FRAUD_PHONE", default="+254 700 123 456")
# Shown on the help page: a JSON list of {"id", "name", "street"}.
BRANCHES = env.json(
    "BRANCHES",
    default=[
        {"id": "nairobi-cbd", "name": "Nairobi CBD", "street": "Kenyatta Avenue"},
        {"id": "westlands", "name": "Westlands", "street": "Westlands Square"},
        {"id": "mombasa", "name": "Mombasa", "street": "Digo Road"},
        {"id": "kisumu", "name": "Kisumu", "street": "Oginga Odinga Street"},
    ],
)

# --- Logging -----------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "wekeza_portal.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING" if TESTING else "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # it writes whole addresses; wekeza_portal.http writes its own line
        "httpcore": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
