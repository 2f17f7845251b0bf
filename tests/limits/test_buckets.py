"""Token buckets: burst and rate, sharing between processes, and bounded memory."""

import pytest
from django.test import override_settings

from chat.limits import Limits
from chat.limits.buckets import MOST_BUCKETS, in_words
from chat.refusals import Refusal


@pytest.fixture
def limits(clock):
    return Limits()


def calls_until_refused(call) -> int:
    for number in range(10_000):
        try:
            call()
        except Refusal:
            return number
    raise AssertionError("The call is not limited.")


def test_a_bucket_allows_its_burst_and_then_its_rate(limits, clock):
    assert calls_until_refused(lambda: limits.spend_post(1, "192.0.2.1")) == 20
    clock.now += 2
    assert calls_until_refused(lambda: limits.spend_post(1, "192.0.2.1")) == 4


def test_a_refusal_says_how_long_to_wait(limits):
    for _ in range(3):
        limits.spend_mail_to("dewi@example.org")
    with pytest.raises(Refusal) as refused:
        limits.spend_mail_to("dewi@example.org")
    assert refused.value.retry_after_ms == 1_200_000
    assert refused.value.message.endswith("Try again in 20 minutes.")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (100, "1 second"),
        (1_001, "2 seconds"),
        (59_000, "59 seconds"),
        (60_000, "1 minute"),
        (61_000, "2 minutes"),
    ],
)
def test_a_waiting_time_is_formatted_with_its_unit(milliseconds, text):
    assert in_words(milliseconds) == text


def test_refused_messages_do_not_use_up_the_limit_of_a_shared_ip_address(limits):
    calls_until_refused(lambda: limits.spend_post(1, "192.0.2.1"))
    for _ in range(1_000):
        with pytest.raises(Refusal):
            limits.spend_post(1, "192.0.2.1")
    limits.spend_post(2, "192.0.2.1")


def test_all_ip_addresses_of_an_ipv6_network_share_one_limit(limits):
    ips = iter(f"2001:db8::{number:x}" for number in range(10_000))
    assert calls_until_refused(lambda: limits.spend_page(next(ips))) == 300


def test_a_client_that_invents_session_cookies_is_limited_by_its_ip_address(limits):
    sessions = iter(map(str, range(10_000)))
    assert calls_until_refused(lambda: limits.spend_page("192.0.2.1", next(sessions))) == 300


def test_a_large_body_uses_up_more_of_the_limit(limits):
    assert calls_until_refused(lambda: limits.spend_page("192.0.2.1", body=64 * 1024)) == 60


def test_a_session_can_open_sixty_sockets_at_once_and_an_ip_address_a_thousand(limits, clock):
    assert calls_until_refused(lambda: limits.spend_open("192.0.2.1", "session")) == 60
    sessions = iter(map(str, range(10_000)))
    assert calls_until_refused(lambda: limits.spend_open("192.0.2.1", next(sessions))) == 940
    clock.now += 3
    assert calls_until_refused(lambda: limits.spend_open("192.0.2.1", "session")) == 6


def test_after_fifty_refused_sockets_the_handshake_itself_is_refused(limits, clock):
    calls_until_refused(lambda: limits.spend_open("192.0.2.1", "session"))
    for _ in range(49):
        limits.check_open("192.0.2.1", "session")
        with pytest.raises(Refusal):
            limits.spend_open("192.0.2.1", "session")
    with pytest.raises(Refusal) as refused:
        limits.check_open("192.0.2.1", "session")
    assert refused.value.retry_after_ms == 500
    limits.check_open("192.0.2.1", "another")  # a session that has tokens
    clock.now += 1
    limits.check_open("192.0.2.1", "session")


def test_all_sockets_of_an_ip_address_can_reconnect_twice_at_once():
    with override_settings(OBROLAN_SOCKETS_PER_ADDRESS=5_000):
        limits = Limits()
    for _ in range(2):
        for socket in range(5_000):
            limits.spend_open("192.0.2.1", str(socket))


def test_a_large_catch_up_costs_more(limits, clock):
    def catch_up():
        limits.spend_catch_up(1, "192.0.2.1")
        limits.charge_catch_up(1, "192.0.2.1", 128 * 1024)

    assert calls_until_refused(catch_up) == 4
    assert limits.spent_here()["catch_up.ip:192.0.2.1"] == 4 * 9
    clock.now += 1
    assert calls_until_refused(catch_up) == 0  # the fourth had overdrawn the bucket
    clock.now += 3
    assert calls_until_refused(catch_up) == 1


def test_requests_to_another_process_count_against_the_limit(limits):
    other = Limits()
    for _ in range(20):
        limits.spend_post(1, "192.0.2.1")
    other.spent_elsewhere(limits.spent_here() | {"unknown:1": 5, "p7": 1})
    with pytest.raises(Refusal):
        other.spend_post(1, "192.0.2.2")
    assert not limits.spent_here()


def test_the_number_of_buckets_is_bounded(limits):
    for number in range(MOST_BUCKETS + 500):
        limits.spend_write(f"2001:db8:{number >> 8:x}:{number & 255:x}::1")
    assert len(limits._buckets["write.ip"]) == MOST_BUCKETS


def test_only_full_buckets_are_removed(limits, clock):
    limits.spend_post(1, "192.0.2.1")
    clock.now += 100
    limits.spend_post(2, "192.0.2.1")
    limits.forget_full()
    assert list(limits._buckets["post.person"]) == ["2"]


def test_a_session_cookie_never_becomes_the_key_of_a_bucket(limits):
    limits.spend_page("192.0.2.1", "a-secret-session")
    limits.spend_open("192.0.2.1", "a-secret-session")
    assert not any("a-secret-session" in key for key in limits.spent_here())
