"""A worker that is killed loses nothing, and nobody is told twice."""

import pytest

from chat.actions.notices import due
from chat.worker import pushes, rounds
from chat.worker.loop import Loop

from .push_service import bodies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


class Killed(BaseException):
    pass


def test_a_worker_that_is_killed_before_it_sends_loses_nothing(
    subscribe, mention, work, later, push_service, alice, monkeypatch
):
    subscribe(alice)
    mention()
    rounds.run()  # the task is queued, and the worker dies before it takes it
    Loop()._run_tasks()
    assert bodies(push_service) == ["Bob: @Alice Hello"]
    mention("again")
    with monkeypatch.context() as dying:
        dying.setattr(pushes, "send", lambda _: (_ for _ in ()).throw(Killed))
        work()
    assert len(push_service.received) == 1
    later(seconds=due.LEASE.total_seconds() + 1)
    work()
    work()
    assert bodies(push_service) == ["Bob: @Alice Hello", "Bob: @Alice again"]


def test_a_worker_that_is_killed_after_it_sent_repeats_the_same_notification(
    subscribe, mention, work, later, push_service, alice, monkeypatch
):
    subscribe(alice)
    mention()
    with monkeypatch.context() as dying:
        dying.setattr("chat.worker.tasks.told", lambda *_, **__: (_ for _ in ()).throw(Killed))
        work()
    later(seconds=due.LEASE.total_seconds() + 1)
    work()
    work()
    first, second = push_service.received
    assert first.content == second.content  # with the same tag: the browser shows it once
    assert first.headers["topic"] == second.headers["topic"]


def test_a_task_whose_lease_was_given_away_does_nothing(subscribe, mention, later, push_service, alice):
    subscribe(alice)
    mention()
    rounds.run()
    later(seconds=due.LEASE.total_seconds() + 1)
    rounds.run()  # as the first task is late, a second one is queued
    Loop()._run_tasks()
    assert bodies(push_service) == ["Bob: @Alice Hello"]
