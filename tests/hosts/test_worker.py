"""The worker behind a PgBouncer in transaction mode."""

import uuid
from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from chat.actions import push_subscriptions
from chat.actions.messages import Draft, post
from chat.actions.notices import new
from chat.models import Message
from tests.notifications.push_service import bodies
from tests.notifications.worker import worker
from tests.services import wait_until

SIGNS_OF_LIFE = 4  # one may be of the task and one of its round; two more rounds have looked for messages


def test_two_workers_send_each_push_once(pgbouncer, site, settings, push_service, kitchen, alice, bob):
    key = settings.OBROLAN_VAPID_KEY
    push = {"OBROLAN_PUSH": "on", "OBROLAN_PUSH_PRIVATE": "on", "OBROLAN_VAPID_KEY": key}
    new.start()
    session, browser = SessionStore(), push_service.new_browser()
    session.create()
    push_subscriptions.subscribe(
        alice, session.session_key, endpoint=browser.endpoint, key=browser.key, auth=browser.auth
    )
    alive = [site.folder / "first", site.folder / "second"]
    first, second = (worker(site, "--alive", str(path), **push) for path in alive)
    with first, second:
        post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"<@{alice.pk}> Hello")])
        Message.objects.update(created_at=F("created_at") - timedelta(seconds=10))
        wait_until(lambda: bodies(push_service), "no push was sent")
        for _ in range(SIGNS_OF_LIFE):
            for path in alive:
                path.unlink(missing_ok=True)
            wait_until(lambda: all(path.exists() for path in alive), "a worker has no more rounds")
    assert bodies(push_service) == ["Bob: @Alice Hello"]
