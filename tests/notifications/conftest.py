"""People who can be reached by push and mail, a push service, and the worker's rounds."""

import uuid
from datetime import timedelta

import pytest

from .push_service import PushService

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def push_service(settings):
    """Pushes are on, and go to this service."""
    from chat import vapid
    from chatproject.keys import new_vapid_key

    settings.OBROLAN_VAPID_KEY = new_vapid_key()
    settings.OBROLAN_PUSH_PRIVATE = True
    with PushService() as service:
        service.public_key = vapid.public_key()
        yield service


@pytest.fixture
def mails_on(settings):
    settings.OBROLAN_DIGESTS = True
    settings.OBROLAN_URL = "https://chat.example.org"


@pytest.fixture
def subscribe(push_service):
    """Log a person in with a browser that wants pushes; returns the browser, with its client."""
    from django.test import Client

    from chat.actions import push_subscriptions

    def subscribe(user):
        browser, client = push_service.new_browser(), Client()
        client.force_login(user, backend=BACKEND)
        push_subscriptions.subscribe(
            user,
            client.session.session_key,
            endpoint=browser.endpoint,
            key=browser.key,
            auth=browser.auth,
        )
        browser.client = client
        return browser

    return subscribe


@pytest.fixture
def say():
    """Post messages as somebody; returns the last one."""
    from chat.actions.messages import Draft, post

    def say(room, author, *texts):
        return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])[-1]

    return say


@pytest.fixture
def later():
    """Let time pass for all that happened so far, also for what waits for its turn."""
    from django.db.models import F

    from chat.models import Message, Notice, NotificationSettings, Version

    def later(**time):
        passed = timedelta(**time)
        Message.objects.update(created_at=F("created_at") - passed)
        Version.objects.update(replaced_at=F("replaced_at") - passed)
        for channel in ("push", "mail"):
            Notice.objects.update(**{f"{channel}_since": F(f"{channel}_since") - passed})
            NotificationSettings.objects.update(**{f"{channel}_after": F(f"{channel}_after") - passed})

    return later


@pytest.fixture(autouse=True)
def same_connection(monkeypatch):
    """The worker closes old connections; one in a test's transaction would be closed too."""
    from django_tasks_db.management.commands import db_worker

    from chat.worker import loop

    for module in (loop, db_worker):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)


@pytest.fixture
def work():
    """One round of the worker, with the tasks that it queued. They fail only if the test kills the worker."""
    from django_tasks_db.models import DBTaskResult

    from chat.worker.loop import Loop

    def work():
        Loop().round()
        failed = DBTaskResult.objects.failed().exclude(exception_class_path__endswith=".Killed")
        assert not failed, failed[0].traceback

    return work


@pytest.fixture
def from_now_on():
    """The worker has looked before: messages from now on are new."""
    from chat.actions.notices import new

    new.start()


@pytest.fixture
def mention(say, later, alice, bob, kitchen):
    """Mention Alice, long enough ago."""

    def mention(text="Hello"):
        say(kitchen, bob, f"<@{alice.pk}> {text}")
        later(seconds=10)

    return mention


@pytest.fixture
def alices_browser(subscribe, alice):
    return subscribe(alice)


@pytest.fixture
def told(push_service, work, later):
    """The texts of the pushes that follow from what happened."""

    def told():
        later(seconds=10)
        work()
        return [push.content["body"] for push in push_service.received]

    return told
