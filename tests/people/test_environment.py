"""The values of settings are read from the environment. An invalid one is reported in a line."""

import secrets

import pytest

from chatproject.environment import Environment

KEY = secrets.token_urlsafe(50)
DATABASE_LINE = "DATABASE_URL has to look like postgres://user:password@host:5432/name."


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
        "EMAIL_URL": lambda: env.email("EMAIL_URL"),
        "SECRET_KEY": lambda: env.secret_key("SECRET_KEY", folder=None),
        "SECRET_KEY_FILE": lambda: env("SECRET_KEY"),
    }
    readers[name]()
    assert env.errors == [line]


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
