"""Pushes go to public addresses only: nobody makes the worker call a server inside of its network."""

import pytest

from chat.actions import push_subscriptions
from chat.models import Notice, PushSubscription
from chat.refusals import Refusal
from chat.worker import public_http

from .push_service import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


REFUSED = [
    "http://push.example.org/1",
    "https://127.0.0.1/1",
    "https://[::1]/1",
    "https://localhost/1",
    "https://push.example.org:8443/1",
    "https://user:password@push.example.org/1",
    "https://10.0.0.8/1",
    "https://push.example.org:99999/1",
    "file:///etc/passwd",
    "https://push.example.org/" + "x" * 1_000,
    "",
]


@pytest.mark.parametrize("endpoint", REFUSED)
def test_an_endpoint_that_is_no_public_address_is_refused(endpoint, push_service, settings, alice):
    settings.OBROLAN_PUSH_PRIVATE = False
    browser = Browser(endpoint)
    with pytest.raises(Refusal, match="could not be turned on"):
        push_subscriptions.subscribe(alice, "key", endpoint=endpoint, key=browser.key, auth=browser.auth)


@pytest.mark.parametrize(
    "keys", [{"key": "AAAA"}, {"auth": "AAAA"}, {"key": "é"}, {"key": "B" * 87}], ids=str
)
def test_keys_that_cannot_encrypt_are_refused(keys, push_service, alice):
    browser = push_service.new_browser()
    fields = {"endpoint": browser.endpoint, "key": browser.key, "auth": browser.auth} | keys
    with pytest.raises(Refusal, match="could not be turned on"):
        push_subscriptions.subscribe(alice, "key", **fields)


PRIVATE = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1"]
PRIVATE += ["fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1"]


def info(address, port):
    return (2, 1, 6, "", (address, port))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    address, subscribe, mention, work, push_service, settings, alice, monkeypatch, caplog
):
    """The address is the one that is used: the name may lead elsewhere each time."""
    subscribe(alice)
    settings.OBROLAN_PUSH_PRIVATE = False
    PushSubscription.objects.update(endpoint="https://push.example.org/1")
    asked = []
    monkeypatch.setattr(
        public_http.socket,
        "getaddrinfo",
        lambda host, port, **_: (
            asked.append(host) or [(2, 1, 6, "", ("8.8.8.8", port)), (2, 1, 6, "", (address, port))]
        ),
    )
    monkeypatch.setattr(public_http.socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    mention()
    work()
    assert set(asked) == {"push.example.org"}
    assert "A push to push.example.org failed" in caplog.text
    assert Notice.objects.waiting("push").exists()


def test_public_addresses_are_public():
    assert all(map(public_http.is_public, ("8.8.8.8", "2606:4700:4700::1111")))
