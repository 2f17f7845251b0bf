"""REDIS_URL is checked when a process starts."""

import pytest

from chatproject.environment import Environment

REDIS_LINE = "REDIS_URL has to look like redis://:password@host:6379/0."
REDIS_OPTION = "REDIS_URL has an option that cannot be used here: "
REDIS_VALUE = "REDIS_URL has a wrong value of an option: "
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
        ("rediss://h/0?ssl_ciphers=xx", f"{REDIS_VALUE}ssl_ciphers."),
        ("rediss://h/0?ssl_cert_reqs=maybe", f"{REDIS_VALUE}ssl_cert_reqs."),
        ("rediss://h/0?ssl_ca_path=/no/folder", f"{REDIS_FILES}ssl_ca_path=/no/folder."),
        ("redis://h/0?retry=x", f"{REDIS_OPTION}retry."),
        ("redis://h/0?redis_connect_func=x", f"{REDIS_OPTION}redis_connect_func."),
        ("redis://h/0?protocol=9&encoding=x&db=1", f"{REDIS_OPTION}encoding, protocol."),
        ("redis://h/0?sentinel_password=x", f"{REDIS_OPTION}sentinel_password."),
        ("unix:///run/redis.sock?ssl_ciphers=x", f"{REDIS_OPTION}ssl_ciphers."),
        ("redis://h/0?socket_timeout=soon", f"{REDIS_VALUE}socket_timeout."),
        ("redis://h/0?socket_timeout=nan&socket_connect_timeout=1", f"{REDIS_VALUE}socket_timeout."),
        ("redis+sentinel://a:1/x?socket_connect_timeout=0", f"{REDIS_VALUE}socket_connect_timeout."),
        ("redis://h/0?db=-1", f"{REDIS_VALUE}db."),
        ("redis://h/chat", REDIS_LINE),
        ("redis://h/-1", REDIS_LINE),
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


@pytest.mark.parametrize(
    "value",
    [
        "redis://host",
        "redis://:password@host:6379/0?socket_timeout=5&socket_connect_timeout=0.5",
        "rediss://host/?db=1&ssl_cert_reqs=none&ssl_check_hostname=no&ssl_ciphers=ECDHE",
        "redis+sentinel://:password@a:26379,b:26379/chat?sentinel_password=word",
        "unix:///run/redis.sock?db=1&username=chat&password=word",
    ],
)
def test_a_url_with_options_that_redis_knows_is_accepted(value):
    env = Environment({"REDIS_URL": value})
    assert env.redis("REDIS_URL") == value and env.errors == []
