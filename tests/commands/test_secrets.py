"""`deploy/secrets` generates the passwords of the compose stack and gives each service only its own."""

import subprocess
import sys

import pytest
from redis.connection import parse_url

from chatproject.environment import Environment
from tests.web import ROOT

UNUSUAL_PASSWORDS = ["p/?%41", "a b#c", "@:&+$x\"'\\", "é%zz", "[]{}|^`"]
FILES = {
    "db": {"postgres_password"},
    "redis": {"redis_password"},
    "web": {"database_url", "plain_http", "redis_url", "secret_key", "vapid_key"},
}


@pytest.fixture
def run_script(tmp_path):
    """Run the script with these variables; returns a reader of the files it wrote."""
    kept, handed = tmp_path / "secrets", tmp_path / "handed"
    for folder in (kept, *(handed / service for service in FILES)):
        folder.mkdir(parents=True)

    def run(**given: str):
        command = [sys.executable, ROOT / "deploy" / "secrets", kept, handed]
        subprocess.run(command, env=given, check=True)
        return lambda path: (handed / path).read_text()

    run.handed = handed
    return run


@pytest.mark.parametrize("password", UNUSUAL_PASSWORDS)
def test_a_password_of_any_characters_reaches_both_ends_unchanged(run_script, password):
    read = run_script(POSTGRES_PASSWORD=password, REDIS_PASSWORD=password, SECRET_KEY=password)
    assert read("db/postgres_password") == read("redis/redis_password") == read("web/secret_key") == password
    database = Environment({"DATABASE_URL": read("web/database_url")}).database("DATABASE_URL")
    assert (database["PASSWORD"], database["HOST"], database["NAME"]) == (password, "db", "obrolan")
    layer = parse_url(read("web/redis_url"))
    assert (layer["password"], layer["host"], layer["db"]) == (password, "redis", 0)


def test_each_service_gets_only_what_it_needs(run_script):
    run_script()
    handed = {service: {file.name for file in (run_script.handed / service).iterdir()} for service in FILES}
    assert handed == FILES


def test_missing_secrets_are_generated_once(run_script):
    generated = [
        run_script()(path) for path in ("web/secret_key", "db/postgres_password", "redis/redis_password")
    ]
    assert all(len(secret) >= 50 for secret in generated) and len(set(generated)) == 3
    assert [
        run_script()(path) for path in ("web/secret_key", "db/postgres_password", "redis/redis_password")
    ] == generated


def test_a_later_database_password_is_ignored_and_the_others_are_applied(run_script):
    run_script(POSTGRES_PASSWORD="first", REDIS_PASSWORD="first", SECRET_KEY="first")
    read = run_script(POSTGRES_PASSWORD="second", REDIS_PASSWORD="second", SECRET_KEY="second")
    assert read("db/postgres_password") == "first" and ":first@" in read("web/database_url")
    assert read("redis/redis_password") == read("web/secret_key") == "second"
    assert ":second@" in read("web/redis_url")


def test_only_a_stack_without_a_domain_speaks_plain_http(run_script):
    assert run_script()("web/plain_http") == "on"
    assert run_script(OBROLAN_DOMAIN="chat.example.org")("web/plain_http") == "off"
