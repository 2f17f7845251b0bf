"""Subscriptions of browsers: the requests, their number, and their end."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from chat.models import PushSubscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


@pytest.mark.parametrize("ends", ["logout", "password", "session", "deactivation"])
def test_a_subscription_ends_with_its_session(ends, subscribe, mention, work, push_service, alice):
    browser = subscribe(alice)
    if ends == "logout":
        browser.client.post("/accounts/logout/")
    elif ends == "password":
        alice.set_password("another one")
        alice.save()
    elif ends == "session":
        Session.objects.all().delete()
    else:
        alice.is_active = False
        alice.save()
    mention()
    work()
    assert push_service.received == []
    assert ends == "deactivation" or not PushSubscription.objects.exists()


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client, browser, method="post", **fields):
    body = {"endpoint": browser.endpoint, "keys": {"p256dh": browser.key, "auth": browser.auth}} | fields
    return getattr(client, method)("/push/subscriptions/", body, content_type="application/json")


def test_a_browser_subscribes_and_unsubscribes(reader, push_service, alice):
    browser = push_service.new_browser()
    assert send(reader, browser).status_code == 201
    assert send(reader, browser).status_code == 201
    assert PushSubscription.objects.get().user == alice
    assert send(reader, browser, "delete").status_code == 200
    assert not PushSubscription.objects.exists()


def test_a_person_has_at_most_ten_browsers_and_the_oldest_goes(reader, push_service):
    browsers = [push_service.new_browser() for _ in range(11)]
    for browser in browsers:
        assert send(reader, browser).status_code == 201
    kept = PushSubscription.objects.order_by("pk").values_list("endpoint", flat=True)
    assert list(kept) == [browser.endpoint for browser in browsers[1:]]


def test_a_request_that_is_no_subscription_is_refused(reader, push_service, settings, client):
    browser = push_service.new_browser()
    assert send(reader, browser, endpoint=7).status_code == 400
    assert send(reader, browser, keys=None).status_code == 422
    settings.OBROLAN_VAPID_KEY = ""
    assert send(reader, browser).json()["code"] == "push_is_off"
    reader.logout()
    assert send(reader, browser).status_code == 401


def test_a_subscription_needs_the_token_against_forgery(push_service, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, push_service.new_browser()).status_code == 403


def test_the_service_worker_is_at_the_root_and_never_cached(client):
    answer = client.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert b'addEventListener("push"' in answer.content


def test_a_page_is_told_whether_its_session_has_a_subscription(reader, push_service, alice):
    def is_subscribed():
        return reader.get("/accounts/notifications/", headers={"Accept": "application/json"}).json()[
            "subscribed"
        ]

    browser = push_service.new_browser()
    assert not is_subscribed()
    send(reader, browser)
    assert is_subscribed()
    reader.post("/accounts/logout/")
    reader.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert not is_subscribed()
    send(reader, browser)
    session = reader.session
    alice.set_password("another one")
    alice.save()
    session["_auth_user_hash"] = alice.get_session_auth_hash()
    session.save()
    assert not is_subscribed()


ODD = {
    "nul": "\0",
    "with nul": "https://push.example.org/\0",
    "not ascii": "https://é.org/",
    "long": "x" * 2_000,
}


@pytest.mark.parametrize("endpoint", ODD.values(), ids=ODD)
def test_an_endpoint_that_cannot_be_one_is_refused_in_both_ways(endpoint, reader, push_service):
    browser = push_service.new_browser()
    for method in ("post", "delete"):
        answer = send(reader, browser, method, endpoint=endpoint)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_subscription")
