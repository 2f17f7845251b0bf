"""Settings: everything comes from the environment; nothing needs to be set to try it.

Each variable may also be given as `NAME_FILE`, the path of a file that holds the value (for secrets).
The table of all of them is in README.md; a test fails when one is missing there. What is wrong fails at
start, in one line: `chat/checks.py`.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# ── where things are ─────────────────────────────────────────────────────────────────────────────

OBROLAN_DATA = Path(env("OBROLAN_DATA", default=str(BASE_DIR / "var")))
DATABASE_URL = env("DATABASE_URL", default="")
REDIS_URL = env("REDIS_URL", default="")
EMBEDDED = not DATABASE_URL or DATABASE_URL.startswith("sqlite")

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def kept_secret_key(path: Path) -> str:
    """A key made on the first start and kept beside the SQLite file, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or (kept_secret_key(OBROLAN_DATA / "secret_key") if EMBEDDED else "")

# ── what Obrolan does ────────────────────────────────────────────────────────────────────────────

OBROLAN_GUESTS = env.bool("OBROLAN_GUESTS", default=True)
OBROLAN_SIGNUP = env("OBROLAN_SIGNUP", default="open")  # open, invite or closed
OBROLAN_ROOM_CREATION = env("OBROLAN_ROOM_CREATION", default="everyone")  # everyone, accounts or staff
OBROLAN_SOCKETS_PER_PERSON = env.int("OBROLAN_SOCKETS_PER_PERSON", default=10)
OBROLAN_SOCKETS_PER_ADDRESS = env.int("OBROLAN_SOCKETS_PER_ADDRESS", default=200)
OBROLAN_SOCKETS = env.int("OBROLAN_SOCKETS", default=10_000)  # in one process
OBROLAN_POST_RATE = env.float("OBROLAN_POST_RATE", default=2.0)  # a second per person, sustained
OBROLAN_POST_BURST = env.int("OBROLAN_POST_BURST", default=20)
OBROLAN_PROXY = env.bool("OBROLAN_PROXY", default=False)  # behind a proxy that overwrites X-Forwarded-*
OBROLAN_PLAIN_HTTP = env.bool("OBROLAN_PLAIN_HTTP", default=False)  # cookies without Secure, no HSTS
OBROLAN_PROCESSES = env.int("OBROLAN_PROCESSES", default=1)  # web processes that share the database

# ── the project ──────────────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "servestatic.runserver_nostatic",
    "chat.apps.ChatConfig",  # before daphne: `runserver` is ours
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
]

MIDDLEWARE = [
    "chat.views.health.probes",  # first: a probe knows no host name
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.views.zone.reader_zone",
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

# ── data ─────────────────────────────────────────────────────────────────────────────────────────

if EMBEDDED:
    database = env.db_url_config(DATABASE_URL) if DATABASE_URL else {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(OBROLAN_DATA / "obrolan.sqlite3"),
    }
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # deferred: 489 of 600 concurrent writers saw "database is locked"
        "timeout": 20,  # seconds
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    database = env.db_url_config(DATABASE_URL)
    database["CONN_MAX_AGE"] = 0  # the pool keeps them
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "pool": {"min_size": 2, "max_size": 16, "timeout": 5},
        "connect_timeout": 5,
    }
DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "obrolan"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# ── people ───────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "chat.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "lobby"
LOGOUT_REDIRECT_URL = "lobby"

AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # nobody can lock somebody else out
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "chat.views.doorstep.address"
AXES_DISABLE_ACCESS_LOG = True  # one more row for each guest
AXES_ENABLE_ADMIN = False  # `manage.py axes_reset` unlocks

EMAIL_URL = env("EMAIL_URL", default="")  # smtp+tls://user:password@host:587; without it no mail is sent
vars().update(env.email_url_config(EMAIL_URL or "dummymail://"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("OBROLAN_MAIL_FROM", default="Obrolan <obrolan@localhost>")

# ── what the browser is told ─────────────────────────────────────────────────────────────────────

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not OBROLAN_PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if OBROLAN_PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not OBROLAN_PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if OBROLAN_PROXY:
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
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ── words, times, files ──────────────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()  # the image collects; a checkout serves as is
SERVESTATIC_USE_FINDERS = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "chatproject.static.HashedStaticFiles"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"chat": {"level": env("OBROLAN_LOG_LEVEL", default="INFO")}},
}
