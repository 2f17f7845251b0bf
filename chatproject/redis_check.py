"""The check of REDIS_URL at the start. Without it a wrong one would fail only when a process connects."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from .redis_url import host

EXAMPLE = "redis://:password@host:6379/0"
SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")

# redis-py takes any argument of a connection, also functions and classes, which no URL can contain.
TIMEOUTS = ("socket_timeout", "socket_connect_timeout")  # seconds
OPTIONS = ("db", *TIMEOUTS)
FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
TLS_OPTIONS = (*FILES, "ssl_password", "ssl_check_hostname", "ssl_cert_reqs", "ssl_ciphers")
SENTINEL_OPTIONS = ("sentinel_password",)
UNIX_OPTIONS = ("username", "password")


def problem(url: str) -> str:
    """The end of a sentence that begins with the setting's name, without secrets. Empty for a valid URL."""
    try:
        parts = urlsplit(url)
        has_form = _has_form(parts)
    except ValueError:
        has_form = False
    if not has_form:
        return f"has to look like {EXAMPLE}."
    values = {name: each[0] for name, each in parse_qs(parts.query).items()}
    if unusable := values.keys() - _options(parts.scheme):
        return f"has an option that cannot be used here: {', '.join(sorted(unusable))}."
    if wrong := [name for name, value in values.items() if not _is_number(name, value)]:
        return _wrong_values(wrong)
    return _problem_of_connection(url, values)


def _has_form(parts: SplitResult) -> bool:
    if "@" in parts.query:  # the question mark is in the password, of which no part may be shown
        return False
    if parts.scheme == "unix":
        return bool(parts.path)
    database = parts.path.strip("/")
    has_database = not database or database.isdecimal() or parts.scheme.endswith("+sentinel")
    return parts.scheme in SCHEMES and bool(parts.hostname) and has_database


def _options(scheme: str) -> set[str]:
    """The names of the options that a URL of this scheme may have."""
    tls = TLS_OPTIONS if scheme.startswith("rediss") else ()
    sentinel = SENTINEL_OPTIONS if scheme.endswith("+sentinel") else ()
    return {*OPTIONS, *tls, *sentinel, *(UNIX_OPTIONS if scheme == "unix" else ())}


def _is_number(name: str, value: str) -> bool:
    """Whether an option that needs a number has a valid one."""
    if name == "db":
        return value.isdecimal()
    if name not in TIMEOUTS:
        return True
    try:
        return 0 < float(value) < inf
    except ValueError:
        return False


def _problem_of_connection(url: str, values: dict[str, str]) -> str:
    from channels_redis.utils import create_pool
    from redis.asyncio import SSLConnection
    from redis.exceptions import RedisError

    try:
        connection = create_pool(host(url)).make_connection()
    except ValueError:  # its message may have a part of the password
        return f"has to look like {EXAMPLE}."
    except (TypeError, AttributeError, RedisError):
        return _wrong_values(values)
    if (folder := values.get("ssl_ca_path")) and not Path(folder).is_dir():  # OpenSSL ignores a missing one
        return _wrong_files(values)
    try:
        if isinstance(connection, SSLConnection):
            connection.ssl_context.get()
    except (OSError, TypeError, ValueError):
        return _wrong_files(values)
    return ""


def _wrong_values(names: Iterable[str]) -> str:
    return f"has a wrong value of an option: {', '.join(names)}."


def _wrong_files(values: dict[str, str]) -> str:
    named = [f"{name}={values[name]}" for name in FILES if name in values]
    if not named:
        return _wrong_values(values)
    return f"names files of certificates that cannot be read, or only one of a pair: {', '.join(named)}."
