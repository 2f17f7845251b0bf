"""Pushes about several messages, pushes that fail, and subscriptions that are gone."""

import pytest

from chat.actions.room_settings import set_for_me
from chat.models import Membership, Notice, PushSubscription

from .push_service import bodies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_removed(status, subscribe, mention, work, push_service, alice):
    gone, kept = subscribe(alice), subscribe(alice)
    push_service.answer(gone, status)
    mention()
    work()
    assert [push.browser for push in push_service.received] == [kept]
    assert [row.endpoint for row in PushSubscription.objects.all()] == [kept.endpoint]


def test_a_push_that_failed_is_repeated_later(subscribe, mention, work, later, push_service, alice, caplog):
    browser = subscribe(alice)
    push_service.answer(browser, 503)
    mention("a secret")
    work()
    assert "127.0.0.1 failed with status 503" in caplog.text
    assert "secret" not in caplog.text and browser.endpoint not in caplog.text
    push_service.answer(browser, 201)
    later(minutes=1)
    work()
    assert push_service.received == []
    later(minutes=5)
    work()
    work()
    assert bodies(push_service) == ["Bob: @Alice a secret"]


def test_a_push_that_fails_for_a_day_is_given_up(subscribe, mention, work, later, push_service, alice):
    push_service.answer(subscribe(alice), 500)
    mention()
    work()
    later(days=1, minutes=1)
    work()
    assert not Notice.objects.waiting("push").exists()


def test_a_redirect_is_not_followed(subscribe, mention, work, push_service, alice):
    push_service.answer(subscribe(alice), 307)
    mention()
    work()
    assert push_service.received == []


def test_several_messages_and_rooms_are_told_in_one_push(
    alices_browser, alice, bob, kitchen, vault, say, told, push_service
):
    set_for_me(kitchen, by=alice, notify=Membership.ALL)
    say(kitchen, bob, "One", "Two", "Three")
    assert told() == ["3 new messages, the latest from Bob: Three"]
    say(kitchen, bob, "Four")
    say(vault, bob, f"Five <@{alice.pk}>")
    assert told()[1:] == ["In Kitchen, Vault"]
    assert push_service.received[-1].content["title"] == "2 new messages"


def test_a_person_gets_at_most_a_push_in_ten_seconds_and_then_one_about_all(
    alices_browser, alice, bob, kitchen, say, work, later, push_service
):
    set_for_me(kitchen, by=alice, notify=Membership.ALL)
    for number in range(8):
        say(kitchen, bob, f"Message {number}")
        later(seconds=6)
        work()
    bodies = [push.content["body"] for push in push_service.received]
    assert len(bodies) == 4 and bodies[0] == "Bob: Message 0"
    assert bodies[1:] == [f"2 new messages, the latest from Bob: Message {n}" for n in (2, 4, 6)]
