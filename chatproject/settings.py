"""Django settings, read from environment variables. All variables have defaults for trying Obrolan.

A variable can also be given as `NAME_FILE`, the path of a file with the value, for example a Docker secret.
README.md documents all variables. Obrolan refuses to start with invalid values (`chat/checks.py`).
"""

import logging
import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.crypto import salted_hmac

from . import redis_url
from .environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# ── services and hosts ───────────────────────────────────────────────────────────────────────────────

database = env.database("DATABASE_URL")
REDIS_URL = env.redis("REDIS_URL")
USES_SQLITE = database.get("ENGINE") != "django.db.backends.postgresql"
OBROLAN_DATA = env.folder("OBROLAN_DATA", BASE_DIR / "var") if USES_SQLITE else BASE_DIR  # only for SQLite

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SECRET_KEY = env.secret_key("SECRET_KEY", folder=OBROLAN_DATA if USES_SQLITE else None)

# ── Obrolan's own settings ───────────────────────────────────────────────────────────────────────────

OBROLAN_GUESTS = env.bool("OBROLAN_GUESTS", default=True)
OBROLAN_GUESTS_DIRECT = env.bool("OBROLAN_GUESTS_DIRECT", default=False)  # guests in direct conversations
OBROLAN_SIGNUP = env.one_of("OBROLAN_SIGNUP", "open", "invite", "closed")
OBROLAN_ROOM_CREATION = env.one_of("OBROLAN_ROOM_CREATION", "everyone", "accounts", "staff")
OBROLAN_SOCKETS_PER_PERSON = env.int("OBROLAN_SOCKETS_PER_PERSON", default=10)
OBROLAN_SOCKETS_PER_ADDRESS = env.int("OBROLAN_SOCKETS_PER_ADDRESS", default=200)
OBROLAN_SOCKETS = env.int("OBROLAN_SOCKETS", default=10_000)  # in one process
OBROLAN_POST_RATE = env.float("OBROLAN_POST_RATE", default=2.0)  # messages a second per person, sustained
OBROLAN_POST_BURST = env.int("OBROLAN_POST_BURST", default=20)
OBROLAN_KEEP_HIDDEN = env.int("OBROLAN_KEEP_HIDDEN", default=30)  # days until `purge` removes it for good
OBROLAN_DELETED_ACCOUNTS = env.one_of("OBROLAN_DELETED_ACCOUNTS", "keep", "remove")  # their messages
OBROLAN_PROXY = env.bool("OBROLAN_PROXY", default=False)  # behind a proxy that overwrites X-Forwarded-*
OBROLAN_PLAIN_HTTP = env.bool("OBROLAN_PLAIN_HTTP", default=False)  # cookies without Secure, no HSTS
OBROLAN_URL = env("OBROLAN_URL").rstrip("/")  # of the site, for links in mails
OBROLAN_PUSH = env.bool("OBROLAN_PUSH", default=False)  # to browsers without an open page
OBROLAN_VAPID_KEY = (
    env.vapid_key("OBROLAN_VAPID_KEY", folder=OBROLAN_DATA if USES_SQLITE else None) if OBROLAN_PUSH else ""
)
OBROLAN_PUSH_PRIVATE = env.bool("OBROLAN_PUSH_PRIVATE", default=False)  # also to private addresses, for tests
OBROLAN_PROCESSES = env.int("OBROLAN_PROCESSES", default=1)  # web processes that share the database

# ── the project ──────────────────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "chat.apps.ChatConfig",  # before daphne, since it has its own `runserver`
    "daphne",
    "channels",
    "chatproject.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_tasks_db",
]

# The rate limits and the load shedding of chat.views run before all of these: see asgi.py.
MIDDLEWARE = [
    "chat.views.health.probes",  # first: health checks may use any host name
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "chat.views.errors.ErrorPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "chat.views.rate_limits.WriteLimits",  # before the form is read
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "chat.views.sanctions.SiteBans",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.views.time_zone.TimeZone",
    "chat.views.devices.note_devices",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# ── database and channel layer ───────────────────────────────────────────────────────────────────────

if USES_SQLITE:
    database = database or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(OBROLAN_DATA / "obrolan.sqlite3"),
    }
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # deferred: 489 of 600 concurrent writes failed as "locked"
        "timeout": 8,  # seconds; every request is answered within 10
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    database["CONN_MAX_AGE"] = 0  # the pool keeps connections
    # PgBouncer in transaction mode loses a cursor: it belongs to a connection, which changes.
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
    database["CONN_HEALTH_CHECKS"] = True  # after a crash of PostgreSQL all connections of the pool are dead
    database["OPTIONS"] = {
        # A host that vanishes sends nothing: without these, a query would wait for it for 15 minutes. A query
        # fails after 5 s, and an idle connection is given up after 7 s.
        "keepalives_idle": 5,  # seconds
        "keepalives_interval": 2,  # seconds
        "keepalives_count": 3,
        "tcp_user_timeout": 5_000,  # milliseconds
        **database.get("OPTIONS", {}),
        # Every request is answered within 10 s. By default the pool doubles the time between two attempts:
        # after an outage of 12 s, no request was answered for another 13 s.
        "pool": {"min_size": 2, "max_size": 16, "timeout": 3, "reconnect_timeout": 2},
        "connect_timeout": 5,
    }
DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis pub/sub ignores the database number in REDIS_URL: without different prefixes, two sites on one Redis
# would receive each other's events. The prefix comes from the secret key, which a site's processes share.
LAYER_PREFIX = (
    "obrolan-" + salted_hmac("chatproject.layer", "prefix", SECRET_KEY, algorithm="sha256").hexdigest()[:16]
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [redis_url.host(REDIS_URL)], "prefix": LAYER_PREFIX},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# ── accounts, passwords and email ────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "chat.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["chat.passwords.BoundedHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # bytes of a request's body; 4,000 characters take at most 48 KB
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024  # bytes; a picture never touches the disk (limits/bodies.py)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "lobby"
LOGOUT_REDIRECT_URL = "lobby"

# By username alone, anybody could lock out any account.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "chat.views.errors.locked_out"
AXES_CLIENT_IP_CALLABLE = "chat.client_ip.axes_ip"
AXES_DISABLE_ACCESS_LOG = True  # it would store a row for each guest
AXES_ENABLE_ADMIN = False  # `manage.py axes_reset` unlocks

email = env.email("EMAIL_URL")  # smtp+tls://user:password@host:587; without it no email is sent
EMAIL_BACKEND = email["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = email["EMAIL_HOST"], email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = email["EMAIL_HOST_USER"], email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = email.get("EMAIL_USE_TLS", False), email.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = email["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("OBROLAN_MAIL_FROM", default="Obrolan <obrolan@localhost>")

# ── background tasks ─────────────────────────────────────────────────────────────────────────────────

# A task is a row of the database: see chat/worker/.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["push", "mail"]}}
# Mails about missed messages need a mail server, and the address of the site for their links.
OBROLAN_DIGESTS = bool(OBROLAN_URL) and not EMAIL_BACKEND.endswith("dummy.EmailBackend")

# ── cookies, HTTPS and security headers ──────────────────────────────────────────────────────────────

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not OBROLAN_PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if OBROLAN_PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not OBROLAN_PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if OBROLAN_PROXY:
    SECURE_SSL_REDIRECT = not OBROLAN_PLAIN_HTTP
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ── language, time and static files ──────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # people can choose once there is a second one
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
# Static files are collected when the image is built, and by `manage.py start` when one has changed. `start`
# uses its own folder; `runserver` and the tests serve the files of the checkout.
IS_START_COMMAND = sys.argv[1:2] == ["start"]
START_STATIC_ROOT = (OBROLAN_DATA if USES_SQLITE else BASE_DIR / "var") / "collected"
STATIC_ROOT = Path(
    env("STATIC_ROOT", default=str(START_STATIC_ROOT if IS_START_COMMAND else BASE_DIR / "var" / "static"))
)
STATIC_IS_COLLECTED = IS_START_COMMAND or (STATIC_ROOT / "staticfiles.json").exists()
STATIC_IS_HASHED = STATIC_IS_COLLECTED or "collectstatic" in sys.argv
SERVESTATIC_USE_FINDERS = not STATIC_IS_COLLECTED
SERVESTATIC_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "chatproject.static.HashedStaticFiles"
        if STATIC_IS_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}


def without_traceback(record: logging.LogRecord) -> bool:
    """Drop the traceback of an invalid Host header or a too large body, which any client can send."""
    if record.name.startswith("django.security"):
        record.exc_info = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "without_traceback": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback}
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_traceback"]}
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},  # no lines for 404
        # It logs tracebacks; `chat.live.layer` logs one line instead.
        "channels_redis": {"level": "CRITICAL"},
        "chat": {"level": env.one_of("OBROLAN_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")},
    },
}

SETTINGS_ERRORS = env.errors
