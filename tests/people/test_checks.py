"""System checks: invalid or harmful settings stop every command and server with a clear message."""

import os
import secrets
import subprocess
import sys

import pytest

from chat.checks import IN_MEMORY, check_settings
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


def run(*arguments, **settings):
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env={**inherited, **settings}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
