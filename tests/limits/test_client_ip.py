"""The client's IP address: the same for pages and sockets, and a key that an IPv6 client cannot change."""

from contextlib import AsyncExitStack

import pytest
from django.test import RequestFactory

from chat.client_ip import UNKNOWN, axes_ip, client_ip, limit_key, scope_ip
from tests.wire import Person, enter, signed_in

TOO_MANY = 4409

KEYS = {
    "198.51.100.4": "198.51.100.4",
    "::ffff:198.51.100.4": "198.51.100.4",
    "2001:db8:1:2::1": "2001:db8:1:2::",
    "2001:db8:1:2:ffff:ffff:ffff:ffff": "2001:db8:1:2::",
    "2001:db8:1:3::1": "2001:db8:1:3::",
}


@pytest.mark.parametrize(("ip", "key"), KEYS.items())
def test_a_limit_counts_ipv4_addresses_and_ipv6_networks(ip, key):
    assert limit_key(ip) == key


HEADERS = {
    "198.51.100.4": "198.51.100.4",
    "203.0.113.9, 198.51.100.4": "198.51.100.4",
    "203.0.113.9,nonsense, 2001:db8::1": "2001:db8::1",
    "::ffff:198.51.100.4": "198.51.100.4",
    "nonsense": UNKNOWN,
    "1.2.3.4:80": UNKNOWN,
    "203.0.113.9,": "192.0.2.1",
    "": "192.0.2.1",
}


@pytest.mark.parametrize(("header", "ip"), HEADERS.items())
def test_behind_the_proxy_pages_and_sockets_take_the_last_entry(settings, header, ip):
    settings.OBROLAN_PROXY = True
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)
    scope = {"client": ["192.0.2.1", 5], "headers": [(b"x-forwarded-for", header.encode())]}
    assert client_ip(request) == scope_ip(scope) == ip


def test_without_a_proxy_the_header_is_ignored(settings):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    scope = {"client": ["192.0.2.1", 5], "headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    assert client_ip(request) == scope_ip(scope) == "192.0.2.1"
    assert scope_ip({"client": None, "headers": []}) == UNKNOWN


def test_wrong_passwords_are_counted_for_an_ipv6_network(settings):
    first, second = (RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:2::{last}") for last in (1, 2))
    assert axes_ip(first) == axes_ip(second)


async def test_a_spoofed_header_opens_no_more_sockets_than_the_limit(site, alice, kitchen):
    server = site.start(OBROLAN_PROXY="on", OBROLAN_SOCKETS_PER_ADDRESS="2")
    person = signed_in(server, alice)
    async with AsyncExitStack() as tabs:
        answers = []
        for number in range(3):
            person.headers["X-Forwarded-For"] = f"203.0.113.{number}, 2001:db8:1:2::{number}"
            answers.append(await enter(tabs, person))
        assert answers.count(TOO_MANY) == 1
        person.headers["X-Forwarded-For"] = "203.0.113.1, 2001:db8:1:3::1"
        assert await enter(tabs, person) != TOO_MANY


async def test_a_spoofed_header_lets_in_no_more_guests_than_the_limit(site):
    server = site.start(OBROLAN_PROXY="on", OBROLAN_SOCKETS_PER_ADDRESS="2")
    answers = []
    for number in range(3):
        guest = Person(server, headers={"X-Forwarded-For": f"203.0.113.{number}, 2001:db8:1:2::{number}"})
        answers.append((await guest.submit("/", username=f"Ayu {number}", room="kitchen")).status_code)
    assert answers == [302, 302, 429]
