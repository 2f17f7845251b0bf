"""REDIS_URL is checked when a process starts."""

import pytest

from chatproject.environment import Environment

REDIS_LINE = "REDIS_URL has to look like redis://:password@host:6379/0."
REDIS_OPTION = "REDIS_URL has an unknown option, or a wrong value of one: "
REDIS_FILES = "REDIS_URL names files of certificates that cannot be read, or only one of a pair: "


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("localhost:6379", REDIS_LINE),
        ("redis://:pass/word@host:6379/0", REDIS_LINE),
        ("redis+sentinel://a:26379,b:26379", REDIS_LINE),
        ("rediss://host?ssl_ca=x", f"{REDIS_OPTION}ssl_ca."),
        ("redis://host?ssl_ca_certs=x", f"{REDIS_OPTION}ssl_ca_certs."),
        ("rediss://h?ssl_ca_certs=/no/ca.pem", f"{REDIS_FILES}ssl_ca_certs=/no/ca.pem."),
        ("rediss+sentinel://a:1/x?ssl_ca_certs=/no", f"{REDIS_FILES}ssl_ca_certs=/no."),
        ("rediss://h/0?ssl_keyfile=/run/key.pem", f"{REDIS_FILES}ssl_keyfile=/run/key.pem."),
        ("rediss://h/0?ssl_min_version=x", f"{REDIS_OPTION}ssl_min_version."),
        ("rediss://h/0?ssl_ciphers=xx", f"{REDIS_OPTION}ssl_ciphers."),
        ("redis://h/0?retry=x", f"{REDIS_OPTION}retry."),
        ("redis://h/0?connection_class=x", f"{REDIS_OPTION}connection_class."),
        ("redis://:8431?Kx9q=7@h:6379/0", REDIS_LINE),  # a password with a question mark
        ("redis://user:8431?Kx9q=7@h:6379/0", REDIS_LINE),
        ("redis:h:6379", REDIS_LINE),
        ("redis:///0", REDIS_LINE),
        ("redis+sentinel://:pw@a:1,:pw@b:2/chat", REDIS_LINE),
        ("redis+sentinel://h:26379/chat/0", REDIS_LINE),
    ],
)
def test_an_invalid_url_is_reported_in_one_line(value, line):
    env = Environment({"REDIS_URL": value})
    env.redis("REDIS_URL")
    assert env.errors == [line]
