"""Worker processes: killed in the middle, two at once, stopped, and inside of `make run`."""

import signal
import sys
import time
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from chat.actions import push_subscriptions
from chat.actions.messages import Draft, post
from chat.actions.notices import due, new
from chat.models import Membership, Message, Notice, NotificationSettings, User
from tests.services import wait_until

from .worker import worker

PEOPLE = 25  # three tasks
START = [sys.executable, "manage.py", "start", "--port", "{port}"]


@pytest.fixture
def push_settings(settings, push_service):
    return {
        "OBROLAN_PUSH": "on",
        "OBROLAN_PUSH_PRIVATE": "on",
        "OBROLAN_VAPID_KEY": settings.OBROLAN_VAPID_KEY,
    }


@pytest.fixture
def people(site, push_service, kitchen):
    """People with a browser each, who are told of everything in the kitchen."""
    new.start()
    people = [User.objects.create_user(f"person{n}", name=f"Person {n}") for n in range(PEOPLE)]
    for person in people:
        Membership.objects.create(room=kitchen, user=person, notify=Membership.ALL)
        session = SessionStore()
        session.create()
        browser = push_service.new_browser()
        push_subscriptions.subscribe(
            person, session.session_key, endpoint=browser.endpoint, key=browser.key, auth=browser.auth
        )
    return people


def say(room, author, text):
    post([Draft(room.pk, author.pk, uuid.uuid4(), text)])
    Message.objects.update(created_at=F("created_at") - timedelta(seconds=10))


def pushes(service):
    return Counter(push.browser.endpoint for push in service.received)


def settled():
    return not Notice.objects.waiting("push").exists()


def test_a_killed_worker_loses_nothing_and_repeats_at_most_what_it_was_sending(
    site, people, push_service, push_settings, kitchen, bob
):
    say(kitchen, bob, "Hello")
    with worker(site, **push_settings) as process:
        push_service.on_push = lambda: len(push_service.received) > 12 and process.kill()
        wait_until(lambda: process.poll() is not None, "the worker was not killed")
    push_service.on_push = lambda: None
    assert len(pushes(push_service)) < PEOPLE
    NotificationSettings.objects.update(push_after=F("push_after") - due.LEASE)
    with worker(site, **push_settings):
        wait_until(settled, "pushes still wait")
    counts = pushes(push_service)
    assert len(counts) == PEOPLE
    assert len({str(push.content) for push in push_service.received}) == 1
    assert sum(counts.values()) - PEOPLE <= 10  # those of one task: the browser shows one notification


def test_two_workers_tell_everybody_once(site, people, push_service, push_settings, kitchen, bob):
    with worker(site, **push_settings), worker(site, **push_settings):
        for number in range(3):
            say(kitchen, bob, f"Message {number}")
            expected = PEOPLE * (number + 1)
            wait_until(lambda n=expected: len(push_service.received) >= n and settled(), "pushes wait")
            NotificationSettings.objects.update(push_after=None)
    assert set(pushes(push_service).values()) == {3}


def test_a_worker_ends_after_its_task_when_it_is_stopped(
    site, people, push_service, push_settings, kitchen, bob
):
    say(kitchen, bob, "Hello")
    with worker(site, **push_settings) as process:
        push_service.on_push = lambda: process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    push_service.on_push = lambda: None
    told = len(push_service.received)
    assert 0 < told < PEOPLE and told % 10 == 0 and max(pushes(push_service).values()) == 1
    state = site.manage("work", "--state", **push_settings)
    assert f"{PEOPLE - told} memberships wait for a push" in state and "2 queued" in state
    with worker(site, **push_settings):
        wait_until(settled, "pushes still wait")
    assert set(pushes(push_service).values()) == {1}


def test_make_run_sends_pushes_in_its_own_process(site, people, push_service, push_settings, kitchen, bob):
    server = site.start(START, **push_settings)
    say(kitchen, bob, "Hello")
    wait_until(lambda: len(push_service.received) == PEOPLE, "pushes wait")
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 10
