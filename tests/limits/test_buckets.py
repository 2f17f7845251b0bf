"""The buckets of a process: what they allow, how they are shared, and that they stay few."""

import pytest
from django.test import override_settings

from chat.limits import MOST_BUCKETS, Limits, in_words
from chat.refusals import Refusal


@pytest.fixture
def limits(clock):
    return Limits()


def spent_before_a_refusal(spend) -> int:
    for number in range(10_000):
        try:
            spend()
        except Refusal:
            return number
    raise AssertionError("There is no limit.")


def test_a_bucket_allows_its_burst_and_then_its_rate(limits, clock):
    assert spent_before_a_refusal(lambda: limits.spend_post(1, "192.0.2.1")) == 20
    clock.now += 2
    assert spent_before_a_refusal(lambda: limits.spend_post(1, "192.0.2.1")) == 4


def test_a_refusal_says_how_long_to_wait(limits):
    for _ in range(3):
        limits.spend_mail_to(1)
    with pytest.raises(Refusal) as refused:
        limits.spend_mail_to(1)
    assert refused.value.retry_after_ms == 1_200_000
    assert refused.value.message.endswith("Try again in 20 minutes.")


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (100, "1 second"),
        (1_001, "2 seconds"),
        (59_000, "59 seconds"),
        (60_000, "1 minute"),
        (61_000, "2 minutes"),
    ],
)
def test_a_wait_is_said_in_words(milliseconds, words):
    assert in_words(milliseconds) == words


def test_a_refused_person_spends_nothing_of_the_ip_address_they_share(limits):
    spent_before_a_refusal(lambda: limits.spend_post(1, "192.0.2.1"))
    for _ in range(1_000):
        with pytest.raises(Refusal):
            limits.spend_post(1, "192.0.2.1")
    limits.spend_post(2, "192.0.2.1")


def test_all_addresses_of_an_ipv6_network_share_their_limit(limits):
    addresses = iter(f"2001:db8::{number:x}" for number in range(10_000))
    assert spent_before_a_refusal(lambda: limits.spend_page(next(addresses))) == 300


def test_a_client_that_invents_session_cookies_meets_the_limit_of_its_ip_address(limits):
    sessions = iter(map(str, range(10_000)))
    assert spent_before_a_refusal(lambda: limits.spend_page("192.0.2.1", next(sessions))) == 300


def test_a_large_body_costs_more(limits):
    assert spent_before_a_refusal(lambda: limits.spend_page("192.0.2.1", body=64 * 1024)) == 60


def test_a_session_may_open_forty_sockets_at_once_and_an_ip_address_four_hundred(limits, clock):
    assert spent_before_a_refusal(lambda: limits.spend_open("192.0.2.1", "session")) == 40
    sessions = iter(map(str, range(10_000)))
    assert spent_before_a_refusal(lambda: limits.spend_open("192.0.2.1", next(sessions))) == 360
    clock.now += 3
    assert spent_before_a_refusal(lambda: limits.spend_open("192.0.2.1", "session")) == 3


def test_a_flood_of_openings_is_refused_before_the_handshake_once_the_client_was_told_fifty_times(
    limits, clock
):
    spent_before_a_refusal(lambda: limits.spend_open("192.0.2.1", "session"))
    for _ in range(49):
        limits.check_open("192.0.2.1", "session")
        with pytest.raises(Refusal):
            limits.spend_open("192.0.2.1", "session")
    with pytest.raises(Refusal) as refused:
        limits.check_open("192.0.2.1", "session")
    assert refused.value.retry_after_ms == 1_000
    limits.check_open("192.0.2.1", "another")  # a session that has tokens
    clock.now += 1
    limits.check_open("192.0.2.1", "session")


def test_all_sockets_of_an_ip_address_may_come_back_twice_at_once():
    with override_settings(OBROLAN_SOCKETS_PER_ADDRESS=5_000):
        limits = Limits()
    for _ in range(2):
        for socket in range(5_000):
            limits.spend_open("192.0.2.1", str(socket))


def test_a_large_catch_up_costs_more(limits, clock):
    def catch_up():
        limits.spend_catch_up(1, "192.0.2.1")
        limits.charge_catch_up(1, "192.0.2.1", 128 * 1024)

    assert spent_before_a_refusal(catch_up) == 4
    assert limits.spent_here()["catch_up.ip:192.0.2.1"] == 4 * 9
    clock.now += 1
    assert spent_before_a_refusal(catch_up) == 0  # the fourth had overdrawn the bucket
    clock.now += 3
    assert spent_before_a_refusal(catch_up) == 1


def test_what_another_process_spent_counts_here(limits):
    other = Limits()
    for _ in range(20):
        limits.spend_post(1, "192.0.2.1")
    other.spent_elsewhere(limits.spent_here() | {"unknown:1": 5, "p7": 1})
    with pytest.raises(Refusal):
        other.spend_post(1, "192.0.2.2")
    assert not limits.spent_here()


def test_an_attacker_with_many_keys_does_not_fill_the_memory(limits):
    for number in range(MOST_BUCKETS + 500):
        limits.spend_write(f"2001:db8:{number >> 8:x}:{number & 255:x}::1")
    assert len(limits._buckets["write.ip"]) == MOST_BUCKETS


def test_full_buckets_are_forgotten_and_no_others(limits, clock):
    limits.spend_post(1, "192.0.2.1")
    clock.now += 100
    limits.spend_post(2, "192.0.2.1")
    limits.forget_full()
    assert list(limits._buckets["post.person"]) == ["2"]


def test_a_session_cookie_is_no_key_of_a_bucket(limits):
    limits.spend_page("192.0.2.1", "a-secret-session")
    limits.spend_open("192.0.2.1", "a-secret-session")
    assert not any("a-secret-session" in key for key in limits.spent_here())
