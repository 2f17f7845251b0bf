"""Decisions that race with posts and with each other: a lock or a condition of the update decides."""

import asyncio
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from chat.actions import audit, sanctions
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Message, Sanction, User
from chat.refusals import Refusal
from tests.wire import PATIENCE, Refused, signed_in

SECOND = timedelta(seconds=1)
# Without them a writer is soon refused, and its socket closed because it does not slow down.
NO_LIMITS = {"OBROLAN_POST_RATE": "1000", "OBROLAN_POST_BURST": "1000"}


def outcome(act, *args, **fields):
    try:
        act(*args, **fields)
        return "done"
    except Refusal as refusal:
        return refusal.code
    finally:
        connection.close()


def together(*acts):
    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(future.result() for future in [pool.submit(outcome, *act) for act in acts])


def with_fields(act, *args, **fields):
    return (lambda: act(*args, **fields),)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_imposes_one_sanction(alice, bob, kitchen):
    acts = with_fields(
        sanctions.impose, "mute", alice, by=bob, room=kitchen, reason="Spam", duration=SECOND * 60
    )
    assert together(acts, acts, acts) == ["done"] * 3
    assert Sanction.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scope", ["room", "site", "address"])
def test_no_message_is_stored_after_a_decision(alice, bob, root, kitchen, scope):
    """Posts as a socket makes them, which knows the author and the number of an earlier decision."""
    is_guest, ip = scope == "address", "192.0.2.1"
    User.objects.filter(pk=alice.pk).update(is_guest=is_guest, entry_ip=ip if is_guest else None)
    author, stop = User(pk=alice.pk, name="Alice"), threading.Event()
    # SQLite has no queue for its lock: many writers starve the one that decides.
    pause, writing, rounds = (0.03, 1, 10) if connection.vendor == "sqlite" else (0.002, 2, 25)

    def write():
        while not stop.wait(pause):
            kitchen.refresh_from_db()
            known = {"author": author, "known_decisions": kitchen.decisions}
            if Sanction.objects.in_force().exists():
                known = {}
            for _ in range(5):
                post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "hello", **known)])
        connection.close()

    def decide():
        if scope == "address":
            return sanctions.ban_address(ip, by=root, reason="Spam", duration=None)
        room = kitchen if scope == "room" else None
        return sanctions.impose("mute", alice, by=root, room=room, reason="Spam")

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write) for _ in range(writing)]
        try:
            for _ in range(rounds):
                before = Message.objects.count()
                while Message.objects.count() < before + 3:
                    assert not any(writer.done() for writer in writers)
                    stop.wait(0.005)  # seconds; a busy loop would keep the writers from running
                sanction = decide()
                stored = Message.objects.count()
                sanction.refresh_from_db()
                assert not Message.objects.filter(created_at__gt=sanction.created_at).exists()
                assert Message.objects.count() == stored
                sanctions.lift(sanction, by=root)
        finally:
            stop.set()
        for writer in writers:
            writer.result()


async def test_two_processes_store_nothing_after_a_mute(site, stack, alice, bob, kitchen):
    servers = [site.start(**NO_LIMITS) for _ in range(2 if stack.full else 1)]

    async def write(server, started):
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            while True:
                try:
                    await socket.post("hello")
                    started.set()
                except Refused as refused:
                    if refused.code == "muted":
                        return
                    await asyncio.sleep(0.05)

    for _ in range(5):
        started = [asyncio.Event() for _ in servers]
        writers = [asyncio.create_task(write(*each)) for each in zip(servers, started, strict=True)]
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(each.wait() for each in started))
        mute = {"by": bob, "room": kitchen, "reason": "Spam"}
        sanction = await asyncio.to_thread(sanctions.impose, "mute", alice, **mute)
        await asyncio.gather(*writers)
        assert not Message.objects.filter(created_at__gt=sanction.created_at).exists()
        await asyncio.to_thread(sanctions.lift, sanction, by=bob)


@pytest.mark.django_db(transaction=True)
def test_two_appeals_at_once(alice, bob, kitchen):
    for number in range(10):
        mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason=f"Spam {number}")
        appeals = [with_fields(sanctions.appeal, mute, words, person=alice) for words in ("a", "b")]
        assert together(*appeals) == ["appeal_sent", "done"]


@pytest.mark.django_db(transaction=True)
def test_two_moderators_lift_and_answer_at_once(alice, bob, owner, kitchen):
    for _ in range(10):
        mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
        lifts = [with_fields(sanctions.lift, mute, by=by) for by in (bob, owner)]
        assert together(*lifts) == ["done", "sanction_over"]
        warning = sanctions.impose("warning", alice, by=bob, room=kitchen, reason="Spam")
        sanctions.appeal(warning, "No", person=alice)
        answer = {"answer": "Right", "lifts": True}
        answers = [with_fields(sanctions.answer_appeal, warning, by=by, **answer) for by in (bob, owner)]
        assert together(*answers) == ["appeal_answered", "done"]
    assert audit.first_broken() is None


@pytest.mark.django_db(transaction=True)
def test_a_lift_while_the_end_is_recorded_by_two_processes(alice, bob, kitchen):
    for _ in range(10):
        mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=SECOND)
        Sanction.objects.filter(pk=mute.pk).update(ends_at=Now() + SECOND / 100)
        lift = with_fields(sanctions.lift, mute, by=bob)
        together(lift, (sanctions.end_over,), (sanctions.end_over,))
        sanctions.end_over()
        while Sanction.objects.filter(pk=mute.pk, ended_at=None).exists():
            sanctions.end_over()
        ends = AuditEntry.objects.filter(details__sanction=mute.pk, action__in=("lift", "expire"))
        assert ends.count() == 1


@pytest.mark.django_db(transaction=True)
def test_opposite_moderators_and_posts_never_deadlock(alice, bob, owner, kitchen, vault):
    def sanction(by, person, room):
        for _ in range(10):
            sanctions.lift(sanctions.impose("mute", person, by=by, room=room, reason="Spam"), by=by)

    def write(person):
        for _ in range(30):
            post([Draft(room.pk, person.pk, uuid.uuid4(), "hello") for room in (kitchen, vault)])

    acts = [
        (sanction, owner, alice, kitchen),
        (sanction, bob, alice, vault),
        (sanction, owner, bob, vault),
        (write, alice),
        (write, bob),
    ]
    assert together(*acts) == ["done"] * 5
