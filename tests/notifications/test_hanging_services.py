"""Push services that never answer, or fail for ever: nobody else waits for them."""

import threading
import time

import pytest

from chat.actions.notices.due import LEASE
from chat.models import PushSubscription
from chat.worker import public_http, pushes, tasks
from chat.worker.loop import Loop
from chat.worker.slow_hosts import MAX_HOSTS, SlowHosts

from .push_service import bodies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


@pytest.fixture(autouse=True)
def no_slow_hosts():
    pushes.slow_hosts.clear()
    yield
    pushes.slow_hosts.clear()


@pytest.fixture
def released():
    """Set at the end of the test: what hangs goes on."""
    event = threading.Event()
    yield event
    event.set()


def test_a_subscription_that_fails_five_times_in_a_row_is_removed(
    subscribe, mention, work, later, push_service, alice
):
    browser = subscribe(alice)
    for statuses in ((503,) * 4, (201,), (503,) * 4):
        for status in statuses:
            push_service.answer(browser, status)
            mention()
            work()
            later(minutes=6)
    assert PushSubscription.objects.get().failures == 4
    mention()
    work()
    assert not PushSubscription.objects.exists()


def test_a_slow_host_is_skipped_for_some_minutes(subscribe, mention, work, push_service, alice, monkeypatch):
    browser = subscribe(alice)
    monkeypatch.setattr(pushes, "SLOW", 0)
    push_service.answer(browser, 503)
    mention("one")
    work()
    assert PushSubscription.objects.get().failures == 1
    assert "127.0.0.1" in pushes.slow_hosts
    [row] = PushSubscription.objects.all()
    [outcome] = pushes.send([pushes.Push(row, None)])
    assert outcome.may_retry and not outcome.is_failure


def test_a_slow_host_that_takes_the_push_counts_as_failed_and_is_not_skipped(
    alices_browser, mention, work, push_service, monkeypatch
):
    monkeypatch.setattr(pushes, "SLOW", 0)
    mention("one")
    work()
    assert bodies(push_service) == ["Bob: @Alice one"]
    assert PushSubscription.objects.get().failures == 1
    assert "127.0.0.1" not in pushes.slow_hosts


def test_as_many_slow_hosts_are_remembered_as_memory_allows():
    hosts = SlowHosts()
    for number in range(MAX_HOSTS + 1):
        hosts.add(f"{number}.example.org")
    assert "0.example.org" not in hosts and f"{MAX_HOSTS}.example.org" in hosts


def test_a_task_ends_at_its_deadline_and_those_who_failed_before_wait_for_the_others(
    subscribe, mention, work, push_service, alice, bob, monkeypatch, released
):
    assert LEASE.total_seconds() > pushes.DEADLINE and LEASE.total_seconds() > tasks.MAIL_DEADLINE
    hanging = [subscribe(alice) for _ in range(3)]
    PushSubscription.objects.update(failures=1)
    subscribe(alice)
    monkeypatch.setattr(pushes, "AT_ONCE", 1)
    monkeypatch.setattr(pushes, "DEADLINE", 1)
    send_one = pushes.send_one

    def hang(push, host):
        if push.subscription.endpoint in [browser.endpoint for browser in hanging]:
            released.wait()
        return send_one(push, host)

    monkeypatch.setattr(pushes, "send_one", hang)
    mention()
    started = time.monotonic()
    work()
    assert time.monotonic() - started < 5
    assert bodies(push_service) == ["Bob: @Alice Hello"]


def test_a_name_that_is_never_resolved_costs_a_few_seconds(
    subscribe, mention, work, push_service, settings, alice, monkeypatch, released, caplog
):
    subscribe(alice)
    settings.OBROLAN_PUSH_PRIVATE = False
    PushSubscription.objects.update(endpoint="https://push.example.org/1")
    monkeypatch.setattr(public_http, "TIMEOUT", 0.2)
    monkeypatch.setattr(public_http.socket, "getaddrinfo", lambda *_, **__: released.wait() and [])
    mention()
    started = time.monotonic()
    work()
    assert time.monotonic() - started < 5
    assert "A push to push.example.org failed: ConnectTimeout" in caplog.text


def test_a_round_and_a_mail_do_not_wait_for_all_pushes(monkeypatch):
    from chat.worker import loop, rounds

    happened = []
    monkeypatch.setattr(loop, "ROUND_EVERY", 0)
    monkeypatch.setattr(rounds, "run", lambda: happened.append("round"))
    monkeypatch.setattr(Loop, "_run_task", lambda self, queue: happened.append(queue))
    left = iter([True] * 4)
    monkeypatch.setattr(loop.DBTaskResult.objects, "ready", lambda: Ready(next(left, False)))
    Loop()._run_tasks()
    assert happened == ["push", "round", "mail", "round"] * 2


class Ready:
    def __init__(self, is_there):
        self.exists = lambda: is_there
