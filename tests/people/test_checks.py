"""System checks: invalid or harmful settings stop every command and server with a clear message."""

import os
import secrets
import subprocess
import sys

import pytest

from chat.checks import IN_MEMORY, check_settings
from chatproject.environment import Environment
from tests.web import INHERITED, ROOT

KEY = secrets.token_urlsafe(50)
STACK = {
    "SECRET_KEY": KEY,
    "DATABASE_URL": "postgres://obrolan:secret-word@db:5432/obrolan",
    "REDIS_URL": "redis://redis:6379/0",
    "ALLOWED_HOSTS": "chat.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://chat.example.org",
    "OBROLAN_PROXY": "on",
    "OBROLAN_PROCESSES": "2",
    "OBROLAN_GUESTS": "off",
}
REDIS_LINE = "REDIS_URL has to look like redis://:password@host:6379/0."
REDIS_OPTION = "REDIS_URL has an unknown option, or a wrong value of one: "
REDIS_FILES = "REDIS_URL names files of certificates that cannot be read, or only one of a pair: "
DATABASE_LINE = "DATABASE_URL has to look like postgres://user:password@host:5432/name."


@pytest.mark.once
def test_the_settings_of_the_compose_stack_pass_the_deploy_check_without_a_warning():
    done = run("manage.py", "check", "--deploy", "--fail-level", "DEBUG", **STACK)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


@pytest.mark.once
def test_all_invalid_settings_are_reported_at_once_in_a_line_each_without_any_password():
    invalid = {
        "DATABASE_URL": "mysql://obrolan:secret-word@db/obrolan",
        "REDIS_URL": "secret-word",
        "EMAIL_URL": "secret-word",
        "SECRET_KEY": "secret-word",
        "ALLOWED_HOSTS": "chat.example.org, *",
        "OBROLAN_GUESTS": "maybe",
        "OBROLAN_DATA": "/proc/nowhere",
    }
    done = run("manage.py", "check", **{**STACK, **invalid})
    reported = [line for line in done.stderr.splitlines() if "obrolan.E" in line]
    for name in [*list(invalid)[:-1], "/proc/nowhere"]:
        assert any(name in line for line in reported), (name, done.stderr)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "secret-word" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("OBROLAN_GUESTS", "maybe", "OBROLAN_GUESTS is 'maybe'. It has to be on or off."),
        ("DEBUG", "2", "DEBUG is '2'. It has to be on or off."),
        ("OBROLAN_POST_BURST", "2.5", "OBROLAN_POST_BURST is '2.5'. It has to be a whole number above 0."),
        ("OBROLAN_POST_BURST", "-1", "OBROLAN_POST_BURST is '-1'. It has to be a whole number above 0."),
        ("OBROLAN_POST_RATE", "0", "OBROLAN_POST_RATE is '0'. It has to be a number above 0."),
        ("OBROLAN_POST_RATE", "nan", "OBROLAN_POST_RATE is 'nan'. It has to be a number above 0."),
        ("OBROLAN_SIGNUP", "yes", "OBROLAN_SIGNUP is 'yes'. It has to be open or invite or closed."),
        ("DATABASE_URL", "postgres://u:p@db:port/x", DATABASE_LINE),
        ("DATABASE_URL", "postgres://", DATABASE_LINE),
        ("DATABASE_URL", "nonsense", DATABASE_LINE),
        ("REDIS_URL", "localhost:6379", REDIS_LINE),
        ("REDIS_URL", "redis://:pass/word@host:6379/0", REDIS_LINE),
        ("REDIS_URL", "redis+sentinel://a:26379,b:26379", REDIS_LINE),
        ("REDIS_URL", "rediss://host?ssl_ca=x", f"{REDIS_OPTION}ssl_ca."),
        ("REDIS_URL", "redis://host?ssl_ca_certs=x", f"{REDIS_OPTION}ssl_ca_certs."),
        ("REDIS_URL", "rediss://h?ssl_ca_certs=/no/ca.pem", f"{REDIS_FILES}ssl_ca_certs=/no/ca.pem."),
        ("REDIS_URL", "rediss+sentinel://a:1/x?ssl_ca_certs=/no", f"{REDIS_FILES}ssl_ca_certs=/no."),
        ("REDIS_URL", "rediss://h/0?ssl_keyfile=/run/key.pem", f"{REDIS_FILES}ssl_keyfile=/run/key.pem."),
        ("REDIS_URL", "rediss://h/0?ssl_min_version=x", f"{REDIS_OPTION}ssl_min_version."),
        ("REDIS_URL", "rediss://h/0?ssl_ciphers=xx", f"{REDIS_OPTION}ssl_ciphers."),
        ("REDIS_URL", "redis://h/0?retry=x", f"{REDIS_OPTION}retry."),
        ("REDIS_URL", "redis://h/0?connection_class=x", f"{REDIS_OPTION}connection_class."),
        ("REDIS_URL", "redis://:8431?Kx9q=7@h:6379/0", REDIS_LINE),  # a password with a question mark
        ("REDIS_URL", "redis://user:8431?Kx9q=7@h:6379/0", REDIS_LINE),
        ("REDIS_URL", "redis:h:6379", REDIS_LINE),
        ("REDIS_URL", "redis:///0", REDIS_LINE),
        ("REDIS_URL", "redis+sentinel://:pw@a:1,:pw@b:2/chat", REDIS_LINE),
        ("REDIS_URL", "redis+sentinel://h:26379/chat/0", REDIS_LINE),
        ("EMAIL_URL", "localhost", "EMAIL_URL has to look like smtp+tls://user:password@host:587."),
        ("SECRET_KEY", "", "SECRET_KEY is not set. Set it to 50 random characters."),
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE names /nowhere/key, which cannot be read."),
    ],
)
def test_an_invalid_value_is_reported_in_one_line(name, value, line):
    env = Environment({name: value})
    readers = {
        "DEBUG": lambda: env.bool("DEBUG", False),
        "OBROLAN_GUESTS": lambda: env.bool("OBROLAN_GUESTS", True),
        "OBROLAN_POST_BURST": lambda: env.int("OBROLAN_POST_BURST", 20),
        "OBROLAN_POST_RATE": lambda: env.float("OBROLAN_POST_RATE", 2.0),
        "OBROLAN_SIGNUP": lambda: env.one_of("OBROLAN_SIGNUP", "open", "invite", "closed"),
        "DATABASE_URL": lambda: env.database("DATABASE_URL"),
        "REDIS_URL": lambda: env.redis("REDIS_URL"),
        "EMAIL_URL": lambda: env.email("EMAIL_URL"),
        "SECRET_KEY": lambda: env.secret_key("SECRET_KEY", folder=None),
        "SECRET_KEY_FILE": lambda: env("SECRET_KEY"),
    }
    readers[name]()
    assert env.errors == [line]


@pytest.mark.parametrize("key", ["short", f"change-me-{KEY}", f"django-insecure-{KEY}"])
def test_a_secret_key_that_can_be_guessed_is_refused(settings, key):
    settings.SECRET_KEY = key
    assert [error.id for error in check_settings()] == ["obrolan.E002"]


def test_a_wildcard_among_the_allowed_hosts_is_refused(settings):
    settings.ALLOWED_HOSTS = ["chat.example.org", "*"]
    assert [error.id for error in check_settings()] == ["obrolan.E003"]


def test_several_processes_need_redis_and_postgresql(settings):
    settings.OBROLAN_PROCESSES = 2
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": IN_MEMORY}}
    settings.USES_SQLITE = True
    assert [error.id for error in check_settings()] == ["obrolan.E004", "obrolan.E005"]


def test_what_is_hidden_is_not_kept_for_more_than_a_century(settings):
    settings.OBROLAN_KEEP_HIDDEN = 10**12
    assert [error.id for error in check_settings()] == ["obrolan.E006"]


def test_one_process_on_postgresql_needs_no_redis(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": IN_MEMORY}}
    settings.USES_SQLITE = False
    assert check_settings() == []


@pytest.mark.once
@pytest.mark.parametrize(
    "server", [["manage.py", "serve", "--port", "0"], ["-m", "daphne", "chatproject.asgi:application"]]
)
def test_no_server_starts_with_harmful_settings(server):
    done = run(*server, **{**STACK, "ALLOWED_HOSTS": "*"})
    assert done.returncode != 0 and "ALLOWED_HOSTS is *" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.once
def test_no_setting_is_required_to_try_it(tmp_path):
    assert run("manage.py", "check", OBROLAN_DATA=str(tmp_path / "var")).returncode == 0


@pytest.mark.once
def test_the_secret_key_is_generated_once_and_only_its_owner_can_read_it(tmp_path):
    first = Environment({}).secret_key("SECRET_KEY", folder=tmp_path)
    assert Environment({}).secret_key("SECRET_KEY", folder=tmp_path) == first and len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_the_line_end_of_a_secret_file_is_removed(tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    assert Environment({"SECRET_KEY_FILE": str(tmp_path / "key")})("SECRET_KEY") == KEY


def test_an_empty_variable_counts_as_not_set():
    assert Environment({"OBROLAN_POST_BURST": ""}).int("OBROLAN_POST_BURST", 20) == 20


def run(*arguments, **settings):
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env={**inherited, **settings}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
